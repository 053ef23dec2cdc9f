"""uvicorn's WebSockets, with a way past the application's calls for what many get alike: live video."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION: Final = "sitewarden.pour"
"""Where a connection's Pour stands in its scope's extensions."""


class Pour:
    """Takes whole frames at once, while the application sends nothing else.

    `media.live_client.Sink`: it is open while the connection's buffer is below its mark; `on_open` is called when it opens again.
    """

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._writable = protocol.writable.is_set
        self.on_open: Callable[[], None] | None = None

    @property
    def open(self) -> bool:
        return self._writable()

    def write(self, framed: bytes) -> None:
        """Send a frame; after the connection's end it is let go."""
        protocol = self._protocol
        if not (protocol.disconnected or protocol.close_sent or protocol.transport.is_closing()):
            protocol.transport.write(framed)


class Protocol(WebSocketsSansIOProtocol):
    """A connection whose scope has its Pour."""

    _pour: Pour | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: dict[str, Any] | None = getattr(self, "scope", None)
        if scope is not None:
            self._pour = scope["extensions"][EXTENSION] = Pour(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._pour is not None and self._pour.on_open is not None:
            self._pour.on_open()


def pour(scope: Mapping[str, object]) -> Pour | None:
    """Return the connection's Pour; None where another server, such as a test's, runs the application."""
    extensions = scope.get("extensions")
    found = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    return found if isinstance(found, Pour) else None
