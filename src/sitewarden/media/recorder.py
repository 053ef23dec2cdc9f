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

from msgspec import Struct

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera, Segment
from sitewarden.media import recovery
from sitewarden.media.hub import Hub
from sitewarden.media.recording import Recording
from sitewarden.media.retention import Retention
from sitewarden.media.volume import Volume
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

CHECK: Final = 2.0
"""Seconds between two looks at the disk's room."""
RETENTION_EVERY: Final = 60.0
RETRY: Final = 5.0
"""Seconds until a disk that failed is tried again; doubled each time that it fails again within a minute."""
RETRY_MOST: Final = 300.0
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
    """Records the cameras that `configure` names, from the hub to the disk and into the index."""

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
        self._index = index
        self._root = root
        self._clock = clock
        self._emit = emit
        self.settings = settings or RecorderSettings()
        self._free = free or _free
        self._volume = Volume(root)
        self._retention = Retention(root, index)
        self._cameras: dict[str, Camera] = {}
        self._recordings: dict[str, tuple[Recording, Callable[[], None]]] = {}
        self._closing: list[Recording] = []
        self._sealed: deque[tuple[Segment, bool]] = deque()
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._wake = asyncio.Event()
        self._failed_at = -RETRY_MOST
        self._retry = RETRY
        self.full = False
        """True while nothing is recorded for want of room."""

    def recording(self, camera: str) -> bool:
        """Tell whether this camera's frames go to the disk now."""
        found = self._recordings.get(camera)
        return found is not None and not found[0].paused

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Record exactly those of `cameras` that are enabled and to be recorded; names and retention are taken over."""
        self._cameras = {camera.id: camera for camera in cameras}
        wanted = {camera.id for camera in cameras if camera.enabled and camera.record}
        self._closing = [recording for recording in self._closing if recording.sealing]
        for camera in self._recordings.keys() - wanted:
            recording, end = self._recordings.pop(camera)
            end()
            recording.close()
            self._closing.append(recording)
        for camera in sorted(wanted - self._recordings.keys()):
            recording = Recording(
                camera,
                self._volume,
                segment_seconds=self.settings.segment_seconds,
                on_sealed=self._on_sealed,
                on_failed=self._on_failed,
            )
            recording.paused = self.full
            self._recordings[camera] = (recording, self._hub.subscribe(camera, recording))

    def current(self, camera: str) -> Segment | None:
        """Return the camera's open segment, as far as it is written."""
        found = self._recordings.get(camera)
        return found[0].current() if found else None

    async def start(self) -> None:
        """Take up what a crash left, and begin to write."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o750)
        await self._recover()
        self._volume.start()

    async def run(self) -> None:
        """Index, tell, watch the disk and delete what is old, until cancelled; `stop` then closes everything."""
        loop = asyncio.get_running_loop()
        checked = loop.time() - CHECK
        cleaned = loop.time()
        while True:
            try:
                async with asyncio.timeout(max(0.05, checked + CHECK - loop.time())):
                    await self._wake.wait()
            except TimeoutError:
                checked = loop.time()
                await self._check_room()
            self._wake.clear()
            await self._settle()
            if loop.time() - cleaned >= RETENTION_EVERY:
                cleaned = loop.time()
                await self._clean()

    async def stop(self) -> None:
        """Seal all segments, index them, and end the writer."""
        for recording, end in self._recordings.values():
            end()
            recording.close()
            self._closing.append(recording)
        self._recordings.clear()
        while any(recording.sealing for recording in self._closing):
            self._wake.clear()
            await self._settle()
            if any(recording.sealing for recording in self._closing):
                await self._wake.wait()
        await self._volume.stop()
        await self._settle()

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
        if not self.full:
            again = now - self._failed_at < self._retry + 60.0
            self._retry = min(RETRY_MOST, self._retry * 2) if again else RETRY
            self._stop_all("the disk is full" if error.errno in FULL else f"the disk failed: {error.strerror or error}")
        self._failed_at = now
        self._wake.set()

    async def _settle(self) -> None:
        """Bring what was sealed into the index and the events that wait into the log; each goes on without the other."""
        await self._index_sealed()
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
            try:
                await self._index.add(segments)
            except Refusal as error:
                log.warning("%d segments could not be indexed, trying again: %s", len(segments), error)
                self._sealed.extendleft((segment, False) for segment in reversed(segments))
                return
            for segment in segments:
                seconds = round((segment.end - segment.start) / 1e6, 1)
                data = {"name": self._name(segment.camera), "seconds": seconds, "segment": segment.id, "bytes": segment.bytes}
                self._tell("video.segment.sealed", ref("camera", segment.camera), segment.end, f"segment/{segment.id}", data)

    def _exact(self, segment: Segment) -> Segment:
        """Return the entry of a file that a failing disk cut, as it really is."""
        return recovery.index_entry(self._root, self._root / segment.path) or segment

    async def _clean(self) -> None:
        days = {camera.id: camera.retention_days for camera in self._cameras.values()}
        try:
            await self._retention.by_age(days, self._clock.now())
        except (OSError, Refusal) as error:
            log.warning("old recordings could not be deleted, trying again: %s", error)

    async def _check_room(self) -> None:
        if not self._volume.alive:
            raise RuntimeError("the writer of the recordings has ended; the process must be started anew")
        wanted = self.settings.min_free_bytes
        try:
            free = await asyncio.to_thread(self._free, self._root)
            if free < wanted:
                free += await self._retention.for_space(wanted - free + wanted // 10, self._clock.now())
        except Refusal as error:
            log.warning("old recordings could not be deleted to make room, trying again: %s", error)
        except OSError as error:
            self._on_failed("*", error)
            return
        if free < wanted and not self.full:
            self._stop_all("the disk is full")
        elif self.full and free >= wanted and self._clock.monotonic() - self._failed_at >= self._retry:
            self._go_on()

    def _stop_all(self, detail: str) -> None:
        self.full = True
        now = self._clock.now()
        self._tell("system.disk.full", "system:media", now, f"disk/{now}", {"path": str(self._root), "detail": detail})
        for camera, (recording, _) in self._recordings.items():
            recording.paused = True
            recording.close()
            data = {"name": self._name(camera), "detail": detail}
            self._tell("video.recording.stopped", ref("camera", camera), now, f"recording/{camera}/{now}", data)
        self._wake.set()

    def _go_on(self) -> None:
        self.full = False
        now = self._clock.now()
        self._tell("system.disk.ok", "system:media", now, f"disk/{now}", {"path": str(self._root)})
        for camera, (recording, _) in self._recordings.items():
            recording.paused = False
            data = {"name": self._name(camera)}
            self._tell("video.recording.resumed", ref("camera", camera), now, f"recording/{camera}/{now}", data)
        self._wake.set()

    def _name(self, camera: str) -> str:
        found = self._cameras.get(camera)
        return found.name if found else camera

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
