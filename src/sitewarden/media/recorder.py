"""The recorder of one media process: which cameras are recorded, what was sealed, whether the disk has room."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Invalid, NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.video.account import NEAR, Account, gaps_of
from sitewarden.domain.video.model import Camera, Gap, Lock, Order, Segment
from sitewarden.domain.video.wish import MOTION, STILL, Why, off, starts
from sitewarden.media import recovery
from sitewarden.media.duty import DOWN, Duty, Plan, seconds_left
from sitewarden.media.hub import Hub
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
GAPS_KEPT: Final = 10_000
"""Gaps that wait while the index refuses them; beyond it the oldest is dropped, and its time has no reason."""
EVENTS_KEPT: Final = 10_000
"""Events that wait while the outbox refuses them; beyond it the oldest is dropped."""
FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))

Emit = Callable[[Sequence[Event]], Awaitable[None]]


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
        self.clock = self._clock = clock
        self._emit = emit
        self.settings = settings or RecorderSettings()
        self._free = free or _free
        self._volume = Volume(root)
        self._retention = Retention(root, index)
        self._duties: dict[str, Duty] = {}
        self._closing: list[Recording] = []
        self._sealed: deque[tuple[Segment, bool]] = deque()
        self._indexing: list[Segment] = []
        self._gaps: deque[Gap] = deque(maxlen=GAPS_KEPT)
        self._noting = asyncio.Lock()
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._wake = asyncio.Event()
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
        self._orders: dict[str, Order] = {}
        self.slow = False
        """True while the disk does not keep up."""

    @property
    def full(self) -> bool:
        """True while nothing is recorded for want of room, or of a disk."""
        return self._disk is not None

    @property
    def locks(self) -> Sequence[Lock]:
        """The locks, in order of camera and start."""
        return self._retention.locks

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
        now, monotonic = self._clock.now(), self._clock.monotonic()
        for gone in self._duties.keys() - {camera.id for camera in cameras}:
            duty = self._duties.pop(gone)
            self._ended(duty.end(("removed", "the camera was removed")))
            duty.removed(now)
        for camera in cameras:
            duty = self._duties.get(camera.id) or self._new(camera, now, monotonic)
            duty.camera = camera
            duty.plan = (plans or {}).get(camera.record_schedule or "")
            self._duties[camera.id] = duty
        self._refresh()

    def _new(self, camera: Camera, now: int, monotonic: float) -> Duty:
        account = Account(camera.id, self._note)
        known, removed = self._known.pop(camera.id, None), self._removed.pop(camera.id, None)
        if removed is not None:
            account.gap = removed
        elif known is not None:
            account.missing(known, *DOWN)
        duty = Duty(camera, account, lambda: self._recording(camera.id, account), self._hub.subscribe)
        order = self._orders.pop(camera.id, None)
        if order is not None and order.until > now:
            duty.ordered(order, seconds_left(order, now), monotonic)
        return duty

    def _recording(self, camera: str, account: Account) -> Recording:
        return Recording(
            camera,
            self._volume,
            account,
            self._clock.now,
            segment_seconds=self.settings.segment_seconds,
            on_sealed=self._on_sealed,
            on_failed=self._on_failed,
            on_slow=self._on_slow,
        )

    @property
    def busy(self) -> bool:
        """True while the disk has enough to do with what happens now, or takes nothing."""
        return self.slow or self._disk is not None or self._volume.waiting > QUEUE_BYTES // 8

    def aside(self, camera: str) -> Recording:
        """Return a recording of a time that is over, fed by whoever has it; `over` ends it. Raises NotFound."""
        self._duty(camera)
        return self._recording(camera, Account(camera, lambda gap: None))

    def over(self, recording: Recording) -> None:
        """Seal what was recorded aside; it is found from now on, and indexed soon."""
        recording.close()
        self._ended(recording)

    def tell(self, event: Event) -> None:
        """Bring an event about recordings into the log, soon."""
        self._events.append(event)
        self._wake.set()

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
        """Record a camera for so long from now on, whatever its mode and schedule; 0 takes the order back.

        Raises Invalid where the camera must not be recorded. The order outlives a restart.
        """
        duty = self._duty(camera)
        gone = off(duty.camera)
        if gone is not None:
            raise Invalid(
                f"{duty.camera.name} is not recorded: {gone[1] or gone[0]}",
                where="record",
                remedy="End the privacy mode, or enable the camera and its recording, first.",
            )
        now = self._clock.now()
        order = Order(camera=camera, until=now + round(seconds * SECOND), reason=reason, by=by)
        await self._index.order(order)
        duty.ordered(order, seconds, self._clock.monotonic())
        data = {"name": duty.camera.name, "seconds": round(seconds), "actor": by, "reason": reason}
        type_ = "video.recording.ordered" if seconds > 0 else "video.recording.order-ended"
        self._tell(type_, ref("camera", camera), now, f"order/{camera}/{now}", data)
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
        duty = self._duty(lock.camera)
        await self._index.lock(lock)
        self._retention.locks = await self._index.locks()
        data = {"name": duty.camera.name, "actor": lock.by, "reason": lock.reason, "start": lock.start, "end": lock.end}
        self._tell("video.lock.set", ref("camera", lock.camera), self._clock.now(), f"lock/{lock.id}", data)
        self._wake.set()

    async def release(self, camera: str, lock: str, reason: str, by: str) -> Lock:
        """Let go what a lock held; raises NotFound."""
        found = next((one for one in self.locks if one.id == lock and one.camera == camera), None)
        if found is None:
            raise NotFound(
                f'there is no lock "{lock}" on this camera', where="lock", remedy="List the locks; it may be released."
            )
        await self._index.unlock([lock])
        self._retention.locks = await self._index.locks()
        data = {"name": self._name(camera), "actor": by, "reason": reason, "start": found.start, "end": found.end}
        self._tell("video.lock.released", ref("camera", camera), self._clock.now(), f"lock/{lock}", data)
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
        await self._index_gaps()
        noted = {one.start: one for one in await self._index.gaps(camera, start - NEAR, end + NEAR)}
        # What the index refuses for want of room is known here all the same.
        noted |= {one.start: one for one in self._gaps if one.camera == camera}
        known = sorted(noted.values(), key=lambda one: one.start)
        return gaps_of(camera, start, min(end, until), segments, known)

    def _unindexed(self, camera: str) -> list[Segment]:
        found = self._duties.get(camera)
        closing = [one for part in (*self._closing, found.recording if found else None) if part for one in part.closing]
        done = [*(one for one, _ in self._sealed), *self._indexing]
        return [one for one in (*closing, *done) if one.camera == camera and one.bytes]

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
                self._note(msgspec.structs.replace(gap, end=max(gap.start, alive)))
        await self._settle()
        self._known = await self._index.accounted()
        self._orders = {one.camera: one for one in await self._index.orders()}
        self._retention.locks = await self._index.locks()
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
        await self._settle()
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
            await self._settle()
            if any(recording.closing for recording in self._closing):
                await self._wake.wait()
        await self._volume.stop()
        await self._settle()
        await self._beat()

    async def _recover(self) -> None:
        for path in await asyncio.to_thread(lambda: list(recovery.unsealed(self._root))):
            segment = await asyncio.to_thread(recovery.recover, self._root, path)
            if segment is not None:
                self._sealed.append((segment, False))
        recovered = {segment.id for segment, _ in self._sealed}
        for camera, files in (await asyncio.to_thread(recovery.newest_sealed, self._root)).items():
            known = {one.start for one in await self._index.find(camera, min(files), max(files) + 1)}
            for start in sorted(files.keys() - known):
                entry = await asyncio.to_thread(recovery.index_entry, self._root, files[start])
                if entry is not None and entry.id not in recovered:
                    self._sealed.append((entry, False))
        await self._settle()

    def _on_sealed(self, segment: Segment, cut: bool) -> None:
        self._sealed.append((segment, cut))
        self._wake.set()

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

    async def _settle(self) -> None:
        """Bring what was sealed and the gaps into the index, and the events that wait into the log; each without the other."""
        await self._index_sealed()
        await self._index_gaps()
        while self._events:
            events = [self._events.popleft() for _ in range(len(self._events))]
            try:
                await self._emit(events)
            except Refusal as error:
                log.warning("events could not be handed over, trying again: %s", error)
                self._events.extendleft(reversed(events))
                return

    async def _index_sealed(self) -> None:
        while self._sealed:
            batch = [self._sealed.popleft() for _ in range(min(len(self._sealed), 200))]
            segments = [await asyncio.to_thread(self._exact, segment) if cut else segment for segment, cut in batch]
            self._indexing = segments
            try:
                await self._index.add(segments)
            except Refusal as error:
                log.warning("%d segments could not be indexed, trying again: %s", len(segments), error)
                self._sealed.extendleft((segment, False) for segment in reversed(segments))
                return
            finally:
                self._indexing = []
            for segment in segments:
                seconds = round((segment.end - segment.start) / 1e6, 1)
                data = {"name": self._name(segment.camera), "seconds": seconds, "segment": segment.id, "bytes": segment.bytes}
                self._tell("video.segment.sealed", ref("camera", segment.camera), segment.end, f"segment/{segment.id}", data)

    def _exact(self, segment: Segment) -> Segment:
        """Return the entry of a file that a failing disk cut, as it really is."""
        return recovery.index_entry(self._root, self._root / segment.path) or segment

    async def _index_gaps(self) -> None:
        async with self._noting:
            while self._gaps:
                batch = [self._gaps.popleft() for _ in range(min(len(self._gaps), 1000))]
                try:
                    await self._index.note(batch)
                except Refusal as error:
                    log.warning("%d gaps could not be noted, trying again: %s", len(batch), error)
                    self._gaps.extendleft(reversed(batch))
                    return

    async def _beat(self) -> None:
        try:
            await self._index.beat(self._clock.now())
        except Refusal as error:
            log.warning("%s; trying again", error)

    async def _clean(self) -> None:
        keeps, now = self._keeps(), self._clock.now()
        try:
            await self._expire(now)
            await self._retention.by_age(keeps, now)
            await self._retention.by_size(keeps, now)
        except (OSError, Refusal) as error:
            log.warning("old recordings could not be deleted, trying again: %s", error)

    async def _expire(self, now: int) -> None:
        over = [lock for lock in self.locks if lock.until and lock.until <= now]
        if not over:
            return
        await self._index.unlock([lock.id for lock in over])
        self._retention.locks = await self._index.locks()
        for lock in over:
            data = {"name": self._name(lock.camera), "reason": lock.reason, "start": lock.start, "end": lock.end}
            self._tell("video.lock.expired", ref("camera", lock.camera), now, f"lock/{lock.id}", data)

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
            self._tell("system.disk.slow", "system:media", now, f"disk/{now}", data)
            self._wake.set()

    def _check_speed(self) -> None:
        if self.slow and self._clock.monotonic() - self._slow_at >= SLOW_OVER and self._volume.waiting < QUEUE_BYTES // 2:
            self.slow = False
            now = self._clock.now()
            self._tell("system.disk.slow-over", "system:media", now, f"disk/{now}", {"path": str(self._root)})

    def _stop_all(self, why: Why) -> None:
        self._disk = why
        now, detail = self._clock.now(), why[1]
        self._tell("system.disk.full", "system:media", now, f"disk/{now}", {"path": str(self._root), "detail": detail})
        for camera, duty in self._duties.items():
            if duty.recording is not None:
                data = {"name": self._name(camera), "detail": detail}
                self._tell("video.recording.stopped", ref("camera", camera), now, f"recording/{camera}/{now}", data)
        self._refresh()

    def _go_on(self) -> None:
        self._disk = None
        now = self._clock.now()
        self._tell("system.disk.ok", "system:media", now, f"disk/{now}", {"path": str(self._root)})
        for camera, duty in self._duties.items():
            if duty.recording is not None:
                data = {"name": self._name(camera)}
                self._tell("video.recording.resumed", ref("camera", camera), now, f"recording/{camera}/{now}", data)
        self._refresh()

    def _note(self, gap: Gap) -> None:
        self._gaps.append(gap)
        self._wake.set()

    def _duty(self, camera: str) -> Duty:
        found = self._duties.get(camera)
        if found is None:
            raise NotFound(f'there is no camera "{camera}" here', where="camera")
        return found

    def _name(self, camera: str) -> str:
        found = self._duties.get(camera)
        return found.camera.name if found else camera

    def _tell(self, type_: str, entity: str, time: int, key: str, data: Mapping[str, Any]) -> None:
        found = dict(data)
        self._events.append(
            Event(
                key=f"media/{key}/{type_}",
                type=type_,
                entity=entity,
                time=time,
                severity=severity(type_),
                text=describe(type_, found),
                data=found,
            )
        )


def _free(root: Path) -> int:
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize
