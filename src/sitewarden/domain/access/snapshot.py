"""The compiled snapshot: all that a decision needs, versioned, in columns, as it is sent to controllers.

Rows refer to each other by their place. Credentials are columns: lists of text, and packed little-endian integers.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from array import array
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from sitewarden.domain.access.calendars import zone_of
from sitewarden.domain.access.recurrence import Rule
from sitewarden.domain.errors import Invalid

FORMAT = 1
MAX_PACKED = 256 * 1024 * 1024
"""Bytes of a snapshot before compression that a controller takes."""
NEVER = -(1 << 62)
FOREVER = 1 << 62

CREDENTIAL_ENABLED, HOLDER_ENABLED, EXTENDED = 1, 2, 4
_encoder = msgspec.msgpack.Encoder()


class ScheduleRow(Struct, frozen=True, array_like=True):
    """A schedule; `rules` None means always."""

    id: str
    name: str
    rules: tuple[Rule, ...] | None


class DoorRow(Struct, frozen=True, array_like=True):
    """A door with its timings in seconds; `controller` and `output` say what drives its lock."""

    id: str
    name: str
    controller: str
    output: int
    release_time: float
    open_time: float
    extended_release_time: float
    extended_open_time: float
    delay_before_relock: float
    pre_alarm_time: float


class PointRow(Struct, frozen=True, array_like=True):
    """An access point; `door` is the place of its door, `reader` its reader on the door's controller."""

    id: str
    name: str
    door: int
    reader: int
    authentication: str
    enabled: bool


class ControllerRow(Struct, frozen=True, array_like=True):
    """A controller and who decides for it: "local" or "server"; `away`: "decide" or "deny" where the server does not answer."""

    id: str
    name: str
    matching: str
    away: str = "decide"


class ProfileRow(Struct, frozen=True, array_like=True):
    """An access profile: pairs of (place of the access point, place of the schedule)."""

    id: str
    name: str
    enabled: bool
    policies: tuple[tuple[int, int], ...]


class CredentialRow(Struct, frozen=True, array_like=True):
    """One credential, as columns give it back."""

    id: str
    holder: str
    card: str
    flags: int
    valid_from: int
    valid_to: int
    bundle: int
    pin: bytes | None
    disabled: str


class Credentials(Struct, frozen=True, array_like=True):
    """The columns. `flags` is a byte each, `valid_*` 8 bytes each, `bundles` 4 bytes each; `pins`, `disabled` are sparse."""

    ids: list[str]
    holders: list[str]
    cards: list[str]
    flags: bytes
    valid_from: bytes
    valid_to: bytes
    bundles: bytes
    pins: dict[int, bytes]
    disabled: dict[int, str]


class Snapshot(Struct, frozen=True, kw_only=True):
    """One version of all rules. `version` grows; `bundles` are the distinct sets of (profile, valid from, valid to)."""

    format: Annotated[int, Meta(ge=1)] = FORMAT
    version: int
    zone: str
    pin_key: bytes = b""
    controllers: tuple[ControllerRow, ...] = ()
    schedules: tuple[ScheduleRow, ...] = ()
    doors: tuple[DoorRow, ...] = ()
    points: tuple[PointRow, ...] = ()
    profiles: tuple[ProfileRow, ...] = ()
    bundles: tuple[tuple[tuple[int, int, int], ...], ...] = ()
    credentials: Credentials


class Packed(Struct, frozen=True, kw_only=True):
    """A snapshot as it travels: compressed msgpack, its SHA-256, and the version."""

    version: int
    digest: str
    data: bytes


def pack(snapshot: Snapshot) -> Packed:
    """Return the snapshot as it travels. The same rules give the same bytes."""
    data = zlib.compress(_encoder.encode(snapshot), 1)
    return Packed(version=snapshot.version, digest=hashlib.sha256(data).hexdigest(), data=data)


def unpack(data: bytes) -> Snapshot:
    """Return the snapshot of packed bytes; raises Invalid where they are not one, or of a format that is not known here."""
    try:
        stream = zlib.decompressobj()
        raw = stream.decompress(data, MAX_PACKED)
        if stream.unconsumed_tail or not stream.eof:
            raise Invalid("the snapshot is cut short or above the limit", where="snapshot", remedy="Send it again, whole.")
        snapshot = msgspec.msgpack.decode(raw, type=Snapshot)
    except (zlib.error, msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"the snapshot cannot be read: {error}", where="snapshot", remedy="Send it again, whole.") from None
    if snapshot.format != FORMAT:
        raise Invalid(
            f"the snapshot has format {snapshot.format}, this controller knows {FORMAT}",
            where="snapshot",
            remedy="Update the controller.",
        )
    _check(snapshot)
    return snapshot


def integers(code: str, data: bytes) -> array[int]:
    """Return a packed column; `code` is "q" (8 bytes) or "I" (4 bytes)."""
    column: array[int] = array(code)
    if len(data) % column.itemsize:
        raise Invalid("a column is cut short", where="snapshot", remedy="Send the snapshot again, whole.")
    column.frombytes(data)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def packed_integers(column: array[int]) -> bytes:
    """Return a column as it travels."""
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()


def _check(snapshot: Snapshot) -> None:
    """Raise Invalid where rows refer to rows that are not there."""
    rows = snapshot.credentials
    count = len(rows.ids)
    lengths = {len(rows.holders), len(rows.cards), len(rows.flags), len(rows.valid_from) // 8, len(rows.valid_to) // 8}
    whole = lengths == {count} and len(rows.bundles) == 4 * count
    whole = whole and all(0 <= slot < count for table in (rows.pins, rows.disabled) for slot in table)
    whole = whole and all(0 <= point.door < len(snapshot.doors) for point in snapshot.points)
    whole = whole and all(
        0 <= point < len(snapshot.points) and 0 <= schedule < len(snapshot.schedules)
        for profile in snapshot.profiles
        for point, schedule in profile.policies
    )
    whole = whole and all(0 <= place < len(snapshot.profiles) for bundle in snapshot.bundles for place, _, _ in bundle)
    for zone in {rule.zone for schedule in snapshot.schedules for rule in schedule.rules or ()}:
        zone_of(zone)
    whole = whole and (not count or max(integers("I", rows.bundles)) < len(snapshot.bundles))
    if not whole:
        raise Invalid("the snapshot refers to rows that it lacks", where="snapshot", remedy="Send it again, whole.")
