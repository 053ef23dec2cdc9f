"""A repository of backups in a folder: what is whole there, written once, and what nobody needs any more.

A file is written beside its name, synced, and named: a name always means a whole file. A backup's file comes last, after all its
pieces, so that one that was cut off is none; its pieces serve the next.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, StorageFull, Unreachable
from sitewarden.wire import backup as form
from sitewarden.wire.backup import Backup, Head, Piece, Repository

NAME: Final = "sitewarden-backup.json"
SUFFIX: Final = ".backup"
PART: Final = ".part-"
Tell = Callable[[int, int], None]
"""Called with (done, in all)."""


def quiet(done: int, total: int) -> None:
    """Tell nobody."""


class Repo:
    """The folder. One process writes at a time; anybody may read."""

    def __init__(self, folder: Path, about: Repository) -> None:
        self.folder = folder
        self.about = about
        self._pieces = folder / "pieces"
        self._backups = folder / "backups"
        self._known: set[bytes] | None = None
        self._touched: set[Path] = set()

    @classmethod
    def open(cls, folder: Path) -> Repo:
        """Open what is there. Raises NotFound or Invalid."""
        with _disk(folder):
            try:
                data = (folder / NAME).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                raise NotFound(
                    "There are no backups here.", where=str(folder), remedy="Give the folder that `sitewarden backup` wrote to."
                ) from None
        return cls(folder, form.read_repository(data))

    @classmethod
    def make(cls, folder: Path, about: Repository) -> Repo:
        """Begin a repository in an empty folder. Raises Conflict where the folder holds something else."""
        with _disk(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            others = [one.name for one in folder.iterdir() if not one.name.startswith((PART, ".lock"))]
            if others:
                raise Conflict(
                    f"The folder holds something else ({others[0]}).",
                    where=str(folder),
                    remedy="Give an empty folder for backups.",
                )
            made = cls(folder, about)
            made._write(folder / NAME, msgspec.json.format(msgspec.json.encode(about), indent=1) + b"\n")
            made.sync()
            return made

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder; raises Conflict where another process writes to it. Removes what a killed one left half written."""
        with _disk(self.folder), (self.folder / ".lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    "Another backup is written here now.", where=str(self.folder), remedy="Wait until it is done."
                ) from None
            for part in self.folder.rglob(f"{PART}*"):
                part.unlink(missing_ok=True)
            yield

    # -- pieces

    def has(self, id_: bytes) -> bool:
        """Tell whether a piece is stored."""
        if self._known is None:
            with _disk(self.folder):
                names = (one.name for one in self._pieces.glob("??/*") if not one.name.startswith(PART))
                self._known = {bytes.fromhex(name) for name in names if len(name) == 2 * form.ID}
        return id_ in self._known

    def put(self, piece: Piece, data: bytes, *, squeeze: bool) -> int:
        """Store a piece unless it is there; return the bytes that were added."""
        if self.has(piece.id):
            return 0
        stored = form.seal_piece(piece, data, squeeze=squeeze)
        with _disk(self.folder):
            self._write(self._place(piece.id), stored)
        assert self._known is not None
        self._known.add(piece.id)
        return len(stored)

    def get(self, piece: Piece) -> bytes:
        """Return the data of a piece. Raises Invalid where it is missing, damaged or changed."""
        return form.open_piece(piece, self._stored(piece.id))

    def _stored(self, id_: bytes) -> bytes:
        path = self._place(id_)
        try:
            if path.stat().st_size > form.MAX_PIECE:
                raise Invalid("A piece is too long.", where=str(path), remedy="Take another copy of the repository.")
            return path.read_bytes()
        except FileNotFoundError:
            raise Invalid("A piece is missing.", where=str(path), remedy="Take another copy of the repository.") from None
        except OSError as error:
            raise Unreachable(f"A piece cannot be read: {error.strerror}.", where=str(path), remedy="Check the disk.") from None

    def _place(self, id_: bytes) -> Path:
        name = id_.hex()
        return self._pieces / name[:2] / name

    # -- backups

    def add(self, head: Head, backup: Backup) -> None:
        """Put a backup in place, after all that it needs is on the disk."""
        self.sync()
        with _disk(self.folder):
            self._write(self._backups / f"{head.id}{SUFFIX}", form.write_backup(backup))
        self.sync()

    def sync(self) -> None:
        """Have the names on the disk, too."""
        with _disk(self.folder):
            for folder in self._touched:
                _sync_folder(folder)
        self._touched.clear()

    def ids(self) -> list[str]:
        """Return the ids of all backups, the oldest first."""
        with _disk(self.folder):
            return sorted(
                one.name.removesuffix(SUFFIX) for one in self._backups.glob(f"*{SUFFIX}") if not one.name.startswith(".")
            )

    def head(self, id_: str) -> Head:
        """Return what can be read of a backup without its key."""
        return self.backup(id_)[0]

    def backup(self, id_: str) -> tuple[Head, Backup]:
        """Return a backup. Raises NotFound or Invalid."""
        path = self._backups / f"{id_}{SUFFIX}"
        if "/" in id_ or not path.is_file():
            raise NotFound(f"There is no backup {id_!r}.", where=str(self.folder), remedy="`sitewarden backup list` shows them.")
        with _disk(self.folder):
            if path.stat().st_size > form.MAX_BACKUP:
                raise Invalid("The backup's file is too long.", where=str(path), remedy="It was changed; take another one.")
            head, found = form.read_backup(path.read_bytes())
        if head.id != id_ or head.repository != self.about.id:
            raise Invalid(f"It is the backup {head.id[:80]} under another name.", where=str(path), remedy="It was moved here.")
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
        freed = 0
        with _disk(self.folder):
            for id_ in ids & set(heads):
                path = self._backups / f"{id_}{SUFFIX}"
                freed += path.stat().st_size
                path.unlink()
            _sync_folder(self._backups)
            for path in self._pieces.glob("??/*"):
                if len(path.name) == 2 * form.ID and bytes.fromhex(path.name) not in needed:
                    freed += path.stat().st_size
                    path.unlink()
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

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{PART}{secrets.token_hex(8)}")
        try:
            with draft.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self._touched |= {path.parent, path.parent.parent}


def _pieces_of(head: Head) -> Iterator[bytes]:
    for at in range(0, len(head.pieces), form.ID):
        yield head.pieces[at : at + form.ID]


def _sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk; some shares cannot, and need not."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (28, 122):
            raise StorageFull(
                "There is no room for the backup; older ones are whole.",
                where=str(folder),
                remedy="Free space there, or keep fewer.",
            ) from error
        raise Unreachable(
            f"The folder of backups cannot be used: {error.strerror or error}.",
            where=str(folder),
            remedy="Check that it is mounted.",
        ) from error
