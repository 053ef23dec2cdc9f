"""The ASGI application of port 8601: third-party systems and mobile apps that speak the Digifort-style HTTP API."""

from __future__ import annotations

from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from sitewarden.api.core import Core
from sitewarden.api.digifort.arguments import arguments, credentials, response_format
from sitewarden.api.digifort.commands import COMMANDS, Request
from sitewarden.api.digifort.replies import MEDIA_TYPES, Format, Many, One, encode
from sitewarden.api.native.requests import header, remote
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Forbidden, Invalid, NotFound, Refusal, TooMany, Unauthenticated, Unreachable

NOT_FOUND, VALUE_INVALID, AUTHENTICATION_REQUIRED, NO_RIGHT, DATA_INVALID = 3, 7, 9, 10, 11
ACCOUNT_BLOCKED, WRONG_PASSWORD = 204, 206
_CODES: Final[dict[type[Refusal], int]] = {
    NotFound: NOT_FOUND,
    Invalid: VALUE_INVALID,
    Forbidden: NO_RIGHT,
    Unauthenticated: WRONG_PASSWORD,
    TooMany: ACCOUNT_BLOCKED,
}


def create_digifort(bus: Bus, clock: Clock, *, timeout: float = 15.0) -> ASGIApp:
    """Return the application. Outcomes stand in the reply's code; the status is 200 but for authentication by header,
    which browsers have to be challenged for, unknown paths, and a server that is not ready.
    """
    core, started = Core(bus, timeout=timeout), clock.now()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        form: Format = "XML"
        by_header = True
        try:
            given = arguments(scope["query_string"])
            form = response_format(given)
            command = COMMANDS.get(scope["path"].lower().rstrip("/"))
            if command is None or scope["method"] not in ("GET", "HEAD"):
                await _reply(send, 404, form, NOT_FOUND, "There is no such command")
                return
            shown, by_header = credentials(given, header(scope, b"authorization"))
            if shown is None:
                await _reply(send, 401, form, AUTHENTICATION_REQUIRED, "Authentication required", challenge=True)
                return
            request = Request(core, clock, started, given, shown, remote(scope))
            await _reply(send, 200, form, 0, "OK", await command(request))
        except Unauthenticated as refusal:
            status = 401 if by_header else 200
            await _reply(send, status, form, WRONG_PASSWORD, refusal.what, challenge=by_header)
        except Unreachable as refusal:
            await _reply(send, 503, form, DATA_INVALID, refusal.what)
        except Refusal as refusal:
            await _reply(send, 200, form, _CODES.get(type(refusal), DATA_INVALID), str(refusal))

    return app


async def _reply(
    send: Send, status: int, form: Format, code: int, message: str, data: Many | One | None = None, *, challenge: bool = False
) -> None:
    body = encode(form, code, message, data)
    headers: list[tuple[bytes, bytes]] = [
        (b"content-type", MEDIA_TYPES[form].encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if challenge:
        headers.append((b"www-authenticate", b'Basic realm="Sitewarden", charset="UTF-8"'))
    start: Any = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})
