"""What a board holds, read once and kept in mind, and brought to what it shall hold. Does I/O through its link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote.link import BoardLink
from sitewarden.drivers.uhppote.profiles import IDS
from sitewarden.drivers.uhppote.steps import Held, Order, steps
from sitewarden.drivers.uhppote.table import CardRow

log = logging.getLogger(__name__)

SPARE: Final = 1000
"""Places beyond four for each card that are looked at for cards: deleted ones leave gaps."""


class Upkeep:
    """The cards and time profiles of one board."""

    def __init__(self, link: BoardLink, serial: int) -> None:
        self._link, self._serial = link, serial
        self._held: Held | None = None
        self.refused = 0
        """Cards that the board did not take, or that no time profile is left for."""
        self.problem = ""

    @property
    def held(self) -> int:
        """How many cards the board holds."""
        return len(self._held.cards) if self._held is not None else 0

    def forget(self) -> None:
        """Read the board anew before the next change."""
        self._held = None

    async def bring(self, wanted: Mapping[int, CardRow], stop: asyncio.Event) -> None:
        """Bring the board to what it shall hold; ends early once `stop` is set, since other rules are to come."""
        if self._held is None:
            self._held = await self._read()
        held = self._held
        orders, left_out = steps(held, wanted, self._serial)
        refused = set(left_out)
        for order in orders:
            if stop.is_set():
                return
            if not await self._carry_out(order):
                if isinstance(order, m.SetProfile):
                    # Whoever refers to a profile that is not there passes at any time: bring no card on top of it.
                    self._held, self.problem = None, f"it did not take time profile {order.id}"
                    return
                refused.add(order.card)
        self.refused = len(refused)
        self.problem = f"{len(refused)} cards are not on the board: it did not take them" if refused else ""
        count = await self._link.ask(m.CountCards(serial=self._serial), m.Cards)
        if count.count != len(held.cards):
            log.warning("board %d holds %d cards, not %d: they are read again", self._serial, count.count, len(held.cards))
            self._held = None

    async def _carry_out(self, order: Order) -> bool:
        assert self._held is not None
        done = await self._link.tell(order)
        if isinstance(order, m.SetProfile):
            if done:
                self._held.profiles[order.id] = m.Profile(**{name: getattr(order, name) for name in order.__struct_fields__})
            return done
        if isinstance(order, m.PutCard):
            if done:
                self._held.cards[order.card] = m.Card(**{name: getattr(order, name) for name in order.__struct_fields__})
            return done
        if not done:
            # An order that was repeated, because its answer was lost, finds the card gone already.
            left = await self._link.ask(m.GetCard(serial=self._serial, card=order.card), m.Card)
            done = left.card != order.card
        if done:
            self._held.cards.pop(order.card, None)
        return done

    async def _read(self) -> Held:
        count = (await self._link.ask(m.CountCards(serial=self._serial), m.Cards)).count
        cards: dict[int, m.Card] = {}
        index = 1
        while len(cards) < count and index <= 4 * count + SPARE:
            card = await self._link.ask(m.GetCardAt(serial=self._serial, index=index), m.Card)
            index += 1
            if card.card == 0:
                break
            if card.card not in m.NO_CARD:
                cards[card.card] = card
        profiles: dict[int, m.Profile] = {}
        for id_ in IDS:
            profile = await self._link.ask(m.GetProfile(serial=self._serial, id=id_), m.Profile)
            if profile.id == id_:
                profiles[id_] = profile
        return Held(cards, profiles)
