"""Samples: points' values in columns, with quality and both times."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.domain.points.quality import Quality

Value = float | int | bool | str | None


class Samples(Struct, frozen=True):
    """A batch of samples in columns of equal length; column i of each belongs together.

    Times are microseconds since 1970 UTC. A value of None has a Bad quality: a failed read is never a number.
    """

    points: list[str]
    """Point ids (not references)."""
    source_times: list[int]
    server_times: list[int]
    values: list[Value]
    qualities: list[int]
    """OPC UA StatusCodes, see `Quality`."""

    def __len__(self) -> int:
        return len(self.points)


class PointRun(Struct, frozen=True):
    """What one point said, in columns of equal length, as another system sends it; None where it says that it knows nothing."""

    point: str
    times: list[int]
    """Source times, microseconds since 1970 UTC."""
    values: list[float | None]


class Latest(Struct, frozen=True, gc=False):
    """The last known value of a point."""

    point: str
    value: Value
    quality: int
    source_time: int
    server_time: int


__all__ = ["Latest", "PointRun", "Quality", "Samples", "Value"]
