"""Orders to record a camera now: given, taken back, taken up again after a restart."""

from __future__ import annotations

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Order
from sitewarden.domain.video.wish import off
from sitewarden.media.diary import Diary
from sitewarden.media.duty import Duty, seconds_left
from sitewarden.store.interfaces import SegmentIndex


class Orders:
    """The orders of one media process."""

    def __init__(self, index: SegmentIndex, diary: Diary, clock: Clock) -> None:
        self._index = index
        self._diary = diary
        self._clock = clock
        self._known: dict[str, Order] = {}

    async def load(self) -> None:
        """Read the orders that were given before this start."""
        self._known = {one.camera: one for one in await self._index.orders()}

    def resume(self, duty: Duty) -> None:
        """Give a camera's duty what is left of the order from before this start."""
        order = self._known.pop(duty.camera.id, None)
        now = self._clock.now()
        if order is not None and order.until > now:
            duty.ordered(order, seconds_left(order, now), self._clock.monotonic())

    async def give(self, duty: Duty, seconds: float, reason: str, by: str) -> Order:
        """Record a camera for so long from now on, whatever its mode and schedule; 0 takes the order back.

        Raises Invalid where the camera must not be recorded. The order outlives a restart.
        """
        camera = duty.camera
        gone = off(camera)
        if gone is not None:
            raise Invalid(
                f"{camera.name} is not recorded: {gone[1] or gone[0]}",
                where="record",
                remedy="End the privacy mode, or enable the camera and its recording, first.",
            )
        now = self._clock.now()
        order = Order(camera=camera.id, until=now + round(seconds * SECOND), reason=reason, by=by)
        await self._index.order(order)
        duty.ordered(order, seconds, self._clock.monotonic())
        data = {"name": camera.name, "seconds": round(seconds), "actor": by, "reason": reason}
        type_ = "video.recording.ordered" if seconds > 0 else "video.recording.order-ended"
        self._diary.tell(type_, ref("camera", camera.id), now, f"order/{camera.id}/{now}", data)
        return order
