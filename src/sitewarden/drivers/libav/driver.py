"""The entry of the driver, and the life of one child."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sitewarden.codec.demux_messages import PLAYED, Ended, Source
from sitewarden.codec.demuxing import Demuxing
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import NotFound, Refusal
from sitewarden.domain.status import Status
from sitewarden.drivers.libav.config import PROTOCOLS, CameraConfig, read
from sitewarden.drivers.libav.manifest import MANIFEST
from sitewarden.drivers.libav.stream import Stream
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import DriverError, LocalMisuse, Misconfigured, Unavailable
from sitewarden.kit.footage import opened

FIRST_PICTURE: Final = 40.0
"""Seconds from the start of the child to the first picture that decodes: FFmpeg looks into a stream for some before it tells."""
CHECK: Final = 0.5
"""Seconds between two looks at the stream."""
STATUS_EVERY: Final = 2.0


class CameraEndpoint:
    """One stream; `run` returns only by raising or being cancelled."""

    def __init__(self, camera: str, reference: str, config: CameraConfig) -> None:
        self._camera = camera
        self._reference = reference
        self._config = config
        self._worked = False

    async def execute(self, command: Command) -> Result:
        """A stream takes no commands."""
        return Result(ok=False, code="not-found", what=f"a camera does not know {command.name}", remedy="Use its ONVIF driver.")

    async def run(self, ctx: Context) -> None:
        """Start a child that fetches the stream, and feed `ctx.media` until it ends."""
        if ctx.media is None:
            raise LocalMisuse("the libav driver needs a media sink in its context")
        if self._config.file:
            descriptor = await _descriptor(ctx.files, self._config.file)
            try:
                await self._play(ctx, Source(file=descriptor, again=self._config.repeat, audio=self._config.audio))
            finally:
                os.close(descriptor)
        else:
            with self._declared(ctx) as source:
                await self._play(ctx, source)

    @contextmanager
    def _declared(self, ctx: Context) -> Iterator[Source]:
        config = self._config
        # The child connects by itself: its peer is declared, and held to the whitelist of protocols alone.
        declared = ctx.net.declare("camera-stream", config.host, config.number)
        try:
            yield Source(url=config.whole, protocols=PROTOCOLS[config.scheme], audio=config.audio)
        finally:
            declared.close()

    async def _play(self, ctx: Context, source: Source) -> None:
        assert ctx.media is not None
        stream = Stream(self._camera, ctx.media, ctx.clock, audio=self._config.audio)
        reason = "the stream was closed"
        try:
            try:
                demuxing = Demuxing(source)
            except Refusal as refusal:
                raise Misconfigured(str(refusal)) from refusal
            async with demuxing as child:
                await self._watch(ctx, child, stream)
            reason = PLAYED
        except DriverError as error:
            reason = str(error)
            raise
        finally:
            stream.end(reason)
        ctx.status(Status(ref=self._reference, state="offline", detail=PLAYED, since=ctx.clock.now()))
        # It is over until somebody changes the camera: to return would be to be started again.
        await asyncio.Event().wait()

    async def _watch(self, ctx: Context, child: Demuxing, stream: Stream) -> None:
        clock, limit = ctx.clock, self._config.stall_seconds
        since, began = clock.now(), clock.monotonic()
        moved_at = told_at = began
        pictures, counted, told = 0, (0, 0), False
        pump = asyncio.ensure_future(_pump(child, stream))
        try:
            while True:
                done, _ = await asyncio.wait({pump}, timeout=CHECK)
                if done:
                    if pump.result().why == PLAYED and self._config.file:
                        return
                    raise self._meaning(pump.result())
                now = clock.monotonic()
                if stream.pictures != pictures:
                    pictures, moved_at = stream.pictures, now
                elif now - moved_at >= (limit - CHECK if stream.units else FIRST_PICTURE):
                    raise Unavailable(f"no picture came for {limit if stream.units else FIRST_PICTURE:g} s")
                if stream.units and (not told or now - told_at >= STATUS_EVERY):
                    self._worked = True
                    passed = max(now - told_at, 1e-3)
                    rate, fps = (stream.bytes - counted[0]) / passed, (stream.units - counted[1]) / passed
                    data = stream.figures(rate, fps, stream.form or self._config.scheme)
                    ctx.status(Status(ref=self._reference, state="online", since=since, data=data))
                    told_at, counted, told = now, (stream.bytes, stream.units), True
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def _meaning(self, end: Ended) -> DriverError:
        # These settings have worked: a source that starts may refuse everyone for a while.
        return Misconfigured(end.why) if end.wrong and not self._worked else Unavailable(end.why)


async def _descriptor(folder: str, name: str) -> int:
    # A disk that hangs is waited for on a thread; whoever is cancelled meanwhile leaves no descriptor behind.
    opening = asyncio.ensure_future(asyncio.to_thread(_opened, folder, name))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(lambda done: None if done.cancelled() or done.exception() else os.close(done.result()))
        raise


def _opened(folder: str, name: str) -> int:
    try:
        return opened(folder, name)
    except NotFound as refusal:
        raise Unavailable(str(refusal)) from None
    except Refusal as refusal:
        raise Misconfigured(str(refusal)) from None


async def _pump(child: Demuxing, stream: Stream) -> Ended:
    while True:
        told = await child.next()
        if isinstance(told, Ended):
            return told
        stream.take(told)
        # A pipe that is full would keep the loop from everything else.
        await asyncio.sleep(0)


class LibavDriver:
    """Makes endpoints of streams."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> CameraEndpoint:
        """Check the camera's settings; the endpoint's id is the camera's."""
        return CameraEndpoint(spec.id, spec.reference, read(spec.config, spec.reference))


DRIVER: Final = LibavDriver()
