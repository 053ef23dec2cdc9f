"""Rules for firewalld 0.9 or newer, as a shell script. Pure."""

from __future__ import annotations

from sitewarden.config import Settings
from sitewarden.net.exports.lines import Line
from sitewarden.net.exports.said import comment

LONGEST = 160

HEAD = """\
#!/bin/sh
# Ports of Sitewarden node {node}; run as root. Two policies hold the rules, and a second run replaces them.
# firewalld lets everything out unless a policy of your own rejects it; the rules of {name}-out then keep these open.
set -e
"""


def rules(settings: Settings, lines: list[Line]) -> str:
    """Return commands that make a policy for what comes in and one for what goes out; each port is a rich rule."""
    text = HEAD.format(node=settings.node, name="sitewarden")
    for way, ingress, egress in (("in", "ANY", "HOST"), ("out", "HOST", "ANY")):
        policy = f"sitewarden-{way}"
        text += f"firewall-cmd --permanent --delete-policy={policy} 2>/dev/null || true\n"
        text += f"firewall-cmd --permanent --new-policy={policy}\n"
        text += f"firewall-cmd --permanent --policy={policy} --set-target=CONTINUE\n"
        text += f"firewall-cmd --permanent --policy={policy} --add-ingress-zone={ingress}\n"
        text += f"firewall-cmd --permanent --policy={policy} --add-egress-zone={egress}\n"
        if way == "in" and any(line.group and line.way == "in" for line in lines):
            text += f"firewall-cmd --permanent --policy={policy} --add-protocol=igmp\n"
        for line in lines:
            if line.way != way or not line.first or line.local:
                continue
            text += f"# {comment(line, LONGEST)}\n"
            text += "".join(f"firewall-cmd --permanent --policy={policy} --add-rich-rule='{rule}'\n" for rule in _rich(line))
    return text + "firewall-cmd --reload\n"


def _rich(line: Line) -> list[str]:
    ports = f"{line.first}-{line.last}" if line.first != line.last else str(line.first)
    tail = f'port port="{ports}" protocol="{line.transport}" accept'
    target = line.group or line.address
    if not line.peers:
        return [f'rule family="{_family(target)}" destination address="{target}" {tail}' if target else f"rule {tail}"]
    if line.way == "out":
        return [f'rule family="{_family(peer)}" destination address="{peer}" {tail}' for peer in line.peers]
    aim = f'destination address="{target}" ' if target else ""
    fitting = [peer for peer in line.peers if not target or _family(peer) == _family(target)]
    return [f'rule family="{_family(peer)}" source address="{peer}" {aim}{tail}' for peer in fitting]


def _family(address: str) -> str:
    return "ipv6" if ":" in address else "ipv4"
