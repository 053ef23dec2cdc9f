"""Multicast on each interface: it loops, IGMP is recent enough, and the reverse-path filter lets it in."""

from __future__ import annotations

import re
from pathlib import Path

from sitewarden.app.doctor.facts import Facts
from sitewarden.net.probing.interfaces import Interface, interfaces
from sitewarden.net.probing.looping import loops
from sitewarden.ports import row
from sitewarden.services.surface.doctor import Finding

IGMP = Path("/proc/thread-self/net/igmp")
CONF = Path("/proc/sys/net/ipv4/conf")
WHY = "servers find each other, and clients take live video, by multicast."
MOST = 32
"""Interfaces that are looked at; a computer of containers has hundreds."""


def check(facts: Facts) -> list[Finding]:
    """Join, send and receive on every interface with an IPv4 address."""
    wanted = [one for one in interfaces() if one.addresses and not one.loopback][:MOST]
    bind = facts.settings.bind
    if bind not in ("0.0.0.0", "::"):  # noqa: S104
        wanted = [one for one in wanted if bind in one.addresses]
    if not wanted:
        return [Finding(level="ok", check="multicast", what="no interface but loopback serves this node")]
    versions = igmp_versions()
    return [finding for one in wanted for finding in _interface(one, versions.get(one.name, ""), len(wanted) > 1)]


def _interface(one: Interface, version: str, several: bool) -> list[Finding]:
    announcement = row("announcement")
    number = announcement.default
    if not one.multicast:
        return [
            Finding(
                level="warning",
                check="multicast",
                what=f"{one.name} has multicast turned off",
                why=WHY,
                remedy="Turn it on.",
                command=f"ip link set dev {one.name} multicast on",
            )
        ]
    found = []
    fault = loops(one, announcement.group, number if isinstance(number, int) else 0)
    if fault:
        found.append(
            Finding(
                level="warning",
                check="multicast",
                what=f"multicast to {announcement.group}:{number} does not loop on {one.name}: {fault}",
                why=WHY,
                remedy="See `nft list ruleset` for what drops it, and load this node's rules.",
                command="sitewarden ports --format nftables | nft -f -",
            )
        )
    elif version in ("V1", "V2"):
        found.append(
            Finding(
                level="warning" if version == "V1" else "ok",
                check="multicast",
                what=f"multicast loops on {one.name}; the network speaks IGMP {version}",
                why="a network that speaks IGMPv1 is told of no leave, and goes on sending for minutes."
                if version == "V1"
                else "",
                remedy="Set the querier of the network to IGMPv3, or v2." if version == "V1" else "",
            )
        )
    else:
        found.append(Finding(level="ok", check="multicast", what=f"multicast loops on {one.name} (IGMP {version or 'V3'})"))
    filtered = reverse_path(one.name)
    if several and filtered == 1:
        found.append(
            Finding(
                level="warning",
                check="multicast",
                what=f"{one.name} drops packets from computers that the routing table reaches through another interface",
                why="with several interfaces, multicast and RTP of a camera network are dropped without a trace.",
                remedy="Make the filter loose on it, and write the same line to /etc/sysctl.d/ to keep it.",
                command=f"sysctl -w net.ipv4.conf.{one.name.replace('.', '/')}.rp_filter=2",
            )
        )
    return found


def igmp_versions(text: str | None = None) -> dict[str, str]:
    """Return interface to the IGMP version that the kernel speaks on it, as /proc/net/igmp says: "V1", "V2" or "V3"."""
    if text is None:
        try:
            text = IGMP.read_text()
        except OSError:
            return {}
    return dict(re.findall(r"^\d+\s+(\S+)\s*:\s+\d+\s+(V[123])\s*$", text, re.MULTILINE))


def reverse_path(name: str) -> int:
    """Return the reverse-path filter in force on an interface: 0 none, 1 strict, 2 loose (the greater of its own and "all")."""
    values = []
    for each in ("all", name):
        try:
            values.append(int((CONF / each / "rp_filter").read_text()))
        except (OSError, ValueError):
            values.append(0)
    return max(values)
