"""Driver, endpoint, device: the shape that every protocol takes here.

A driver has endpoints (one per port, bus or connection; each supervised) and devices attached to them. `run` of an
endpoint returns or raises; `kit.supervise` alone retries, backs off and reports health.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from msgspec import Struct

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import PointRun, Samples
from sitewarden.kit.context import Context


class Manifest(Struct, frozen=True, kw_only=True):
    """What a driver is. Its module loads with no protocol library installed."""

    name: str
    title: str
    role: Literal["core", "media", "iot"]
    """The process that runs it."""
    ports: tuple[str, ...]
    """Rows of the port manifest that it may use; none where others send to a face of the server, and it is given what came."""
    commands: tuple[str, ...] = ()
    """Names of commands that its devices execute."""
    priorities: bool = False
    """Its point.write takes a priority from 1 to 16 (1 goes first), and null gives one back, as BACnet does."""
    devices: bool = True
    """False where the endpoint is itself the device (a camera). True: an endpoint with no device is not started."""


class DeviceSpec(Struct, frozen=True, kw_only=True):
    """A device of an endpoint, with its points where the driver reads points."""

    id: str
    name: str
    config: dict[str, Any] = {}
    points: tuple[Point, ...] = ()
    ref: str = ""
    """Reference of the entity that it stands for, such as "controller:front"; empty means "device:<id>"."""
    entities: tuple[str, ...] = ()
    """References of further entities whose commands it executes ("door:main"); its points need not be listed."""

    @property
    def reference(self) -> str:
        """The entity whose health this device's is."""
        return self.ref or f"device:{self.id}"


class EndpointSpec(Struct, frozen=True, kw_only=True):
    """One endpoint with its devices and their points, as configured; the driver types `config` and `address` itself."""

    id: str
    name: str
    config: dict[str, Any] = {}
    devices: tuple[DeviceSpec, ...] = ()
    ref: str = ""
    """Reference of the entity that it stands for, such as "camera:lobby"; empty means "endpoint:<id>"."""
    subject: str = ""
    """Entity that events of its health are written for, where it is one side of it ("camera-control:lobby" of a camera)."""

    @property
    def reference(self) -> str:
        """The entity whose health this endpoint's is; unique in a process."""
        return self.ref or f"endpoint:{self.id}"

    def owned(self) -> Iterator[str]:
        """Yield the references of all entities whose commands this endpoint executes."""
        yield self.reference
        for device in self.devices:
            yield device.reference
            yield from device.entities
            for point in device.points:
                yield f"point:{point.id}"


class Endpoint(Protocol):
    """A running endpoint."""

    async def run(self, ctx: Context) -> None:
        """Serve until cancelled; return or raise a DriverError when the connection ends."""
        ...

    async def execute(self, command: Command) -> Result:
        """Carry out a command for one of its devices."""
        ...


@runtime_checkable
class Reconfigurable(Protocol):
    """An endpoint that can take changed devices without losing its connections."""

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take the new spec and return True, or return False to be restarted with it."""
        ...


@runtime_checkable
class Ageing(Protocol):
    """An endpoint with something that grows old while it is not running, such as last known values."""

    def age(self, ctx: Context) -> float | None:
        """Do what is due, and return the seconds until the next is; None when nothing is left."""
        ...


@runtime_checkable
class Receiving(Protocol):
    """An endpoint that others send to by a face of the server (9090), which hands on what came."""

    def receive(self, runs: Sequence[PointRun]) -> Samples:
        """Return the samples that are to be stored; runs of points that are not its own are left out. Raises DriverError."""
        ...


class Driver(Protocol):
    """The entry of a driver's folder: `driver.py` exposes `DRIVER`."""

    manifest: Manifest

    def endpoint(self, spec: EndpointSpec) -> Endpoint:
        """Check the configuration and make the endpoint; raise Misconfigured with what, where and what to do."""
        ...


__all__ = ["Ageing", "DeviceSpec", "Driver", "Endpoint", "EndpointSpec", "Manifest", "Receiving", "Reconfigurable"]
