"""The same queries on 8600, under the session's rights, in columns."""

from __future__ import annotations

import httpx

from tests.api.timeseries.conftest import SECOND
from tests.services.house import House


async def test_query_and_range(console: httpx.AsyncClient, house: House) -> None:
    now = house.clock.now()
    answer = await console.get("/api/v1/timeseries/query", params={"query": "sum(point_celsius)"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"kind": "vector", "series": [{"labels": {}, "times": [now], "values": [44.0]}], "text": ""}
    params = {"query": "point_celsius / (point_celsius - 20)", "start": now - 60 * SECOND, "end": now, "step": 30 * SECOND}
    found = (await console.get("/api/v1/timeseries/range", params=params)).json()
    assert found["kind"] == "matrix"
    by_point = {one["labels"]["point"]: one["values"] for one in found["series"]}
    assert by_point == {"ahu-supply": [None, None, None], "ahu-return": [6.0, 6.0, 6.0]}


async def test_refusals_are_problems(console: httpx.AsyncClient, house: House) -> None:
    answer = await console.get("/api/v1/timeseries/query", params={"query": "sum("})
    assert answer.status_code == 400 and answer.json()["type"] == "urn:sitewarden:error:bad-query"
    answer = await console.get("/api/v1/timeseries/range", params={"query": "1", "start": 0, "end": 10**12, "step": 1000})
    assert answer.status_code == 422 and answer.json()["where"] == "step"
    console.cookies.clear()
    assert (await console.get("/api/v1/timeseries/query", params={"query": "1"})).status_code == 401
