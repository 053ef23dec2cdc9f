"""From the content of a site file to entities, and from entities to differences. Pure but for the sealing of secrets."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from sitewarden.domain.entity import KEPT, Entity
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import is_id
from sitewarden.services import config_secrets
from sitewarden.services.surface.entities import HIDDEN, MESSAGES, PLURALS, READ_ONLY, Messages
from sitewarden.services.surface.system import SiteChange, SiteDifference

FORMER: Final = {
    ("door", "first_person"): "Leave it out, and name the door in a zone of first-person-zones, which may also say who counts."
}
"""Fields that files of before name, and what stands for them now."""
SITE: Final = "site"
SECTIONS: Final = {SITE: SITE, **{plural: kind for kind, plural in PLURALS.items()}}
"""Key of the file to kind."""

Seal = Callable[[Messages, str, str, str, Any], Awaitable[Any]]
"""(messages, id, field of the model, clear text, what is stored now) to what shall be stored."""

_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return advice that names the nearest known name, or all of them where none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1, 0.6)
    return f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(names)}."


def server_fields(kind: str) -> set[str]:
    """Fields that the server sets itself and no file carries."""
    never = {field for field, clear in HIDDEN.get(kind, {}).items() if clear is None}
    return never | READ_ONLY.get(kind, frozenset())


def document(kind: str, entity: Entity) -> dict[str, Any]:
    """Return an entity as it stands in a site file: no id, no defaults, secrets as `KEPT`."""
    messages = MESSAGES[kind]
    skipped = server_fields(kind) | {"id"}
    values: dict[str, Any] = {}
    for field in fields_of(messages.model):
        value = getattr(entity, field.name)
        if field.name in skipped:
            continue
        if field.name in messages.secrets:
            if value:
                values[messages.secrets[field.name]] = KEPT
        elif field.required or value != _default(field):
            values[field.name] = config_secrets.shown(value) if field.name == config_secrets.FIELD else _sparse(value)
    return values


@lru_cache(256)
def fields_of(model: type[Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return a model's fields; msgspec looks at the annotations anew each time."""
    return msgspec.structs.fields(model)


def _sparse(value: Any) -> Any:
    """Return plain values; structs inside without what is default."""
    if isinstance(value, Struct):
        fields = fields_of(type(value))
        return {
            one.name: _sparse(getattr(value, one.name))
            for one in fields
            if one.required or getattr(value, one.name) != _default(one)
        }
    if isinstance(value, tuple | list):
        return [_sparse(one) for one in value]
    return msgspec.to_builtins(value)


def _default(field: Any) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


