"""The recorder of one media process: which cameras are recorded, what was sealed, whether the disk has room."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.video.account import NEAR, Account, gaps_of
from sitewarden.domain.video.model import Camera, Gap, Lock, Order, Segment
from sitewarden.domain.video.wish import Why, starts
from sitewarden.media import recovery
from sitewarden.media.diary import Diary, Emit
from sitewarden.media.duty import DOWN, Duty, Plan
from sitewarden.media.hub import Hub
from sitewarden.media.locks import Locks
from sitewarden.media.orders import Orders
from sitewarden.media.recording import DRIFT, Recording
from sitewarden.media.retention import Keep, Retention
from sitewarden.media.volume import QUEUE_BYTES, Volume
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

CHECK: Final = 2.0
"""Seconds between two looks at the disk's room."""
RETENTION_EVERY: Final = 60.0
RETRY: Final = 5.0
"""Seconds until a disk that failed is tried again; doubled each time that it fails again within a minute."""
RETRY_MOST: Final = 300.0
BEAT: Final = 10.0
"""Seconds between two times that it is noted that the recorder runs: so exact is the end of a gap that a crash cut short."""
SLOW_OVER: Final = 10.0
"""Seconds without a lost picture after which a slow disk keeps up again."""
FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))


class RecorderSettings(Struct, frozen=True, kw_only=True):
    """What an installer may set."""

    segment_seconds: float = 60.0
    """About how long a file is; it ends at the next key frame."""
    min_free_bytes: int = 1024**3
    """Room that stays free on the disk: the oldest recordings make way, and where none can, recording stops."""


