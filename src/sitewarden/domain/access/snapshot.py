"""The compiled snapshot: all that a decision needs, versioned, as it is sent to controllers.

Two parts. `Tables` are what a site has hundreds or thousands of; its rows refer to each other by their place, -1 is none, and
they change as a whole. Holders and credentials, of which it has a million, are columns sorted by id: lists of text and packed
little-endian integers; they name profiles and groups by id, so that tables may change without them.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sitewarden.domain.access.model import DoorKind
from sitewarden.domain.access.recurrence import Rule

FORMAT = 2
NEVER = -(1 << 62)
FOREVER = 1 << 62

CREDENTIAL_ENABLED, EXTENDED = 1, 4
"""Flags of a credential."""
HOLDER_ENABLED, EXEMPT, VISITOR = 1, 2, 4
"""Flags of a holder; EXEMPT is from anti-passback."""

Link = tuple[str, int, int]
"""(profile, valid from, valid to), microseconds since 1970 UTC."""
Range = tuple[Annotated[int, Meta(ge=0, le=86_400)], Annotated[int, Meta(ge=0, le=86_400)]]
"""Seconds of a day, the end exclusive."""


class ScheduleRow(Struct, frozen=True, array_like=True):
    """A schedule; `rules` None means always. `special` are days and the times that hold on them; the first counts."""

    id: str
    name: str
    rules: tuple[Rule, ...] | None
    special: tuple[tuple[tuple[Rule, ...], tuple[Range, ...]], ...] = ()


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
    kind: DoorKind = "door"
    unlock_schedule: int = -1
    """Place of the schedule of the unlock; -1 where there is none."""
    first_person: bool = False
    exit_releases: bool = True


class AreaRow(Struct, frozen=True, array_like=True):
    """An area and the one that it lies in."""

    id: str
    name: str
    parent: int


class PointRow(Struct, frozen=True, array_like=True):
    """An access point; `door` is the place of its door, `reader` its reader on the door's controller."""

    id: str
    name: str
    door: int
    reader: int
    authentication: str
    enabled: bool
    area_from: int = -1
    area_to: int = -1
    profile: int = -1
    """Its authentication profile."""
    formats: tuple[int, ...] = ()


class AuthenticationRow(Struct, frozen=True, array_like=True):
    """An authentication profile: (schedule, level, whether two holders are asked for); the second one's time in microseconds."""

    id: str
    policies: tuple[tuple[int, str, bool], ...]
    dual_window: int


class FormatRow(Struct, frozen=True, array_like=True):
    """A card format: count of bits, whether its bytes come reversed, and its parities.

    A parity is (hex mask of its own bit and all that it covers, whether the count of ones is odd).
    """

    id: str
    name: str
    bits: Annotated[int, Meta(ge=1, le=256)]
    reversed: bool
    parities: tuple[tuple[Annotated[str, Meta(max_length=64)], bool], ...]


class ControllerRow(Struct, frozen=True, array_like=True):
    """A controller and who decides for it: "local" or "server"."""

    id: str
    name: str
    matching: str


class ProfileRow(Struct, frozen=True, array_like=True):
    """An access profile: pairs of (place of the access point, place of the schedule)."""

    id: str
    name: str
    enabled: bool
    policies: tuple[tuple[int, int], ...]


class GroupRow(Struct, frozen=True, array_like=True):
    """A group of holders and the profiles of its members: (place, valid from, valid to)."""

    id: str
    name: str
    links: tuple[tuple[int, int, int], ...]


class ZoneRow(Struct, frozen=True, array_like=True):
    """What all zones have. `home` is the controller that holds the zone, empty where it is the server's; `exempt` are groups."""

    id: str
    name: str
    home: str
    deny_offline: bool
    exempt: tuple[int, ...]


class AntipassbackRow(ZoneRow, frozen=True, array_like=True, tag="antipassback-zone"):
    """Times in microseconds."""

    areas: tuple[int, ...]
    timed: bool
    hard: bool
    window: int
    reset_after: int
    reset_schedule: int


class OccupancyRow(ZoneRow, frozen=True, array_like=True, tag="occupancy-zone"):
    """At most `limit` within `areas`."""

    areas: tuple[int, ...]
    limit: int
    hard: bool


class InterlockRow(ZoneRow, frozen=True, array_like=True, tag="interlock-zone"):
    """One of `doors` at a time."""

    doors: tuple[int, ...]


class EntranceLimitRow(ZoneRow, frozen=True, array_like=True, tag="entrance-limit-zone"):
    """`interval` in microseconds, 0 means none; as is `limit`."""

    points: tuple[int, ...]
    limit: int
    schedule: int
    interval: int
    hard: bool


