"""An RTSP server such as a camera has: TCP interleaved and UDP, Digest or Basic, several clients, sender reports."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

from sim.rtsp_source import Source
from sitewarden.wire.h264 import SPS
from sitewarden.wire.rtp import RtpError, goodbye, parse, sender_report
from sitewarden.wire.rtsp import Reader, Request, Response, RtspError, interleave
from sitewarden.wire.rtsp_auth import Challenge, verify
from sitewarden.wire.rtsp_backchannel import FEATURE as BACKCHANNEL

log = logging.getLogger(__name__)

METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
PICTURES, SOUND, SPEAKER = "track1", "track2", "track3"
"""Controls of the tracks; the last is the camera's loudspeaker, told to those who require it (ONVIF Streaming, 5.3)."""
MOST_HEARD = 1 << 20
"""Bytes of speech that are kept."""
REPORT_EVERY = 5.0
"""Seconds between two sender reports."""
MAX_BACKLOG = 4 * 1024 * 1024
"""Bytes that a slow client may leave unread; beyond it whole frames are left out up to the next key frame."""


class CameraServer:
    """Streams by path. `challenge` None asks for no password."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        *,
        user: str = "",
        password: str = "",
        scheme: str = "digest",
        algorithm: str = "MD5",
        session_timeout: int = 60,
        speaker: str = "",
    ) -> None:
        """`speaker` is PCMU or PCMA where the camera has a loudspeaker."""
        self.sources = dict(sources)
        self.user, self.password = user, password
        self.session_timeout = session_timeout
        self.speaker = speaker
        self.heard = bytearray()
        """What was said through the loudspeaker, as it came."""
        self.clock_error = 0.0
        """Seconds by which the camera's clock is wrong."""
        self.challenge: Challenge | None = None
        if user or password:
            nonce = secrets.token_hex(16)
            self.challenge = Challenge(scheme=scheme, realm="camera", nonce=nonce, algorithm=algorithm, qop=algorithm != "MD5")
        self.connections: set[Connection] = set()
        self.requests: list[str] = []
        """Methods asked for so far, the last 1000."""
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._place = ("", 0)

    async def start(self, host: str, port: int) -> int:
        """Listen and play; return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self, host), host, port)
        runs = [one.run() for source in self.sources.values() for one in (source, source.sound) if one is not None]
        self._tasks = [asyncio.create_task(run) for run in runs]
        return int(self._server.sockets[0].getsockname()[1])

    def unplug(self) -> None:
        """Cut the network: nobody is reached, and the camera goes on by itself."""
        if self._server is not None:
            self._place = self._server.sockets[0].getsockname()[:2]
            self._server.close()
        for connection in list(self.connections):
            connection.abort()

    async def plug(self) -> None:
        """Mend the network."""
        host, port = self._place
        self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self, host), host, port)

    async def stop(self) -> None:
        """Close everything at once, as a killed camera does."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()


