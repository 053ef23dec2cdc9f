"""Files between core, its children and the web process: tables that come in, tables and reports that go out. Does file I/O.

They lie in one directory of the node's own user, mode 0600; what nobody fetched goes after `KEPT` seconds, all at a start.
"""

from __future__ import annotations

import os
import secrets
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

KEPT: Final = 3600.0
"""Seconds that a file stays."""
LENGTH: Final = struct.Struct("<I")
"""In front of each item."""


class Spool:
    """The directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def clear(self) -> None:
        """Remove what an earlier run left."""
        self._remove(older_than=float("inf"))

    def new(self, suffix: str) -> Path:
        """Return a path that nobody has; makes room by removing old files."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._remove(older_than=time.time() - KEPT)
        path = self._folder / f"{secrets.token_hex(16)}{suffix}"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return path

    @contextmanager
    def made(self, suffix: str) -> Iterator[Path]:
        """Yield a path that nobody has; the file goes again where what makes it does not end well."""
        path, whole = self.new(suffix), False
        try:
            yield path
            whole = True
        finally:
            if not whole:
                path.unlink(missing_ok=True)

    @contextmanager
    def passing(self, suffix: str) -> Iterator[Path]:
        """Yield a path that nobody has; the file goes at the end."""
        path = self.new(suffix)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _remove(self, *, older_than: float) -> None:
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            try:
                if path.is_file() and path.stat().st_mtime < older_than:
                    path.unlink()
            except OSError:
                continue


def write_items(path: Path, items: Iterable[Any]) -> None:
    """Write items one after the other, each msgpack behind its length (4 bytes, little-endian)."""
    encode = msgspec.msgpack.Encoder().encode
    with path.open("wb") as file:
        for item in items:
            file.write(item_bytes(encode(item)))


def item_bytes(data: bytes) -> bytes:
    """Return an item as it stands in a file."""
    return LENGTH.pack(len(data)) + data


def read_items(path: Path, type_: Any) -> Iterator[Any]:
    """Yield what `write_items` wrote."""
    decode = msgspec.msgpack.Decoder(type_).decode
    with path.open("rb") as file:
        while head := file.read(LENGTH.size):
            yield decode(file.read(LENGTH.unpack(head)[0]))
