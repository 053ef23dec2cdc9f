"""The verb: asks the server what it has open, tries everything from here, and shows both."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from msgspec import Struct

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.app.probe.outside import Item, again, explain, plan, resolve, told, try_all
from sitewarden.app.probe.remote import Api
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import Computer
from sitewarden.net.loop import new_event_loop
from sitewarden.net.probing.udp import Asker, Echo
from sitewarden.services.surface.probe import EchoOpened, EchoPort, OpenEcho, ProbeReport, ProbeReports
from sitewarden.services.surface.system import Ports
from sitewarden.wire import probe

COLUMNS = (
    ("row", "port"),
    ("number", "number"),
    ("inside", "inside"),
    ("verdict", "from here"),
    ("judgement", ""),
    ("detail", "what was seen"),
)
LAST_COLUMNS = (
    ("row", "port"),
    ("number", "number"),
    ("inside", "inside"),
    ("heard", "echo"),
    ("verdict", "from there"),
    ("judgement", ""),
    ("detail", "what was seen"),
)
SAID = {"passes": "passes", "blocked": "BLOCKED", "stranger": "NOT OURS", "unused": "not in use", "unproven": "unproven"}
LEDGER_SECONDS = 2.5
"""Seconds after which the server has told of what it opened just now."""
MENDS = {
    "blocked": "Let it through: `sitewarden ports --format nftables` on the server writes its rules; look at routers too.",
    "stranger": "Find out what answers there: `ss -lntup` on the server names the program.",
}


class Options(Struct, frozen=True, kw_only=True):
    """How to probe. `key` is an echo that was opened on the server, in place of asking its API."""

    host: str
    computer: Computer = "server"
    token: str = ""
    user: str = ""
    password: str = ""
    ca: Path | None = None
    number: int = 8600
    key: str = ""
    source_port: int = 0
    timeout: float = 3.0


class Result(Struct, frozen=True, kw_only=True):
    """All that a probe found. `inside` tells whether the computer itself was asked."""

    host: str
    address: str
    computer: str
    inside: bool
    items: tuple[Item, ...]

    @property
    def good(self) -> bool:
        """True where nothing is blocked and no stranger answers."""
        return not any(item.judgement in ("blocked", "stranger") for item in self.items)


def run(options: Options, *, json: bool) -> int:
    """Probe, print, and return the exit status: 0 where all that is open passes, 1 otherwise."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        result = runner.run(look(options))
    if json:
        show.as_json(result)
    else:
        _print(result)
    return 0 if result.good else 1


async def look(options: Options) -> Result:
    """Probe one computer."""
    address = await resolve(options.host)
    asker = Asker(address, options.source_port)
    try:
        if options.token or options.user:
            return await _with_api(options, address, asker)
        echo = _echo(options.key) if options.key else None
        tries = plan(options.computer, None, (), address)
        items = await try_all(address, tries, timeout=options.timeout, echo=echo, asker=asker)
        return Result(host=options.host, address=address, computer=options.computer, inside=False, items=tuple(items))
    finally:
        asker.close()


async def _with_api(options: Options, address: str, asker: Asker) -> Result:
    if options.computer != "server":
        raise Refusal(f"a {options.computer} has no API to ask", where="--as", remedy="Probe it without --token and --user.")
    api = Api(options.host, address, options.number, ca=options.ca, timeout=max(options.timeout, 10.0))
    if options.token:
        api.use_token(options.token)
    else:
        await api.sign_in(options.user, options.password)
    try:
        ports = await api.ask("GET", "/network/ports", Ports)
        seconds = int(min(600, 30 + options.timeout * 10))
        opened = await api.ask("POST", "/network/probes", EchoOpened, OpenEcho(source_port=asker.port, seconds=seconds))
        tries = plan("server", ports, opened.ports, address)
        items = await try_all(address, tries, timeout=options.timeout, echo=_echo(opened.key), asker=asker)
        if any(item.inside == "closed" and item.verdict in ("open", "other") for item in items):
            await asyncio.sleep(LEDGER_SECONDS)
            items = again(items, await api.ask("GET", "/network/ports", Ports))
        body = {"verdicts": told(items)}
        heard = (await api.ask("POST", f"/network/probes/{opened.id}/close", ProbeReport, body)).ports
        items = [explain(item, heard) for item in items]
    finally:
        await api.sign_out()
    return Result(host=options.host, address=address, computer="server", inside=True, items=tuple(items))