class Lane:
    """Where the packets of one track go: interleaved channels, or a pair of UDP sockets."""

    def __init__(self) -> None:
        self.channels = (0, 1)
        self.udp: tuple[asyncio.DatagramTransport, asyncio.DatagramTransport] | None = None
        self.packets = self.octets = 0
        self.reported = 0.0

    def count(self, packets: Sequence[bytes]) -> bool:
        """Count what was sent; tell whether a sender report is due."""
        self.packets += len(packets)
        self.octets += sum(len(packet) - 12 for packet in packets)
        now = time.time()
        if now - self.reported < REPORT_EVERY:
            return False
        self.reported = now
        return True


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, server: CameraServer, host: str) -> None:
        self._server = server
        self._host = host
        self._reader = Reader(self._frame)
        self._transport: asyncio.Transport | None = None
        self._session = secrets.token_hex(8)
        self._source: Source | None = None
        self._lanes: dict[str, Lane] = {}
        self._waiting = True
        self._playing = False
        self._work: asyncio.Task[None] | None = None
        self._requests: asyncio.Queue[Request] = asyncio.Queue(64)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.connections.add(self)
        self._work = asyncio.create_task(self._answer())

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._reader.feed(data):
                if isinstance(message, Request):
                    self._requests.put_nowait(message)
        except (RtspError, RtpError, asyncio.QueueFull) as error:
            log.warning("client dropped: %s", error)
            self.abort()

    def _frame(self, channel: int, data: bytes, start: int, end: int) -> None:
        lane, heard = self._lanes.get(SPEAKER), self._server.heard
        if lane is not None and self._playing and channel == lane.channels[0] and len(heard) < MOST_HEARD:
            packet = parse(data, start, end)
            heard += data[packet.start : packet.end]

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._server.connections.discard(self)
        if self._work is not None:
            self._work.cancel()

    def abort(self) -> None:
        """Drop the client."""
        if self._transport is not None:
            self._transport.abort()

    def _stop(self) -> None:
        if self._source is not None and self._playing:
            if PICTURES in self._lanes:
                self._source.listeners.remove(self._packets_ready)
            if self._source.sound is not None and SOUND in self._lanes:
                self._source.sound.listeners.remove(self._sound_ready)
        self._playing = False
        for lane in self._lanes.values():
            for transport in lane.udp or ():
                transport.close()
        self._lanes = {}

    async def _answer(self) -> None:
        assert self._transport is not None
        while True:
            request = await self._requests.get()
            self._server.requests = [*self._server.requests[-999:], request.method]
            status, headers, body = await self._handle(request)
            reasons = {
                200: "OK",
                401: "Unauthorized",
                404: "Not Found",
                461: "Unsupported Transport",
                455: "Method Not Valid",
                551: "Option not supported",
            }
            fields = (("CSeq", str(max(0, request.cseq))), ("Server", "Sitewarden simulated camera"), *headers)
            response = Response(status=status, reason=reasons.get(status, "Error"), headers=fields, body=body)
            self._transport.write(response.encode())
            if request.method == "PLAY" and status == 200 and self._source is not None and not self._playing:
                self._playing = True
                if PICTURES in self._lanes:
                    self._source.listeners.append(self._packets_ready)
                if self._source.sound is not None and SOUND in self._lanes:
                    self._source.sound.listeners.append(self._sound_ready)
            if request.method == "TEARDOWN":
                self._stop()

    async def _handle(self, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        if request.method == "OPTIONS":
            return 200, [("Public", METHODS)], b""
        challenge = self._server.challenge
        if challenge is not None and not verify(
            request.get("Authorization"), challenge, request.method, self._server.user, self._server.password
        ):
            return 401, [("WWW-Authenticate", _challenge_text(challenge))], b""
        parts = urlsplit(request.url)
        name = parts.path.strip("/").split("/")[0]
        source = self._server.sources.get(name)
        if source is None:
            return 404, [], b""
        required = BACKCHANNEL in request.get("Require")
        if required and not self._server.speaker:
            return 551, [("Unsupported", BACKCHANNEL)], b""
        if request.method == "DESCRIBE":
            base = f"rtsp://{parts.netloc}/{name}/"
            return (
                200,
                [("Content-Base", base), ("Content-Type", "application/sdp")],
                describe(source, self._host, self._server.speaker if required else ""),
            )
        if request.method == "SETUP":
            track = next((one for one in (SOUND, SPEAKER) if parts.path.endswith(one)), PICTURES)
            return await self._set_up(request, source, track)
        if request.method in ("PLAY", "GET_PARAMETER", "TEARDOWN"):
            if request.get("Session").split(";")[0] != self._session:
                return 454, [], b""
            return 200, [("Session", self._session)], b""
        return 455, [], b""

    async def _set_up(self, request: Request, source: Source, track: str) -> tuple[int, list[tuple[str, str]], bytes]:
        assert self._transport is not None
        lane = self._lanes[track] = Lane()
        ssrc = source.sound.ssrc if track == SOUND and source.sound is not None else source.ssrc
        transport = request.get("Transport")
        session = ("Session", f"{self._session};timeout={self._server.session_timeout}")
        self._source = source
        if match := re.search(r"interleaved=(\d+)-(\d+)", transport):
            lane.channels = (int(match.group(1)), int(match.group(2)))
            return 200, [("Transport", f"{transport};ssrc={ssrc:08X}"), session], b""
        ports = re.search(r"client_port=(\d+)-(\d+)", transport)
        if ports is None:
            return 461, [], b""
        loop = asyncio.get_running_loop()
        host = self._transport.get_extra_info("peername")[0]
        local = self._transport.get_extra_info("sockname")[0]
        pair = []
        for number in ports.groups():
            endpoint, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, local_addr=(local, 0), remote_addr=(host, int(number))
            )
            pair.append(endpoint)
        lane.udp = (pair[0], pair[1])
        numbers = "-".join(str(endpoint.get_extra_info("sockname")[1]) for endpoint in pair)
        return 200, [("Transport", f"{transport};server_port={numbers};ssrc={ssrc:08X}"), session], b""

    def _packets_ready(self, packets: list[bytes], key: bool, timestamp: int) -> None:
        transport, source = self._transport, self._source
        if transport is None or source is None:
            return
        if self._waiting:
            if not key:
                return
            self._waiting = False
        lane = self._lanes[PICTURES]
        if lane.udp is None and transport.get_write_buffer_size() > MAX_BACKLOG:
            self._waiting = True
            return
        self._put(lane, packets)
        if lane.count(packets):
            now = time.time() + self._server.clock_error
            wall, stamp = round(now * 1e6), source.timestamp(now - self._server.clock_error)
            self._control(lane, sender_report(source.ssrc, wall, stamp, lane.packets, lane.octets))

    def _sound_ready(self, packet: bytes, timestamp: int) -> None:
        sound = self._source.sound if self._source is not None else None
        if sound is None:
            return
        lane = self._lanes[SOUND]
        self._put(lane, [packet])
        if lane.count([packet]):
            now = time.time()
            wall = round((now + self._server.clock_error) * 1e6)
            self._control(lane, sender_report(sound.ssrc, wall, sound.timestamp(now), lane.packets, lane.octets))

    def _put(self, lane: Lane, packets: Sequence[bytes]) -> None:
        if lane.udp:
            for packet in packets:
                lane.udp[0].sendto(packet)
        elif self._transport is not None:
            self._transport.write(b"".join([interleave(lane.channels[0], packet) for packet in packets]))

    def _control(self, lane: Lane, report: bytes) -> None:
        if lane.udp:
            lane.udp[1].sendto(report)
        elif self._transport is not None:
            self._transport.write(interleave(lane.channels[1], report))

    def say_goodbye(self) -> None:
        """End the stream with a BYE."""
        if self._source is not None:
            self._control(self._lanes[PICTURES], goodbye(self._source.ssrc))


