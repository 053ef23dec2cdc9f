"""What the event loop asks before it opens an endpoint: a leased socket, or a permit that stands now."""

from __future__ import annotations

import ipaddress
import socket
import weakref
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

from sitewarden.domain.errors import Refusal

if TYPE_CHECKING:
    import asyncio

    from sitewarden.net.listening import Listening

leased: weakref.WeakKeyDictionary[socket.socket, Listening | None] = weakref.WeakKeyDictionary()
"""Sockets that a Network made, with their listening endpoint where they listen."""

current: ContextVar[Permit | None] = ContextVar("sitewarden_permit", default=None)


class Permit:
    """The right of library code to connect to one peer, within `with`. Tasks begun inside lose it when the block ends."""

    def __init__(
        self, host: str, number: int, opened: Callable[[asyncio.BaseTransport], None] | None, *, path: str = "", what: str = ""
    ) -> None:
        self.host, self.number, self.path, self.what = host, number, path, what
        self.opened = opened
        self._active = False
        self._token: Token[Permit | None] | None = None

    def __enter__(self) -> Permit:
        self._active = True
        self._token = current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._active = False
        if self._token is not None:
            current.reset(self._token)
            self._token = None

    def allows(self, host: Any, number: Any) -> bool:
        """Tell whether this permit stands and names exactly that peer."""
        return self._active and number == self.number and same_host(self.host, host)

    def allows_path(self, path: Any) -> bool:
        """Tell whether this permit stands and names exactly that Unix socket."""
        return self._active and bool(self.path) and str(path) == self.path


def same_host(one: str, other: Any) -> bool:
    """Compare hosts as names, or as addresses where both are."""
    if one == other:
        return True
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return False


def demand_peer(host: Any, number: Any) -> Permit:
    """Return the permit that allows a connection to host:number, or refuse."""
    permit = current.get()
    if permit is None or not permit.allows(host, number):
        raise no_lease(f"a connection to {host}:{number}")
    return permit


def no_lease(what: str) -> Refusal:
    """Return the refusal for an endpoint that nothing in the manifest stands behind."""
    return Refusal(
        f"{what} was not asked of the network.",
        remedy="Open it with net.listen, net.dial or net.datagram, or inside `with net.permit(row, host, number)`.",
    )