def _echo(key: str) -> Echo:
    session, token = probe.read_key(key)
    return Echo(session=session, token=token)


def open_echo(settings_path: Path | None, address: str, source_port: int, seconds: int, *, json: bool) -> int:
    """On the server: open an echo for a computer that cannot reach the API, and print the key to type there."""
    settings = settled(settings_path)

    async def work(ask: Ask) -> EchoOpened:
        answer = await ask("network.probe.open", address=address, source_port=source_port, seconds=seconds)
        return msgspec.convert(answer, EchoOpened)

    opened = with_platform(settings, work)
    if json:
        show.as_json(opened)
        return 0
    show.out.print(f"For {seconds} s, {opened.address} may ask these UDP ports: {_listed(opened.ports)}")
    show.out.print(
        f"Type there: sitewarden probe HOST --key {opened.key}" + (f" --source-port {source_port}" if source_port else "")
    )
    return 0


def last(settings_path: Path | None, *, json: bool) -> int:
    """On the server: show the last probes; return 1 where the newest that told has something blocked, or a stranger."""
    settings = settled(settings_path)

    async def work(ask: Ask) -> ProbeReports:
        return msgspec.convert(await ask("network.probe.list"), ProbeReports)

    reports = with_platform(settings, work).items
    if json:
        show.as_json(reports)
    elif not reports:
        show.out.print("No probe since the node was started. Run `sitewarden probe HOST` on another computer.")
    else:
        for report in reversed(reports):
            _print_report(report)
    newest = next((report for report in reports if report.verdicts), None)
    return 1 if newest and any(seen.judgement in ("blocked", "stranger") for seen in newest.verdicts) else 0


def _print_report(report: ProbeReport) -> None:
    title = f"{show.moment(report.started)}: {report.address}, by {report.actor}"
    heard = {(port.row, port.number): port for port in report.ports}
    rows = [
        {
            "row": seen.row,
            "number": f"{seen.number}/{seen.transport}",
            "inside": seen.inside,
            "heard": _heard(heard.pop((seen.row, seen.number), None) if seen.transport == "udp" else None),
            "verdict": seen.verdict,
            "judgement": SAID[seen.judgement],
            "detail": seen.detail,
        }
        for seen in report.verdicts
    ]
    rows += [
        {"row": port.row, "number": f"{port.number}/udp", "inside": port.state, "heard": _heard(port), "detail": port.reason}
        for port in heard.values()
    ]
    show.table(rows, LAST_COLUMNS, title=title, empty=f"{title}: nothing was tried.")


def _heard(port: EchoPort | None) -> str:
    return f"{port.heard} heard, {port.answered} answered" if port is not None and port.state == "echo" else ""


def _listed(ports: tuple[EchoPort, ...]) -> str:
    return ", ".join(f"{port.number} ({port.row})" for port in ports if port.state == "echo") or "none"


def _print(result: Result) -> None:
    rows = [
        {
            "row": item.row,
            "number": f"{item.number}/{item.transport}",
            "inside": item.inside,
            "verdict": item.verdict,
            "judgement": SAID[item.judgement],
            "detail": item.detail,
        }
        for item in result.items
    ]
    show.table(rows, COLUMNS, title=f"{result.host} ({result.address}), seen from here")
    for judgement, mend in MENDS.items():
        names = [f"{item.number}/{item.transport}" for item in result.items if item.judgement == judgement]
        if names:
            show.out.print(f"{SAID[judgement]}: {', '.join(names)}. {mend}", soft_wrap=True)
    if any(item.verdict == "unproven" for item in result.items) and not result.inside:
        show.out.print("UDP is proven with --token or --user, or with a key from `sitewarden probe --open` on the server.")


__all__ = ["Options", "Result", "look", "open_echo", "run"]
