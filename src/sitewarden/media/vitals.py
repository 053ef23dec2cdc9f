"""What the drivers told of each camera's streams over the last hour: the answer to `video.health/<camera>`.

It lives on the statuses that the drivers send every two seconds, so that it costs nothing for a packet or a picture. What of a
main stream goes beyond the camera's limits is told, once when it begins and once when it ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Final, Literal

from msgspec import Struct

from sitewarden.domain.clock import HOUR, SECOND, Clock
from sitewarden.domain.refs import split_ref
from sitewarden.domain.status import Status
from sitewarden.domain.video.health import CameraHealth, History, Interruption, StreamHealth
from sitewarden.domain.video.limits import WINDOW, Change, Judge, limits, read
from sitewarden.domain.video.model import Camera

STEP: Final = 30 * SECOND
"""Microseconds of a row."""
ROWS: Final = HOUR // STEP
"""Rows that are kept; the oldest goes."""
INTERRUPTIONS: Final = 50
"""Interruptions that are kept; the oldest goes."""
USUAL: Final = 10
"""Rows of the same format before it is known which bit rate is usual."""
STREAMS: Final[dict[str, Literal["main", "sub"]]] = {"camera": "main", "camera-sub": "sub"}
"""Kind of a status to the stream that it tells of."""


Tell = Callable[[str, str, str, Mapping[str, object]], None]
"""Takes an event: type, camera, key, data."""


class _Row(Struct):
    """Sums and worst figures of STEP."""

    time: int
    count: int = 0
    bitrate: float = 0.0
    fps: float = 0.0
    loss: float = 0.0
    jitter: float = 0.0


class _Stream:
    def __init__(self) -> None:
        self.status: Status | None = None
        self.figures: dict[str, Any] = {}
        self.rows: deque[_Row] = deque(maxlen=ROWS)
        self.interruptions: deque[Interruption] = deque(maxlen=INTERRUPTIONS)
        self.restarts = 0
        self.judge = Judge()
        self._format: tuple[Any, ...] = ()
        self._since = 0
        self._usual: tuple[int, float | None] = (0, None)

    def take(self, status: Status, now: int) -> None:
        before, self.status = self.status, status
        last = self.interruptions[-1] if self.interruptions else None
        if status.state == "online":
            if last is not None and not last.back:
                self.interruptions[-1] = Interruption(time=last.time, back=status.since, reason=last.reason)
            self.figures = status.data
            self._count(now - now % STEP)
            return
        self.judge.lost()
        if status.state == "offline" and before is not None and before.state == "online":
            self.restarts += 1
            self.interruptions.append(Interruption(time=status.since, reason=status.detail))

    def weigh(self, camera: Camera, at: float, now: int) -> list[Change]:
        """Return what went beyond the camera's limits, or came back, with the figures that were taken last."""
        return self.judge.take(at, now, read(self.figures), limits(camera, self._median(now)))

    def _median(self, now: int) -> float | None:
        """Return the usual bit rate: the median of the last hour's rows, of this format alone."""
        format_ = tuple(self.figures.get(name) for name in ("codec", "width", "height"))
        row = now - now % STEP
        if format_ != self._format:
            # A camera that was set up anew has a bit rate of its own; the hour before says nothing of it.
            self._format, self._usual, self._since = format_, (row, None), row
        elif self._usual[0] != row:
            rates = [one.bitrate / one.count for one in self.rows if self._since <= one.time > now - HOUR - STEP]
            self._usual = (row, median(rates) if len(rates) > USUAL else None)
        return self._usual[1]

    def _count(self, time: int) -> None:
        if not self.rows or self.rows[-1].time != time:
            self.rows.append(_Row(time=time))
        row, figures = self.rows[-1], self.figures
        row.count += 1
        row.bitrate += figures.get("bitrate", 0)
        row.fps += figures.get("fps", 0.0)
        row.loss = max(row.loss, figures.get("loss", 0.0))
        row.jitter = max(row.jitter, figures.get("jitter") or 0.0)

    def tell(self, name: Literal["main", "sub"], now: int) -> StreamHealth | None:
        status = self.status
        if status is None:
            return None
        rows = [row for row in self.rows if row.time > now - HOUR - STEP]
        online = status.state == "online"
        known = {key: self.figures[key] for key in _FIGURES if key in self.figures} if online else {}
        return StreamHealth(
            stream=name,
            state=status.state,
            since=status.since,
            detail=status.detail,
            restarts=self.restarts,
            interruptions=list(reversed(self.interruptions)),
            poor=list(self.judge.poor.values()),
            history=History(
                step=STEP,
                times=[row.time for row in rows],
                bitrate=[round(row.bitrate / row.count) for row in rows],
                fps=[round(row.fps / row.count, 2) for row in rows],
                loss=[row.loss for row in rows],
                jitter=[row.jitter for row in rows],
            ),
            **known,
        )


_TOLD: Final = frozenset(
    ("stream", "state", "since", "detail", "restarts", "interruptions", "poor", "history", "instead_until", "instead_reason")
)
_FIGURES: Final = frozenset(StreamHealth.__struct_fields__) - _TOLD


class Vitals:
    """Of all cameras of a process."""

    def __init__(self, clock: Clock, tell: Tell = lambda type_, camera, key, data: None) -> None:
        self._clock = clock
        self._tell = tell
        self._cameras: dict[str, Camera] = {}
        self._streams: dict[tuple[str, str], _Stream] = {}

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Hold streams to the limits of these cameras, and let go what is known of others."""
        for gone in self._cameras.keys() - {camera.id for camera in cameras}:
            for name in STREAMS.values():
                self._streams.pop((gone, name), None)
        self._cameras = {camera.id: camera for camera in cameras}
        for camera in cameras:
            stream = self._streams.get((camera.id, "main"))
            if stream is not None and not camera.watched:
                self._say(camera, stream.judge.end())

    def note(self, status: Status) -> None:
        """Take a status; others than those of streams are passed over."""
        kind, id_ = split_ref(status.ref)
        name = STREAMS.get(kind)
        if name is None:
            return
        stream = self._streams.setdefault((id_, name), _Stream())
        now = self._clock.now()
        stream.take(status, now)
        camera = self._cameras.get(id_)
        if camera is not None and name == "main" and status.state == "online":
            self._say(camera, stream.weigh(camera, self._clock.monotonic(), now))

    def poor(self, camera: str) -> list[str]:
        """Return the figures of the main stream that are beyond the camera's limits."""
        stream = self._streams.get((camera, "main"))
        return list(stream.judge.poor) if stream is not None else []

    def tell(self, camera: str) -> CameraHealth:
        """Return what is known."""
        now = self._clock.now()
        found = [(name, self._streams.get((camera, name))) for name in STREAMS.values()]
        told = [stream.tell(name, now) for name, stream in found if stream is not None]
        return CameraHealth(camera=camera, time=now, streams=[one for one in told if one is not None])

    def _say(self, camera: Camera, changes: Sequence[Change]) -> None:
        for one in changes:
            type_ = f"camera.{one.figure}" if one.begins else f"camera.{one.figure}-over"
            data = {"name": camera.name, "value": one.value, "limit": one.limit, "seconds": WINDOW, "detail": one.detail}
            self._tell(type_, camera.id, f"health/{camera.id}", data)
