"""Who moves a camera now: one at a time, the higher priority first, a lock for as long as it was asked for. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Conflict

MOVING: Final = 8.0
"""Seconds for which a camera is held by who moved it, counted from the last order."""
LONGEST: Final = 3600.0
"""Seconds of a lock."""


class Hold(Struct, frozen=True, kw_only=True):
    """A camera in somebody's hands. Times are microseconds since 1970 UTC."""

    actor: str
    name: str
    """Who that is, as others read it."""
    priority: int
    since: int
    until: int
    locked: bool = False
    """True where somebody keeps it on purpose, False where it was only moved."""


class Holds:
    """The holds of all cameras; one that is over counts as none."""

    def __init__(self) -> None:
        self._held: dict[str, Hold] = {}

    def of(self, camera: str, now: int) -> Hold | None:
        """Return who holds a camera now."""
        held = self._held.get(camera)
        return held if held is not None and held.until > now else None

    def take(
        self, camera: str, actor: str, name: str, priority: int, seconds: float, now: int, *, locked: bool = False
    ) -> tuple[Hold, Hold | None]:
        """Take a camera, or keep it; return the hold, and the one before it. Raise Conflict where another one has it."""
        before = self.of(camera, now)
        if before is not None and before.actor != actor and before.priority >= priority:
            raise refusal(camera, before, now)
        mine = before if before is not None and before.actor == actor else None
        until = now + round(seconds * SECOND)
        if mine is not None and mine.locked and not locked:
            # Moving a camera that one has locked does not end the lock.
            until, locked = max(until, mine.until), True
        since = mine.since if mine is not None else now
        hold = Hold(actor=actor, name=name, priority=priority, since=since, until=until, locked=locked)
        self._held[camera] = hold
        return hold, before

    def release(self, camera: str, actor: str, priority: int, now: int) -> Hold | None:
        """Give a camera back; return the hold that ended. Raise Conflict where another one of the same rank or above has it."""
        before = self.of(camera, now)
        if before is not None and before.actor != actor and before.priority >= priority:
            raise refusal(camera, before, now)
        self._held.pop(camera, None)
        return before

    def over(self, now: int) -> list[str]:
        """Forget the holds that are over, and return their cameras."""
        ended = [camera for camera, hold in self._held.items() if hold.until <= now]
        for camera in ended:
            del self._held[camera]
        return ended

    def next_end(self) -> int | None:
        """Return when the next hold is over; None where nothing is held."""
        return min((hold.until for hold in self._held.values()), default=None)


def refusal(camera: str, hold: Hold, now: int) -> Conflict:
    """Return why somebody else may not move a camera now."""
    seconds = max(1, -(-(hold.until - now) // SECOND))
    does = "has locked" if hold.locked else "is moving"
    return Conflict(
        f"{hold.name} {does} this camera, with priority {hold.priority}, for another {seconds} s",
        where=f"camera:{camera}",
        remedy="Wait, or ask them to give it back; who has a higher priority may take it.",
    )
