"""A site with a thing of each kind, as the exports see it."""

from __future__ import annotations

from sitewarden.config import Settings
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.domain.network.use import PortUse
from sitewarden.net.exports import Plan

SERVER = Settings(http_api_plain_networks=("10.8.0.0/24",))

NETWORKS = (
    NamedNetwork(id="cams", name="Cameras", role="camera", cidrs=("10.1.0.0/16", "2001:db8:1::/64")),
    NamedNetwork(id="doors", name="Doors", role="controller", cidrs=("10.2.0.0/24",)),
    NamedNetwork(id="plant", name="Plant", role="machine", cidrs=("10.3.0.0/24",)),
    NamedNetwork(id="desks", name="Desks", role="office", cidrs=("10.9.0.0/24", "10.9.2.0/24", "10.9.1.0/24")),
    NamedNetwork(id="hosts", name="Hosts", role="server", cidrs=("10.0.0.0/24",)),
)

USES = (
    PortUse(row="rtsp", way="out", host="10.1.0.5", number=554, by="camera:lobby"),
    PortUse(row="media-input", way="in", host="10.1.0.5", by="camera:lobby"),
    PortUse(row="rtsp", way="out", host="yard.example.org", number=554, by="camera:yard"),
    PortUse(row="rtsps", way="out", host="2001:db8:1::9", number=7000, by="camera:roof"),
    PortUse(row="modbus", way="out", host="10.3.0.9", number=1502, by="endpoint:boiler"),
    PortUse(row="modbus", way="out", host="127.0.0.1", number=5020, by="endpoint:simulated"),
    PortUse(row="device-server", way="in", by="controller:front"),
    PortUse(row="device-udp", way="in", by="controller:front"),
    PortUse(row="device-udp", way="out", by="controller:front"),
)

NAMED = Plan(uses=USES, networks=NETWORKS)
UNNAMED = Plan(uses=USES)
EMPTY = Plan()

WRITTEN = frozenset(
    {"server", "http-api", "web", "media-input", "rtsp", "rtsps", "modbus", "ws-discovery", "dns"}
    | {"device-direct-station", "device-direct-reader", "device-server", "device-udp"}
)
"""Rows that the golden files show."""
