"""One camera's recording as it is wanted from moment to moment: its settings, its schedule, orders and events. Synchronous."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sitewarden.domain.access.calendars import Calendar
from sitewarden.domain.clock import SECOND
from sitewarden.domain.video.account import Account
from sitewarden.domain.video.model import Camera, Gap, Order
from sitewarden.domain.video.wish import Why, off, wish
from sitewarden.media.recording import Recording

NEVER: Final = -1.0
MOTION_MOST: Final = 600.0
"""Seconds for which motion lasts at most without being told again: its end may be lost with the camera."""
DOWN: Final[Why] = ("server-down", "the server, or its process for video, was not running")


class Plan:
    """When a schedule holds, and what people call it."""

    def __init__(self, name: str, calendar: Calendar) -> None:
        self.name = name
        self.calendar = calendar


class Duty:
    """What is to be done for one camera, and by which `Recording` it is done."""

    def __init__(
        self,
        camera: Camera,
        account: Account,
        make: Callable[[], Recording],
        subscribe: Callable[[str, Recording], Callable[[], None]],
    ) -> None:
        self.camera = camera
        self.plan: Plan | None = None
        self.recording: Recording | None = None
        self.order: Order | None = None
        self._account = account
        self._make = make
        self._subscribe = subscribe
        self._end: Callable[[], None] | None = None
        self._ordered = NEVER
        self._event = NEVER
        self._moving = NEVER

    def ordered(self, order: Order, seconds: float, monotonic: float) -> None:
        """Take an order to record for so long; 0 ends the one before."""
        self.order = order if seconds > 0 else None
        self._ordered = monotonic + seconds if seconds > 0 else NEVER

    def event(self, monotonic: float) -> None:
        """Record until `post_seconds` after now."""
        self._event = max(self._event, monotonic + self.camera.post_seconds)

    def motion(self, monotonic: float) -> None:
        """Record until it is still again, and `post_seconds` more."""
        self._moving = monotonic + MOTION_MOST
        self._event = max(self._event, self._moving)

    def still(self, monotonic: float) -> None:
        """Motion is over; what something else asked for in between is shorter."""
        if self._moving > monotonic:
            self._event = monotonic + self.camera.post_seconds
        self._moving = NEVER

    def refresh(self, now: int, monotonic: float, disk: Why | None) -> tuple[Recording | None, float]:
        """Bring the recording to what is wanted; return one that ended and when to look again on the monotonic clock."""
        gone = off(self.camera)
        if gone is not None:
            ended = self.end(gone)
            self._account.missing(now, *gone)
            return ended, float("inf")
        ordered, event = self._ordered > monotonic, self._event > monotonic
        if not ordered:
            self.order = None
        holds = self.plan is None or self.plan.calendar.holds(now)
        blocked, waiting = wish(
            self.camera,
            holds=holds,
            schedule=self.plan.name if self.plan else "",
            ordered=ordered,
            event=event,
            disk=disk,
        )
        found = self.recording or self._make()
        found.allow(blocked, waiting, self.camera.pre_seconds)
        if self.recording is None:
            self.recording, self._end = found, self._subscribe(self.camera.id, found)
        return None, min((one for one in (self._ordered, self._event) if one > monotonic), default=float("inf"))

    def end(self, why: Why) -> Recording | None:
        """Stop recording; return the recording, whose files are still being closed, or None where there was none."""
        recording, self.recording = self.recording, None
        if recording is None:
            return None
        if self._end is not None:
            self._end()
        recording.allow(why, None, 0.0)
        return recording

    def stepped(self, before: int, now: int) -> None:
        """Account for a step of the clock."""
        self._account.stepped(before, now)

    def removed(self, now: int) -> None:
        """Account for a camera that is configured no more."""
        self._account.missing(now, "removed", "the camera was removed")

    @property
    def gap(self) -> Gap | None:
        """The gap that lasts."""
        return self._account.gap

    def until(self, now: int) -> int:
        """Return until when somebody ordered it to be recorded; 0 where nobody did."""
        return self.order.until if self.order is not None and self.order.until > now else 0


def seconds_left(order: Order, now: int) -> float:
    """Return what is left of an order."""
    return max(0.0, (order.until - now) / SECOND)
