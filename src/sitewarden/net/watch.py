"""Protocols that tell the ledger when a connection begins and ends, with nothing between the transport and its data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

PASSED_ON = ("data_received", "eof_received", "pause_writing", "resume_writing", "get_buffer", "buffer_updated")


class Watched(asyncio.BaseProtocol):
    """Stands in for a stream protocol; the transport calls the inner protocol's own methods for data."""

    def __init__(
        self,
        inner: asyncio.BaseProtocol,
        made: Callable[[asyncio.BaseTransport], None],
        lost: Callable[[asyncio.BaseTransport, Exception | None], None],
    ) -> None:
        self.inner, self._made, self._lost = inner, made, lost
        self._transport: asyncio.BaseTransport | None = None
        for name in PASSED_ON:
            if hasattr(inner, name):
                setattr(self, name, getattr(inner, name))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._made(transport)
        self.inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._lost(self._transport, exc)
        self.inner.connection_lost(exc)


class CountedDatagrams(asyncio.DatagramProtocol):
    """Counts datagrams for a protocol that does not count its own. One that has `bytes_in` is never wrapped."""

    def __init__(self, inner: asyncio.DatagramProtocol) -> None:
        self.inner = inner
        self.bytes_in = 0
        self.bytes_out = 0
        self.last_error = ""
        self.sources: set[Any] = set()
        self._received = inner.datagram_received
        self._shown: CountedTransport | None = None

    def shown(self, real: asyncio.DatagramTransport) -> asyncio.DatagramTransport:
        """Return the transport that its owner uses: it counts what is sent."""
        return self._shown or CountedTransport(real, self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._shown = CountedTransport(transport, self)  # type: ignore[arg-type]
        self.inner.connection_made(self._shown)

    def connection_lost(self, exc: Exception | None) -> None:
        self.inner.connection_lost(exc)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.bytes_in += len(data)
        if addr not in self.sources and len(self.sources) < 1024:
            self.sources.add(addr)
        self._received(data, addr)

    def error_received(self, exc: Exception) -> None:
        self.last_error = str(exc)
        self.inner.error_received(exc)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()


class CountedTransport(asyncio.DatagramTransport):
    """The transport of a counted protocol; `sendto` counts."""

    def __init__(self, real: asyncio.DatagramTransport, counter: CountedDatagrams) -> None:
        super().__init__()
        self.real, self._counter, self._send = real, counter, real.sendto

    def sendto(self, data: Any, addr: Any = None) -> None:
        self._counter.bytes_out += len(data)
        self._send(data, addr)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.real.get_extra_info(name, default)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._counter.inner

    def is_closing(self) -> bool:
        return self.real.is_closing()

    def close(self) -> None:
        self.real.close()

    def abort(self) -> None:
        self.real.abort()
