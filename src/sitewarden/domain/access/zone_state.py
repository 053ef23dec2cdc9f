"""What has happened in the zones: one value, handed to `decide` and to `advance`, which returns the next one.

How it is used, on the server and on a controller alike:

    zones = held_by(rules, node, zones)                # a controller's own zones, again after new rules; on the server: node ""
    decision = decide(rules, request, door, zones, now)
    for fact in facts_of(request, decision, now):      # who was let in (a place is kept for them), or broke a rule
        zones = advance(rules, zones, fact)
    zones = advance(rules, zones, Passed(...))         # once the door was opened, or at once where it has no contact

Facts are small, ordered by time, and travel as they are: whoever applies the same facts to the same rules has the same state.
`encode` and `decode` keep a state over a restart. A state never changes; keeping an old one costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from sitewarden.domain.access.shards import Shards
from sitewarden.domain.errors import Invalid

Word = Annotated[str, Meta(max_length=90)]
Time = Annotated[int, Meta(ge=0, le=2**62)]
Names = Annotated[tuple[Word, ...], Meta(max_length=2)]


class Granted(Struct, frozen=True, array_like=True, tag="granted"):
    """Holders may pass an access point now; until they do, a place is kept for them."""

    access_point: Word
    holders: Names
    time: Time


class Passed(Struct, frozen=True, array_like=True, tag="passed"):
    """Holders went through an access point."""

    access_point: Word
    holders: Names
    time: Time


class NotPassed(Struct, frozen=True, array_like=True, tag="not-passed"):
    """Holders who were let in did not go."""

    access_point: Word
    holders: Names
    time: Time


class Violated(Struct, frozen=True, array_like=True, tag="violated"):
    """A credential broke anti-passback (ONVIF AntipassbackState), whether it was refused or not."""

    zone: Word
    credential: Word
    time: Time


class DoorShut(Struct, frozen=True, array_like=True, tag="door-shut"):
    """A door is closed and locked, or is not."""

    door: Word
    shut: bool
    time: Time


class Fire(Struct, frozen=True, array_like=True, tag="fire"):
    """The input of a fire zone changed."""

    zone: Word
    active: bool
    time: Time


class Arm(Struct, frozen=True, array_like=True, tag="arm"):
    """An intrusion zone was armed or disarmed."""

    zone: Word
    armed: bool
    time: Time


class Forgive(Struct, frozen=True, array_like=True, tag="forgive"):
    """Where a holder is, is forgotten, and what their credentials broke. Empty stands for every zone, every holder."""

    zone: Word = ""
    holder: Word = ""
    credentials: Annotated[tuple[Word, ...], Meta(max_length=64)] = ()
    time: Time = 0


Fact = Granted | Passed | NotPassed | Violated | DoorShut | Fire | Arm | Forgive


class Place(Struct, frozen=True, array_like=True, gc=False):
    """Where a holder is within a zone: one of its areas, empty outside of them."""

    area: str
    since: int


class Entries(Struct, frozen=True, array_like=True, gc=False):
    """Entries of a holder since `start`, and the last one."""

    start: int
    count: int
    last: int


class ZoneState(Struct, frozen=True, kw_only=True):
    """All that the rules of zones remember, by reference of the zone. `held` are the zones that it knows of; None: all."""

    held: frozenset[str] | None = None
    places: Mapping[str, Shards[Place]] = msgspec.field(default_factory=dict)
    inside: Mapping[str, int] = msgspec.field(default_factory=dict)
    """How many people a zone's areas hold."""
    entries: Mapping[str, Shards[Entries]] = msgspec.field(default_factory=dict)
    awaited: Mapping[str, Mapping[str, int]] = msgspec.field(default_factory=dict)
    """Zone to holder to the moment until which a place is kept for them."""
    open_doors: Mapping[str, int] = msgspec.field(default_factory=dict)
    """Door to the moment until which it is taken to be open; 0: until it is told shut."""
    first: Mapping[str, int] = msgspec.field(default_factory=dict)
    """When the first person came last."""
    armed: Mapping[str, int] = msgspec.field(default_factory=dict)
    """Since when a zone is armed."""
    fire: frozenset[str] = frozenset()
    violated: Mapping[str, tuple[str, int]] = msgspec.field(default_factory=dict)
    """Credential to the zone that it broke, and when."""

    def place(self, zone: str, holder: str) -> Place | None:
        """Return where a holder is; None where nobody knows."""
        shards = self.places.get(zone)
        return shards.get(holder) if shards is not None else None

    def people(self, zone: str) -> Iterator[tuple[str, Place]]:
        """Yield the holders within a zone's areas, for a roll call."""
        shards = self.places.get(zone)
        for holder, place in shards.items() if shards is not None else ():
            if place.area:
                yield holder, place


