"""A controller board with simulated relays, contacts and readers, and doors that people walk through."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from sitewarden.domain.access.cards import parse_card
from sitewarden.nodes.controller.hardware import Events, Signal
from sitewarden.nodes.controller.settings import LockSettings


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a swipe. Times are of `time.perf_counter`, seconds.

    `released` is when the lock was driven, `shown` where it was released already, None where it stayed locked.
    """

    signal: Signal
    shown: float
    signalled: float
    released: float | None


class Board:
    """Implements `Hardware`. `drives` keeps the last relay changes as (time, output, active)."""

    def __init__(self, locks: tuple[LockSettings, ...]) -> None:
        self.outputs: dict[int, bool] = {}
        self.inputs: dict[int, bool] = {}
        for lock in locks:
            self.inputs |= {line: False for line in (lock.contact, lock.exit, lock.tamper) if line is not None}
        self.drives: deque[tuple[float, int, bool]] = deque(maxlen=10_000)
        self.on_release: Callable[[int], None] = lambda output: None
        """Called when a lock is released."""
        self._events: Events | None = None
        self._waiting: dict[int, list[tuple[asyncio.Future[Answer], float]]] = {}

    def start(self, events: Events) -> None:
        """Report every input."""
        self._events = events
        for line, active in self.inputs.items():
            events.input(line, active)

    def set_output(self, number: int, active: bool) -> None:
        """Drive a relay."""
        if self.outputs.get(number, False) == active:
            return
        self.outputs[number] = active
        self.drives.append((time.perf_counter(), number, active))
        if active:
            self.on_release(number)

    def signal(self, reader: int, signal: Signal) -> None:
        """Answer whoever waits at the reader."""
        waiting = self._waiting.get(reader)
        if not waiting:
            return
        # The last who came is answered first: they are told to wait while the one before is still looked at.
        future, shown = waiting.pop()
        now = time.perf_counter()
        released = next((at for at, _, active in reversed(self.drives) if active and at >= shown), None)
        if released is None and signal == "granted" and any(self.outputs.values()):
            released = shown
        if not future.done():
            future.set_result(Answer(signal, shown, now, released))

    def close(self) -> None:
        """Let every relay fall."""
        for number in list(self.outputs):
            self.set_output(number, False)
        for future, _ in (entry for waiting in self._waiting.values() for entry in waiting):
            future.cancel()

    # -- people -------------------------------------------------------------------------------------------------------

    def swipe(self, reader: int, card: str) -> asyncio.Future[Answer]:
        """Show a card ("26:2a6f3b1") at a reader; the future gives what the reader showed."""
        key = parse_card(card)
        bits = key.bit_length() - 1
        future = self._wait(reader)
        self._told().card(reader, bits, key ^ (1 << bits))
        return future

    def enter(self, reader: int, digits: str) -> asyncio.Future[Answer]:
        """Key in a PIN at a reader."""
        future = self._wait(reader)
        self._told().pin(reader, digits)
        return future

    def set_input(self, line: int, active: bool) -> None:
        """Change an input."""
        if self.inputs.get(line) != active:
            self.inputs[line] = active
            self._told().input(line, active)

    def _wait(self, reader: int) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(reader, []).append((future, time.perf_counter()))
        return future

    def _told(self) -> Events:
        if self._events is None:
            raise RuntimeError("the board is not started")
        return self._events


class People:
    """People at a board's doors: mostly known ones; now and then a stranger, a door held, a door forced."""

    def __init__(
        self, board: Board, locks: tuple[LockSettings, ...], readers: tuple[int, ...], cards: dict[str, str], seed: int = 1
    ) -> None:
        """`cards` gives each known card its PIN, empty where it has none."""
        self._board = board
        self._contacts = {lock.output: lock.contact for lock in locks if lock.contact is not None}
        self._exits = [lock.exit for lock in locks if lock.exit is not None]
        self._readers = readers
        self._cards = cards
        self._random = random.Random(seed)
        self._walking: set[asyncio.Task[None]] = set()
        board.on_release = self._released

    async def run(self, per_minute: float) -> None:
        """Come and go until cancelled."""
        while True:
            await asyncio.sleep(self._random.expovariate(per_minute / 60))
            chance = self._random.random()
            if chance < 0.01 and self._contacts:
                self._start(self._walk(self._random.choice(list(self._contacts.values())), 2.0))
            elif chance < 0.08 and self._exits:
                self._start(self._leave(self._random.choice(self._exits)))
            elif self._readers:
                self._start(self._come(self._random.choice(self._readers)))

    async def _come(self, reader: int) -> None:
        stranger = self._random.random() < 0.06
        card = f"26:{self._random.getrandbits(26):x}" if stranger else self._random.choice(list(self._cards))
        answer = await self._board.swipe(reader, card)
        pin = self._cards.get(card)
        if answer.signal == "pin" and pin:
            await asyncio.sleep(self._random.uniform(0.8, 2.5))
            await self._board.enter(reader, pin if self._random.random() > 0.1 else "0000")

    async def _leave(self, line: int) -> None:
        self._board.set_input(line, True)
        await asyncio.sleep(0.3)
        self._board.set_input(line, False)

    def _released(self, output: int) -> None:
        line = self._contacts.get(output)
        if line is None or self._board.inputs[line] or self._random.random() < 0.05:
            return
        stays = 40.0 if self._random.random() < 0.02 else self._random.uniform(1.0, 4.0)
        self._start(self._walk(line, stays, self._random.uniform(0.4, 1.6)))

    async def _walk(self, line: int, stays: float, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        self._board.set_input(line, True)
        await asyncio.sleep(stays)
        self._board.set_input(line, False)

    def _start(self, walk: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(walk)
        self._walking.add(task)
        task.add_done_callback(self._walking.discard)
