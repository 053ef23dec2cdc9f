"""Lockdowns, fire releases and their ends that a door was not told of: told once its controller is back. Keeps a file.

What a door is owed is the last order of its kind: who ordered a lockdown and took it back owes the end of it alone. An order that
the door refuses is settled, as it would have been at the time.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import Door
from sitewarden.domain.clock import SECOND
from sitewarden.domain.commands import Result
from sitewarden.services.access.telling import AT_ONCE, NOT_REACHED, Asked, tell_doors
from sitewarden.store.interfaces import StateStore

log = logging.getLogger(__name__)

KINDS: Final = {"fire-release": "fire", "end-fire-release": "fire", "lockdown": "lockdown", "release-lockdown": "lockdown"}
"""Commands that are owed, and which of them take each other's place. Life safety is told first."""
RETRY: Final = 15.0
"""Seconds between two tries where no controller said that it is back: one that answered too late, a board of another make."""
TIMEOUT: Final = 5.0
_UNSETTLED: Final = NOT_REACHED | {"not-found"}
"""Refusals after which a door is told again; a controller that has no rules yet does not know its doors."""


class Order(msgspec.Struct, frozen=True, array_like=True):
    """An order that a door is owed; `time`: when it was given, microseconds since 1970 UTC."""

    door: str
    command: str
    id: str
    issuer: str
    reason: str
    time: int


_decode = msgspec.msgpack.Decoder(list[Order]).decode


class Owed:
    """What doors are owed. `path` is where it is kept; None keeps nothing. Bound: an order of each kind a door."""

    def __init__(self, state: StateStore, bus: Bus, path: Path | None = None) -> None:
        self._state = state
        self._bus = bus
        self._path = path
        self._orders: dict[tuple[str, str], Order] = {}
        """By kind and door."""
        self._saving = asyncio.Lock()
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._load()

    def of(self, door: str) -> tuple[str, ...]:
        """Return the commands that a door is owed."""
        return tuple(order.command for (_, one), order in sorted(self._orders.items()) if one == door)

    async def note(self, asked: Asked, time: int, outcomes: Iterable[tuple[Door, Result]]) -> None:
        """Keep what came of a command: owed where the door was not reached, settled where it answered. Durable on return."""
        kind = KINDS[asked.command]
        before = dict(self._orders)
        for door, result in outcomes:
            if result.ok or result.code not in NOT_REACHED:
                self._orders.pop((kind, door.id), None)
            else:
                self._orders[kind, door.id] = Order(door.id, asked.command, asked.id, asked.issuer, asked.reason, time)
        if before != self._orders:
            await self._save()

    async def overrule(self, door: str, command: str) -> None:
        """Forget what a door is owed of the command's kind: somebody ordered otherwise at the door itself."""
        if command in KINDS and self._orders.pop((KINDS[command], door), None) is not None:
            await self._save()

    async def lapse(self, issuer: str) -> None:
        """Forget what is owed on behalf of an issuer: a fire zone whose input came to rest."""
        gone = [key for key, order in self._orders.items() if order.issuer == issuer]
        for key in gone:
            del self._orders[key]
        if gone:
            await self._save()

    def returned(self, controller: str) -> None:
        """Tell the doors of a controller that is back what they are owed; does not wait for it."""
        if self._orders and controller not in self._telling:
            task = asyncio.get_running_loop().create_task(self._tell(controller), name=f"orders owed to {controller}")
            self._telling[controller] = task
            task.add_done_callback(lambda done: self._telling.pop(controller, None))

    async def run(self) -> None:
        """Try again now and then, until cancelled."""
        try:
            while True:
                await asyncio.sleep(RETRY)
                for controller in {door.controller for door in self._doors()}:
                    self.returned(controller)
        finally:
            for task in tuple(self._telling.values()):
                task.cancel()

    def _doors(self) -> list[Door]:
        found = (self._state.get("door", door) for door in {door for _, door in self._orders})
        return [held.entity for held in found if held is not None and isinstance(held.entity, Door)]

    async def _tell(self, controller: str) -> None:
        doors = {door.id: door for door in self._doors() if door.controller == controller}
        groups: dict[tuple[str, str], list[Order]] = {}
        for (kind, door), order in sorted(self._orders.items()):
            if door in doors:
                groups.setdefault((kind, order.id), []).append(order)
        told = False
        for orders in groups.values():
            for start in range(0, len(orders), AT_ONCE):
                told |= await self._bring(controller, orders[start : start + AT_ONCE], doors)
        if told:
            await self._save()

    async def _bring(self, controller: str, orders: list[Order], doors: dict[str, Door]) -> bool:
        first = orders[0]
        given = datetime.fromtimestamp(first.time / SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")
        asked = Asked(first.id, first.command, first.issuer, f"{first.reason} (ordered {given} UTC)", TIMEOUT)
        settled = False
        for door, result in await tell_doors(self._bus, asked, controller, [doors[order.door] for order in orders]):
            key = (KINDS[first.command], door.id)
            held = self._orders.get(key)
            if held is not None and held.id == first.id and (result.ok or result.code not in _UNSETTLED):
                del self._orders[key]
                settled = True
        return settled

    # -- the file -----------------------------------------------------------------------------------------------------

    async def _save(self) -> None:
        if self._path is None:
            return
        async with self._saving:
            known = [order for order in self._orders.values() if self._state.get("door", order.door) is not None]
            await asyncio.to_thread(_write, self._path, msgspec.msgpack.encode(known))

    def _load(self) -> None:
        try:
            orders = _decode(self._path.read_bytes()) if self._path is not None else []
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, ValueError) as error:
            log.error("the orders that doors are owed cannot be read from %s: %s", self._path, error)
            return
        self._orders = {(KINDS[order.command], order.door): order for order in orders if order.command in KINDS}


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        log.error("the orders that doors are owed cannot be kept in %s: %s", path, error)
