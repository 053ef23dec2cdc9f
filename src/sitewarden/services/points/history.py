"""Points' history in core: who may read which points. What is read goes from the store to the asker, never through core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sitewarden.domain.errors import Forbidden, Invalid, NotFound
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.points.model import Point
from sitewarden.domain.refs import ref
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.samples import KnownPoint, RawQuery, SamplesExport, SamplesTicket, SeriesQuery
from sitewarden.store.interfaces import StateStore

ACTION = "point.read"


class PointHistory:
    """Gives tickets. Looking at a chart is not audited, as looking at a value is not; what leaves as a file is."""

    def __init__(self, state: StateStore, subjects: Subjects) -> None:
        self._state = state
        self._subjects = subjects

    def operations(self) -> list[Operation]:
        """Return the operations."""
        one = Operation("samples.raw", ACTION, RawQuery, SamplesTicket, self._raw, entity=_point_of, audit=False)
        many = Operation("samples.series", ACTION, SeriesQuery, SamplesTicket, self._several, audit=False, filtered=True)
        file = Operation(
            "samples.export", ACTION, SamplesExport, SamplesTicket, self._several, filtered=True, entity=_all_of, detail=_exported
        )
        return [one, many, file]

    async def _raw(self, caller: Caller, asked: RawQuery) -> SamplesTicket:
        return self._ticket(caller, (asked.id,), asked.start, asked.end)

    async def _several(self, caller: Caller, asked: SeriesQuery | SamplesExport) -> SamplesTicket:
        return self._ticket(caller, asked.point, asked.start, asked.end)

    def _ticket(self, caller: Caller, ids: Sequence[str], start: int, end: int) -> SamplesTicket:
        if start >= end:
            raise Invalid("The range is empty.", where="end", remedy="Let end be later than start.")
        held = rights(caller.grants)
        everywhere = held.everywhere(ACTION)
        points = []
        for id_ in dict.fromkeys(ids):
            if not everywhere and not held.allows(ACTION, self._subjects.of(ref("point", id_)), self._subjects.parent):
                raise Forbidden(
                    f"{caller.actor} may not {ACTION} here.",
                    where=ref("point", id_),
                    remedy="Leave it out, or ask an administrator for a role with this right.",
                )
            found = self._state.get("point", id_)
            if found is None or not isinstance(found.entity, Point):
                raise NotFound(f"There is no point {id_!r}.", where="point", remedy="Look at the list of points.")
            point = found.entity
            points.append(KnownPoint(id=id_, name=point.name, type=point.type, unit=point.unit, decimals=point.decimals))
        return SamplesTicket(points=tuple(points))


def _point_of(asked: RawQuery) -> str:
    return ref("point", asked.id)


def _all_of(asked: SamplesExport) -> str:
    return ref("point", asked.point[0]) if len(asked.point) == 1 else "*"


def _exported(asked: SamplesExport) -> dict[str, Any]:
    return {"points": list(asked.point), "start": asked.start, "end": asked.end, "form": asked.form}
