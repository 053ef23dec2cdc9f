"""The one table of drivers. A manifest loads with no protocol library installed; a driver is imported at its first use."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Literal, Protocol, cast, runtime_checkable

from msgspec import Struct

from sitewarden.domain.access.limits import Limit
from sitewarden.domain.access.snapshot import Snapshot
from sitewarden.domain.errors import NotFound
from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config, check
from sitewarden.kit.driver import Driver, Manifest

WAYS: Final[tuple[Literal["in", "out"], ...]] = ("in", "out")


@runtime_checkable
class UsesPorts(Protocol):
    """A driver's model of an endpoint that tells which ports it needs."""

    def uses(self) -> tuple[PortUse, ...]: ...


Level = Literal["endpoint", "device", "address"]

DRIVERS: Final[dict[str, str]] = {
    "modbus": "sitewarden.drivers.modbus",
    "modbus-server": "sitewarden.drivers.modbus.server",
    "bacnet": "sitewarden.drivers.bacnet",
    "bacnet-server": "sitewarden.drivers.bacnet.server",
    "prometheus": "sitewarden.drivers.prometheus",
    "mqtt": "sitewarden.drivers.mqtt",
    "opcua": "sitewarden.drivers.opcua",
    "opcua-server": "sitewarden.drivers.opcua.server",
    "snmp": "sitewarden.drivers.snmp",
    "tcp": "sitewarden.drivers.tcp",
    "http": "sitewarden.drivers.http",
    "virtual": "sitewarden.drivers.virtual",
    "rtsp": "sitewarden.drivers.rtsp",
    "mjpeg": "sitewarden.drivers.mjpeg",
    "rtmp": "sitewarden.drivers.rtmp",
    "libav": "sitewarden.drivers.libav",
    "link": "sitewarden.drivers.link",
    "uhppote": "sitewarden.drivers.uhppote",
    "onvif": "sitewarden.drivers.onvif",
}
"""Name to package. A package has `manifest.MANIFEST`, `config.CONFIG` (level to model) and `driver.DRIVER`."""


def manifest(name: str) -> Manifest:
    """Return what a driver is; raise NotFound with the known names."""
    return cast(Manifest, _module(name, "manifest").MANIFEST)


def load(name: str) -> Driver:
    """Return the driver, importing it and its protocol library."""
    return cast(Driver, _module(name, "driver").DRIVER)


def models(name: str) -> dict[str, type[Struct]]:
    """Return a driver's configuration models by level."""
    return cast("dict[str, type[Struct]]", _module(name, "config").CONFIG)


def validate_config(name: str, level: Level, config: dict[str, Any], where: str = "") -> Struct:
    """Return `config` typed by the driver; raise Invalid or NotFound with the field and what to do.

    `level` is "endpoint", "device" or "address" (of a point); `where` names the entity in the refusal.
    """
    return check(models(name).get(level, Config), config, where)


def uses(name: str, config: dict[str, Any]) -> tuple[PortUse, ...]:
    """Return what an endpoint with this configuration needs of the port manifest; raise Invalid where it does not fit.

    The endpoint's model tells it by `uses()`; without that, it is every row of the driver's manifest, both ways, with any peer.
    """
    typed = validate_config(name, "endpoint", config)
    if isinstance(typed, UsesPorts):
        return typed.uses()
    return tuple(PortUse(row=row, way=way) for row in manifest(name).ports for way in WAYS)


def limits(name: str, snapshot: Snapshot, controller: str, config: dict[str, Any], now: int) -> tuple[Limit, ...]:
    """Return what a controller of this driver cannot keep of the rules; raise Invalid where its configuration does not fit.

    A driver tells it by `table.limits_of`; one without that module keeps all that the rules say.
    """
    package = DRIVERS.get(name, "")
    if not package or find_spec(f"{package}.table") is None:
        return ()
    typed = validate_config(name, "device", config, f"controller:{controller}.config")
    return cast("tuple[Limit, ...]", _module(name, "table").limits_of(snapshot, controller, typed, now))


def _module(name: str, part: str) -> Any:
    package = DRIVERS.get(name)
    if package is None:
        raise NotFound(f'there is no driver "{name}"', where="driver", remedy=f"Known drivers: {', '.join(sorted(DRIVERS))}.")
    return import_module(f"{package}.{part}")
