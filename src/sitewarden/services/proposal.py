"""A change of an entity before it is made, as the checks see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sitewarden.domain.entity import Entity
from sitewarden.services.operations import Caller
from sitewarden.store.interfaces import StateStore


@dataclass(frozen=True, slots=True)
class Proposal:
    """`before` None creates, `after` None deletes. `get` and `list` show the site as it would be."""

    kind: str
    id: str
    before: Entity | None
    after: Entity | None
    caller: Caller
    state: StateStore

    def get(self, kind: str, id_: str) -> Entity | None:
        """Return an entity as it would be."""
        if kind == self.kind and id_ == self.id:
            return self.after
        held = self.state.get(kind, id_)
        return held.entity if held else None

    def list(self, kind: str) -> Iterator[Entity]:
        """Yield the entities of a kind as they would be."""
        for held in self.state.list(kind):
            if kind != self.kind or held.entity.id != self.id:
                yield held.entity
        if kind == self.kind and self.after is not None:
            yield self.after


Check = Callable[[Proposal], None]
"""Raises a Refusal where the change may not be."""
Get = Callable[[str, str], Entity | None]
"""(kind, id) to the entity as it would be."""
Normal = Callable[[Entity, Get], Entity]
"""Returns an entity in the form in which it is stored; raises a Refusal where it has none."""
