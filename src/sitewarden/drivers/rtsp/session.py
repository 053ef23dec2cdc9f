"""One RTSP session with a camera: its connection, its packets, its access units and sound, its figures."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import cast

from sitewarden.domain.clock import Clock
from sitewarden.drivers.rtsp.config import CameraConfig
from sitewarden.kit.context import MediaSink
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable
from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.nal import Assembler
from sitewarden.wire.rtp import Goodbye, Receiver, RtpError, SenderReport, parse_rtcp
from sitewarden.wire.rtp_audio import AudioDepacketiser
from sitewarden.wire.rtp_clock import CompanionClock, WallClock, unwrap
from sitewarden.wire.rtp_formats import VideoDepacketiser, audio_depacketiser, video_depacketiser
from sitewarden.wire.rtsp import Reader, RtspError, interleave
from sitewarden.wire.rtsp_client import AuthRefused, Client, NotNow, StreamRefused
from sitewarden.wire.sdp import SdpError

MAX_UNSENT = 64 * 1024
"""Bytes of ours that a camera may leave unread before it counts as broken; we send requests and reports only."""


class Source:
    """One RTP stream of the session: its receiver, what takes its payloads apart, its clock, its sender's last report."""

    __slots__ = ("clock", "depacketiser", "receiver", "report", "report_at", "rtcp", "rtp")

    def __init__(
        self,
        receiver: Receiver,
        depacketiser: VideoDepacketiser | AudioDepacketiser,
        clock: WallClock | CompanionClock,
        channels: tuple[int, int],
    ) -> None:
        self.receiver = receiver
        self.depacketiser = depacketiser
        self.clock = clock
        self.rtp, self.rtcp = channels
        self.report: SenderReport | None = None
        self.report_at = 0.0

    def told(self, report: SenderReport, now: float) -> None:
        """Take the sender's report."""
        self.report, self.report_at = report, now
        if self.depacketiser.time is not None:
            self.clock.report(unwrap(self.depacketiser.time, report.timestamp), report.wall)


