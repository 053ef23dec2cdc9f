"""The inventory of ports for auditors: computer, inbound, outbound, usage, configurable, for each row. Pure."""

from __future__ import annotations

import csv as csv_module
import io
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.portrow import Computer, PortRow, Side, text
from sitewarden.net.exports.lines import Line

HEAD: Final = ("Computer", "Inbound", "Outbound", "Port usage", "Configurable")
OURS: Final[dict[Computer, str]] = {"server": "Sitewarden server", "client": "Client", "node": "Node", "device": "Device"}


class Entry(Struct, frozen=True, kw_only=True):
    """One computer's part in one row."""

    row: str
    computer: str
    inbound: str
    outbound: str
    usage: str
    configurable: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns of `HEAD`."""
        return self.computer, self.inbound, self.outbound, self.usage, self.configurable


def entries(lines: Iterable[Line], settings: Settings) -> list[Entry]:
    """Return the entries of the rows that the lines belong to: the server first, then its peers.

    The server's numbers are those of this node and its site; the other computers show the defaults that they are delivered with.
    """
    by_row: dict[str, list[Line]] = {}
    for line in lines:
        by_row.setdefault(line.name, []).append(line)
    found = []
    for name, mine in by_row.items():
        row = ports.row(name)
        if row.transport not in ("tcp", "udp"):
            continue
        found += [_entry(row, side, mine, settings) for side in row.sides]
    return found


def _entry(row: PortRow, side: Side, mine: list[Line], settings: Settings) -> Entry:
    server = side.computer == "server"
    inbound = _ports(row, side, mine, "in") if side.inbound else ""
    outbound = _ports(row, side, mine, "out") if side.outbound else ""
    answer = "Yes" if side.change.possible else "No"
    return Entry(
        row=row.name,
        computer=f"{OURS['server']} {settings.node}" if server else f"{OURS[side.computer]} ({row.peer})",
        inbound=inbound,
        outbound=outbound,
        usage=f"{row.purpose}{f', group {row.group}' if row.group else ''}{_reality(mine) if server else ''}",
        configurable=f"{answer}: {side.change.who.rstrip('.')}",
    )


def _reality(mine: list[Line]) -> str:
    """Say what of a row is not open on this server: planned and not built yet, or used by nothing of the site."""
    planned = {line.way for line in mine if line.planned}
    if planned == {line.way for line in mine}:
        return "; planned, nothing opens it yet"
    unused = "" if any(line.used for line in mine if not line.planned) else "; not used by this site now"
    return f"{'; planned inbound' if 'in' in planned else '; planned outbound' if planned else ''}{unused}"


def _ports(row: PortRow, side: Side, mine: list[Line], way: str) -> str:
    if side.computer != "server":
        return _shown(row.transport, text(side.default), default=side.change.possible and side.default is not None)
    numbers = dict.fromkeys((line.numbers, line.changed) for line in mine if line.way == way)
    fixed = not side.change.possible
    return ", ".join(
        _shown(row.transport, number, default=not fixed and not changed and number != text(None)) for number, changed in numbers
    )


def _shown(transport: str, number: str, *, default: bool) -> str:
    word = number[:1].upper() + number[1:]
    return f"{transport.upper()} {word}{' (default)' if default else ''}" if number[:1].isdigit() else word


def markdown(settings: Settings, lines: list[Line]) -> str:
    """Return a table for each row, as an auditor reads it."""
    out = f"# Ports of Sitewarden node {settings.node}\n"
    last = ""
    for entry in entries(lines, settings):
        if entry.row != last:
            out += f"\n## {entry.row}\n\n| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD) + "\n"
            last = entry.row
        out += "| " + " | ".join(cell.replace("|", "\\|") for cell in entry.cells) + " |\n"
    return out


def csv(settings: Settings, lines: list[Line]) -> str:
    """Return RFC 4180 text with the columns of the tables, and the row's name first."""
    out = io.StringIO()
    writer = csv_module.writer(out)
    writer.writerow(("Name", *HEAD))
    for entry in entries(lines, settings):
        writer.writerow((entry.row, *entry.cells))
    return out.getvalue()
