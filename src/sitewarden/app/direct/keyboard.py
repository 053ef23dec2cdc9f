"""What is typed while a controller is held, line by line, on the event loop."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from typing import Final

CHUNK: Final = 4096
LINES: Final = 64
"""Lines that wait to be carried out; further ones are dropped."""


class Keyboard:
    """Reads standard input where it is a terminal, a pipe or a socket; anything else is at its end from the start."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(LINES)
        self._rest = b""
        self._descriptor = -1
        try:
            descriptor = sys.stdin.fileno()
            mode = os.fstat(descriptor).st_mode
        except (OSError, ValueError):
            self._put(None)
            return
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)):
            self._put(None)
            return
        self._descriptor = descriptor
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    async def line(self) -> str | None:
        """Return the next line; None at the end."""
        return await self._lines.get()

    def close(self) -> None:
        """Read no more."""
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._descriptor = -1

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, CHUNK)
        except OSError:
            data = b""
        if not data:
            self.close()
            self._put(None)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-CHUNK:]
        for line in lines:
            self._put(line.decode(errors="replace"))

    def _put(self, line: str | None) -> None:
        if self._lines.full() and line is None:
            self._lines.get_nowait()
        if not self._lines.full():
            self._lines.put_nowait(line)