class Session(asyncio.Protocol):
    """The protocol of the RTSP connection. `playing` is done once packets may come, `ended` holds what ended it."""

    def __init__(self, camera: str, config: CameraConfig, media: MediaSink, clock: Clock, client: Client) -> None:
        self._camera = camera
        self._config = config
        self._media = media
        self._clock = clock
        self.client = client
        self._reader = Reader(self._frame, self._run)
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self.playing: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[DriverError] = loop.create_future()
        self._receiver: Receiver | None = None
        self._assembler: Assembler | None = None
        self._wall = WallClock()
        self._heard: CompanionClock | None = None
        self._sources: list[Source] = []
        self._rtp_channel = 0
        self._ssrc = secrets.randbits(32)
        self._arrival = 0
        self.video: VideoFormat | None = None
        self.sound = ""
        """Codec of the sound; empty where there is none."""
        self.units = 0
        self.bytes = 0
        """Octets of RTP payload so far."""

    @property
    def packets(self) -> int:
        return self._receiver.received if self._receiver else 0

    @property
    def lost(self) -> int:
        """How often packets were missing."""
        return self._receiver.gaps if self._receiver else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self.client.start())

    def data_received(self, data: bytes) -> None:
        self._arrival = self._clock.now()
        try:
            for message in self._reader.feed(data):
                answer = self.client.receive(message)
                if answer:
                    self.send(answer)
                if not self._sources and self.client.state in ("play", "playing"):
                    self._prepare()
                if self.client.state == "playing" and not self.playing.done():
                    self.playing.set_result(None)
        except (AuthRefused, StreamRefused) as error:
            self.fail(Misconfigured(str(error)))
        except NotNow as error:
            self.fail(Unavailable(str(error)))
        except (RtspError, SdpError) as error:
            self.fail(PeerViolation(f"the camera breaks RTSP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(Unavailable(f"the camera closed the connection ({exc})" if exc else "the camera closed the connection"))

    def fail(self, error: DriverError) -> None:
        """End the session for this reason; the first one counts."""
        if not self.ended.done():
            self.ended.set_result(error)
        if self._transport is not None:
            self._transport.abort()

    def send(self, data: bytes) -> None:
        """Write to the camera."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MAX_UNSENT:
            self.fail(Unavailable("the camera does not read what it is sent"))
            return
        transport.write(data)

    def close(self) -> None:
        """Say good-bye and close; what is unsent still goes out."""
        if self._transport is not None and not self._transport.is_closing():
            self.send(self.client.teardown())
            self._transport.close()

    def _prepare(self) -> None:
        """Be ready for packets: all is set up, and some cameras send before they answer PLAY."""
        reorder = self._config.transport == "udp"
        for number, stream in enumerate(self.client.streams):
            media = stream.media
            if number == 0:
                pictures = video_depacketiser(media, self._unit, self._format)
                self._receiver = Receiver(media.payload_type, pictures.push, reorder=reorder)
                self._assembler = pictures if isinstance(pictures, Assembler) else None
                self._sources.append(Source(self._receiver, pictures, self._wall, stream.channels))
                continue
            audio, sounds = audio_depacketiser(media, self._sound)
            self._heard = CompanionClock(self._wall, audio.rate)
            self.sound = audio.codec
            receiver = Receiver(media.payload_type, sounds.push, reorder=reorder, clock_rate=audio.rate)
            self._sources.append(Source(receiver, sounds, self._heard, stream.channels))
            self._media.audio_track(self._camera, audio)
        if not self.sound:
            self._media.audio_track(self._camera, None)
        self._rtp_channel = self._sources[0].rtp

    def _frame(self, channel: int, data: bytes, start: int, end: int) -> None:
        if channel == self._rtp_channel and self._receiver is not None:
            self.bytes += end - start
            self._receiver.push(data, start, end)
            return
        for source in self._sources:
            if channel == source.rtp:
                self.bytes += end - start
                source.receiver.push(data, start, end)
            elif channel == source.rtcp:
                self.rtcp(data[start:end])

    def _run(self, data: bytes, position: int, total: int) -> int:
        if self._assembler is None or self._receiver is None:
            return position
        before = self._receiver.received
        after = self._assembler.run(self._receiver, self._rtp_channel, data, position, total)
        self.bytes += after - position - 4 * (self._receiver.received - before)
        return after

    def datagram(self, data: bytes, number: int) -> None:
        """Take an RTP packet of the media `number` that came over UDP."""
        self._arrival = self._clock.now()
        if number < len(self._sources):
            self.bytes += len(data)
            self._sources[number].receiver.push(data, 0, len(data), self._clock.monotonic())

    def rtcp(self, data: bytes) -> None:
        """Take an RTCP packet of either media; one that is no RTCP is passed over."""
        try:
            reports = parse_rtcp(data)
        except RtpError:
            return
        for report in reports:
            for number, source in enumerate(self._sources):
                if report.ssrc != source.receiver.ssrc:
                    continue
                if isinstance(report, SenderReport):
                    source.told(report, self._clock.monotonic())
                elif isinstance(report, Goodbye) and number == 0:
                    self.fail(Unavailable("the camera ended the stream"))

    def reports(self) -> list[bytes]:
        """Return a receiver report for each media, for now."""
        now = self._clock.monotonic()
        return [one.receiver.report(self._ssrc, one.report, now - one.report_at) for one in self._sources]

    def beat(self) -> None:
        """Send a sign of life and, over TCP, receiver reports in between."""
        self.send(self.client.keepalive())
        if self._config.transport == "tcp":
            for source, report in zip(self._sources, self.reports(), strict=True):
                self.send(interleave(source.rtcp, report))

    def _format(self, video: VideoFormat) -> None:
        self.video = video
        self._media.video_track(self._camera, video)

    def _unit(self, parts: Sequence[bytes], rtp_time: int, key: bool) -> None:
        self.units += 1
        self._media.access_unit(self._camera, parts, rtp_time, self._wall.wall(rtp_time, self._arrival), key)

    def _sound(self, frames: Sequence[bytes], duration: int, rtp_time: int) -> None:
        assert self._heard is not None
        self._media.sound(self._camera, frames, duration, rtp_time, self._heard.wall(rtp_time, self._arrival))


class MediaPort(asyncio.DatagramProtocol):
    """One of the two UDP ports of a media: the even one takes RTP, the odd one RTCP. Other senders are passed over."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._peer = ""
        self._number = 0
        self._even = True
        self.bytes_in = 0
        """Octets received, for the ledger."""
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self._even = transport.get_extra_info("sockname")[1] % 2 == 0

    def attach(self, session: Session, peer: str, number: int) -> None:
        """Hand on what comes from the address `peer` for the media `number`."""
        self._session, self._peer, self._number = session, peer, number

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        session = self._session
        self.bytes_in += len(data)
        if session is None or addr[0] != self._peer:
            return
        if self._even:
            session.datagram(data, self._number)
        else:
            session.rtcp(data)
