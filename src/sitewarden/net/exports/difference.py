"""What nftables has loaded (`nft -j list ruleset`) against the rules that a node should have. Pure.

Only our own table is looked at. Comments and the order of rules do not count: every rule of ours but one accepts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Invalid
from sitewarden.net.exports.nftables import TABLE, Match, Rule

LARGEST = 16 * 1024 * 1024
"""Bytes of a ruleset that are read."""
PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}


class Difference(Struct, frozen=True, kw_only=True):
    """One thing in which the loaded rules differ: a rule that is missing or extra, or a chain that is not as it should be."""

    kind: Literal["missing", "extra", "table", "chain"]
    chain: str
    what: str


Key = tuple[Any, ...]


def compare(expected: Iterable[Rule], policies: Mapping[str, str], loaded: bytes) -> list[Difference]:
    """Return every difference, none where the kernel has what it should; raise Invalid for what is no ruleset of nft."""
    objects = _objects(loaded)
    ours = [(kind, body) for kind, body in objects if (body.get("family"), body.get("table")) == ("inet", TABLE)]
    if not any(kind == "table" and (body.get("family"), body.get("name")) == ("inet", TABLE) for kind, body in objects):
        return [Difference(kind="table", chain="", what=f"the table inet {TABLE} is not loaded")]
    found = _chains([body for kind, body in ours if kind == "chain"], policies)
    wanted = {_key(rule): rule for rule in expected}
    present: dict[Key, str] = {}
    for kind, body in ours:
        if kind == "rule":
            present.setdefault(_loaded_key(body), _text(body))
    found += [
        Difference(kind="missing", chain=rule.chain, what=rule.text()) for key, rule in wanted.items() if key not in present
    ]
    found += [Difference(kind="extra", chain=str(key[0]), what=text) for key, text in present.items() if key not in wanted]
    return found


def _objects(loaded: bytes) -> list[tuple[str, dict[str, Any]]]:
    if len(loaded) > LARGEST:
        raise Invalid(
            f"The ruleset is larger than {LARGEST} bytes.", where="ruleset", remedy="Give the table of this node alone."
        )
    try:
        document = msgspec.json.decode(loaded, type=dict[str, list[dict[str, Any]]])
        entries = document["nftables"]
    except (msgspec.DecodeError, KeyError, RecursionError) as fault:
        raise Invalid(
            f"This is no ruleset as nft writes it ({type(fault).__name__}).",
            where="ruleset",
            remedy="Write it with: nft -j list ruleset",
        ) from None
    return [(kind, body) for entry in entries for kind, body in entry.items() if isinstance(body, dict)]


def _chains(chains: list[dict[str, Any]], policies: Mapping[str, str]) -> list[Difference]:
    found = []
    by_name = {str(chain.get("name")): chain for chain in chains}
    for name, policy in policies.items():
        chain = by_name.get(name)
        if chain is None:
            found.append(Difference(kind="chain", chain=name, what=f"chain {name} is not there"))
        elif chain.get("hook") != name:
            found.append(Difference(kind="chain", chain=name, what=f"chain {name} hangs on {chain.get('hook') or 'no hook'}"))
        elif chain.get("policy", "accept") != policy:
            what = f"chain {name} has the policy {chain.get('policy', 'accept')}, not {policy}"
            found.append(Difference(kind="chain", chain=name, what=what))
    found += [Difference(kind="chain", chain=name, what=f"chain {name} is not ours") for name in by_name if name not in policies]
    return found


def _key(rule: Rule) -> Key:
    return rule.chain, frozenset(_normal(match) for match in rule.matches), rule.verdict


def _normal(match: Match) -> Key:
    field, values = match
    if field.endswith("addr"):
        return field, _spans(_addresses(value) for value in values)
    if field.endswith("port"):
        return field, _spans(_ports(value) for value in values)
    return field, frozenset(values)


def _addresses(value: str) -> tuple[int, int]:
    first, dash, last = value.partition("-")
    if dash:
        return int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last))
    network = ipaddress.ip_network(value, strict=False)
    return int(network.network_address), int(network.broadcast_address)


def _ports(value: str) -> tuple[int, int]:
    first, _, last = value.partition("-")
    return int(first), int(last or first)


def _spans(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return spans in order, those that touch joined: nft joins the elements of a set as it likes."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return tuple(joined)


def _loaded_key(body: dict[str, Any]) -> Key:
    """Return the key of a loaded rule; one that holds what ours never do equals none of them."""
    chain = str(body.get("chain"))
    matches: list[Match] = []
    verdict = ""
    for expression in _members(body.get("expr") or []):
        if not isinstance(expression, dict) or len(expression) != 1:
            return chain, "other", _text(body)
        ((kind, content),) = expression.items()
        if kind in ("accept", "drop"):
            verdict = kind
        elif kind == "match" and isinstance(content, dict) and content.get("op") in ("==", "in"):
            matches.append((_field(content.get("left")), tuple(_value(one) for one in _members(content.get("right")))))
        else:
            return chain, "other", _text(body)
    try:
        return chain, frozenset(_normal(match) for match in matches), verdict
    except ValueError:
        return chain, "other", _text(body)


def _text(body: dict[str, Any]) -> str:
    """Return a loaded rule as a person reads it."""
    parts = []
    for expression in _members(body.get("expr") or []):
        content = expression.get("match") if isinstance(expression, dict) else None
        if isinstance(content, dict):
            values = [_value(one) for one in _members(content.get("right"))]
            shown = values[0] if len(values) == 1 else f"{{ {', '.join(values)} }}"
            unlike = "" if content.get("op") in ("==", "in") else f"{content.get('op')} "
            parts.append(f"{_field(content.get('left'))} {unlike}{shown}")
        elif isinstance(expression, dict):
            parts.append(" ".join(str(key) for key in expression))
    handle = f" (handle {body['handle']})" if isinstance(body.get("handle"), int) else ""
    return " ".join(parts) + handle


def _field(left: Any) -> str:
    """Return "tcp dport" of {"payload": {"protocol": "tcp", "field": "dport"}}."""
    if isinstance(left, dict) and len(left) == 1:
        ((kind, content),) = left.items()
        if kind == "payload" and isinstance(content, dict):
            return f"{content.get('protocol')} {content.get('field')}"
        if kind in ("meta", "ct") and isinstance(content, dict):
            key = str(content.get("key"))
            return key if key in ("iif", "oif") else f"{kind} {key}"
    return str(left)


def _members(right: Any) -> list[Any]:
    if isinstance(right, dict) and isinstance(right.get("set"), list):
        return list(right["set"])
    return list(right) if isinstance(right, list) else [right]


def _value(one: Any) -> str:
    """Return "10.1.0.0/16" of {"prefix": …}, "3000-5000" of {"range": …}, and any other as its text."""
    if isinstance(one, dict):
        prefix, span = one.get("prefix"), one.get("range")
        if isinstance(prefix, dict):
            return f"{prefix.get('addr')}/{prefix.get('len')}"
        if isinstance(span, list) and len(span) == 2:
            return f"{span[0]}-{span[1]}"
    return str(one)


__all__ = ["Difference", "compare"]