def sections(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return kind to id to document of a file's content.

    Raises Invalid for an unknown key or a section that is no mapping of ids.
    """
    found: dict[str, dict[str, Any]] = {}
    for key, section in content.items():
        kind = SECTIONS.get(key) if isinstance(key, str) else None
        if kind is None:
            raise Invalid(f"There is no section {key!r}.", where=str(key), remedy=nearest(str(key), SECTIONS))
        if section is None:
            section = {}
        if not isinstance(section, dict):
            raise Invalid("It is not a mapping.", where=key, remedy="Write one key an id, and its fields below it.")
        if kind == SITE:
            found[kind] = {SITE: section}
            continue
        for id_, values in section.items():
            if not isinstance(id_, str) or not is_id(id_):
                raise Invalid(
                    f"{id_!r} is no id.", where=key, remedy="Ids are a-z, 0-9 and hyphens, 1 to 63; put quotes around digits."
                )
            if values is not None and not isinstance(values, dict):
                raise Invalid("It is not a mapping.", where=f"{key}/{id_}", remedy="Write its fields below the id.")
        found[kind] = {id_: values or {} for id_, values in section.items()}
    return found


async def entity_of(kind: str, id_: str, values: Mapping[str, Any], old: Entity | None, seal: Seal) -> tuple[Entity, list[str]]:
    """Return the entity that a document makes of `old`, and warnings.

    A secret that is left out or `KEPT` stays; the server's own fields stay. Raises Invalid with the path "section/id/field".
    """
    messages = MESSAGES[kind]
    where = SITE if kind == SITE else f"{PLURALS[kind]}/{id_}"
    _check_fields(messages, values, where)
    typed = _typed(messages, values, where)
    fields: dict[str, Any] = {"id": id_}
    warnings: list[str] = []
    clear = {given: field for field, given in messages.secrets.items()}
    for name in typed.__struct_fields__:
        value = getattr(typed, name)
        if name in clear:
            field = clear[name]
            if value is UNSET or value == KEPT:
                if old is not None:
                    fields[field] = getattr(old, field)
                elif value == KEPT:
                    warnings.append(f"{where}/{name}: this server does not hold the secret; set it after applying.")
            elif value:
                fields[field] = await seal(messages, id_, field, value, getattr(old, field, None))
        elif name == config_secrets.FIELD:
            fields[name], missing = config_secrets.restored(value, old)
            warnings += [f"{where}/{name}/{one}: this server does not hold the secret; set it after applying." for one in missing]
        elif name != "id" and value is not UNSET:
            fields[name] = value
    for name in server_fields(kind):
        if old is not None:
            fields[name] = getattr(old, name)
        elif kind == "token" and name == "token_hash":
            warnings.append(f"{where}: a token from a file opens nothing; make a new one in the console.")
    return _model(messages, fields, where), warnings


def _check_fields(messages: Messages, values: Mapping[str, Any], where: str) -> None:
    known = set(messages.input.__struct_fields__) - {"id"}
    for name in values:
        if name in known:
            continue
        if name in server_fields(messages.kind):
            raise Invalid("The server sets this field itself.", where=f"{where}/{name}", remedy="Leave it out.")
        former = FORMER.get((messages.kind, name))
        if former:
            raise Invalid(f"There is no field {name!r} any more.", where=f"{where}/{name}", remedy=former)
        raise Invalid(f"There is no field {name!r}.", where=f"{where}/{name}", remedy=nearest(str(name), known))


def _typed(messages: Messages, values: Mapping[str, Any], where: str) -> Struct:
    try:
        return msgspec.convert(dict(values), messages.input)
    except msgspec.ValidationError as error:
        raise _invalid(messages, error, where) from error


def _model(messages: Messages, fields: dict[str, Any], where: str) -> Entity:
    try:
        return msgspec.convert(msgspec.to_builtins(messages.model(**fields)), messages.model)
    except msgspec.ValidationError as error:
        raise _invalid(messages, error, where) from error


def _invalid(messages: Messages, error: msgspec.ValidationError, where: str) -> Invalid:
    what, _, path = str(error).partition(" - at `$.")
    place = "/".join([where, *re.findall(r"[^.\[\]`]+", path)])
    unknown = _UNKNOWN.match(what)
    if unknown:
        return Invalid(
            f"There is no field {unknown[1]!r}.",
            where=f"{place}/{unknown[1]}",
            remedy=nearest(unknown[1], _inner(messages.model)),
        )
    return Invalid(f"{what}.", where=place, remedy="See /openapi.json for what this field takes.")


def _inner(model: type[Entity]) -> set[str]:
    """Names of the fields of the structs inside a model."""
    names: set[str] = set()
    waiting: list[Any] = list(typing.get_type_hints(model).values())
    while waiting:
        one = waiting.pop()
        waiting += typing.get_args(one)
        if isinstance(one, type) and issubclass(one, Struct):
            names |= set(one.__struct_fields__)
    return names


def difference(kind: str, id_: str, old: Entity | None, new: Entity | None) -> SiteChange | None:
    """Return what differs between two states of an entity, or None; secrets never show."""
    messages = MESSAGES[kind]
    if old is None or new is None:
        action: typing.Literal["create", "delete"] = "create" if old is None else "delete"
        return SiteChange(action=action, kind=kind, id=id_, fields=())
    differences = []
    for name in messages.model.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if name in messages.secrets:
            differences.append(
                SiteDifference(field=messages.secrets[name], old=KEPT if before else None, new="(new)" if after else None)
            )
        else:
            if name == config_secrets.FIELD:
                before, after = config_secrets.compared(before, after)
            differences.append(SiteDifference(field=name, old=msgspec.to_builtins(before), new=msgspec.to_builtins(after)))
    if not differences:
        return None
    names = tuple(one.field for one in differences)
    return SiteChange(action="update", kind=kind, id=id_, fields=names, differences=tuple(differences))
