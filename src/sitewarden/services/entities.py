"""Entities of every kind: list, read, create, replace, change, delete. One mechanism, typed by `domain.entities`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, Invalid, NotFound, TooLarge
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import Subject, rights
from sitewarden.domain.refs import ref, slug
from sitewarden.domain.status import Status
from sitewarden.services import config_secrets
from sitewarden.services.checks import ALWAYS
from sitewarden.services.identity import digest_hashes, new_token
from sitewarden.services.invoke import Reply
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.proposal import Check, Normal, Proposal
from sitewarden.services.secrets import SecretBox
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.entities import HIDDEN, MESSAGES, Messages
from sitewarden.services.surface.identity import TokenCreated
from sitewarden.store.interfaces import AuditEntry, Change, Held, StateStore

LARGEST: Final = 50_000
"""Entities of one kind; of people `LARGEST_PEOPLE`."""
LARGEST_PEOPLE: Final = 500_000
"""Holders, and credentials."""

Hasher = Callable[[str, str], Awaitable[str]]
"""Turns a clear secret of the entity with that id into what is stored."""
StatusOf = Callable[[str], Status | None]


class Entities:
    """The entity operations. `hashers` is keyed by (kind, field); `checks` come after those of every site, and after `normal`."""

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        subjects: Subjects,
        secrets: SecretBox,
        *,
        status: StatusOf = lambda reference: None,
        hashers: Mapping[tuple[str, str], Hasher] | None = None,
        checks: Iterable[Check] = (),
        normal: Normal = lambda entity, get: entity,
    ) -> None:
        self._state = state
        self._normal = normal
        self._clock = clock
        self._subjects = subjects
        self._secrets = secrets
        self._status = status
        self._hashers = dict(hashers or {})
        self._checks = (*ALWAYS, *checks)
        self._origin = f"config/{clock.now()}"
        self._count = 0
        # One change at a time, so that what a check saw still holds when the change is made.
        self.changing = asyncio.Lock()

    def operations(self) -> list[Operation]:
        """Return the operations of all kinds."""
        return [operation for messages in MESSAGES.values() for operation in self._of(messages)]

    def view(self, messages: Messages, held: Held) -> Struct:
        """Return what may be read of an entity."""
        hidden = HIDDEN.get(messages.kind, {})
        values: dict[str, Any] = {}
        for name in messages.model.__struct_fields__:
            value = getattr(held.entity, name)
            clear = messages.secrets.get(name)
            if clear is not None:
                values[f"{clear}_set"] = bool(value)
            elif name not in hidden:
                values[name] = config_secrets.shown(value) if name == config_secrets.FIELD else value
        return messages.view(
            **values, revision=held.revision, changed=held.changed, status=self._status(ref(messages.kind, held.entity.id))
        )

    async def create(self, kind: str, caller: Caller, body: Struct) -> Reply:
        """Make an entity from its kind's Input message, with its event and audit entry; the caller's right was checked before."""
        return await self._create(MESSAGES[kind], caller, body)

    async def update(self, kind: str, caller: Caller, id_: str, body: Struct, *, reason: str = "") -> Reply:
        """Change an entity from its kind's Patch message; the caller's right was checked before."""
        if reason:
            caller = msgspec.structs.replace(caller, reason=reason)
        return await self._update(MESSAGES[kind], caller, id_, body, None)

    def _of(self, messages: Messages) -> list[Operation]:
        kind = messages.kind

        def reference(params: Any) -> str:
            return ref(kind, getattr(params, "id", "site"))

        def proposed(params: Any) -> Subject | None:
            return self._proposed(messages, params)

        async def listing(caller: Caller, params: Any) -> Struct:
            return self._list(messages, caller, params)

        async def get(caller: Caller, params: Any) -> Reply:
            held = self._held(kind, getattr(params, "id", "site"))
            if not _for(caller, kind, held.entity):
                raise NotFound(f"There is no {kind} {params.id!r}.", where=ref(kind, params.id))
            return Reply(self.view(messages, held), revision=held.revision)

        async def create(caller: Caller, params: Any) -> Reply:
            return await self._create(messages, caller, params.body)

        async def write(caller: Caller, params: Any) -> Reply:
            return await self._update(messages, caller, getattr(params, "id", "site"), params.body, params.revision)

        async def delete(caller: Caller, params: Any) -> None:
            await self._delete(messages, caller, params.id, params.revision)

        read = [Operation(f"{kind}.get", f"{kind}.get", messages.get_params, messages.view, get, reference, audit=False)]
        replace = Operation(
            f"{kind}.replace",
            f"{kind}.update",
            messages.replace_params,
            messages.view,
            write,
            reference,
            proposed=proposed,
            own_audit=True,
        )
        update = Operation(
            f"{kind}.update",
            f"{kind}.update",
            messages.update_params,
            messages.view,
            write,
            reference,
            proposed=proposed,
            own_audit=True,
        )
        if kind == "site":
            return [*read, replace, update]
        return [
            Operation(f"{kind}.list", f"{kind}.list", messages.list_params, messages.page, listing, audit=False, filtered=True),
            *read,
            Operation(
                f"{kind}.create",
                f"{kind}.create",
                messages.create_params,
                messages.view,
                create,
                proposed=proposed,
                own_audit=True,
            ),
            replace,
            update,
            Operation(f"{kind}.delete", f"{kind}.delete", messages.delete_params, None, delete, reference, own_audit=True),
        ]

    def _get(self, kind: str, id_: str) -> Entity | None:
        held = self._state.get(kind, id_)
        return held.entity if held else None

    def _held(self, kind: str, id_: str) -> Held:
        held = self._state.get(kind, id_)
        if held is None:
            raise NotFound(f"There is no {kind} {id_!r}.", where=ref(kind, id_), remedy="Look at the list for its id.")
        return held

    def _proposed(self, messages: Messages, params: Any) -> Subject | None:
        """Return the entity as the parameters would leave it, as far as grants see it."""
        id_ = getattr(params, "id", UNSET)
        body = params.body
        held = self._state.get(messages.kind, id_) if isinstance(id_, str) else None
        if held is None:
            given = body.id if isinstance(getattr(body, "id", UNSET), str) else slug(body.name if body.name is not UNSET else "")
            names = {name: getattr(body, name) for name in ("area", "tags") if getattr(body, name) is not UNSET}
            return Subject(ref(messages.kind, given or "-"), names.get("area"), names.get("tags", ()))
        changes = {name: getattr(body, name) for name in ("area", "tags") if getattr(body, name) is not UNSET}
        return self._subjects.of_entity(messages.kind, msgspec.structs.replace(held.entity, **changes))

    def _list(self, messages: Messages, caller: Caller, params: Any) -> Struct:
        kind = messages.kind
        found: Sequence[Held] = self._state.list(kind)
        action = f"{kind}.list"
        allowed = rights(caller.grants)
        if not allowed.everywhere(action):
            of, parent = self._subjects.of_entity, self._subjects.parent
            found = [held for held in found if allowed.allows(action, of(kind, held.entity), parent)]
        found = [held for held in found if _for(caller, kind, held.entity)]
        for name in messages.filters:
            wanted = getattr(params, name)
            if wanted is not None:
                found = [held for held in found if _names(getattr(held.entity, name), wanted)]
        if params.tag is not None:
            found = [held for held in found if params.tag in held.entity.tags]
        if params.q:
            text = params.q.casefold()
            found = [held for held in found if _contains(held.entity, text)]
        field = params.sort.removeprefix("-")
        if field not in messages.view.__struct_fields__ or field == "status" or field.endswith("_set"):
            raise Invalid(f"There is no field {field!r} to sort by.", where="sort", remedy="Sort by id, name or another field.")
        found = sorted(found, key=lambda held: _order(held, field), reverse=params.sort.startswith("-"))
        page = found[params.offset : params.offset + params.limit]
        return messages.page(items=tuple(self.view(messages, held) for held in page), total=len(found))

    async def _create(self, messages: Messages, caller: Caller, body: Any) -> Reply:
        kind = messages.kind
        token = ""
        async with self.changing:
            limit = LARGEST_PEOPLE if kind in ("credential-holder", "credential") else LARGEST
            if len(self._state.list(kind)) >= limit:
                raise TooLarge(f"The site has {limit} entities of this kind, which is the limit.", where=kind)
            id_ = body.id if body.id is not UNSET else self._free_id(kind, body.name)
            if self._state.get(kind, id_) is not None:
                raise Conflict(f"The {kind} {id_!r} exists already.", where="id", remedy="Take another id, or change that one.")
            values = await self._values(messages, id_, body)
            if kind == "token":
                token, values["token_hash"] = new_token()
                values["digest_hashes"] = digest_hashes(self._secrets, id_, values["user"], token)
                values["created"] = self._clock.now()
            entity = self._normal(_make(messages.model, {**values, "id": id_}), self._get)
            held = await self._apply(messages, caller, Proposal(kind, id_, None, entity, caller, self._state), 0)
        view = self.view(messages, held)
        if token:
            view = TokenCreated(**{name: getattr(view, name) for name in view.__struct_fields__}, token=token)
        return Reply(view, revision=held.revision)

    async def _update(self, messages: Messages, caller: Caller, id_: str, body: Any, revision: int | None) -> Reply:
        kind = messages.kind
        if getattr(body, "id", UNSET) not in (UNSET, id_):
            raise Invalid("An id cannot be changed.", where="id", remedy="Create a new one and delete this one.")
        async with self.changing:
            held = self._held(kind, id_)
            if revision is not None and revision != held.revision:
                raise Conflict(
                    f"It was changed meanwhile (revision {held.revision}, not {revision}).",
                    where=ref(kind, id_),
                    remedy="Read it again and repeat the change.",
                )
            values = await self._values(messages, id_, body)
            entity = self._normal(_make(messages.model, {**msgspec.structs.asdict(held.entity), **values}), self._get)
            if entity == held.entity:
                return Reply(self.view(messages, held), revision=held.revision)
            proposal = Proposal(kind, id_, held.entity, entity, caller, self._state)
            held = await self._apply(messages, caller, proposal, held.revision)
        return Reply(self.view(messages, held), revision=held.revision)

    async def _delete(self, messages: Messages, caller: Caller, id_: str, revision: int | None) -> None:
        async with self.changing:
            held = self._held(messages.kind, id_)
            if revision is not None and revision != held.revision:
                raise Conflict(
                    "It was changed meanwhile.", where=ref(messages.kind, id_), remedy="Read it again before deleting."
                )
            proposal = Proposal(messages.kind, id_, held.entity, None, caller, self._state)
            await self._apply(messages, caller, proposal, held.revision)

    async def _values(self, messages: Messages, id_: str, body: Any) -> dict[str, Any]:
        """Return the model's fields that the body gives, secrets sealed or hashed."""
        values: dict[str, Any] = {}
        clear = {given: field for field, given in messages.secrets.items()}
        for name in body.__struct_fields__:
            value = getattr(body, name)
            if value is UNSET or name == "id":
                continue
            field = clear.get(name)
            if field is None:
                values[name] = value
                continue
            hasher = self._hashers.get((messages.kind, field))
            if field != name and hasher is None:
                raise Invalid(f"This node does not take a {name} here.", where=name, remedy="Leave it out.")
            if not value:
                values[field] = None if field == name else ""
            elif hasher is not None:
                values[field] = await hasher(value, id_)
            else:
                values[field] = self._secrets.seal(value, f"{messages.kind}:{id_}/{field}")
        return values

    async def _apply(self, messages: Messages, caller: Caller, proposal: Proposal, revision: int) -> Held:
        for check in self._checks:
            check(proposal)
        before, after = proposal.before, proposal.after
        verb = "created" if before is None else "deleted" if after is None else "updated"
        fields = [
            messages.secrets.get(name, name)
            for name in messages.model.__struct_fields__
            if before is not None and after is not None and getattr(before, name) != getattr(after, name)
        ]
        one = after or before
        data: dict[str, Any] = {"kind": proposal.kind, "name": one.name if one else "", "actor": caller.actor, "fields": fields}
        self._count += 1
        event = Event(
            key=f"{self._origin}/{self._count}",
            type=f"config.{verb}",
            entity=ref(proposal.kind, proposal.id),
            time=self._clock.now(),
            severity=severity(f"config.{verb}"),
            related=(caller.actor,),
            text=describe(f"config.{verb}", data),
            data=data,
        )
        entry = AuditEntry(
            time=event.time,
            actor=caller.actor,
            action=f"{proposal.kind}.{verb.removesuffix('d')}",
            entity=event.entity,
            outcome="done",
            reason=caller.reason,
            detail={"fields": fields} if fields else {},
            remote=caller.remote,
        )
        change = Change(kind=proposal.kind, id=proposal.id, entity=after, revision=revision)
        await self._state.apply([change], events=[event], audit=[entry])
        if after is None:
            return Held(one or messages.model(id=proposal.id, name=""), revision, event.time)
        return self._held(proposal.kind, proposal.id)

    def _free_id(self, kind: str, name: str) -> str:
        base = slug(name)
        if not base:
            raise Invalid("No id can be made from this name.", where="id", remedy="Give an id of a-z, 0-9 and hyphens.")
        if self._state.get(kind, base) is None:
            return base
        for number in range(2, LARGEST + 2):
            candidate = f"{base[:56]}-{number}"
            if self._state.get(kind, candidate) is None:
                return candidate
        raise Conflict("No id is free for this name.", where="id", remedy="Give one.")


def _for(caller: Caller, kind: str, entity: Entity) -> bool:
    """Tell whether it is for the caller: what a person keeps for themselves is for nobody else, but who may share it."""
    owner = getattr(entity, "owner", None)
    return owner is None or caller.actor == ref("user", owner) or rights(caller.grants).everywhere(f"{kind}.share")


def _make(model: type[Entity], values: dict[str, Any]) -> Entity:
    try:
        return msgspec.convert(msgspec.to_builtins(model(**values)), model)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        raise Invalid(what, where=path.rstrip("`"), remedy="See /openapi.json for what is expected.") from error


def _names(value: Any, wanted: str) -> bool:
    return wanted in value if isinstance(value, tuple) else value == wanted


def _contains(entity: Entity, text: str) -> bool:
    return (
        text in entity.id
        or text in entity.name.casefold()
        or text in entity.description.casefold()
        or any(text in tag.casefold() for tag in entity.tags)
    )


def _order(held: Held, field: str) -> tuple[bool, Any]:
    value = getattr(held, field) if field in ("revision", "changed") else getattr(held.entity, field)
    if isinstance(value, bool | int | float):
        return False, value
    return value is None, str(value).casefold() if value is not None else ""
