"""Rules for nftables (`nft -f`), as values that a loaded ruleset is compared with. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from sitewarden.config import Settings
from sitewarden.net.exports.lines import Line
from sitewarden.net.exports.plan import split
from sitewarden.net.exports.said import comment

TABLE = "sitewarden"
LONGEST = 127
"""Bytes of a comment that nft takes."""

HEAD = """\
#!/usr/sbin/nft -f
# Ports of Sitewarden node {node}. Check with: nft -c -f FILE; load with: nft -f FILE; compare later with: sitewarden ports --diff
# What comes in is dropped unless a rule takes it; SSH stays open. {outgoing}

add table inet {table}
delete table inet {table}
table inet {table} {{
"""
LISTED = "Outgoing rules are listed and take effect once the\n# policy of chain output is changed to drop (--deny-outgoing)."
DENIED = (
    "What goes out is dropped too,\n# unless a rule takes it: this computer's own updates, mail and time need rules of their own."
)

Match = tuple[str, tuple[str, ...]]
"""A field ("ip saddr", "tcp dport", "ct state") and the values that it may have."""


class Rule(Struct, frozen=True, kw_only=True):
    """One rule: all matches hold, then the verdict."""

    chain: Literal["input", "output", "forward"]
    matches: tuple[Match, ...]
    verdict: Literal["accept", "drop"] = "accept"
    comment: str = ""

    def text(self) -> str:
        """Return the rule as nft reads it."""
        parts = [f"{field} {_values(field, values)}" for field, values in self.matches]
        note = f' comment "{self.comment}"' if self.comment else ""
        return " ".join((*parts, self.verdict)) + note


ICMP = ("icmp", "ipv6-icmp")
BASE: tuple[Rule, ...] = (
    Rule(chain="input", matches=(("ct state", ("established", "related")),)),
    Rule(chain="input", matches=(("ct state", ("invalid",)),), verdict="drop"),
    Rule(chain="input", matches=(("iif", ("lo",)),)),
    Rule(chain="input", matches=(("meta l4proto", ICMP),)),
    Rule(chain="input", matches=(("meta l4proto", ("igmp",)),), comment="membership of multicast groups"),
    Rule(chain="input", matches=(("udp dport", ("68", "546")),), comment="this computer's own DHCP"),
    Rule(chain="input", matches=(("tcp dport", ("22",)),), comment="SSH, so that you are not locked out"),
    Rule(chain="output", matches=(("ct state", ("established", "related")),)),
    Rule(chain="output", matches=(("oif", ("lo",)),)),
    Rule(chain="output", matches=(("meta l4proto", (*ICMP, "igmp")),)),
    Rule(chain="output", matches=(("udp dport", ("67", "547")),), comment="this computer's own DHCP"),
)
"""What every table of ours begins with."""


def ruleset(lines: Iterable[Line]) -> list[Rule]:
    """Return all rules of a node, those of `BASE` first."""
    every = [rule for line in lines if line.first and not line.loopback for rule in _rules(line)]
    return [*BASE, *dict.fromkeys(every)]


def rules(settings: Settings, lines: list[Line], *, deny_outgoing: bool = False) -> str:
    """Return a table of its own that a second load replaces. Groups are matched as destination address."""
    every = ruleset(lines)
    text = HEAD.format(node=settings.node, table=TABLE, outgoing=DENIED if deny_outgoing else LISTED)
    for chain, policy in policies(deny_outgoing=deny_outgoing).items():
        text += f"\tchain {chain} {{\n\t\ttype filter hook {chain} priority filter; policy {policy};\n"
        text += "".join(f"\t\t{rule.text()}\n" for rule in every if rule.chain == chain) + "\t}\n"
    return text + "}\n"


def policies(*, deny_outgoing: bool) -> dict[str, str]:
    """Return chain to policy."""
    return {"input": "drop", "output": "drop" if deny_outgoing else "accept"}


def _rules(line: Line) -> list[Rule]:
    chain: Literal["input", "output"] = "input" if line.way == "in" else "output"
    ports: Match = (f"{line.transport} dport", (f"{line.first}-{line.last}" if line.first != line.last else str(line.first),))
    note = comment(line, LONGEST)
    target = line.group or line.address
    aim = ((f"{_family(target)} daddr", (target,)),) if target else ()
    if not line.peers:
        return [Rule(chain=chain, matches=(*aim, ports), comment=note)]
    side = "saddr" if line.way == "in" else "daddr"
    return [
        Rule(chain=chain, matches=((f"{family} {side}", peers), *aim, ports), comment=note)
        for family, peers in zip(("ip", "ip6"), split(line.peers), strict=True)
        if peers and (not target or _family(target) == family)
    ]


def _family(address: str) -> str:
    return "ip6" if ":" in address else "ip"


def _values(field: str, values: tuple[str, ...]) -> str:
    if field in ("iif", "oif"):
        return f'"{values[0]}"'
    if field == "ct state":
        return ",".join(values)
    return values[0] if len(values) == 1 else f"{{ {', '.join(values)} }}"