class Recorder:
    """Records the cameras that `configure` names, as they want it, from the hub to the disk and into the index."""

    def __init__(
        self,
        hub: Hub,
        index: SegmentIndex,
        root: Path,
        clock: Clock,
        emit: Emit,
        settings: RecorderSettings | None = None,
        *,
        free: Callable[[Path], int] | None = None,
    ) -> None:
        self._hub = hub
        self.index = self._index = index
        self.root = self._root = root
        self._clock = clock
        self.settings = settings or RecorderSettings()
        self._free = free or _free
        self._volume = Volume(root)
        self._wake = asyncio.Event()
        self._diary = Diary(index, emit, self._wake.set, name=self._name, exact=self._exact)
        self._locks = Locks(index, self._diary, clock.now, self._name)
        self._orders = Orders(index, self._diary, clock)
        self._retention = Retention(root, index, self._locks)
        self._duties: dict[str, Duty] = {}
        self._closing: list[Recording] = []
        self._failed_at = -RETRY_MOST
        self._retry = RETRY
        self._disk: Why | None = None
        self._slow_at = 0.0
        self._check_at = self._beat_at = 0.0
        self._clean_at = clock.monotonic() + RETENTION_EVERY
        self._look_at = float("inf")
        self._seen: tuple[int, float] | None = None
        self._known: dict[str, int] = {}
        self._removed: dict[str, Gap] = {}
        self.slow = False
        """True while the disk does not keep up."""

    @property
    def full(self) -> bool:
        """True while nothing is recorded for want of room, or of a disk."""
        return self._disk is not None

    @property
    def locks(self) -> Sequence[Lock]:
        """The locks, in order of camera and start."""
        return self._locks.held

    def duties(self) -> list[Duty]:
        """Return the cameras with what is done for them."""
        return list(self._duties.values())

    def now(self) -> int:
        """Return the time, microseconds since 1970 UTC."""
        return self._clock.now()

    @property
    def disk(self) -> Why | None:
        """Why the disk takes nothing; None where it does."""
        return self._disk

    def recording(self, camera: str) -> bool:
        """Tell whether this camera's frames go to the disk now."""
        found = self._duties.get(camera)
        return found is not None and found.recording is not None and found.recording.writing

    def ordered(self, camera: str) -> int:
        """Return until when somebody ordered this camera to be recorded; 0 where nobody did."""
        found = self._duties.get(camera)
        return found.until(self._clock.now()) if found else 0

    def configure(self, cameras: Sequence[Camera], plans: Mapping[str, Plan] | None = None) -> None:
        """Record these cameras as they say, and no others; `plans` are the schedules that they name, by id."""
        now = self._clock.now()
        for gone in self._duties.keys() - {camera.id for camera in cameras}:
            duty = self._duties.pop(gone)
            self._ended(duty.end(("removed", "the camera was removed")))
            duty.removed(now)
        for camera in cameras:
            duty = self._duties.get(camera.id) or self._new(camera)
            duty.camera = camera
            duty.plan = (plans or {}).get(camera.record_schedule or "")
            self._duties[camera.id] = duty
        self._refresh()

    def _new(self, camera: Camera) -> Duty:
        account = Account(camera.id, self._diary.note)
        known, removed = self._known.pop(camera.id, None), self._removed.pop(camera.id, None)
        if removed is not None:
            account.gap = removed
        elif known is not None:
            account.missing(known, *DOWN)
        duty = Duty(camera, account, lambda: self._recording(camera.id, account), self._hub.subscribe)
        self._orders.resume(duty)
        return duty

    def _recording(self, camera: str, account: Account) -> Recording:
        return Recording(
            camera,
            self._volume,
            account,
            self._clock.now,
            segment_seconds=self.settings.segment_seconds,
            on_sealed=self._diary.sealed,
            on_failed=self._on_failed,
            on_slow=self._on_slow,
        )

    def _ended(self, recording: Recording | None) -> None:
        self._closing = [one for one in self._closing if one.closing]
        if recording is not None:
            self._closing.append(recording)

    def _refresh(self) -> None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._look_at = float("inf")
        for duty in self._duties.values():
            ended, look = duty.refresh(now, monotonic, self._disk)
            self._ended(ended)
            self._look_at = min(self._look_at, look)
        self._wake.set()

    async def order(self, camera: str, seconds: float, reason: str, by: str) -> Order:
        """Record a camera for so long from now on, whatever its mode and schedule; 0 takes the order back."""
        order = await self._orders.give(self._duty(camera), seconds, reason, by)
        self._refresh()
        return order

    def trigger(self, camera: str) -> None:
        """Record a camera that waits for events, from its `pre_seconds` before now to its `post_seconds` after."""
        self._duty(camera).event(self._clock.monotonic())
        self._refresh()

    def heard(self, event: Event) -> None:
        """Let an event of this process start the recordings that wait for it; it needs nobody else to."""
        for duty in self._duties.values():
            if starts(duty.camera, event, ()):
                self.trigger(duty.camera.id)

    async def lock(self, lock: Lock) -> None:
        """Hold recordings, durable on return."""
        self._duty(lock.camera)
        await self._locks.set(lock)
        self._wake.set()

    async def release(self, camera: str, lock: str, reason: str, by: str) -> Lock:
        """Let go what a lock held; raises NotFound."""
        found = await self._locks.release(camera, lock, reason, by)
        self._wake.set()
        return found

    def current(self, camera: str) -> Segment | None:
        """Return the camera's open segment, as far as it is written."""
        found = self._duties.get(camera)
        return found.recording.current() if found and found.recording else None

    async def find(self, camera: str, start: int, end: int) -> list[Segment]:
        """Return the segments that overlap [start, end), in order; the open one and those on their way to the index too."""
        now = {one.id: one for one in (*self._unindexed(camera), self.current(camera)) if one is not None}
        found = {one.id: one for one in await self._index.find(camera, start, end)}
        extra = [one for one in now.values() if one.id not in found and one.start < end and one.end > start]
        return sorted([*found.values(), *extra], key=lambda one: one.start)

    async def gaps(self, camera: str, start: int, end: int, segments: Sequence[Segment]) -> list[Gap]:
        """Return why there is no recording where there is none, of [start, end) up to now; `segments` as `find` returns them."""
        current, lasting = self.current(camera), self.lasting(camera)
        until = current.end if current is not None and lasting is None else self._clock.now()
        await self._diary.index_gaps()
        noted = {one.start: one for one in await self._index.gaps(camera, start - NEAR, end + NEAR)}
        # What the index refuses for want of room is known here all the same.
        noted |= {one.start: one for one in self._diary.unnoted(camera)}
        known = sorted(noted.values(), key=lambda one: one.start)
        return gaps_of(camera, start, min(end, until), segments, known)

    def _unindexed(self, camera: str) -> list[Segment]:
        found = self._duties.get(camera)
        closing = [one for part in (*self._closing, found.recording if found else None) if part for one in part.closing]
        return [one for one in (*closing, *self._diary.unindexed()) if one.camera == camera and one.bytes]

    def lasting(self, camera: str) -> Gap | None:
        """Return the gap that lasts, which the index may not know yet."""
        found = self._duties.get(camera)
        return found.gap if found else None

    async def start(self) -> None:
        """Take up what a crash left, and begin to write."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o750)
        await self._recover()
        alive = await self._index.alive()
        for gap in await self._index.open_gaps():
            if gap.reason == "removed":
                self._removed[gap.camera] = gap
            else:
                self._diary.note(msgspec.structs.replace(gap, end=max(gap.start, alive)))
        await self._diary.settle()
        self._known = await self._index.accounted()
        await self._orders.load()
        await self._locks.load()
        self._volume.start()

    async def run(self) -> None:
        """Index, tell, watch the disk and delete what is old, until cancelled; `stop` then closes everything."""
        while True:
            due = min(self._check_at, self._look_at) - self._clock.monotonic()
            try:
                async with asyncio.timeout(max(0.05, min(due, CHECK))):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            await self.tick()

    async def tick(self) -> None:
        """Do what is due now; `run` calls it whenever something happened, and every CHECK seconds."""
        monotonic = self._clock.monotonic()
        self._check_clock(self._clock.now(), monotonic)
        if monotonic >= self._check_at:
            self._check_at = monotonic + CHECK
            await self._check_room()
            self._check_speed()
            self._refresh()
        elif monotonic >= self._look_at:
            self._refresh()
        await self._diary.settle()
        if monotonic >= self._clean_at:
            self._clean_at = monotonic + RETENTION_EVERY
            await self._clean()
        if monotonic >= self._beat_at:
            self._beat_at = monotonic + BEAT
            await self._beat()

    async def stop(self) -> None:
        """Seal all segments, index them, and end the writer."""
        for duty in self._duties.values():
            self._ended(duty.end(DOWN))
        self._duties.clear()
        while any(recording.closing for recording in self._closing):
            self._wake.clear()
            await self._diary.settle()
            if any(recording.closing for recording in self._closing):
                await self._wake.wait()
        await self._volume.stop()
        await self._diary.settle()
        await self._beat()

    async def _recover(self) -> None:
        recovered: set[str] = set()
        for path in await asyncio.to_thread(lambda: list(recovery.unsealed(self._root))):
            segment = await asyncio.to_thread(recovery.recover, self._root, path)
            if segment is not None:
                recovered.add(segment.id)
                self._diary.sealed(segment, False)
        for camera, files in (await asyncio.to_thread(recovery.newest_sealed, self._root)).items():
            known = {one.start for one in await self._index.find(camera, min(files), max(files) + 1)}
            for start in sorted(files.keys() - known):
                entry = await asyncio.to_thread(recovery.index_entry, self._root, files[start])
                if entry is not None and entry.id not in recovered:
                    self._diary.sealed(entry, False)
        await self._diary.settle()

    def _on_failed(self, camera: str, error: OSError) -> None:
        log.error("recording of %s failed: %s", camera, error)
        now = self._clock.monotonic()
        if self._disk is None:
            again = now - self._failed_at < self._retry + 60.0
            self._retry = min(RETRY_MOST, self._retry * 2) if again else RETRY
            failed = f"the disk failed: {error.strerror or error}"
            self._stop_all(("disk-full", "the disk is full") if error.errno in FULL else ("disk-failed", failed))
        self._failed_at = now
        self._wake.set()

    def _exact(self, segment: Segment) -> Segment:
        """Return the entry of a file that a failing disk cut, as it really is."""
        return recovery.index_entry(self._root, self._root / segment.path) or segment

    async def _beat(self) -> None:
        try:
            await self._index.beat(self._clock.now())
        except Refusal as error:
            log.warning("%s; trying again", error)

    async def _clean(self) -> None:
        keeps, now = self._keeps(), self._clock.now()
        try:
            await self._locks.expire(now)
            await self._retention.by_age(keeps, now)
            await self._retention.by_size(keeps, now)
        except (OSError, Refusal) as error:
            log.warning("old recordings could not be deleted, trying again: %s", error)

    def _keeps(self) -> dict[str, Keep]:
        return {
            id_: Keep(
                days=duty.camera.retention_days,
                max_bytes=round(duty.camera.max_gigabytes * 1e9) or None,
                priority=duty.camera.priority,
            )
            for id_, duty in self._duties.items()
        }

    async def _check_room(self) -> None:
        if not self._volume.alive:
            raise RuntimeError("the writer of the recordings has ended; the process must be started anew")
        wanted = self.settings.min_free_bytes
        try:
            free = await asyncio.to_thread(self._free, self._root)
            if free < wanted:
                free += await self._retention.for_space(wanted - free + wanted // 10, self._keeps(), self._clock.now())
        except Refusal as error:
            log.warning("old recordings could not be deleted to make room, trying again: %s", error)
        except OSError as error:
            self._on_failed("*", error)
            return
        if free < wanted and self._disk is None:
            held = " and locks hold recordings" if self.locks else ""
            self._stop_all(("disk-full", f"the disk is full{held}"))
        elif self._disk is not None and free >= wanted and self._clock.monotonic() - self._failed_at >= self._retry:
            self._go_on()

    def _check_clock(self, now: int, monotonic: float) -> None:
        expected = now if self._seen is None else self._seen[0] + round((monotonic - self._seen[1]) * SECOND)
        self._seen = (now, monotonic)
        if abs(now - expected) > DRIFT:
            for duty in self._duties.values():
                duty.stepped(expected, now)

    def _on_slow(self) -> None:
        self._slow_at = self._clock.monotonic()
        if not self.slow:
            self.slow = True
            now = self._clock.now()
            data = {"path": str(self._root), "bytes": self._volume.waiting}
            self._diary.tell("system.disk.slow", "system:media", now, f"disk/{now}", data)
            self._wake.set()

    def _check_speed(self) -> None:
        if self.slow and self._clock.monotonic() - self._slow_at >= SLOW_OVER and self._volume.waiting < QUEUE_BYTES // 2:
            self.slow = False
            now = self._clock.now()
            self._diary.tell("system.disk.slow-over", "system:media", now, f"disk/{now}", {"path": str(self._root)})

    def _stop_all(self, why: Why) -> None:
        self._disk = why
        now, detail = self._clock.now(), why[1]
        self._diary.tell("system.disk.full", "system:media", now, f"disk/{now}", {"path": str(self._root), "detail": detail})
        for camera, duty in self._duties.items():
            if duty.recording is not None:
                data = {"name": self._name(camera), "detail": detail}
                self._diary.tell("video.recording.stopped", ref("camera", camera), now, f"recording/{camera}/{now}", data)
        self._refresh()

    def _go_on(self) -> None:
        self._disk = None
        now = self._clock.now()
        self._diary.tell("system.disk.ok", "system:media", now, f"disk/{now}", {"path": str(self._root)})
        for camera, duty in self._duties.items():
            if duty.recording is not None:
                data = {"name": self._name(camera)}
                self._diary.tell("video.recording.resumed", ref("camera", camera), now, f"recording/{camera}/{now}", data)
        self._refresh()

    def _duty(self, camera: str) -> Duty:
        found = self._duties.get(camera)
        if found is None:
            raise NotFound(f'there is no camera "{camera}" here', where="camera")
        return found

    def _name(self, camera: str) -> str:
        found = self._duties.get(camera)
        return found.camera.name if found else camera


def _free(root: Path) -> int:
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize
