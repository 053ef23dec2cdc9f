"""When a stream arrives so badly that somebody is told, and when that is over: limits, judged over a window. Pure.

A figure is the mean of WINDOW seconds, so that one bad moment counts for little. It must be beyond its limit for BEGINS seconds
in a row, and within it for ENDS seconds in a row: what lies about its limit is told once in 70 s at most.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from statistics import fmean
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.video.model import Camera

Figure = Literal["loss", "jitter", "frame-rate", "bitrate", "clock"]

WINDOW: Final = 30.0
"""Seconds that a figure is the mean of; nothing is judged before a stream has been there for so long."""
BEGINS: Final = 10.0
"""Seconds beyond the limit before it is told."""
ENDS: Final = 60.0
"""Seconds within the limit before it is told that it is over."""
UNITS: Final[dict[Figure, str]] = {"loss": "%", "jitter": "ms", "frame-rate": "frames/s", "bitrate": "Mbit/s", "clock": "s"}
LEAST: Final = frozenset({"frame-rate", "bitrate"})
"""Figures that are beyond their limit when they are smaller."""
UNWATCHED: Final = "the limit was taken away"
GONE: Final = "the camera is not taken in any more"


class Poor(Struct, frozen=True, kw_only=True):
    """A figure that is beyond its limit."""

    figure: Figure
    since: Annotated[int, Meta(description="When it was told, microseconds since 1970 UTC.")]
    value: Annotated[float, Meta(description="Mean of the last 30 s: %, ms, frames/s, Mbit/s, s.")]
    limit: float


class Change(Struct, frozen=True, kw_only=True):
    """A figure went beyond its limit, or came back."""

    figure: Figure
    begins: bool
    value: float
    limit: float
    detail: str


def limits(camera: Camera, usual: float | None) -> dict[Figure, float]:
    """Return the limits that count now; `usual` is the bit rate of the last hour, bits a second, None where it is not known."""
    found: dict[Figure, float] = {
        "loss": camera.loss_limit,
        "jitter": camera.jitter_limit,
        "frame-rate": camera.frame_rate_limit,
        "clock": camera.clock_limit,
    }
    if camera.bitrate_drop and usual is not None:
        found["bitrate"] = round(usual * (1 - camera.bitrate_drop / 100) / 1e6, 3)
    return {figure: limit for figure, limit in found.items() if limit > 0}


def read(data: Mapping[str, Any]) -> dict[Figure, float]:
    """Return the figures of a stream's status; what its protocol does not tell is left out."""
    found: dict[Figure, float | None] = {
        "loss": data.get("loss"),
        "jitter": data.get("jitter"),
        "frame-rate": data.get("fps"),
        "bitrate": data["bitrate"] / 1e6 if "bitrate" in data else None,
        "clock": data.get("clock_offset"),
    }
    return {figure: value for figure, value in found.items() if value is not None}


class Judge:
    """Of one stream. Times are monotonic, in seconds, but for `wall`: microseconds since 1970 UTC."""

    def __init__(self) -> None:
        self.poor: dict[Figure, Poor] = {}
        self._begun: float | None = None
        self._told: deque[tuple[float, dict[Figure, float]]] = deque()
        self._differs: dict[Figure, float] = {}
        """Since when a figure is on the other side of its limit than was told."""

    def lost(self) -> None:
        """Begin the window anew: the stream was lost. What was told stands until it is seen to be better."""
        self._begun = None
        self._told.clear()
        self._differs.clear()

    def take(self, at: float, wall: int, figures: dict[Figure, float], limits: Mapping[Figure, float]) -> list[Change]:
        """Take the figures of the last moments; return what is to be told."""
        changes = [self._end(figure, UNWATCHED) for figure in self.poor.keys() - limits.keys()]
        if self._told and at - self._told[-1][0] > WINDOW:
            self.lost()
        self._told.append((at, figures))
        while at - self._told[0][0] > WINDOW:
            self._told.popleft()
        if self._begun is None:
            self._begun = at
        if at - self._begun < WINDOW:
            return changes
        for figure, limit in limits.items():
            values = [one[figure] for _, one in self._told if figure in one]
            if values:
                changes += self._weigh(figure, _mean(figure, values), limit, at, wall)
        return changes

    def end(self) -> list[Change]:
        """Return the ends of all that was told: nothing comes from this camera any more, as somebody wants it."""
        self.lost()
        return [self._end(figure, GONE) for figure in list(self.poor)]

    def _weigh(self, figure: Figure, value: float, limit: float, at: float, wall: int) -> list[Change]:
        beyond = value < limit if figure in LEAST else abs(value) > limit
        told = self.poor.get(figure)
        if told is not None:
            self.poor[figure] = Poor(figure=figure, since=told.since, value=value, limit=limit)
        if beyond == (told is not None):
            self._differs.pop(figure, None)
            return []
        since = self._differs.setdefault(figure, at)
        if at - since < (BEGINS if beyond else ENDS):
            return []
        del self._differs[figure]
        unit = UNITS[figure]
        detail = f"{value:g} {unit} over {WINDOW:g} s, limit {limit:g} {unit}"
        if beyond:
            self.poor[figure] = Poor(figure=figure, since=wall, value=value, limit=limit)
        else:
            del self.poor[figure]
        return [Change(figure=figure, begins=beyond, value=value, limit=limit, detail=detail)]

    def _end(self, figure: Figure, why: str) -> Change:
        told = self.poor.pop(figure)
        self._differs.pop(figure, None)
        return Change(figure=figure, begins=False, value=told.value, limit=told.limit, detail=why)


def _mean(figure: Figure, values: list[float]) -> float:
    # One sender report that came late is no clock that is wrong: of a clock the nearest counts.
    found: float = min(values, key=abs) if figure == "clock" else fmean(values)
    return round(found, 3)
