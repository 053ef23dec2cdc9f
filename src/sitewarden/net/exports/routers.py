"""The matrix of flows as access lists of routers: IOS-style, and nftables' forward chain. Pure.

The lists decide between the named networks alone. What leaves for anywhere else is the router's own concern and passes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from sitewarden.net.exports.matrix import Flow, Place
from sitewarden.net.exports.plan import merged, split

TABLE: Final = "sitewarden_router"

NFT_HEAD: Final = """\
#!/usr/sbin/nft -f
# Flows between the networks of a site, for the router between them. Check with: nft -c -f FILE; load with: nft -f FILE
# Between named networks only these pass; everything else that is routed here is left alone.

add table inet {table}
delete table inet {table}
table inet {table} {{
\tchain forward {{
\t\ttype filter hook forward priority filter; policy accept;
\t\tct state established,related accept
\t\tmeta l4proto {{ icmp, ipv6-icmp }} accept
"""

IOS_HEAD: Final = """\
! Flows between the networks of a site, for the router between them.
! Bind each list to its network's interface: ip access-group NAME in (IPv6: ipv6 traffic-filter NAME in).
! Between named networks only these pass; what goes elsewhere is permitted at the end of each list.
"""


def nftables(found: list[Flow], places: list[Place]) -> str:
    """Return a table with a forward chain that a second load replaces; `places` are all that the lists decide between."""
    text = NFT_HEAD.format(table=TABLE)
    for flow in found:
        for family, sources, targets in _families(flow):
            match = f"{family} saddr {_set(sources)} " if sources else ""
            match += f"{family} daddr {_set(targets)} " if targets else ""
            note = f"{flow.row}: {flow.source.name} to {flow.target.name}"[:127]
            text += f'\t\t{match}{flow.transport} dport {flow.numbers} accept comment "{note}"\n'
    for place in places:
        for family, own, far in zip(("ip", "ip6"), split(place.cidrs), split(_others(place, places)), strict=True):
            if own and far:
                note = f"no other flow from {place.name}"
                text += f'\t\t{family} saddr {_set(own)} {family} daddr {_set(far)} counter drop comment "{note}"\n'
    return text + "\t}\n}\n"


def ios(found: list[Flow], places: list[Place]) -> str:
    """Return an extended access list for each network and IP version, to be bound inwards where the network meets the router."""
    text = IOS_HEAD
    for place in places:
        for family, own, far in zip(("ip", "ip6"), split(place.cidrs), split(_others(place, places)), strict=True):
            if own:
                text += _list(place, family, found, own, far)
    if not places:
        text += "! No network of the site has a name yet: name them, and their lists are written here.\n"
    return text


def _list(place: Place, family: str, found: list[Flow], own: tuple[str, ...], far: tuple[str, ...]) -> str:
    six = family == "ip6"
    name = "SITEWARDEN-FROM-" + re.sub(r"[^A-Z0-9]+", "-", place.name.upper()) + ("-V6" if six else "")
    lines = [f"ipv6 access-list {name}" if six else f"ip access-list extended {name}"]
    for flow in found:
        for version, sources, targets in _families(flow):
            if version != family:
                continue
            if flow.source == place:
                lines.append(f" remark {flow.row} to {flow.target.name}")
                lines += [f" permit {flow.transport} {a} {b} {_port(flow)}" for a, b in _pairs(sources, targets)]
            elif flow.target == place and not flow.group:
                tail = " established" if flow.transport == "tcp" else ""
                lines.append(f" remark answers of {flow.row} to {flow.source.name}")
                lines += [f" permit {flow.transport} {b} {_port(flow)} {a}{tail}" for a, b in _pairs(sources, targets)]
    if six:
        lines.append(" permit icmp any any")
    else:
        lines += [" permit igmp any any", " permit icmp any any"]
    lines.append(" remark no other flow between named networks")
    word = "ipv6" if six else "ip"
    lines += [f" deny {word} {_ios(a)} {_ios(b)} log" for a in own for b in far]
    lines += [f" permit {word} any any", "!"]
    return "\n".join(lines) + "\n"


def _families(flow: Flow) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return (family, sources, targets) for each IP version that both ends have; an empty end is any address."""
    targets = (flow.group,) if flow.group else flow.target.cidrs
    made = []
    for family, a, b in zip(("ip", "ip6"), split(flow.source.cidrs), split(targets), strict=True):
        if (a or not flow.source.cidrs) and (b or not targets) and (a or b):
            made.append((family, a, b))
    return made if made or flow.source.cidrs or targets else [("ip", (), ())]


def _others(place: Place, places: Iterable[Place]) -> tuple[str, ...]:
    return merged(cidr for other in places if other != place for cidr in other.cidrs)


def _pairs(sources: tuple[str, ...], targets: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(_ios(a), _ios(b)) for a in sources or ("",) for b in targets or ("",)]


def _ios(cidr: str) -> str:
    """Return "10.1.0.0 0.0.255.255", "host 10.1.0.5", "2001:db8::/48", or "any"."""
    if not cidr:
        return "any"
    network = ipaddress.ip_network(cidr)
    if network.num_addresses == 1:
        return f"host {network.network_address}"
    if network.prefixlen == 0:
        return "any"
    return str(network) if network.version == 6 else f"{network.network_address} {network.hostmask}"


def _port(flow: Flow) -> str:
    return f"eq {flow.first}" if flow.first == flow.last else f"range {flow.first} {flow.last}"


def _set(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else f"{{ {', '.join(values)} }}"
