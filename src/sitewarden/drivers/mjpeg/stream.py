"""One connection to a camera: what it sends taken apart, and pictures handed to the media room. The connection's protocol."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from sitewarden.domain.clock import Clock
from sitewarden.kit.context import MediaSink
from sitewarden.kit.errors import DriverError, PeerViolation, Unavailable
from sitewarden.wire.formats import JPEG_CODEC, VideoFormat
from sitewarden.wire.jpeg import JpegError
from sitewarden.wire.jpeg_read import size_of
from sitewarden.wire.mjpeg_http import HttpError, Reader, Refused

TICKS: Final = 90000
"""Of the pictures' clock in a second."""


class Stream(asyncio.Protocol):
    """`ended` holds what ended it: a Refused is the camera's answer, all else a DriverError."""

    def __init__(self, camera: str, media: MediaSink, clock: Clock, request: bytes) -> None:
        self._camera = camera
        self._media = media
        self._clock = clock
        self._request = request
        self._reader = Reader()
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[DriverError | Refused] = asyncio.get_running_loop().create_future()
        self.size = (0, 0)
        self.units = 0
        self.bytes = 0
        self.broken = 0
        """Parts that are no picture."""
        self._last = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        try:
            for picture in self._reader.feed(data):
                self._take(picture)
        except Refused as refusal:
            self._end(refusal)
        except HttpError as error:
            self._end(PeerViolation(str(error)))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Unavailable(f"the camera closed the connection ({exc})" if exc else "the camera closed the connection"))

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _end(self, error: DriverError | Refused) -> None:
        if not self.ended.done():
            self.ended.set_result(error)
        self.close()

    def _take(self, picture: bytes) -> None:
        try:
            size = size_of(picture)
        except JpegError:
            self.broken += 1
            return
        if size != self.size:
            if not self.units:
                self._media.audio_track(self._camera, None)
            self.size = size
            self._media.video_track(self._camera, VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=size[0], height=size[1]))
        self.units += 1
        self._last = max(self._last + 1, round(self._clock.monotonic() * TICKS))
        self._media.access_unit(self._camera, [picture], self._last, self._clock.now(), True)
