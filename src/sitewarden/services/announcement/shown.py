"""A row of the table as the faces show it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sitewarden.domain.clock import SECOND
from sitewarden.domain.network.node import Node
from sitewarden.domain.refs import ref
from sitewarden.net.announcing import Own
from sitewarden.services.announcement.reach import UNCHECKED, Reach
from sitewarden.services.announcement.table import Row
from sitewarden.services.surface.servers import AnnouncedPort, FoundServer, Trust
from sitewarden.wire.announcement import fingerprint
from sitewarden.wire.plain import plain


def shown(row: Row, nodes: Sequence[Node], reach: Reach | None = None) -> FoundServer:
    """Return a found server; `nodes` are the registered ones."""
    reach = reach or UNCHECKED
    mine = [node for node in nodes if node.key == row.key]
    there = [node for node in nodes if node.key not in ("", row.key) and node.address == row.host and node.port == _port(row)]
    trust: Trust = "site" if row.ours else "registered" if mine else "changed" if there else "unknown"
    return FoundServer(
        id=row.id,
        name=row.name,
        node=row.message.node,
        version=plain(row.message.version),
        roles=row.roles,
        address=row.host,
        interface=row.interface,
        addresses=row.addresses,
        ports=tuple(AnnouncedPort(row=port.row, number=port.number) for port in row.message.ports),
        group=row.group,
        fingerprint=row.tls,
        key=row.key,
        site=row.site,
        trust=trust,
        registered=tuple(ref("node", node.id) for node in mine),
        present=not row.silent,
        farewell=row.farewell,
        first=row.first,
        last=row.last,
        skew=round(row.skew / SECOND, 3),
        reach=reach.state,
        reach_detail=reach.detail,
        reach_at=reach.at,
        problems=tuple(_problems(row, there)),
    )


def _problems(row: Row, there: Sequence[Node]) -> list[str]:
    found = []
    if row.twin:
        found.append(
            "It signs with this node's own key: its data directory is a copy of this one's. Remove the folder tls there,"
            " or set it up afresh."
        )
    if row.old:
        found.append(
            f"Its clock differs by {_span(row.skew)}: set it, or what is heard is a recording of an earlier announcement."
        )
    found += [
        f"{node.name} is registered at this address and signs with another key: it was set up afresh, or this is somebody else."
        for node in there
    ]
    return found


def _port(row: Row) -> int:
    return row.message.ports[0].number if row.message.ports else 0


def _span(skew: int) -> str:
    seconds = abs(skew) // SECOND
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def own_fingerprint(own: Own | None) -> str:
    """Return the SHA-256 of the certificate of this node's first port; "" where it speaks no TLS."""
    return fingerprint(own.tls) if own is not None else ""
