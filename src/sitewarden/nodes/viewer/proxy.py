"""The browser's connections: what it asks of the server passes through; live pictures come from the group where it can be heard.

A connection carries one request. Bound: CONNECTIONS at once; each holds one read's bytes a way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Refusal
from sitewarden.net import Listener, Network
from sitewarden.nodes.viewer.group import OPENING, SILENCE, Streams
from sitewarden.nodes.viewer.head import MAX_HEAD, Head, HeadError, read, towards_browser, towards_server
from sitewarden.nodes.viewer.window import Window, accept

log = logging.getLogger(__name__)

CONNECTIONS: Final = 512
CHUNK: Final = 64 * 1024
HEAD_SECONDS: Final = 15.0
RENEW: Final = 10.0
"""Seconds between two words to the server that a stream is still watched."""
HOLD: Final = 30
AGAIN: Final = 60.0
"""Seconds for which a stream that could not be heard is taken from the server instead."""
MAX_ANSWER: Final = 256 * 1024


class Server(Struct, frozen=True, kw_only=True):
    """Where the server is."""

    host: str
    port: int
    tls: ssl.SSLContext | None

    @property
    def origin(self) -> str:
        """The server's origin as its pages have it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{name}:{self.port}"


class _Sent(Struct, frozen=True):
    group: str
    port: int


