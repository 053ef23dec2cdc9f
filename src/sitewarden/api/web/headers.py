"""Headers that every answer of the console's origin carries. ASGI middleware."""

from __future__ import annotations

from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from sitewarden.api.web.trial import Trying, host_of

_POLICY: Final = b"content-security-policy"
_CONNECT: Final = "connect-src 'self'"
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # Component libraries write style elements; styles carry no code.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        _CONNECT,
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS: Final = (
    (_POLICY, CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),
)


class SecurityHeaders:
    """Adds the headers to every HTTP answer. While another number is tried, pages may also look whether that one answers."""

    def __init__(self, app: ASGIApp, trying: Trying, scheme: str) -> None:
        self._app = app
        self._trying = trying
        self._scheme = scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application below."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return

        headers = HEADERS
        if self._trying.number and (host := host_of(scope)):
            policy = CONTENT_SECURITY_POLICY.replace(_CONNECT, f"{_CONNECT} {self._scheme}://{host}:{self._trying.number}")
            headers = ((_POLICY, policy.encode()), *HEADERS[1:])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        await self._app(scope, receive, send_with_headers)
