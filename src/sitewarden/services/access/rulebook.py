"""The rules of now, kept up with state: a change of a few people is a delta, a change of many a compilation in a thread.

Controllers take the deltas that lead from what they have to what there is; where those are gone, the whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.compiler import compile, credential_row, holder_row
from sitewarden.domain.access.compiler_tables import compile_tables
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.packing import pack, pack_delta
from sitewarden.domain.access.people import Credential, CredentialHolder, HolderGroup
from sitewarden.domain.access.rights import AccessProfile, AuthenticationProfile, Schedule, SpecialDayGroup
from sitewarden.domain.access.snapshot import CredentialRow, Delta, HolderRow, Packed, Snapshot, Tables
from sitewarden.domain.access.zones import Zone
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Refusal
from sitewarden.domain.site import Site
from sitewarden.store.interfaces import Change, StateStore

log = logging.getLogger(__name__)

FEW: Final = 5_000
"""Changed people up to which the rules take them as a delta; more are compiled anew, in a thread."""
KEPT_DELTAS: Final = 64
"""Deltas kept for controllers that are a little behind; the oldest goes, and who needs it takes the whole."""
KEPT_BYTES: Final = 4_000_000
SMALL: Final = 2_000
"""Credentials up to which the rules are packed at once; above it, in a thread."""
GATHER: Final = 0.02
"""Seconds for which changes are gathered before controllers are told of them."""

ZONES: Final = (
    "antipassback-zone",
    "occupancy-zone",
    "interlock-zone",
    "entrance-limit-zone",
    "first-person-zone",
    "fire-zone",
    "intrusion-zone",
)
TABLES: Final = frozenset(
    {
        "site", "area", "controller", "door", "access-point", "special-day-group", "schedule", "authentication-profile",
        "card-format", "access-profile", "holder-group", *ZONES,
    }
)  # fmt: skip
PEOPLE: Final = frozenset({"credential-holder", "credential"})

E = TypeVar("E", bound=Entity)


class Rulebook:
    """Holds the rules. `changed` is called when they are other ones than before."""

    def __init__(self, state: StateStore, pin_key: bytes, changed: Callable[[], None]) -> None:
        self._state = state
        self._pin_key = pin_key
        self._changed = changed
        self._dirty = asyncio.Event()
        self._tables_stale = False
        self._stale: dict[tuple[str, str], Entity | None] = {}
        self._meanwhile: dict[tuple[str, str], Entity | None] | None = None
        """What changed since a compilation began; None where none runs."""
        self._packed: Packed | None = None
        self._packing: asyncio.Task[Packed] | None = None
        self._copy: tuple[str, Snapshot] | None = None
        """The snapshot that was asked for last, and its digest."""
        self._copying = asyncio.Lock()
        self._deltas: deque[tuple[str, Packed]] = deque(maxlen=KEPT_DELTAS)
        self._settled = asyncio.Event()
        """Unset while a compilation is due or runs: state is ahead of the rules then."""
        self._settled.set()
        self._rules = _made(self._prepared())
        state.watch(self._watch)

    @property
    def rules(self) -> Rules:
        """The rules of now; after a change of very many people, for a while those before it."""
        if len(self._stale) <= FEW:
            self._renew()
        return self._rules

    async def run(self) -> None:
        """Take changes up, until cancelled."""
        while True:
            await self._dirty.wait()
            await asyncio.sleep(GATHER)
            self._dirty.clear()
            if len(self._stale) <= FEW:
                self._renew()
                continue
            await self._compile()

    async def packed(self) -> Packed:
        """Return the rules as they travel."""
        await self._settled.wait()
        rules = self.rules
        if self._packed is not None and self._packed.digest == rules.digest:
            return self._packed
        if rules.count <= SMALL:
            self._packed = rules.packed()
            return self._packed
        if self._packing is None:
            work = asyncio.to_thread(_packed, self._prepared(rules.version), rules.digest)
            self._packing = asyncio.get_running_loop().create_task(work, name="packing of the rules")
            self._packing.add_done_callback(self._was_packed)
        return await asyncio.shield(self._packing)

    async def snapshot(self) -> Snapshot:
        """Return the rules as they are now, apart from those that change: for whoever reads them in a thread."""
        await self._settled.wait()
        async with self._copying:
            rules = self.rules
            digest = rules.digest
            if self._copy is None or self._copy[0] != digest:
                whole = rules.snapshot() if rules.count <= SMALL else await asyncio.to_thread(self._prepared(rules.version))
                self._copy = digest, whole
            return self._copy[1]

    def draft(self, state: StateStore) -> Snapshot:
        """Return the rules of another state, such as a plan's; its version means nothing."""
        return self._prepared(state=state)()

    def deltas(self, digest: str) -> tuple[Packed, ...] | None:
        """Return what leads from the rules with that digest to those of now, in order; None where they are too far behind."""
        if digest == self.rules.digest:
            return ()
        for place, (before, _) in enumerate(self._deltas):
            if before == digest:
                return tuple(packed for _, packed in list(self._deltas)[place:])
        return None

    async def _compile(self) -> None:
        """Compile anew in a thread. It gets the entities as they are now; what changes meanwhile is taken up on top."""
        count, self._stale, self._tables_stale = len(self._stale), {}, False
        self._meanwhile = {}
        try:
            rules = await asyncio.to_thread(_made, self._prepared())
        except Refusal as refusal:
            log.error("the rules stay as they were: %s", refusal)
            return
        finally:
            meanwhile, self._meanwhile = self._meanwhile, None
            self._settled.set()
        self._replace(rules, count)
        if meanwhile:
            self._stale = {**meanwhile, **self._stale}
            self._tables_stale = True
            self._dirty.set()
            if len(self._stale) > FEW:
                self._settled.clear()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _watch(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind in TABLES:
                self._tables_stale = True
            elif change.kind in PEOPLE:
                self._stale[change.kind, change.id] = change.entity
            else:
                continue
            if self._meanwhile is not None:
                self._meanwhile[change.kind, change.id] = change.entity
        if len(self._stale) > FEW:
            self._settled.clear()
        if self._tables_stale or self._stale:
            self._dirty.set()

    def _renew(self) -> None:
        """Take what changed as a delta."""
        tables_stale, stale = self._tables_stale, self._stale
        self._tables_stale, self._stale = False, {}
        if not tables_stale and not stale:
            return
        try:
            delta = self._delta(self._tables() if tables_stale else None, stale)
            if delta.before == delta.after:
                return
            self._rules.apply(delta)
        except Refusal as refusal:
            log.error("the rules stay as they were: %s", refusal)
            return
        self._deltas.append((delta.before, pack_delta(delta)))
        while len(self._deltas) > 1 and sum(len(packed.data) for _, packed in self._deltas) > KEPT_BYTES:
            self._deltas.popleft()
        self._changed()

    def _delta(self, tables: Tables | None, stale: dict[tuple[str, str], Entity | None]) -> Delta:
        holders: list[HolderRow] = []
        credentials: list[CredentialRow] = []
        gone: dict[str, list[str]] = {kind: [] for kind in PEOPLE}
        for (kind, id_), entity in stale.items():
            if isinstance(entity, CredentialHolder):
                holders.append(holder_row(entity))
            elif isinstance(entity, Credential):
                credentials.append(credential_row(entity))
            elif kind in gone:
                gone[kind].append(id_)
        return self._rules.delta(
            self._state.version,
            tables=tables,
            holders=holders,
            holders_gone=gone["credential-holder"],
            credentials=credentials,
            credentials_gone=gone["credential"],
        )

    def _replace(self, rules: Rules, changes: int) -> None:
        if rules.digest == self._rules.digest:
            return
        log.info("the rules were compiled anew after %d changes", changes)
        self._rules = rules
        self._deltas.clear()
        self._changed()

    def _was_packed(self, task: asyncio.Task[Packed]) -> None:
        self._packing = None
        if not task.cancelled() and task.exception() is None:
            self._packed = task.result()

    def _tables(self) -> Tables:
        return compile_tables(zone=_zone(self._state), pin_key=self._pin_key, **_table_entities(self._state))

    def _prepared(self, version: int | None = None, state: StateStore | None = None) -> Callable[[], Snapshot]:
        """Return what compiles the entities as they are now: this state's, or another one's."""
        state = state or self._state
        return partial(
            compile,
            version=state.version if version is None else version,
            zone=_zone(state),
            pin_key=self._pin_key,
            holders=_all(state, "credential-holder", CredentialHolder),
            credentials=_all(state, "credential", Credential),
            **_table_entities(state),
        )


def _zone(state: StateStore) -> str:
    site = state.get("site", "site")
    return site.entity.timezone if site is not None and isinstance(site.entity, Site) else "UTC"


def _table_entities(state: StateStore) -> dict[str, Any]:
    return {
        "controllers": _all(state, "controller", Controller),
        "areas": _all(state, "area", Area),
        "doors": _all(state, "door", Door),
        "access_points": _all(state, "access-point", AccessPoint),
        "special_days": _all(state, "special-day-group", SpecialDayGroup),
        "schedules": _all(state, "schedule", Schedule),
        "authentications": _all(state, "authentication-profile", AuthenticationProfile),
        "formats": _all(state, "card-format", CardFormat),
        "profiles": _all(state, "access-profile", AccessProfile),
        "groups": _all(state, "holder-group", HolderGroup),
        "zones": [zone for kind in ZONES for zone in _all(state, kind, Zone)],
    }


def _all(state: StateStore, kind: str, model: type[E]) -> list[E]:
    return [held.entity for held in state.list(kind) if isinstance(held.entity, model)]


def _made(prepared: Callable[[], Snapshot]) -> Rules:
    rules = Rules(prepared())
    # Reckoned here, where nobody waits for it, and kept up from then on.
    rules.digest  # noqa: B018
    return rules


def _packed(prepared: Callable[[], Snapshot], digest: str) -> Packed:
    return pack(prepared(), digest)
