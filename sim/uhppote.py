"""A UHPPOTE board: 64-byte packets on UDP 60000, a ring of events, cards, time profiles, doors. `python -m sim.uhppote`.

It decides as such a board does, also where that is unwise: a card whose time profile is not there is let in. Faults: packets that
are lost or late, a clock that is off, a reset to defaults, firmware that knows no anti-passback.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote import wire
from sitewarden.drivers.uhppote.mapping import INTERLOCKS

NUMBER = 60000
OPEN, SHUT, CONTROLLED = 1, 2, 3
BACK = {code: {int(door) for door in name.replace(",", "-").split("-")} for name, code in INTERLOCKS.items() if code}
PAIRS: dict[int, tuple[tuple[set[int], set[int]], ...]] = {
    0: (),
    1: (({1}, {2}), ({3}, {4})),
    2: (({1, 3}, {2, 4}),),
    3: (({1}, {2, 3}),),
    4: (({1}, {2, 3, 4}),),
}
"""Anti-passback: readers on either side, by mode."""


@dataclass
class SimDoor:
    """One door."""

    mode: int = CONTROLLED
    delay: int = 5
    is_open: bool = False
    button: bool = False
    until: float = 0.0
    """Monotonic time at which it locks again."""


@dataclass
class Faults:
    """What goes wrong, and how often."""

    loss: float = 0.0
    """Share of answers and events that never leave."""
    latency: float = 0.0
    """Seconds until an answer leaves."""
    mute: bool = False
    """It takes orders and answers nothing."""
    refuse_cards: set[int] = field(default_factory=set)
    """Cards that it does not store."""


class SimBoard:
    """One board. `now` gives its wall clock before drift; `keep` is how many events it holds."""

    def __init__(
        self,
        serial: int = 405419896,
        *,
        now: Callable[[], datetime] = datetime.now,
        keep: int = 100_000,
        version: str = "8.92",
        seed: int = 1,
    ) -> None:
        self.serial, self.version = serial, version
        self.faults = Faults()
        self.slots: list[m.Card | None] = []
        """Cards by place; None where one was deleted."""
        self.profiles: dict[int, m.Profile] = {}
        self.doors = {number: SimDoor() for number in range(1, 5)}
        self.events: dict[int, m.Event] = {}
        self.newest = 0
        self.listener = ("0.0.0.0", 0)  # noqa: S104
        self.special = False
        self.pc_control = False
        self.interlock = self.antipassback = self.read_up_to = self.inputs = self.error = 0
        self.asked: list[m.Message] = []
        """Requests that arrived, for tests."""
        self._keep = keep
        self._now = now
        self.drift = timedelta()
        self._inside: dict[int, set[int]] = {}
        self._random = random.Random(seed)
        self._transport: asyncio.DatagramTransport | None = None
        self._later: set[asyncio.TimerHandle] = set()
        self.address = "0.0.0.0"  # noqa: S104

    # -- life ---------------------------------------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", number: int = NUMBER) -> int:
        """Serve; return the port."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind((host, number))
        sock.setblocking(False)
        self.address = host
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: _Serving(self), sock=sock)
        return int(sock.getsockname()[1])

    async def stop(self) -> None:
        """Lose power: nothing is answered, the memory stays."""
        for timer in self._later:
            timer.cancel()
        self._later.clear()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            await asyncio.sleep(0)

    def reset(self) -> None:
        """Go back to the defaults of the factory: no cards, no profiles, the log begins anew."""
        fresh = SimBoard(self.serial, now=self._now, keep=self._keep, version=self.version)
        for name in (
            "slots",
            "profiles",
            "doors",
            "events",
            "newest",
            "listener",
            "special",
            "interlock",
            "antipassback",
            "read_up_to",
        ):
            setattr(self, name, getattr(fresh, name))

    @property
    def clock(self) -> datetime:
        """Its wall clock."""
        return (self._now() + self.drift).replace(microsecond=0, tzinfo=None)

    @property
    def cards(self) -> dict[int, m.Card]:
        """The cards that it holds."""
        return {card.card: card for card in self.slots if card is not None}

    # -- what happens at the doors ------------------------------------------------------------------------------------

    def swipe(self, card: int, door: int = 1, direction: int = 1) -> bool:
        """Show a card at a reader; return whether the door was released."""
        reason = self._decide(card, door, direction)
        granted = reason == 1
        if granted:
            self._release(door)
        self._record(2 if granted and self.doors[door].mode == CONTROLLED else 1, granted, door, direction, card, reason)
        return granted

    def move(self, door: int, is_open: bool, *, forced: bool = False) -> None:
        """Open or close a door."""
        self.doors[door].is_open = is_open
        if forced:
            self._record(3, False, door, 1, 0, 38)
        elif self.special:
            self._record(2, True, door, 1, 8 if is_open else 9, 23 if is_open else 24)

    def held(self, door: int) -> None:
        """A door has been open for too long."""
        self._record(3, False, door, 1, 0, 37)

    def press(self, door: int) -> None:
        """Press the exit button of a door."""
        shut = self.doors[door].mode == SHUT
        if not shut:
            self._release(door)
        if self.special:
            self._record(3 if shut else 2, not shut, door, 1, 1, 31 if shut else 20)

    def alarm(self, reason: int) -> None:
        """An input of the board: 39 fire, 41 theft, 42 24-hour zone, 43 emergency."""
        self._record(3, False, 1, 1, 0, reason)

    def power(self) -> None:
        """Tell that power came on."""
        self._record(3, False, 1, 1, 0, 28)

    def unlocked(self, door: int) -> bool:
        """Tell whether a door's relay is on."""
        return self.doors[door].mode == OPEN or (self.doors[door].mode != SHUT and time.monotonic() < self.doors[door].until)

    def _decide(self, number: int, door: int, direction: int) -> int:
        if self.pc_control:
            return 5
        card = self.cards.get(number)
        if card is None:
            return 18
        right = (card.door_1, card.door_2, card.door_3, card.door_4)[door - 1]
        if not right:
            return 6
        today = self.clock.date()
        if (card.first and today < card.first) or (card.last and today > card.last):
            return 13
        if right > 1 and not self._profile_holds(right):
            return 15
        if self.doors[door].mode == SHUT:
            return 11
        if self._interlocked(door):
            return 12
        return 1 if self._passes(number, door, direction) else 8

    def _interlocked(self, door: int) -> bool:
        groups = [{1, 2}, {3, 4}] if self.interlock == 3 else [BACK.get(self.interlock, set())]
        return any(door in group and any(self.doors[other].is_open for other in group - {door}) for group in groups)

    def _passes(self, number: int, door: int, direction: int) -> bool:
        """Anti-passback: a card is to be shown on both sides in turn."""
        reader = door if self.serial // 100_000_000 == 4 else 2 * door - 2 + direction
        denied = self._inside.setdefault(number, set())
        if reader in denied:
            return False
        for one, other in PAIRS.get(self.antipassback, ()):
            for here, there in ((one, other), (other, one)):
                if reader in here:
                    denied |= here
                    denied -= there
        return True

    def _profile_holds(self, id_: int) -> bool:
        seen: set[int] = set()
        while 2 <= id_ <= 254 and id_ not in seen:
            seen.add(id_)
            profile = self.profiles.get(id_)
            if profile is None or self._within(profile):
                return True
            id_ = profile.linked
        return False

    def _within(self, profile: m.Profile) -> bool:
        now = self.clock
        days = (
            profile.monday,
            profile.tuesday,
            profile.wednesday,
            profile.thursday,
            profile.friday,
            profile.saturday,
            profile.sunday,
        )
        if (
            profile.first is None
            or profile.last is None
            or not profile.first <= now.date() <= profile.last
            or not days[now.weekday()]
        ):
            return False
        minute = now.hour * 60 + now.minute
        spans = ((profile.start_1, profile.end_1), (profile.start_2, profile.end_2), (profile.start_3, profile.end_3))
        return any(start <= minute <= end for start, end in spans)

    def _release(self, door: int) -> None:
        self.doors[door].until = time.monotonic() + self.doors[door].delay

    def _record(self, type_: int, granted: bool, door: int, direction: int, card: int, reason: int) -> None:
        self.newest += 1
        event = m.Event(
            serial=self.serial,
            index=self.newest,
            type=type_,
            granted=granted,
            door=door,
            direction=direction,
            card=card,
            time=self.clock,
            reason=reason,
        )
        self.events[self.newest] = event
        self.events.pop(self.newest - self._keep, None)
        if self.listener[1]:
            start = wire.START_OLD if self.version == "6.62" else wire.START
            self._send(wire.write_answer(wire.EVENT, self.status(), start=start), self.listener)

    def status(self) -> m.Status:
        """Return how it is."""
        last = self.events.get(self.newest)
        now = self.clock
        happened: dict[str, Any] = {
            name: getattr(last, name) if last is not None else (None if name == "time" else 0)
            for name in ("index", "type", "granted", "door", "direction", "card", "time", "reason")
        }
        happened |= {f"open_{number}": door.is_open for number, door in self.doors.items()}
        happened |= {f"button_{number}": door.button for number, door in self.doors.items()}
        return m.Status(
            serial=self.serial,
            **happened,
            error=self.error,
            clock=(now.hour, now.minute, now.second),
            relays=sum(1 << number - 1 for number in self.doors if self.unlocked(number)),
            inputs=self.inputs,
            day=now.date(),
        )

    # -- packets ------------------------------------------------------------------------------------------------------

    def take(self, data: bytes, sender: tuple[str, int]) -> None:
        """Answer a packet; what is none, or for another board, is not answered."""
        try:
            request = wire.read_request(data)
        except wire.WireError:
            return
        if request.serial not in (0, self.serial) or (request.serial == 0 and not isinstance(request, m.GetController)):
            return
        self.asked.append(request)
        answer = self.answer(request)
        if answer is not None and not self.faults.mute:
            self._send(wire.write_answer(wire.code_of(request), answer), sender)

    def answer(self, request: m.Message) -> m.Message | None:
        """Do what a request says, and return the answer; None where it gives none."""
        me = self.serial
        match request:
            case m.GetController():
                address = self.address if self.address != "0.0.0.0" else "192.168.1.100"  # noqa: S104
                return m.Controller(
                    serial=me,
                    address=address,
                    netmask="255.255.255.0",
                    gateway="192.168.1.1",
                    hardware="00:12:23:34:45:56",
                    version=self.version,
                    released=datetime(2018, 11, 5).date(),
                )
            case m.GetStatus():
                return self.status()
            case m.GetTime():
                return m.Time(serial=me, time=self.clock)
            case m.SetTime():
                if request.time is not None:
                    self.drift = request.time - self._now().replace(tzinfo=None)
                return m.Time(serial=me, time=self.clock)
            case m.OpenDoor():
                return m.Done(serial=me, ok=self._order_open(request.door))
            case m.GetEvent():
                return self._event_at(request.index)
            case m.GetEventIndex():
                return m.EventIndex(serial=me, index=self.read_up_to)
            case m.SetEventIndex():
                self.read_up_to = request.index
                return m.Done(serial=me, ok=request.sure == m.SURE)
            case m.GetListener():
                return m.Listener(serial=me, address=self.listener[0], port=self.listener[1])
            case m.GetDoor() | m.SetDoor():
                return self._door(request)
            case m.GetAntipassback():
                return m.Antipassback(serial=me, mode=self.antipassback) if self.version >= "8" else None
        held = self._cards_and_profiles(request)
        return held if held is not None else self._settings(request)

    def _settings(self, request: m.Message) -> m.Message | None:
        ok = True
        match request:
            case m.SetListener():
                self.listener = (request.address, request.port)
            case m.SetInterlock():
                ok = request.mode == 0 or request.mode in BACK
                self.interlock = request.mode if ok else self.interlock
            case m.SetAntipassback():
                ok = request.mode in PAIRS
                if ok and request.mode != self.antipassback:
                    self.antipassback, self._inside = request.mode, {}
            case m.SetSpecialEvents():
                self.special = request.on
            case m.SetPcControl():
                ok = request.sure == m.SURE
                self.pc_control = request.on and ok
            case _:
                return None
        return m.Done(serial=self.serial, ok=ok)

    def _cards_and_profiles(self, request: m.Message) -> m.Message | None:
        me = self.serial
        none = m.Card(serial=me, card=0, first=None, last=None)
        match request:
            case m.CountCards():
                return m.Cards(serial=me, count=len(self.cards))
            case m.GetCard():
                return self.cards.get(request.card, none)
            case m.GetCardAt():
                if not 1 <= request.index <= len(self.slots):
                    return none
                return self.slots[request.index - 1] or msgspec.structs.replace(none, card=0xFFFFFFFF)
            case m.PutCard():
                return m.Done(serial=me, ok=self._put(request))
            case m.DeleteCard():
                known = request.card in self.cards
                self.slots = [None if card is not None and card.card == request.card else card for card in self.slots]
                return m.Done(serial=me, ok=known)
            case m.DeleteCards():
                if request.sure == m.SURE:
                    self.slots = []
                return m.Done(serial=me, ok=request.sure == m.SURE)
            case m.SetProfile():
                ok = 2 <= request.id <= 254
                if ok:
                    self.profiles[request.id] = m.Profile(**msgspec.structs.asdict(request))
                return m.Done(serial=me, ok=ok)
            case m.GetProfile():
                empty = m.Profile(
                    serial=me, id=0, first=None, last=None, monday=False, tuesday=False, wednesday=False, thursday=False,
                    friday=False, saturday=False, sunday=False,
                )  # fmt: skip
                return self.profiles.get(request.id, empty)
            case m.ClearProfiles():
                if request.sure == m.SURE:
                    self.profiles = {}
                return m.Done(serial=me, ok=request.sure == m.SURE)
        return None

    def _put(self, request: m.PutCard) -> bool:
        if request.card in (*m.NO_CARD, 0x00FFFFFF) or request.card in self.faults.refuse_cards:
            return False
        card = m.Card(**msgspec.structs.asdict(request))
        for place, held in enumerate(self.slots):
            if held is not None and held.card == card.card:
                self.slots[place] = card
                return True
        self.slots.append(card)
        return True

    def _order_open(self, door: int) -> bool:
        if door not in self.doors or self._interlocked(door) or self.doors[door].mode == SHUT:
            return False
        self._release(door)
        self._record(2, True, door, 1, 3922570474, 44)
        return True

    def _door(self, request: m.GetDoor | m.SetDoor) -> m.Message | None:
        door = self.doors.get(request.door)
        if door is None:
            return None
        if isinstance(request, m.SetDoor) and request.mode in (OPEN, SHUT, CONTROLLED):
            door.mode, door.delay = request.mode, request.delay
        return m.Door(serial=self.serial, door=request.door, mode=door.mode, delay=door.delay)

    def _event_at(self, index: int) -> m.Event:
        nothing = m.Event(
            serial=self.serial, index=index, type=0, granted=False, door=0, direction=0, card=0, time=None, reason=0
        )
        if not self.events:
            return msgspec.structs.replace(nothing, index=0)
        oldest = next(iter(self.events))
        if index == 0:
            return self.events[oldest]
        if index == m.NEWEST:
            return self.events[self.newest]
        if index < oldest:
            return msgspec.structs.replace(nothing, type=m.OVERWRITTEN)
        return self.events.get(index, msgspec.structs.replace(nothing, index=0))

    def _send(self, data: bytes, to: tuple[str, int]) -> None:
        if self._transport is None or self._random.random() < self.faults.loss:
            return
        if not self.faults.latency:
            self._transport.sendto(data, to)
            return

        def late() -> None:
            self._later.discard(timer)
            if self._transport is not None:
                self._transport.sendto(data, to)

        timer = asyncio.get_running_loop().call_later(self.faults.latency, late)
        self._later.add(timer)


class _Serving(asyncio.DatagramProtocol):
    def __init__(self, board: SimBoard) -> None:
        self._board = board

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._board.take(data, (str(addr[0]), int(addr[1])))


async def serve(host: str, number: int, serial: int, busy: float) -> None:
    """Serve a board until cancelled; with `busy`, somebody comes to a door every so many seconds."""
    board = SimBoard(serial)
    print(f"board {serial} listening on {host}:{await board.start(host, number)}", flush=True)  # noqa: T201
    draw = random.Random()
    try:
        while True:
            await asyncio.sleep(draw.expovariate(1 / busy) if busy else 3600.0)
            cards, door = list(board.cards) or [10058400], draw.choice(list(board.doors))
            if board.swipe(draw.choice(cards), door):
                board.move(door, True)
                await asyncio.sleep(2.0)
                board.move(door, False)
    finally:
        await board.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="sim.uhppote", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=NUMBER)
    parser.add_argument("--serial", type=int, default=405419896)
    parser.add_argument("--busy", type=float, default=0.0, metavar="SECONDS", help="somebody comes to a door this often")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options.host, options.port, options.serial, options.busy))


if __name__ == "__main__":
    main()
