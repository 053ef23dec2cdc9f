"""The site's rules as one board can hold them: cards with dates and a right a door, and what is lost on the way. Pure.

Where the board cannot say who has a right, and when, it gets less, never more. What zones ask of those who have one it cannot
keep at all: that is said (`zones.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sitewarden.domain.access.calendars import WINDOW, utc_to_wall
from sitewarden.domain.access.cards import decode_h10301, encode_h10301, format_card
from sitewarden.domain.access.columns import integers
from sitewarden.domain.access.limits import Limit
from sitewarden.domain.access.people_table import is_card
from sitewarden.domain.access.recurrence import DAY_SECONDS
from sitewarden.domain.access.snapshot import (
    CREDENTIAL_ENABLED,
    EXTENDED,
    FOREVER,
    HOLDER_ENABLED,
    DoorRow,
    Link,
    PointRow,
    Snapshot,
)
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import ref
from sitewarden.drivers.uhppote.config import DeviceConfig
from sitewarden.drivers.uhppote.doors import by_card, look_at_door, look_at_point, takes_h10301
from sitewarden.drivers.uhppote.limits import Limits
from sitewarden.drivers.uhppote.profiles import FIRST_DAY, IDS, LAST_DAY, Chain, compile_schedules, window
from sitewarden.drivers.uhppote.zones import look_at_zones

NEVER: Final = 0
ALWAYS: Final = 1
DOORS: Final = 4

Right = int | Chain
"""NEVER, ALWAYS, or the time profiles in which a door opens."""
Rights = tuple[Right, Right, Right, Right]
NOTHING: Final[Rights] = (NEVER, NEVER, NEVER, NEVER)


class CardRow(NamedTuple):
    """What a board shall hold of a card: days counted from 1970-01-01, both included, and a right for each door."""

    first: int
    last: int
    rights: Rights


class DoorPlan(NamedTuple):
    """A door of a board: its place, 1 to 4, its delay in whole seconds, and its access points by direction (1 in, 2 out)."""

    row: DoorRow
    number: int
    delay: int
    points: dict[int, PointRow]


class Table(NamedTuple):
    """All that a board shall hold, and until when that is true (microseconds since 1970 UTC)."""

    doors: tuple[DoorPlan, ...]
    cards: dict[int, CardRow]
    limits: tuple[Limit, ...]
    until: int | None


def doors_of(serial: int) -> int:
    """Return how many doors a board has, as its serial number begins: 1, 2 or 4."""
    return {1: 1, 2: 2}.get(serial // 100_000_000, 4)


def reader_of(serial: int, door: int, direction: int) -> int | None:
    """Return the reader of a door, as the board's terminals count them; a board of four doors has none for the way out."""
    if doors_of(serial) == DOORS:
        return door if direction == 1 else None
    return 2 * door - 2 + direction


def number_of(card: str) -> int | None:
    """Return a card of 26 bits as a board counts it, facility code and five digits of the number; None for any other card."""
    bits, _, digits = card.partition(":")
    if bits != "26":
        return None
    try:
        facility, number = decode_h10301(int(digits, 16))
    except (Invalid, ValueError):
        return None
    return facility * 100_000 + number or None


def card_of(number: int) -> str:
    """Return the text form of a card that a board tells; empty where the number is no card of 26 bits."""
    facility, rest = divmod(number, 100_000)
    if not number or facility > 0xFF or rest > 0xFFFF:
        return ""
    return format_card(26, encode_h10301(facility, rest))


def table_of(snapshot: Snapshot, controller: str, config: DeviceConfig, now: int) -> Table:
    """Return what the board of a controller shall hold at `now`, microseconds since 1970 UTC."""
    return _Maker(snapshot, controller, config, now).table()


def limits_of(snapshot: Snapshot, controller: str, config: DeviceConfig, now: int) -> tuple[Limit, ...]:
    """Return what the board of a controller cannot keep of the rules."""
    return table_of(snapshot, controller, config, now).limits


