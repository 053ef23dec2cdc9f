"""`sitewarden conformance`: what is tried, with what, and how it is told."""

from __future__ import annotations

import asyncio
import re
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from sitewarden.app import show
from sitewarden.app.conformance import link
from sitewarden.app.conformance.controller import examine_controller
from sitewarden.app.conformance.parts import Finding
from sitewarden.app.conformance.server import examine_server, join
from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.net.interfaces import Network
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import NodeKey
from sitewarden.wire.pairing import parse_code

Role = Literal["link", "server", "controller"]
NUMBERS: Final[dict[str, int]] = {"link": 1480, "server": 1480, "controller": 1470}
READER: Final = 1471
_ADDRESS: Final = re.compile(
    r"\[(?P<v6>[^\[\]]*:[^\[\]]*)\](:(?P<port6>[0-9]{1,5}))?"
    r"|(?P<bare>[^\[\]]*:[^\[\]]*:[^\[\]]*)"
    r"|(?P<name>[^-:\[\]\s][^:\[\]\s]*)(:(?P<port>[0-9]{1,5}))?"
)
"""Brackets part an IPv6 address from its port; one without brackets has none."""
HOLDS, BREAKS, UNTRIED = 0, 1, 2
"""Exit statuses: every rule holds, some do not, it could not be tried."""


class Trial(Struct, frozen=True, kw_only=True):
    """What is tried, and as what."""

    address: str
    role: Role = "link"
    code: str = ""
    node: str = "conformance"
    identity: Path | None = None
    orders: bool = False


def run(trial: Trial, *, json: bool) -> int:
    """Try it and print what came of it; return the exit status."""
    try:
        host, number = place(trial)
        with (
            tempfile.TemporaryDirectory(prefix="sitewarden-") as directory,
            asyncio.Runner(loop_factory=new_event_loop) as runner,
        ):
            role = "cli" if trial.role == "controller" else "controller"
            network = LocalNetwork(Settings(bind="127.0.0.1", data_dir=directory), role, directory)
            findings = runner.run(examine(trial, network, host, number, Path(directory)))
    except Refusal as refusal:
        show.refusal(refusal)
        return UNTRIED
    broken = [one for one in findings if not one.ok]
    if json:
        items = [{"rule": one.rule, "ok": one.ok, "detail": one.detail} for one in findings]
        show.as_json({"address": trial.address, "as": trial.role, "ok": not broken, "rules": items})
    else:
        for one in findings:
            show.out.print(f"{'ok' if one.ok else 'BROKEN':7}{one.rule}", markup=False, soft_wrap=True)
            if not one.ok:
                show.out.print(f"       {one.detail}", markup=False, soft_wrap=True)
        said = f"{len(broken)} of {len(findings)} rules are broken." if broken else f"All {len(findings)} rules hold."
        show.out.print(said, markup=False)
    return BREAKS if broken else HOLDS


def place(trial: Trial) -> tuple[str, int]:
    """Return host and number of "HOST", "HOST:PORT", "ADDRESS" or "[ADDRESS]:PORT"; raises Invalid."""
    found = _ADDRESS.fullmatch(trial.address)
    host, number = (found["v6"] or found["bare"] or found["name"], found["port6"] or found["port"]) if found else ("", None)
    at = int(number) if number else NUMBERS[trial.role]
    if not host or not 1 <= at <= 65535 or (":" in host and not _is_ip(host)):
        remedy = "Write HOST, HOST:PORT, or [ADDRESS]:PORT for IPv6; a port is 1 to 65535."
        raise Invalid(f"{trial.address!r} is no address.", where="HOST[:PORT]", remedy=remedy)
    return host, at


def _is_ip(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


async def examine(trial: Trial, network: Network, host: str, number: int, folder: Path) -> list[Finding]:
    """Try what is asked for: the link of every peer, then what is said over it by this kind of peer."""
    if trial.role == "controller":
        if not trial.code:
            raise Invalid("A controller is tried with its commissioning code.", where="--code", remedy="See its label.")
        row = "device-direct-reader" if number == READER else "device-direct-station"
        code = parse_code(trial.code)
        await link.reach(network, host, number, row)
        return [
            *await link.examine(network, host, number, row),
            *await examine_controller(network, host, number, code, orders=trial.orders),
        ]
    await link.reach(network, host, number)
    key = await _identity(trial, network, host, number, folder) if trial.role == "server" else None
    findings = await link.examine(network, host, number)
    if key is not None:
        findings += await examine_server(network, host, number, trial.node, key)
    return findings


async def _identity(trial: Trial, network: Network, host: str, number: int, folder: Path) -> NodeKey:
    """Return the key that a server knows: paired with the code now, or kept from an earlier run."""
    folder = trial.identity or folder / "identity"
    if trial.code:
        key = await join(network, host, number, trial.node, parse_code(trial.code), folder)
    else:
        key = await asyncio.to_thread(NodeKey, folder)
    if not key.paired:
        raise Invalid(
            "A server is tried by a controller that is paired with it.",
            where="--code",
            remedy="Make a controller and a pairing code on the server; keep the certificate with --identity FOLDER.",
        )
    return key
