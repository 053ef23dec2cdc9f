"""Where a repository's files lie: in a folder, or wherever else whole files can be put under names."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from sitewarden.domain.errors import Conflict, Refusal, StorageFull, TooLarge, Unreachable

PART: Final = ".part-"


class Shelf(Protocol):
    """Files under names such as "pieces/0a/0a1b". A name always means a whole file. Raises Unreachable and StorageFull."""

    @property
    def where(self) -> str:
        """How people read it."""
        ...

    def read(self, name: str, most: int) -> bytes:
        """Return a file. Raises FileNotFoundError, and TooLarge where it has more than `most` bytes."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Put a file; it is durable after `sync`, which may be what tells that it failed."""
        ...

    def sync(self) -> None:
        """Have all that was written durable, under its name."""
        ...

    def names(self, under: str = "") -> Iterator[str]:
        """Yield the names of all files below a folder of it."""
        ...

    def delete(self, names: Iterable[str]) -> int:
        """Delete files; return how many bytes are free again."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Hold it for writing. Raises Conflict where another process does."""
        ...


class Folder:
    """`Shelf` in a folder, also one of a mounted share."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._touched: set[Path] = set()

    @property
    def where(self) -> str:
        """Return its path."""
        return str(self.root)

    def read(self, name: str, most: int) -> bytes:
        """Return a file, as `Shelf` says."""
        path = self.root / name
        try:
            if path.stat().st_size > most:
                raise TooLarge("The file is too long.", where=str(path), remedy="It was changed; take another copy.")
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(name) from None
        except OSError as error:
            raise _refusal(self.root, error) from error

    def write(self, name: str, data: bytes) -> None:
        """Put a file: written beside its name, synced and renamed."""
        path = self.root / name
        with _disk(self.root):
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

    def sync(self) -> None:
        """Have the names on the disk, too."""
        for folder in self._touched:
            _sync_folder(folder)
        self._touched.clear()

    def names(self, under: str = "") -> Iterator[str]:
        """Yield names, without those that are half written."""
        with _disk(self.root):
            for here, _, names in os.walk(self.root / under):
                for name in names:
                    if not name.startswith((PART, ".lock")):
                        yield str((Path(here) / name).relative_to(self.root))

    def delete(self, names: Iterable[str]) -> int:
        """Delete files."""
        freed = 0
        with _disk(self.root):
            for name in names:
                path = self.root / name
                freed += path.stat().st_size
                path.unlink()
                self._touched.add(path.parent)
        return freed

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder. Removes what a killed process left half written."""
        with _disk(self.root):
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (self.root / ".lock").open("ab")
        with lock:
            with _disk(self.root):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Conflict(
                        "Another backup is written here now.", where=self.where, remedy="Wait until it is done."
                    ) from None
                for part in self.root.rglob(f"{PART}*"):
                    part.unlink(missing_ok=True)
            yield


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
        raise _refusal(folder, error) from error


def _refusal(folder: Path, error: OSError) -> Refusal:
    if error.errno in (28, 122):
        return StorageFull(
            "There is no room for the backup; older ones are whole.", where=str(folder), remedy="Free space there, or keep fewer."
        )
    return Unreachable(
        f"The folder of backups cannot be used: {error.strerror or error}.", where=str(folder), remedy="Check that it is mounted."
    )
