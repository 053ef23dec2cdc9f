"""One RTSP session with a camera: its connection, its packets, its access units and sound, its figures."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import cast

from sitewarden.domain.clock import Clock
from sitewarden.drivers.rtsp.config import CameraConfig
from sitewarden.drivers.rtsp.lanes import Lanes
from sitewarden.kit.context import MediaSink
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable
from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.nal import Assembler
from sitewarden.wire.rtp import Goodbye, Receiver, RtpError, SenderReport, full_intra, parse_rtcp, picture_loss
from sitewarden.wire.rtp_audio import AudioDepacketiser
from sitewarden.wire.rtp_clock import CompanionClock, WallClock, unwrap
from sitewarden.wire.rtp_formats import VideoDepacketiser, audio_depacketiser, video_depacketiser
from sitewarden.wire.rtsp import Reader, RtspError, interleave
from sitewarden.wire.rtsp_client import AuthRefused, Client, NotNow, StreamRefused
from sitewarden.wire.sdp import SdpError

MAX_UNSENT = 64 * 1024
"""Bytes of ours that a camera may leave unread before it counts as broken; we send requests and reports only."""
MICROS = 1e6 / 90000
"""Microseconds of a tick of the pictures' clock."""
MAX_JITTER = 5e6
"""Microseconds beyond which a picture that came late, or a step of a clock, is no jitter."""
MOST_MESSAGES = 64
"""Messages in one piece of what a camera sends, beyond which it floods us: each costs far more than its bytes."""
KEY_EVERY = 1.0
"""Seconds between two requests for a key frame: an encoder that is asked more often sends nothing else."""


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
    """The protocol of the RTSP connection.

    `set_up` is done once the groups of a multicast may be joined, `playing` once packets may come; `ended` holds what ended it.
    """

    def __init__(
        self, camera: str, config: CameraConfig, media: MediaSink, clock: Clock, client: Client, lanes: Lanes | None = None
    ) -> None:
        """`lanes` are the session's UDP sockets; None: packets come inside the RTSP connection."""
        self._camera = camera
        self._config = config
        self._media = media
        self._clock = clock
        self.client = client
        self._lanes = lanes
        self._reader = Reader(self._frame, self._run)
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self.set_up: asyncio.Future[None] = loop.create_future()
        self.playing: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[DriverError] = loop.create_future()
        self._receiver: Receiver | None = None
        self._pictures: VideoDepacketiser | None = None
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
        self.group = (0, 0.0)
        """Pictures and seconds from the key frame before the last to the last."""
        self._key_unit: tuple[int, int] | None = None
        self._transit: float | None = None
        self._jitter = 0.0
        self._key_at = float("-inf")
        self._gaps = 0
        self.asked = 0
        """Requests for a key frame."""
        self.bytes = 0
        """Octets of RTP payload so far."""

    @property
    def packets(self) -> int:
        return self._receiver.received if self._receiver else 0

    @property
    def pictures(self) -> int:
        """Pictures that the camera sent, whole or not."""
        return self.units + (self._pictures.dropped if self._pictures else 0)

    @property
    def missing(self) -> int:
        """Packets of the pictures that were missing."""
        return self._receiver.lost if self._receiver else 0

    @property
    def reordered(self) -> int:
        """Packets of the pictures that were overtaken."""
        return self._receiver.reordered if self._receiver else 0

    @property
    def jitter(self) -> float | None:
        """Seconds of interarrival jitter (RFC 3550, 6.4.1): of packets over UDP, of pictures over TCP; None before the second."""
        if self._lanes is not None and self._receiver is not None:
            return self._receiver.jitter / 90000
        return self._jitter / 1e6 if self.units > 1 else None

    @property
    def skew(self) -> float | None:
        """Microseconds from the camera's clock to ours, None before its first report."""
        return self._wall.skew

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
            messages = self._reader.feed(data)
            if len(messages) > MOST_MESSAGES:
                raise RtspError(f"{len(messages)} messages at once")
            for message in messages:
                answer = self.client.receive(message)
                if answer:
                    self.send(answer)
                if not self._sources and self.client.state in ("play", "playing"):
                    self._prepare()
                if self.client.state == "ready" and not self.set_up.done():
                    self.set_up.set_result(None)
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

    def begin(self) -> None:
        """Go on once the groups are joined."""
        self.send(self.client.play())
        self._prepare()

    def _prepare(self) -> None:
        """Be ready for packets: all is set up, and some cameras send before they answer PLAY."""
        reorder = self._lanes is not None
        for number, stream in enumerate(self.client.streams):
            media = stream.media
            if number == 0:
                pictures = video_depacketiser(media, self._unit, self._format)
                self._pictures = pictures
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

    def datagrams(self, batch: Sequence[bytes], number: int) -> None:
        """Take RTP packets of the media `number` that came over UDP, in one batch."""
        self._arrival = self._clock.now()
        if number < len(self._sources):
            self.bytes += sum(map(len, batch))
            receiver, at = self._sources[number].receiver, self._clock.monotonic()
            assembler = self._assembler if number == 0 else None
            index, count = 0, len(batch)
            while index < count:
                data = batch[index]
                receiver.push(data, 0, len(data), at)
                index += 1
                if assembler is not None and index < count:
                    index = assembler.burst(receiver, batch, index, at)
            if number == 0 and receiver.gaps != self._gaps and self._pictures is not None and self._pictures.waiting:
                self._gaps = receiver.gaps
                self.want_key()

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

    def report(self) -> None:
        """Send a receiver report for each media; over UDP they also keep a firewall on the way open."""
        for number in range(len(self._sources)):
            self._control(number)

    def beat(self) -> None:
        """Send a sign of life and receiver reports."""
        self.send(self.client.keepalive())
        self.report()

    def want_key(self) -> None:
        """Ask for a key frame where only that helps and none was asked for just now.

        Where the camera takes no such requests, the media room is told, which may have another way.
        """
        now = self._clock.monotonic()
        ssrc = self._receiver.ssrc if self._receiver else None
        if ssrc is None or self._pictures is None or not self._pictures.waiting or now - self._key_at < KEY_EVERY:
            return
        offered = self.client.streams[0].media.feedback
        if "nack pli" in offered:
            wish = picture_loss(self._ssrc, ssrc)
        elif "ccm fir" in offered:
            wish = full_intra(self._ssrc, ssrc, self.asked)
        else:
            self._key_at = now
            self._media.starved(self._camera)
            return
        self._key_at = now
        self.asked += 1
        self._control(0, wish)

    def _control(self, number: int, more: bytes = b"") -> None:
        """Send a receiver report for a media, `more` RTCP behind it (RFC 4585, 3.1)."""
        source = self._sources[number]
        data = source.receiver.report(self._ssrc, source.report, self._clock.monotonic() - source.report_at) + more
        if self._lanes is None:
            self.send(interleave(source.rtcp, data))
        else:
            self._lanes.send(number, data)

    def _format(self, video: VideoFormat) -> None:
        self.video = video
        self._media.video_track(self._camera, video)

    def _unit(self, parts: Sequence[bytes], rtp_time: int, key: bool) -> None:
        self.units += 1
        if key:
            last, self._key_unit = self._key_unit, (self.units, rtp_time)
            if last is not None:
                self.group = (self.units - last[0], max(0.0, (rtp_time - last[1]) / 90000))
        transit = self._arrival - rtp_time * MICROS
        if self._transit is not None and abs(change := transit - self._transit) < MAX_JITTER:
            self._jitter += (abs(change) - self._jitter) / 16
        self._transit = transit
        self._media.access_unit(self._camera, parts, rtp_time, self._wall.wall(rtp_time, self._arrival), key)

    def _sound(self, frames: Sequence[bytes], duration: int, rtp_time: int) -> None:
        assert self._heard is not None
        self._media.sound(self._camera, frames, duration, rtp_time, self._heard.wall(rtp_time, self._arrival))