MAX_VIOLATED: Final = 100_000
"""Credentials kept as having broken anti-passback; the oldest goes."""


class Draft:
    """A state in the making: what is put is copied, all else is shared with the state that it comes from."""

    def __init__(self, state: ZoneState) -> None:
        self._state = state
        self._new: dict[str, Any] = {}

    def read(self, field: str) -> Mapping[str, Any]:
        """Return a mapping of the state as it is now."""
        found: Mapping[str, Any] = self._new[field] if field in self._new else getattr(self._state, field)
        return found

    def write(self, field: str) -> dict[str, Any]:
        """Return a mapping that may be changed."""
        mapping: dict[str, Any] | None = self._new.get(field)
        if mapping is None:
            mapping = self._new[field] = dict(getattr(self._state, field))
        return mapping

    def set_fire(self, fire: frozenset[str]) -> None:
        """Put the zones in which it burns."""
        self._new["fire"] = fire

    def move(self, zone: str, holder: str, place: Place | None) -> None:
        """Put a holder somewhere, or forget where they are; the count of those inside follows.

        What comes after a later passage of the same holder changes nothing: logs of several controllers arrive as they can.
        """
        shards: Shards[Place] = self.read("places").get(zone) or Shards()
        before = shards.get(holder)
        if before is None:
            if place is None:
                return
        elif place is not None and place.since < before.since:
            return
        self.write("places")[zone] = shards.without(holder) if place is None else shards.put(holder, place)
        more = bool(place is not None and place.area) - bool(before is not None and before.area)
        if more:
            self.write("inside")[zone] = self.read("inside").get(zone, 0) + more

    def done(self) -> ZoneState:
        """Return the new state."""
        return msgspec.structs.replace(self._state, **self._new) if self._new else self._state


_encoder = msgspec.msgpack.Encoder()


class _Kept(Struct, array_like=True):
    format: int
    held: list[str] | None
    places: dict[str, dict[str, Place]]
    entries: dict[str, dict[str, Entries]]
    open_doors: dict[str, int]
    first: dict[str, int]
    armed: dict[str, int]
    fire: list[str]
    violated: dict[str, tuple[str, int]]


_decoder = msgspec.msgpack.Decoder(_Kept)
_FORMAT: Final = 1


def encode(state: ZoneState) -> bytes:
    """Return the bytes of a state. Places that were kept for people who did not come yet are left out."""
    return _encoder.encode(
        _Kept(
            _FORMAT,
            None if state.held is None else sorted(state.held),
            {zone: dict(shards.items()) for zone, shards in state.places.items()},
            {zone: dict(shards.items()) for zone, shards in state.entries.items()},
            dict(state.open_doors),
            dict(state.first),
            dict(state.armed),
            sorted(state.fire),
            dict(state.violated),
        )
    )


def decode(data: bytes) -> ZoneState:
    """Return the state of such bytes; raises Invalid where they are none."""
    try:
        kept = _decoder.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(
            f"the state of the zones cannot be read: {error}", where="zones", remedy="Begin with an empty one."
        ) from None
    if kept.format != _FORMAT:
        raise Invalid(f"the state of the zones has format {kept.format}", where="zones", remedy="Begin with an empty one.")
    return ZoneState(
        held=None if kept.held is None else frozenset(kept.held),
        places={zone: Shards.of(places) for zone, places in kept.places.items()},
        inside={zone: sum(1 for place in places.values() if place.area) for zone, places in kept.places.items()},
        entries={zone: Shards.of(entries) for zone, entries in kept.entries.items()},
        open_doors=kept.open_doors,
        first=kept.first,
        armed=kept.armed,
        fire=frozenset(kept.fire),
        violated=kept.violated,
    )
