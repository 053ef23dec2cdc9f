"""Second streams as viewers get them: one that fails gives way to the camera's first, and is tried again with back-off.

Who asks for "camera/sub" gets the second stream while it delivers. Where it does not, its viewers, and nobody else, are given the
first one; meanwhile the second is not even wanted, so that a camera that refuses it is left alone, but for a try now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera
from sitewarden.media.hub import Frame, Hub, Run, Subscriber, Track

PATIENCE: Final = 8.0
"""Seconds without a picture of the second stream before the first is given: longer than a camera's key frames are apart."""
FIRST: Final = 30.0
"""Seconds until the second stream is tried again; they double with each failure."""
LONGEST: Final = 600.0
STEADY: Final = 60.0
"""Seconds of pictures after which its failures are forgotten."""
LOOK: Final = 1.0
"""Seconds between two looks while somebody watches."""
KIND: Final = "camera-sub:"


class Instead(Struct, frozen=True, kw_only=True):
    """The first stream is given in place of the second."""

    until: int
    """When the second is tried again, microseconds since 1970 UTC."""
    reason: str


class Seconds:
    """The second streams of a process. One entry a camera is kept, so that back-off outlives its viewers."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub, self._clock = hub, clock
        self._held: dict[str, _Second] = {}
        self._urls: dict[str, str] = {}

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Forget the failures of streams that have another address now, or are gone."""
        urls = {camera.id: camera.sub_url for camera in cameras}
        for camera, second in list(self._held.items()):
            if urls.get(camera) != self._urls.get(camera):
                second.renew()
        self._urls = urls

    def subscribe(self, channel: str, subscriber: Subscriber) -> Callable[[], None]:
        """Give `subscriber` a channel, as `Hub.subscribe` does; of a second stream, what there is of it."""
        camera, slash, _ = channel.partition("/")
        if not slash:
            return self._hub.subscribe(channel, subscriber)
        second = self._held.get(camera)
        if second is None:
            second = self._held[camera] = _Second(self._hub, self._clock, camera, channel)
        return second.join(subscriber)

    def hear(self, status: Status) -> None:
        """Take how a stream is now."""
        if status.ref.startswith(KIND) and (second := self._held.get(status.ref.removeprefix(KIND))) is not None:
            second.hear(status)

    def instead(self, camera: str) -> Instead | None:
        """Tell whether viewers of a camera's second stream get the first, and why."""
        second = self._held.get(camera)
        return second.instead if second is not None else None


class _Viewer:
    def __init__(self, subscriber: Subscriber, end: Callable[[], None]) -> None:
        self.subscriber, self.end = subscriber, end


class _Second:
    """One second stream; a subscriber of it, too, to see whether it delivers."""

    def __init__(self, hub: Hub, clock: Clock, camera: str, channel: str) -> None:
        self._hub, self._clock = hub, clock
        self._camera, self._channel = camera, channel
        self._viewers: list[_Viewer] = []
        self._unwatch: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.instead: Instead | None = None
        self._again = 0.0
        self._pause = FIRST
        self._since = self._last = 0.0
        """When it was asked for, and when its last picture came, by the monotonic clock."""
        self._delivered = False
        self._said = ""
        """What the driver said when it last failed."""

    def join(self, subscriber: Subscriber) -> Callable[[], None]:
        if not self._viewers:
            if self.instead is None or self._clock.monotonic() >= self._again:
                self._watch()
            self._timer = asyncio.get_running_loop().call_later(LOOK, self._look)
        viewer = _Viewer(subscriber, self._hub.subscribe(self._given, subscriber))
        self._viewers.append(viewer)

        def leave() -> None:
            if viewer not in self._viewers:
                return
            self._viewers.remove(viewer)
            viewer.end()
            if not self._viewers:
                self._stop_watching()
                if self._timer is not None:
                    self._timer.cancel()

        return leave

    def hear(self, status: Status) -> None:
        self._said = status.detail if status.state == "offline" else ""
        if self._said and self._unwatch is not None and not self._delivered:
            self._fail(self._said)

    def renew(self) -> None:
        """Try it anew as soon as somebody looks."""
        self._pause, self._again, self._said = FIRST, 0.0, ""

    @property
    def _given(self) -> str:
        return self._channel if self.instead is None else self._camera

    def _watch(self) -> None:
        self._since = self._last = self._clock.monotonic()
        self._delivered = False
        self._stop_watching()
        self._unwatch = self._hub.subscribe(self._channel, self)

    def _stop_watching(self) -> None:
        unwatch, self._unwatch = self._unwatch, None
        if unwatch is not None:
            unwatch()

    def _look(self) -> None:
        now = self._clock.monotonic()
        if self._unwatch is None:
            if now >= self._again:
                self._watch()
        elif now - self._last > PATIENCE:
            self._fail(self._said or f"no picture of it came for {PATIENCE:g} s")
        elif self.instead is None and self._delivered and now - self._since > STEADY:
            self._pause = FIRST
        self._timer = asyncio.get_running_loop().call_later(LOOK, self._look)

    def _fail(self, reason: str) -> None:
        self._stop_watching()
        self._again = self._clock.monotonic() + self._pause
        before, self.instead = self.instead, Instead(until=self._clock.now() + round(self._pause * SECOND), reason=reason)
        self._pause = min(2 * self._pause, LONGEST)
        if before is None:
            self._give()

    def _give(self) -> None:
        """Give every viewer the stream that is given now."""
        for viewer in self._viewers:
            viewer.end()
            viewer.end = self._hub.subscribe(self._given, viewer.subscriber)

    def on_track(self, track: Track) -> None:
        return

    def on_frame(self, frame: Frame) -> None:
        self._last = self._clock.monotonic()
        self._delivered = True
        if self.instead is not None and frame.key:
            self.instead = None
            self._since = self._last
            self._give()

    def on_sound(self, run: Run) -> None:
        return

    def on_lost(self, reason: str) -> None:
        return
