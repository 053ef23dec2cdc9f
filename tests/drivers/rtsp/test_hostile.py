"""Cameras that mean harm, beside one that does not: they cost their own stream only."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from sim.encode import loop
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource
from sitewarden.config import Settings
from sitewarden.domain.status import Status
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.drivers.rtsp.session import Session
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.nal import MAX_UNIT
from sitewarden.wire.rtp import build
from sitewarden.wire.rtsp import MAX_BODY, MAX_HEAD, interleave
from tests.drivers.rtsp.support import Sink, context

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
SDP = b"v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
FRAMES = 60
"""Pictures of the good camera while the others do their worst."""


async def _asked(reader: Reader) -> tuple[str, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    number = next(line[6:] for line in head.split(b"\r\n") if line.startswith(b"CSeq: "))
    return head.split(b" ")[0].decode(), number


async def _play(reader: Reader, writer: Writer, description: bytes = SDP) -> None:
    """Answer up to PLAY as a camera does."""
    method = ""
    while method != "PLAY":
        method, number = await _asked(reader)
        more = b"Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n" if method == "SETUP" else b""
        body = description if method == "DESCRIBE" else b""
        writer.write(b"RTSP/1.0 200 OK\r\nCSeq: %b\r\n%bContent-Length: %d\r\n\r\n%b" % (number, more, len(body), body))


async def endless_headers(reader: Reader, writer: Writer) -> None:
    await _asked(reader)
    writer.write(b"RTSP/1.0 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n" * 100)
        await writer.drain()


async def huge_body(reader: Reader, writer: Writer) -> None:
    _, number = await _asked(reader)
    writer.write(b"RTSP/1.0 200 OK\r\nCSeq: %b\r\nContent-Length: 999999999\r\n\r\n" % number)
    await reader.read()


async def slow_loris(reader: Reader, writer: Writer) -> None:
    _, number = await _asked(reader)
    writer.write(b"RTSP/1.0 200 OK\r\nCSeq: %b\r\nContent-Length: %d\r\n\r\n" % (number, MAX_BODY))
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.001)


async def endless_description(reader: Reader, writer: Writer) -> None:
    await _play(reader, writer, SDP + b"a=x\r\n" * ((MAX_BODY - len(SDP)) // 5))
    await reader.read()


async def garbage(reader: Reader, writer: Writer) -> None:
    await _play(reader, writer)
    draw = random.Random(1)
    while True:
        writer.write(draw.randbytes(4000))
        await writer.drain()


async def endless_picture(reader: Reader, writer: Writer) -> None:
    """Fragments of a NAL unit that never ends."""
    await _play(reader, writer)
    sequence = 0
    while True:
        payload = (b"\x7c\x85" if sequence == 0 else b"\x7c\x05") + bytes(1400)
        writer.write(interleave(0, build(96, sequence, 0, 7, False, payload)))
        sequence += 1
        await writer.drain()


async def flood_of_requests(reader: Reader, writer: Writer) -> None:
    """Questions without end, and no answer is ever read."""
    while True:
        writer.write(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" * 1000)
        await writer.drain()


async def new_challenges(reader: Reader, writer: Writer) -> None:
    count = 0
    while True:
        _, number = await _asked(reader)
        count += 1
        offer = b'Digest realm="r", nonce="%d", stale=true' % count
        writer.write(b"RTSP/1.0 401 No\r\nCSeq: %b\r\nWWW-Authenticate: %b\r\n\r\n" % (number, offer))


HOSTILE: tuple[Callable[[Reader, Writer], Awaitable[None]], ...] = (
    endless_headers,
    huge_body,
    slow_loris,
    endless_description,
    garbage,
    endless_picture,
    flood_of_requests,
    new_challenges,
)


class Villain:
    """A server that does one harm to each who connects."""

    def __init__(self, harm: Callable[[Reader, Writer], Awaitable[None]]) -> None:
        self.harm = harm
        self.met = 0
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        task: Any = asyncio.current_task()
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self.met += 1
        try:
            await self.harm(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()


def held(session: Session) -> int:
    """Return the bytes that a session keeps of what it was sent."""
    reader, pictures = session._reader, session._pictures
    waiting = len(reader._tail) + sum(map(len, reader._parts))
    return waiting + (getattr(pictures, "_size", 0) if pictures is not None else 0)


class Shared(Sink):
    """Sorts what comes by camera."""

    def __init__(self) -> None:
        super().__init__()
        self.strangers = 0

    def access_unit(self, channel: str, data: Any, rtp_time: int, wall: int, key: bool) -> None:
        if channel == "good":
            super().access_unit(channel, data, rtp_time, wall, key)
        else:
            self.strangers += 1


async def test_they_cost_their_own_stream_only(tmp_path: Path, monkeypatch: Any) -> None:
    sessions: list[Session] = []
    begin = Session.connection_made

    def connection_made(self: Session, transport: asyncio.BaseTransport) -> None:
        sessions.append(self)
        begin(self, transport)

    monkeypatch.setattr(Session, "connection_made", connection_made)
    made = loop("test", width=320, height=176, fps=25, gop_seconds=0.4, seconds=2.0)
    source, sink, statuses = LoopSource(made), Shared(), dict[str, Status]()
    server = CameraServer({"a": source})
    port = await server.start("127.0.0.1", 0)
    net = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    ctx = context(net, sink, [])
    object.__setattr__(ctx, "status", lambda status: statuses.update({status.ref: status}))
    supervisor = Supervisor(ctx, lambda name: DRIVER, backoff=lambda: Backoff(0.05, 0.2))
    villains = [Villain(harm) for harm in HOSTILE]
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(villain) for villain in villains]
        urls = {"good": f"rtsp://127.0.0.1:{port}/a"}
        urls |= {harm.__name__.replace("_", "-"): f"rtsp://127.0.0.1:{at}/a" for harm, at in zip(HOSTILE, ports, strict=True)}
        specs = [
            EndpointSpec(id=id_, name=id_, ref=f"camera:{id_}", config={"url": url, "username": "a", "password": "b"})
            for id_, url in urls.items()
        ]
        await supervisor.reconcile([("rtsp", spec) for spec in specs])
        async with asyncio.timeout(60):
            while not all(villain.met for villain in villains):
                await asyncio.sleep(0.02)
            most = 0
            wanted = len(sink.units) + FRAMES
            while len(sink.units) < wanted or len(statuses) < len(specs) - 3:
                most = max([most, *(held(session) for session in sessions)])
                await asyncio.sleep(0.02)
        await supervisor.close()
    await server.stop()
    await net.close()
    sent = [[nal for nal in unit.nals if nal[0] & 31 not in (7, 8)] for unit in made.units]
    first = sent.index(sink.units[0][0])
    assert [unit[0] for unit in sink.units] == [sent[(first + number) % len(sent)] for number in range(len(sink.units))]
    assert sink.strangers == 0 and sink.losses == ["the session was closed"]
    assert [ref for ref, status in statuses.items() if status.state == "online"] == ["camera:good"]
    assert most <= MAX_UNIT + MAX_HEAD + MAX_BODY + 65536
    said = {ref.removeprefix("camera:"): status.detail for ref, status in statuses.items()}
    assert "longer than 16384 bytes" in said["endless-headers"] and "999999999 bytes" in said["huge-body"]
    assert "more than 2000 lines" in said["endless-description"] and "messages at once" in said["flood-of-requests"]
    assert "refuses the user" in said["new-challenges"]
