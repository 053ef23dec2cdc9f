"""Before a start: are the ports of this node's roles free, permitted, and out of the kernel's way? Opens and closes each once."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Forbidden, Refusal
from sitewarden.domain.portrow import PortRow
from sitewarden.net.exports.lines import Line, lines
from sitewarden.net.exports.plan import Plan
from sitewarden.net.faults import GRANT_COMMAND, PRIVILEGED
from sitewarden.net.sockets import tcp_listener, udp_socket

PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
RESERVED = Path("/proc/sys/net/ipv4/ip_local_reserved_ports")


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that stands in the way ("error"), or will one day ("warning")."""

    level: Literal["error", "warning"]
    port: str
    """Row of the manifest; empty where it is about several."""
    what: str
    remedy: str = ""
    command: str = ""
    """The command that does it or shows more; empty where it is a decision."""


def preflight(settings: Settings, plan: Plan | None = None) -> list[Finding]:
    """Try every port that the node's roles will listen on; return what is wrong, errors first, none when all is well.

    `plan` tells which rows of drivers the site uses; without one only the rows are tried that need no device. A span is
    tried on its first pair. Run it before the node starts: a running node holds its own ports.
    """
    found = [finding for line in wanted(settings, plan) for finding in attempt(settings, line)]
    return sorted(found + ephemeral(settings), key=lambda finding: finding.level)


def wanted(settings: Settings, plan: Plan | None = None) -> list[Line]:
    """Return the lines that are to be open: those that need no device, and those of drivers that the site uses."""
    return [
        line for line in _inbound(settings, plan) if not line.planned and (not line.driver or (plan is not None and line.used))
    ]


def demand_free(settings: Settings, name: str, number: int) -> None:
    """Try one TCP row on another number, now; raise the Refusal that names who holds it, or the right that is missing."""
    try:
        tcp_listener(ports.row(name), settings.bind, number, 1, shared=False).close()
    except Conflict as taken:
        raise Conflict(taken.what, where=taken.where, remedy="Stop it, or choose another number.") from None


def ephemeral(settings: Settings, *, port_range: str | None = None, reserved: str | None = None) -> list[Finding]:
    """Return a warning where listening ports lie in the range that the kernel takes source ports from (Linux)."""
    try:
        low, high = (int(each) for each in (port_range or PORT_RANGE.read_text()).split())
        already = (reserved if reserved is not None else RESERVED.read_text()).strip()
        kept = _ranges(already)
    except (OSError, ValueError):
        return []
    inside = sorted({line.first for line in _inbound(settings) if low <= line.first <= high and line.first == line.last})
    loose = [number for number in inside if not any(first <= number <= last for first, last in kept)]
    if not loose:
        return []
    listed = ",".join(map(str, loose))
    return [
        Finding(
            level="warning",
            port="",
            what=f"the kernel may give {listed} to other programs as source ports (its range is {low}-{high}).",
            remedy="Reserve them, and write the same line to /etc/sysctl.d/ to keep it.",
            command=f"sysctl -w net.ipv4.ip_local_reserved_ports={f'{already},' if already else ''}{listed}",
        )
    ]


def _inbound(settings: Settings, plan: Plan | None = None) -> list[Line]:
    return [line for line in lines(settings, plan) if line.way == "in" and line.first and line.transport in ("tcp", "udp")]


def attempt(settings: Settings, line: Line) -> list[Finding]:
    """Open and close what a line listens on; return what stands in the way."""
    row = ports.row(line.name)
    numbers = (line.first,) if line.first == line.last else (line.first, line.first + 1)
    for number in numbers:
        try:
            if row.transport == "tcp":
                tcp_listener(row, settings.bind, number, 1, shared=False).close()
            else:
                udp_socket(row, settings.bind, number, reuse=row.shared).close()
        except Refusal as fault:
            command = _command(fault, row, number)
            return [Finding(level="error", port=row.name, what=fault.what, remedy=fault.remedy, command=command)]
    return []


def _command(fault: Refusal, row: PortRow, number: int) -> str:
    if isinstance(fault, Forbidden) and number < PRIVILEGED:
        return GRANT_COMMAND
    if isinstance(fault, Conflict):
        return f"ss -ln{row.transport[0]}p 'sport = :{number}'"
    return ""


def _ranges(text: str) -> list[tuple[int, int]]:
    """Read the kernel's list: "8080,9148,32768-33000"."""
    parts = [part.partition("-") for part in text.split(",") if part]
    return [(int(first), int(last or first)) for first, _, last in parts]
