"""State becomes what the site needs of the port manifest: the enabled cameras, endpoints and controllers, and the networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from sitewarden.app.endpoints import READER, camera_endpoint, entities, host_and_port, point_endpoints
from sitewarden.domain.access.model import Controller
from sitewarden.domain.errors import Refusal
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera
from sitewarden.drivers import registry
from sitewarden.net.exports import Plan
from sitewarden.store.interfaces import StateStore


def plan(state: StateStore) -> Plan:
    """Return what is enabled now, with its peers. What its driver refuses opens no port and is left out."""
    cameras = [
        camera_endpoint(camera, lambda secret, where: "") for camera in entities(state, "camera", Camera) if camera.enabled
    ]
    uses = [
        use
        for item in (*cameras, *point_endpoints(state))
        for use in _of_endpoint(item.driver, item.spec.config, item.spec.reference)
    ]
    uses += controllers(entities(state, "controller", Controller))
    return Plan(uses=tuple(uses), networks=tuple(entities(state, "network", NamedNetwork)))


def controllers(every: Iterable[Controller]) -> Iterator[PortUse]:
    """Yield what the enabled controllers need: 1480 in server mode, their own port in direct mode, 51110 in either."""
    for controller in every:
        if not controller.enabled:
            continue
        by, (host, number) = ref("controller", controller.id), host_and_port(controller.address)
        if controller.mode == "server":
            yield PortUse(row="device-server", way="in", host=host, by=by)
        else:
            family = "device-direct-reader" if number == READER else "device-direct-station"
            yield PortUse(row=family, way="out", host=host, number=number, by=by)
        yield PortUse(row="device-udp", way="in", host=host, by=by)
        yield PortUse(row="device-udp", way="out", host=host, by=by)


def _of_endpoint(driver: str, config: dict[str, object], by: str) -> list[PortUse]:
    try:
        return [replace(use, by=by) for use in registry.uses(driver, config)]
    except Refusal:
        return []
