"""Imports from a file: it comes in, a child plans it, somebody looks at the preview, and all of it is made so or nothing.

What is imported is the subclass's: its rights, its plan, its changes.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Conflict, NotFound, Refusal, TooMany
from sitewarden.domain.events import Event
from sitewarden.domain.tabular import MAX_BYTES, LineError
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.spool import Spool
from sitewarden.services.surface.people import ImportRef, ImportRows, ImportState, UploadTicket
from sitewarden.store.interfaces import AuditEntry, Change, StateStore

MOST: Final = 8
"""Imports that are remembered; the oldest that is not at work goes for a new one."""


@dataclass
class Job:
    """One import. `params` is what it was opened with, `counts` what its plan counted (`errors` among it)."""

    id: str
    caller: Caller
    params: Any
    since: int
    source: Path
    counts: Any
    state: ImportState = "uploading"
    progress: float = 0.0
    errors: list[LineError] = field(default_factory=list)
    changes: list[Any] = field(default_factory=list)
    digest: str = ""
    file: str = ""
    version: int = -1
    out: Path | None = None
    report: Path | None = None
    refusal: Refusal | None = None

    @property
    def name(self) -> str:
        """Name of the file, for the record."""
        return str(self.params.name)

    @property
    def mode(self) -> str:
        """What happens to what is there already."""
        return str(self.params.mode)

    def shown(self) -> dict[str, Any]:
        """Return the fields that every view of an import has."""
        return {
            "id": self.id,
            "name": self.name,
            "mode": self.mode,
            "state": self.state,
            "progress": self.progress,
            "since": self.since,
            "counts": self.counts,
            "what": self.refusal.what if self.refusal else "",
            "where": self.refusal.where if self.refusal else "",
            "remedy": self.refusal.remedy if self.refusal else "",
        }

    def tidy(self) -> None:
        """Remove its files."""
        for path in (self.source, self.out, self.report):
            if path is not None:
                path.unlink(missing_ok=True)


class ImportDesk(ABC):
    """The operations <right>.open, .start, .get, .rows, .apply and .drop. `changing` is the lock under which entities change."""

    right: ClassVar[str]
    """The one right that covers them, and the beginning of their names."""
    opening: ClassVar[type[Any]]
    applying: ClassVar[type[Any]]
    view: ClassVar[type[Any]]
    page: ClassVar[type[Any]]
    suffix: ClassVar[str] = ".csv"

    def __init__(self, state: StateStore, clock: Clock, spool: Spool, changing: asyncio.Lock) -> None:
        self._state = state
        self._clock = clock
        self._spool = spool
        self._changing = changing
        self._jobs: dict[str, Job] = {}
        # Children take a core each and memory for the whole site, so one import is at work at a time.
        self._turn = asyncio.Semaphore(1)
        self._tasks: set[asyncio.Task[None]] = set()

    def operations(self) -> list[Operation]:
        """Return the operations of imports; one right covers them all."""
        act = self.right
        return [
            Operation(
                f"{act}.open",
                act,
                self.opening,
                UploadTicket,
                self._open,
                detail=lambda params: {"mode": params.mode, "name": params.name},
            ),
            Operation(f"{act}.start", act, ImportRef, self.view, self._start, audit=False),
            Operation(f"{act}.get", act, ImportRef, self.view, self._get, audit=False),
            Operation(f"{act}.rows", act, ImportRows, self.page, self._rows, audit=False),
            Operation(f"{act}.apply", act, self.applying, self.view, self._apply, own_audit=True),
            Operation(f"{act}.drop", act, ImportRef, None, self._drop, audit=False),
        ]

    async def close(self) -> None:
        """Stop what is at work before it writes; a transaction that runs is finished."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- what is imported -----------------------------------------------------------------------------------------------

    @abstractmethod
    def blank(self) -> Any:
        """Return counts of nothing."""

    @abstractmethod
    async def plan(self, one: Job) -> None:
        """Plan the file against the site of now: counts, errors, changes, digest, version, and `out` with what would be."""

    @abstractmethod
    async def made(self, one: Job, caller: Caller, reason: str) -> tuple[list[Change], Sequence[Event], AuditEntry]:
        """Return what is to be changed, with its event and the entry of the audit log."""

    async def given_up(self, one: Job) -> None:  # noqa: B027 most leave nothing
        """Take back what `made` left beside the state, because it was not made so."""

    # -- operations -----------------------------------------------------------------------------------------------------

    async def _open(self, caller: Caller, params: Any) -> UploadTicket:
        while len(self._jobs) >= MOST:
            idle = next((one for one in self._jobs.values() if one.state not in ("reading", "applying")), None)
            if idle is None:
                raise TooMany(f"{MOST} imports are at work.", remedy="Wait for one of them to end.")
            self._forget(idle)
        id_ = secrets.token_hex(8)
        source = self._spool.new(self.suffix)
        self._jobs[id_] = Job(id_, caller, params, self._clock.now(), source, self.blank())
        return UploadTicket(id=id_, path=str(source), limit=MAX_BYTES, then=f"{self.right}.start", otherwise=f"{self.right}.drop")

    async def _start(self, caller: Caller, params: ImportRef) -> Any:
        one = self._of(caller, params.id)
        if one.state != "uploading":
            raise Conflict("It was started already.", where=one.id, remedy="Open a new import for another file.")
        one.state = "reading"
        self._spawn(self._read(one), self.right)
        return self.view(**one.shown())

    async def _get(self, caller: Caller, params: ImportRef) -> Any:
        return self.view(**self._of(caller, params.id).shown())

    async def _rows(self, caller: Caller, params: ImportRows) -> Any:
        one = self._of(caller, params.id)
        part = slice(params.offset, params.offset + params.limit)
        if params.what == "errors":
            return self.page(errors=tuple(one.errors[part]), changes=(), total=len(one.errors))
        return self.page(errors=(), changes=tuple(one.changes[part]), total=len(one.changes))

    async def _apply(self, caller: Caller, params: Any) -> Any:
        one = self._of(caller, params.id)
        if one.state != "ready":
            raise Conflict(f"The import is {one.state}.", where=one.id, remedy="Apply it when its preview is there.")
        if one.counts.errors:
            raise Conflict(
                f"The file has {one.counts.errors} errors.", where=one.id, remedy="Correct them in the file, and import it again."
            )
        one.state, one.progress, one.refusal = "applying", 0.0, None
        self._spawn(self._make_so(one, caller, params.reason or caller.reason), self.right)
        return self.view(**one.shown())

    async def _drop(self, caller: Caller, params: ImportRef) -> None:
        one = self._of(caller, params.id)
        if one.state in ("reading", "applying"):
            raise Conflict("It is at work.", where=one.id, remedy="Wait for it to end.")
        self._forget(one)

    # -- inside ---------------------------------------------------------------------------------------------------------

    def _of(self, caller: Caller, id_: str) -> Job:
        one = self._jobs.get(id_)
        if one is None or one.caller.actor != caller.actor:
            raise NotFound("There is no such import.", where=id_, remedy="It may have been forgotten; open a new one.")
        return one

    def _forget(self, one: Job) -> None:
        del self._jobs[one.id]
        one.tidy()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, one: Job) -> None:
        refusal = Refusal("The work broke off.", remedy="Look at the log of the process core, and try again.")
        try:
            async with self._turn:
                await self.plan(one)
            one.state, one.progress = "ready", 1.0
            if one.counts.errors:
                # It is never applied, so what it brought need not wait.
                one.tidy()
        except Refusal as error:
            refusal = error
        finally:
            if one.state == "reading":
                one.state, one.refusal = "failed", refusal
                one.tidy()

    async def _make_so(self, one: Job, caller: Caller, reason: str) -> None:
        refusal = Refusal("The work broke off.", remedy="Look at the log of the process core, and try again.")
        done = False
        try:
            async with self._turn, self._changing:
                await self._current(one)
                # A look at all objects for garbage, which so many new ones would set off, holds everything for long.
                gc.disable()
                changes, events, entry = await self.made(one, caller, reason)
                one.progress = 0.5
                if changes:
                    await self._state.apply(changes, events=events, audit=[entry])
            done = True
        except Refusal as error:
            refusal = error
        finally:
            # What the site consists of now stays; it need not be looked through again.
            gc.freeze()
            gc.enable()
            if done:
                one.state, one.progress = "done", 1.0
                one.tidy()
            else:
                one.state, one.refusal = "ready", refusal
        if not done:
            await self.given_up(one)
            with suppress(Refusal):
                entry = self.entry(caller, reason, f"refused: {refusal.code}", {"import": one.id})
                await self._state.audit([entry])

    async def _current(self, one: Job) -> None:
        """Plan again where the site changed since the preview; raise Conflict where that says something else."""
        if self._state.version == one.version:
            return
        before = one.digest
        await self.plan(one)
        if one.counts.errors or one.digest != before:
            raise Conflict(
                "The site changed since the preview was made; here is a new one.", where=one.id, remedy="Look at it, then apply."
            )

    def entry(self, caller: Caller, reason: str, outcome: str, detail: dict[str, object]) -> AuditEntry:
        """Return an entry of the audit log."""
        return AuditEntry(
            time=self._clock.now(),
            actor=caller.actor,
            action=self.right,
            entity="",
            outcome=outcome,
            reason=reason,
            detail=detail,
            remote=caller.remote,
        )
