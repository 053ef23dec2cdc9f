"""Imports of people: a file comes in, a child plans it, somebody looks at the preview, and all of it is made so or nothing."""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sitewarden.domain.access.roster.changes import Counts, LineError, Mode, RosterChange
from sitewarden.domain.access.roster.columns import MAX_BYTES
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, NotFound, Refusal, TooMany
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.services.aside import aside
from sitewarden.services.entities import LARGEST_PEOPLE
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.people.dump import around, dump_people
from sitewarden.services.people.reports import ImportReports
from sitewarden.services.people.work import People, make_plan
from sitewarden.services.spool import Spool, read_items
from sitewarden.services.surface.people import (
    ApplyImport,
    FileTicket,
    ImportPage,
    ImportRef,
    ImportRows,
    ImportState,
    ImportView,
    OpenImport,
    UploadTicket,
)
from sitewarden.store.interfaces import AuditEntry, Change, StateStore

MOST: Final = 8
"""Imports that are remembered; the oldest that is not at work goes for a new one."""


@dataclass
class _Import:
    id: str
    actor: str
    name: str
    mode: Mode
    since: int
    source: Path
    state: ImportState = "uploading"
    progress: float = 0.0
    counts: Counts = field(default_factory=Counts)
    errors: list[LineError] = field(default_factory=list)
    changes: list[RosterChange] = field(default_factory=list)
    digest: str = ""
    file: str = ""
    version: int = -1
    out: Path | None = None
    report: Path | None = None
    refusal: Refusal | None = None

    def view(self) -> ImportView:
        """Return it as it is shown."""
        return ImportView(
            id=self.id,
            name=self.name,
            mode=self.mode,
            state=self.state,
            progress=self.progress,
            since=self.since,
            counts=self.counts,
            what=self.refusal.what if self.refusal else "",
            where=self.refusal.where if self.refusal else "",
            remedy=self.refusal.remedy if self.refusal else "",
        )


