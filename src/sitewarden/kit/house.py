"""What a driver that serves other systems sees of the house: values to tell, and a way to change them. Never the stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from sitewarden.domain.commands import Result
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value


class Source(Struct, frozen=True):
    """What is told: the value of a point ("point:ahu-supply"), or of another entity its state, or a member of its status."""

    ref: str
    member: str = ""
    """"lock" of "door:main"; empty: the value of a point, the state ("online") of anything else."""


class Reading(Struct, frozen=True):
    """How a source is now. A value of None has a Bad quality."""

    value: Value
    quality: int = Quality.GOOD
    time: int = 0
    """Source time in microseconds since 1970 UTC; 0 where it was never heard."""


UNHEARD = Reading(None, Quality.BAD_NO_COMMUNICATION)
"""A source that nothing was heard of yet."""

Changed = Callable[[Sequence[tuple[Source, Reading]]], None]


class House(Protocol):
    """The site as a protocol server tells it to others."""

    def follow(self, sources: Sequence[Source], changed: Changed) -> Callable[[], None]:
        """Tell how the sources are, at once and after each change; the function that comes back ends it."""
        ...

    async def write(self, ref: str, value: Value, *, by: str, remote: str, reason: str) -> Result:
        """Write a point for the endpoint `by`, on the word of the peer at `remote`: authorised, confirmed and audited by core."""
        ...
