"""A listener of this process: on one number, or on two while another number is tried for its row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sitewarden.net.interfaces import Tls
from sitewarden.net.listening import Acceptor, Listening


class LocalListener:
    """What `listen` returns; `close` stops it and cuts its connections.

    Whoever holds it need not know of a change of its port: the network adds the new number and drops the old one.
    """

    def __init__(self, endpoint: Listening, factory: Callable[[], asyncio.BaseProtocol] | None = None, tls: Tls = None) -> None:
        self._endpoints = [endpoint]
        self._factory, self._tls = factory, tls

    @property
    def host(self) -> str:
        return self._endpoints[0].host

    @property
    def number(self) -> int:
        return self._endpoints[0].number

    @property
    def row(self) -> str:
        return self._endpoints[0].row.name

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers that it listens on now; none once it is closed."""
        return tuple(each.number for each in self._endpoints if each.sock.fileno() >= 0)

    async def add(self, endpoint: Listening) -> None:
        """Take connections on one more socket, with the same protocol and TLS."""
        assert self._factory is not None, "only a listener of a row of TCP takes another number"
        self._endpoints.append(endpoint)
        await Acceptor(endpoint, self._factory, self._tls).start_serving()

    async def settle(self, number: int) -> None:
        """Close every other number than this one, and cut the connections there."""
        staying = [each for each in self._endpoints if each.number == number]
        going = [each for each in self._endpoints if each.number != number]
        self._endpoints = staying or going[:1]
        await _close(going)

    async def close(self) -> None:
        await _close(self._endpoints)


async def _close(endpoints: list[Listening]) -> None:
    for endpoint in endpoints:
        endpoint.close()
        endpoint.abort()
    for endpoint in endpoints:
        if endpoint.acceptor is not None:
            await endpoint.acceptor.wait_closed()
