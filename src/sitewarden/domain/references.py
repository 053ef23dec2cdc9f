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
    "camera": {"record_schedule": "schedule"},
    "door": {"controller": "controller", "camera": "camera", "unlock_schedule": "schedule"},
    "access-point": {
        "door": "door",
        "area_from": "area",
        "area_to": "area",
        "authentication_profile": "authentication-profile",
        "card_formats": "card-format",
    },
    "schedule": {"special_days.group": "special-day-group"},
    "authentication-profile": {"policies.schedule": "schedule"},
    "access-profile": {"policies.schedule": "schedule", "policies.access_point": "access-point"},
    "holder-group": {"profiles.profile": "access-profile"},
    "credential-holder": {"host": "credential-holder", "groups": "holder-group"},
    "credential": {"holder": "credential-holder", "profiles.profile": "access-profile"},
    "antipassback-zone": {"areas": "area", "reset_schedule": "schedule", "exempt_groups": "holder-group"},
    "occupancy-zone": {"areas": "area", "exempt_groups": "holder-group"},
    "interlock-zone": {"doors": "door", "exempt_groups": "holder-group"},
    "entrance-limit-zone": {"access_points": "access-point", "schedule": "schedule", "exempt_groups": "holder-group"},
    "first-person-zone": {"doors": "door", "groups": "holder-group", "schedule": "schedule", "exempt_groups": "holder-group"},
    "fire-zone": {"doors": "door", "inputs.controller": "controller", "exempt_groups": "holder-group"},
    "intrusion-zone": {
        "areas": "area",
        "arm_groups": "holder-group",
        "disarm_groups": "holder-group",
        "exempt_groups": "holder-group",
    },
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