class _Maker:
    def __init__(self, snapshot: Snapshot, controller: str, config: DeviceConfig, now: int) -> None:
        self._snapshot, self._tables, self._config, self._now = snapshot, snapshot.tables, config, now
        self._controller = ref("controller", controller)
        self._id = controller
        self._limits = Limits()
        self._zone = ZoneInfo(snapshot.tables.zone)
        self._doors: list[DoorPlan] = []
        self._entries: dict[int, int] = {}
        """Place of an access point to the door that it opens."""
        self._chains: dict[frozenset[int], Chain] = {}
        self._ids = 0
        self._until: int | None = None
        self._profile_at = {row.id: place for place, row in enumerate(self._tables.profiles)}
        self._group_at = {row.id: place for place, row in enumerate(self._tables.groups)}

    def table(self) -> Table:
        self._look_at_controller()
        for place, row in enumerate(self._tables.doors):
            if row.controller == self._id:
                self._look_at_door(place, row)
        look_at_zones(self._limits, self._tables, self._id, self._config)
        cards = dict(self._cards())
        if len(cards) > self._config.capacity:
            self._limits.add(
                "capacity",
                f"The board holds {self._config.capacity} cards, and {len(cards)} have a right here."
                " It may not take the last of them.",
                self._controller,
            )
        return Table(tuple(self._doors), cards, self._limits.all(), self._until)

    # -- controller and doors -----------------------------------------------------------------------------------------

    def _look_at_controller(self) -> None:
        row = next((row for row in self._tables.controllers if row.id == self._id), None)
        if row is not None and row.matching == "server":
            text = "The board decides by itself, whatever its matching says; the server is not asked at the door."
            self._limits.add("matching", text, self._controller)
        if any(door.controller == self._id for door in self._tables.doors):
            text = (
                "The board keeps the mode of a door, not what asked for it. The server knows lockdown and fire release, and which"
                " of them goes first; while it is away nobody begins or ends one, and after its restart a door that is held"
                " shut or open counts as held by an operator."
            )
            self._limits.add("priority", text, self._controller, notice=True)

    def _look_at_door(self, place: int, row: DoorRow) -> None:
        me, has = ref("door", row.id), doors_of(self._config.serial)
        if not 1 <= row.output <= has:
            text = (
                f"Output {row.output} is no door of the board, whose doors are 1 to {has}, so nobody opens it."
                " Set the output to the number printed beside the terminals."
            )
            self._limits.add("output", text, me)
            return
        delay = look_at_door(self._limits, row)
        self._doors.append(DoorPlan(row, row.output, delay, self._points(place, row)))

    def _points(self, place: int, row: DoorRow) -> dict[int, PointRow]:
        found: dict[int, PointRow] = {}
        places: dict[int, int] = {}
        readers = {reader_of(self._config.serial, row.output, direction): direction for direction in (1, 2)}
        for at, point in enumerate(self._tables.points):
            if point.door != place:
                continue
            me, direction = ref("access-point", point.id), readers.get(point.reader)
            if direction is None:
                has = " and ".join(str(reader) for reader in readers if reader is not None)
                text = (
                    f"Door {row.output} of the board has reader {has}, not {point.reader}, so nobody opens it from here."
                    " Correct the reader's number."
                )
                self._limits.add("reader", text, me)
                continue
            found[direction], places[direction] = point, at
        entry = found.get(1) or found.get(2)
        if entry is None:
            return found
        for point in found.values():
            look_at_point(self._limits, self._tables, point)
        if entry.enabled and by_card(self._tables, entry) and takes_h10301(self._tables, entry):
            self._entries[places[1 if entry is found.get(1) else 2]] = row.output
        if len(found) == 2:
            self._compare(places[1], places[2], row)
        return found

    def _compare(self, way_in: int, way_out: int, row: DoorRow) -> None:
        for profile in self._tables.profiles:
            rights = [{schedule for point, schedule in profile.policies if point == way} for way in (way_in, way_out)]
            if rights[0] != rights[1]:
                text = f"The board keeps one right a door: at {row.name} that of the way in is taken for both ways."
                self._limits.add("one-right", text, ref("access-profile", profile.id))

    # -- cards --------------------------------------------------------------------------------------------------------

    def _cards(self) -> Iterator[tuple[int, CardRow]]:
        holders, rows = self._snapshot.holders, self._snapshot.credentials
        holder_at, bundles = integers("I", rows.holders), integers("I", rows.bundles)
        begins, ends = integers("q", rows.valid_from), integers("q", rows.valid_to)
        from_, to, groups = integers("q", holders.valid_from), integers("q", holders.valid_to), integers("I", holders.groups)
        rights: dict[tuple[int, int], Rights | None] = {}
        for slot, first_key in enumerate(rows.keys):
            holder = holder_at[slot]
            pair = bundles[slot], groups[holder]
            if pair not in rights:
                rights[pair] = self._rights(self._links(rows.sets[pair[0]], holders.sets[pair[1]]))
            wanted = rights[pair]
            if wanted is None or not rows.flags[slot] & CREDENTIAL_ENABLED or not holders.flags[holder] & HOLDER_ENABLED:
                continue
            me, begin, end = ref("credential", rows.ids[slot]), max(begins[slot], from_[holder]), min(ends[slot], to[holder])
            if end <= max(self._now, begin):
                continue
            numbers = self._numbers((first_key, *rows.more.get(slot, ())), me, pin=slot in rows.pins)
            if not numbers:
                continue
            if rows.flags[slot] & EXTENDED:
                self._limits.add("extended", "The board releases a door for the same time for everyone.", me)
            days = self._days(begin, end, me)
            if days is not None and wanted != NOTHING:
                for number in numbers:
                    yield number, CardRow(*days, wanted)

    def _days(self, begin: int, end: int, me: str) -> tuple[int, int] | None:
        """Return the first and the last day of a validity; None where it is yet to begin, at an hour of its first day."""
        first, early = divmod(self._wall(begin), DAY_SECONDS)
        last, late = divmod(self._wall(end), DAY_SECONDS)
        if not FIRST_DAY <= first <= LAST_DAY:
            first, early = FIRST_DAY, 0
        if not FIRST_DAY <= last <= LAST_DAY:
            last, late = LAST_DAY + 1, 0
        if (early and begin > self._now) or late:
            text = (
                "The board knows whole days. The server brings and takes these cards at their hour;"
                " while it cannot reach the board, they begin late and last until midnight."
            )
            self._limits.add("validity", text, me, notice=True)
            self._until_at(begin if begin > self._now else end)
            if early and begin > self._now:
                return None
        return first, last if late else last - 1

    def _numbers(self, keys: tuple[str, ...], me: str, *, pin: bool) -> list[int]:
        """Return the cards of a credential as the board counts them, and note those that it cannot be given."""
        cards = [key for key in keys if key and is_card(key)]
        found = [number for card in cards if (number := number_of(card)) is not None]
        if len(found) < len(cards):
            text = "The board is given cards of 26 bits (H10301) alone; it does not know these, and refuses them."
            self._limits.add("card-format", text, me)
        if not cards and (pin or any(keys)):
            text = "The board knows cards alone: who has only a PIN, a licence plate, a face or a finger is not let in."
            self._limits.add("no-card", text, me)
        return found

    def _wall(self, moment: int) -> int:
        """Return a moment as seconds of the wall clock; what lies beyond a board's days as its edge."""
        low, high = FIRST_DAY * DAY_SECONDS, (LAST_DAY + 1) * DAY_SECONDS
        if not low <= moment // 1_000_000 < high:
            return low if moment // 1_000_000 < low else high
        return utc_to_wall(moment, self._zone)

    def _links(self, own: tuple[Link, ...], groups: tuple[str, ...]) -> list[tuple[int, int, int]]:
        """Return the access profiles of a credential and of its holder's groups, by place."""
        links = [(self._profile_at[id_], begin, end) for id_, begin, end in own if id_ in self._profile_at]
        for group in groups:
            if group in self._group_at:
                links += self._tables.groups[self._group_at[group]].links
        return links

    def _rights(self, bundle: list[tuple[int, int, int]]) -> Rights | None:
        """Return the rights of a set of access profiles; None where it has nothing to do with this board."""
        schedules: dict[int, set[int]] = defaultdict(set)
        concerned = False
        for place, begin, end in bundle:
            profile = self._tables.profiles[place]
            for point, schedule in profile.policies:
                door = self._entries.get(point)
                if door is None or not profile.enabled or end <= max(self._now, begin):
                    continue
                concerned = True
                for edge in (begin, end):
                    if edge > self._now and abs(edge) < FOREVER:
                        self._until_at(edge)
                        text = (
                            "The board knows no dates of access profiles. The server brings and takes these rights at their"
                            " time, if it reaches the board."
                        )
                        self._limits.add("profile-validity", text, ref("access-profile", profile.id), notice=True)
                if begin <= self._now:
                    schedules[door].add(schedule)
        if not concerned:
            return None
        one, two, three, four = (self._right(frozenset(schedules[door])) for door in range(1, DOORS + 1))
        return one, two, three, four

    def _right(self, places: frozenset[int]) -> Right:
        rows = [self._tables.schedules[place] for place in sorted(places)]
        if not rows:
            return NEVER
        if any(row.rules is None and not row.special for row in rows):
            return ALWAYS
        chain = self._chains.get(places)
        if chain is None:
            made = compile_schedules(rows, self._tables.zone, self._now)
            for row in rows if made.dated or made.rounded else ():
                alone = compile_schedules((row,), self._tables.zone, self._now)
                self._look_at_schedule(ref("schedule", row.id), dated=alone.dated, rounded=alone.rounded)
            chain = made.chain
            if self._ids + len(chain) > len(IDS):
                text = (
                    f"The board holds {len(IDS)} time profiles, and more are needed. Who needs this schedule is not let in."
                    " Use fewer, or simpler schedules."
                )
                for row in rows:
                    self._limits.add("time-profiles", text, ref("schedule", row.id))
                chain = ()
            elif chain not in self._chains.values():
                self._ids += len(chain)
            self._chains[places] = chain
        return chain or NEVER

    def _look_at_schedule(self, me: str, *, dated: bool, rounded: bool) -> None:
        if dated:
            text = (
                "The board has no words for this recurrence or its special days. It is given the dates of the next four to eight"
                " weeks, and the server renews them; if it cannot for that long, the doors stay shut."
            )
            self._limits.add("recurrence", text, me, notice=True)
            self._until_at(window(self._now) + WINDOW)
        if rounded:
            self._limits.add("seconds", "The board knows hours and minutes: seconds at the edges are left out.", me, notice=True)

    def _until_at(self, moment: int) -> None:
        if moment > self._now and (self._until is None or moment < self._until):
            self._until = moment
