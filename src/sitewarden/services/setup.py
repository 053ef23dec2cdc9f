"""The end of the demo: its entities go, the site gets its name and zone, users stay.

The demo's machines stop by themselves when the site is no demo any more.
"""

from __future__ import annotations

from typing import Final

import msgspec

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity
from sitewarden.domain.events import Event
from sitewarden.domain.references import references
from sitewarden.domain.refs import ref
from sitewarden.domain.site import Site
from sitewarden.services.checks import fields_fit
from sitewarden.services.entities import Entities
from sitewarden.services.invoke import Reply
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.proposal import Proposal
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.system import SetupFinish
from sitewarden.store.interfaces import AuditEntry, Change, StateStore

TAG: Final = "demo"
"""Entities that the demo made carry this tag."""
KEPT: Final = frozenset({"site", "role", "group", "user", "token"})


class Setup:
    """The operation `setup.finish`."""

    def __init__(self, state: StateStore, clock: Clock, entities: Entities) -> None:
        self._state = state
        self._clock = clock
        self._entities = entities

    def operations(self) -> list[Operation]:
        """Return the operation of the first-run wizard."""
        view = MESSAGES["site"].view
        return [Operation("setup.finish", "site.update", SetupFinish, view, self._finish, own_audit=True, timeout=30.0)]

    async def _finish(self, caller: Caller, params: SetupFinish) -> Reply:
        held = self._state.get("site", "site")
        before = held.entity if held is not None and isinstance(held.entity, Site) else None
        site = Site(id="site", name=params.site_name) if before is None else before
        site = msgspec.structs.replace(site, name=params.site_name, timezone=params.timezone, demo=params.keep_demo)
        fields_fit(Proposal("site", "site", before, site, caller, self._state))
        changes = [Change(kind="site", id="site", entity=site)]
        if not params.keep_demo:
            changes += self._demo()
        now = self._clock.now()
        data = {"kind": "site", "name": site.name, "actor": caller.actor, "fields": ["name", "timezone", "demo"]}
        event = Event(
            key=f"setup/{now}/1",
            type="config.updated",
            entity="site:site",
            time=now,
            severity=severity("config.updated"),
            related=(caller.actor,),
            text=describe("config.updated", data),
            data=data,
        )
        entry = AuditEntry(
            time=now,
            actor=caller.actor,
            action="setup.finish",
            entity="site:site",
            outcome="done",
            reason=caller.reason,
            detail={"deleted": len(changes) - 1},
            remote=caller.remote,
        )
        await self._state.apply(changes, events=[event], audit=[entry])
        after = self._state.get("site", "site")
        if after is None:
            return Reply(None)
        return Reply(self._entities.view(MESSAGES["site"], after), revision=after.revision)

    def _demo(self) -> list[Change]:
        """Return the deletion of what the demo made, but for what something of the site's own still names."""
        going: dict[str, tuple[str, Entity]] = {}
        staying: list[tuple[str, Entity]] = []
        for kind in KINDS:
            for held in self._state.list(kind):
                if kind not in KEPT and TAG in held.entity.tags:
                    going[ref(kind, held.entity.id)] = (kind, held.entity)
                else:
                    staying.append((kind, held.entity))
        while staying:
            kind, entity = staying.pop()
            for _, target, id_ in references(kind, entity):
                kept = going.pop(ref(target, id_), None)
                if kept is not None:
                    staying.append(kept)
        order = list(KINDS)
        doomed = sorted(going.values(), key=lambda item: order.index(item[0]), reverse=True)
        return [Change(kind=kind, id=entity.id, entity=None) for kind, entity in doomed]
