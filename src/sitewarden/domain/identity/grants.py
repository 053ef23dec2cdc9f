"""Matching of grants, compiled once per user so that a check is a few set look-ups. Pure.

An action is covered by its own name, by "<kind>.*" and by "*". An entity is covered by "*", by its own reference, by
"area:<id>" of the area that it stands in or of any area around that one, and by "tag:<tag>". An area is itself covered by
"area:<id>" of its own, which is its reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from sitewarden.domain.identity.model import Grant

Parents = Callable[[str], str | None]
"""Gives the area that an area lies in, or None."""

DEPTH: Final = 32
"""Areas are followed outwards this far; a loop of areas ends there."""


class Subject(Struct, frozen=True):
    """What a grant has to cover: an entity's reference, the area that it stands in, and its tags."""

    ref: str
    area: str | None = None
    tags: tuple[str, ...] = ()


ANYTHING: Final = Subject("*")
"""The subject of operations on the node as a whole: only the selector "*" covers it."""


def around(area: str | None, parents: Parents) -> tuple[str, ...]:
    """Return `area` and the areas around it, from the inside outwards."""
    chain: list[str] = []
    while area is not None and area not in chain and len(chain) < DEPTH:
        chain.append(area)
        area = parents(area)
    return tuple(chain)


class Rights:
    """What a set of grants allows."""

    __slots__ = ("_by_action", "_grants", "_merged")

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._grants = tuple(grants)
        self._by_action: dict[str, set[str]] = {}
        for grant in self._grants:
            self._by_action.setdefault(grant.action, set()).add(grant.selector)
        self._merged: dict[str, frozenset[str]] = {}

    def selectors(self, action: str) -> frozenset[str]:
        """Return the selectors on which `action` is allowed; empty where it is not at all."""
        found = self._merged.get(action)
        if found is None:
            kind = action.partition(".")[0]
            parts = [self._by_action.get(name, set()) for name in (action, f"{kind}.*", "*")]
            found = frozenset().union(*parts)
            if "*" in found:
                found = frozenset({"*"})
            if len(self._merged) < 1024:
                self._merged[action] = found
        return found

    def any(self, action: str) -> bool:
        """Tell whether `action` is allowed on something."""
        return bool(self.selectors(action))

    def everywhere(self, action: str) -> bool:
        """Tell whether `action` is allowed on everything."""
        return "*" in self.selectors(action)

    def allows(self, action: str, subject: Subject, parents: Parents) -> bool:
        """Tell whether `action` is allowed on `subject`."""
        selectors = self.selectors(action)
        if not selectors:
            return False
        if "*" in selectors or subject.ref in selectors:
            return True
        if any(f"tag:{tag}" in selectors for tag in subject.tags):
            return True
        return any(f"area:{area}" in selectors for area in around(subject.area, parents))

    def covers(self, grant: Grant) -> bool:
        """Tell whether these rights include all that `grant` gives, whatever the site holds."""
        return any(_action_within(grant.action, own.action) and own.selector in ("*", grant.selector) for own in self._grants)

    def lacking(self, grants: Sequence[Grant]) -> list[Grant]:
        """Return those of `grants` that these rights do not include."""
        return [grant for grant in grants if not self.covers(grant)]


def _action_within(action: str, pattern: str) -> bool:
    return pattern in ("*", action) or (pattern.endswith(".*") and action.startswith(pattern[:-1]))


@lru_cache(maxsize=512)
def rights(grants: tuple[Grant, ...]) -> Rights:
    """Return the compiled rights of `grants`; the same grants are compiled once."""
    return Rights(grants)


def narrowed(grants: Sequence[Grant], actions: Sequence[str]) -> tuple[Grant, ...]:
    """Return `grants` cut down to `actions` (names or patterns); no actions leave them as they are."""
    if not actions:
        return tuple(grants)
    kept: dict[Grant, None] = {}
    for grant in grants:
        for action in actions:
            if _action_within(grant.action, action):
                kept[grant] = None
            elif _action_within(action, grant.action):
                kept[Grant(action=action, selector=grant.selector)] = None
    return tuple(kept)
