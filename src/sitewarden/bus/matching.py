"""Which events a subscriber wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sitewarden.domain.events import Event

Wanted = Callable[[Event], bool]


def wanted(types: Sequence[str], entities: Sequence[str]) -> Wanted | None:
    """Return the test for `types` (exact, or prefixes ending in ".*") and `entities` (subject or related); None wants all."""
    by_type = _types(types) if types else None
    by_entity = _entities(entities) if entities else None
    if by_type is None:
        return by_entity
    if by_entity is None:
        return by_type
    return lambda event: by_type(event) and by_entity(event)


def _types(types: Sequence[str]) -> Wanted:
    exact = frozenset(name for name in types if not name.endswith(".*"))
    prefixes = tuple(name[:-1] for name in types if name.endswith(".*"))
    if not prefixes:
        return lambda event: event.type in exact
    return lambda event: event.type in exact or event.type.startswith(prefixes)


def _entities(entities: Sequence[str]) -> Wanted:
    refs = frozenset(entities)
    return lambda event: event.entity in refs or not refs.isdisjoint(event.related)
