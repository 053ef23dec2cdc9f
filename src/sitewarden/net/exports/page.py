"""`docs/generated/ports.md`: the whole manifest, per computer, as the pages of facts print it. Pure."""

from __future__ import annotations

from sitewarden import ports
from sitewarden.domain.portrow import PortRow, Side, text

SOURCES = {
    "biostar": "access-control page",
    "digifort": "video page",
    "iiot": "industrial page",
    "ours": "ours",
}

HEAD = """\
# Ports

Every port that a process of ours may open; nothing else is opened. Made from `src/sitewarden/ports.py` by `make docs`.
`sitewarden ports` prints the part of one node, also as rules for nftables, ufw, firewalld and Windows. Served: open on every
node of that role. With its devices: open only while the site has a device of that kind. Planned: no service of ours listens
or dials yet. A row without a default is a template: each configured instance gives its own number.

"""


def ports_page() -> str:
    """Return the page: an overview, then a table for each row."""
    out = HEAD + "| name | port | group | purpose | opened by | TLS | state |\n|---|---|---|---|---|---|---|\n"
    for row in ports.MANIFEST:
        roles = ", ".join(row.roles)
        state = "planned" if row.planned else "with its devices" if row.driver else "served"
        out += f"| [{row.name}](#{row.name}) | {_port(row)} | {row.group} | {row.purpose} | {roles} | {row.tls} | {state} |\n"
    return out + "".join(_section(row) for row in ports.MANIFEST)


def _section(row: PortRow) -> str:
    out = f"\n## {row.name}\n\n{row.purpose}. Peers: {row.peer}.\n"
    out += f"TLS: {row.tls}{f' ({row.tls_reason.rstrip(chr(46))})' if row.tls_reason else ''}.\n"
    if row.planned_in:
        out += "Planned: inbound; we only dial yet.\n"
    if row.note:
        out += f"Note: {row.note}.\n"
    out += "\n| computer | inbound | outbound | configurable | source |\n|---|---|---|---|---|\n"
    for side in row.sides:
        inbound = _cell(row, side) if side.inbound else ""
        outbound = _cell(row, side) if side.outbound else ""
        answer = "yes" if side.change.possible else "no"
        out += f"| {side.computer} | {inbound} | {outbound} | {answer}: {side.change.who} | {SOURCES[side.source]} |\n"
    return out


def _cell(row: PortRow, side: Side) -> str:
    if row.transport in ("unix", "serial"):
        return "Unix socket" if row.transport == "unix" else "serial line"
    default = " (default)" if side.change.possible and side.default is not None else ""
    return f"{row.transport.upper()} {text(side.default)}{default}"


def _port(row: PortRow) -> str:
    return row.transport if row.transport in ("unix", "serial") else f"{text(row.default)}/{row.transport}"
