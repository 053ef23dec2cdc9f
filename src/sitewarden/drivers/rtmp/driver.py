"""The entry of the driver, and the life of one camera that is published to."""

from __future__ import annotations

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.events import Event
from sitewarden.domain.status import Status
from sitewarden.drivers.rtmp.config import CameraConfig, read
from sitewarden.drivers.rtmp.connection import Connection
from sitewarden.drivers.rtmp.door import Door, Place
from sitewarden.drivers.rtmp.manifest import MANIFEST
from sitewarden.drivers.rtmp.stream import Stream
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse
from sitewarden.net import Network

FIRST_WAIT: Final = 20.0
"""Seconds that a camera is pending after its start: an encoder dials again after a few."""
FIRST_PICTURE: Final = 30.0
"""Seconds from the publication to the first picture that decodes."""
CHECK: Final = 0.5
"""Seconds between two looks at the stream."""
STATUS_EVERY: Final = 2.0
TOLD_EVERY: Final = 60.0
"""Seconds between two events that tell of refused encoders."""
REFUSED: Final = "camera.publish-refused"
NOBODY: Final = "no encoder publishes to it"


class CameraEndpoint:
    """One camera; `run` ends only by being cancelled, or where the port cannot be had."""

    def __init__(self, spec: EndpointSpec, config: CameraConfig, doors: WeakKeyDictionary[Network, Door]) -> None:
        self._camera, self._name, self._reference = spec.id, spec.name, spec.reference
        self._config = config
        self._doors = doors
        self._told_at: float | None = None
        self._count = 0

    async def execute(self, command: Command) -> Result:
        """A publisher takes no commands."""
        return Result(ok=False, code="not-found", what=f"a camera does not know {command.name}", remedy="Use its ONVIF driver.")

    async def run(self, ctx: Context) -> None:
        """Let encoders publish, one at a time, and feed `ctx.media`."""
        if ctx.media is None:
            raise LocalMisuse("the rtmp driver needs a media sink in its context")
        media, config = ctx.media, self._config
        door = self._doors.get(ctx.net)
        if door is None:
            door = self._doors[ctx.net] = Door(ctx.net, ctx.clock)
        place = Place(self._camera, config.key, lambda: Stream(self._camera, media, ctx.clock, audio=config.audio))
        try:
            await door.enter(ctx, place)
            self._say(ctx, "pending", "waits for an encoder to publish")
            until = ctx.clock.monotonic() + FIRST_WAIT
            reason = NOBODY
            while True:
                connection = await self._publisher(ctx, place, until, reason)
                reason = await self._watch(ctx, place, connection)
                until = 0.0
        finally:
            await door.leave(place, "the camera is not enabled any more")

    async def _publisher(self, ctx: Context, place: Place, until: float, reason: str) -> Connection:
        """Return who publishes, once somebody does; tell meanwhile why nobody does."""
        while True:
            place.news.clear()
            found = place.publisher
            if found is not None and not found.ended.done():
                return found
            await self._tell(ctx, place)
            refused = f"; the last one, at {place.refused[0]}, gave {place.refused[1]}" if place.refused is not None else ""
            left = until - ctx.clock.monotonic()
            if left <= 0:
                self._say(ctx, "offline", reason + refused)
            try:
                async with asyncio.timeout(left if left > 0 else None):
                    await place.news.wait()
            except TimeoutError:
                continue

    async def _watch(self, ctx: Context, place: Place, connection: Connection) -> str:
        """Look after a publisher until it ends; return why."""
        stream, clock, limit = connection.stream, ctx.clock, self._config.stall_seconds
        assert stream is not None, "whoever publishes has a stream"
        since, began = clock.now(), clock.monotonic()
        moved_at = told_at = began
        pictures, counted, told = 0, (0, 0), False
        transport = "rtmps" if connection.secure else "rtmp"
        while True:
            done, _ = await asyncio.wait({connection.ended}, timeout=CHECK)
            if done:
                return connection.ended.result()
            now = clock.monotonic()
            if stream.pictures != pictures:
                pictures, moved_at = stream.pictures, now
            elif now - moved_at >= (limit - CHECK if stream.units else FIRST_PICTURE):
                connection.end(f"the encoder sent no picture for {limit if stream.units else FIRST_PICTURE:g} s")
                continue
            if stream.unspoken:
                connection.end(f"the encoder sends {stream.unspoken}; set it to H.264 or H.265")
                continue
            if not stream.units and now - began > FIRST_PICTURE:
                connection.end(f"no picture that decodes came within {FIRST_PICTURE:g} s")
                continue
            await self._tell(ctx, place)
            if stream.units and (not told or now - told_at >= STATUS_EVERY):
                passed = max(now - told_at, 1e-3)
                rate, fps = (stream.bytes - counted[0]) / passed, (stream.units - counted[1]) / passed
                data = stream.figures(rate, fps, transport)
                detail = f"from {connection.address}" + (f" ({connection.encoder})" if connection.encoder else "")
                ctx.status(Status(ref=self._reference, state="online", detail=detail, since=since, data=data))
                told_at, counted, told = now, (stream.bytes, stream.units), True

    def _say(self, ctx: Context, state: str, detail: str) -> None:
        ctx.status(Status(ref=self._reference, state=state, detail=detail, since=ctx.clock.now()))

    async def _tell(self, ctx: Context, place: Place) -> None:
        """Write an event of an encoder that was refused, one a minute at most."""
        now = ctx.clock.monotonic()
        if place.refused is None or place.told == place.refused:
            return
        if self._told_at is not None and now - self._told_at < TOLD_EVERY:
            return
        self._told_at, place.told = now, place.refused
        self._count += 1
        address, why = place.refused
        data = {"name": self._name, "remote": address, "detail": why}
        event = Event(
            key=f"publish-refused/{self._reference}/{ctx.clock.now()}/{self._count}",
            type=REFUSED,
            entity=self._reference,
            time=ctx.clock.now(),
            severity=severity(REFUSED),
            text=describe(REFUSED, data),
            data=data,
        )
        await ctx.emit([event])


class RtmpDriver:
    """Makes endpoints of cameras; those of one process share their port."""

    manifest = MANIFEST

    def __init__(self) -> None:
        self._doors: WeakKeyDictionary[Network, Door] = WeakKeyDictionary()

    def endpoint(self, spec: EndpointSpec) -> CameraEndpoint:
        """Check the camera's settings; the endpoint's id is the camera's."""
        return CameraEndpoint(spec, read(spec.config, spec.reference), self._doors)


DRIVER: Final = RtmpDriver()
