"""The rules of now: compiled from state after every change that matters, in memory, with their packed form for controllers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

import msgspec

from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.rights import AccessProfile, Schedule
from sitewarden.domain.access.snapshot import Packed, Snapshot, pack
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Refusal
from sitewarden.domain.site import Site
from sitewarden.store.interfaces import Change, StateStore

log = logging.getLogger(__name__)

SMALL: Final = 2_000
"""Credentials up to which the rules are compiled when they are next asked for; above it, in a thread after the change."""
GATHER: Final = 0.02
"""Seconds for which changes are gathered, times one more for each 200 credentials, before controllers are told of them."""

KINDS: Final = frozenset(
    {"site", "controller", "door", "access-point", "schedule", "access-profile", "credential-holder", "credential"}
)
"""Kinds whose change may change a decision."""

E = TypeVar("E", bound=Entity)


class Rulebook:
    """Holds the rules. `changed` is called when they are other ones than before."""

    def __init__(self, state: StateStore, pin_key: bytes, changed: Callable[[], None]) -> None:
        self._state = state
        self._pin_key = pin_key
        self._changed = changed
        self._dirty = asyncio.Event()
        self._packed: Packed | None = None
        self._stale = False
        self._rules = Rules(self._compile())
        state.watch(self._watch)

    @property
    def rules(self) -> Rules:
        """The rules of now; on a large site, those of the moment at which the last compilation began."""
        if self._stale and self._small():
            self._renew()
        return self._rules

    async def run(self) -> None:
        """Compile after changes, until cancelled."""
        while True:
            await self._dirty.wait()
            await asyncio.sleep(GATHER * (1 + min(len(self._rules.ids), SMALL) // 200))
            self._dirty.clear()
            if not self._stale:
                continue
            if self._small():
                self._renew()
                continue
            # The work gets the entities as they are now; what changes meanwhile sets the event again.
            self._stale = False
            try:
                self._take(await asyncio.to_thread(_made, self._prepared()))
            except Refusal as refusal:
                log.error("the rules stay as they were: %s", refusal)

    async def packed(self) -> Packed:
        """Return the rules as they travel."""
        rules = self.rules
        if self._packed is None or self._packed.version != rules.version:
            packed = pack(rules.snapshot) if len(rules.ids) <= SMALL else await asyncio.to_thread(pack, rules.snapshot)
            if rules is self._rules:
                self._packed = packed
            return packed
        return self._packed

    def _watch(self, changes: Sequence[Change]) -> None:
        if any(change.kind in KINDS for change in changes):
            self._stale = True
            self._dirty.set()

    def _small(self) -> bool:
        return len(self._state.list("credential")) <= SMALL

    def _renew(self) -> None:
        self._stale = False
        try:
            self._take(Rules(self._compile()))
        except Refusal as refusal:
            log.error("the rules stay as they were: %s", refusal)

    def _take(self, rules: Rules) -> None:
        before = self._rules
        if msgspec.structs.replace(rules.snapshot, version=before.version) == before.snapshot:
            return
        self._rules = rules
        self._packed = None
        self._changed()

    def _compile(self) -> Snapshot:
        return self._prepared()()

    def _prepared(self) -> Callable[[], Snapshot]:
        site = self._state.get("site", "site")
        zone = site.entity.timezone if site is not None and isinstance(site.entity, Site) else "UTC"
        return partial(
            compile,
            version=self._state.version,
            zone=zone,
            pin_key=self._pin_key,
            controllers=self._all("controller", Controller),
            doors=self._all("door", Door),
            access_points=self._all("access-point", AccessPoint),
            schedules=self._all("schedule", Schedule),
            profiles=self._all("access-profile", AccessProfile),
            holders=self._all("credential-holder", CredentialHolder),
            credentials=self._all("credential", Credential),
        )

    def _all(self, kind: str, model: type[E]) -> list[E]:
        return [held.entity for held in self._state.list(kind) if isinstance(held.entity, model)]


def _made(prepared: Callable[[], Snapshot]) -> Rules:
    return Rules(prepared())
