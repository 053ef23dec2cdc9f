"""PromQL for the console and whoever has a session: the queries of port 9090 under the caller's own rights."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from sitewarden.api.core import Core
from sitewarden.api.native.requests import credentials, parameters, remote
from sitewarden.api.routes import PREFIX, ROUTES, Route
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid
from sitewarden.domain.promql.query import RESOLUTION, Plan, Result, plan_instant, plan_range
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.timeseries import TimeSeriesLine, TimeSeriesQuery, TimeSeriesRange, TimeSeriesResult
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries

OPERATIONS: Final = ("timeseries.query", "timeseries.range")


def query_handlers(core: Core, clock: Clock, queries: Queries, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the handlers of `/timeseries/query` and `/timeseries/range`."""
    return [_handler(core, clock, queries, desk, route) for route in ROUTES if route.operation in OPERATIONS]


def _handler(core: Core, clock: Clock, queries: Queries, desk: Desk, route: Route) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        scope = request.scope
        params = parameters(route, request.path_params, scope["query_string"], "", b"")
        shown, peer = credentials(scope), remote(scope)

        async def ask(operation: str) -> bytes:
            given = params if operation == route.operation else Nothing()
            return (await core.invoke(operation, given, shown, remote=peer, form="msgpack")).body

        points = await desk.points(ask, route.operation)
        body = await queries.run(planned(params, clock.now(), queries.lookback), points, columns)
        return ASGIResponse(body=body, headers={"cache-control": "no-store"}, media_type="application/json")

    return HTTPRouteHandler(PREFIX + route.path, http_method="GET", name=route.id)(handle)


def planned(params: TimeSeriesQuery | TimeSeriesRange, now: int, lookback: int) -> Plan:
    """Return the plan of a query; raise Invalid, BadQuery or QueryFailed."""
    if isinstance(params, TimeSeriesQuery):
        return plan_instant(params.query, now if params.time is None else params.time, lookback)
    if params.end < params.start:
        raise Invalid("The range is empty.", where="end", remedy="Let end be start or later.")
    if (params.end - params.start) // params.step > RESOLUTION:
        raise Invalid(f"The range has more than {RESOLUTION} steps.", where="step", remedy="Take a longer step.")
    return plan_range(params.query, params.start, params.end, params.step, lookback)


def columns(found: Result) -> bytes:
    """Return a result as JSON in columns."""
    # msgspec writes what is not finite as null.
    series = [TimeSeriesLine(labels=line.labels, times=line.times.tolist(), values=line.values.tolist()) for line in found.lines]
    return msgspec.json.encode(TimeSeriesResult(kind=found.kind, series=series, text=found.text))
