"""What the checks are told: the settings, whether the node runs, and what of the site's state matters to this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import psutil
from msgspec import Struct

from sitewarden.app.endpoints import entities, host_and_port
from sitewarden.app.places import Places
from sitewarden.app.supervisor import read_processes
from sitewarden.config import Settings
from sitewarden.domain.access.model import Controller
from sitewarden.domain.identity.model import Role
from sitewarden.domain.identity.shipped import lacking, outdated
from sitewarden.domain.network.node import Node
from sitewarden.domain.points.model import Endpoint
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera
from sitewarden.net.exports import Plan
from sitewarden.net.interfaces import LedgerEntry
from sitewarden.services.announcement.collisions import Collision
from sitewarden.store.interfaces import StateStore


class Peer(Struct, frozen=True, kw_only=True):
    """A computer or device that the site's configuration names."""

    reference: str
    """The entity that names it, such as "camera:lobby"."""
    host: str


class Facts(Struct, frozen=True, kw_only=True):
    """What a check may know."""

    settings: Settings
    running: bool = False
    peers: tuple[Peer, ...] = ()
    cameras: int = 0
    """Enabled cameras."""
    udp_cameras: int = 0
    """Those of them that send RTP over UDP."""
    retention: float = 30.0
    """Days that the longest kept recordings are to be kept."""
    wanted: tuple[tuple[str, str], ...] = ()
    """(camera, volume) of the cameras that name the volume that they are recorded on."""
    plan: Plan | None = None
    """What the site uses of the ports; None where that is not known."""
    opened: frozenset[tuple[str, int]] | None = None
    """(row, number) of every TCP and UDP port that the running node holds; None where it was not asked."""
    pids: frozenset[int] = frozenset()
    """The node's processes."""
    collisions: tuple[Collision, ...] | None = None
    """Servers that were heard to use this server's media group; None where nobody listens."""
    lacking: Mapping[str, tuple[str, ...]] = {}
    """Changed built-in roles, with the actions of today's defaults that they may not do."""


def running(settings: Settings) -> bool:
    """Tell whether a process of this node runs now."""
    return any(item.state == "running" and psutil.pid_exists(item.pid) for item in read_processes(Places.of(settings).processes))


def facts_of(
    settings: Settings,
    state: StateStore,
    plan: Plan | None = None,
    ledger: Sequence[LedgerEntry] | None = None,
    collisions: Iterable[Collision] | None = None,
) -> Facts:
    """Return the facts of a site; `ledger` is what the running node holds, as its processes tell."""
    cameras = [camera for camera in entities(state, "camera", Camera) if camera.enabled]
    endpoints = [endpoint for endpoint in entities(state, "endpoint", Endpoint) if endpoint.enabled]
    named = [(ref("camera", camera.id), urlsplit(camera.url).hostname or "") for camera in cameras]
    nodes = [node for node in entities(state, "node", Node) if node.enabled]
    named += [(ref("node", node.id), node.address) for node in nodes]
    named += [(ref("endpoint", endpoint.id), str(endpoint.config.get("host", ""))) for endpoint in endpoints]
    named += [
        (ref("controller", controller.id), host_and_port(controller.address)[0])
        for controller in entities(state, "controller", Controller)
        if controller.enabled and controller.address
    ]
    up = running(settings)
    return Facts(
        settings=settings,
        running=up,
        peers=tuple(_peers(named)),
        cameras=len(cameras),
        udp_cameras=sum(camera.transport != "tcp" for camera in cameras),
        retention=max((camera.retention_days for camera in cameras if camera.record), default=settings.limits.recording_days),
        wanted=tuple((camera.id, camera.volume) for camera in cameras if camera.volume),
        plan=plan,
        opened=frozenset(_opened(ledger)) if up and ledger is not None else None,
        pids=frozenset(item.pid for item in read_processes(Places.of(settings).processes)) if up else frozenset(),
        collisions=tuple(collisions) if collisions is not None else None,
        lacking={role.id: actions for role in entities(state, "role", Role) if (actions := lacking(role)) and not outdated(role)},
    )


def _opened(ledger: Iterable[LedgerEntry]) -> Iterable[tuple[str, int]]:
    for entry in ledger:
        if entry.transport != "unix" and entry.direction != "out":
            yield entry.port, int(entry.local.rpartition(":")[2])


def _peers(named: Iterable[tuple[str, str]]) -> Iterable[Peer]:
    seen: set[str] = set()
    for reference, host in named:
        if host and host not in seen:
            seen.add(host)
            yield Peer(reference=reference, host=host)
