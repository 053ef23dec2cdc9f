"""The recorder of one media process: which cameras are recorded, what was sealed, whether the disk has room."""

from __future__ import annotations

import asyncio
import logging
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
from sitewarden.domain.video.volumes import VolumeSpec
from sitewarden.domain.video.wish import MOTION, STILL, Why, starts
from sitewarden.media import recovery
from sitewarden.media.diary import Diary, Emit
from sitewarden.media.disk import Disk
from sitewarden.media.duty import DOWN, Duty, Plan
from sitewarden.media.hub import Hub
from sitewarden.media.locks import Locks
from sitewarden.media.marker import room
from sitewarden.media.orders import Orders
from sitewarden.media.recording import DRIFT, Recording
from sitewarden.media.retention import Keep
from sitewarden.media.upkeep import Upkeep
from sitewarden.media.volume import QUEUE_BYTES
from sitewarden.media.volumes import Volumes
from sitewarden.media.whereabouts import Whereabouts
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

CHECK: Final = 2.0
"""Seconds between two looks at the disk's room."""
BEAT: Final = 10.0
"""Seconds between two times that it is noted that the recorder runs: so exact is the end of a gap that a crash cut short."""
LEAVE: Final = 10.0
"""Seconds that the end of the process waits for files on a volume that is gone."""


class RecorderSettings(Struct, frozen=True, kw_only=True):
    """What an installer may set."""

    segment_seconds: float = 60.0
    """About how long a file is; it ends at the next key frame."""
    move_bytes: int = 32 * 1024**2
    """Bytes a second, at most, that are moved from one volume to another."""
    min_free_bytes: int = 1024**3
    """Room that stays free on each disk: the oldest recordings make way, and where none can, it takes no more."""


