"""The operations points.import.* and points.export: endpoints, devices and points from a file, and as one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import NotFound, Refusal, TooMany
from sitewarden.domain.events import Event
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.tables.changes import MachineCounts
from sitewarden.domain.points.tables.columns import MODELS
from sitewarden.domain.refs import ref
from sitewarden.domain.tabular import SHOWN, LineError
from sitewarden.services.aside import aside
from sitewarden.services.checks import ALWAYS, nothing_refers_to_it
from sitewarden.services.entities import LARGEST
from sitewarden.services.importing import ImportDesk, Job
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.points.tables.work import CHUNK, Part, make_plan, write_file
from sitewarden.services.proposal import Check, Normal, Proposal
from sitewarden.services.spool import Spool, item_bytes, read_items
from sitewarden.services.surface.people import FileTicket
from sitewarden.services.surface.points import (
    ApplyMachineImport,
    ExportMachines,
    MachineImportPage,
    MachineImportView,
    OpenMachineImport,
)
from sitewarden.services.world import World
from sitewarden.store.interfaces import AuditEntry, Change, StateStore

_MEDIA: Final = {"csv": "text/csv", "yaml": "application/yaml"}
_YIELD: Final = 100
"""Entities that are checked between two moments in which the loop does other work."""


class MachineImports(ImportDesk):
    """Imports of machines; they may refer to each other. `checks` and `normal` are those of `Entities`."""

    right = "points.import"
    opening = OpenMachineImport
    applying = ApplyMachineImport
    view = MachineImportView
    page = MachineImportPage
    suffix = ".table"

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        spool: Spool,
        changing: asyncio.Lock,
        *,
        checks: Iterable[Check] = (),
        normal: Normal = lambda entity, get: entity,
    ) -> None:
        super().__init__(state, clock, spool, changing)
        # Nothing goes, so nobody has to be asked who refers to it.
        self._checks = (*(one for one in ALWAYS if one is not nothing_refers_to_it), *checks)
        self._normal = normal
        self._origin = f"points/{clock.now()}"
        self._count = 0

    def blank(self) -> MachineCounts:
        """Return counts of nothing."""
        return MachineCounts()

    async def plan(self, one: Job) -> None:
        """Plan the file against the machines of now, and put every change to the site's checks."""

        def tell(part: float) -> None:
            one.progress = 0.8 * part

        with self._spool.passing(".machines") as machines, self._spool.made(".plan") as out:
            version = self._state.version
            await dump_machines(self._state, machines)
            made = await aside(tell, make_plan, one.source, machines, one.name, one.params.mode, out, one.params.endpoint)
        if one.out is not None:
            one.out.unlink(missing_ok=True)
        one.out, one.version = out, version
        one.counts, one.errors, one.changes = made.counts, made.errors, made.changes
        one.digest, one.file = made.digest, made.source
        await self._checked(one)

    async def made(self, one: Job, caller: Caller, reason: str) -> tuple[list[Change], Sequence[Event], AuditEntry]:
        """Return what is to be changed, with its event and the entry of the audit log."""
        changes = [
            Change(kind=kind, id=entity.id, entity=entity, revision=held.revision if held is not None else 0)
            for kind, entity, held in (
                (kind, entity, self._state.get(kind, entity.id)) for kind, entity, _ in await self._stored(one)
            )
        ]
        for kind in MODELS:
            new = sum(1 for change in changes if change.kind == kind and change.revision == 0)
            if len(self._state.list(kind)) + new > LARGEST:
                raise TooMany(
                    f"The site would have more than {LARGEST:,} of the kind {kind}.", where=kind, remedy="Remove some first."
                )
        counts = msgspec.structs.asdict(one.counts)
        numbers = {name: counts[name] for name in ("added", "changed", "kept", "same", "endpoints", "devices", "points")}
        detail = {"import": one.id, "name": one.name, "mode": one.mode, "sha256": one.file, **numbers}
        data = {"actor": caller.actor, "name": one.name, **numbers}
        self._count += 1
        event = Event(
            key=f"{self._origin}/{self._count}",
            type="points.imported",
            entity=ref("site", "site"),
            time=self._clock.now(),
            severity=severity("points.imported"),
            related=(caller.actor,),
            text=describe("points.imported", data),
            data=data,
        )
        return changes, [event] if changes else [], self.entry(caller, reason, "done", detail)

    async def _stored(self, one: Job) -> list[tuple[str, Entity, int]]:
        """Return kind, entity as it is stored, and line of all that the plan makes."""
        assert one.out is not None
        found: list[tuple[str, Entity, int]] = []
        made: dict[tuple[str, str], Entity] = {}

        def get(kind: str, id_: str) -> Entity | None:
            """What stands before it in the file goes before what the site has."""
            held = self._state.get(kind, id_)
            return made.get((kind, id_)) or (held.entity if held is not None else None)

        for part in read_items(one.out, Part):
            for (kind, entity), line in zip(part.entities(), part.lines, strict=True):
                try:
                    stored = self._normal(entity, get)
                except Refusal as refusal:
                    self._wrong(one, line, refusal)
                    continue
                made[kind, entity.id] = stored
                found.append((kind, stored, line))
            await asyncio.sleep(0)
        return found

    async def _checked(self, one: Job) -> None:
        """Put what the plan makes to the checks; what one refuses is an error of its line."""
        found = await self._stored(one)
        world = World(self._state, ((kind, entity.id, entity) for kind, entity, _ in found))
        for number, (kind, entity, line) in enumerate(found):
            held = self._state.get(kind, entity.id)
            before = held.entity if held is not None else None
            proposal = Proposal(kind, entity.id, before, entity, one.caller, world)  # type: ignore[arg-type]
            try:
                for check in self._checks:
                    check(proposal)
            except Refusal as refusal:
                self._wrong(one, line, refusal)
            if number % _YIELD == 0:
                one.progress = 0.8 + 0.2 * number / len(found)
                await asyncio.sleep(0)

    @staticmethod
    def _wrong(one: Job, line: int, refusal: Refusal) -> None:
        one.counts.errors += 1
        if len(one.errors) < SHOWN:
            one.errors.append(LineError(line=line, column=refusal.where, what=refusal.what, remedy=refusal.remedy))


