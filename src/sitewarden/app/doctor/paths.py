"""The way to the configured devices: their names resolve, and packets of full size reach them."""

from __future__ import annotations

import ipaddress
import shlex
import threading
import time

from sitewarden.app.doctor.facts import Facts, Peer
from sitewarden.net.probing.mtu import Path, paths
from sitewarden.net.probing.names import addresses
from sitewarden.ports import row
from sitewarden.services.surface.doctor import Finding

MOST = 64
"""Peers that are looked at; further ones of a large site are on the same networks."""
RESOLVE_SECONDS = 5.0
NAME_WHY = "a device that is configured by a name which does not resolve is lost at the next connection."
SIZE_WHY = "packets of full size vanish or are cut on the way: video over UDP breaks, and a connection opens and then hangs."


def names(facts: Facts) -> list[Finding]:
    """Resolve every configured name."""
    asked = [peer for peer in facts.peers if not _is_address(peer.host)][:MOST]
    if not asked:
        return []
    known = resolve([peer.host for peer in asked])
    missing = [peer for peer in asked if not known.get(peer.host)]
    found = [
        Finding(
            level="error",
            check="names",
            what=f"{peer.host} ({peer.reference}) "
            + ("has no address" if peer.host in known else f"got no answer from the name server within {RESOLVE_SECONDS:g} s"),
            why=NAME_WHY,
            remedy="Ask the resolver yourself, mend the name server, or configure the device by address.",
            command=f"getent hosts {shlex.quote(peer.host)}",
        )
        for peer in missing
    ]
    return found or [Finding(level="ok", check="names", what=f"{len(asked)} configured names resolve")]


def sizes(facts: Facts) -> list[Finding]:
    """Send each configured device one datagram of full size that nobody may cut."""
    peers = _with_addresses(facts.peers[:MOST])
    number = row("path-mtu").default
    found = paths([address for _, address in peers], number if isinstance(number, int) else 0)
    items, proven = [], 0
    for (peer, _), path in zip(peers, found, strict=True):
        if path.fault:
            items.append(_unreachable(peer, path))
        elif path.mtu < path.limit:
            items.append(_small(peer, path))
        else:
            proven += path.proven
    if peers and not items:
        what = f"packets of full size pass to {proven} of {len(peers)} configured devices; the others do not say"
        if proven == len(peers):
            what = f"packets of full size pass to all {proven} configured devices"
        items.append(Finding(level="ok", check="path", what=what))
    return items


def resolve(hosts: list[str]) -> dict[str, list[str]]:
    """Return host to addresses; a host that got no answer in time is missing. Threads of the resolver may outlive this."""
    known: dict[str, list[str]] = {}

    def ask(host: str) -> None:
        known[host] = addresses(host)

    threads = [threading.Thread(target=ask, args=(host,), daemon=True) for host in hosts]
    for thread in threads:
        thread.start()
    end = time.monotonic() + RESOLVE_SECONDS
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return dict(known)


def _with_addresses(peers: tuple[Peer, ...]) -> list[tuple[Peer, str]]:
    known = resolve([peer.host for peer in peers if not _is_address(peer.host)])
    found = [(peer, peer.host if _is_address(peer.host) else next(iter(known.get(peer.host, ())), "")) for peer in peers]
    return [(peer, address) for peer, address in found if address]


def _unreachable(peer: Peer, path: Path) -> Finding:
    return Finding(
        level="warning",
        check="path",
        what=f"nothing can be sent to {peer.host} ({peer.reference}): {path.fault}",
        why="the device cannot be reached from this computer.",
        remedy="See how the kernel would send it, and this computer's firewall with `nft list ruleset`.",
        command=f"ip route get {path.address}",
    )


def _small(peer: Peer, path: Path) -> Finding:
    return Finding(
        level="warning",
        check="path",
        what=f"only packets of {path.mtu} bytes pass to {peer.host} ({peer.reference}); this computer sends {path.limit}",
        why=SIZE_WHY,
        remedy="Raise the MTU of the link between; until then, send less on the way there (fill in the gateway).",
        command=f"ip route add {path.address} via GATEWAY mtu {path.mtu}",
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
