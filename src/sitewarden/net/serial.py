"""Serial lines: 8 data bits, no parity, 1 stop bit, raw. A file, no socket, and in the ledger all the same."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
import termios
from typing import Any, Final

from sitewarden.domain.errors import Conflict, Refusal, Unreachable
from sitewarden.domain.portrow import PortRow
from sitewarden.net.endpoints import now
from sitewarden.net.interfaces import LedgerEntry

HELD: Final = 4096
"""Bytes that wait to be sent; a line that takes no more is dead, and is closed."""
_CHUNK: Final = 4096
_TIOCSRS485: Final = 0x542F
_RS485: Final = struct.pack("=IIIIIIII", 0b11, 0, 0, 0, 0, 0, 0, 0)
"""struct serial_rs485 (linux/serial.h): enabled, RTS on while sending."""


class SerialLine(asyncio.Transport):
    """An open line as a transport. Opening raises Refusal with what is wrong."""

    def __init__(self, row: PortRow, lease: Any, protocol: asyncio.Protocol, path: str, baud: int, *, rs485: bool) -> None:
        super().__init__({"path": path})
        self.row, self.path, self.since = row, path, now()
        self.bytes_in = self.bytes_out = 0
        self._lease, self._protocol = lease, protocol
        self._waiting = bytearray()
        self._loop = asyncio.get_running_loop()
        self._fd = _open(path, baud, rs485=rs485)
        self._loop.add_reader(self._fd, self._readable)
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; what the line does not take at once waits, HELD bytes at most."""
        if self._fd < 0:
            return
        self._waiting += data
        self._writable()
        if self._waiting:
            if len(self._waiting) > HELD:
                self._end(OSError(errno.ETIMEDOUT, f"{self.path} takes nothing"))
            else:
                self._loop.add_writer(self._fd, self._writable)

    def is_closing(self) -> bool:
        return self._fd < 0

    def close(self) -> None:
        self._end(None)

    def abort(self) -> None:
        self._end(None)

    def entry(self, role: str, pid: int) -> LedgerEntry | None:
        """Return the line of the ledger; None once closed."""
        if self._fd < 0:
            return None
        return LedgerEntry(
            port=self.row.name,
            transport="serial",
            direction="both",
            local=self.path,
            role=role,
            pid=pid,
            since=self.since,
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            peers=int(self.bytes_in > 0),
        )

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
            return
        if not data:
            self._end(None)
            return
        self.bytes_in += len(data)
        self._protocol.data_received(data)

    def _writable(self) -> None:
        try:
            sent = os.write(self._fd, self._waiting)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
            return
        self.bytes_out += sent
        del self._waiting[:sent]
        if not self._waiting:
            self._loop.remove_writer(self._fd)

    def _end(self, error: OSError | None) -> None:
        if self._fd < 0:
            return
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        os.close(self._fd)
        self._fd = -1
        self._lease.close()
        self._loop.call_soon(self._protocol.connection_lost, error)


def _open(path: str, baud: int, *, rs485: bool) -> int:
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        remedy = "Add this user to the line's group, often dialout." if error.errno == errno.EACCES else "Name the line's device."
        raise Unreachable(f"{path} cannot be opened: {error.strerror}", where="osdp.serial", remedy=remedy) from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _configure(fd, baud)
        if rs485:
            fcntl.ioctl(fd, _TIOCSRS485, _RS485)
    except BlockingIOError:
        os.close(fd)
        raise Conflict(f"{path} is in use by another program", where="osdp.serial", remedy="Stop that program.") from None
    except (OSError, termios.error) as error:
        os.close(fd)
        text = error.args[-1]
        what = f"{path} cannot be set to {baud} baud{' and RS-485' if rs485 else ''}: {text}"
        raise Refusal(
            what, where="osdp.serial", remedy="Name a serial line; set rs485 = false where its driver has none."
        ) from None
    return fd


def _configure(fd: int, baud: int) -> None:
    speed = getattr(termios, f"B{baud}")
    control = termios.tcgetattr(fd)[6]
    control[termios.VMIN], control[termios.VTIME] = 0, 0
    flags = termios.CS8 | termios.CREAD | termios.CLOCAL
    termios.tcsetattr(fd, termios.TCSANOW, [0, 0, flags, 0, speed, speed, control])
    termios.tcflush(fd, termios.TCIOFLUSH)
