"""One volume as it stands: its writer, whether it is there, has room and keeps up, and what is told when that changes."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sitewarden.domain.clock import Clock
from sitewarden.domain.video.volumes import Standing, VolumeSpec
from sitewarden.domain.video.wish import Why
from sitewarden.media import archive
from sitewarden.media.diary import Diary
from sitewarden.media.marker import Known, Look, look
from sitewarden.media.volume import QUEUE_BYTES, Volume
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

RETRY: Final = 5.0
"""Seconds until a disk that failed is tried again; doubled each time that it fails again within a minute."""
RETRY_MOST: Final = 300.0
SLOW_OVER: Final = 10.0
"""Seconds without a lost picture after which a slow disk keeps up again."""
ANSWER: Final = 5.0
"""Seconds that a disk may take to say whether it is there; one that takes longer counts as gone until it answers."""
BUCKET_EVERY: Final = 30.0
"""Seconds between two looks at a bucket, since each is a request."""
FAILURES: Final = 3
"""Files in a row that cannot be deleted from a bucket before the others wait for the next time."""
FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))


class Disk:
    """One volume. `changed` is called when what it takes may have changed."""

    def __init__(
        self,
        spec: VolumeSpec,
        index: SegmentIndex,
        clock: Clock,
        diary: Diary,
        free: Callable[[Path], int],
        changed: Callable[[], None],
        *,
        min_free: int,
    ) -> None:
        self.spec = spec
        self.id = spec.id
        self.root = Path(spec.path)
        self.min_free = spec.min_free if spec.min_free is not None else min_free
        self.writer = Volume(self.root)
        self.why: Why | None = None
        """Why it takes nothing; None where it does."""
        self.gone = ""
        """Why nothing on it can be read; empty while it is there."""
        self.slow = False
        """True while it does not keep up."""
        self.total = self.free = self.held = 0
        """Bytes: of the disk, free on it, of this process's recordings on it at the last look."""
        self.left: set[str] = set()
        """Files that could not be deleted from a bucket; the index keeps them as leftovers, and they are tried again."""
        self.left_why = ""
        self._left_told = False
        self._index = index
        self._clock = clock
        self._diary = diary
        self._room = free
        self._changed = changed
        self._known: Known | None = None
        self._failed_at = -RETRY_MOST
        self._retry = RETRY
        self._slow_at = 0.0
        self._asked: asyncio.Task[Look] | None = None
        self._look_at = float("-inf")

    @property
    def there(self) -> bool:
        """True where its recordings can be read."""
        return not self.gone

    @property
    def state(self) -> str:
        """Return "ok", "slow", "full", "failed" or "gone"."""
        if self.gone:
            return "gone"
        return self.why[0].removeprefix("disk-") if self.why else "slow" if self.slow else "ok"

    def standing(self, cameras: int) -> Standing:
        """Return how it stands, with so many cameras."""
        room = max(0, self.free + self.held - self.min_free)
        most = min(room, self.spec.max_bytes) if self.spec.max_bytes else room
        return Standing(id=self.id, tier=self.spec.tier, takes=self.why is None, room=most, cameras=cameras)

    async def open(self, known: Known | None) -> None:
        """Look for the first time; `known` is what is remembered of it."""
        self._known = known
        await self.look()

    async def look(self) -> bool:
        """Look whether it is there and how much is free; True where it came back."""
        monotonic = self._clock.monotonic()
        if self.spec.remote is not None and self._asked is None and monotonic < self._look_at:
            return False
        self._look_at = monotonic + BUCKET_EVERY
        found = await self._answer()
        if found.problem:
            if not self.gone:
                self._lost(found.problem)
            return False
        if found.known != self._known:
            self._known = found.known
            await self._index.know(self.id, found.known.mark, found.known.own)
        self.total, self.free = found.total, found.free
        back = bool(self.gone)
        self.gone = ""
        return back

    async def _answer(self) -> Look:
        """Ask in a thread: a network share that does not answer must not hold up the others."""
        if self._asked is None:
            if self.spec.remote is not None:
                asking = asyncio.to_thread(archive.look, self.spec, self._known)
            else:
                asking = asyncio.to_thread(look, self.spec, self._known, self._room)
            self._asked = asyncio.create_task(asking)
        done, _ = await asyncio.wait({self._asked}, timeout=ANSWER if not self.gone else 0.1)
        if not done:
            return Look(problem=f"{self.root} does not answer")
        found, self._asked = self._asked.result(), None
        return found

    @property
    def stuck(self) -> bool:
        """True while it does not answer at all."""
        return self._asked is not None

    def failed(self, error: OSError) -> None:
        """Take note of a write, or a look, that failed."""
        now = self._clock.monotonic()
        if self.why is None:
            again = now - self._failed_at < self._retry + 60.0
            self._retry = min(RETRY_MOST, self._retry * 2) if again else RETRY
            detail = f"the disk failed: {error.strerror or error}"
            self._stop(("disk-full", "the disk is full") if error.errno in FULL else ("disk-failed", detail))
        self._failed_at = now

    def judge(self, free: int, held: str) -> None:
        """Say whether `free` bytes are enough; `held` is added to the reason where locks hold recordings."""
        if free < self.min_free and self.why is None:
            self._stop(("disk-full", f"the disk is full{held}"))
        elif self.why is not None and free >= self.min_free and self._clock.monotonic() - self._failed_at >= self._retry:
            self.why = None
            self._tell("system.disk.ok")
            self._changed()

    def returned(self) -> None:
        """Record on it again."""
        self.why = None
        self._tell("system.volume.back")
        self._changed()

    def lag(self) -> None:
        """Take note that pictures were lost because it was too slow."""
        self._slow_at = self._clock.monotonic()
        if not self.slow:
            self.slow = True
            self._tell("system.disk.slow", bytes=self.writer.waiting)

    def check_speed(self) -> None:
        """Say when it keeps up again."""
        if self.slow and self._clock.monotonic() - self._slow_at >= SLOW_OVER and self.writer.waiting < QUEUE_BYTES // 2:
            self.slow = False
            self._tell("system.disk.slow-over")

    def delete(self, paths: Sequence[str]) -> int:
        """Delete files; return how many bytes that freed. Blocks."""
        if self.spec.remote is not None:
            self._delete_remote(paths)
            return 0
        freed = 0
        for path in (self.root / one for one in paths):
            try:
                size = path.stat().st_size
                path.unlink()
                freed += size
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("%s cannot be deleted: %s", path, error)
        for folder in {(self.root / path).parent for path in paths}:
            try:
                folder.rmdir()
            except OSError:
                continue
        return freed

    def _delete_remote(self, paths: Sequence[str]) -> None:
        assert self.spec.remote is not None
        failures = 0
        # What failed before comes last, so that one file that cannot be deleted holds up no other.
        for path in sorted(paths, key=lambda one: one in self.left):
            if failures < FAILURES:
                try:
                    archive.archive(self.spec.remote).delete([path])
                except OSError as error:
                    failures += 1
                    self.left_why = error.strerror or str(error)
                    log.warning("%s cannot be deleted from %s: %s", path, self.spec.path, error)
                else:
                    failures = 0
                    self.left.discard(path)
                    continue
            self.left.add(path)

    def judge_left(self) -> None:
        """Tell that files cannot be deleted, once, and that they are again."""
        if bool(self.left) != self._left_told:
            self._left_told = bool(self.left)
            if self.left:
                self._tell("system.volume.undeleted", count=len(self.left), detail=self.left_why)
            else:
                self._tell("system.volume.deleted")

    async def stop(self) -> None:
        """End the writer; one that hangs in a disk that does not answer is left to the end of the process."""
        if not self.stuck:
            await self.writer.stop()

    def _lost(self, problem: str) -> None:
        self.gone = problem
        self.why = ("volume-gone", f"the volume {self.id} is gone: {problem}")
        self._tell("system.volume.gone", detail=problem)
        self._changed()

    def _stop(self, why: Why) -> None:
        self.why = why
        self._tell("system.disk.full", detail=why[1])
        self._changed()

    def _tell(self, type_: str, **data: Any) -> None:
        now = self._clock.now()
        whole = {"volume": self.id, "path": self.spec.path, **data}
        self._diary.tell(type_, "system:media", now, f"disk/{self.id}/{now}", whole)
