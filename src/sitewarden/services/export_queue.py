"""Which exports are written now and were lately: by whom, how far, and whether somebody took one back. In memory alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sitewarden.domain.clock import HOUR, SECOND, Clock
from sitewarden.domain.errors import Conflict, NotFound
from sitewarden.domain.identity.grants import rights
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.exports import (
    CameraPlan,
    ExportedBytes,
    ExportGo,
    ExportJob,
    ExportJobs,
    ExportQuery,
    ExportRef,
    ExportState,
    VideoExport,
)

ACTION: Final = "camera.export"
OTHERS: Final = "export.manage"
"""The right to see and cancel exports of others."""
SILENT: Final = 30 * SECOND
"""An export of which nothing is heard for so long is cut: its download was ended, or its web process."""
KEPT: Final = 24 * HOUR
"""After its end an export is listed for so long."""
MOST: Final = 256
"""Exports that are listed; past it the one that was begun longest ago is forgotten."""


@dataclass(slots=True)
class _Job:
    asked: VideoExport
    by: str
    begun: int
    total: int
    seen: int
    written: int = 0
    ended: int = 0
    outcome: ExportState = "writing"


class ExportQueue:
    """The list, and the operations on it. A web process tells how far each is; the answer says whether it shall go on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, _Job] = {}

    def operations(self) -> list[Operation]:
        """Return the operations; who may export sees and cancels their own, those of others need `OTHERS`."""
        return [
            Operation("export.list", ACTION, ExportQuery, ExportJobs, self._list, audit=False, filtered=True),
            Operation("export.cancel", ACTION, ExportRef, ExportJob, self._cancel, filtered=True, detail=_detail),
            Operation("export.progress", ACTION, ExportedBytes, ExportGo, self._progress, audit=False, filtered=True),
        ]

    def begin(self, id_: str, asked: VideoExport, by: str, plans: list[CameraPlan]) -> None:
        """List an export that begins; its size is what lies in the span, as far as whole files tell."""
        while len(self._jobs) >= MOST:
            del self._jobs[next(iter(self._jobs))]
        now = self._clock.now()
        self._jobs[id_] = _Job(asked, by, now, sum(map(_size, plans)), now)

    def done(self, id_: str, size: int) -> None:
        """Note that an export of so many bytes was signed: what is left to send is its proof."""
        job = self._jobs.get(id_)
        if job is not None and job.outcome == "writing":
            job.outcome, job.ended, job.written = "done", self._clock.now(), size

    def refuse_cancelled(self, id_: str) -> None:
        """Raise Conflict for an export that somebody took back, so that it is never signed."""
        job = self._jobs.get(id_)
        if job is not None and job.outcome == "cancelled":
            raise Conflict("this export was cancelled", where="id", remedy="Begin it again.")

    async def _list(self, caller: Caller, asked: ExportQuery) -> ExportJobs:
        self._sweep()
        all_ = self._may_manage(caller) and asked.all
        found = [self._view(id_, job) for id_, job in self._jobs.items() if all_ or job.by == caller.actor]
        return ExportJobs(items=found[::-1])

    async def _cancel(self, caller: Caller, asked: ExportRef) -> ExportJob:
        self._sweep()
        job = self._jobs.get(asked.id)
        if job is None or (job.by != caller.actor and not self._may_manage(caller)):
            raise NotFound("there is no such export", where="id", remedy="Look at the list; exports are forgotten after a day.")
        if job.outcome != "writing":
            raise Conflict(f"the export is not being written: it is {job.outcome}", where="id")
        job.outcome, job.ended = "cancelled", self._clock.now()
        return self._view(asked.id, job)

    async def _progress(self, caller: Caller, told: ExportedBytes) -> ExportGo:
        job = self._jobs.get(told.id)
        if job is None or job.by != caller.actor:
            return ExportGo(go=job is None)
        job.seen, job.written = self._clock.now(), max(job.written, told.bytes)
        if job.outcome == "cut":
            job.outcome, job.ended = "writing", 0
        return ExportGo(go=job.outcome != "cancelled")

    def _sweep(self) -> None:
        now = self._clock.now()
        for id_, job in list(self._jobs.items()):
            if job.outcome == "writing" and now - job.seen > SILENT:
                job.outcome, job.ended = "cut", job.seen
            if job.ended and now - job.ended > KEPT:
                del self._jobs[id_]

    def _view(self, id_: str, job: _Job) -> ExportJob:
        return ExportJob(
            id=id_,
            by=job.by,
            cameras=tuple(dict.fromkeys(job.asked.camera)),
            start=job.asked.start,
            end=job.asked.end,
            reason=job.asked.reason.strip(),
            state=job.outcome,
            begun=job.begun,
            ended=job.ended,
            bytes=job.written,
            total=job.total,
            forgotten=job.ended + KEPT if job.ended else 0,
        )

    @staticmethod
    def _may_manage(caller: Caller) -> bool:
        return rights(caller.grants).everywhere(OTHERS)


def _size(one: CameraPlan) -> int:
    plan, total = one.plan, 0
    for segment in plan.segments:
        inside = min(segment.end, plan.end) - max(segment.start, plan.start)
        if inside > 0:
            total += segment.bytes * inside // max(1, segment.end - segment.start)
    return total


def _detail(asked: ExportRef) -> dict[str, object]:
    return {"export": asked.id}
