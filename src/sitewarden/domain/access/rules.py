"""A snapshot made ready to be asked, and changed by deltas.

    rules = Rules(unpack(data))             # the whole; `rules.digest` is computed on first use
    rules.apply(unpack_delta(more))         # one step further, in place, all or nothing; raises Conflict where it does not fit
    packed = rules.packed()                 # the whole again, as it travels; the same bytes as those of a fresh compilation
    delta = rules.delta(version, ...)       # what leads from here to changed rows, for `apply` here and elsewhere

Asking never changes what it answers; `apply` is called by the thread that asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from zoneinfo import ZoneInfo

from sitewarden.domain.access.calendars import Calendar, Days
from sitewarden.domain.access.decision import Explanation
from sitewarden.domain.access.digest import row_digest, rows_digest, rules_digest, tables_digest
from sitewarden.domain.access.formats import FormatTable
from sitewarden.domain.access.guards import Guards, guards_of
from sitewarden.domain.access.guards.first_person import FirstPersonGuard
from sitewarden.domain.access.lines import Lines
from sitewarden.domain.access.packing import pack
from sitewarden.domain.access.people_table import CredentialTable, HolderTable
from sitewarden.domain.access.quick import plain_points
from sitewarden.domain.access.snapshot import (
    FOREVER,
    NEVER,
    CredentialRow,
    Delta,
    FirstPersonRow,
    HolderRow,
    InterlockRow,
    Link,
    Packed,
    PointRow,
    Snapshot,
    Tables,
)
from sitewarden.domain.errors import Conflict

Way = tuple[dict[int, tuple[int, ...]], int, int, int]
"""Of a profile: access point to the schedules of its policies; valid from and to; its place. One that is off is never valid."""
_OTHER = "Take the rules whole."


class Rules:
    """The rules of one version."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.version = snapshot.version
        self.holders = HolderTable(snapshot.holders)
        self.credentials = CredentialTable(snapshot.credentials, self.holders)
        self.lines = Lines(self.credentials, self.holders)
        # What a decision looks at, by the shortest way; the tables change these in place.
        self.by_card, self.ids, self.holder_ids = self.credentials.by_card, self.credentials.ids.texts, self.holders.ids.texts
        self.flags, self.line = self.credentials.flags, self.lines.line
        self._rows: int | None = None
        self._tables_digest = b""
        self._take_tables(snapshot.tables)

    def _take_tables(self, tables: Tables) -> None:
        self.tables = tables
        self._tables_digest = b""
        zone = ZoneInfo(tables.zone)
        self.days = Days(zone)
        self.formats = FormatTable(tables.formats)
        self.calendars = [Calendar(row.rules, row.special, zone) for row in tables.schedules]
        self.points: dict[str, tuple[int, PointRow]] = {row.id: (place, row) for place, row in enumerate(tables.points)}
        self.profile_at = {row.id: place for place, row in enumerate(tables.profiles)}
        self.group_at = {row.id: place for place, row in enumerate(tables.groups)}
        self.zone_at = {row.id: place for place, row in enumerate(tables.zones)}
        self.ways: list[dict[int, tuple[int, ...]]] = []
        """By profile: place of an access point to the places of the schedules that it may be passed in."""
        for profile in tables.profiles:
            found: dict[int, tuple[int, ...]] = {}
            for point, schedule in profile.policies:
                found[point] = (*found.get(point, ()), schedule)
            self.ways.append(found)
        self.guards: tuple[Guards, ...] = guards_of(tables, self.calendars, self.days)
        """By access point: the zones to be asked there."""
        self.plain = plain_points(self)
        self.whys: dict[tuple[int, int, str], Explanation] = {}
        """Explanations of plain grants, by profile, schedule and who decides."""
        self.door_at = {row.id: place for place, row in enumerate(tables.doors)}
        self.interlocked = frozenset(
            tables.doors[door].id for row in tables.zones if isinstance(row, InterlockRow) for door in row.doors
        )
        self.waits: dict[int, tuple[FirstPersonGuard, ...]] = {}
        """By door: the first-person zones that it waits for."""
        for row in tables.zones:
            if isinstance(row, FirstPersonRow):
                guard = FirstPersonGuard(row, self.calendars, self.days)
                for door in row.doors:
                    self.waits[door] = (*self.waits.get(door, ()), guard)
        self.groups: list[tuple[int, ...]] = []
        """The sets of groups of holders, by place."""
        self.rights: list[tuple[Way, ...]] = []
        """By pair (`lines.py`): the profiles of a credential and of its holder's groups."""
        self._ways: dict[Link, Way] = {}
        self._resolve()

    def _resolve(self) -> None:
        """Look the ids of new sets up."""
        group_at = self.group_at
        for groups in self.holders.sets[len(self.groups) :]:
            self.groups.append(tuple(group_at[id_] for id_ in groups if id_ in group_at))
        sets = self.credentials.sets
        for bundle, groups_at in self.lines.pairs[len(self.rights) :]:
            own = [way for link in sets[bundle] if (way := self._way(link)) is not None]
            shared = [self._placed(link) for group in self.groups[groups_at] for link in self.tables.groups[group].links]
            self.rights.append((*own, *shared))

    def _way(self, link: Link) -> Way | None:
        """Return a link as a decision takes it, one object for all who have it; None for a profile that is not there."""
        way = self._ways.get(link)
        if way is None and link[0] in self.profile_at:
            way = self._ways[link] = self._placed((self.profile_at[link[0]], link[1], link[2]))
        return way

    def _placed(self, link: tuple[int, int, int]) -> Way:
        place, begin, end = link
        if not self.tables.profiles[place].enabled:
            return self.ways[place], FOREVER, NEVER, place
        return self.ways[place], begin, end, place

    # -- identity -----------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many credentials there are."""
        return len(self.credentials.ids.texts) - len(self.credentials.ids.gone)

    @property
    def digest(self) -> str:
        """The digest of these rules (`digest.py`). The first look at it takes a microsecond or two a row."""
        return rules_digest(self._digest_of_tables(), self._sum())

    def _sum(self) -> int:
        if self._rows is None:
            holders, credentials = self.holders, self.credentials
            self._rows = rows_digest(
                chain(
                    map(holders.row, holders.ids.order()),
                    map(credentials.row, credentials.ids.order()),
                )
            )
        return self._rows

    def _digest_of_tables(self) -> bytes:
        if not self._tables_digest:
            self._tables_digest = tables_digest(self.tables)
        return self._tables_digest

    def snapshot(self) -> Snapshot:
        """Return these rules as a snapshot."""
        order = self.holders.ids.order()
        return Snapshot(
            version=self.version,
            tables=self.tables,
            holders=self.holders.columns(order),
            credentials=self.credentials.columns(self.credentials.ids.order(), order),
        )

    def packed(self) -> Packed:
        """Return these rules as they travel."""
        return pack(self.snapshot(), self.digest)

    # -- deltas -------------------------------------------------------------------------------------------------------

    def delta(
        self,
        version: int,
        *,
        tables: Tables | None = None,
        holders: Iterable[HolderRow] = (),
        holders_gone: Iterable[str] = (),
        credentials: Iterable[CredentialRow] = (),
        credentials_gone: Iterable[str] = (),
    ) -> Delta:
        """Return what leads from these rules to `version`; rows that are as they were are left out of it."""
        if tables is not None and tables == self.tables:
            tables = None
        new_holders = tuple(row for row in holders if self._holder(row.id) != row)
        new_credentials = tuple(row for row in credentials if self._credential(row.id) != row)
        holders_gone = tuple(id_ for id_ in holders_gone if self.holders.ids.find(id_) is not None)
        credentials_gone = tuple(id_ for id_ in credentials_gone if self.credentials.ids.find(id_) is not None)
        rows = self._sum() + self._difference(new_holders, holders_gone, new_credentials, credentials_gone)
        return Delta(
            version=version,
            before=self.digest,
            after=rules_digest(self._digest_of_tables() if tables is None else tables_digest(tables), rows),
            tables=tables,
            holders=new_holders,
            holders_gone=holders_gone,
            credentials=new_credentials,
            credentials_gone=credentials_gone,
        )

    def apply(self, delta: Delta) -> None:
        """Take a delta, whole; raises Conflict, and changes nothing, where it is of other rules or does not hold together."""
        if delta.before != self.digest:
            raise Conflict("the delta is of other rules", where="rules", remedy=_OTHER)
        difference = self._difference(delta.holders, delta.holders_gone, delta.credentials, delta.credentials_gone)
        rows = self._sum() + difference
        tables = self._digest_of_tables() if delta.tables is None else tables_digest(delta.tables)
        if rules_digest(tables, rows) != delta.after:
            raise Conflict("the delta does not lead to the rules that it announces", where="rules", remedy=_OTHER)
        self._check(delta)
        for id_ in delta.credentials_gone:
            place = self.credentials.ids.find(id_)
            if place is not None:
                self.credentials.take(place)
                self.lines.take(place)
        for row in delta.credentials:
            place = self.credentials.ids.find(row.id)
            if place is not None:
                self.credentials.take(place)
        for id_ in delta.holders_gone:
            place = self.holders.ids.find(id_)
            if place is not None:
                self.holders.take(place)
                self.lines.refresh(place)
        for holder in delta.holders:
            self.lines.refresh(self.holders.put(holder))
        for row in delta.credentials:
            self.lines.put(self.credentials.put(row))
        self.version = delta.version
        self.whys.clear()
        self._rows = rows
        if delta.tables is None:
            self._resolve()
        else:
            self._take_tables(delta.tables)
            self._tables_digest = tables

    def _difference(
        self,
        holders: Sequence[HolderRow],
        holders_gone: Sequence[str],
        credentials: Sequence[CredentialRow],
        credentials_gone: Sequence[str],
    ) -> int:
        """Return by how much the sum over the rows changes."""
        sum_ = 0
        for holder in (*(row.id for row in holders), *holders_gone):
            held = self._holder(holder)
            sum_ -= row_digest(held) if held is not None else 0
        for id_ in (*(row.id for row in credentials), *credentials_gone):
            had = self._credential(id_)
            sum_ -= row_digest(had) if had is not None else 0
        return sum_ + sum(map(row_digest, holders)) + sum(map(row_digest, credentials))

    def _check(self, delta: Delta) -> None:
        """Raise Conflict where a credential would have no holder, or a key two credentials."""
        new = {row.id for row in delta.holders}
        gone = set(delta.holders_gone)
        touched = {row.id for row in delta.credentials} | set(delta.credentials_gone)
        keys: set[str] = set()
        for row in delta.credentials:
            held = row.holder in new or (row.holder not in gone and self.holders.ids.find(row.holder) is not None)
            for key in row.keys:
                place = self.credentials.by(key).get(key)
                held = held and key not in keys and (place is None or self.credentials.ids.texts[place] in touched)
                keys.add(key)
            if not held:
                raise Conflict(f"credential {row.id} does not fit", where="rules", remedy=_OTHER)
        if len(touched) != len(delta.credentials) + len(delta.credentials_gone) or new & gone:
            raise Conflict("the delta names a row twice", where="rules", remedy=_OTHER)

    def _holder(self, id_: str) -> HolderRow | None:
        place = self.holders.ids.find(id_)
        return self.holders.row(place) if place is not None else None

    def _credential(self, id_: str) -> CredentialRow | None:
        place = self.credentials.ids.find(id_)
        return self.credentials.row(place) if place is not None else None
