"""State becomes what the site needs of the port manifest: the enabled cameras, endpoints and controllers, and the networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from sitewarden.app.endpoints import READER, camera_endpoints, entities, host_and_port, point_endpoints
from sitewarden.domain.access.model import Controller
from sitewarden.domain.entity import KEPT
from sitewarden.domain.errors import Refusal
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.domain.network.node import PORTS, Node
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.points.remote_write import RemoteWrite
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera
from sitewarden.drivers import registry
from sitewarden.net.exports import Plan
from sitewarden.store.interfaces import Change, StateStore
from sitewarden.wire.httpplace import read_place

KINDS: Final = frozenset({"camera", "endpoint", "device", "controller", "network", "remote-write"})
"""Kinds of entity that the plan is made of; points, doors and people change often, and it stays."""


def plan(state: StateStore) -> Plan:
    """Return what is enabled now, with its peers. What its driver refuses opens no port and is left out."""
    cameras = [
        made
        for camera in entities(state, "camera", Camera)
        if camera.enabled
        for made in camera_endpoints(camera, lambda secret, where: "")
    ]
    uses = [
        use
        for item in (*cameras, *point_endpoints(state, lambda secret, where: KEPT))
        for use in _of_endpoint(item.driver, item.spec.config, item.spec.subject or item.spec.reference)
    ]
    uses += controllers(entities(state, "controller", Controller))
    uses += targets(entities(state, "remote-write", RemoteWrite))
    uses += nodes(entities(state, "node", Node))
    return Plan(uses=tuple(uses), networks=tuple(entities(state, "network", NamedNetwork)))


class Uses:
    """What the site uses now, made anew after a change; kept as a file, so that the preflight of the next start knows it.

    The start of a node opens no store: its parent process holds no data, and reading the state costs it a second.
    """

    def __init__(self, state: StateStore, path: Path) -> None:
        self._state, self._path = state, path
        self._plan: Plan | None = None
        self._kept: Plan | None = None
        state.watch(self._changed)

    def now(self) -> Plan:
        """Return the plan of the state as it is."""
        if self._plan is None:
            self._plan = plan(self._state)
        return self._plan

    def keep(self) -> None:
        """Write it down for the next start, where it is not written down yet."""
        if self._kept is self.now():
            return
        self._kept = self.now()
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(self.now()))
        draft.replace(self._path)

    def _changed(self, changes: Sequence[Change]) -> None:
        if any(change.kind in KINDS for change in changes):
            self._plan = None


def kept(path: Path) -> Plan | None:
    """Return what was kept; None for a node that was never started, or where the file is of another version."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Plan)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None


def controllers(every: Iterable[Controller]) -> Iterator[PortUse]:
    """Yield what the enabled controllers need: 1480 in server mode, their own port in direct mode, 51110 in either."""
    for controller in every:
        if not controller.enabled:
            continue
        by, (host, number) = ref("controller", controller.id), host_and_port(controller.address)
        if controller.driver == "uhppote":
            # A board whose address is not set is searched for on every local network.
            yield PortUse(row="uhppote", way="out", host=host, number=number, by=by)
            yield PortUse(row="uhppote-event", way="in", host=host, by=by)
            continue
        if controller.mode == "server":
            yield PortUse(row="device-server", way="in", host=host, by=by)
        else:
            family = "device-direct-reader" if number == READER else "device-direct-station"
            yield PortUse(row=family, way="out", host=host, number=number, by=by)
        yield PortUse(row="device-udp", way="in", host=host, by=by)
        yield PortUse(row="device-udp", way="out", host=host, by=by)


def targets(every: Iterable[RemoteWrite]) -> Iterator[PortUse]:
    """Yield where samples are sent."""
    for target in every:
        if target.enabled:
            place = read_place(target.url)
            yield PortUse(row="remote-write", way="out", host=place.host, number=place.port, by=ref("remote-write", target.id))


def nodes(every: Iterable[Node]) -> Iterator[PortUse]:
    """Yield what watching the registered nodes needs, and what finding others on their default ports does."""
    for node in every:
        if node.enabled:
            yield PortUse(row="node-check", way="out", host=node.address, number=node.port, by=ref("node", node.id))
    for number in PORTS.values():
        yield PortUse(row="node-check", way="out", number=number)


def _of_endpoint(driver: str, config: dict[str, object], by: str) -> list[PortUse]:
    try:
        return [replace(use, by=by) for use in registry.uses(driver, config)]
    except Refusal:
        return []
