"""Tracer path (a): a register changes in the machine, is stored, is seen live, and is written back."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.e2e.site import Site, items, until

pytestmark = pytest.mark.e2e
GOOD = 0


def values(client: httpx.Client) -> dict[str, dict[str, Any]]:
    return {value["point"]: value for value in items(client, "/points/values")}


def good(client: httpx.Client, point: str) -> dict[str, Any] | None:
    try:
        value = values(client).get(point)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != 503:
            raise
        return None
    return value if value and value["quality"] == GOOD else None


def test_a_changing_register_is_stored_with_its_times_and_quality(client: httpx.Client) -> None:
    first = until(lambda: good(client, "genset-hours") or good(client, "ahu-supply"))
    point = first["point"]
    until(lambda: (good(client, point) or first)["source_time"] > first["source_time"])
    now = time.time_ns() // 1000

    def history() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(
            f"/points/{point}/samples", params={"start": now - 3_600_000_000, "end": now + 60_000_000}
        ).json()
        return found if found["times"] else None

    stored = until(history)
    assert len(stored["times"]) == len(stored["values"]) == len(stored["qualities"])
    assert stored["times"] == sorted(stored["times"])


def test_a_set_point_is_written_to_the_machine_and_the_event_says_by_whom(client: httpx.Client) -> None:
    before = until(lambda: good(client, "ahu-setpoint"))["value"]
    wanted = 19.5 if before != 19.5 else 20.5
    answer = client.post("/points/ahu-setpoint/value", json={"value": wanted, "reason": "commissioning"})
    assert answer.status_code == 200, answer.text
    until(lambda: good(client, "ahu-setpoint")["value"] == pytest.approx(wanted))  # type: ignore[index]
    written = until(lambda: items(client, "/events", type="point.written"))[0]["event"]
    assert written["entity"] == "point:ahu-setpoint"
    assert written["data"]["actor"].endswith("admin")


def test_a_value_out_of_limits_is_refused_with_what_to_do(client: httpx.Client) -> None:
    answer = client.post("/points/ahu-setpoint/value", json={"value": 900})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:sitewarden:error:invalid"
    assert problem["detail"]
    assert problem["remedy"]


def test_a_machine_that_is_killed_goes_bad_and_comes_back_by_itself(site: Site, client: httpx.Client) -> None:
    until(lambda: good(client, "ahu-supply"))
    site.kill("sim-plant")
    until(lambda: good(client, "ahu-supply"))
    start = time.time_ns() // 1000
    until(lambda: (good(client, "ahu-supply") or {"server_time": 0})["server_time"] > start)


def test_grafana_draws_a_point_with_an_api_token_and_sees_no_other(site: Site, client: httpx.Client) -> None:
    point = until(lambda: good(client, "genset-hours") or good(client, "ahu-supply"))["point"]
    body = {"id": "grafana", "name": "Grafana", "user": "admin", "actions": ["point.read"]}
    answer = client.post("/tokens", json=body)
    assert answer.status_code == 201, answer.text
    with httpx.Client(base_url=f"http://{site.host}:9090", auth=("grafana", answer.json()["token"]), timeout=60) as grafana:

        def drawn() -> Any:
            form = {
                "query": f'last_over_time({{point="{point}"}}[1h])',
                "start": time.time() - 60,
                "end": time.time(),
                "step": "5s",
            }
            found = grafana.post("/api/v1/query_range", data=form)
            assert found.status_code == 200, found.text
            return found.json()["data"]["result"]

        [line] = until(drawn, 60)
        assert line["metric"]["point"] == point and line["values"]
        assert point in grafana.get("/api/v1/label/point/values").json()["data"]
    with httpx.Client(base_url=f"http://{site.host}:9090", timeout=60) as stranger:
        assert stranger.get("/api/v1/query", params={"query": "1"}).status_code == 401
        assert stranger.get("/-/ready").status_code == 200
    asked = client.get("/timeseries/query", params={"query": f'count({{point="{point}"}})'})
    assert asked.status_code == 200 and asked.json()["kind"] == "vector"
