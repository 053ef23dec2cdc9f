"""A camera that sends Motion JPEG over HTTP: `python -m sim.mjpeg_server --port 8085`, then http://127.0.0.1:8085/."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import sys
from typing import Literal

from sim.encode import Loop, loop
from sitewarden.wire.rtsp_auth import Challenge, verify

Form = Literal["sized", "bare", "chunked"]
"""Parts with Content-Length, without, or the first in chunks."""


class MjpegServer:
    """Plays a loop to each client, from its begin."""

    def __init__(self, made: Loop, fps: int, *, user: str = "", password: str = "", scheme: str = "digest", form: Form = "sized"):
        self.made, self.fps, self.form = made, fps, form
        self.user, self.password = user, password
        self.frozen = False
        self.asked = 0
        self.challenge = Challenge(scheme=scheme, realm="camera", nonce=secrets.token_hex(16), algorithm="SHA-256", qop=True)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close everything at once, as a killed camera does."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked += 1
            given = next((line[15:] for line in head.split("\r\n") if line.lower().startswith("authorization: ")), "")
            if self.user and not verify(given, self.challenge, "GET", self.user, self.password):
                writer.write(f"HTTP/1.1 401 Unauthorized\r\n{self._offer()}\r\nContent-Length: 0\r\n\r\n".encode())
            else:
                await self._play(writer)

    def _offer(self) -> str:
        one = self.challenge
        if one.scheme == "basic":
            return f'WWW-Authenticate: Basic realm="{one.realm}"'
        return f'WWW-Authenticate: Digest realm="{one.realm}", nonce="{one.nonce}", algorithm=SHA-256, qop="auth"'

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        chunked = self.form == "chunked"
        more = "Transfer-Encoding: chunked\r\n" if chunked else ""
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=--edge\r\n{more}\r\n".encode())
        number = 0
        while not writer.is_closing():
            if not self.frozen:
                (picture,) = self.made.units[number % len(self.made.units)].nals
                size = "" if self.form == "bare" else f"Content-Length: {len(picture)}\r\n"
                part = f"--edge\r\nContent-Type: image/jpeg\r\n{size}\r\n".encode() + picture + b"\r\n"
                for piece in (part[:100], part[100:]) if chunked else (part,):
                    writer.write(b"%x\r\n" % len(piece) + piece + b"\r\n" if chunked else piece)
                number += 1
            await writer.drain()
            await asyncio.sleep(1 / self.fps)


def main() -> None:
    """Entry of `python -m sim.mjpeg_server`."""
    parser = argparse.ArgumentParser(prog="python -m sim.mjpeg_server", description="A camera that sends Motion JPEG over HTTP.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8085, help="port (8085)")
    parser.add_argument("--user", default="", help="asks for this user")
    parser.add_argument("--password", default="", help="and this password")
    options = parser.parse_args()

    async def serve() -> None:
        made = loop("http", width=640, height=360, fps=10, gop_seconds=1.0, codec="mjpeg")
        port = await MjpegServer(made, 10, user=options.user, password=options.password).start(options.host, options.port)
        sys.stdout.write(f"camera: http://{options.host}:{port}/\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())


if __name__ == "__main__":
    main()
