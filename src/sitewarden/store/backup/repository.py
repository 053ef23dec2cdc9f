"""A repository of backups: what is whole there, written once, and what nobody needs any more.

A backup's file comes last, after all its pieces, so that one that was cut off is none; its pieces serve the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, TooLarge
from sitewarden.store.backup.shelf import Folder, Shelf
from sitewarden.wire import backup as form
from sitewarden.wire.backup import Backup, Head, Piece, Repository

NAME: Final = "sitewarden-backup.json"
SUFFIX: Final = ".backup"
LARGEST: Final = 1 << 20
"""Bytes of the file that says what a repository is."""
Tell = Callable[[int, int], None]
"""Called with (done, in all)."""


def quiet(done: int, total: int) -> None:
    """Tell nobody."""


class Repo:
    """What lies on a shelf. One process writes at a time; anybody may read."""

    def __init__(self, shelf: Shelf, about: Repository) -> None:
        self._shelf = shelf
        self.about = about
        self._known: set[bytes] | None = None

    @property
    def where(self) -> str:
        """Return where it lies, as people read it."""
        return self._shelf.where

    @classmethod
    def open(cls, place: Shelf | Path) -> Repo:
        """Open what is there. Raises NotFound or Invalid."""
        shelf = Folder(place) if isinstance(place, Path) else place
        found = _about(shelf)
        if found is None:
            raise NotFound(
                "There are no backups here.", where=shelf.where, remedy="Give the place that `sitewarden backup` wrote to."
            )
        return cls(shelf, found)

    @classmethod
    def opened(cls, shelf: Shelf, new: Callable[[], Repository]) -> Repo:
        """Open what is there, or begin a repository where nothing is. Raises Conflict where the place holds something else."""
        found = _about(shelf)
        if found is not None:
            return cls(shelf, found)
        other = next(iter(shelf.names()), None)
        if other is not None:
            raise Conflict(
                f"The place holds something else ({other}).", where=shelf.where, remedy="Give an empty one for backups."
            )
        about = new()
        shelf.write(NAME, msgspec.json.format(msgspec.json.encode(about), indent=1) + b"\n")
        shelf.sync()
        # Of two that begin at once one was later: that one counts.
        return cls(shelf, _about(shelf) or about)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the place; raises Conflict where another process writes to it."""
        with self._shelf.writing():
            yield

    # -- pieces

    def has(self, id_: bytes) -> bool:
        """Tell whether a piece is stored."""
        if self._known is None:
            names = (name.rpartition("/")[2] for name in self._shelf.names("pieces"))
            self._known = {bytes.fromhex(name) for name in names if len(name) == 2 * form.ID}
        return id_ in self._known

    def put(self, piece: Piece, data: bytes, *, squeeze: bool) -> int:
        """Store a piece unless it is there; return the bytes that were added."""
        if self.has(piece.id):
            return 0
        stored = form.seal_piece(piece, data, squeeze=squeeze)
        self._shelf.write(_place(piece.id), stored)
        assert self._known is not None
        self._known.add(piece.id)
        return len(stored)

    def get(self, piece: Piece) -> bytes:
        """Return the data of a piece. Raises Invalid where it is missing, damaged or changed."""
        return form.open_piece(piece, self._stored(piece.id))

    def _stored(self, id_: bytes) -> bytes:
        name = _place(id_)
        try:
            return self._shelf.read(name, form.MAX_PIECE)
        except (FileNotFoundError, TooLarge) as error:
            what = "is missing" if isinstance(error, FileNotFoundError) else "is too long"
            where = f"{self.where}/{name}"
            raise Invalid(f"A piece {what}.", where=where, remedy="Take another copy of the repository.") from None

    # -- backups

    def add(self, head: Head, backup: Backup) -> None:
        """Put a backup in place, after all that it needs is durable."""
        self._shelf.sync()
        self._shelf.write(f"backups/{head.id}{SUFFIX}", form.write_backup(backup))
        self._shelf.sync()

    def ids(self) -> list[str]:
        """Return the ids of all backups, the oldest first."""
        names = (name.rpartition("/")[2] for name in self._shelf.names("backups"))
        return sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX) and not name.startswith("."))

    def head(self, id_: str) -> Head:
        """Return what can be read of a backup without its key."""
        return self.backup(id_)[0]

    def backup(self, id_: str) -> tuple[Head, Backup]:
        """Return a backup. Raises NotFound or Invalid."""
        where = f"{self.where}/backups/{id_}{SUFFIX}"
        try:
            if "/" in id_:
                raise FileNotFoundError(id_)
            head, found = form.read_backup(self._shelf.read(f"backups/{id_}{SUFFIX}", form.MAX_BACKUP))
        except FileNotFoundError:
            raise NotFound(
                f"There is no backup {id_!r}.", where=self.where, remedy="`sitewarden backup list` shows them."
            ) from None
        except TooLarge:
            raise Invalid("The backup's file is too long.", where=where, remedy="It was changed; take another one.") from None
        if head.id != id_ or head.repository != self.about.id:
            raise Invalid(f"It is the backup {head.id[:80]} under another name.", where=where, remedy="It was moved here.")
        return head, found

    def remove(self, ids: set[str]) -> int:
        """Delete backups, then the pieces that no other one needs; return how many bytes are free again.

        Deletes no piece while a backup cannot be read: nobody knows what that one needs.
        """
        heads = {id_: self.head(id_) for id_ in self.ids()}
        needed: set[bytes] = set()
        for id_, head in heads.items():
            if id_ not in ids:
                needed.update(_pieces_of(head))
        freed = self._shelf.delete([f"backups/{id_}{SUFFIX}" for id_ in sorted(ids & set(heads))])
        self._shelf.sync()
        gone = []
        for path in self._shelf.names("pieces"):
            name = path.rpartition("/")[2]
            if len(name) == 2 * form.ID and bytes.fromhex(name) not in needed:
                gone.append(path)
        freed += self._shelf.delete(gone)
        self._known = None
        return freed

    def damage(self, ids: list[str], tell: Tell = quiet) -> list[str]:
        """Return, in words, what is missing or damaged of some backups; needs no key."""
        wrong: list[str] = []
        needed: dict[bytes, str] = {}
        for id_ in ids:
            try:
                needed |= dict.fromkeys(_pieces_of(self.head(id_)), id_)
            except Refusal as refusal:
                wrong.append(f"{id_}: {refusal.what}")
        for done, (piece, id_) in enumerate(needed.items()):
            tell(done, len(needed))
            try:
                if not form.is_whole(self._stored(piece)):
                    wrong.append(f"{id_}: the piece {piece.hex()} is damaged")
            except Refusal as refusal:
                wrong.append(f"{id_}: {refusal.what} {refusal.where}")
        return wrong


def _place(id_: bytes) -> str:
    name = id_.hex()
    return f"pieces/{name[:2]}/{name}"


def _about(shelf: Shelf) -> Repository | None:
    try:
        return form.read_repository(shelf.read(NAME, LARGEST))
    except FileNotFoundError:
        return None


def _pieces_of(head: Head) -> Iterator[bytes]:
    for at in range(0, len(head.pieces), form.ID):
        yield head.pieces[at : at + form.ID]
