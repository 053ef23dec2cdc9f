"""Where an entity stands, for grants: its area (its own, or that of what it belongs to) and its tags."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.entity import Entity
from sitewarden.domain.identity.grants import Subject
from sitewarden.domain.refs import ref, split_ref
from sitewarden.store.interfaces import StateStore

_BELONGS: Final = {
    "point": ("device", "device"),
    "device": ("endpoint", "endpoint"),
    "access-point": ("door", "door"),
    "door": ("controller", "controller"),
    "credential": ("holder", "credential-holder"),
    "bookmark": ("camera", "camera"),
}
"""Kind to the field that names what it belongs to, and the kind of that."""


class Subjects:
    """Looks entities up in state as subjects of grants."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    def parent(self, area: str) -> str | None:
        """Return the area that an area lies in."""
        held = self._state.get("area", area)
        return held.entity.area if held else None

    def of(self, reference: str) -> Subject:
        """Return the subject of a reference; for what does not exist, one that stands nowhere."""
        kind, id_ = split_ref(reference)
        held = self._state.get(kind, id_) if id_ else None
        return self.of_entity(kind, held.entity) if held else Subject(reference)

    def of_entity(self, kind: str, entity: Entity) -> Subject:
        """Return the subject of an entity, stored or proposed."""
        area, tags, at, above = entity.area, list(entity.tags), kind, entity
        while at in _BELONGS:
            field, at = _BELONGS[at]
            held = self._state.get(at, getattr(above, field))
            if held is None:
                break
            above = held.entity
            area = area or above.area
            tags += above.tags
        return Subject(ref(kind, entity.id), area, tuple(tags))
