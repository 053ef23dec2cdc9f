"""What a grant looks at, side by side: four numbers a credential, so that the processor fetches one line of memory for it.

Of a million credentials none is in a cache when its holder comes; columns on their own would be eight fetches.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final

from sitewarden.domain.access.people_table import CredentialTable, HolderTable
from sitewarden.domain.access.snapshot import CREDENTIAL_ENABLED, FOREVER, HOLDER_ENABLED, NEVER

WIDTH: Final = 4
NOBODY: Final = 0xFFFFFFFF


class Lines:
    """`line[4 * slot:]` is: from when and until when credential and holder both may be used, the place in `pairs`, the holder.

    Where either is disabled, it begins after all time. `pairs` are (set of profiles, set of groups), by place.
    """

    def __init__(self, credentials: CredentialTable, holders: HolderTable) -> None:
        self._credentials, self._holders = credentials, holders
        self.pairs: list[tuple[int, int]] = []
        self._pair_at: dict[int, int] = {}
        self.line: array[int] = array("q", self._all())
        # The credentials of a holder, as a chain: the last one put, and from each the one before it.
        self._head: array[int] = array("I", [NOBODY]) * len(holders.ids.texts)
        self._next: array[int] = array("I", [NOBODY]) * len(credentials.ids.texts)
        head, following = self._head, self._next
        for slot, holder in enumerate(credentials.holders):
            following[slot], head[holder] = head[holder], slot

    def _all(self) -> Iterator[int]:
        credentials, holders = self._credentials, self._holders
        flags, begin, end, groups = holders.flags, holders.valid_from, holders.valid_to, holders.groups
        columns = zip(
            credentials.flags, credentials.valid_from, credentials.valid_to, credentials.bundles, credentials.holders, strict=True
        )
        for flag, valid_from, valid_to, bundle, holder in columns:
            if flag & CREDENTIAL_ENABLED and flags[holder] & HOLDER_ENABLED:
                other = begin[holder]
                yield valid_from if valid_from > other else other
            else:
                yield FOREVER
            other = end[holder]
            yield valid_to if valid_to < other else other
            yield self._pair(bundle, groups[holder])
            yield holder

    def _pair(self, bundle: int, groups: int) -> int:
        key = bundle << 32 | groups
        place = self._pair_at.get(key)
        if place is None:
            place = self._pair_at[key] = len(self.pairs)
            self.pairs.append((bundle, groups))
        return place

    def put(self, slot: int) -> None:
        """Take a credential up that was put, or put anew with the same holder or another."""
        credentials, holders = self._credentials, self._holders
        while len(self._head) < len(holders.ids.texts):
            self._head.append(NOBODY)
        holder = credentials.holders[slot]
        if slot == len(self._next):
            self._next.append(NOBODY)
            self.line.extend((FOREVER, NEVER, 0, NOBODY))
        before = self.line[WIDTH * slot + 3]
        if before != holder:
            if before != NOBODY:
                self._unchain(slot, before)
            self._next[slot], self._head[holder] = self._head[holder], slot
        self._fill(slot, holder)

    def take(self, slot: int) -> None:
        """Close a credential that was taken away; it stays in its holder's chain, and opens nothing."""
        self.line[WIDTH * slot] = FOREVER

    def refresh(self, holder: int) -> None:
        """Take up a holder that was put or taken away."""
        if holder >= len(self._head):
            return
        slot = self._head[holder]
        while slot != NOBODY:
            if slot not in self._credentials.ids.gone:
                self._fill(slot, holder)
            slot = self._next[slot]

    def _unchain(self, slot: int, holder: int) -> None:
        if self._head[holder] == slot:
            self._head[holder] = self._next[slot]
            return
        one = self._head[holder]
        while self._next[one] != slot:
            one = self._next[one]
        self._next[one] = self._next[slot]

    def _fill(self, slot: int, holder: int) -> None:
        credentials, holders = self._credentials, self._holders
        at = WIDTH * slot
        usable = credentials.flags[slot] & CREDENTIAL_ENABLED and holders.flags[holder] & HOLDER_ENABLED
        self.line[at] = max(credentials.valid_from[slot], holders.valid_from[holder]) if usable else FOREVER
        self.line[at + 1] = min(credentials.valid_to[slot], holders.valid_to[holder])
        self.line[at + 2] = self._pair(credentials.bundles[slot], holders.groups[holder])
        self.line[at + 3] = holder
