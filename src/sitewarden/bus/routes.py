"""Who owns which requests and which entities' commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

Owner = TypeVar("Owner")


class Routes(Generic[Owner]):
    """Names to their one owner. A name that ends in `mark` owns all that begins with what stands before it.

    For requests `mark` is "/" ("media/" owns "media/live/cam-1"), for commands "*" ("door:*"). Exact names come first, then
    the longest.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._exact: dict[str, Owner] = {}
        self._wide: list[tuple[str, str, Owner]] = []

    def add(self, name: str, owner: Owner) -> None:
        """Make `owner` the owner of `name`, whoever it was before."""
        if name.endswith(self._mark):
            self._wide = [entry for entry in self._wide if entry[1] != name]
            self._wide.append((name.rstrip("*"), name, owner))
            self._wide.sort(key=lambda entry: -len(entry[0]))
        else:
            self._exact[name] = owner

    def holder(self, name: str) -> Owner | None:
        """Return who holds this very name."""
        if name.endswith(self._mark):
            return next((owner for _, held, owner in self._wide if held == name), None)
        return self._exact.get(name)

    def drop(self, owner: Owner) -> None:
        """Take all names from `owner`."""
        self._exact = {name: held for name, held in self._exact.items() if held != owner}
        self._wide = [entry for entry in self._wide if entry[2] != owner]

    def remove(self, names: Iterable[str]) -> None:
        """Take these names from whoever holds them."""
        gone = set(names)
        self._exact = {name: held for name, held in self._exact.items() if name not in gone}
        self._wide = [entry for entry in self._wide if entry[1] not in gone]

    def find(self, name: str) -> Owner | None:
        """Return who answers for `name`."""
        owner = self._exact.get(name)
        if owner is None:
            for prefix, _, candidate in self._wide:
                if name.startswith(prefix):
                    return candidate
        return owner

    @property
    def names(self) -> tuple[str, ...]:
        """All names that are held."""
        return (*self._exact, *(name for _, name, _ in self._wide))
