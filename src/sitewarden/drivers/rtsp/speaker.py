"""Speaking through a camera: a connection of its own while somebody speaks, so that the pictures' session is not touched."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Final, cast

from sitewarden.domain.errors import Refusal
from sitewarden.drivers.rtsp.config import CameraConfig
from sitewarden.kit.context import Context
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable, reaching
from sitewarden.wire.g711 import encode
from sitewarden.wire.rtp_sender import Sender
from sitewarden.wire.rtsp import Reader, RtspError, interleave
from sitewarden.wire.rtsp_backchannel import RATE, Backchannel
from sitewarden.wire.rtsp_client import AuthRefused, NotNow, StreamRefused
from sitewarden.wire.sdp import SdpError

log = logging.getLogger(__name__)

OPEN: Final = 4.0
"""Seconds that a camera has to open its loudspeaker."""
PACKET: Final = 160
"""Samples of a packet: 20 ms."""
AHEAD: Final = RATE
"""Samples that may wait; of more the oldest are left out, since late speech is worse than a gap."""
REST: Final = 0.06
"""Seconds after which less than a packet is sent as it is."""
SILENCE: Final = 3.0
"""Seconds without speech after which the loudspeaker is given back."""
MAX_UNSENT: Final = 64 * 1024
"""Bytes that the camera may leave unread before it counts as broken."""


class Speaker:
    """A camera's loudspeaker."""

    def __init__(self, config: CameraConfig) -> None:
        self._config = config
        self._line: Line | None = None
        self._opening = asyncio.Lock()

    async def say(self, ctx: Context, samples: bytes) -> None:
        """Queue speech (16 bits, little-endian, 8 kHz, one channel); opens the loudspeaker first. Raises a DriverError."""
        async with self._opening:
            if self._line is None or self._line.ended.done():
                self._line = await self._open(ctx)
        self._line.say(samples)

    def close(self) -> None:
        """Give the loudspeaker back."""
        if self._line is not None:
            self._line.end(Unavailable("the camera's session ended"))

    async def _open(self, ctx: Context) -> Line:
        config = self._config
        line = Line(Backchannel(config.url, config.username, config.password))
        tls = ssl.create_default_context() if config.secure else None
        row = "rtsps" if config.secure else "rtsp"
        name = config.host if tls else None
        try:
            with reaching(f"{config.host}:{config.number}"):
                await ctx.net.dial(row, lambda: line, config.host, config.number, tls=tls, server_hostname=name, timeout=OPEN)
        except Refusal as error:
            raise Misconfigured(str(error)) from error
        await asyncio.wait([line.playing, line.ended], timeout=OPEN, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
        if line.ended.done():
            raise line.ended.result()
        if not line.playing.done():
            line.end(Unavailable("the camera does not open its loudspeaker"))
            raise line.ended.result()
        return line


class Line(asyncio.Protocol):
    """One connection: `playing` is done once it may be spoken, `ended` holds what ended it."""

    def __init__(self, client: Backchannel) -> None:
        loop = asyncio.get_running_loop()
        self.playing: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[DriverError] = loop.create_future()
        self._client = client
        self._reader = Reader(lambda channel, data, start, end: None)
        self._transport: asyncio.Transport | None = None
        self._waiting = bytearray()
        self._news = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._client.start())

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._reader.feed(data):
                self._send(self._client.receive(message))
        except (AuthRefused, StreamRefused) as error:
            self.end(Misconfigured(str(error)))
        except NotNow as error:
            self.end(Unavailable(str(error)))
        except (RtspError, SdpError) as error:
            self.end(PeerViolation(f"the camera does not speak RTSP as it should: {error}"))
        if self._client.state == "playing" and not self.playing.done():
            self.playing.set_result(None)
            self._work = asyncio.create_task(self._speak(), name="talkback")

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(Unavailable("the camera closed the connection of its loudspeaker"))

    def say(self, samples: bytes) -> None:
        """Queue speech; what is too old by then is left out."""
        self._waiting += encode(samples, self._client.law)
        if len(self._waiting) > AHEAD:
            del self._waiting[: len(self._waiting) - AHEAD]
        self._news.set()

    def end(self, error: DriverError) -> None:
        """End it; a second call does nothing."""
        if self.ended.done():
            return
        self.ended.set_result(error)
        if self._work is not None and self._work is not asyncio.current_task():
            self._work.cancel()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._client.teardown())
            self._transport.close()

    def _send(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > MAX_UNSENT:
                self.end(Unavailable("the camera takes nothing any more"))

    async def _speak(self) -> None:
        """Send at the pace at which it is heard, until nothing is said any more."""
        loop = asyncio.get_running_loop()
        stream = self._client.stream
        sender = Sender(stream.media.payload_type, RATE)
        began = heard = kept = loop.time()
        time, due, fresh = 0, 0.0, True
        while True:
            now = loop.time()
            if now - kept > self._client.timeout / 2:
                kept = now
                self._send(self._client.keepalive())
            if len(self._waiting) < PACKET and not (self._waiting and now - heard > REST):
                fresh = fresh or not self._waiting
                if now - heard > SILENCE:
                    self.end(Unavailable("nobody speaks any more"))
                    return
                self._news.clear()
                try:
                    async with asyncio.timeout(REST):
                        await self._news.wait()
                        heard = loop.time()
                except TimeoutError:
                    continue
                continue
            payload = bytes(self._waiting[:PACKET])
            del self._waiting[:PACKET]
            if fresh:
                # A new talkspurt: its times go on with the clock, and the marker tells the camera (RFC 3551, 4.1).
                time, due = max(time, round((now - began) * RATE)), now
            self._send(interleave(stream.channels[0], sender.packet(payload, fresh, time)))
            fresh = False
            time += len(payload)
            due += len(payload) / RATE
            await asyncio.sleep(max(0.0, due - loop.time()))
