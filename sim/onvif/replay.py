"""Replays what the simulated camera recorded, by RTSP over TCP (ONVIF Streaming Specification, clause 6)."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import time

from sim.onvif.edge import APART, Card, Kept
from sim.rtsp_server import describe
from sitewarden.wire import rtsp_range
from sitewarden.wire.rtp import HEADER, goodbye
from sitewarden.wire.rtsp import Reader, Request, Response, RtspError, interleave
from sitewarden.wire.rtsp_auth import Challenge, verify
from sitewarden.wire.rtsp_replay import FEATURE, Stamp, stamped

METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
REASONS = {200: "OK", 401: "Unauthorized", 454: "Session Not Found", 455: "Method Not Valid", 457: "Invalid Range", 551: "No"}


class ReplayServer:
    """Serves one card. `user` empty asks for no password."""

    def __init__(self, card: Card, *, user: str = "", password: str = "") -> None:
        self.card, self._user, self._password = card, user, password
        self._challenge = Challenge(scheme="digest", realm="camera", nonce=secrets.token_hex(16)) if user else None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.cut_after: int | None = None
        """Access units after which the connection ends, once; None: never."""
        self.played: list[str] = []
        """The ranges that were asked for."""

    async def start(self, host: str, port: int = 0) -> int:
        """Listen; return the port."""
        self._host = host
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close everything at once."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        read = Reader(lambda channel, data, start, end: None)
        session = secrets.token_hex(8)
        channels = (0, 1)
        playing: asyncio.Task[None] | None = None
        try:
            while data := await reader.read(65536):
                for request in read.feed(data):
                    if not isinstance(request, Request):
                        continue
                    status, headers, body = self._answer(request, session)
                    if request.method == "SETUP" and (match := re.search(r"interleaved=(\d+)-(\d+)", request.get("Transport"))):
                        channels = (int(match[1]), int(match[2]))
                    fields = (("CSeq", str(max(0, request.cseq))), *headers)
                    writer.write(Response(status=status, reason=REASONS[status], headers=fields, body=body).encode())
                    if request.method == "PLAY" and status == 200:
                        playing = asyncio.create_task(self._play(writer, channels, request))
        except (RtspError, ConnectionError):
            pass
        finally:
            if playing is not None:
                playing.cancel()
                await asyncio.gather(playing, return_exceptions=True)
            self._writers.discard(writer)
            writer.close()

    def _answer(self, request: Request, session: str) -> tuple[int, list[tuple[str, str]], bytes]:
        if request.method == "OPTIONS":
            return 200, [("Public", METHODS)], b""
        proof = request.get("Authorization")
        if self._challenge is not None and not verify(proof, self._challenge, request.method, self._user, self._password):
            return 401, [("WWW-Authenticate", f'Digest realm="camera", nonce="{self._challenge.nonce}"')], b""
        if request.method in ("SETUP", "PLAY") and request.get("Require") != FEATURE:
            return 551, [("Unsupported", "")], b""
        if request.method == "DESCRIBE":
            text = describe(self.card.source, self._host) + b"a=x-onvif-track:video\r\n"
            return 200, [("Content-Base", request.url.rstrip("/") + "/"), ("Content-Type", "application/sdp")], text
        if request.method == "SETUP":
            return 200, [("Transport", request.get("Transport")), ("Session", f"{session};timeout=60")], b""
        if request.get("Session").split(";")[0] != session:
            return 454, [], b""
        if request.method == "PLAY":
            self.played.append(request.get("Range"))
            with contextlib.suppress(rtsp_range.RangeError):
                if rtsp_range.parse(request.get("Range")).form == "clock":
                    return 200, [("Session", session), ("Range", request.get("Range"))], b""
            return 457, [], b""
        return (200, [("Session", session)], b"") if request.method in ("GET_PARAMETER", "TEARDOWN") else (455, [], b"")

    async def _play(self, writer: asyncio.StreamWriter, channels: tuple[int, int], request: Request) -> None:
        wanted = rtsp_range.parse(request.get("Range"))
        end = wanted.end or round(time.time() * 1e6) + 10**12
        units = self.card.span(wanted.start or 0, end)
        sequence = secrets.randbits(16)
        before: Kept | None = None
        for number, unit in enumerate(units):
            if self.cut_after is not None and number >= self.cut_after:
                self.cut_after = None
                writer.close()
                return
            last = number == len(units) - 1
            gap = before is None or unit.wall - before.wall > APART
            for place, packet in enumerate(unit.packets):
                first, second, _, timestamp, ssrc = HEADER.unpack_from(packet)
                renumbered = HEADER.pack(first, second, sequence, timestamp, ssrc) + packet[HEADER.size :]
                sequence = (sequence + 1) & 0xFFFF
                stamp = Stamp(wall=unit.wall, clean=unit.key, gap=gap and place == 0, end=last, last=last)
                writer.write(interleave(channels[0], stamped(renumbered, stamp, request.cseq)))
            before = unit
            await writer.drain()
        writer.write(interleave(channels[1], goodbye(self.card.source.ssrc)))
        await writer.drain()
