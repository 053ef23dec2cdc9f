"""The writer of one disk: a thread that appends fragments to files, and a bounded queue in front of it.

The queue is bounded in bytes. `write` says False when it is full; the recorder then leaves out whole groups of pictures. Files
that grew are brought to the disk once a second. A failure (a full disk, a broken one) closes the file at its last whole
fragment and is told to the file's owner.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

QUEUE_BYTES: Final = 128 * 1024 * 1024
"""Encoded video that may wait for the disk, of all cameras of this volume together."""
SYNC_EVERY: Final = 1.0
"""Seconds between two times that what was written is made durable."""
SYNC_TOGETHER: Final = 4
"""From so many changed files on, the file system is synced once instead of each file by itself."""
MAX_VECTORS: Final = 512
"""Buffers of one writev; IOV_MAX is 1024 on Linux."""

_libc = ctypes.CDLL(None, use_errno=True)


class SegmentFile:
    """One open segment. Made by `Volume.create`; touched by the writer's thread only, but for `failed` and `size`."""

    def __init__(self, volume: Volume, path: Path, on_failed: Callable[[OSError], None]) -> None:
        self._volume = volume
        self.path = path
        self._on_failed = on_failed
        self._fd = -1
        self.size = 0
        """Bytes written so far, whole fragments only."""
        self.failed = False
        self._dirty = False

    def write(self, parts: Sequence[bytes]) -> bool:
        """Append `parts` in one go; False when the queue is full and nothing was taken."""
        return self._volume.put(lambda: self._write(parts), sum(map(len, parts)))

    def seal(self, name: Path, done: Callable[[int], None]) -> None:
        """Make durable, close and rename to `name`; `done` gets the size, 0 where the file came to nothing."""
        self._volume.put(lambda: self._seal(name, done), 0, force=True)

    def _open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
            self._volume.files.add(self)
            lock(self._fd)
        except OSError as error:
            self._fail(error)

    def _write(self, parts: Sequence[bytes]) -> None:
        if self.failed or self._fd < 0:
            return
        wanted = sum(map(len, parts))
        written = 0
        try:
            written = os.writev(self._fd, parts[:MAX_VECTORS])
            if written < wanted:
                rest = memoryview(b"".join(parts))
                while written < wanted:
                    count = os.write(self._fd, rest[written:])
                    if count == 0:
                        raise OSError(28, "the disk takes no more")
                    written += count
        except OSError as error:
            self._fail(error)
            return
        self.size += wanted
        self._dirty = True

    def _seal(self, name: Path, done: Callable[[int], None]) -> None:
        size = 0
        if self._fd >= 0:
            try:
                os.fdatasync(self._fd)
            except OSError as error:
                self._fail(error)
            self._volume.files.discard(self)
            try:
                os.close(self._fd)
            except OSError as error:
                self._fail(error)
            self._fd = -1
            try:
                if self.size:
                    self.path.rename(name)
                    size = self.size
                else:
                    self.path.unlink()
            except OSError as error:
                self._fail(error)
        self._volume.tell(lambda: done(size))

    def sync(self) -> None:
        """Make durable what was written."""
        if self._dirty and self._fd >= 0:
            self._dirty = False
            try:
                os.fdatasync(self._fd)
            except OSError as error:
                self._fail(error)

    def leave(self) -> None:
        """Close without sealing; the next start takes it up."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    @property
    def dirty(self) -> bool:
        return self._dirty

    def _fail(self, error: OSError) -> None:
        if self.failed:
            return
        self.failed = True
        if self._fd >= 0:
            try:
                os.ftruncate(self._fd, self.size)
            except OSError:
                self._dirty = False
        self._volume.tell(lambda: self._on_failed(error))


class Volume:
    """One disk's writer. `start` and `stop` in the loop's thread."""

    def __init__(self, root: Path, *, queue_bytes: int = QUEUE_BYTES) -> None:
        self.root = root
        self.files: set[SegmentFile] = set()
        self._limit = queue_bytes
        self._waiting = 0
        self._jobs: queue.SimpleQueue[tuple[Callable[[], None] | None, int]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.dropped = 0
        """Writes refused because the queue was full."""

    @property
    def waiting(self) -> int:
        """Bytes in the queue."""
        return self._waiting

    @property
    def alive(self) -> bool:
        """True while the writer's thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to write."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=f"writer {self.root}", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Write what waits, and end the thread."""
        thread = self._thread
        if thread is not None:
            self._jobs.put((None, 0))
            await asyncio.to_thread(thread.join)
            self._thread = None
            for file in self.files:
                file.leave()
            self.files.clear()

    def create(self, path: Path, on_failed: Callable[[OSError], None]) -> SegmentFile:
        """Open a new file under its temporary name; failures come to `on_failed` in the loop's thread."""
        made = SegmentFile(self, path, on_failed)
        self.put(made._open, 0, force=True)
        return made

    def put(self, job: Callable[[], None], size: int, *, force: bool = False) -> bool:
        """Queue a job of `size` bytes; False when it does not fit and is not forced."""
        with self._lock:
            if not force and self._waiting + size > self._limit:
                self.dropped += 1
                return False
            self._waiting += size
        self._jobs.put((job, size))
        return True

    def tell(self, call: Callable[[], None]) -> None:
        """Run `call` in the loop's thread; nothing is told once the loop is closed."""
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(call)
            except RuntimeError:
                self._loop = None

    def _run(self) -> None:
        due = time.monotonic() + SYNC_EVERY
        while True:
            try:
                job, size = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                job, size = _nothing, 0
            if job is None:
                self._sync()
                return
            job()
            if size:
                with self._lock:
                    self._waiting -= size
            if time.monotonic() >= due:
                self._sync()
                due = time.monotonic() + SYNC_EVERY

    def _sync(self) -> None:
        dirty = [file for file in self.files if file.dirty]
        if len(dirty) < SYNC_TOGETHER or not self._sync_all():
            for file in dirty:
                file.sync()
            return
        for file in dirty:
            file._dirty = False

    def _sync_all(self) -> bool:
        """Sync the file system once (syncfs, Linux); False where that cannot be done."""
        call = getattr(_libc, "syncfs", None)
        if call is None:
            return False
        try:
            fd = os.open(self.root, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return bool(call(fd) == 0)
        finally:
            os.close(fd)


def lock(fd: int) -> None:
    """Show other processes that the file is being written; where the file system has no locks, nobody is shown."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return


def _nothing() -> None:
    return