class Recorder:
    """Records the cameras that `configure` names, as they want it, from the hub to the volumes and into the index."""

    def __init__(
        self,
        hub: Hub,
        index: SegmentIndex,
        volumes: Sequence[VolumeSpec],
        clock: Clock,
        emit: Emit,
        settings: RecorderSettings | None = None,
        *,
        free: Callable[[Path], int] | None = None,
    ) -> None:
        self._hub = hub
        self.index = self._index = index
        self.clock = self._clock = clock
        self.settings = settings or RecorderSettings()
        self._wake = asyncio.Event()
        self._diary = Diary(index, emit, self._wake.set, name=self._name, exact=self._exact)
        self._locks = Locks(index, self._diary, clock.now, self._name)
        self._orders = Orders(index, self._diary, clock)
        self.volumes = Volumes(
            volumes, index, clock, self._diary, free or room, self._wake.set, min_free=self.settings.min_free_bytes
        )
        rate = self.settings.move_bytes
        self.upkeep = Upkeep(self.volumes, index, self._diary, self._locks, clock, self._keeps, rate)
        self._duties: dict[str, Duty] = {}
        self._closing: list[Recording] = []
        self._whereabouts = Whereabouts(self._diary)
        self._check_at = self._beat_at = 0.0
        self._look_at = float("inf")
        self._seen: tuple[int, float] | None = None
        self._known: dict[str, int] = {}
        self._removed: dict[str, Gap] = {}

    @property
    def full(self) -> bool:
        """True while nothing is recorded for want of room, or of a disk."""
        return self.volumes.full

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
            self.volumes.forget(gone)
            self._whereabouts.forget(gone)
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
        duty = Duty(camera, account, lambda: self._recording(duty.camera, account), self._hub.subscribe)
        self._orders.resume(duty)
        return duty

    def _recording(self, camera: Camera, account: Account) -> Recording:
        return Recording(
            camera.id,
            self.volumes.place(camera)[0],
            account,
            self._clock.now,
            segment_seconds=self.settings.segment_seconds,
            on_sealed=self._diary.sealed,
            on_failed=self._on_failed,
        )

    @property
    def busy(self) -> bool:
        """True while a disk has enough to do with what happens now, or none takes anything."""
        return self.full or any(disk.slow or disk.writer.waiting > QUEUE_BYTES // 8 for disk in self.volumes)

    def blocked(self, camera: str) -> Why | None:
        """Return why nothing of a camera can be written now; None where it can. Raises NotFound."""
        return self.volumes.place(self._duty(camera).camera)[1]

    def aside(self, camera: str) -> Recording:
        """Return a recording of a time that is over, fed by whoever has it; `over` ends it. Raises NotFound."""
        return self._recording(self._duty(camera).camera, Account(camera, lambda gap: None))

    def over(self, recording: Recording) -> None:
        """Seal what was recorded aside; it is found from now on, and indexed soon."""
        recording.close()
        self._ended(recording)

    def tell(self, type_: str, camera: str, key: str, data: Mapping[str, object]) -> None:
        """Bring an event about a camera's recordings into the log, soon."""
        now = self._clock.now()
        self._diary.tell(type_, ref("camera", camera), now, f"{key}/{now}", data)
        self._wake.set()

    def _ended(self, recording: Recording | None) -> None:
        self._closing = [one for one in self._closing if one.closing]
        if recording is not None:
            self._closing.append(recording)

    def _refresh(self) -> None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._look_at = float("inf")
        for duty in self._duties.values():
            disk, why = self.volumes.place(duty.camera)
            if duty.recording is not None:
                duty.recording.onto(disk)
            ended, look = duty.refresh(now, monotonic, why)
            self._ended(ended)
            self._look_at = min(self._look_at, look)
            self._whereabouts.tell(duty, disk, why, now)
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
                if event.type == MOTION:
                    duty.motion(self._clock.monotonic())
                self.trigger(duty.camera.id)
            elif event.type == STILL and event.entity == ref("camera", duty.camera.id):
                duty.still(self._clock.monotonic())
                self._refresh()

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
        await self.upkeep.open()
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
            await self.upkeep.check()
            self._refresh()
        elif monotonic >= self._look_at:
            self._refresh()
        await self._diary.settle()
        await self.upkeep.clean(monotonic)
        if monotonic >= self._beat_at:
            self._beat_at = monotonic + BEAT
            await self._beat()

    async def stop(self) -> None:
        """Seal all segments, index them, and end the writer."""
        for duty in self._duties.values():
            self._ended(duty.end(DOWN))
        self._duties.clear()
        try:
            async with asyncio.timeout(None if all(disk.there for disk in self.volumes) else LEAVE):
                await self._close()
        except TimeoutError:
            log.warning("files on a volume that is gone are left open; they are taken up when it is back")
        for disk in self.volumes:
            await disk.stop()
        await self._diary.settle()
        await self._beat()

    async def _close(self) -> None:
        while any(recording.closing for recording in self._closing):
            self._wake.clear()
            await self._diary.settle()
            if any(recording.closing for recording in self._closing):
                await self._wake.wait()

    def _on_failed(self, camera: str, disk: Disk, error: OSError) -> None:
        log.error("recording of %s on %s failed: %s", camera, disk.root, error)
        disk.failed(error)
        self._check_at = 0.0
        self._refresh()

    def _exact(self, segment: Segment) -> Segment:
        """Return the entry of a file that a failing disk cut, as it really is."""
        disk = self.volumes.get(segment.volume)
        found = recovery.index_entry(disk.root, disk.root / segment.path) if disk is not None else None
        return msgspec.structs.replace(found, volume=segment.volume) if found is not None else segment

    async def _beat(self) -> None:
        try:
            await self._index.beat(self._clock.now())
        except Refusal as error:
            log.warning("%s; trying again", error)

    def _keeps(self) -> dict[str, Keep]:
        return {
            id_: Keep(
                days=duty.camera.retention_days,
                max_bytes=round(duty.camera.max_gigabytes * 1e9) or None,
                priority=duty.camera.priority,
            )
            for id_, duty in self._duties.items()
        }

    def _check_clock(self, now: int, monotonic: float) -> None:
        expected = now if self._seen is None else self._seen[0] + round((monotonic - self._seen[1]) * SECOND)
        self._seen = (now, monotonic)
        if abs(now - expected) > DRIFT:
            for duty in self._duties.values():
                duty.stepped(expected, now)

    def _duty(self, camera: str) -> Duty:
        found = self._duties.get(camera)
        if found is None:
            raise NotFound(f'there is no camera "{camera}" here', where="camera")
        return found

    def _name(self, camera: str) -> str:
        found = self._duties.get(camera)
        return found.camera.name if found else camera
