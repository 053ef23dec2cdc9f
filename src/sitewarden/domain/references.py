"""Which fields of which kind name an entity of another kind. One explicit table. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity

REFERENCES: Final[dict[str, dict[str, str]]] = {
    "group": {"roles": "role"},
    "user": {"roles": "role", "groups": "group"},
    "token": {"user": "user"},
    "device": {"endpoint": "endpoint"},
    "point": {"device": "device"},
    "door": {"controller": "controller", "unlock_schedule": "schedule", "camera": "camera"},
    "access-point": {"door": "door", "area_from": "area", "area_to": "area"},
    "access-profile": {"policies.schedule": "schedule", "policies.access_point": "access-point"},
    "credential": {"holder": "credential-holder", "profiles.profile": "access-profile"},
}
"""Kind to field to the kind that the field names; "a.b" is the member b of each item of a. Every kind has `area` besides."""


def references(kind: str, entity: Entity) -> Iterator[tuple[str, str, str]]:
    """Yield (field, kind, id) for each entity that `entity` names."""
    if entity.area is not None:
        yield "area", "area", entity.area
    for field, target in REFERENCES.get(kind, {}).items():
        outer, _, inner = field.partition(".")
        value: Any = getattr(entity, outer)
        items = value if isinstance(value, tuple) else (value,)
        for item in items:
            id_ = getattr(item, inner) if inner else item
            if id_ is not None:
                yield field, target, id_


def referring_kinds(target: str) -> tuple[str, ...]:
    """Return the kinds whose entities may name one of `target`; every kind may name an area."""
    if target == "area":
        return tuple(KINDS)
    return tuple(kind for kind, fields in REFERENCES.items() if target in fields.values())
