"""`python -m sim.access`: a made-up access control site of any size.

    python -m sim.access site --controllers 500 --people 5000 > site.yaml     the site, for `sitewarden apply`
    python -m sim.access run --controllers 500 --people 5000 --server 127.0.0.1 --tls DATA/tls
    python -m sim.access run --controllers 100 --speed 600 --begin 2026-03-02T06:00       no server: each decides alone

Both take the same --controllers, --people and --seed. `--tls` is the certificates' directory of a server on this computer, whose
CA then signs the controllers' keys, as a workshop would. `--faults latency=40,loss=0.01,cuts=2,drift=100,resets=1,tamper=1`.

`sitewarden apply` makes the site what the file says: run it on a server whose own doors and people it may replace.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvloop
import yaml

from sim.access.campus import Campus, controller_id
from sim.access.faults import NONE, Faults
from sim.access.fleet import Fleet, Plan, begin_of
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.rights import AccessProfile, Schedule
from sitewarden.net.tls import Authority, NodeKey

FIELDS = {
    "areas": Area,
    "controllers": Controller,
    "doors": Door,
    "access_points": AccessPoint,
    "schedules": Schedule,
    "profiles": AccessProfile,
    "holders": CredentialHolder,
    "credentials": Credential,
}


def rules_of(campus: Campus, zone: str) -> Rules:
    """Return the rules of a site, as its server would compile them."""
    entities = list(campus.entities())
    found: dict[str, Any] = {field: [one for one in entities if type(one) is model] for field, model in FIELDS.items()}
    return Rules(compile(version=1, zone=zone, **found))


def provision(campus: Campus, authority: Authority, data: Path) -> None:
    """Pair every controller that is not paired yet."""
    for number in range(campus.controllers):
        name = controller_id(number)
        key = NodeKey(data / name / "identity")
        if not key.paired:
            key.accept(authority.sign(key.request(name), name), authority.pem)


def report(fleet: Fleet) -> dict[str, Any]:
    """Return what there is to say of the fleet now."""
    waits = sorted(fleet.waits)
    said: dict[str, Any] = {"running": sum(station.ready.is_set() for station in fleet.stations)}
    if fleet.plan.server is not None:
        said |= {"connected": fleet.connected, "unconfirmed records": fleet.waiting}
    said |= dict(sorted(fleet.counts.items()))
    if waits:
        said |= {f"p{share} ms": round(waits[min(len(waits) * share // 100, len(waits) - 1)] * 1000, 2) for share in (50, 99)}
    return said


async def run(arguments: argparse.Namespace, data: Path) -> None:
    """Run the fleet, and say how it is every few seconds."""
    campus = Campus.make(arguments.controllers, arguments.people, arguments.seed)
    server = None
    if arguments.server:
        host, _, port = arguments.server.partition(":")
        server = (host, int(port or 1480))
    plan = Plan(
        data=data,
        server=server,
        faults=arguments.faults,
        speed=arguments.speed,
        begin=begin_of(arguments.begin, arguments.zone),
        seed=arguments.seed,
    )
    if arguments.tls is not None:
        await asyncio.to_thread(provision, campus, Authority.open(arguments.tls), data)
    fleet = Fleet(campus, plan, None if server is not None else rules_of(campus, arguments.zone))
    working = asyncio.create_task(fleet.run(arguments.days))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        while not working.done():
            await asyncio.wait((working,), timeout=arguments.every)
            print(json.dumps(report(fleet)), flush=True)  # noqa: T201
        working.result()
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="sim.access", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, text in (("site", "write the site file"), ("run", "run its controllers and people")):
        one = verbs.add_parser(verb, help=text)
        one.add_argument("--controllers", type=int, default=100, help="controllers, of two doors each (%(default)s)")
        one.add_argument("--people", type=int, default=2000, help="people with cards (%(default)s)")
        one.add_argument("--seed", type=int, default=1, help="another number, another site and other days")
        one.add_argument("--zone", default="UTC", help="the site's time zone (%(default)s)")
    one.add_argument("--data", type=Path, help="directory of the controllers' files; left out: one that is removed at the end")
    one.add_argument("--server", default="", help="host or host:port of the server; left out: each decides alone")
    one.add_argument("--tls", type=Path, help="directory of the server's certificates, to pair with it")
    one.add_argument("--begin", default="now", help='first moment that is played: "now" or such as 2026-03-02T06:00')
    one.add_argument("--speed", type=float, default=1.0, help="seconds of the day in a second (%(default)s)")
    one.add_argument("--days", type=float, default=float("inf"), help="days that are played; left out: until it is told to stop")
    one.add_argument("--faults", type=_faults, default=NONE, help="what goes wrong, as latency=40,loss=0.01")
    one.add_argument("--every", type=float, default=10.0, help="seconds between two lines of how it is (%(default)s)")
    said = parser.parse_args(arguments)
    if not 1 <= said.controllers <= 5000 or not 1 <= said.people <= 1_000_000:
        parser.error("there are 1 to 5,000 controllers and 1 to 1,000,000 people")
    return said


def _faults(text: str) -> Faults:
    try:
        return Faults.parse(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def main() -> None:
    """Do what the command line says."""
    arguments = parse()
    if arguments.verb == "site":
        campus = Campus.make(arguments.controllers, arguments.people, arguments.seed)
        yaml.dump(
            {"sitewarden": 1, **campus.documents()},
            sys.stdout,
            Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
            sort_keys=False,
            allow_unicode=True,
        )
        return
    with suppress(asyncio.CancelledError, KeyboardInterrupt), tempfile.TemporaryDirectory(prefix="sim-access-") as folder:
        uvloop.run(run(arguments, arguments.data or Path(folder)))


if __name__ == "__main__":
    main()
