"""Fetches what a camera recorded itself: one RTSP replay session (ONVIF Streaming Specification, clause 6), over TCP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from typing import Final, cast

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Refusal
from sitewarden.drivers.rtsp.config import CameraConfig
from sitewarden.kit.context import MediaSink
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable, reaching
from sitewarden.net import Network
from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.rtp import Goodbye, Receiver, RtpError, parse_rtcp
from sitewarden.wire.rtp_formats import audio_depacketiser, video_depacketiser
from sitewarden.wire.rtsp import Reader, RtspError
from sitewarden.wire.rtsp_client import AuthRefused, NotNow, StreamRefused
from sitewarden.wire.rtsp_replay import ReplayClient, read_stamp
from sitewarden.wire.sdp import SdpError

HANDSHAKE: Final = 10.0
"""Seconds from the connection to PLAY, and from PLAY to the first packet: a card is slow to find its place."""
FIRST: Final = 20.0
QUIET: Final = 3.0
"""Seconds without a packet after which the camera is asked whether it is there."""
GONE: Final = 8.0
"""Seconds without a packet or an answer after which it counts as lost."""
CHECK: Final = 0.25
MOST_STAMPS: Final = 64
"""Times of pictures that are not whole yet."""
AUDIO_APART: Final = 4
"""Seconds by which sound without a time of its own may follow the last picture and still be placed beside it."""

Pace = Callable[[int], float]
"""Told of so many octets; returns for how many seconds nothing more shall be read."""


class ReplaySession(asyncio.Protocol):
    """The protocol of the connection. `ended` holds None when all was sent, and what went wrong otherwise."""

    def __init__(self, channel: str, config: CameraConfig, media: MediaSink, client: ReplayClient, pace: Pace) -> None:
        self._channel, self._config, self._media, self._pace = channel, config, media, pace
        self.client = client
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[DriverError | None] = self._loop.create_future()
        self._reader = Reader(self._frame)
        self._transport: asyncio.Transport | None = None
        self._receivers: dict[int, Receiver] = {}
        self._controls: set[int] = set()
        self._walls: dict[int, int] = {}
        self._held = False
        self.heard = self._loop.time()
        """When anything came last."""
        self.media_at = self.heard
        """When a packet came last."""
        self.units = 0
        self.wall = 0
        """Time of the last picture, by the camera's clock."""
        self.finished = False
        """The camera said that nothing follows."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self.client.start())

    def data_received(self, data: bytes) -> None:
        self.heard = self._loop.time()
        try:
            for message in self._reader.feed(data):
                answer = self.client.receive(message)
                if answer and self._transport is not None:
                    self._transport.write(answer)
                if not self._receivers and self.client.state in ("play", "playing"):
                    self._prepare()
        except (AuthRefused, StreamRefused) as error:
            self.end(Misconfigured(str(error)))
        except NotNow as error:
            self.end(Unavailable(str(error)))
        except (RtspError, SdpError) as error:
            self.end(PeerViolation(f"the camera breaks RTSP: {error}"))
        self._slow(self._pace(len(data)))

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(None if self.finished else Unavailable("the camera closed the connection before all was sent"))

    def end(self, error: DriverError | None) -> None:
        """End the session; the first reason counts."""
        if not self.ended.done():
            self.ended.set_result(error)

    def close(self) -> None:
        """Say good-bye and close."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self.client.teardown())
            self._transport.close()

    def ask(self) -> None:
        """Ask whether the camera is there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self.client.keepalive())

    @property
    def held(self) -> bool:
        """True while nothing is read, to keep to the pace."""
        return self._held

    def _slow(self, seconds: float) -> None:
        if seconds <= 0 or self._held or self._transport is None or self._transport.is_closing():
            return
        self._held = True
        self._transport.pause_reading()
        self._loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        self._held = False
        self.heard = self.media_at = self._loop.time()
        if self._transport is None or self._transport.is_closing():
            return
        again = self._pace(0)
        if again > 0:
            self._held = True
            self._loop.call_later(again, self._resume)
        else:
            self._transport.resume_reading()

    def _prepare(self) -> None:
        for number, stream in enumerate(self.client.streams):
            rtp, rtcp = stream.channels
            if number == 0:
                pictures = video_depacketiser(stream.media, self._unit, self._format)
                self._receivers[rtp] = Receiver(stream.media.payload_type, pictures.push)
            else:
                audio, sounds = audio_depacketiser(stream.media, self._sound)
                self._receivers[rtp] = Receiver(stream.media.payload_type, sounds.push, clock_rate=audio.rate)
                self._media.audio_track(self._channel, audio)
            self._controls.add(rtcp)

    def _frame(self, channel: int, data: bytes, start: int, end: int) -> None:
        receiver = self._receivers.get(channel)
        if receiver is not None:
            self.media_at = self.heard
            stamp = read_stamp(data, start, end)
            if stamp is not None:
                self._walls[int.from_bytes(data[start + 4 : start + 8], "big")] = stamp.wall
                if len(self._walls) > MOST_STAMPS:
                    del self._walls[next(iter(self._walls))]
                if stamp.last:
                    self.finished = True
            receiver.push(data, start, end)
        elif channel in self._controls:
            try:
                if any(isinstance(one, Goodbye) for one in parse_rtcp(data[start:end])):
                    self.finished = True
            except RtpError:
                return

    def _format(self, video: VideoFormat) -> None:
        self._media.video_track(self._channel, video)

    def _unit(self, parts: Sequence[bytes], rtp_time: int, key: bool) -> None:
        wall = self._walls.get(rtp_time & 0xFFFFFFFF)
        if wall is None:
            # Without the time that the extension tells, nobody knows where the picture belongs.
            return
        self.units += 1
        self.wall = wall
        self._media.access_unit(self._channel, parts, rtp_time, wall, key)

    def _sound(self, frames: Sequence[bytes], duration: int, rtp_time: int) -> None:
        wall = self._walls.get(rtp_time & 0xFFFFFFFF)
        if wall is not None and abs(wall - self.wall) < AUDIO_APART * SECOND:
            self._media.sound(self._channel, frames, duration, rtp_time, wall)


async def fetch(
    net: Network,
    clock: Clock,
    config: CameraConfig,
    channel: str,
    span: tuple[int, int],
    media: MediaSink,
    pace: Pace,
    enough: Callable[[], bool],
) -> None:
    """Hand what the camera recorded in `span` (its own clock, microseconds) to `media`; return when it has sent all.

    `config.url` is the address of the recording. `enough` ends it before. Raise a DriverError where it cannot be had whole.
    """
    client = ReplayClient(config.url, config.username, config.password, *span, audio=config.audio)
    session = ReplaySession(channel, config, media, client, pace)
    where = f"{config.host}:{config.number}"
    tls = ssl.create_default_context() if config.secure else None
    try:
        with reaching(where):
            await net.dial(
                "rtsps" if config.secure else "rtsp",
                lambda: session,
                config.host,
                config.number,
                tls=tls,
                server_hostname=config.host if tls else None,
                timeout=HANDSHAKE,
            )
    except Refusal as error:
        raise Misconfigured(str(error)) from error
    try:
        await _watch(session, clock, enough)
    finally:
        session.close()


async def _watch(session: ReplaySession, clock: Clock, enough: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    began = beat = loop.time()
    asked = 0.0
    while not enough():
        await asyncio.wait({session.ended}, timeout=CHECK)
        if session.ended.done():
            if (error := session.ended.result()) is not None and not enough():
                raise error
            return
        now = loop.time()
        if session.client.state != "playing" and now - began > HANDSHAKE:
            raise Unavailable(f"the camera does not answer the RTSP handshake of a replay within {HANDSHAKE:g} s")
        if session.held:
            continue
        if now - beat > session.client.timeout / 2:
            beat = now
            session.ask()
        quiet = now - session.media_at
        if session.finished and quiet > CHECK:
            return
        if quiet > (QUIET if session.units else FIRST):
            if not asked:
                asked = now
                session.ask()
            elif session.heard > asked:
                # It is there, and has nothing more.
                return
            elif now - asked > GONE:
                raise Unavailable("the camera stopped sending its recording")
        else:
            asked = 0.0


__all__: Sequence[str] = ["Pace", "fetch"]
