"""How many datagrams are read: a budget for each sender, and one for all strangers together. Pure.

Checking a signature costs about 0.2 ms, so a flood may cost core 2 % of its time and no more. Senders of what is in the list have
budgets of their own, so that a flood of strangers does not make known servers look silent.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container
from typing import Final

BURST: Final = 10.0
"""Datagrams that one sender may send at once; a node with several interfaces sends one from each of its addresses."""
RATE: Final = 2.0
"""Datagrams a second of one sender after that."""
ALL_BURST: Final = 200.0
ALL_RATE: Final = 100.0
"""The same for all senders that are not known yet."""
SENDERS: Final = 1024
"""Senders that are counted; the one that was silent longest is forgotten first."""


class Budget:
    """A bucket of tokens that fills with time."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self._burst, self._rate, self._left, self._at = burst, rate, burst, now

    def take(self, now: float) -> bool:
        """Take one token; False where none is left. `now` is monotonic seconds."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Gate:
    """Decides which datagrams are read."""

    def __init__(self, now: float = 0.0) -> None:
        self._senders: OrderedDict[str, Budget] = OrderedDict()
        self._strangers = Budget(ALL_BURST, ALL_RATE, now)
        self.refused = 0

    def admit(self, sender: str, known: Container[str], now: float) -> bool:
        """Tell whether a datagram of this sender is read; `known` are the senders of what is in the list."""
        budget = self._senders.get(sender)
        if budget is None:
            budget = self._senders[sender] = Budget(BURST, RATE, now)
            if len(self._senders) > SENDERS:
                self._senders.popitem(last=False)
        self._senders.move_to_end(sender)
        if budget.take(now) and (sender in known or self._strangers.take(now)):
            return True
        self.refused += 1
        return False
