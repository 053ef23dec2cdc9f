"""Port 80 off loopback: a redirect to the console under TLS, and the site's CA certificate for trusting it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

CA_PATH: Final = "/ca.crt"
HOST: Final = re.compile(r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253})(:\d{1,5})?$")


def create_redirect(port: Callable[[], int], ca_certificate: bytes) -> ASGIApp:
    """Return the application of the web port: every page leads to https on `port`, as it is then; /ca.crt is the CA, in PEM."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await send({"type": "websocket.close", "code": 1008, "reason": "Use wss."})
            return
        headers = dict(scope["headers"])
        host = HOST.match(headers.get(b"host", b"").decode("latin-1"))
        if scope["path"] == CA_PATH and ca_certificate:
            await _send(send, 200, ca_certificate, (b"content-type", b"application/x-x509-ca-cert"))
        elif host is None:
            await _send(send, 400, b"The Host header is missing or wrong.\n", (b"content-type", b"text/plain"))
        else:
            target = f"https://{host[1]}:{port()}/"
            await _send(send, 307, f"The console is at {target}\n".encode(), (b"location", target.encode()))

    return app


async def _send(send: Send, status: int, body: bytes, header: tuple[bytes, bytes]) -> None:
    headers = [header, (b"content-length", str(len(body)).encode()), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
