"""What-if: the requests of the last days against a draft change, replayed in a child, before anything is changed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.packing import pack, unpack
from sitewarden.domain.access.snapshot import Packed, Snapshot
from sitewarden.domain.access.what_if import KEPT, Happened, Outcomes, Replay
from sitewarden.domain.access.zone_facts import TYPES
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Invalid, NotFound, Refusal, TooMany
from sitewarden.domain.refs import ref, split_ref
from sitewarden.services.access.rulebook import PEOPLE, TABLES
from sitewarden.services.aside import Tell, aside
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.spool import LENGTH, Spool, item_bytes
from sitewarden.services.surface.system import SiteChange
from sitewarden.services.surface.what_if import StartWhatIf, WhatIf, WhatIfRef
from sitewarden.store.interfaces import EventFilter, EventLog, StateStore

DAY: Final = 86_400 * SECOND
BEFORE: Final = DAY
"""Read before the days that are compared, so that zones know where people are."""
MOST: Final = 8
"""Trials that are remembered; the oldest that is done goes for a new one."""
MOST_EVENTS: Final = 1_000_000
"""Events of one trial; the newest beyond them are left out, and it is said so."""
CONCERNED: Final = (TABLES | PEOPLE) - {"site"}
"""Kinds that a draft may change."""
_BATCH: Final = 1000

DraftOf = Callable[[Mapping[str, Mapping[str, Any]], Caller], Awaitable[tuple[Any, tuple[SiteChange, ...]]]]
"""(kind to id to fields or None, caller) to the site as it would be, and what differs."""


@dataclass
class _Trial:
    view: WhatIf
    actor: str
    task: asyncio.Task[None] | None = None


class WhatIfs:
    """The operations access.what-if.*. `packed` gives the rules of now, `compiled` those of another site, `draft` such a site."""

    def __init__(
        self,
        state: StateStore,
        log: EventLog,
        clock: Clock,
        spool: Spool,
        packed: Callable[[], Awaitable[Packed]],
        compiled: Callable[[Any], Snapshot],
        draft: DraftOf,
    ) -> None:
        self._state = state
        self._log = log
        self._clock = clock
        self._spool = spool
        self._packed = packed
        self._compiled = compiled
        self._draft = draft
        self._trials: dict[str, _Trial] = {}
        # A child takes a core and both sets of rules, so one is at work at a time.
        self._turn = asyncio.Semaphore(1)

    def operations(self) -> list[Operation]:
        """Return the operations; one right covers them all, since the answer names people and doors of the whole site."""
        act = "access.what-if"
        return [
            Operation(
                "access.what-if.start", act, StartWhatIf, WhatIf, self._start, timeout=60.0,
                detail=lambda params: {"days": params.days, "draft": [ref(one.kind, one.id) for one in params.draft[:100]]},
            ),
            Operation("access.what-if.get", act, WhatIfRef, WhatIf, self._get, audit=False),
            Operation("access.what-if.drop", act, WhatIfRef, None, self._drop, audit=False),
        ]  # fmt: skip

    async def close(self) -> None:
        """Stop what is at work."""
        tasks = [one.task for one in self._trials.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _start(self, caller: Caller, params: StartWhatIf) -> WhatIf:
        draft: dict[str, dict[str, Any]] = {}
        for one in params.draft:
            if one.kind not in CONCERNED:
                raise Invalid(
                    f"The kind {one.kind!r} says nothing of who may pass.",
                    where="draft",
                    remedy=f"What can be tried: {', '.join(sorted(CONCERNED))}.",
                )
            if one.id in draft.setdefault(one.kind, {}):
                raise Invalid(f"{ref(one.kind, one.id)} is there twice.", where="draft", remedy="Name each entity once.")
            draft[one.kind][one.id] = one.body
        world, changes = await self._draft(draft, caller)
        while len(self._trials) >= MOST:
            idle = next((id_ for id_, one in self._trials.items() if one.view.state != "running"), None)
            if idle is None:
                raise TooMany(f"{MOST} trials are at work.", remedy="Wait for one of them to end.")
            del self._trials[idle]
        now = self._clock.now()
        view = WhatIf(
            id=secrets.token_hex(8), state="running", progress=0.0, start=now - params.days * DAY, end=now, changes=changes
        )
        trial = self._trials[view.id] = _Trial(view, caller.actor)
        trial.task = asyncio.get_running_loop().create_task(self._run(trial, world), name="what-if")
        return view

    async def _get(self, caller: Caller, params: WhatIfRef) -> WhatIf:
        return self._of(caller, params.id).view

    async def _drop(self, caller: Caller, params: WhatIfRef) -> None:
        trial = self._of(caller, params.id)
        if trial.task is not None and not trial.task.done():
            trial.task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([trial.task])
        self._trials.pop(params.id, None)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _of(self, caller: Caller, id_: str) -> _Trial:
        trial = self._trials.get(id_)
        if trial is None or trial.actor != caller.actor:
            raise NotFound("There is no such trial.", where=id_, remedy="It may have been forgotten; start it again.")
        return trial

    async def _run(self, trial: _Trial, world: Any) -> None:
        refusal: Refusal | None = Refusal("The work broke off.", remedy="Look at the log of the process core, and try again.")
        try:
            async with self._turn:
                await self._replay(trial, world)
            refusal = None
        except Refusal as error:
            refusal = error
        finally:
            if refusal is not None:
                trial.view = msgspec.structs.replace(
                    trial.view, state="failed", what=refusal.what, where=refusal.where, remedy=refusal.remedy
                )

    async def _replay(self, trial: _Trial, world: Any) -> None:
        def tell(part: float) -> None:
            trial.view = msgspec.structs.replace(trial.view, progress=part)

        spool, view = self._spool, trial.view
        with spool.passing(".rules") as now, spool.passing(".rules") as then, spool.passing(".events") as events:
            packed = await self._packed()
            await asyncio.to_thread(now.write_bytes, packed.data)
            await asyncio.to_thread(_write_rules, then, self._compiled, world)
            tell(0.1)
            truncated = await self._gather(view, events, tell)
            outcomes = await aside(lambda part: tell(0.5 + part / 2), replay, now, then, events, view.start)
        trial.view = msgspec.structs.replace(
            trial.view, state="done", progress=1.0, outcomes=outcomes, names=self._names(outcomes, world), truncated=truncated
        )

    async def _gather(self, view: WhatIf, path: Path, tell: Tell) -> bool:
        """Write the events of the days to the spool; return whether there are more than `MOST_EVENTS`."""
        encode = msgspec.msgpack.Encoder().encode
        begin = view.start - BEFORE
        after: int | None = 0
        count = 0
        with path.open("wb", buffering=1 << 20) as file:
            while True:
                batch = await self._log.read(EventFilter(after=after, types=TYPES, start=begin, end=view.end, limit=_BATCH))
                for stored in batch:
                    event = stored.event
                    kind, id_ = split_ref(event.entity)
                    data = {name: event.data[name] for name in KEPT if name in event.data}
                    happened = Happened(stored.seq, event.type, event.time, id_ if kind == "door" else "", data)
                    file.write(item_bytes(encode(happened)))
                count += len(batch)
                if len(batch) < _BATCH:
                    return False
                if count >= MOST_EVENTS:
                    return True
                after = batch[-1].seq
                reached = (batch[-1].event.time - begin) / max(1, view.end - begin)
                tell(0.1 + 0.4 * min(1.0, max(0.0, reached)))
                await asyncio.sleep(0)

    def _names(self, outcomes: Outcomes, world: Any) -> dict[str, str]:
        references = {
            *(ref("door", one.id) for one in outcomes.doors),
            *(ref("credential-holder", one.id) for one in outcomes.holders),
        }
        for one in outcomes.differences:
            references |= {ref("door", one.door), ref("credential-holder", one.holder), ref("access-point", one.access_point)}
            for side in (one.before, one.after):
                references |= {ref("access-profile", side.profile), ref("schedule", side.schedule)}
        names = {}
        for reference in references:
            kind, id_ = split_ref(reference)
            held = (world.get(kind, id_) or self._state.get(kind, id_)) if id_ else None
            if held is not None:
                names[reference] = held.entity.name
        return names


def replay(tell: Tell, now: Path, then: Path, events: Path, start: int) -> Outcomes:
    """Replay the events against the rules of now and those of the draft. Runs in a child."""
    before, after = (Rules(unpack(path.read_bytes())) for path in (now, then))
    tell(0.1)
    made = Replay(before, after, start)
    # Devices deliver late, so the log is not in order of time. Only times and places are held; each event is read at its turn.
    decode = msgspec.msgpack.Decoder(Happened).decode
    places: list[tuple[int, int, int]] = []
    with events.open("rb") as file:
        while head := file.read(LENGTH.size):
            at, length = file.tell(), LENGTH.unpack(head)[0]
            places.append((decode(file.read(length)).time, at, length))
        places.sort()
        for number, (_, at, length) in enumerate(places):
            file.seek(at)
            made.take(decode(file.read(length)))
            if number % 10_000 == 0:
                tell(0.2 + 0.8 * number / len(places))
    return made.done()


def _write_rules(path: Path, compiled: Callable[[Any], Snapshot], world: Any) -> None:
    path.write_bytes(pack(compiled(world), "").data)
