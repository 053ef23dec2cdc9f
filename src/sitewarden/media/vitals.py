"""What the drivers told of each camera's streams over the last hour: the answer to `video.health/<camera>`.

It lives on the statuses that the drivers send every two seconds, so that it costs nothing for a packet or a picture.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Literal

from msgspec import Struct

from sitewarden.domain.clock import HOUR, SECOND, Clock
from sitewarden.domain.refs import split_ref
from sitewarden.domain.status import Status
from sitewarden.domain.video.health import CameraHealth, History, Interruption, StreamHealth

STEP: Final = 30 * SECOND
"""Microseconds of a row."""
ROWS: Final = HOUR // STEP
"""Rows that are kept; the oldest goes."""
INTERRUPTIONS: Final = 50
"""Interruptions that are kept; the oldest goes."""
STREAMS: Final[dict[str, Literal["main", "sub"]]] = {"camera": "main", "camera-sub": "sub"}
"""Kind of a status to the stream that it tells of."""


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

    def take(self, status: Status, now: int) -> None:
        before, self.status = self.status, status
        last = self.interruptions[-1] if self.interruptions else None
        if status.state == "online":
            if last is not None and not last.back:
                self.interruptions[-1] = Interruption(time=last.time, back=status.since, reason=last.reason)
            self.figures = status.data
            self._count(now - now % STEP)
        elif status.state == "offline" and before is not None and before.state == "online":
            self.restarts += 1
            self.interruptions.append(Interruption(time=status.since, reason=status.detail))

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


_FIGURES: Final = frozenset(
    name
    for name in StreamHealth.__struct_fields__
    if name not in ("stream", "state", "since", "detail", "restarts", "interruptions", "history")
)


class Vitals:
    """Of all cameras of a process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._streams: dict[tuple[str, str], _Stream] = {}

    def note(self, status: Status) -> None:
        """Take a status; others than those of streams are passed over."""
        kind, camera = split_ref(status.ref)
        name = STREAMS.get(kind)
        if name is not None:
            self._streams.setdefault((camera, name), _Stream()).take(status, self._clock.now())

    def forget(self, camera: str) -> None:
        """Let go what is known of a camera that is configured no more."""
        for name in STREAMS.values():
            self._streams.pop((camera, name), None)

    def tell(self, camera: str) -> CameraHealth:
        """Return what is known."""
        now = self._clock.now()
        found = [(name, self._streams.get((camera, name))) for name in STREAMS.values()]
        told = [stream.tell(name, now) for name, stream in found if stream is not None]
        return CameraHealth(camera=camera, time=now, streams=[one for one in told if one is not None])