_sent = msgspec.json.Decoder(_Sent).decode
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Serves the browser on loopback."""

    def __init__(self, net: Network, server: Server, streams: Streams, number: int) -> None:
        self._net, self._server, self._streams = net, server, streams
        self._own = frozenset(f"http://{name}:{number}" for name in ("127.0.0.1", "localhost"))
        self._number = number
        self._holder = f"viewer-{secrets.token_hex(6)}"
        self._deaf: dict[tuple[str, str], float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: Listener | None = None
        self.watching: dict[str, int] = {}
        """Windows by camera that are fed from the group."""

    async def start(self) -> None:
        """Listen on loopback."""
        loop = asyncio.get_running_loop()

        def factory() -> asyncio.BaseProtocol:
            reader = asyncio.StreamReader(limit=MAX_HEAD, loop=loop)
            return asyncio.StreamReaderProtocol(reader, self._connected, loop=loop)

        self._listener = await self._net.listen("viewer", factory, host="127.0.0.1", number=self._number)

    async def close(self) -> None:
        """Stop, and cut what is open."""
        if self._listener is not None:
            await self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= CONNECTIONS:
            writer.close()
            return
        task = asyncio.create_task(self._serve(reader, writer), name="viewer connection")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = read(await reader.readuntil(b"\r\n\r\n"))
            outward = towards_server(head, self._own, self._server.origin)
            if not head.live or not await self._watch(head, reader, writer):
                await self._pass(outward, reader, writer)
        except (HeadError, asyncio.LimitOverrunError) as error:
            _answer(writer, 421 if "not this viewer" in str(error) else 400, str(error))
        except Refusal as refusal:
            _answer(writer, 502, f"The server does not answer: {refusal.what} {refusal.remedy}")
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            log.debug("a connection ended: %s", error)
        finally:
            with contextlib.suppress(OSError):
                writer.close()
                await writer.wait_closed()

    # -- what passes ------------------------------------------------------------------------------------------------------

    async def _dial(self) -> Pair:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_HEAD, loop=loop)
        transport, protocol = await self._net.dial(
            "server",
            lambda: asyncio.StreamReaderProtocol(reader, loop=loop),
            self._server.host,
            self._server.port,
            tls=self._server.tls,
            server_hostname=self._server.host if self._server.tls else None,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _pass(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._dial()
        try:
            far_writer.write(head.encode())
            upward = asyncio.create_task(_copy(reader, far_writer))
            downward = asyncio.create_task(self._answer(far_reader, writer))
            try:
                # Whichever side ends first, the other has nobody to speak to.
                await asyncio.wait({upward, downward}, return_when=asyncio.FIRST_COMPLETED)
                if downward.done():
                    downward.result()
            finally:
                for task in (upward, downward):
                    task.cancel()
                await asyncio.gather(upward, downward, return_exceptions=True)
        finally:
            far_writer.close()

    async def _answer(self, far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = read(await far_reader.readuntil(b"\r\n\r\n"))
        writer.write(towards_browser(answer).encode())
        await _copy(far_reader, writer)

    async def _ask(self, head: Head, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Ask the server with the browser's own credentials; return the status and the body."""
        far_reader, far_writer = await self._dial()
        try:
            fields = [("host", self._server.origin.partition("://")[2]), ("x-sitewarden", "1"), ("connection", "close")]
            fields += [("cookie", head.get("cookie"))] if head.get("cookie") else []
            fields += [("authorization", head.get("authorization"))] if head.get("authorization") else []
            fields += [("content-type", "application/json"), ("content-length", str(len(body)))]
            far_writer.write(Head(f"{method} {path} HTTP/1.1", tuple(fields)).encode() + body)
            async with asyncio.timeout(HEAD_SECONDS):
                answer = read(await far_reader.readuntil(b"\r\n\r\n"))
                length = answer.get("content-length")
                size = min(int(length), MAX_ANSWER) if length.isdigit() else 0
                status = answer.start.split(" ")[1]
                return int(status) if status.isdigit() else 0, await far_reader.readexactly(size)
        finally:
            far_writer.close()

    # -- what comes from the group -----------------------------------------------------------------------------------------

    async def _watch(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Feed a window from the group; False where the server does not send, or nothing is heard here."""
        camera, loop = head.live, asyncio.get_running_loop()
        which = "sub" if head.second else "main"
        if self._deaf.get((camera, which), 0.0) > loop.time() or not head.get("sec-websocket-key"):
            return False
        place = f"/api/v1/cameras/{camera}/multicast"
        holder = f"{self._holder}-{secrets.token_hex(4)}"
        asked = msgspec.json.encode({"stream": which, "form": "mpegts", "seconds": HOLD, "holder": holder})
        status, answer = await self._ask(head, "POST", place, asked)
        if status != 200:
            return False
        sent = _sent(answer)
        try:
            stream = await self._streams.join(sent.group, sent.port, OPENING if head.second else SILENCE)
            if stream is None:
                log.warning("nothing of %s is heard from %s:%d: it comes from the server alone", camera, sent.group, sent.port)
                self._deaf[camera, which] = loop.time() + AGAIN
                return False
            try:
                await self._feed(head, camera, sent, (place, asked), reader, writer)
            finally:
                self._streams.leave(sent.group, sent.port)
        finally:
            with contextlib.suppress(OSError, Refusal, TimeoutError, HeadError, asyncio.IncompleteReadError):
                await self._ask(head, "DELETE", f"{place}?stream={which}&form=mpegts&holder={holder}")
        return True

    async def _feed(
        self,
        head: Head,
        camera: str,
        sent: _Sent,
        renewal: tuple[str, bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        writer.write(accept(head.get("sec-websocket-key")))
        window = Window(writer.transport)
        end = self._streams.subscribe(sent.group, sent.port, window)
        self.watching[camera] = self.watching.get(camera, 0) + 1
        gone = asyncio.create_task(_until_gone(reader))
        held = asyncio.create_task(self._renew(head, *renewal))
        try:
            await asyncio.wait({gone, held}, return_when=asyncio.FIRST_COMPLETED)
            if held.done() and not held.cancelled() and held.exception() is None:
                window.close(held.result())
        finally:
            end()
            self.watching[camera] -= 1
            if not self.watching[camera]:
                del self.watching[camera]
            for task in (gone, held):
                task.cancel()
            await asyncio.gather(gone, held, return_exceptions=True)

    async def _renew(self, head: Head, place: str, asked: bytes) -> str:
        """Keep the stream coming; return why that ended."""
        silent = 0
        while True:
            await asyncio.sleep(RENEW)
            try:
                status, _ = await self._ask(head, "POST", f"{place}/renew", asked)
            except (OSError, Refusal, TimeoutError, HeadError, asyncio.IncompleteReadError):
                silent += 1
                if silent * RENEW >= HOLD:
                    return "the server does not answer"
                continue
            silent = 0
            if status != 200:
                return "the server sends it no more"


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()


async def _until_gone(reader: asyncio.StreamReader) -> None:
    """Return once the browser closed: it sends nothing but that."""
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            if data[0] & 0x0F == 8:
                return


def _answer(writer: asyncio.StreamWriter, status: int, text: str) -> None:
    body = text.encode()
    fields = (("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(body))), ("connection", "close"))
    if not writer.transport.is_closing():
        writer.write(Head(f"HTTP/1.1 {status} Refused", fields).encode() + body)
