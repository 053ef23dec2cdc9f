"""What the server and a UHPPOTE board say to each other. Pure values; `wire` has their bytes.

Requests first, then answers. Dates and times are those of the wall clock where the board hangs, since it knows no zone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from msgspec import Struct

SURE: Final = 0x55AAAA55
"""What orders that lose something carry, so that a stray packet does nothing."""
NEWEST: Final = 0xFFFFFFFF
"""Index that stands for the newest event."""
NO_CARD: Final = (0, 0xFFFFFFFF)
"""Card numbers of an answer where there is no card: never held, and deleted."""
OVERWRITTEN: Final = 0xFF
"""Type of an event that the board no longer holds."""


class Message(Struct, frozen=True, kw_only=True):
    """Base: `serial` is the board's serial number; 0 in a request asks every board."""

    serial: int


# -- requests ---------------------------------------------------------------------------------------------------------


class GetController(Message, frozen=True, kw_only=True):
    """Who are you?"""


class GetTime(Message, frozen=True, kw_only=True):
    """What time is it?"""


class SetTime(Message, frozen=True, kw_only=True):
    """Take this time of the wall clock."""

    time: datetime | None


class GetStatus(Message, frozen=True, kw_only=True):
    """How are doors, buttons, relays and inputs, and what was the last event?"""


class OpenDoor(Message, frozen=True, kw_only=True):
    """Release a door for its delay."""

    door: int


class CountCards(Message, frozen=True, kw_only=True):
    """How many cards do you hold?"""


class GetCard(Message, frozen=True, kw_only=True):
    """What do you hold of this card?"""

    card: int


class GetCardAt(Message, frozen=True, kw_only=True):
    """Which card is at this place, from 1?"""

    index: int


class PutCard(Message, frozen=True, kw_only=True):
    """Hold this card. A door is 0 (never), 1 (always) or the id of a time profile."""

    card: int
    first: date | None
    last: date | None
    door_1: int = 0
    door_2: int = 0
    door_3: int = 0
    door_4: int = 0
    pin: int = 0


class DeleteCard(Message, frozen=True, kw_only=True):
    """Forget this card."""

    card: int


class DeleteCards(Message, frozen=True, kw_only=True):
    """Forget all cards."""

    sure: int = SURE


class GetDoor(Message, frozen=True, kw_only=True):
    """How is this door controlled?"""

    door: int


class SetDoor(Message, frozen=True, kw_only=True):
    """Control this door so: mode 1 normally open, 2 normally closed, 3 controlled; delay in seconds."""

    door: int
    mode: int
    delay: int


class GetAntipassback(Message, frozen=True, kw_only=True):
    """Which readers are paired for anti-passback?"""


class SetAntipassback(Message, frozen=True, kw_only=True):
    """0 none, 1 (1:2)(3:4), 2 (1,3:2,4), 3 (1:2,3), 4 (1:2,3,4)."""

    mode: int


class SetInterlock(Message, frozen=True, kw_only=True):
    """0 none, 1 doors 1 2, 2 doors 3 4, 3 both pairs, 4 doors 1 2 3, 8 all four. It cannot be asked for."""

    mode: int


class SetProfile(Message, frozen=True, kw_only=True):
    """Hold this time profile, 2 to 254: days from `first` to `last`, weekdays, three spans in minutes, and a further profile."""

    id: int
    first: date | None
    last: date | None
    monday: bool
    tuesday: bool
    wednesday: bool
    thursday: bool
    friday: bool
    saturday: bool
    sunday: bool
    start_1: int = 0
    end_1: int = 0
    start_2: int = 0
    end_2: int = 0
    start_3: int = 0
    end_3: int = 0
    linked: int = 0


class GetProfile(Message, frozen=True, kw_only=True):
    """What do you hold of this time profile?"""

    id: int


class ClearProfiles(Message, frozen=True, kw_only=True):
    """Forget all time profiles. A card that refers to one that is gone opens its door at any time."""

    sure: int = SURE


