"""When a sign-in may be tried: lockout that grows per user and address, and a rate per address. Pure; time in seconds.

After `FAILURES` wrong passwords in a row the pair of user and address is locked for `FIRST` seconds, and for twice as long
with each failure after that, up to `LONGEST`. What is forgotten: pairs without a failure for `MEMORY` seconds, and the
longest untouched ones beyond `PAIRS`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

FAILURES: Final = 5
FIRST: Final = 30.0
LONGEST: Final = 900.0
MEMORY: Final = 3600.0
PAIRS: Final = 10_000
RATE: Final = 20
"""Attempts of one address in any `WINDOW` seconds, for however many users."""
WINDOW: Final = 60.0


class Lockout:
    """Counts failures and attempts."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._attempts: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, user: str, address: str, now: float) -> float:
        """Return the seconds until this pair may try again; 0 when it may now."""
        count, last = self._failures.get((user, address), (0, 0.0))
        if count < FAILURES or now - last >= MEMORY:
            return 0.0
        return max(0.0, last + penalty(count) - now)

    def attempt(self, address: str, now: float) -> float:
        """Count an attempt of an address; return the seconds to wait when it passed its rate, otherwise 0."""
        recent = [time for time in self._attempts.get(address, ()) if now - time < WINDOW]
        over = len(recent) >= RATE
        if not over:
            recent.append(now)
        self._attempts[address] = recent
        self._attempts.move_to_end(address)
        while len(self._attempts) > PAIRS:
            self._attempts.popitem(last=False)
        return max(0.001, recent[0] + WINDOW - now) if over else 0.0

    def failed(self, user: str, address: str, now: float) -> float:
        """Count a wrong password; return the seconds for which the pair is locked now, 0 for not at all."""
        count, last = self._failures.get((user, address), (0, 0.0))
        count = 1 if now - last >= MEMORY else count + 1
        self._failures[(user, address)] = (count, now)
        self._failures.move_to_end((user, address))
        while len(self._failures) > PAIRS:
            self._failures.popitem(last=False)
        return penalty(count) if count >= FAILURES else 0.0

    def succeeded(self, user: str, address: str) -> None:
        """Forget a pair's failures."""
        self._failures.pop((user, address), None)


def penalty(count: int) -> float:
    """Return the seconds of lock after `count` failures in a row."""
    return min(FIRST * 2 ** min(count - FAILURES, 16), LONGEST) if count >= FAILURES else 0.0