class Imports:
    """The operations people.import.*. `changing` is the lock under which entities change; `reports` keeps what imports did."""

    def __init__(
        self, state: StateStore, clock: Clock, spool: Spool, changing: asyncio.Lock, pin_key: bytes, reports: Path
    ) -> None:
        self._state = state
        self._clock = clock
        self._spool = spool
        self._changing = changing
        self._pin_key = pin_key
        self._reports = ImportReports(reports)
        self._imports: dict[str, _Import] = {}
        # Children take a core each and memory for the whole site, so one import is at work at a time.
        self._turn = asyncio.Semaphore(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._origin = f"people/{clock.now()}"
        self._count = 0

    def operations(self) -> list[Operation]:
        """Return the operations of imports; one right covers them all."""
        act = "people.import"
        return [
            Operation(
                "people.import.open",
                act,
                OpenImport,
                UploadTicket,
                self._open,
                detail=lambda params: {"mode": params.mode, "name": params.name},
            ),
            Operation("people.import.start", act, ImportRef, ImportView, self._start, audit=False),
            Operation("people.import.get", act, ImportRef, ImportView, self._get, audit=False),
            Operation("people.import.rows", act, ImportRows, ImportPage, self._rows, audit=False),
            Operation("people.import.apply", act, ApplyImport, ImportView, self._apply, own_audit=True),
            Operation("people.import.drop", act, ImportRef, None, self._drop, audit=False),
            Operation(
                "people.import.report", act, ImportRef, FileTicket, self._report, detail=lambda params: {"import": params.id}
            ),
        ]

    async def close(self) -> None:
        """Stop what is at work before it writes; a transaction that runs is finished."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _open(self, caller: Caller, params: OpenImport) -> UploadTicket:
        while len(self._imports) >= MOST:
            idle = next((one for one in self._imports.values() if one.state not in ("reading", "applying")), None)
            if idle is None:
                raise TooMany(f"{MOST} imports are at work.", remedy="Wait for one of them to end.")
            self._forget(idle)
        id_ = secrets.token_hex(8)
        source = self._spool.new(".csv")
        self._imports[id_] = _Import(id_, caller.actor, params.name, params.mode, self._clock.now(), source)
        return UploadTicket(id=id_, path=str(source), limit=MAX_BYTES, then="people.import.start", otherwise="people.import.drop")

    async def _start(self, caller: Caller, params: ImportRef) -> ImportView:
        one = self._of(caller, params.id)
        if one.state != "uploading":
            raise Conflict("It was started already.", where=one.id, remedy="Open a new import for another file.")
        one.state = "reading"
        self._spawn(self._read(one), "people import")
        return one.view()

    async def _get(self, caller: Caller, params: ImportRef) -> ImportView:
        return self._of(caller, params.id).view()

    async def _rows(self, caller: Caller, params: ImportRows) -> ImportPage:
        one = self._of(caller, params.id)
        part = slice(params.offset, params.offset + params.limit)
        if params.what == "errors":
            return ImportPage(errors=tuple(one.errors[part]), changes=(), total=len(one.errors))
        return ImportPage(errors=(), changes=tuple(one.changes[part]), total=len(one.changes))

    async def _apply(self, caller: Caller, params: ApplyImport) -> ImportView:
        one = self._of(caller, params.id)
        if one.state != "ready":
            raise Conflict(f"The import is {one.state}.", where=one.id, remedy="Apply it when its preview is there.")
        if one.counts.errors:
            raise Conflict(
                f"The file has {one.counts.errors} errors.", where=one.id, remedy="Correct them in the file, and import it again."
            )
        one.state, one.progress, one.refusal = "applying", 0.0, None
        self._spawn(self._make_so(one, caller, params.reason or caller.reason), "people import")
        return one.view()

    async def _drop(self, caller: Caller, params: ImportRef) -> None:
        one = self._of(caller, params.id)
        if one.state in ("reading", "applying"):
            raise Conflict("It is at work.", where=one.id, remedy="Wait for it to end.")
        self._forget(one)

    async def _report(self, caller: Caller, params: ImportRef) -> FileTicket:
        with self._spool.made(".csv") as out:
            size = await asyncio.to_thread(self._reports.copy, params.id, out)
        return FileTicket(path=str(out), name=f"import-{params.id}.csv", media_type="text/csv", size=size)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _of(self, caller: Caller, id_: str) -> _Import:
        one = self._imports.get(id_)
        if one is None or one.actor != caller.actor:
            raise NotFound("There is no such import.", where=id_, remedy="It may have been forgotten; open a new one.")
        return one

    def _forget(self, one: _Import) -> None:
        del self._imports[one.id]
        _tidy(one)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, one: _Import) -> None:
        refusal = Refusal("The work broke off.", remedy="Look at the log of the process core, and try again.")
        try:
            async with self._turn:
                await self._plan(one)
            one.state, one.progress = "ready", 1.0
            if one.counts.errors:
                # It is never applied, so what it brought need not wait.
                _tidy(one)
        except Refusal as error:
            refusal = error
        finally:
            if one.state == "reading":
                one.state, one.refusal = "failed", refusal
                _tidy(one)

    async def _plan(self, one: _Import) -> None:
        """Plan the file against the people of now."""

        def tell(part: float) -> None:
            one.progress = part

        spool = self._spool
        with spool.passing(".people") as people, spool.made(".plan") as out, spool.made(".report") as report:
            version = self._state.version
            await dump_people(self._state, people)
            known = around(self._state, self._pin_key)
            made = await aside(tell, make_plan, one.source, people, known, one.mode, out, report)
        for path in (one.out, one.report):
            if path is not None:
                path.unlink(missing_ok=True)
        one.out, one.report, one.version = out, report, version
        one.counts, one.errors, one.changes = made.counts, made.errors, made.changes
        one.digest, one.file = made.digest, made.source

    async def _make_so(self, one: _Import, caller: Caller, reason: str) -> None:
        refusal = Refusal("The work broke off.", remedy="Look at the log of the process core, and try again.")
        done = False
        try:
            async with self._turn, self._changing:
                await self._current(one)
                # A look at all objects for garbage, which so many new ones would set off, holds everything for long.
                gc.disable()
                changes, entry = await asyncio.to_thread(self._changes, one, caller, reason)
                one.progress = 0.5
                if changes:
                    await self._state.apply(changes, events=[self._event(one, caller)], audit=[entry])
            done = True
        except Refusal as error:
            refusal = error
        finally:
            # What the site consists of now stays; it need not be looked through again.
            gc.freeze()
            gc.enable()
            if done:
                one.state, one.progress = "done", 1.0
                _tidy(one)
            else:
                one.state, one.refusal = "ready", refusal
        if not done:
            await asyncio.to_thread(self._reports.drop, one.id)
            with suppress(Refusal):
                entry = self._entry(caller, reason, f"refused: {refusal.code}", {"import": one.id})
                await self._state.audit([entry])

    async def _current(self, one: _Import) -> None:
        """Plan again where the site changed since the preview; raise Conflict where that says something else."""
        if self._state.version == one.version:
            return
        before = one.digest
        await self._plan(one)
        if one.counts.errors or one.digest != before:
            raise Conflict(
                "The site changed since the preview was made; here is a new one.", where=one.id, remedy="Look at it, then apply."
            )

    def _changes(self, one: _Import, caller: Caller, reason: str) -> tuple[list[Change], AuditEntry]:
        """Return what is to be changed and the entry of the audit log; keep the report. Runs in a thread, and reads state."""
        assert one.out is not None and one.report is not None
        changes: list[Change] = []
        for kind, entity in _entities(one.out):
            held = self._state.get(kind, entity.id)
            changes.append(Change(kind=kind, id=entity.id, entity=entity, revision=held.revision if held else 0))
        self._room(changes)
        detail = {
            "import": one.id,
            "name": one.name,
            "mode": one.mode,
            "sha256": one.file,
            "changes": len(changes),
            "report_sha256": self._reports.keep(one.id, one.report),
        }
        return changes, self._entry(caller, reason, "done", detail)

    def _room(self, changes: list[Change]) -> None:
        for kind in ("credential-holder", "credential"):
            new = sum(1 for change in changes if change.kind == kind and change.revision == 0)
            if len(self._state.list(kind)) + new > LARGEST_PEOPLE:
                raise TooMany(
                    f"The site would have more than {LARGEST_PEOPLE:,} of the kind {kind}.",
                    where=kind,
                    remedy="Remove some first.",
                )

    def _entry(self, caller: Caller, reason: str, outcome: str, detail: dict[str, object]) -> AuditEntry:
        return AuditEntry(
            time=self._clock.now(),
            actor=caller.actor,
            action="people.import",
            entity="",
            outcome=outcome,
            reason=reason,
            detail=detail,
            remote=caller.remote,
        )

    def _event(self, one: _Import, caller: Caller) -> Event:
        counts = one.counts
        data = {
            "actor": caller.actor,
            "name": one.name,
            "added": counts.holders_added,
            "changed": counts.holders_changed,
            "credentials": counts.credentials_added + counts.credentials_changed,
        }
        self._count += 1
        return Event(
            key=f"{self._origin}/{self._count}",
            type="people.imported",
            entity=ref("site", "site"),
            time=self._clock.now(),
            severity=severity("people.imported"),
            related=(caller.actor,),
            text=describe("people.imported", data),
            data=data,
        )


def _tidy(one: _Import) -> None:
    for path in (one.source, one.out, one.report):
        if path is not None:
            path.unlink(missing_ok=True)


def _entities(path: Path) -> Iterator[tuple[str, Entity]]:
    for item in read_items(path, People):
        for holder in item.holders:
            yield "credential-holder", holder
        for credential in item.credentials:
            yield "credential", credential