class SetSpecialEvents(Message, frozen=True, kw_only=True):
    """Record also that doors open and close and that buttons are pressed."""

    on: bool


class SetListener(Message, frozen=True, kw_only=True):
    """Send events there; `interval` in seconds sends the status too, 0 does not."""

    address: str
    port: int
    interval: int = 0


class GetListener(Message, frozen=True, kw_only=True):
    """Where do events go?"""


class SetPcControl(Message, frozen=True, kw_only=True):
    """Let the server decide on each card; off, the board does."""

    sure: int = SURE
    on: bool = False


class GetEvent(Message, frozen=True, kw_only=True):
    """What is the event of this index? 0 is the oldest, NEWEST the newest."""

    index: int


class GetEventIndex(Message, frozen=True, kw_only=True):
    """Up to which event did somebody read?"""


class SetEventIndex(Message, frozen=True, kw_only=True):
    """Remember that somebody read up to this event."""

    index: int
    sure: int = SURE


# -- answers ----------------------------------------------------------------------------------------------------------


class Controller(Message, frozen=True, kw_only=True):
    """Who a board is."""

    address: str
    netmask: str
    gateway: str
    hardware: str
    version: str
    """"8.92"."""
    released: date | None


class Time(Message, frozen=True, kw_only=True):
    """Its wall clock; None where that shows no time at all."""

    time: datetime | None


class Status(Message, frozen=True, kw_only=True):
    """How it is, and its newest event (`index` 0: none). A live event has the same form."""

    index: int
    type: int
    granted: bool
    door: int
    direction: int
    card: int
    time: datetime | None
    reason: int
    open_1: bool = False
    open_2: bool = False
    open_3: bool = False
    open_4: bool = False
    button_1: bool = False
    button_2: bool = False
    button_3: bool = False
    button_4: bool = False
    error: int = 0
    clock: tuple[int, int, int] = (0, 0, 0)
    sequence: int = 0
    special: int = 0
    relays: int = 0
    inputs: int = 0
    day: date | None = None

    @property
    def now(self) -> datetime | None:
        """Its wall clock."""
        hour, minute, second = self.clock
        if self.day is None or hour > 23 or minute > 59 or second > 59:
            return None
        return datetime(self.day.year, self.day.month, self.day.day, hour, minute, second)

    def open(self, door: int) -> bool:
        """Tell whether the contact of a door, 1 to 4, is open."""
        return (self.open_1, self.open_2, self.open_3, self.open_4)[door - 1]

    def unlocked(self, door: int) -> bool:
        """Tell whether the relay of a door, 1 to 4, is on."""
        return bool(self.relays >> (door - 1) & 1)


class Event(Message, frozen=True, kw_only=True):
    """One event of its log. Type 0: there is none of this index; OVERWRITTEN: no longer."""

    index: int
    type: int
    granted: bool
    door: int
    direction: int
    card: int
    time: datetime | None
    reason: int


class Cards(Message, frozen=True, kw_only=True):
    """How many cards it holds."""

    count: int


class Card(Message, frozen=True, kw_only=True):
    """What it holds of a card; a number of NO_CARD means that it holds none."""

    card: int
    first: date | None
    last: date | None
    door_1: int = 0
    door_2: int = 0
    door_3: int = 0
    door_4: int = 0
    pin: int = 0


class Door(Message, frozen=True, kw_only=True):
    """How a door is controlled."""

    door: int
    mode: int
    delay: int


class Antipassback(Message, frozen=True, kw_only=True):
    """Which readers are paired."""

    mode: int


class Profile(SetProfile, frozen=True, kw_only=True):
    """What it holds of a time profile; id 0 where it holds none."""


class Listener(SetListener, frozen=True, kw_only=True):
    """Where its events go."""


class EventIndex(Message, frozen=True, kw_only=True):
    """Up to which event somebody read."""

    index: int


class Done(Message, frozen=True, kw_only=True):
    """Whether it did what it was told."""

    ok: bool
