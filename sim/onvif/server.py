"""Serves the simulated camera's ONVIF services over HTTP, with what can be wrong with a camera on the way."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
import time
from typing import Literal

from sim.onvif.camera import OnvifCamera
from sim.onvif.properties import Subscription
from sitewarden.wire.rtsp_auth import Challenge, verify
from sitewarden.wire.soap import CONTENT_TYPE

PULL: float = 5.0
"""Seconds that a pull waits."""


class OnvifServer:
    """Serves one camera's ONVIF services over HTTP.

    `proof` is how it asks for the password: "token" (user name token), or "digest" (HTTP Digest, for everything but its clock).
    """

    def __init__(self, camera: OnvifCamera, *, proof: Literal["token", "digest"] = "token", advertised: str = "") -> None:
        self.camera = camera
        self.proof = proof
        self.advertised = advertised
        """Host and port that it names in its addresses, as a camera behind an address translation does; empty: the asked one."""
        self.delay = 0.0
        """Seconds before each answer."""
        self.raw: bytes | None = None
        """What is answered to everything, whatever was asked; None: what is right."""
        self.challenge = Challenge(scheme="digest", realm="camera", nonce=secrets.token_hex(8), qop=True)
        self.port = 0
        self._host = ""
        self.tls: ssl.SSLContext | None = None
        """What it serves HTTPS with; None: HTTP."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._news = asyncio.Event()
        camera.properties.wake = self._wake

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def start(self, host: str, port: int = 0) -> int:
        """Listen; return the port."""
        self._host = host
        self._server = await asyncio.start_server(self._serve, host, port, ssl=self.tls)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def stop(self) -> None:
        """Close everything at once, as a camera does whose cable is cut."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def restart(self) -> None:
        """Do as after a loss of power: every connection and every subscription is gone."""
        await self.stop()
        self.camera.properties.forget_subscriptions()
        self.camera.head.halt()
        await self.start(self._host, self.port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._request(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        await asyncio.sleep(self.delay)
        if self.raw is not None:
            writer.write(self.raw)
            await writer.drain()
            return False
        told = fields.get("authorization", "")
        camera = self.camera
        proven = bool(told) and verify(told, self.challenge, "POST", camera.user, camera.password)
        asks = b"GetSystemDateAndTime" not in body and bool(camera.user) and self.proof == "digest"
        extra = ""
        if asks and not proven:
            nonce = self.challenge.nonce
            extra = f'WWW-Authenticate: Digest realm="camera", nonce="{nonce}", qop="auth", algorithm=MD5\r\n'
            status, answer = 401, b""
        else:
            host = self.advertised or fields.get("host", f"{self._host}:{self.port}")
            status, answer, waiting = camera.answer(first.split()[1], body, host, proven=proven)
            if waiting is not None:
                answer = await self._pull(waiting)
                status = 200 if b":Fault>" not in answer else 400
        keep = fields.get("connection", "").lower() != "close"
        writer.write(
            f"HTTP/1.1 {status} {'OK' if status == 200 else 'Error'}\r\nContent-Type: {CONTENT_TYPE}\r\n{extra}"
            f"Content-Length: {len(answer)}\r\nConnection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode()
            + answer
        )
        await writer.drain()
        return keep

    async def _pull(self, subscription: Subscription) -> bytes:
        ends = time.monotonic() + PULL
        while not subscription.messages and subscription.id in self.camera.properties.subscriptions and time.monotonic() < ends:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), ends - time.monotonic())
        return self.camera.properties.pulled(subscription)
