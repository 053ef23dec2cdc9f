"""Port 9090: the answers of the Prometheus HTTP API, and who gets them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sitewarden.domain.errors import Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.services.invoke import TARGET
from tests.api.timeseries.conftest import SECOND, MemoryReader, token_of
from tests.services.house import House


async def ask(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert "access-control-allow-origin" not in answer.headers
    body = answer.json()
    assert body["status"] == "success"
    return body["data"]


async def test_a_vector(client: httpx.AsyncClient, house: House) -> None:
    now = house.clock.now() // SECOND
    assert await ask(client, "query", query='point_celsius{point="ahu-supply"} + 0.5', time=str(now)) == {
        "resultType": "vector",
        "result": [
            {
                "metric": {
                    "area": "lab",
                    "device": "ahu",
                    "name": "Supply",
                    "point": "ahu-supply",
                    "tags": ",air,hvac,",
                    "unit": "°C",
                },
                "value": [now, "20.5"],
            }
        ],
    }


async def test_a_matrix_a_scalar_and_a_string(client: httpx.AsyncClient, house: House) -> None:
    now = house.clock.now() // SECOND
    over = {"start": now - 120, "end": now, "step": "1m"}
    answer = await client.post("/api/v1/query_range", data={"query": "sum(rate(point_kilowatthours[5m]))", **over})
    assert answer.json()["data"] == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [[now - 120, "0.05"], [now - 60, "0.05"], [now, "0.05"]]}],
    }
    assert await ask(client, "query", query="1+1", time=now + 0.25) == {"resultType": "scalar", "result": [now + 0.25, "2"]}
    assert await ask(client, "query", query='"a"', time=now) == {"resultType": "string", "result": [now, "a"]}
    raw = await ask(client, "query", query="point_state[30s]", time=now)
    assert raw["resultType"] == "matrix" and [value for _, value in raw["result"][0]["values"]] == ["1"] * 4


async def test_a_bad_sample_is_a_gap(client: httpx.AsyncClient, house: House, reader: MemoryReader) -> None:
    now = house.clock.now()
    reader.held["ahu-supply"].append((now + 5 * SECOND, float("nan"), 0x80050000))
    late = now // SECOND + 30
    found = await ask(client, "query", query="point_celsius", time=late)
    assert [one["metric"]["point"] for one in found["result"]] == ["ahu-return"]


async def test_grafanas_own_calls(client: httpx.AsyncClient, house: House) -> None:
    """What its Prometheus datasource asks when it is saved and tested, then in the query editor, then for a panel."""
    now = house.clock.now() // SECOND
    found = await client.post("/api/v1/query", data={"query": "1+1", "time": "4"})
    assert found.json() == {"status": "success", "data": {"resultType": "scalar", "result": [4, "2"]}}
    assert (await ask(client, "status/buildinfo"))["version"]
    span = {"start": now - 3600, "end": now}
    assert await ask(client, "metadata", limit=40000) == {
        "point_celsius": [{"type": "gauge", "help": "Values of points in °C", "unit": ""}],
        "point_state": [{"type": "gauge", "help": "States of points: 1 is on, 0 is off", "unit": ""}],
        "point_kilowatthours": [{"type": "gauge", "help": "Values of points in kWh", "unit": ""}],
    }
    names = ["__name__", "area", "device", "name", "point", "tags", "unit"]
    assert await ask(client, "labels", **span) == names
    assert (await client.post("/api/v1/labels", data={"match[]": "point_state", **span})).json()["data"] == [
        "__name__",
        "area",
        "device",
        "name",
        "point",
    ]
    assert await ask(client, "label/__name__/values", **span) == ["point_celsius", "point_kilowatthours", "point_state"]
    assert await ask(client, "label/device/values", **{"match[]": 'point_celsius{area=~"l.*"}'}) == ["ahu"]
    series = await client.post("/api/v1/series", data={"match[]": 'point_state{point!=""}', **span})
    assert [one["point"] for one in series.json()["data"]] == ["generator-run"]
    panel = {"query": "avg by (area) (point_celsius)", "start": now - 3600, "end": now, "step": "15", "timeout": "10s"}
    answer = await client.post("/api/v1/query_range", data=panel, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    [line] = answer.json()["data"]["result"]
    assert line["metric"] == {"area": "lab"} and len(line["values"]) == 241
    assert await ask(client, "query_exemplars", query="x", **span) == []
    assert await ask(client, "rules") == {"groups": []}
    assert await ask(client, "alerts") == {"alerts": []}
    assert await ask(client, "format_query", query="a+b") == "a + b"


@pytest.mark.parametrize(
    ("path", "params", "status", "kind", "said"),
    [
        ("query", {"query": "rate("}, 400, "bad_data", 'invalid parameter "query": 1:6: parse error: unexpected end of input'),
        ("query", {}, 400, "bad_data", 'invalid parameter "query": 1:1: parse error: no expression found in input'),
        ("query", {"query": "1", "time": "soon"}, 400, "bad_data", 'invalid parameter "time": cannot parse "soon"'),
        ("query", {"query": "point_celsius + on () point_celsius"}, 422, "execution", "found duplicate series"),
        ("query_range", {"query": "1", "start": 2, "end": 1, "step": 1}, 400, "bad_data", "end timestamp must not be before"),
        ("query_range", {"query": "1", "start": 0, "end": 1, "step": 0}, 400, "bad_data", "zero or negative query resolution"),
        ("query_range", {"query": "1", "start": 0, "end": 11001, "step": 1}, 400, "bad_data", "exceeded maximum resolution of"),
        ("query_range", {"query": "1", "end": 1, "step": 1}, 400, "bad_data", 'invalid parameter "start": cannot parse ""'),
        ("query_range", {"query": "x[5m]", "start": 0, "end": 1, "step": 1}, 400, "bad_data", "invalid expression type"),
        ("series", {}, 400, "bad_data", "no match[] parameter provided"),
        ("series", {"match[]": "rate(x[5m])"}, 400, "bad_data", 'invalid parameter "match[]"'),
        ("label/a-b/values", {}, 404, "not_found", "there is nothing here"),
        ("admin/tsdb/snapshot", {}, 404, "not_found", "there is nothing here"),
    ],
)
async def test_refused(client: httpx.AsyncClient, path: str, params: dict[str, Any], status: int, kind: str, said: str) -> None:
    answer = await client.get(f"/api/v1/{path}", params=params)
    body = answer.json()
    assert (answer.status_code, body["status"], body["errorType"]) == (status, "error", kind)
    assert said in body["error"]


async def test_methods_and_bodies(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/metadata", data={})
    assert answer.status_code == 405 and answer.headers["allow"] == "GET"
    assert (await client.delete("/api/v1/query")).status_code == 405
    assert (await client.post("/api/v1/query", json={"query": "1"})).status_code == 400
    assert (await client.post("/api/v1/query", data={"query": "1+" * 200_000})).status_code == 400
    assert (await client.get("/graph")).status_code == 404


async def test_who_shows_no_token_gets_nothing(client: httpx.AsyncClient, house: House) -> None:
    del client.headers["authorization"]
    assert (await client.get("/-/healthy")).text == "Sitewarden is Healthy.\n"
    assert (await client.get("/-/ready")).status_code == 200
    for headers in ({}, {"authorization": "Bearer swt_wrong"}, {"authorization": "Basic !"}):
        answer = await client.get("/api/v1/query", params={"query": "1"}, headers=headers)
        assert answer.status_code == 401 and answer.json()["errorType"] == "unauthorized"
        assert "Basic" in answer.headers["www-authenticate"]
    refused = await client.get("/api/v1/query", params={"query": "1"}, auth=("ada", "correct horse battery"))
    assert refused.status_code == 401 and "no API token" in refused.json()["error"]
    token = await token_of(house, "other", Grant(action="point.read"))
    assert (await client.get("/api/v1/query", params={"query": "1"}, auth=("anybody", token))).status_code == 200
    without = await token_of(house, "porter", Grant(action="door.release"))
    denied = await client.get("/api/v1/query", params={"query": "1"}, auth=("x", without))
    assert denied.status_code == 403 and denied.json()["errorType"] == "forbidden"
    assert house.memory.audited[-1].outcome == "refused: forbidden"


async def test_who_may_see_some_points_sees_only_these(client: httpx.AsyncClient, house: House, reader: MemoryReader) -> None:
    token = await token_of(house, "yard", Grant(action="point.read", selector="area:yard"))
    client.headers["authorization"] = f"Bearer {token}"
    assert await ask(client, "label/point/values") == ["generator-energy", "generator-run"]
    found = await ask(client, "query", query='count by (area) ({__name__=~".+"})', time=house.clock.now() // SECOND)
    assert [one["metric"] for one in found["result"]] == [{"area": "yard"}]
    assert all("ahu" not in point for asked in reader.asked for point in asked)
    # Rights that change count at once, though the points are remembered.
    await house.memory.put("role", (await _role(house, "yard-role")))
    answer = await client.get("/api/v1/query", params={"query": "1"})
    assert answer.status_code == 403


async def _role(house: House, id_: str) -> Any:
    import msgspec

    held = house.memory.get("role", id_)
    assert held is not None
    return msgspec.structs.replace(held.entity, grants=())


async def test_a_core_that_is_away(client: httpx.AsyncClient, house: House) -> None:
    async def away(body: bytes) -> bytes:
        raise Unreachable("core is away")

    house.bus.serve(TARGET, away)
    assert (await client.get("/-/healthy")).status_code == 200
    assert (await client.get("/-/ready")).status_code == 503
    answer = await client.get("/api/v1/query", params={"query": "1"})
    assert answer.status_code == 503 and answer.json()["errorType"] == "unavailable"
