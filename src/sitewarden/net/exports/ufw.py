"""Rules for ufw, as a shell script. Pure."""

from __future__ import annotations

from sitewarden.config import Settings
from sitewarden.net.exports.lines import Line
from sitewarden.net.exports.said import comment

LONGEST = 120
"""Bytes of a comment, so that `ufw status` stays readable."""


def rules(settings: Settings, lines: list[Line]) -> str:
    """Return `ufw allow` commands, one for each peer; groups are matched as destination address."""
    text = f"#!/bin/sh\n# Ports of Sitewarden node {settings.node}; run as root, then `ufw status`.\nset -e\n"
    for line in lines:
        if not line.first or line.local:
            continue
        ports = f"{line.first}:{line.last}" if line.first != line.last else str(line.first)
        for origin, target in _ends(line):
            sender = f" from {origin}" if origin != "any" else ""
            text += f"ufw allow {line.way} proto {line.transport}{sender} to {target} port {ports}"
            text += f" comment '{comment(line, LONGEST)}'\n"
    return text


def _ends(line: Line) -> list[tuple[str, str]]:
    """Return (from, to) of each rule; a peer of the other IP version than the target is left out."""
    target = line.group or line.address
    if line.way == "out":
        return [("any", peer) for peer in line.peers] or [("any", target or "any")]
    peers = [peer for peer in line.peers if not target or (":" in peer) == (":" in target)]
    return [(peer, target or "any") for peer in peers] if line.peers else [("any", target or "any")]