def _challenge_text(challenge: Challenge) -> str:
    if challenge.scheme == "basic":
        return f'Basic realm="{challenge.realm}"'
    extra = f', algorithm={challenge.algorithm}, qop="auth"' if challenge.qop else ""
    return f'Digest realm="{challenge.realm}", nonce="{challenge.nonce}"{extra}'


def describe(source: Source, host: str, speaker: str = "") -> bytes:
    """Return the SDP of a source; `speaker` is the encoding that its loudspeaker takes, empty where it has none."""
    number = {"PCMU": 0, "PCMA": 8}.get(speaker)
    lines = [
        "v=0",
        f"o=- {int(time.time())} 1 IN IP4 {host}",
        "s=Simulated camera",
        "t=0 0",
        "a=control:*",
        f"m=video 0 RTP/AVP {source.payload_type}",
        f"c=IN IP4 {host}",
        *_pictures(source),
        f"a=framerate:{source.fps}",
        f"a=control:{PICTURES}",
        *(source.sound.describe() if source.sound is not None else ()),
        *((f"m=audio 0 RTP/AVP {number}", f"a=control:{SPEAKER}", "a=sendonly") if number is not None else ()),
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def _pictures(source: Source) -> list[str]:
    sets = [base64.b64encode(nal).decode() for nal in source.parameter_sets]
    if source.codec == "mjpeg":
        return ["a=rtpmap:26 JPEG/90000"]
    if source.codec == "h265":
        named = ";".join(f"sprop-{name}={text}" for name, text in zip(("vps", "sps", "pps"), sets, strict=True))
        return ["a=rtpmap:96 H265/90000", f"a=fmtp:96 {named}"]
    sps = next(nal for nal in source.parameter_sets if nal[0] & 0x1F == SPS)
    settings = f"packetization-mode=1;profile-level-id={sps[1:4].hex()};sprop-parameter-sets={','.join(sets)}"
    return ["a=rtpmap:96 H264/90000", f"a=fmtp:96 {settings}"]
