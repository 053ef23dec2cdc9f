"""Controllers of other makes: what they ask the rules, and what they cannot keep of them, said when the rules are made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import decide
from sitewarden.domain.access.limits import Limit
from sitewarden.domain.access.model import Controller
from sitewarden.domain.access.snapshot import Snapshot
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.services.access.rulebook import PEOPLE, TABLES, Rulebook
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.access import ControllerLimits, ControllerLimitsQuery, LimitsOfController
from sitewarden.store.interfaces import Change, StateStore

log = logging.getLogger(__name__)

GATHER: Final = 0.5
"""Seconds for which changes are gathered before the limits are looked at anew."""
SHOWN: Final = 3
"""Limits named in the line of an event."""

LimitsOf = Callable[[Controller, Snapshot, int], tuple[Limit, ...]]
"""What a controller cannot keep of a snapshot at a time; empty for one that keeps it all."""
Emit = Callable[[Sequence[Event]], Awaitable[None]]
Answer = Callable[[Any], Awaitable[Any]]


class Boards:
    """Wired by AccessService: `operations`, `answers`, `run`; `said` for site files. `limits_of` is app's way to the drivers."""

    def __init__(self, state: StateStore, clock: Clock, emit: Emit, rulebook: Rulebook, limits_of: LimitsOf) -> None:
        self._state, self._clock, self._emit = state, clock, emit
        self._rulebook, self._limits_of = rulebook, limits_of
        self._changed = asyncio.Event()
        self._changed.set()
        self._told: dict[str, frozenset[tuple[str, str, int]]] = {}
        self._epoch, self._count = clock.now(), 0
        state.watch(self._watch)

    def operations(self) -> list[Operation]:
        """Return the operation that lists what controllers cannot keep."""
        return [
            Operation(
                "controllers.limits",
                "controller.read",
                ControllerLimitsQuery,
                ControllerLimits,
                self._list,
                lambda params: ref("controller", params.id) if params.id else "*",
                audit=False,
            )
        ]

    def answers(self) -> dict[str, Answer]:
        """Return what drivers ask: the rules as they are, and what they say of a card at a door at a moment."""
        return {"access.snapshot": self._snapshot, "access.explain": self._explain}

    def said(self, state: Any) -> list[str]:
        """Return in sentences what the controllers of a draft of the site cannot keep."""
        boards = [held.entity for held in state.list("controller") if _is_board(held.entity)]
        if not boards:
            return []
        snapshot, now = self._rulebook.draft(state), self._clock.now()
        return [
            f"{ref('controller', board.id)}: {limit.text} ({_named(limit)})"
            for board in boards
            for limit in self._limits_of(board, snapshot, now)
            if limit.severity == "warning"
        ]

    async def run(self) -> None:
        """Say with an event what a change of the rules made impossible to keep, until cancelled."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(GATHER)
            self._changed.clear()
            boards = [board for board in self._boards() if board.enabled]
            for gone in self._told.keys() - {board.id for board in boards}:
                del self._told[gone]
            for board in boards:
                await self._tell(board)

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _list(self, caller: Caller, params: ControllerLimitsQuery) -> ControllerLimits:
        boards = self._boards()
        if params.id is not None:
            held = self._state.get("controller", params.id)
            if held is None or not isinstance(held.entity, Controller):
                raise NotFound(f"There is no controller {params.id!r}.", where=ref("controller", params.id))
            boards = [board for board in boards if board.id == params.id]
        return ControllerLimits(
            items=tuple([LimitsOfController(controller=board.id, limits=await self._limits(board)) for board in boards])
        )

    async def _limits(self, board: Controller) -> tuple[Limit, ...]:
        snapshot = await self._rulebook.snapshot()
        return await asyncio.to_thread(self._limits_of, board, snapshot, self._clock.now())

    async def _tell(self, board: Controller) -> None:
        try:
            limits = [limit for limit in await self._limits(board) if limit.severity == "warning"]
        except Refusal as refusal:
            log.warning("the limits of %s are not known: %s", ref("controller", board.id), refusal)
            return
        now = frozenset((limit.rule, limit.text, limit.count) for limit in limits)
        fresh = now - self._told.get(board.id, frozenset())
        self._told[board.id] = now
        if not fresh:
            return
        more = f" And {len(limits) - SHOWN} more." if len(limits) > SHOWN else ""
        detail = " ".join(f"{limit.text} ({_named(limit)})" for limit in limits[:SHOWN]) + more
        data = {"name": board.name, "count": len(limits), "detail": detail}
        self._count += 1
        event = Event(
            key=f"limits/{self._epoch}/{self._count}",
            type="controller.limits",
            entity=ref("controller", board.id),
            time=self._clock.now(),
            severity=severity("controller.limits"),
            text=describe("controller.limits", data),
            data=data,
        )
        try:
            await self._emit([event])
        except Refusal as refusal:
            log.warning("what %s cannot keep is not in the log: %s", ref("controller", board.id), refusal)

    async def _snapshot(self, controller: str) -> Snapshot:
        return await self._rulebook.snapshot()

    async def _explain(self, asked: Iterable[tuple[str, str, int]]) -> list[dict[str, Any]]:
        """Return for each (access point, card, time) who it was, and what the rules of now say of it."""
        rules = self._rulebook.rules
        found: list[dict[str, Any]] = []
        for point, card, time in asked:
            slot = rules.by_card.get(card) if card else None
            credential, holder = "", ""
            if slot is not None:
                credential, holder = rules.ids[slot], rules.holder_ids[rules.credentials.holders[slot]]
            told: dict[str, Any] = {
                "credential": credential,
                "credential_name": self._name("credential", credential),
                "holder": holder,
                "holder_name": self._name("credential-holder", holder),
                "snapshot": rules.version,
            }
            if point and card:
                decision = decide(rules, Request(access_point=point, card=card), DoorContext(), time, "server")
                why = decision.explanation
                told |= {
                    "granted": decision.granted,
                    "reason": str(decision.reason or ""),
                    "rule": why.rule,
                    "text": why.text,
                    "profile": why.profile,
                    "schedule": why.schedule,
                }
            found.append(told)
        return found

    def _name(self, kind: str, id_: str) -> str:
        held = self._state.get(kind, id_) if id_ else None
        return held.entity.name if held is not None else ""

    def _boards(self) -> list[Controller]:
        return [
            held.entity
            for held in self._state.list("controller")
            if isinstance(held.entity, Controller) and _is_board(held.entity)
        ]

    def _watch(self, changes: Sequence[Change]) -> None:
        if any(change.kind in TABLES or change.kind in PEOPLE for change in changes):
            self._changed.set()


def _is_board(controller: Any) -> bool:
    return isinstance(controller, Controller) and controller.driver != "link"


def _named(limit: Limit) -> str:
    more = f" and {limit.count - SHOWN} more" if limit.count > SHOWN else ""
    return ", ".join(limit.entities[:SHOWN]) + more
