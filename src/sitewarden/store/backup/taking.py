"""Files into a repository: cut into pieces of which only new ones are stored. Blocking file I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Unreachable
from sitewarden.store.backup.repository import Repo
from sitewarden.wire.backup import FILM_PIECE, PIECE, File, Piece, piece_of

TRIES: Final = 3
Kind = Literal["database", "file", "settings", "recording"]


class Source(Struct, frozen=True, kw_only=True):
    """A file to take: where it is read, and its name in the backup."""

    read: Path
    path: str
    kind: Kind = "file"
    volume: str = ""


class Remembered(Struct, frozen=True, array_like=True):
    """A recording that was taken before: it never changes, so nobody reads it again."""

    size: int
    changed: int
    file: File


class Memory:
    """What is remembered of recordings between two backups, in a file of this user alone; it may be lost."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fresh: dict[str, Remembered] = {}
        try:
            self._known = msgspec.msgpack.decode(path.read_bytes(), type=dict[str, Remembered])
        except (OSError, msgspec.MsgspecError):
            self._known = {}

    def find(self, source: Source, repo: Repo) -> File | None:
        """Return a recording as it was taken, where it is the same and all its pieces are still there."""
        stat = source.read.stat()
        known = self._known.get(source.path)
        if known is None or (known.size, known.changed) != (stat.st_size, stat.st_mtime_ns):
            return None
        if not all(repo.has(one.id) for one in known.file.pieces):
            return None
        self._fresh[source.path] = known
        return known.file

    def note(self, source: Source, file: File) -> None:
        """Remember a recording."""
        self._fresh[source.path] = Remembered(file.size, source.read.stat().st_mtime_ns, file)

    def keep(self) -> None:
        """Write down what this backup met; what is gone is forgotten."""
        draft = self._path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(msgspec.msgpack.encode(self._fresh))
        draft.replace(self._path)


class Taker:
    """Takes file after file. `stored` counts the bytes that were new, `size` all."""

    def __init__(self, repo: Repo, secret: bytes, told: Callable[[int], None] = lambda size: None) -> None:
        self._repo = repo
        self._secret = secret
        self._told = told
        self.files: list[File] = []
        self.stored = 0
        self.size = 0
        self.vanished: list[str] = []

    def take(self, sources: Iterable[Source], memory: Memory | None = None) -> None:
        """Take files. Those that go meanwhile are listed in `vanished`."""
        for source in sources:
            try:
                file = memory.find(source, self._repo) if memory else None
                if file is None:
                    file = self._read(source)
                    if memory:
                        memory.note(source, file)
                else:
                    self._told(file.size)
            except FileNotFoundError:
                self.vanished.append(source.path)
                continue
            except OSError as error:
                raise Unreachable(
                    f"A file cannot be read: {error.strerror}.", where=str(source.read), remedy="Check its disk and its rights."
                ) from error
            self.files.append(file)
            self.size += file.size

    def pieces(self) -> bytes:
        """Return the ids of all pieces, as a backup's head has them."""
        return b"".join(sorted({piece.id for file in self.files for piece in file.pieces}))

    def _read(self, source: Source) -> File:
        for left in reversed(range(TRIES)):
            pieces: list[Piece] = []
            digest, size = hashlib.sha256(), 0
            length = FILM_PIECE if source.kind == "recording" else PIECE
            with source.read.open("rb") as file:
                before = _state(source.read)
                while data := file.read(length):
                    piece = piece_of(self._secret, data)
                    self.stored += self._repo.put(piece, data, squeeze=source.kind != "recording")
                    pieces.append(piece)
                    digest.update(data)
                    size += len(data)
                    self._told(len(data))
                mode = source.read.stat().st_mode & 0o777
            if _state(source.read) == before or not left:
                break
        return File(
            path=source.path, mode=mode, size=size, sha256=digest.digest(), pieces=pieces, kind=source.kind, volume=source.volume
        )


def _state(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
