"""What is configured of an endpoint, ready for use: its points, where their values come from, what to subscribe to. No I/O."""

from __future__ import annotations

from sitewarden.domain.points.model import Point
from sitewarden.drivers.mqtt.config import AddressConfig, DeviceConfig
from sitewarden.drivers.mqtt.mapping import Routes, Source
from sitewarden.drivers.mqtt.presence import Presence
from sitewarden.drivers.mqtt.sparkplug import Bound, Host
from sitewarden.kit.config import load
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.kit.freshness import Heard
from sitewarden.kit.values import taker


class Site:
    """What is configured, ready for use."""

    def __init__(self, spec: EndpointSpec, freshness: Heard) -> None:
        self.spec = spec
        self.points: dict[str, tuple[Point, AddressConfig, DeviceConfig]] = {}
        devices = [(one, load(DeviceConfig, one.config, f"{one.reference}.config")) for one in spec.devices]
        sources: list[Source] = []
        nodes: list[tuple[str, DeviceConfig, list[Bound]]] = []
        taken: dict[tuple[str, str, str], str] = {}
        for device, config in devices:
            bounds: list[Bound] = []
            for point in device.points:
                address = self._address(point, device, config)
                self.points[point.id] = (point, address, config)
                if address.metric:
                    bounds.append(Bound(point.id, device.id, address, taker(point)))
                else:
                    sources.append(Source(point.id, device.id, config.full(address.topic), address, taker(point)))
            if config.node:
                other = taken.setdefault((config.group, config.node, config.device), device.id)
                if other != device.id:
                    raise Misconfigured(f"{device.reference}: {other} is that of Sparkplug already; give each its own")
                nodes.append((device.id, config, bounds))
        self.routes = Routes(sources)
        self.host = Host(nodes)
        self.presence = Presence(devices, freshness)
        self.filters = list(dict.fromkeys((*self.routes.filters(), *self.host.filters(), *self.presence.topics)))

    @staticmethod
    def _address(point: Point, device: DeviceSpec, config: DeviceConfig) -> AddressConfig:
        where = f"point:{point.id}.address"
        address = load(AddressConfig, point.address, where)
        if bool(address.metric) != bool(config.node):
            raise Misconfigured(
                f"{where}: {'a metric needs a device with group and node' if address.metric else 'Sparkplug needs metric'}"
            )
        for topic in (address.topic, address.write_topic):
            if topic.startswith("~") and not config.base:
                raise Misconfigured(f'{where}: "~" needs the base of {device.reference}')
        return address
