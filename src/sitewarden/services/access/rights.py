"""Who can open this door, what can this person open: the operations, answered from the rules that decide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import TypeVar

import msgspec

from sitewarden.domain.access.questions import Found, credentials_for, credentials_of, describe, usable_now
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import NotFound
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.rights import RightRow, RightsPage, WhatQuery, WhoQuery
from sitewarden.store.interfaces import StateStore

T = TypeVar("T")

SLICE = 1000
"""People looked at between two moments in which the loop does other work."""


class RightsQuestions:
    """The operations access.who and access.what. `rules` gives the rules of now."""

    def __init__(self, state: StateStore, subjects: Subjects, clock: Clock, rules: Callable[[], Rules]) -> None:
        self._state = state
        self.subjects = subjects
        self._clock = clock
        self._rules = rules

    def operations(self) -> list[Operation]:
        """Return the operations. Of the people, a caller sees those that they may list."""
        return [
            Operation(
                "access.who", "door.rights", WhoQuery, RightsPage, self.who, lambda params: ref("door", params.id), audit=False,
                timeout=30.0,
            ),
            Operation(
                "access.what", "credential-holder.rights", WhatQuery, RightsPage, self.what,
                lambda params: ref("credential-holder", params.id), audit=False, timeout=30.0,
            ),
        ]  # fmt: skip

    async def who(self, caller: Caller, params: WhoQuery) -> RightsPage:
        """Answer who can open a door, by the name of the person on a small site, by their id on a large one."""
        rules, now, slots = await self._who(caller, params)
        part = slots[params.offset : params.offset + params.limit]
        rows = tuple(self._row(describe(rules, slot, now, params.id)) for slot in part)
        return RightsPage(items=rows, total=len(slots), version=rules.version, time=now)

    async def everyone(self, caller: Caller, params: WhoQuery) -> AsyncIterator[RightRow]:
        """Yield all that `who` finds, one after the other; what changes meanwhile may show or not."""
        rules, now, slots = await self._who(caller, params)
        for slot in slots:
            if slot not in rules.credentials.ids.gone:
                yield self._row(describe(rules, slot, now, params.id))

    async def _who(self, caller: Caller, params: WhoQuery) -> tuple[Rules, int, list[int]]:
        self._exists("door", params.id)
        rules, now = self._rules(), self._clock.now()
        slots = await _sliced(credentials_for(rules, params.id))
        seen = self._seen(caller)
        query = params.q.casefold()
        kept: list[tuple[str, int]] = []
        for number, slot in enumerate(slots):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            if params.state != "all" and usable_now(rules, slot, now) is not (params.state == "can"):
                continue
            holder = rules.holders.ids.texts[rules.credentials.holders[slot]]
            name = self._name("credential-holder", holder)
            if query and query not in name.casefold() and query not in holder:
                continue
            if seen(holder):
                kept.append((name.casefold(), slot))
        if len(kept) <= SLICE:
            kept.sort()
        return rules, now, [slot for _, slot in kept]

    async def what(self, caller: Caller, params: WhatQuery) -> RightsPage:
        """Answer what a person can open, by credential; of doors that the caller may not see nothing is said."""
        self._exists("credential-holder", params.id)
        rules, now = self._rules(), self._clock.now()
        slots = await _sliced(credentials_of(rules, params.id))
        part = slots[params.offset : params.offset + params.limit]
        allowed, of = rights(caller.grants), self.subjects

        def visible(door: str) -> bool:
            return allowed.allows("door.get", of.of(ref("door", door)), of.parent)

        rows = []
        for slot in part:
            row = self._row(describe(rules, slot, now))
            rows.append(msgspec.structs.replace(row, ways=tuple(way for way in row.ways if visible(way.door))))
        return RightsPage(items=tuple(rows), total=len(slots), version=rules.version, time=now)

    def _row(self, found: Found) -> RightRow:
        return RightRow(
            holder=found.holder,
            holder_name=self._name("credential-holder", found.holder),
            credential=found.credential,
            credential_name=self._name("credential", found.credential),
            verdict=found.verdict,
            why=found.why,
            ways=found.ways,
        )

    def _seen(self, caller: Caller) -> Callable[[str], bool]:
        allowed = rights(caller.grants)
        if allowed.everywhere("credential-holder.list"):
            return lambda holder: True
        of = self.subjects
        return lambda holder: allowed.allows("credential-holder.list", of.of(ref("credential-holder", holder)), of.parent)

    def _name(self, kind: str, id_: str) -> str:
        held = self._state.get(kind, id_)
        return held.entity.name if held is not None else id_

    def _exists(self, kind: str, id_: str) -> None:
        if self._state.get(kind, id_) is None:
            raise NotFound(f"There is no {kind} {id_!r}.", where=ref(kind, id_), remedy="Look at the list for its id.")


async def _sliced(work: Generator[None, None, T]) -> T:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        await asyncio.sleep(0)
