"""Messages of the entity operations, made for each kind from its model in `domain.entities`.

`View` is what is read: the entity without its secrets, `<secret>_set` in their place, revision, time of change and status.
`Input` is what is written to create or replace, `Patch` what is written to change some fields; secrets are plain, write-only
strings in both, and one that is left out stays as it was.
"""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity, Id, Secret
from sitewarden.domain.status import Status

SecretText = Annotated[str, Meta(max_length=1024, description="Write-only. An empty text removes the secret.")]
Limit = Annotated[int, Meta(ge=1, le=1000)]
Offset = Annotated[int, Meta(ge=0, le=10_000_000)]

HIDDEN: Final[dict[str, dict[str, str | None]]] = {
    "user": {"password_hash": "password"},
    "token": {"token_hash": None, "digest_hashes": None},
    "credential": {"pin_hash": "pin", "duress_pin_hash": "duress_pin"},
    "credential-holder": {"picture_key": None},
}
"""Fields that never leave the server, and the name under which they are written; None: they are not written at all."""

READ_ONLY: Final[dict[str, frozenset[str]]] = {
    "token": frozenset({"created"}),
    "controller": frozenset({"fingerprint", "revoked"}),
    "camera": frozenset({"privacy", "privacy_reason"}),
    "credential-holder": frozenset({"picture"}),
}
"""Fields that the server sets itself."""

PLURALS: Final[dict[str, str]] = {
    "area": "areas",
    "network": "networks",
    "node": "nodes",
    "role": "roles",
    "group": "groups",
    "user": "users",
    "token": "tokens",
    "camera": "cameras",
    "endpoint": "endpoints",
    "device": "devices",
    "point": "points",
    "remote-write": "remote-writes",
    "controller": "controllers",
    "special-day-group": "special-day-groups",
    "schedule": "schedules",
    "authentication-profile": "authentication-profiles",
    "card-format": "card-formats",
    "door": "doors",
    "access-point": "access-points",
    "access-profile": "access-profiles",
    "holder-group": "holder-groups",
    "credential-holder": "credential-holders",
    "credential": "credentials",
    "antipassback-zone": "antipassback-zones",
    "occupancy-zone": "occupancy-zones",
    "interlock-zone": "interlock-zones",
    "entrance-limit-zone": "entrance-limit-zones",
    "first-person-zone": "first-person-zones",
    "fire-zone": "fire-zones",
    "intrusion-zone": "intrusion-zones",
    "bookmark": "bookmarks",
    "layout": "layouts",
    "tour": "tours",
    "saved-search": "saved-searches",
    "dashboard": "dashboards",
}
"""Kind to the name of its collection in URLs; the site has none, there is one."""


class Messages(Struct, frozen=True, kw_only=True):
    """The message types of one kind."""

    kind: str
    model: type[Entity]
    secrets: dict[str, str]
    """Field of the model to the name under which it is written in clear."""
    view: type[Struct]
    page: type[Struct]
    input: type[Struct]
    patch: type[Struct]
    list_params: type[Struct]
    get_params: type[Struct]
    create_params: type[Struct]
    replace_params: type[Struct]
    update_params: type[Struct]
    delete_params: type[Struct]
    filters: tuple[str, ...]
    """Fields of the model that a list may be narrowed by."""


def title(kind: str) -> str:
    """Return the kind as a type name: "access-point" becomes "AccessPoint"."""
    return "".join(part.capitalize() for part in kind.split("-"))


def _is_secret(annotation: Any) -> bool:
    return annotation is Secret or Secret in typing.get_args(annotation)


def _is_reference(annotation: Any) -> bool:
    return annotation == Id or Id in typing.get_args(annotation)


def _define(name: str, fields: list[Any], doc: str) -> type[Struct]:
    return msgspec.defstruct(
        name, fields, module=__name__, kw_only=True, frozen=True, forbid_unknown_fields=True, namespace={"__doc__": doc}
    )


def _messages(kind: str, model: type[Entity]) -> Messages:
    name = title(kind)
    hints = typing.get_type_hints(model, include_extras=True)
    hidden = HIDDEN.get(kind, {})
    read_only = READ_ONLY.get(kind, frozenset())
    secrets = {field: field for field, hint in hints.items() if _is_secret(hint) and field not in hidden}
    secrets |= {field: clear for field, clear in hidden.items() if clear}
    plain = {field: hint for field, hint in hints.items() if field not in secrets and field not in hidden}

    reading: list[Any] = list(plain.items())
    reading += [(f"{clear}_set", bool) for clear in secrets.values()]
    reading += [("revision", int), ("changed", int), ("status", Status | None)]
    view = _define(name, reading, f"{model.__doc__}")
    views: Any = types.GenericAlias(tuple, (view, ...))
    page = _define(f"{name}Page", [("items", views), ("total", int)], "One page of a list, and the count of all.")

    writing: list[Any] = []
    for field in msgspec.structs.fields(model):
        if field.name not in plain or field.name in read_only or field.name == "id":
            continue
        if field.required:
            writing.append((field.name, plain[field.name]))
        elif field.default_factory is not msgspec.NODEFAULT:
            writing.append((field.name, plain[field.name], msgspec.field(default_factory=field.default_factory)))
        else:
            writing.append((field.name, plain[field.name], field.default))
    clear = [(secret, SecretText | None | UnsetType, UNSET) for secret in secrets.values()]
    new_id = [("id", Id | UnsetType, UNSET)]
    into = _define(f"{name}Input", new_id + writing + clear, f"{model.__doc__} An id that is left out is made from the name.")
    some = [(field[0], field[1] | UnsetType, UNSET) for field in writing]
    patch = _define(f"{name}Patch", some + clear, "The fields to change; those that are left out stay as they are.")

    filters = tuple(field for field, hint in plain.items() if _is_reference(hint) and field != "id")
    narrow: list[Any] = [("limit", Limit, 100), ("offset", Offset, 0)]
    narrow += [("q", Annotated[str, Meta(max_length=200, description="Part of id, name, description or tag.")], "")]
    narrow += [("sort", Annotated[str, Meta(max_length=60, description='A field; "-" in front sorts downwards.')], "id")]
    narrow += [("tag", str | None, None)] + [(field, Id | None, None) for field in filters]
    one: list[Any] = [] if kind == "site" else [("id", Id)]
    guard = [("revision", int | None, None)]
    return Messages(
        kind=kind,
        model=model,
        secrets=secrets,
        view=view,
        page=page,
        input=into,
        patch=patch,
        list_params=_define(f"{name}ListParams", narrow, "Which entities, in which order."),
        get_params=_define(f"{name}GetParams", one, "Which entity."),
        create_params=_define(f"{name}CreateParams", [("body", into)], "The new entity."),
        replace_params=_define(f"{name}ReplaceParams", [*one, ("body", into), *guard], "The entity as it shall be."),
        update_params=_define(f"{name}UpdateParams", [*one, ("body", patch), *guard], "What shall change."),
        delete_params=_define(f"{name}DeleteParams", [*one, *guard], "Which entity goes."),
        filters=filters,
    )


MESSAGES: Final[dict[str, Messages]] = {kind: _messages(kind, model) for kind, model in KINDS.items()}
"""Kind to its messages."""

# msgspec's first look at a type crashes the process where two threads take it at the same time; a site file is read in a thread.
for _one in MESSAGES.values():
    for _type in (_one.model, _one.view, _one.input, _one.patch):
        msgspec.msgpack.Decoder(_type)
