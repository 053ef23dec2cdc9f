"""Collisions of media groups as alarms: raised once, cleared once, also across a restart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from sitewarden.domain.clock import Clock
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.status import Status
from sitewarden.services.announcement.collisions import Collision
from sitewarden.services.announcement.teller import Teller

RAISED: Final = "network.media-group-collision"
CLEARED: Final = "network.media-group-collision-cleared"
READ: Final = 200
"""Events of the log that are read at the start."""
GRACE: Final = 30.0
"""Seconds after the start in which a collision from before is not cleared: the other server may not have been heard yet."""


class Alarms:
    """Holds what was raised. `publish` takes this node's own status."""

    def __init__(self, reference: str, clock: Clock, teller: Teller, publish: Callable[[Status], None]) -> None:
        self._reference, self._clock, self._teller, self._publish = reference, clock, teller, publish
        self._raised: dict[str, dict[str, Any]] = {}
        self._restored: set[str] = set()
        """Keys of alarms from before the start whose server was not heard yet."""
        self._started = clock.monotonic()
        self._shown: tuple[Collision, ...] = ()

    def restore(self, events: Sequence[StoredEvent]) -> None:
        """Take the alarms that stood before the start; `events` are those of both types, newest first."""
        seen: set[str] = set()
        for stored in events:
            key = str(stored.event.data.get("key", ""))
            if stored.event.entity != self._reference or key in seen:
                continue
            seen.add(key)
            if stored.event.type == RAISED:
                self._raised[key] = stored.event.data
                self._restored.add(key)

    def step(self, now: Sequence[Collision]) -> None:
        """Take the collisions that there are now."""
        current = {each.key: each for each in now}
        for key, each in current.items():
            before = self._raised.get(key)
            self._restored.discard(key)
            if before is None or before.get("group") != each.group:
                data = {**msgspec.to_builtins(each), "other": each.name}
                self._raised[key] = data
                self._teller.tell(RAISED, self._reference, data)
        if self._clock.monotonic() - self._started > GRACE:
            self._restored.clear()
        for key in self._raised.keys() - current.keys() - self._restored:
            self._teller.tell(CLEARED, self._reference, self._raised.pop(key))
        shown = tuple(now)
        if shown != self._shown:
            self._shown = shown
            self._publish(self._status(shown))

    def _status(self, collisions: tuple[Collision, ...]) -> Status:
        detail = "; ".join(sentence(each) for each in collisions[:3])
        return Status(
            ref=self._reference,
            state="degraded" if collisions else "online",
            detail=detail,
            since=self._clock.now(),
            data={"collisions": [msgspec.to_builtins(each) for each in collisions]},
        )


def sentence(collision: Collision) -> str:
    """Return what is wrong, and the mend."""
    mend = f"set multicast_group to {collision.offer}" if collision.offer else "give one of them another multicast_group"
    return f"{collision.name} ({collision.address}) sends its live multicast to {collision.group} too: {mend}"
