"""Leases of ports, brokered across the processes of a node by flock'd files; a killed process frees its own.

`<directory>/<transport>-<number>/<pid>-<n>.json` is held with flock for as long as the lease stands. `<directory>/lock` is held
while one is made, so that two processes never take the same port at once.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Conflict
from sitewarden.net.holders import overlap

_serial = itertools.count(1)


class Claim(Struct, frozen=True, kw_only=True):
    """What a lease file says: who holds what since when (microseconds since 1970 UTC)."""

    row: str
    role: str
    pid: int
    host: str
    number: int
    since: int
    shared: bool = False

    def __str__(self) -> str:
        return f"{self.role} (process {self.pid}) for {self.row} on {self.host}"


class FileLease:
    """The right to one port on one address; ends with `close` or with the process."""

    def __init__(self, claim: Claim, path: Path, descriptor: int) -> None:
        self.claim = claim
        self.port, self.host, self.number = claim.row, claim.host, claim.number
        self._path, self._descriptor = path, descriptor

    def close(self) -> None:
        """Give the port back; a second call does nothing."""
        if self._descriptor < 0:
            return
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = -1


class Broker:
    """Makes leases under one directory, which all processes of the node share."""

    def __init__(self, directory: Path, role: str) -> None:
        self.directory, self.role = directory, role
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def acquire(self, row: str, key: str, host: str, number: int, *, shared: bool = False) -> FileLease:
        """Take `key` ("tcp-8600") on `host`. Raises Conflict that names the holder.

        Shared leases of the same row stand beside each other (SO_REUSEPORT workers, multicast groups).
        """
        claim = Claim(
            row=row, role=self.role, pid=os.getpid(), host=host, number=number, since=time.time_ns() // 1000, shared=shared
        )
        folder = self.directory / key
        with self._lock():
            for other in self._live(folder):
                if (shared and other.shared and other.row == row) or not overlap(host, other.host):
                    continue
                raise Conflict(
                    f"{number}/{key.partition('-')[0]} on {host} ({row}) is held by {other}.",
                    where=f"ports.{row}",
                    remedy="Stop that process, or give this node an address of its own with `bind`.",
                )
            folder.mkdir(exist_ok=True, mode=0o700)
            path = folder / f"{claim.pid}-{next(_serial)}.json"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A full disk must not keep a port from being opened: the lock is the lease, the text only names the holder.
            with suppress(OSError):
                os.write(descriptor, msgspec.json.encode(claim))
        return FileLease(claim, path, descriptor)

    def claims(self) -> list[Claim]:
        """Return every lease that stands now in this node."""
        with self._lock():
            return [claim for folder in sorted(self.directory.iterdir()) if folder.is_dir() for claim in self._live(folder)]

    @contextmanager
    def _lock(self) -> Iterator[None]:
        descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _live(self, folder: Path) -> list[Claim]:
        """Return the claims in a folder; files of processes that are gone are removed."""
        if not folder.is_dir():
            return []
        found = []
        for path in sorted(folder.iterdir()):
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(_read(descriptor, path))
            else:
                path.unlink(missing_ok=True)
            finally:
                os.close(descriptor)
        return found


def _read(descriptor: int, path: Path) -> Claim:
    """Return what a held lease file says; one without text (a full disk) stands for every address."""
    try:
        return msgspec.json.decode(os.read(descriptor, 4096), type=Claim)
    except msgspec.DecodeError:
        pid = path.name.partition("-")[0]
        known = int(pid) if pid.isdigit() else 0
        return Claim(row=path.parent.name, role="a process of this node", pid=known, host="::", number=0, since=0)
