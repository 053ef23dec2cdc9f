"""`sitewarden discover servers`: told by the server where it runs, heard by this computer where it does not."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from sitewarden.app import show
from sitewarden.app.doctor.facts import running
from sitewarden.app.local import Ask, with_platform
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.net.announcing import AnnouncementPort
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import Verifier
from sitewarden.services.announcement.hearing import Hearing
from sitewarden.services.announcement.reach import Looker
from sitewarden.services.announcement.service import listed
from sitewarden.services.announcement.table import Table
from sitewarden.services.announcement.watch import Watch
from sitewarden.services.surface.servers import FoundServer, FoundServers

LOOK_SECONDS: Final = 1.0
ROLES: Final = {"server": "server", "analytics": "analytics", "lpr": "LPR"}
REACH: Final = {
    "reachable": "yes",
    "other-certificate": "another certificate",
    "unreachable": "no",
    "unchecked": "not tried",
}
TRUST: Final = {
    "site": "of this site",
    "registered": "registered",
    "changed": "another key than registered",
    "unknown": "compare the fingerprint",
}


def servers(settings_path: Path | None, interfaces: tuple[str, ...], seconds: float, *, json: bool) -> None:
    """Print the servers and nodes that announce themselves, those that are present first."""
    settings = load(settings_path)
    if running(settings):
        found = with_platform(settings, _of_server)
    else:
        announcement = replace(settings.announcement, enabled=True, interfaces=interfaces or settings.announcement.interfaces)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            found = runner.run(_by_this_computer(replace(settings, announcement=announcement), seconds))
    if json:
        show.as_json(found)
        return
    for problem in (*found.problems, *(problem for item in found.items for problem in item.problems)):
        show.err.print(problem, soft_wrap=True, markup=False)
    if not found.enabled:
        show.err.print("This server neither announces itself nor listens: announcement.enabled is off in its settings.")
    for each in found.collisions:
        show.err.print(
            f"{each.name} ({each.address}) sends its live multicast to {each.group} too, as this server does."
            f" {each.offer} is free: set multicast_group.",
            soft_wrap=True,
            markup=False,
        )
    show.table(
        [_line(each) for each in found.items],
        (
            ("name", "name"),
            ("roles", "is"),
            ("address", "address"),
            ("ports", "ports"),
            ("heard", "heard"),
            ("reach", "reachable"),
            ("group", "media group"),
            ("trust", "known"),
            ("fingerprint", "fingerprint"),
        ),
        empty=f"No server was heard on {', '.join(found.places) or 'any interface'}. Is multicast passed by the switches?",
    )


async def _of_server(ask: Ask) -> FoundServers:
    return msgspec.convert(await ask("network.servers"), FoundServers)


async def _by_this_computer(settings: Settings, seconds: float) -> FoundServers:
    clock, table = SystemClock(), Table()
    hearing = Hearing(clock, table, Verifier(), lambda put, row: None)
    with tempfile.TemporaryDirectory(prefix="sitewarden-") as directory:
        network = LocalNetwork(settings, "cli", directory)
        port = AnnouncementPort(network, settings, hearing.take)
        try:
            await port.look()
            if not port.places:
                raise Unreachable(
                    next(iter(port.problems), "No interface with multicast is up."),
                    where="--interface",
                    remedy="Connect this computer, or name an interface that is up.",
                )
            watch = Watch(clock, table)
            looking = asyncio.create_task(watch.run(Looker(network, clock)))
            await asyncio.sleep(seconds)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await watch.round(Looker(network, clock))
            return FoundServers(
                enabled=True,
                places=tuple(str(place) for place in port.places),
                heard=hearing.heard,
                refused=hearing.refused,
                problems=(*port.problems, *hearing.problems),
                items=tuple(listed(table, (), watch)),
            )
        finally:
            port.close()
            await network.close()


def _line(server: FoundServer) -> dict[str, str | list[str]]:
    return {
        "name": server.name,
        "roles": [ROLES[role] for role in server.roles],
        "address": server.address,
        "ports": [f"{port.row} {port.number}" for port in server.ports],
        "heard": "now" if server.present else "stopped" if server.farewell else "silent",
        "reach": REACH[server.reach] + (f": {server.reach_detail}" if server.reach == "unreachable" else ""),
        "group": server.group,
        "trust": TRUST[server.trust],
        "fingerprint": server.fingerprint,
    }
