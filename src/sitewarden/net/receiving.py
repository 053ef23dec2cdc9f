"""Receiving UDP that comes in bursts: many datagrams in one call of the kernel (recvmmsg), handed on as one batch.

A call for each datagram is what bounds how many streams a core takes. The buffer is one for all sockets of an event loop, since
each batch is copied out before the next call; no datagram is larger than its slot, so none is ever cut.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import socket
import sys
from typing import Any, Final, Protocol, cast
from weakref import WeakKeyDictionary

BATCH: Final = 64
"""Datagrams in one call."""
TURNS: Final = 4
"""Calls in a row for one socket; what is left waits in the kernel until the others had their turn."""
SLOT: Final = 65_536 + 1_344
"""Bytes of a slot: the largest datagram, and slots that do not all fall into the same lines of a cache."""
NAMES: Final = {socket.AF_INET: 16, socket.AF_INET6: 28}
"""Bytes of an address (sockaddr_in, sockaddr_in6)."""
SHUT: Final = frozenset((errno.EAGAIN, errno.EINTR))


class _Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("vectors", ctypes.POINTER(_Vector)),
        ("count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Header(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("message", _Message), ("length", ctypes.c_uint32))


class Batches(Protocol):
    """A protocol that takes datagrams in batches; `datagram_received` serves where the kernel has no such call."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...
    def error_received(self, exc: Exception) -> None: ...
    def datagrams_received(self, batch: list[bytes], addr: tuple[str, int]) -> None:
        """Take datagrams of one sender, in the order in which they came; one of no bytes is among them."""
        ...


def _found() -> Any:
    """Return the C library's function; None where it has none."""
    try:
        function = ctypes.CDLL(None, use_errno=True).recvmmsg
    except (OSError, AttributeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
    function.restype = ctypes.c_int
    return function


_recvmmsg: Final = _found()


def serves(protocol: object) -> bool:
    """Tell whether this computer has the call, and the protocol takes batches."""
    return _recvmmsg is not None and hasattr(protocol, "datagrams_received")


class _Buffer:
    """The slots, and what the kernel is told of them."""

    def __init__(self, family: socket.AddressFamily) -> None:
        self._name = NAMES[family]
        self._slots = bytearray(BATCH * SLOT)
        self._names = bytearray(BATCH * self._name)
        self._vectors = (_Vector * BATCH)()
        self._headers = (_Header * BATCH)()
        slots = ctypes.addressof((ctypes.c_char * len(self._slots)).from_buffer(self._slots))
        names = ctypes.addressof((ctypes.c_char * len(self._names)).from_buffer(self._names))
        for number in range(BATCH):
            vector, message = self._vectors[number], self._headers[number].message
            vector.base, vector.size = slots + number * SLOT, SLOT
            message.name, message.name_size = names + number * self._name, self._name
            message.vectors, message.count = ctypes.pointer(vector), 1
        self._view = memoryview(self._slots)
        words = memoryview(self._headers).cast("B").cast("I")
        step = ctypes.sizeof(_Header) // 4
        self._lengths = words[_Header.length.offset // 4 :: step]
        self._address = ctypes.addressof(self._headers)

    def receive(self, descriptor: int) -> list[bytes]:
        """Return what waits, BATCH datagrams at most. Raises OSError."""
        count = _recvmmsg(descriptor, self._address, BATCH, socket.MSG_DONTWAIT, None)
        if count < 0:
            code = ctypes.get_errno()
            if code in SHUT:
                return []
            raise OSError(code, os.strerror(code))
        view, at, found = self._view, 0, []
        for length in self._lengths[:count].tolist():
            found.append(bytes(view[at : at + length]))
            at += SLOT
        return found

    def names(self, count: int) -> list[bytes]:
        """Return the senders of the last call's datagrams, as the kernel writes them."""
        size = self._name
        return [bytes(self._names[at : at + size]) for at in range(0, count * size, size)]

    def alike(self, count: int, name: bytes) -> bool:
        """Tell whether all of them have this sender."""
        return self._names.startswith(name * count)


_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[socket.AddressFamily, _Buffer]] = WeakKeyDictionary()
"""One loop's callbacks run one after another, so one buffer serves all its sockets of a family."""


def _buffer(loop: asyncio.AbstractEventLoop, family: socket.AddressFamily) -> _Buffer:
    held = _buffers.setdefault(loop, {})
    if family not in held:
        held[family] = _Buffer(family)
    return held[family]


class BurstTransport(asyncio.DatagramTransport):
    """A UDP socket whose protocol takes batches. What is sent while the kernel has no room is lost, as on any network."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sock: socket.socket, protocol: Batches) -> None:
        super().__init__({"socket": sock, "sockname": sock.getsockname(), "peername": None})
        self._loop, self._sock, self._protocol = loop, sock, protocol
        self._descriptor = sock.fileno()
        self._buffer = _buffer(loop, sock.family)
        self._closing = False
        self._sender = b""
        self._address: tuple[str, int] = ("", 0)
        protocol.connection_made(self)
        loop.add_reader(self._descriptor, self._readable)

    def _readable(self) -> None:
        for _ in range(TURNS):
            try:
                batch = self._buffer.receive(self._descriptor)
            except OSError as fault:
                self._protocol.error_received(fault)
                return
            count = len(batch)
            if not count:
                return
            if self._sender and self._buffer.alike(count, self._sender):
                self._protocol.datagrams_received(batch, self._address)
            else:
                self._sorted(batch)
            if count < BATCH or self._closing:
                return

    def _sorted(self, batch: list[bytes]) -> None:
        """Hand on a batch of several senders, or of a new one, in runs of one each."""
        names = self._buffer.names(len(batch))
        begin = 0
        for number, name in enumerate(names):
            if number + 1 < len(names) and names[number + 1] == name:
                continue
            if name != self._sender:
                self._sender, self._address = name, _address(name)
            self._protocol.datagrams_received(batch[begin : number + 1], self._address)
            begin = number + 1
            if self._closing:
                return

    def sendto(self, data: Any, addr: Any = None) -> None:
        """Send a datagram."""
        if self._closing:
            return
        try:
            if addr is None:
                self._sock.send(data)
            else:
                self._sock.sendto(data, addr)
        except BlockingIOError:
            return
        except OSError as fault:
            self._protocol.error_received(fault)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """Stop receiving; `connection_lost` is called from the loop."""
        if self._closing:
            return
        self._closing = True
        self._loop.remove_reader(self._descriptor)
        self._sock.close()
        self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()

    def get_protocol(self) -> asyncio.BaseProtocol:
        return cast("asyncio.BaseProtocol", self._protocol)

    def get_write_buffer_size(self) -> int:
        return 0


def _address(name: bytes) -> tuple[str, int]:
    """Return host and port of a sockaddr."""
    port = int.from_bytes(name[2:4], "big")
    if int.from_bytes(name[:2], sys.byteorder) == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, name[8:24]), port
    return socket.inet_ntop(socket.AF_INET, name[4:8]), port
