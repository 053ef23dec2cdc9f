"""Snapshots and deltas as they travel: msgpack, compressed. What is not whole is refused."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import chain
from typing import Any, Final, TypeVar

import msgspec

from sitewarden.domain.access.calendars import zone_of
from sitewarden.domain.access.columns import credentials_whole, holders_whole
from sitewarden.domain.access.levels import LEVELS
from sitewarden.domain.access.snapshot import (
    FORMAT,
    AntipassbackRow,
    Delta,
    EntranceLimitRow,
    FireRow,
    FirstPersonRow,
    InterlockRow,
    IntrusionRow,
    OccupancyRow,
    Packed,
    Snapshot,
    Tables,
)
from sitewarden.domain.errors import Invalid

MAX_PACKED: Final = 512 * 1024 * 1024
"""Bytes of a snapshot before compression that a controller takes: about 3,000,000 credentials."""
MAX_DELTA: Final = 16 * 1024 * 1024
"""Bytes of a delta before compression; what is larger goes as a snapshot."""
MAX_DEPTH: Final = 64
"""Areas within each other."""

_encode = msgspec.msgpack.Encoder().encode
_T = TypeVar("_T", Snapshot, Delta)


def pack(snapshot: Snapshot, digest: str) -> Packed:
    """Return the snapshot of the rules with that digest as it travels. The same rules of the same version give the same bytes."""
    return Packed(version=snapshot.version, digest=digest, data=zlib.compress(_encode(snapshot), 1))


def unpack(data: bytes) -> Snapshot:
    """Return the snapshot of packed bytes; raises Invalid where they are not one, or of a format that is not known here."""
    snapshot = _read(data, Snapshot, MAX_PACKED)
    check_tables(snapshot.tables)
    if not holders_whole(snapshot.holders) or not credentials_whole(snapshot.credentials, len(snapshot.holders.ids)):
        raise _broken()
    return snapshot


def pack_delta(delta: Delta) -> Packed:
    """Return a delta as it travels."""
    return Packed(version=delta.version, digest=delta.after, data=zlib.compress(_encode(delta), 1))


def unpack_delta(data: bytes) -> Delta:
    """Return the delta of packed bytes; raises Invalid as `unpack` does. `Rules.apply` says whether it fits."""
    delta = _read(data, Delta, MAX_DELTA)
    if delta.tables is not None:
        check_tables(delta.tables)
    return delta


def check_tables(tables: Tables) -> None:
    """Raise Invalid where rows refer to rows that are not there, or to a time zone or level that is not known here."""
    zones = {rule.zone for row in tables.schedules for rule in chain(row.rules or (), *(days for days, _ in row.special))}
    for zone in zones | {tables.zone}:
        zone_of(zone)
    if not (_rows_fit(tables) and _zones_fit(tables) and _areas_end(tables)):
        raise _broken()


def _rows_fit(tables: Tables) -> bool:
    schedules, points, profiles = len(tables.schedules), len(tables.points), len(tables.profiles)
    areas, formats = len(tables.areas), len(tables.formats)
    return (
        all(-1 <= row.unlock_schedule < schedules for row in tables.doors)
        and all(-1 <= row.parent < areas for row in tables.areas)
        and all(
            0 <= row.door < len(tables.doors)
            and -1 <= row.profile < len(tables.authentications)
            and -1 <= row.area_from < areas
            and -1 <= row.area_to < areas
            and row.authentication in LEVELS
            and _within(row.formats, formats)
            for row in tables.points
        )
        and all(
            0 <= schedule < schedules and level in LEVELS for row in tables.authentications for schedule, level, _ in row.policies
        )
        and all(0 <= point < points and 0 <= schedule < schedules for row in tables.profiles for point, schedule in row.policies)
        and all(0 <= place < profiles for row in tables.groups for place, _, _ in row.links)
        and all(_is_hex(mask) for row in tables.formats for mask, _ in row.parities)
        and all(row.bits % 8 == 0 for row in tables.formats if row.reversed)
    )


def _zones_fit(tables: Tables) -> bool:
    areas, doors, points = len(tables.areas), len(tables.doors), len(tables.points)
    groups, schedules = len(tables.groups), len(tables.schedules)
    for row in tables.zones:
        fits = _within(row.exempt, groups)
        match row:
            case AntipassbackRow():
                fits = fits and _within(row.areas, areas) and -1 <= row.reset_schedule < schedules
            case OccupancyRow():
                fits = fits and _within(row.areas, areas)
            case InterlockRow() | FireRow():
                fits = fits and _within(row.doors, doors)
            case EntranceLimitRow():
                fits = fits and _within(row.points, points) and -1 <= row.schedule < schedules
            case FirstPersonRow():
                fits = fits and _within(row.doors, doors) and _within(row.groups, groups) and -1 <= row.schedule < schedules
            case IntrusionRow():
                fits = fits and _within(row.areas, areas) and _within((*row.arm, *row.disarm), groups)
        if not fits:
            return False
    return len({row.id for row in tables.zones}) == len(tables.zones)


def _areas_end(tables: Tables) -> bool:
    """Tell whether each area comes to an end upwards."""
    for row in tables.areas:
        steps, parent = 0, row.parent
        while parent >= 0:
            steps, parent = steps + 1, tables.areas[parent].parent
            if steps > MAX_DEPTH:
                return False
    return True


def _within(places: Iterable[int], count: int) -> bool:
    return all(0 <= place < count for place in places)


def _is_hex(text: str) -> bool:
    return bool(text) and all(digit in "0123456789abcdef" for digit in text)


def _read(data: bytes, type_: type[_T], most: int) -> _T:
    try:
        stream = zlib.decompressobj()
        raw = stream.decompress(data, most)
        if stream.unconsumed_tail or not stream.eof:
            raise Invalid("the rules are cut short or above the limit", where="snapshot", remedy="Send them again, whole.")
        _check_format(raw)
        return msgspec.msgpack.decode(raw, type=type_)
    except (zlib.error, msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"the rules cannot be read: {error}", where="snapshot", remedy="Send them again, whole.") from None


class _Head(msgspec.Struct):
    format: int


def _check_format(raw: bytes) -> None:
    head: Any = msgspec.msgpack.decode(raw, type=_Head)
    if head.format != FORMAT:
        raise Invalid(
            f"the rules have format {head.format}, this controller knows {FORMAT}",
            where="snapshot",
            remedy="Update the controller.",
        )


def _broken() -> Invalid:
    return Invalid("the rules refer to rows that they lack", where="snapshot", remedy="Send them again, whole.")
