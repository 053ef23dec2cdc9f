"""Port 9090 beside Debian's Prometheus: the same requests over HTTP, the same statuses and JSON, number for number."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import numpy as np
import pytest

from sitewarden.api.timeseries.face import create_timeseries
from sitewarden.bus.interfaces import Bus
from sitewarden.config import TimeSeriesSettings
from sitewarden.domain.identity.model import ApiToken, Grant
from sitewarden.domain.points.metrics import labels_of
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.series import Series
from sitewarden.services.identity import new_token
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries
from sitewarden.services.timeseries.readable import Readable
from tests.interop.prometheus import Made, prometheus
from tests.services.house import House

pytestmark = pytest.mark.interop

START = 1_780_000_000
POINTS = (
    Point(id="supply", name='Supply "A"', device="ahu", unit="°C", tags=("air",)),
    Point(id="return", name="Return", device="ahu", unit="°C"),
    Point(id="running", name="Running", device="ahu", type="boolean"),
)
VALUES = {
    "supply": [20.0, 20.5, 1e-7, 1e21, 123456789.125],
    "return": [24.0, 0.1, -3.0, 2.0, 2.0],
    "running": [0.0, 1.0] * 2 + [1.0],
}


def made() -> list[Made]:
    times = [(START + 15 * step) * 1000 for step in range(5)]
    return [Made(labels_of(point, "lab", (*point.tags, "hvac")), times, list(VALUES[point.id])) for point in POINTS]


class Reader:
    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        times = np.array([(START + 15 * step) * 1_000_000 for step in range(5)], dtype=np.int64)
        kept = (times >= start) & (times < end)
        return [
            Series(point, times[kept], np.array(VALUES[point])[kept], np.zeros(int(kept.sum()), dtype=np.uint32))
            for point in points
            if kept.any()
        ]


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with prometheus("127.0.0.1", port, tmp_path_factory.mktemp("prometheus")) as running:
        running.write(made())
        yield "127.0.0.1", port


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    house = House()
    await house.begin()
    house.operations.add(Readable(house.state, house.subjects).operations())
    await house.memory.put("endpoint", Endpoint(id="bus", name="Bus", driver="modbus", tags=("hvac",)))
    await house.memory.put("device", Device(id="ahu", name="Air handler", endpoint="bus", area="lab"))
    await house.memory.put("point", *POINTS)
    await house.person("grafana", Grant(action="point.read"))
    token, hashed = new_token()
    await house.memory.put("token", ApiToken(id="t", name="t", user="grafana", token_hash=hashed))
    queries = Queries(Reader(), TimeSeriesSettings(lookback_seconds=300))
    app = create_timeseries(cast("Bus", house.bus), house.clock, queries, Desk())
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test:9090", auth=("x", token)) as made_:
        yield made_
    house.close()


SPAN = {"start": START, "end": START + 120, "step": 7}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "query", {"query": "1+1", "time": 4}),
    ("POST", "query", {"query": "1+1", "time": 4}),
    ("GET", "query", {"query": '"text"', "time": START}),
    ("GET", "query", {"query": "point_celsius", "time": START + 60}),
    ("GET", "query", {"query": "sort_desc(point_celsius)", "time": START + 20}),
    ("GET", "query", {"query": "point_celsius[1m]", "time": START + 60.5}),
    ("GET", "query", {"query": "nothing", "time": START}),
    ("GET", "query", {"query": "vector(1) / 0", "time": "2026-05-28T20:26:40.123Z"}),
    ("GET", "query", {"query": "-vector(1) / 0", "time": START}),
    ("GET", "query_range", {"query": "point_celsius", **SPAN}),
    ("POST", "query_range", {"query": "sum by (area, tags) (point_state)", **SPAN}),
    ("GET", "query_range", {"query": "3", **SPAN, "step": "0.5m"}),
    ("GET", "query_range", {"query": "nothing", **SPAN}),
    ("GET", "labels", {}),
    ("POST", "labels", {"match[]": "point_state"}),
    ("GET", "label/point/values", {}),
    ("GET", "label/none/values", {}),
    ("GET", "label/__name__/values", {"match[]": 'point_celsius{point!="x"}'}),
    ("GET", "series", {"match[]": ["point_state", '{point="supply"}']}),
    ("POST", "series", {"match[]": '{tags=~".*,hvac,.*"}', "start": START - 10, "end": START + 1000}),
    ("GET", "format_query", {"query": "a+b"}),
    ("GET", "query_exemplars", {"query": "a", "start": START, "end": START + 1}),
    ("GET", "rules", {}),
    ("GET", "alerts", {}),
    # What is wrong.
    ("GET", "query", {}),
    ("GET", "query", {"query": "rate("}),
    ("GET", "query", {"query": "1", "time": "x"}),
    ("GET", "query", {"query": "1", "timeout": "x"}),
    ("GET", "query", {"query": "point_celsius + on () point_celsius", "time": START}),
    ("GET", "query_range", {"query": "1", "end": 1, "step": 1}),
    ("GET", "query_range", {"query": "1", "start": 2, "end": 1, "step": 1}),
    ("GET", "query_range", {"query": "1", "start": 1, "end": 2, "step": 0}),
    ("GET", "query_range", {"query": "1", "start": 1, "end": 2, "step": "x"}),
    ("GET", "query_range", {"query": "1", "start": 1, "end": 20002, "step": 1}),
    ("GET", "query_range", {"query": "x[5m]", **SPAN}),
    ("GET", "query_range", {"query": '"a"', **SPAN}),
    ("GET", "series", {}),
    ("GET", "series", {"match[]": "rate(x[5m])"}),
    ("GET", "series", {"match[]": '{a=~".*"}'}),
    ("GET", "labels", {"match[]": "{"}),
    ("GET", "labels", {"start": "x"}),
]


@pytest.mark.parametrize(("method", "path", "params"), REQUESTS)
async def test_same_answer(
    client: httpx.AsyncClient, peer: tuple[str, int], method: str, path: str, params: dict[str, Any]
) -> None:
    encoded = urlencode(params, doseq=True)
    where = f"/api/v1/{path}" + (f"?{encoded}" if method == "GET" and encoded else "")
    body = encoded if method == "POST" else None
    headers = {"content-type": "application/x-www-form-urlencoded"} if body is not None else {}
    with closing(http.client.HTTPConnection(*peer, timeout=60)) as connection:
        connection.request(method, where, body, headers)
        answered = connection.getresponse()
        theirs = json.loads(answered.read())
    ours = await client.request(method, where, content=body, headers=headers)
    assert (ours.status_code, ours.headers["content-type"]) == (answered.status, answered.headers["content-type"]), ours.text
    found = ours.json()
    if theirs["status"] == "error":
        assert (found["status"], found["errorType"]) == ("error", theirs["errorType"])
        # We name the parameter everywhere, Prometheus not; the words that follow its place need not be the same.
        said = theirs["error"] if theirs["error"].startswith("invalid parameter") else found["error"].rpartition('": ')[2]
        assert said.partition(":")[0] in found["error"], (found, theirs)
        return
    if path == "query" and theirs["data"]["resultType"] == "vector" and "sort" not in params["query"]:
        for answer in (theirs, found):
            answer["data"]["result"].sort(key=lambda row: sorted(row["metric"].items()))
    if path == "series":
        for answer in (theirs, found):
            answer["data"].sort(key=lambda row: sorted(row.items()))
    assert found == theirs


async def test_health(client: httpx.AsyncClient, peer: tuple[str, int], tmp_path: Path) -> None:
    for path in ("/-/healthy", "/-/ready"):
        with closing(http.client.HTTPConnection(*peer, timeout=60)) as connection:
            connection.request("GET", path)
            answered = connection.getresponse()
            answered.read()
        ours = await client.get(path)
        assert (ours.status_code, ours.headers["content-type"]) == (answered.status, answered.headers["content-type"])
