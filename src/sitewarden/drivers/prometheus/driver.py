"""The driver of remote write: it is given what the web process took, and notices when nothing comes any more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import PointRun, Samples
from sitewarden.domain.status import Status
from sitewarden.drivers.prometheus.config import EndpointConfig
from sitewarden.drivers.prometheus.manifest import MANIFEST
from sitewarden.drivers.prometheus.mapping import wanted
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Misconfigured, Unavailable
from sitewarden.kit.values import Take, taker

LOOK: Final = 1.0
"""Seconds between two looks at who has gone silent."""
WAITS: Final = "nothing has come yet; is there a remote_write to port 9090 with a token that may deliver to these points?"


class _Sender:
    """A device: when it was last heard, and which of its points have a value that can go stale."""

    def __init__(self, spec: DeviceSpec) -> None:
        self.spec = spec
        self.heard: float | None = None
        self.lost = False
        self.live: set[str] = set()


class PrometheusEndpoint:
    """One source. `run` only looks at the clock; samples come by `receive`."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._points: dict[str, tuple[_Sender, Take]] = {}
        self._senders = [_Sender(device) for device in spec.devices]
        for sender in self._senders:
            for point in sender.spec.points:
                try:
                    wanted(sender.spec.config, point.address, f"point:{point.id}")
                except Invalid as refusal:
                    raise Misconfigured(str(refusal)) from None
                self._points[point.id] = (sender, taker(point))
        self._ctx: Context | None = None

    async def run(self, ctx: Context) -> None:
        """Watch over what is heard until cancelled."""
        self._ctx = ctx
        try:
            ctx.status(Status(ref=self._spec.reference, state="online", since=ctx.clock.now()))
            for sender in self._senders:
                if sender.heard is None:
                    ctx.status(Status(ref=sender.spec.reference, state="pending", detail=WAITS, since=ctx.clock.now()))
            while True:
                self._look(ctx)
                await asyncio.sleep(LOOK)
        finally:
            self._ctx = None

    def receive(self, runs: Sequence[PointRun]) -> Samples:
        """Return what came for its points as samples to be stored; what is no value of a point's type is Bad."""
        ctx = self._ctx
        if ctx is None:
            raise Unavailable(f"{self._spec.name} is not running yet")
        now = ctx.clock.now()
        found = Samples([], [], [], [], [])
        for run in runs:
            known = self._points.get(run.point)
            if known is None or not run.times:
                continue
            sender, take = known
            self._heard(sender, ctx)
            values = [None if raw is None else take(raw) for raw in run.values]
            found.points.extend([run.point] * len(values))
            found.source_times.extend(run.times)
            found.values.extend(values)
            for raw, value in zip(run.values, values, strict=True):
                bad = Quality.BAD_NO_COMMUNICATION if raw is None else Quality.BAD_SENSOR_FAILURE
                found.qualities.append(int(Quality.GOOD if value is not None else bad))
            (sender.live.discard if values[-1] is None else sender.live.add)(run.point)
        found.server_times.extend([now] * len(found))
        return found

    async def execute(self, command: Command) -> Result:
        """Nothing can be written to who only sends."""
        raise Invalid(f"{command.name} is nothing that a series can do", where=command.entity, remedy="Command its source.")

    def _heard(self, sender: _Sender, ctx: Context) -> None:
        if sender.heard is None or sender.lost:
            sender.lost = False
            ctx.status(Status(ref=sender.spec.reference, state="online", since=ctx.clock.now()))
        sender.heard = ctx.clock.monotonic()

    def _look(self, ctx: Context) -> None:
        for sender in self._senders:
            if sender.lost or sender.heard is None or ctx.clock.monotonic() - sender.heard < self._config.bad_after:
                continue
            sender.lost = True
            said = f"nothing has come for {self._config.bad_after:g} s"
            ctx.status(Status(ref=sender.spec.reference, state="offline", detail=said, since=ctx.clock.now()))
            points, now = sorted(sender.live), ctx.clock.now()
            sender.live.clear()
            if points:
                times, bad = [now] * len(points), [int(Quality.BAD_NO_COMMUNICATION)] * len(points)
                ctx.samples(Samples(points, times, times, [None] * len(points), bad))


class PrometheusDriver:
    """Makes endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> PrometheusEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return PrometheusEndpoint(spec)


DRIVER: Final = PrometheusDriver()
