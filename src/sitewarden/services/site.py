"""The site as a file: export it, see what a file would change, make it so in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, NamedTuple, TypeVar

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity, Secret
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, TooLarge
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Group, Role, User
from sitewarden.domain.identity.resolve import grants_of, is_administrator
from sitewarden.domain.references import references
from sitewarden.domain.refs import ref
from sitewarden.services import site_yaml
from sitewarden.services.checks import ALWAYS, nothing_refers_to_it
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.proposal import Check, Get, Normal, Proposal
from sitewarden.services.secrets import SecretBox
from sitewarden.services.site_plan import SITE, difference, document, entity_of, nearest, sections
from sitewarden.services.surface.entities import PLURALS, Messages
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.system import SiteChange, SiteFile, SitePlan
from sitewarden.services.world import World
from sitewarden.store.interfaces import AuditEntry, Change, Held, StateStore

T = TypeVar("T")
Hasher = Callable[[str, str], Awaitable[str]]

LARGE: Final = 100_000
"""Characters of YAML past which it is read or written in a process of its own, so that no door waits for it."""
MOST: Final = 100_000
"""Entities of a file."""
_SHOWN: Final = 5
_YIELD: Final = 200
"""Entities between two moments in which the loop does other work."""


class _Step(NamedTuple):
    kind: str
    id: str
    held: Held | None
    after: Entity | None
    shown: SiteChange


class SiteFiles:
    """The operations site.export, site.plan and site.apply; the CLI calls the methods on a stopped server's state.

    `hashers` and `checks` are those of `Entities`; `notes` says of a site as it would be what a person should know.
    """

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        secrets: SecretBox,
        *,
        hashers: Mapping[tuple[str, str], Hasher] | None = None,
        checks: Iterable[Check] = (),
        normal: Normal = lambda entity, get: entity,
        notes: Callable[[Any], list[str]] = lambda world: [],
    ) -> None:
        self._state = state
        self._clock = clock
        self._secrets = secrets
        self._normal = normal
        self._hashers = dict(hashers or {})
        # What still refers to what goes is looked up once for all, not for each.
        self._checks = (*(one for one in ALWAYS if one is not nothing_refers_to_it), *checks)
        self._notes = notes
        self._origin = f"site/{clock.now()}"
        self._count = 0

    def operations(self) -> list[Operation]:
        """Return the operations of the site file."""

        async def export(caller: Caller, params: Nothing) -> str:
            return await self.export()

        async def plan(caller: Caller, params: SiteFile) -> SitePlan:
            return await self.plan(params.body, caller)

        async def apply(caller: Caller, params: SiteFile) -> SitePlan:
            return await self.apply(params.body, caller)

        return [
            Operation("site.export", "site.export", Nothing, str, export, timeout=60.0),
            Operation("site.plan", "site.plan", SiteFile, SitePlan, plan, audit=False, timeout=60.0),
            Operation("site.apply", "site.apply", SiteFile, SitePlan, apply, own_audit=True, timeout=60.0),
        ]

    async def export(self) -> str:
        """Return the whole site as YAML; secrets stand in it as "(kept)"."""
        content: dict[str, Any] = {}
        count = 0
        for kind in KINDS:
            documents = {}
            for held in sorted(self._state.list(kind), key=lambda one: one.entity.id):
                documents[held.entity.id] = document(kind, held.entity)
                count += 1
                if count % _YIELD == 0:
                    await asyncio.sleep(0)
            if kind == SITE:
                content |= {SITE: documents[SITE]} if SITE in documents else {}
            elif documents:
                content[PLURALS[kind]] = documents
        return await _aside(site_yaml.dump, content, count * 100 > LARGE)

    async def plan(self, text: str, caller: Caller) -> SitePlan:
        """Return what applying `text` would change; nothing is changed.

        Raises Invalid with the path of what is wrong, Conflict for what is in use, Forbidden as the checks say.
        """
        steps, warnings = await self._steps(text)
        await self._check(steps, caller)
        warnings += self._notes(_world(self._state, steps))
        return SitePlan(changes=tuple(step.shown for step in steps), applied=False, warnings=tuple(warnings))

    async def draft(self, changed: Mapping[str, Mapping[str, Any]], caller: Caller) -> tuple[Any, tuple[SiteChange, ...]]:
        """Return the site as it would be, in the form in which checks read state, and what differs; nothing is changed.

        `changed` is kind to id to the fields that change, or None for what goes. Raises what `plan` raises.
        """
        steps: list[_Step] = []
        for kind in changed:
            if kind not in KINDS or kind == SITE:
                raise Invalid(f"There is no kind {kind!r}.", where="draft", remedy=nearest(kind, PLURALS))
        for kind in KINDS:
            for id_, values in changed.get(kind, {}).items():
                held = self._state.get(kind, id_)
                if held is None and values is None:
                    raise NotFound(f"There is no {kind} {id_!r}.", where=ref(kind, id_), remedy="Look at the list for its id.")
                after = None
                if values is not None:
                    # What a body says of an id or a state is the server's to know.
                    given = {name: value for name, value in values.items() if name != "id"}
                    whole = {**(document(kind, held.entity) if held else {}), **given}
                    after, _ = await entity_of(kind, id_, whole, held.entity if held else None, self._seal)
                    after = self._stored(after, kind, _world(self._state, steps).entity)
                shown = difference(kind, id_, held.entity if held else None, after)
                if shown is not None:
                    steps.append(_Step(kind, id_, held, after, shown))
        await self._check(steps, caller)
        return _world(self._state, steps), tuple(step.shown for step in steps)

    async def apply(self, text: str, caller: Caller) -> SitePlan:
        """Make the site as `text` says, all of it or nothing.

        Raises what `plan` raises, and Conflict where somebody changed the same entities meanwhile.
        """
        version = self._state.version
        steps, warnings = await self._steps(text)
        await self._check(steps, caller)
        warnings += self._notes(_world(self._state, steps))
        shown = tuple(step.shown for step in steps)
        now = self._clock.now()
        changes: list[Change] = []
        events: list[Event] = []
        audit: list[AuditEntry] = []
        for number, step in enumerate(steps):
            revision = step.held.revision if step.held else 0
            changes.append(Change(kind=step.kind, id=step.id, entity=step.after, revision=revision))
            events.append(self._event(step, caller, now))
            audit.append(self._entry(step, caller, now))
            if number % _YIELD == 0:
                await asyncio.sleep(0)
        if self._state.version != version:
            raise Conflict("The site was changed meanwhile.", where="site", remedy="Look at the plan again, then apply it.")
        if changes:
            await self._state.apply(changes, events=events, audit=audit)
        return SitePlan(changes=shown, applied=True, warnings=tuple(warnings))

    async def _steps(self, text: str) -> tuple[list[_Step], list[str]]:
        content = await _aside(site_yaml.load, text, len(text) > LARGE)
        found = sections(content)
        if sum(map(len, found.values())) > MOST:
            raise TooLarge(f"The file has more than {MOST} entities.", remedy="Apply it in parts, some kinds at a time.")
        made: dict[tuple[str, str], Entity] = {}

        def get(kind: str, id_: str) -> Entity | None:
            """What stands before it in the file goes before what the site has."""
            held = self._state.get(kind, id_)
            return made.get((kind, id_)) or (held.entity if held else None)

        steps: list[_Step] = []
        gone: list[_Step] = []
        warnings: list[str] = []
        count = 0
        for kind in KINDS:
            if kind not in found:
                continue
            for id_, values in found[kind].items():
                held = self._state.get(kind, id_)
                entity, more = await entity_of(kind, id_, values, held.entity if held else None, self._seal)
                entity = made[kind, id_] = self._stored(entity, kind, get)
                warnings += more
                shown = difference(kind, id_, held.entity if held else None, entity)
                if shown is not None:
                    steps.append(_Step(kind, id_, held, entity, shown))
                count += 1
                if count % _YIELD == 0:
                    await asyncio.sleep(0)
            for held in self._state.list(kind):
                shown = difference(kind, held.entity.id, held.entity, None)
                if held.entity.id not in found[kind] and shown is not None:
                    gone.append(_Step(kind, held.entity.id, held, None, shown))
        return steps + gone[::-1], warnings

    def _stored(self, entity: Entity, kind: str, get: Get) -> Entity:
        """Return an entity in the form in which it is stored; the error names its place in the file."""
        try:
            return self._normal(entity, get)
        except Invalid as error:
            raise Invalid(error.what, where=f"{PLURALS[kind]}/{entity.id}/{error.where}", remedy=error.remedy) from error

    async def _seal(self, messages: Messages, id_: str, field: str, clear: str, old: Any) -> Any:
        hasher = self._hashers.get((messages.kind, field))
        if hasher is not None:
            return await hasher(clear, id_)
        name = messages.secrets[field]
        if field != name:
            where = f"{PLURALS[messages.kind]}/{id_}/{name}"
            raise Invalid(
                f"A {name} cannot be set from a file here.", where=where, remedy="Leave it out, and set it in the console."
            )
        place = f"{messages.kind}:{id_}/{field}"
        if isinstance(old, Secret) and self._opens_to(old, place) == clear:
            return old
        return self._secrets.seal(clear, place)

    def _opens_to(self, secret: Secret, place: str) -> str | None:
        try:
            return self._secrets.open(secret, place)
        except Refusal:
            return None

    async def _check(self, steps: Sequence[_Step], caller: Caller) -> None:
        world: Any = _world(self._state, steps)
        for number, step in enumerate(steps):
            before = step.held.entity if step.held else None
            proposal = Proposal(step.kind, step.id, before, step.after, caller, world)
            for check in self._checks:
                try:
                    check(proposal)
                except Invalid as error:
                    section = SITE if step.kind == SITE else f"{PLURALS[step.kind]}/{step.id}"
                    raise Invalid(error.what, where=f"{section}/{error.where}", remedy=error.remedy) from error
            if number % _YIELD == 0:
                await asyncio.sleep(0)
        await _nothing_dangles(steps, world)
        if _has_administrator(self._state) and not _has_administrator(world):
            raise Conflict(
                "Nobody would be left who may do everything.", where="users", remedy="Keep one enabled user with that right."
            )

    def _event(self, step: _Step, caller: Caller, now: int) -> Event:
        verb = {"create": "created", "update": "updated", "delete": "deleted"}[step.shown.action]
        entity = step.after or (step.held.entity if step.held else None)
        name = entity.name if entity else step.id
        data = {"kind": step.kind, "name": name, "actor": caller.actor, "fields": list(step.shown.fields)}
        self._count += 1
        return Event(
            key=f"{self._origin}/{self._count}",
            type=f"config.{verb}",
            entity=ref(step.kind, step.id),
            time=now,
            severity=severity(f"config.{verb}"),
            related=(caller.actor,),
            text=describe(f"config.{verb}", data),
            data=data,
        )

    @staticmethod
    def _entry(step: _Step, caller: Caller, now: int) -> AuditEntry:
        return AuditEntry(
            time=now,
            actor=caller.actor,
            action=f"{step.kind}.{step.shown.action}",
            entity=ref(step.kind, step.id),
            outcome="done",
            reason=caller.reason,
            detail={"by": "site.apply", "fields": list(step.shown.fields)},
            remote=caller.remote,
        )


def _world(state: StateStore, steps: Sequence[_Step]) -> World:
    """Return the site as a plan would leave it."""
    return World(state, ((step.kind, step.id, step.after) for step in steps))


async def _nothing_dangles(steps: Sequence[_Step], world: World) -> None:
    """Refuse a plan that deletes what the rest of the site names; say which."""
    gone = {(step.kind, step.id) for step in steps if step.after is None}
    users: dict[tuple[str, str], list[str]] = {}
    for kind in KINDS if gone else ():
        for number, held in enumerate(world.list(kind)):
            for _, target, id_ in references(kind, held.entity):
                if (target, id_) in gone:
                    users.setdefault((target, id_), []).append(ref(kind, held.entity.id))
            if number % _YIELD == 0:
                await asyncio.sleep(0)
    for (kind, id_), named_by in users.items():
        more = f" and {len(named_by) - _SHOWN} more" if len(named_by) > _SHOWN else ""
        raise Conflict(
            f"It is in use by {', '.join(named_by[:_SHOWN])}{more}.",
            where=f"{PLURALS[kind]}/{id_}",
            remedy="Keep it in the file, or change or delete those too.",
        )


def _has_administrator(state: Any) -> bool:
    def group(id_: str) -> Group | None:
        held = state.get("group", id_)
        return held.entity if held else None

    def role(id_: str) -> Role | None:
        held = state.get("role", id_)
        return held.entity if held else None

    users: list[User] = [held.entity for held in state.list("user")]
    return any(user.enabled and bool(user.password_hash) and is_administrator(grants_of(user, group, role)) for user in users)


async def _aside(work: Callable[[Any], T], argument: Any, large: bool) -> T:
    """Run `work` in a thread, or in a process of its own where it is large and would hold the interpreter."""
    loop = asyncio.get_running_loop()
    if not large:
        return await loop.run_in_executor(None, work, argument)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return await loop.run_in_executor(pool, work, argument)