class MachineExports:
    """The operation points.export."""

    def __init__(self, state: StateStore, spool: Spool) -> None:
        self._state = state
        self._spool = spool

    def operations(self) -> list[Operation]:
        """Return the operation."""
        return [
            Operation(
                "points.export",
                "points.export",
                ExportMachines,
                FileTicket,
                self._export,
                detail=msgspec.structs.asdict,
                timeout=60.0,
            )
        ]

    async def _export(self, caller: Caller, params: ExportMachines) -> FileTicket:
        for kind in ("endpoint", "device"):
            id_ = getattr(params, kind)
            if id_ and self._state.get(kind, id_) is None:
                raise NotFound(f"There is no {kind} {id_!r}.", where=kind, remedy="Look at the list for its id.")
        with self._spool.passing(".machines") as machines, self._spool.made(f".{params.form}") as out:
            await dump_machines(self._state, machines)
            size = await aside(lambda part: None, write_file, machines, params.form, params.endpoint, params.device, out)
        return FileTicket(path=str(out), name=f"machines.{params.form}", media_type=_MEDIA[params.form], size=size)


async def dump_machines(state: StateStore, path: Path) -> None:
    """Write all endpoints, devices and points, slice by slice while core goes on; what changes meanwhile may be in it or not."""
    encode = msgspec.msgpack.Encoder().encode
    with path.open("wb", buffering=1 << 20) as file:
        for kind in MODELS:
            held = state.list(kind)
            for start in range(0, len(held), CHUNK):
                entities = [one.entity for one in held[start : start + CHUNK]]
                part = Part(
                    [one for one in entities if isinstance(one, Endpoint)],
                    [one for one in entities if isinstance(one, Device)],
                    [one for one in entities if isinstance(one, Point)],
                )
                file.write(item_bytes(encode(part)))
                await asyncio.sleep(0)
