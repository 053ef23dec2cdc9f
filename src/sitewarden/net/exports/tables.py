"""Tables for people and programs. Pure."""

from __future__ import annotations

import csv as csv_module
import io

import msgspec

from sitewarden.config import Settings
from sitewarden.net.exports.lines import Line

HEAD = ("name", "port", "way", "address", "group", "peer", "TLS", "changeable", "state", "limited to", "purpose")


def _cells(line: Line) -> tuple[str, ...]:
    return (
        line.name,
        f"{line.numbers}/{line.transport}" if line.transport in ("tcp", "udp") else line.transport,
        line.way,
        line.address or "any",
        line.group,
        line.peer,
        line.tls,
        "yes" if line.changeable else "no",
        "planned" if line.planned else "served" if line.used else "not used",
        ", ".join(line.peers) if line.peers else "this computer" if line.local else "",
        line.purpose,
    )


def table(settings: Settings, lines: list[Line]) -> str:
    """Return aligned columns."""
    rows = [HEAD, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)


def markdown(settings: Settings, lines: list[Line]) -> str:
    """Return a Markdown table under the node's name."""
    rows = [HEAD, ("---",) * len(HEAD), *(_cells(line) for line in lines)]
    body = "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)
    return f"# Ports of node {settings.node}\n\n{body}"


def csv(settings: Settings, lines: list[Line]) -> str:
    """Return RFC 4180 text with every field."""
    out = io.StringIO()
    writer = csv_module.writer(out)
    writer.writerow(Line.__struct_fields__)
    for line in lines:
        values = [getattr(line, name) for name in Line.__struct_fields__]
        writer.writerow([" ".join(value) if isinstance(value, tuple) else value for value in values])
    return out.getvalue()


def json(settings: Settings, lines: list[Line]) -> str:
    """Return an array of objects with every field."""
    return msgspec.json.format(msgspec.json.encode(lines)).decode() + "\n"
