from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import cast

import httpx
import numpy as np
import pytest

from sitewarden.api.application import History, WebSettings, create_app
from sitewarden.api.timeseries.face import create_timeseries
from sitewarden.bus.interfaces import Bus
from sitewarden.config import TimeSeriesSettings
from sitewarden.domain.identity.model import ApiToken, Grant
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.series import Series
from sitewarden.services.identity import new_token
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries
from sitewarden.services.timeseries.readable import Readable
from tests.services.house import House

SECOND = 1_000_000


class MemoryReader:
    """Samples by point: (microseconds, value, quality)."""

    def __init__(self) -> None:
        self.held: dict[str, list[tuple[int, float, int]]] = {}
        self.asked: list[tuple[str, ...]] = []

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        self.asked.append(tuple(points))
        found = []
        for point in points:
            rows = [row for row in self.held.get(point, []) if start <= row[0] < end]
            if rows:
                times, values, qualities = zip(*rows, strict=True)
                found.append(
                    Series(
                        point,
                        np.array(times, dtype=np.int64),
                        np.array(values, dtype=np.float64),
                        np.array(qualities, dtype=np.uint32),
                    )
                )
        return found


@pytest.fixture
async def reader(house: House) -> MemoryReader:
    """An air handler in the lab and a generator in the yard, with an hour of samples until now, one every 10 s."""
    house.operations.add(Readable(house.state, house.subjects).operations())
    await house.memory.put("endpoint", Endpoint(id="bus", name="Bus", driver="modbus"))
    await house.memory.put(
        "device",
        Device(id="ahu", name="Air handler", endpoint="bus", area="lab", tags=("hvac",)),
        Device(id="generator", name="Generator", endpoint="bus", area="yard"),
    )
    await house.memory.put(
        "point",
        Point(id="ahu-supply", name="Supply", device="ahu", unit="°C", tags=("air",)),
        Point(id="ahu-return", name="Return", device="ahu", unit="°C"),
        Point(id="generator-run", name="Running", device="generator", type="boolean"),
        Point(id="generator-energy", name="Energy", device="generator", unit="kWh"),
        Point(id="generator-state", name="State", device="generator", type="string"),
    )
    made = MemoryReader()
    now = house.clock.now()
    for point, base in (("ahu-supply", 20.0), ("ahu-return", 24.0), ("generator-run", 1.0), ("generator-energy", 100.0)):
        rise = 0.5 if point == "generator-energy" else 0.0
        made.held[point] = [(now - (360 - step) * 10 * SECOND, base + rise * step, int(Quality.GOOD)) for step in range(361)]
    return made


@pytest.fixture
def queries(reader: MemoryReader) -> Queries:
    return Queries(reader, TimeSeriesSettings())


async def token_of(house: House, name: str, *grants: Grant) -> str:
    """A user with these grants, and an API token of theirs."""
    await house.person(name, *grants)
    token, hashed = new_token()
    await house.memory.put("token", ApiToken(id=f"{name}-token", name=name, user=name, token_hash=hashed))
    return token


@pytest.fixture
async def client(house: House, queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    """Port 9090, with a token that may read every point."""
    app = create_timeseries(cast("Bus", house.bus), house.clock, queries, Desk())
    token = await token_of(house, "grafana", Grant(action="point.read"))
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test:9090", headers=headers) as made:
        yield made


@pytest.fixture
async def console(house: House, queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    """Port 8600, signed in as ada."""
    history = History(house.clock, queries, Desk())
    app = create_app(cast("Bus", house.bus), WebSettings(console=None), history=history)
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))  # type: ignore[arg-type]
    cookies = {"sitewarden_session": house.ada.session}
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test", cookies=cookies) as made:
        yield made
