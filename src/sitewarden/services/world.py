"""The site as changes would leave it, in the form in which checks read state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sitewarden.domain.entity import Entity
from sitewarden.store.interfaces import Held, StateStore


class World:
    """State with changes over it: (kind, id, entity), where None stands for what goes."""

    version = 0

    def __init__(self, state: StateStore, changes: Iterable[tuple[str, str, Entity | None]]) -> None:
        self._state = state
        self._changed: dict[str, dict[str, Entity | None]] = {}
        for kind, id_, entity in changes:
            self._changed.setdefault(kind, {})[id_] = entity

    def get(self, kind: str, id_: str) -> Held | None:
        """Return an entity as it would be."""
        changed = self._changed.get(kind, {})
        if id_ in changed:
            entity = changed[id_]
            return Held(entity, 0, 0) if entity is not None else None
        return self._state.get(kind, id_)

    def entity(self, kind: str, id_: str) -> Entity | None:
        """Return an entity as it would be, without its revision."""
        held = self.get(kind, id_)
        return held.entity if held is not None else None

    def list(self, kind: str) -> Sequence[Held]:
        """Return all of a kind as they would be."""
        changed = self._changed.get(kind, {})
        stay = [held for held in self._state.list(kind) if held.entity.id not in changed]
        return stay + [Held(entity, 0, 0) for entity in changed.values() if entity is not None]
