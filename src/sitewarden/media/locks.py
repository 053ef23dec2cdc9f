"""Holds on recordings: set, released, run out; each durable and told as an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sitewarden.domain.errors import NotFound
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Lock
from sitewarden.media.diary import Diary
from sitewarden.store.interfaces import SegmentIndex


class Locks:
    """The locks of one media process."""

    def __init__(self, index: SegmentIndex, diary: Diary, now: Callable[[], int], name: Callable[[str], str]) -> None:
        """`name` gives a camera's name."""
        self._index = index
        self._diary = diary
        self._now = now
        self._name = name
        self.held: Sequence[Lock] = ()
        """In order of camera and start."""

    async def load(self) -> None:
        """Read what is held."""
        self.held = await self._index.locks()

    async def set(self, lock: Lock) -> None:
        """Hold recordings, durable on return."""
        await self._index.lock(lock)
        await self.load()
        data = {"actor": lock.by, "reason": lock.reason}
        self._tell("video.lock.set", lock, self._now(), data)

    async def release(self, camera: str, lock: str, reason: str, by: str) -> Lock:
        """Let go what a lock held; raises NotFound."""
        found = next((one for one in self.held if one.id == lock and one.camera == camera), None)
        if found is None:
            raise NotFound(
                f'there is no lock "{lock}" on this camera', where="lock", remedy="List the locks; it may be released."
            )
        await self._index.unlock([lock])
        await self.load()
        self._tell("video.lock.released", found, self._now(), {"actor": by, "reason": reason})
        return found

    async def expire(self, now: int) -> None:
        """Let go the locks whose time is over."""
        over = [lock for lock in self.held if lock.until and lock.until <= now]
        if not over:
            return
        await self._index.unlock([lock.id for lock in over])
        await self.load()
        for lock in over:
            self._tell("video.lock.expired", lock, now, {"reason": lock.reason})

    def _tell(self, type_: str, lock: Lock, now: int, data: dict[str, str]) -> None:
        whole = {"name": self._name(lock.camera), **data, "start": lock.start, "end": lock.end}
        self._diary.tell(type_, ref("camera", lock.camera), now, f"lock/{lock.id}", whole)
