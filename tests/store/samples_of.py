"""Small makers for the stores' tests."""

from __future__ import annotations

from typing import Any

from sitewarden.domain.clock import SECOND
from sitewarden.domain.events import Event
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.video.model import Segment

NOON = 1_780_000_000 * SECOND


class StillClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: int = NOON) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return self.time / SECOND


def event(index: int, origin: str = "gate", epoch: int = 1, **fields: Any) -> Event:
    given: dict[str, Any] = {
        "key": f"{origin}/{epoch}/{index}",
        "type": "access.granted",
        "entity": "door:main",
        "time": NOON + index,
        "text": f"Ada may pass Main, {index}",
        "data": {"reason": "", "holder": "ada"},
    }
    return Event(**{**given, **fields})


def samples(*rows: tuple[str, int, Value]) -> Samples:
    """Rows of (point, seconds after noon, value)."""
    return Samples(
        [point for point, _, _ in rows],
        [NOON + second * SECOND for _, second, _ in rows],
        [NOON + second * SECOND + 1500 for _, second, _ in rows],
        [value for _, _, value in rows],
        [0 if value is not None else 0x80000000 for _, _, value in rows],
    )


def segment(id_: str, start: int, end: int, camera: str = "yard", **fields: Any) -> Segment:
    """A segment from `start` to `end` in seconds after noon."""
    given: dict[str, Any] = {"path": f"{camera}/{id_}.mp4", "bytes": 1000, "codec": "avc1.64001f"}
    return Segment(id=id_, camera=camera, start=NOON + start * SECOND, end=NOON + end * SECOND, **{**given, **fields})
