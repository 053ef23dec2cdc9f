"""One device as the driver sees it: what its messages mean, and whether it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.domain.points.model import Point
from sitewarden.drivers.tcp.config import AddressConfig, DeviceConfig
from sitewarden.drivers.tcp.mapping import Reading, readings, text_of
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.config import load
from sitewarden.kit.driver import DeviceSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.kit.freshness import Freshness, Group
from sitewarden.wire.expressions import Expression

if TYPE_CHECKING:
    from sitewarden.drivers.tcp.session import Session


class Station:
    """A device's readings, orders and health. It outlives its connections."""

    def __init__(self, spec: DeviceSpec, probe_every: float, bad_after: float) -> None:
        """Raise Misconfigured where the device or an address does not fit."""
        self.spec = spec
        self.config = load(DeviceConfig, spec.config, f"device:{spec.id}")
        self.points: dict[str, tuple[Point, AddressConfig]] = {}
        self.answers: dict[str, tuple[Expression | None, Expression | None]] = {}
        """Of each writable point: what confirms a write, and what refuses it."""
        for point in spec.points:
            address = load(AddressConfig, point.address, f"point:{point.id}.address")
            if point.writable and not address.write:
                raise Misconfigured(f"point:{point.id}.address.write: is missing; say what is sent, or make the point read-only")
            self.points[point.id] = (point, address)
            confirm, refused = (Expression(text) if text else None for text in (address.confirm, address.refused))
            self.answers[point.id] = (confirm, refused)
        try:
            made = readings(self.config, list(self.points.values()))
        except ValueError as error:
            raise Misconfigured(f"device:{spec.id}: {error}") from None
        self.readings: list[tuple[Reading, Group]] = [(reading, Group(reading.ids)) for reading in made]
        self.groups = [group for _, group in self.readings]
        self.place = {id_: (group, at) for group in self.groups for at, id_ in enumerate(group.ids)}
        """Where the last value of a point is kept."""
        self.poll = text_of(self.config.poll, {"device": self.config.says}, spec.reference) if self.config.poll else b""
        self.session: Session | None = None
        """The connection that it was last heard on."""
        self.online = False
        self.heard_at = 0.0
        """Loop time of its last message, or of the begin."""
        # Who sends by itself is missed only when it is silent, so that its last values are believed for as long before that.
        self.freshness = Freshness(bad_after + (0.0 if self.poll else self.config.silent_after))
        self.misses = 0
        """Polls in a row that were not answered."""
        self.backoff = Backoff(min(1.0, probe_every), probe_every)
