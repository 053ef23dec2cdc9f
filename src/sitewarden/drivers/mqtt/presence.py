"""Which devices behind a broker are there: by what they say, by their last will, by their silence. Tells a change once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sitewarden.domain.status import Status
from sitewarden.drivers.mqtt.config import DeviceConfig
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec
from sitewarden.kit.freshness import Heard

SILENT: Final = "silent"
ABSENT: Final = "absent"


class Presence:
    """The devices of one endpoint, over one connection."""

    def __init__(self, devices: Iterable[tuple[DeviceSpec, DeviceConfig]], freshness: Heard) -> None:
        self._devices = {spec.id: (spec, config) for spec, config in devices}
        self._freshness = freshness
        self._heard: dict[str, float] = {}
        self._away: dict[str, str] = {}
        """Devices that are not there, and how that was found out."""
        self._told: dict[str, tuple[str, str]] = {}
        self.topics: dict[str, list[tuple[str, bytes, bytes]]] = {}
        """Availability topic to (device, payload that it is there, payload that it is not)."""
        for spec, config in self._devices.values():
            if config.availability_topic:
                told = (spec.id, config.available.encode(), config.not_available.encode())
                self.topics.setdefault(config.full(config.availability_topic), []).append(told)

    def begin(self, ctx: Context) -> None:
        """A connection stands, and nothing is known yet."""
        monotonic = ctx.clock.monotonic()
        self._away.clear()
        self._told.clear()
        for id_, (_, config) in self._devices.items():
            self._heard[id_] = monotonic
            waits = "has not said whether it is there" if config.availability_topic else "has said nothing yet"
            self._tell(ctx, id_, "pending", waits)

    def heard(self, ctx: Context, devices: Iterable[str]) -> None:
        """Values came of these."""
        monotonic = ctx.clock.monotonic()
        for id_ in devices:
            if id_ not in self._devices:
                continue
            self._heard[id_] = monotonic
            if self._away.get(id_) != ABSENT:
                self._away.pop(id_, None)
                self._tell(ctx, id_, "online", "")

    def available(self, ctx: Context, topic: str, payload: bytes) -> None:
        """An availability topic said something."""
        for id_, there, gone in self.topics.get(topic, ()):
            if payload == there:
                self.appeared(ctx, id_)
            elif payload == gone:
                self.vanished(ctx, id_, "it is not there, its availability topic says")

    def appeared(self, ctx: Context, id_: str) -> None:
        """A device is there."""
        self._away.pop(id_, None)
        self._heard[id_] = ctx.clock.monotonic()
        self._tell(ctx, id_, "online", "")

    def vanished(self, ctx: Context, id_: str, why: str, how: str = ABSENT) -> None:
        """A device is gone, with its points."""
        if id_ not in self._devices:
            return
        self._away[id_] = how
        self._freshness.lost((point.id for point in self._devices[id_][0].points), ctx.clock, ctx.samples)
        self._tell(ctx, id_, "offline", why)

    def look(self, ctx: Context) -> None:
        """Find out who has been silent for too long."""
        monotonic = ctx.clock.monotonic()
        for id_, (_, config) in self._devices.items():
            limit = config.silent_after
            if limit and id_ not in self._away and monotonic - self._heard[id_] > limit:
                self.vanished(ctx, id_, f"it has said nothing for {limit:g} s", SILENT)

    def _tell(self, ctx: Context, id_: str, state: str, detail: str) -> None:
        if id_ in self._devices and self._told.get(id_) != (state, detail):
            self._told[id_] = (state, detail)
            ctx.status(Status(ref=self._devices[id_][0].reference, state=state, detail=detail, since=ctx.clock.now()))
