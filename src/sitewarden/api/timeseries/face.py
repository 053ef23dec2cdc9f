"""The ASGI application of port 9090. Only an API token opens it; browsers of other origins are told nothing (no CORS)."""

from __future__ import annotations

import gzip
import logging
import re
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from sitewarden.api.core import Core
from sitewarden.api.native.requests import header, remote
from sitewarden.api.timeseries import replies
from sitewarden.api.timeseries.arguments import LONGEST, credentials, parameters
from sitewarden.api.timeseries.handlers import HANDLERS, Asked, Handler, values
from sitewarden.api.timeseries.receiving import Receiver
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import NotFound, Refusal, Unreachable
from sitewarden.domain.promql.errors import BadQuery
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries

_log = logging.getLogger("sitewarden.api.timeseries")
PREFIX: Final = "/api/v1/"
WRITE: Final = "/api/v1/write"
PLAIN: Final = (b"content-type", b"text/plain; charset=utf-8")
_VALUES: Final = re.compile(r"label/([a-zA-Z_][a-zA-Z0-9_]*)/values")
_FORM: Final = "application/x-www-form-urlencoded"
COMPRESSED: Final = 4096
"""Bytes from which on an answer is compressed for who takes that."""


class _Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.status, self.body, self.headers = status, body, headers or []


def create_timeseries(bus: Bus, clock: Clock, queries: Queries, desk: Desk, *, timeout: float = 15.0) -> ASGIApp:
    """Return the application. `timeout` is what core has to say who may."""
    face = _Face(Core(bus, timeout=timeout), clock, queries, desk, Receiver(bus, clock))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        try:
            status, body, headers = await face.answer(scope, receive)
        except _Refused as refused:
            status, body, headers = refused.status, refused.body, refused.headers
        except Refusal as refusal:
            status, body = replies.refused(refusal)
            headers = []
            if status == 401:
                headers = [(b"www-authenticate", b'Basic realm="Sitewarden", charset="UTF-8"'), (b"www-authenticate", b"Bearer")]
        await _reply(scope, send, status, body, headers)

    return app


class _Face:
    def __init__(self, core: Core, clock: Clock, queries: Queries, desk: Desk, receiver: Receiver) -> None:
        self._core, self._clock, self._queries, self._desk, self._receiver = core, clock, queries, desk, receiver

    async def answer(self, scope: HTTPScope, receive: Receive) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """Return status, body and headers of the answer."""
        path = scope["path"]
        if path in ("/-/healthy", "/-/ready"):
            return 200, await self._alive(path), [PLAIN]
        peer = remote(scope)
        if path == WRITE:
            if scope["method"] != "POST":
                raise _Refused(405, b"remote write comes by POST\n", [(b"allow", b"POST"), PLAIN])
            caller = credentials(header(scope, b"authorization"))
            return await self._receiver.answer(scope, receive, lambda operation: self._ask(operation, caller, peer))
        handler, methods, name = _handler(path)
        if scope["method"] not in methods:
            allow = ", ".join(methods).encode()
            raise _Refused(405, b'{"status":"error","errorType":"bad_data","error":"method not allowed"}', [(b"allow", allow)])
        shown = credentials(header(scope, b"authorization"))
        points = await self._desk.points(lambda operation: self._ask(operation, shown, peer))
        form = await _body(scope, receive) if scope["method"] == "POST" else b""
        asked = Asked(points, parameters(scope["query_string"], form), self._queries, self._clock, name)
        return 200, await handler(asked), []

    async def _ask(self, operation: str, shown: Credentials, peer: str) -> bytes:
        answer = await self._core.invoke(operation, Nothing(), shown, remote=peer, form="msgpack")
        return answer.body

    async def _alive(self, path: str) -> bytes:
        if path == "/-/healthy":
            return b"Sitewarden is Healthy.\n"
        try:
            await self._core.invoke("session.get", Nothing(), Credentials())
        except Unreachable:
            raise _Refused(503, b"Service Unavailable", [PLAIN]) from None
        except Refusal:
            # Nobody is signed in: core says so, hence it answers.
            pass
        return b"Sitewarden is Ready.\n"


def _handler(path: str) -> tuple[Handler, tuple[str, ...], str]:
    below = path.removeprefix(PREFIX)
    if below != path:
        found = HANDLERS.get(below)
        if found is not None:
            return (*found, "")
        matched = _VALUES.fullmatch(below)
        if matched is not None:
            return values, ("GET",), matched[1]
    raise NotFound("there is nothing here", remedy="See docs/timeseries.md for what is served.")


async def _body(scope: HTTPScope, receive: Receive) -> bytes:
    if header(scope, b"content-type").partition(";")[0].strip().lower() != _FORM:
        raise BadQuery(f"the body is not {_FORM}")
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] != "http.request":
            raise BadQuery("the request ended before its body")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LONGEST:
            raise BadQuery(f"the request has more than {LONGEST} bytes of parameters")
        if not message.get("more_body", False):
            return b"".join(parts)


async def _reply(scope: HTTPScope, send: Send, status: int, body: bytes, more: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), *more]
    if not any(name == b"content-type" for name, _ in more):
        headers.append((b"content-type", b"application/json"))
    if len(body) >= COMPRESSED and "gzip" in header(scope, b"accept-encoding"):
        body = gzip.compress(body, 1)
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    start: Any = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
