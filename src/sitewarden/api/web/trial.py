"""What a number that is tried gives out beside the usual pages: a sign that it was reached, and the proof for keeping it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from sitewarden.api.web.redirect import HOST

TRIAL_PATH: Final = "/port-trial"
"""Leads to the network page with the proof."""
REACHED_PATH: Final = "/port-trial/reached"
"""Answers a page of the old origin; it says nothing but that somebody answers."""
PAGE: Final = "/network"


@dataclass(slots=True)
class Trying:
    """The row that is tried in this process, and its number where the console answers on it; else 0."""

    row: str = ""
    number: int = 0


def with_proof(app: ASGIApp, row: str, proof: str, trying: Trying, console: Callable[[str], str]) -> ASGIApp:
    """Return the application of a tried number: `app`, and the two paths above while the trial lasts.

    `console` gives the origin of the console for a host name; empty where it is this one.
    """
    query = urlencode({"port": row, "proof": proof})

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path")
        if scope["type"] != ScopeType.HTTP or trying.row != row or path not in (TRIAL_PATH, REACHED_PATH):
            await app(scope, receive, send)
            return
        headers: list[tuple[bytes, bytes]] = [(b"cache-control", b"no-store"), (b"content-length", b"0")]
        status = 204
        if path == REACHED_PATH:
            headers = [(b"cache-control", b"no-store"), (b"access-control-allow-origin", b"*")]
        elif (host := host_of(scope)) is None:
            status = 400
        else:
            status = 307
            headers.append((b"location", f"{console(host)}{PAGE}?{query}".encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return answer


def host_of(scope: Any) -> str | None:
    """Return the host name that a request came to, without the port; None for a wrong one."""
    found = HOST.match(dict(scope["headers"]).get(b"host", b"").decode("latin-1"))
    return found[1] if found else None
