"""The flows between the named networks of a site, from the manifest and what the site uses. Pure."""

from __future__ import annotations

import csv as csv_module
import io
from collections.abc import Iterable
from typing import Final, Literal

import msgspec
from msgspec import Struct

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.network.model import NetworkRole
from sitewarden.domain.portrow import Computer, PortRow, Side, text
from sitewarden.net.exports.lines import Line, lines
from sitewarden.net.exports.plan import CONTROLLER_ROWS, PEER_ROLES, Plan, Profile, merged, roles_of

ROLE_TITLES: Final[dict[NetworkRole, str]] = {
    "camera": "cameras",
    "controller": "controllers",
    "machine": "machines",
    "office": "offices",
    "server": "servers",
}


class Place(Struct, frozen=True, kw_only=True):
    """One end of a flow: a named network, or all computers of a role whose networks nobody has named."""

    name: str
    role: NetworkRole
    cidrs: tuple[str, ...] = ()
    """Empty for any address."""


class Flow(Struct, frozen=True, kw_only=True):
    """New traffic that goes from one place to another; answers go back."""

    row: str
    source: Place
    target: Place
    transport: str
    first: int
    last: int
    group: str
    """The multicast group that it is sent to; empty where it is sent to the target's own address."""
    purpose: str

    @property
    def numbers(self) -> str:
        """Return "8600" or "3000-5000"."""
        return text(self.first if self.first == self.last else (self.first, self.last))


def flows(settings: Settings, plan: Plan, profile: Profile = "strict", *, planned: bool = False) -> list[Flow]:
    """Return every flow of the rows in use that crosses from one place to another, in the manifest's order.

    Flows within one network cross no router and are left out. A row whose peers may stand anywhere (mail, time) has none.
    """
    found: dict[Flow, None] = {}
    for line in lines(settings, plan, profile):
        row = ports.row(line.name)
        if not line.first or not line.used or line.loopback or row.name not in PEER_ROLES or (line.planned and not planned):
            continue
        for here in _places(plan, "server", settings):
            for there in _peers(plan, line):
                source, target = (there, here) if line.way == "in" else (here, there)
                if source.name != target.name:
                    found[_flow(row, line, source, target)] = None
    for flow in _past_the_server(plan, profile, settings):
        found[flow] = None
    order = {row.name: place for place, row in enumerate(ports.MANIFEST)}
    return sorted(found, key=lambda flow: order[flow.row])


def places(plan: Plan, found: Iterable[Flow]) -> list[Place]:
    """Return every place with addresses: all named networks, whether a flow touches them or not, and the others of the flows."""
    named = [Place(name=each.id, role=each.role, cidrs=merged(each.cidrs)) for each in plan.networks]
    ends = [place for flow in found for place in (flow.source, flow.target) if place.cidrs]
    return list(dict.fromkeys((*named, *ends)))


def _flow(row: PortRow, line: Line, source: Place, target: Place) -> Flow:
    return Flow(
        row=row.name,
        source=source,
        target=target,
        transport=line.transport,
        first=line.first,
        last=line.last,
        group=line.group,
        purpose=line.purpose,
    )


def _places(plan: Plan, role: NetworkRole, settings: Settings | None = None) -> list[Place]:
    """Return the networks of a role; where none is named, one place for all of them (the node's own address for servers)."""
    named = [Place(name=network.id, role=role, cidrs=merged(network.cidrs)) for network in plan.of_role(role)]
    if named:
        return named
    own = (
        next((line.address for line in lines(settings) if line.address and not line.loopback), "") if settings is not None else ""
    )
    return [Place(name=f"any {ROLE_TITLES[role]}", role=role, cidrs=(own,) if own else ())]