class FirstPersonRow(ZoneRow, frozen=True, array_like=True, tag="first-person-zone"):
    """`groups` empty means anybody."""

    doors: tuple[int, ...]
    groups: tuple[int, ...]
    schedule: int
    hold_others: bool


class FireRow(ZoneRow, frozen=True, array_like=True, tag="fire-zone"):
    """`inputs` are (controller, input)."""

    doors: tuple[int, ...]
    inputs: tuple[tuple[str, int], ...]


class IntrusionRow(ZoneRow, frozen=True, array_like=True, tag="intrusion-zone"):
    """Delays in microseconds; `arm` and `disarm` are groups."""

    areas: tuple[int, ...]
    arm: tuple[int, ...]
    disarm: tuple[int, ...]
    on_entry: bool
    entry_delay: int
    exit_delay: int


AnyZoneRow = AntipassbackRow | OccupancyRow | InterlockRow | EntranceLimitRow | FirstPersonRow | FireRow | IntrusionRow


class Tables(Struct, frozen=True, kw_only=True):
    """All but people. `zone` is the site's IANA zone, `pin_key` its key for PINs."""

    zone: str
    pin_key: bytes = b""
    controllers: tuple[ControllerRow, ...] = ()
    schedules: tuple[ScheduleRow, ...] = ()
    authentications: tuple[AuthenticationRow, ...] = ()
    formats: tuple[FormatRow, ...] = ()
    areas: tuple[AreaRow, ...] = ()
    doors: tuple[DoorRow, ...] = ()
    points: tuple[PointRow, ...] = ()
    profiles: tuple[ProfileRow, ...] = ()
    groups: tuple[GroupRow, ...] = ()
    zones: tuple[AnyZoneRow, ...] = ()


class HolderRow(Struct, frozen=True, array_like=True, gc=False):
    """One holder, as the columns give it back; `groups` are ids."""

    id: str
    flags: int
    valid_from: int
    valid_to: int
    groups: tuple[str, ...]


class CredentialRow(Struct, frozen=True, array_like=True, gc=False):
    """One credential, as the columns give it back. `keys` are what it is found by: "26:2a6f3b1", "face:3f2a"."""

    id: str
    holder: str
    keys: tuple[str, ...]
    flags: int
    valid_from: int
    valid_to: int
    links: tuple[Link, ...]
    pin: bytes = b""
    duress: bytes = b""
    disabled: str = ""


class Holders(Struct, frozen=True, array_like=True):
    """The columns of holders, sorted by id. `flags` a byte each, `valid_*` 8 each, `groups` 4 each: the place in `sets`."""

    ids: list[str]
    flags: bytes
    valid_from: bytes
    valid_to: bytes
    groups: bytes
    sets: tuple[tuple[str, ...], ...]
    """The distinct sets of groups."""


class Credentials(Struct, frozen=True, array_like=True):
    """The columns of credentials, sorted by id. `holders` and `bundles` are 4 bytes each: places in the holders and in `sets`."""

    ids: list[str]
    holders: bytes
    keys: list[str]
    flags: bytes
    valid_from: bytes
    valid_to: bytes
    bundles: bytes
    sets: tuple[tuple[Link, ...], ...]
    """The distinct sets of profiles."""
    more: dict[int, tuple[str, ...]]
    """Keys beyond the first, by place; as are PINs, duress PINs and reasons."""
    pins: dict[int, bytes]
    duress: dict[int, bytes]
    disabled: dict[int, str]


class Snapshot(Struct, frozen=True, kw_only=True):
    """One version of all rules; `version` grows."""

    format: Annotated[int, Meta(ge=1)] = FORMAT
    version: int
    tables: Tables
    holders: Holders
    credentials: Credentials


class Delta(Struct, frozen=True, kw_only=True):
    """What leads from the rules with the digest `before` to those with `after`: rows to put and ids to take away.

    It fits exactly one version; to any other one the snapshot goes whole. `tables` None means that they stay.
    """

    format: Annotated[int, Meta(ge=1)] = FORMAT
    version: int
    """Version of the rules after it."""
    before: str
    after: str
    tables: Tables | None = None
    holders: tuple[HolderRow, ...] = ()
    holders_gone: tuple[str, ...] = ()
    credentials: tuple[CredentialRow, ...] = ()
    credentials_gone: tuple[str, ...] = ()


class Packed(Struct, frozen=True, kw_only=True):
    """A snapshot or delta as it travels: compressed msgpack, and the version and digest of the rules that it leads to.

    The digest stands for what the rules say (`digest.py`), not for the bytes: the same after a delta as after a snapshot.
    """

    version: int
    digest: str
    data: bytes
