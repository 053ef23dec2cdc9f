"""Fills gaps of recordings with what cameras recorded themselves, after a loss or when somebody asks.

One gap of a camera at a time, MOST_AT_ONCE cameras at a time, at a bounded rate, and only while the disk keeps up. What was taken
is found in the index, so that a try that was cut short goes on where it was, after a crash too. A gap is tried again as
`domain.video.fill.BACKOFF` says, then given up with its reason; what the camera does not have is no reason to try again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from sitewarden.domain.clock import DAY, SECOND
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal
from sitewarden.domain.video.fill import BY_HAND, FAULTS, Fill, Span, holes, missing, next_try
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.wish import off
from sitewarden.kit.errors import DriverError
from sitewarden.media.edge import BEFORE, Cutter, Edge, Stretch, keys_before
from sitewarden.media.hub import Hub
from sitewarden.media.plan import Plan
from sitewarden.media.recorder import Recorder
from sitewarden.store.interfaces import FillStore

log = logging.getLogger(__name__)

LOOK: Final = 15.0
"""Seconds between two looks for gaps."""
SETTLE: Final = 20 * SECOND
"""Microseconds that a gap must be over: the camera writes its own recording down late, too."""
REACH: Final = 7 * DAY
"""Gaps older than this are filled only when somebody asks."""
MOST_AT_ONCE: Final = 2
MOST_WAITING: Final = 200
"""Gaps of one camera that wait; what comes beyond is refused, or stays a gap."""
KEPT: Final = 400 * DAY
RATE: Final = 4_000_000
"""Octets a second that all replays of a process take together."""
HOLD: Final = 0.25
"""Seconds for which nothing is read where the disk has enough to do."""

LEAST: Final = 0.05
"""Seconds that are worth a pause."""
SEALED: Final = 30.0
"""Seconds for which the writer is waited for."""


class Pace:
    """So many octets a second, and none while `busy`."""

    def __init__(self, rate: float, recorder: Recorder) -> None:
        self._rate, self._recorder = rate, recorder
        self._free = 0.0

    def __call__(self, octets: int) -> float:
        now = asyncio.get_running_loop().time()
        self._free = max(self._free, now) + octets / self._rate
        wait = max(self._free - now, HOLD if self._recorder.busy else 0.0)
        return wait if wait >= LEAST else 0.0


class Backfill:
    """The gaps of one process's cameras."""

    def __init__(self, recorder: Recorder, store: FillStore, edge: Edge, *, rate: float = RATE) -> None:
        self._recorder, self._store, self._edge = recorder, store, edge
        self._pace = Pace(rate, recorder)
        self._looked: dict[str, int] = {}
        self._waiting: dict[str, Fill] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._told = 0

    async def run(self) -> None:
        """Look for gaps and fill them, until cancelled."""
        self._looked = await self._store.looked()
        for fill in await self._store.open_ones():
            # One that was cut short goes on; it was not its fault.
            self._waiting[fill.id] = msgspec.structs.replace(fill, state="waiting")
        await self._store.forget(self._recorder.now() - KEPT)
        try:
            while True:
                try:
                    await self.look()
                except Refusal as refusal:
                    log.warning("gaps cannot be looked for now: %s", refusal)
                self.begin()
                self._wake.clear()
                try:
                    await asyncio.wait_for(self._wake.wait(), LOOK)
                except TimeoutError:
                    continue
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    # -- what is to be filled -------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Find the gaps that are over, of the cameras that fill theirs by themselves."""
        for camera in [duty.camera for duty in self._recorder.duties()]:
            if camera.edge_fill != "auto" or camera.record_mode == "manual" or off(camera) or not self._edge.able(camera.id):
                continue
            now = self._recorder.now()
            lasting = self._recorder.lasting(camera.id)
            until = min(now - SETTLE, lasting.start if lasting is not None else now)
            since = max(self._looked.get(camera.id, 0), now - REACH, now - round(camera.retention_days * DAY))
            if until - since < SECOND:
                continue
            for start, end in await self._missing(camera.id, since, until, hand=False):
                if end >= until and lasting is None:
                    # It may go on beyond what was looked at.
                    until = start
                    break
                await self._add(camera, (start, end), "", "")
            self._looked[camera.id] = max(since, until)
            await self._store.look(camera.id, self._looked[camera.id])

    async def ask(self, camera_id: str, start: int, end: int, reason: str, by: str) -> list[Fill]:
        """Fill what is missing of [start, end) because somebody asks; return what is tried. Raises a Refusal."""
        camera = next((duty.camera for duty in self._recorder.duties() if duty.camera.id == camera_id), None)
        if camera is None:
            raise NotFound(f'there is no camera "{camera_id}" here', where="camera")
        if why := off(camera):
            raise Invalid(f"{camera.name} is not recorded: {why[1] or why[0]}", where="camera")
        if camera.edge_fill == "off":
            raise Invalid(
                f"{camera.name} is not asked for its own recordings", where="edge_fill", remedy='Set it to "manual" or "auto".'
            )
        if not self._edge.able(camera_id):
            raise Conflict(
                f"{camera.name} cannot be asked for its own recordings now",
                where="camera",
                remedy="It needs ONVIF profile G and a card, and its services must answer; its page shows both.",
            )
        end = min(end, self._recorder.now())
        spans = await self._missing(camera_id, start, end, hand=True)
        if not spans:
            raise Conflict(
                "nothing of this time can be filled",
                where="start",
                remedy="It is recorded; or it was off, private or deleted on purpose, and stays so.",
            )
        self._tell("video.gap.asked", camera, by, reason=reason, seconds=sum(e - s for s, e in spans) // SECOND, actor=by)
        return [await self._add(camera, span, reason, by) for span in spans]

    async def fills(self, camera: str, start: int, end: int) -> list[Fill]:
        """Return what was, and is, filled of [start, end)."""
        found = await self._store.of(camera, start, end)
        return [self._waiting.get(one.id, one) for one in found]

    async def _missing(self, camera: str, start: int, end: int, *, hand: bool) -> list[Span]:
        segments = await self._recorder.find(camera, start, end)
        gaps = await self._recorder.gaps(camera, start, end, segments)
        return missing(gaps, BY_HAND if hand else FAULTS)

    async def _add(self, camera: Camera, span: Span, reason: str, by: str) -> Fill:
        mine = [one for one in self._waiting.values() if one.camera == camera.id]
        same = next((one for one in mine if one.start <= span[0] and span[1] <= one.end), None)
        if same is not None:
            return same
        if len(mine) >= MOST_WAITING:
            raise Conflict(f"{MOST_WAITING} gaps of {camera.name} wait to be filled already", where="camera", remedy="Wait.")
        fill = Fill(
            id=secrets.token_hex(8),
            camera=camera.id,
            start=span[0],
            end=span[1],
            by=by,
            reason=reason,
            made=self._recorder.now(),
        )
        await self._store.put(fill)
        self._waiting[fill.id] = fill
        self._wake.set()
        return fill

    # -- filling --------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin with what is due and can be asked, as far as there is room."""
        now = self._recorder.now()
        for fill in sorted(self._waiting.values(), key=lambda one: (not one.by, one.start)):
            if len(self._tasks) >= MOST_AT_ONCE or self._recorder.busy:
                return
            if fill.camera not in self._tasks and fill.due <= now and self._edge.able(fill.camera):
                task = asyncio.create_task(self._try(fill), name=f"fill {fill.camera}")
                self._tasks[fill.camera] = task
                task.add_done_callback(lambda _, camera=fill.camera: self._ended(camera))  # type: ignore[misc]

    def _ended(self, camera: str) -> None:
        self._tasks.pop(camera, None)
        self._wake.set()

    async def _try(self, fill: Fill) -> None:
        camera = next((duty.camera for duty in self._recorder.duties() if duty.camera.id == fill.camera), None)
        if camera is None or off(camera) or camera.edge_fill == "off":
            await self._settle(msgspec.structs.replace(fill, state="failed", detail="the camera is not recorded any more"))
            return
        fill = await self._settle(msgspec.structs.replace(fill, state="running"))
        error = ""
        try:
            left = await self._fetch_all(fill)
        except (Refusal, DriverError) as failure:
            error = str(failure)
            left = await self._left(fill)
        now = self._recorder.now()
        filled = fill.end - fill.start - sum(end - start for start, end in left)
        # A try that brought something is none that failed: what is left becomes less each time.
        tries = fill.tries if filled - fill.filled >= SECOND and error else fill.tries + 1
        pause = next_try(max(1, tries)) if error else None
        if error and pause is not None:
            await self._settle(
                msgspec.structs.replace(fill, state="waiting", tries=tries, due=now + pause, filled=filled, detail=error[:300])
            )
            return
        none = "the camera has no recording of this time" if filled < SECOND else "the camera has no more of it"
        detail = error[:300] or (none if left else "")
        done = msgspec.structs.replace(
            fill, state="failed" if error or filled < SECOND else "done", tries=tries, filled=filled, detail=detail
        )
        await self._settle(done)
        about = {"start": fill.start, "end": fill.end, "seconds": filled // SECOND}
        type_ = "video.gap.filled" if done.state == "done" else "video.gap.not-filled"
        self._tell(type_, camera, fill.id, detail=detail, **about)

    async def _left(self, fill: Fill) -> list[Span]:
        return holes(fill.start, fill.end, await self._recorder.find(fill.camera, fill.start, fill.end))

    async def _fetch_all(self, fill: Fill) -> list[Span]:
        """Take what the camera has of what is missing; return what is missing then."""
        for start, end in await self._left(fill):
            found = await self._edge.find(fill.camera, start, end)
            for stretch in found:
                begin, over = max(start, stretch.start), min(end, stretch.end + SECOND)
                if over - begin >= SECOND:
                    await self._fetch(fill.camera, stretch, begin, over)
        return await self._left(fill)

    async def _fetch(self, camera: str, stretch: Stretch, start: int, end: int) -> None:
        recorder = self._recorder
        before = await recorder.find(camera, start - BEFORE, start)
        plan = Plan(
            roots=recorder.volumes.roots(),
            remotes=recorder.volumes.remotes(),
            start=start - BEFORE,
            end=start,
            segments=tuple(before),
        )
        known = await asyncio.to_thread(keys_before, plan)
        hub = Hub(recorder.clock)
        recording = recorder.aside(camera)
        cutter = Cutter(recording, start, end, known)
        stop = hub.subscribe(camera, cutter)

        def enough() -> bool:
            return cutter.past or recorder.blocked(camera) is not None

        try:
            await self._edge.fetch(camera, stretch, start - BEFORE, end + BEFORE, hub, self._pace, enough)
        finally:
            stop()
            recorder.over(recording)
        for _ in range(round(SEALED / LEAST)):
            if not recording.closing:
                break
            await asyncio.sleep(LEAST)
        else:
            raise Conflict("the disk did not take it in time", where="disk")
        if (why := recorder.blocked(camera)) is not None:
            raise Conflict(why[1], where="disk")

    async def _settle(self, fill: Fill) -> Fill:
        if fill.state in ("done", "failed"):
            self._waiting.pop(fill.id, None)
        else:
            self._waiting[fill.id] = fill
        try:
            await self._store.put(fill)
        except Refusal as refusal:
            log.warning("the fill %s of %s cannot be noted: %s", fill.id, fill.camera, refusal)
        return fill

    def _tell(self, type_: str, camera: Camera, key: str, **data: object) -> None:
        self._told += 1
        self._recorder.tell(type_, camera.id, f"fill/{key}/{self._told}", {"name": camera.name, **data})


__all__: Sequence[str] = ["Backfill"]