def _peers(plan: Plan, line: Line) -> list[Place]:
    """Return where a line's peers stand. Peers outside of every named network are a place of their own."""
    found = [place for role in roles_of(line.name, line.way) for place in _places(plan, role)]
    named = merged(cidr for network in plan.networks for cidr in network.cidrs)
    outside = tuple(peer for peer in line.peers if peer != "255.255.255.255" and not _within(peer, named))
    if line.peers and not any(each.startswith("network:") for each in line.by):
        found = [place for place in found if not place.cidrs or any(_within(peer, place.cidrs) for peer in line.peers)]
        found = [place for place in found if place.cidrs or not outside]
    if outside and not any(not place.cidrs for place in found):
        role = roles_of(line.name, line.way)[0]
        found.append(Place(name=f"other {ROLE_TITLES[role]}", role=role, cidrs=outside))
    return found


def _within(peer: str, cidrs: Iterable[str]) -> bool:
    every = tuple(cidrs)
    return bool(every) and merged((*every, peer)) == merged(every)


def _past_the_server(plan: Plan, profile: Profile, settings: Settings) -> Iterable[Flow]:
    """Yield what goes between offices and controllers themselves: direct mode from a laptop, in the seed's profile alone."""
    if profile != "seed":
        return
    for name in CONTROLLER_ROWS:
        row = ports.row(name)
        numbers = ports.number_of(name, settings.ports)
        ends: tuple[tuple[Computer, NetworkRole], ...] = (("client", "office"), ("device", "controller"))
        for (computer, role), (other, far) in (ends, ends[::-1]):
            mine, theirs = row.side(computer), row.side(other)
            if not isinstance(numbers, int) or not _begins(mine) or theirs is None or not theirs.inbound:
                continue
            for source in _places(plan, role):
                for target in _places(plan, far):
                    yield Flow(
                        row=name,
                        source=source,
                        target=target,
                        transport=row.transport,
                        first=numbers,
                        last=numbers,
                        group=row.group,
                        purpose=row.purpose,
                    )


def _begins(side: Side | None) -> bool:
    return side is not None and side.outbound


HEAD: Final = ("from", "to", "port", "group", "row", "purpose")


def _cells(flow: Flow) -> tuple[str, ...]:
    port = f"{flow.numbers}/{flow.transport}"
    return (_shown(flow.source), _shown(flow.target), port, flow.group, flow.row, flow.purpose)


def _shown(place: Place) -> str:
    return f"{place.name} ({', '.join(place.cidrs)})" if place.cidrs else place.name


def table(found: list[Flow]) -> str:
    """Return aligned columns."""
    rows = [HEAD, *(_cells(flow) for flow in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)


def markdown(found: list[Flow]) -> str:
    """Return the matrix, a row and a column for each network, then the list of flows."""
    names = list(dict.fromkeys(place.name for flow in found for place in (flow.source, flow.target)))
    out = f"# Flows between networks\n\n| from \\ to | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}\n"
    for source in names:
        cells = []
        for target in names:
            here = [flow for flow in found if (flow.source.name, flow.target.name) == (source, target)]
            cells.append("<br>".join(dict.fromkeys(f"{flow.numbers}/{flow.transport} {flow.row}" for flow in here)))
        out += f"| {source} | {' | '.join(cells)} |\n"
    out += "\n| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD) + "\n"
    return out + "".join("| " + " | ".join(_cells(flow)) + " |\n" for flow in found)


def csv(found: list[Flow]) -> str:
    """Return RFC 4180 text, one line a flow."""
    out = io.StringIO()
    writer = csv_module.writer(out)
    writer.writerow(("from", "from_role", "from_cidrs", "to", "to_role", "to_cidrs", "transport", "first", "last", *HEAD[3:]))
    for flow in found:
        ends = [value for place in (flow.source, flow.target) for value in (place.name, place.role, " ".join(place.cidrs))]
        writer.writerow([*ends, flow.transport, flow.first, flow.last, flow.group, flow.row, flow.purpose])
    return out.getvalue()


def json(found: list[Flow]) -> str:
    """Return an array of objects."""
    return msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"


MatrixFormat = Literal["table", "json", "csv", "markdown", "ios", "nftables"]

__all__ = ["Flow", "MatrixFormat", "Place", "csv", "flows", "json", "markdown", "table"]
