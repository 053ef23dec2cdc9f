"""Imports of people from a table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from sitewarden.domain.access.roster.changes import Counts
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import TooMany
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.services.aside import aside
from sitewarden.services.entities import LARGEST_PEOPLE
from sitewarden.services.importing import ImportDesk, Job
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.people.dump import around, dump_people
from sitewarden.services.people.reports import ImportReports
from sitewarden.services.people.work import People, make_plan
from sitewarden.services.spool import Spool, read_items
from sitewarden.services.surface.people import ApplyImport, FileTicket, ImportPage, ImportRef, ImportView, OpenImport
from sitewarden.store.interfaces import AuditEntry, Change, StateStore


class Imports(ImportDesk):
    """The operations people.import.*. `reports` keeps what imports did."""

    right = "people.import"
    opening = OpenImport
    applying = ApplyImport
    view = ImportView
    page = ImportPage

    def __init__(
        self, state: StateStore, clock: Clock, spool: Spool, changing: asyncio.Lock, pin_key: bytes, reports: Path
    ) -> None:
        super().__init__(state, clock, spool, changing)
        self._pin_key = pin_key
        self._reports = ImportReports(reports)
        self._origin = f"people/{clock.now()}"
        self._count = 0

    def operations(self) -> list[Operation]:
        """Return those of every import, and people.import.report."""
        return [
            *super().operations(),
            Operation(
                "people.import.report",
                self.right,
                ImportRef,
                FileTicket,
                self._report,
                detail=lambda params: {"import": params.id},
            ),
        ]

    def blank(self) -> Counts:
        """Return counts of nothing."""
        return Counts()

    async def plan(self, one: Job) -> None:
        """Plan the file against the people of now."""

        def tell(part: float) -> None:
            one.progress = part

        spool = self._spool
        with spool.passing(".people") as people, spool.made(".plan") as out, spool.made(".report") as report:
            version = self._state.version
            await dump_people(self._state, people)
            known = around(self._state, self._pin_key)
            made = await aside(tell, make_plan, one.source, people, known, one.params.mode, out, report)
        for path in (one.out, one.report):
            if path is not None:
                path.unlink(missing_ok=True)
        one.out, one.report, one.version = out, report, version
        one.counts, one.errors, one.changes = made.counts, made.errors, made.changes
        one.digest, one.file = made.digest, made.source

    async def made(self, one: Job, caller: Caller, reason: str) -> tuple[list[Change], Sequence[Event], AuditEntry]:
        """Return what is to be changed, with its event and the entry of the audit log; keep the report."""
        changes, entry = await asyncio.to_thread(self._changes, one, caller, reason)
        return changes, [self._event(one, caller)] if changes else [], entry

    async def given_up(self, one: Job) -> None:
        """Drop the report."""
        await asyncio.to_thread(self._reports.drop, one.id)

    async def _report(self, caller: Caller, params: ImportRef) -> FileTicket:
        with self._spool.made(".csv") as out:
            size = await asyncio.to_thread(self._reports.copy, params.id, out)
        return FileTicket(path=str(out), name=f"import-{params.id}.csv", media_type="text/csv", size=size)

    def _changes(self, one: Job, caller: Caller, reason: str) -> tuple[list[Change], AuditEntry]:
        """Return what is to be changed and the entry of the audit log. Runs in a thread, and reads state."""
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
        return changes, self.entry(caller, reason, "done", detail)

    def _room(self, changes: list[Change]) -> None:
        for kind in ("credential-holder", "credential"):
            new = sum(1 for change in changes if change.kind == kind and change.revision == 0)
            if len(self._state.list(kind)) + new > LARGEST_PEOPLE:
                raise TooMany(
                    f"The site would have more than {LARGEST_PEOPLE:,} of the kind {kind}.",
                    where=kind,
                    remedy="Remove some first.",
                )

    def _event(self, one: Job, caller: Caller) -> Event:
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


def _entities(path: Path) -> Iterator[tuple[str, Entity]]:
    for item in read_items(path, People):
        for holder in item.holders:
            yield "credential-holder", holder
        for credential in item.credentials:
            yield "credential", credential
