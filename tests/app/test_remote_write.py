"""Targets of remote write from the API to what the iot process is told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sitewarden.app.endpoints import assignment
from sitewarden.app.uses import plan
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.services.points.sending import Send
from sitewarden.services.surface.entities import MESSAGES
from tests.services.house import House

KIND = MESSAGES["remote-write"]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.begin()
    await made.memory.put("endpoint", Endpoint(id="bus", name="Bus", driver="modbus", config={"host": "192.0.2.1"}))
    await made.memory.put("device", Device(id="ahu", name="Air handler", endpoint="bus", area="lab", tags=("hvac",)))
    await made.memory.put(
        "point",
        Point(id="supply", name="Supply", device="ahu", unit="°C"),
        Point(id="state", name="State", device="ahu", type="string"),
    )
    yield made
    made.close()


async def test_from_the_api_to_the_iot_process(house: House) -> None:
    url = "https://mimir.example/api/v1/push"
    await house.ask("remote-write.create", body=KIND.input(id="mimir", name="Mimir", url=url, password="s3cret", tenant="t1"))  # type: ignore[call-arg]
    await house.ask("remote-write.create", body=KIND.input(id="none", name="None", url=url, tagged=("other",), since="all"))  # type: ignore[call-arg]
    await house.ask("remote-write.create", body=KIND.input(id="off", name="Off", url=url, enabled=False))  # type: ignore[call-arg]
    shown = (await house.ask("remote-write.get", id="mimir")).value
    assert shown.password_set and not hasattr(shown, "password")

    made = assignment(house.state, "iot", house.secrets.open)
    assert made.sends == (
        Send(id="mimir", name="Mimir", url=url, password="s3cret", tenant="t1", points=("supply",)),
        Send(id="none", name="None", url=url, all_history=True),
    )
    assert made.metrics == {
        "supply": {
            "__name__": "point_celsius",
            "point": "supply",
            "name": "Supply",
            "device": "ahu",
            "area": "lab",
            "unit": "°C",
            "tags": ",hvac,",
        }
    }
    used = [use for use in plan(house.state).uses if use.row == "remote-write"]
    assert [(use.way, use.host, use.number, use.by) for use in used] == [
        ("out", "mimir.example", 443, "remote-write:mimir"),
        ("out", "mimir.example", 443, "remote-write:none"),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "http://db.example/write", "password": "x"}, "in clear"),
        ({"url": "http://127.0.0.1:0/write"}, "port 0"),
        ({"url": "https://db.example", "labels": {"__name__": "x"}}, "name of each series"),
    ],
)
async def test_refused(house: House, given: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        await house.ask("remote-write.create", body=KIND.input(id="db", name="DB", **given))  # type: ignore[call-arg]
    local = KIND.input(id="db", name="DB", url="http://127.0.0.1:9091/api/v1/write", password="x")  # type: ignore[call-arg]
    await house.ask("remote-write.create", body=local)
