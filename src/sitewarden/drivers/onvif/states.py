"""What a camera's properties are, and the events that their changes make: one for each change, none for a repeat. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import SECOND
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.drivers.onvif.notices import Change

SOURCES: Final = 256
"""Properties of one camera; further ones are not followed."""
A_MINUTE: Final = 240
"""Events of one camera in a minute; a camera that changes more often is followed, but not written down, until the next one."""
OLDEST: Final = 3600 * SECOND
NEWEST: Final = 5 * SECOND
"""Microseconds by which a camera's own time of an event may lie before and after now; beyond that, now is taken."""


class States:
    """The properties of one camera, over all of its connections."""

    def __init__(self, camera: str, name: str) -> None:
        self.camera = camera
        self.name = name
        self.dropped = 0
        """Changes that were not written down because there were too many."""
        self._known: dict[tuple[str, str], bool] = {}
        self._fresh: set[tuple[str, str]] = set()
        self._epoch: int | None = None
        self._index = 0
        self._minute = 0
        self._spent = 0

    def active(self, kind: str) -> bool:
        """Tell whether any property of a kind is active."""
        return any(active for (known, _), active in self._known.items() if known == kind)

    def of(self, kind: str) -> dict[str, bool]:
        """Return the properties of a kind by their source."""
        return {source: active for (known, source), active in self._known.items() if known == kind}

    def begin(self) -> None:
        """A new subscription: what is not told in it is not known any more."""
        self._fresh.clear()

    def take(self, change: Change, time: int, now: int) -> Event | None:
        """Take a change at `time` by our clock; return the event that it makes, or None."""
        key = (change.kind, change.source)
        before = self._known.get(key)
        if before is None and len(self._known) >= SOURCES:
            return None
        self._fresh.add(key)
        was = self.active(change.kind)
        self._known[key] = change.active
        if change.kind == "motion":
            is_ = self.active("motion")
            return self._event("camera.motion" if is_ else "camera.motion-ended", {}, time, now) if is_ != was else None
        # A property that is told first and is at rest is no news.
        if before == change.active or (before is None and not change.active):
            return None
        if change.kind == "tamper":
            data = {"detail": change.source.partition("/")[0]}
            return self._event("camera.tamper" if change.active else "camera.tamper-cleared", data, time, now)
        state = {"state": "active" if change.active else "inactive", change.kind: change.source}
        return self._event(f"camera.{change.kind}", state, time, now)

    def settle(self, now: int) -> list[Event]:
        """Return the ends of what was active before a loss, and is not told of in the new subscription."""
        events: Iterable[Event | None] = [
            self.take(Change(kind=kind, source=source, active=False), now, now)  # type: ignore[arg-type]
            for (kind, source), active in list(self._known.items())
            if active and kind in ("motion", "tamper") and (kind, source) not in self._fresh
        ]
        return [event for event in events if event is not None]

    def _event(self, type_: str, data: dict[str, Any], time: int, now: int) -> Event | None:
        minute = now // (60 * SECOND)
        if minute != self._minute:
            self._minute, self._spent = minute, 0
        self._spent += 1
        if self._spent > A_MINUTE:
            self.dropped += 1
            return None
        if self._epoch is None:
            self._epoch = now
        self._index += 1
        data = {"name": self.name, **data}
        return Event(
            key=f"onvif-{self.camera}/{self._epoch}/{self._index}",
            type=type_,
            entity=ref("camera", self.camera),
            time=time if now - OLDEST <= time <= now + NEWEST else now,
            severity=severity(type_),
            text=describe(type_, data),
            data=data,
        )
