"""What a server remembers of the time in which nobody listened (OPC 10000-11, clause 6.5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from asyncua import ua
from asyncua.ua.uaerrors import UaStatusCodeError

from sitewarden.domain.clock import DAY
from sitewarden.drivers.opcua.mapping import Columns
from sitewarden.drivers.opcua.session import Session
from sitewarden.drivers.opcua.subscribing import Wanted
from sitewarden.drivers.opcua.wire import Values, history_results

NODES: Final = 50
"""Nodes of one request."""
VALUES: Final = 2_000
"""Values of a node in one answer."""
ROUNDS: Final = 20
"""Answers for one lot of nodes; what a server has beyond that stays there."""
LONGEST: Final = 7 * DAY
"""Microseconds that are asked for at most."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def fill(
    session: Session,
    wanted: Sequence[Wanted],
    since: Mapping[str, int],
    without: set[str],
    now: int,
    take: Callable[[Columns, Values], None],
) -> None:
    """Hand over what the server recorded of points after `since` (microseconds since 1970 UTC); raises a DriverError.

    Points whose node has no history are added to `without`.
    """
    asked = [one for one in wanted if one.point.id in since and one.point.id not in without and one.address.element is None]
    step = min(NODES, session.limits["history"])
    for start in range(0, len(asked), step):
        lot = asked[start : start + step]
        await _lot(session, lot, [since[one.point.id] for one in lot], without, now, take)


async def _lot(
    session: Session,
    lot: Sequence[Wanted],
    since: Sequence[int],
    without: set[str],
    now: int,
    take: Callable[[Columns, Values], None],
) -> None:
    columns = Columns([one.point for one in lot])
    details = ua.ReadRawModifiedDetails(
        IsReadModified=False,
        StartTime=_time(max(min(since) + 1, now - LONGEST)),
        EndTime=_time(now),
        NumValuesPerNode=VALUES,
        ReturnBounds=False,
    )
    left: dict[int, bytes] = dict.fromkeys(range(len(lot)), b"")
    for _ in range(ROUNDS):
        request = ua.HistoryReadRequest()
        request.Parameters.HistoryReadDetails = details
        request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
        request.Parameters.ReleaseContinuationPoints = False
        request.Parameters.NodesToRead = [
            ua.HistoryReadValueId(NodeId=lot[place].node, ContinuationPoint=point or None) for place, point in left.items()
        ]
        with session.mapped("asked for its history"):
            try:
                results = history_results(await session.send(request))
            except UaStatusCodeError:
                # It knows no history at all.
                without.update(one.point.id for one in lot)
                return
        further: dict[int, bytes] = {}
        for place, (status, more, values) in zip(left, results, strict=False):
            if status >> 31:
                without.add(lot[place].point.id)
                continue
            values.handles = [place] * len(values.handles)
            _after(values, since[place])
            if values.handles:
                take(columns, values)
            if more:
                further[place] = more
        left = further
        if not left:
            return


def _after(values: Values, since: int) -> None:
    """Leave what is known already away."""
    keep = [at for at, source in enumerate(values.sources) if source > since]
    for column in (values.handles, values.values, values.statuses, values.sources, values.servers):
        column[:] = [column[at] for at in keep]


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
