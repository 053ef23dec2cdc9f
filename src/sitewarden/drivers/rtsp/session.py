"""One RTSP session with a camera: its connection, its packets, its access units, its figures."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import cast

from sitewarden.domain.clock import Clock
from sitewarden.drivers.rtsp.config import CameraConfig
from sitewarden.kit.context import MediaSink
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable
from sitewarden.wire.h264 import Depacketiser, parse_sps
from sitewarden.wire.rtp import Goodbye, Receiver, RtpError, SenderReport, parse_rtcp
from sitewarden.wire.rtp_clock import WallClock, unwrap
from sitewarden.wire.rtsp import Reader, RtspError, interleave
from sitewarden.wire.rtsp_client import AuthRefused, Client, NotNow, StreamRefused
from sitewarden.wire.sdp import Media, SdpError, parameter_sets

MAX_UNSENT = 64 * 1024
"""Bytes of ours that a camera may leave unread before it counts as broken; we send requests and reports only."""


class Session(asyncio.Protocol):
    """The protocol of the RTSP connection. `playing` is done once packets may come, `ended` holds what ended it."""

    def __init__(self, camera: str, config: CameraConfig, media: MediaSink, clock: Clock, client: Client) -> None:
        self._camera = camera
        self._config = config
        self._media = media
        self._clock = clock
        self.client = client
        self._reader = Reader(self._frame)
        self._transport: asyncio.Transport | None = None
        loop = asyncio.get_running_loop()
        self.playing: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[DriverError] = loop.create_future()
        self._receiver: Receiver | None = None
        self._depacketiser: Depacketiser | None = None
        self._wall = WallClock()
        self._rtp_channel, self._rtcp_channel = 0, 1
        self._ssrc = secrets.randbits(32)
        self._sender: SenderReport | None = None
        self._sender_at = 0.0
        self._arrival = 0
        self.width = self.height = 0
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
                if self.client.media is not None and self._receiver is None:
                    self._prepare(self.client.media)
                self._rtp_channel, self._rtcp_channel = self.client.channels
                if answer:
                    self.send(answer)
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

    def _prepare(self, media: Media) -> None:
        self._depacketiser = Depacketiser(self._unit, self._parameters, parameter_sets(media))
        self._receiver = Receiver(media.payload_type, self._depacketiser.push, reorder=self._config.transport == "udp")

    def _frame(self, channel: int, data: bytes, start: int, end: int) -> None:
        if self._receiver is None:
            return
        if channel == self._rtp_channel:
            self.bytes += end - start
            self._receiver.push(data, start, end)
        elif channel == self._rtcp_channel:
            self.rtcp(data[start:end])

    def datagram(self, data: bytes) -> None:
        """Take an RTP packet that came over UDP."""
        self._arrival = self._clock.now()
        if self._receiver is not None:
            self.bytes += len(data)
            self._receiver.push(data, 0, len(data), self._clock.monotonic())

    def rtcp(self, data: bytes) -> None:
        """Take an RTCP packet; one that is no RTCP is passed over."""
        try:
            reports = parse_rtcp(data)
        except RtpError:
            return
        for report in reports:
            if isinstance(report, Goodbye):
                if self._receiver is not None and report.ssrc == self._receiver.ssrc:
                    self.fail(Unavailable("the camera ended the stream"))
            elif self._receiver is not None and report.ssrc == self._receiver.ssrc:
                self._sender, self._sender_at = report, self._clock.monotonic()
                if self._depacketiser is not None and self._depacketiser.time is not None:
                    self._wall.report(unwrap(self._depacketiser.time, report.timestamp), report.wall)

    def report(self) -> bytes:
        """Return a receiver report for now."""
        if self._receiver is None:
            return b""
        since = self._clock.monotonic() - self._sender_at
        return self._receiver.report(self._ssrc, self._sender, since)

    def beat(self) -> None:
        """Send a sign of life and, over TCP, a receiver report in between."""
        self.send(self.client.keepalive())
        if self._config.transport == "tcp":
            self.send(interleave(self._rtcp_channel, self.report()))

    def _parameters(self, sps: Sequence[bytes], pps: Sequence[bytes]) -> None:
        picture = parse_sps(sps[0])
        self.width, self.height = picture.width, picture.height
        self._media.track(self._camera, "h264", [*sps, *pps], picture.width, picture.height)

    def _unit(self, nals: Sequence[bytes], rtp_time: int, key: bool) -> None:
        self.units += 1
        self._media.access_unit(self._camera, nals, rtp_time, self._wall.wall(rtp_time, self._arrival), key)


class MediaPort(asyncio.DatagramProtocol):
    """One of the two UDP ports of a session: the even one takes RTP, the odd one RTCP. Other senders are passed over."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._peer = ""
        self._even = True
        self.bytes_in = 0
        """Octets received, for the ledger."""
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self._even = transport.get_extra_info("sockname")[1] % 2 == 0

    def attach(self, session: Session, peer: str) -> None:
        """Hand on what comes from the address `peer`."""
        self._session, self._peer = session, peer

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        session = self._session
        self.bytes_in += len(data)
        if session is None or addr[0] != self._peer:
            return
        if self._even:
            session.datagram(data)
        else:
            session.rtcp(data)
