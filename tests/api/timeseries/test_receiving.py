"""`POST /api/v1/write`: what is stored, what is refused, and who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import msgspec
import pytest

from sitewarden.api.timeseries.face import create_timeseries
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.errors import NotFound, StorageFull
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.services.points.messages import ARRIVED, Arrival, Arrived
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries
from sitewarden.services.timeseries.receivable import Receivable
from sitewarden.wire import remote_write as wire
from tests.api.timeseries.conftest import token_of
from tests.services.house import House

KIND = "application/x-protobuf"


class Iot:
    """The iot process as the web process sees it."""

    def __init__(self) -> None:
        self.took: list[Arrived] = []
        self.refuses: Exception | None = None

    async def arrived(self, body: bytes) -> bytes:
        if self.refuses is not None:
            raise self.refuses
        self.took.append(msgspec.msgpack.decode(body, type=Arrived))
        return msgspec.msgpack.encode(Arrival(sum(len(run.times) for run in self.took[-1].runs)))

    def points(self) -> dict[str, list[tuple[int, float | None]]]:
        found: dict[str, list[tuple[int, float | None]]] = {}
        for one in self.took:
            for run in one.runs:
                found.setdefault(run.point, []).extend(zip(run.times, run.values, strict=True))
        return found


@pytest.fixture
async def iot(house: House) -> Iot:
    """Two pumps with a load each, and a fan on a bus of ours."""
    house.operations.add(Receivable(house.state, house.subjects).operations())
    put = house.memory.put
    await put("endpoint", Endpoint(id="plant", name="Plant", driver="prometheus"), Endpoint(id="bus", name="B", driver="modbus"))
    for name, area in (("pump-1", "lab"), ("pump-2", "yard")):
        await put(
            "device", Device(id=name, name=name, endpoint="plant", area=area, config={"labels": {"instance": f"{name}:9100"}})
        )
        await put("point", Point(id=f"{name}-load", name="Load", device=name, address={"metric": "node_load1"}))
    await put("device", Device(id="fan", name="Fan", endpoint="bus"))
    await put("point", Point(id="fan-load", name="Load", device="fan", address={"metric": "node_load1"}))
    made = Iot()
    house.bus.serve(ARRIVED, made.arrived)
    return made


@pytest.fixture
async def client(house: House, iot: Iot, queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    """Port 9090, with a token that may deliver to every point."""
    app = create_timeseries(cast("Bus", house.bus), house.clock, queries, Desk())
    token = await token_of(house, "plant", Grant(action="point.deliver"))
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer {token}", "content-type": KIND, "content-encoding": "snappy"}
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test:9090", headers=headers) as made:
        yield made


def line(instance: str, *samples: tuple[int, float | None], name: str = "node_load1", **more: str) -> bytes:
    named = sorted({"__name__": name, "instance": instance, **more}.items())
    return wire.line_bytes(wire.label_bytes(named), [time for time, _ in samples], [value for _, value in samples])


async def write(client: httpx.AsyncClient, *lines: bytes, **more: Any) -> httpx.Response:
    return await client.post("/api/v1/write", content=wire.pack(b"".join(lines)), **more)


async def test_series_become_points(client: httpx.AsyncClient, house: House, iot: Iot) -> None:
    now = house.clock.now() // 1000
    answer = await write(
        client,
        line("pump-1:9100", (now - 15000, 0.5), (now, 0.75), job="node"),
        line("pump-2:9100", (now, None)),
        line("pump-3:9100", (now, 9.0)),
        line("pump-1:9100", (now, 9.0), name="node_load5"),
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["x-prometheus-remote-write-samples-written"] == "3"
    assert iot.points() == {
        "pump-1-load": [((now - 15000) * 1000, 0.5), (now * 1000, 0.75)],
        "pump-2-load": [(now * 1000, None)],
    }
    assert {one.endpoint for one in iot.took} == {"plant"}


async def test_version_2(client: httpx.AsyncClient, house: House, iot: Iot) -> None:
    now = house.clock.now() // 1000
    texts = (b"", b"__name__", b"node_load1", b"instance", b"pump-1:9100")
    symbols = b"".join(b"\x22" + bytes([len(text)]) + text for text in texts)
    sample = b"\x09" + b"\0\0\0\0\0\0\xf0\x3f" + b"\x10" + wire.varint(now)
    series = b"\x0a\x04\x01\x02\x03\x04\x12" + bytes([len(sample)]) + sample
    kind = {"content-type": f"{KIND};proto={wire.VERSION_2}"}
    assert (await write(client, symbols, b"\x2a" + bytes([len(series)]) + series, headers=kind)).status_code == 204
    assert iot.points() == {"pump-1-load": [(now * 1000, 1.0)]}


async def test_what_fits_is_stored_and_the_rest_is_refused_with_its_reason(
    client: httpx.AsyncClient, house: House, iot: Iot
) -> None:
    now = house.clock.now() // 1000
    answer = await write(
        client,
        line("pump-1:9100", (5, 1.0), (now, 0.5), (now + 3_600_000, 2.0)),
        line("pump-1:9100", (now, 9.0), job="another"),
        wire.line_bytes(wire.label_bytes([("job", "x")]), [now], [1.0]),
    )
    assert answer.status_code == 400
    assert answer.headers["x-prometheus-remote-write-samples-written"] == "1"
    assert answer.text.startswith("stored 1 samples, and refused: node_load1{")
    assert "two series are point pump-1-load" in answer.text and "no label __name__" in answer.text
    assert "ten minutes ahead" in answer.text
    assert iot.points() == {"pump-1-load": [(now * 1000, 0.5)]}
    # The series that the point belonged to is gone for long enough: another one may be it.
    house.clock.seconds += 301.0
    assert (await write(client, line("pump-1:9100", (now, 9.0), job="another"))).status_code == 204


@pytest.mark.parametrize(
    ("headers", "content", "status", "said"),
    [
        ({"content-type": "application/json"}, b"{}", 415, "application/x-protobuf"),
        ({"content-encoding": "zstd"}, b"", 415, "snappy"),
        ({"content-type": f"{KIND}; proto=io.prometheus.write.v9.Request"}, b"", 415, "are taken"),
        ({}, b"nonsense", 400, "no block of Snappy"),
        ({}, wire.pack(b"\x0b"), 400, "kind 3"),
        ({}, bytes(wire.COMPRESSED + 1), 413, "send fewer samples"),
    ],
)
async def test_refused(
    client: httpx.AsyncClient, iot: Iot, headers: dict[str, str], content: bytes, status: int, said: str
) -> None:
    answer = await client.post("/api/v1/write", content=content, headers=headers)
    assert answer.status_code == status and said in answer.text
    assert not iot.took
    wrong = await client.get("/api/v1/write")
    assert wrong.status_code == 405 and wrong.headers["allow"] == "POST"


async def test_a_store_that_cannot_take_it_is_asked_again(client: httpx.AsyncClient, house: House, iot: Iot) -> None:
    one = line("pump-1:9100", (house.clock.now() // 1000, 0.5))
    for refusal in (StorageFull("The disk is full."), NotFound("endpoint:plant is not served here")):
        iot.refuses = refusal
        answer = await write(client, one)
        assert answer.status_code == 503 and "again" in answer.text
    iot.refuses = None
    assert (await write(client, one)).status_code == 204


async def test_who_may(client: httpx.AsyncClient, house: House, iot: Iot) -> None:
    now = house.clock.now() // 1000
    both = (line("pump-1:9100", (now, 1.0)), line("pump-2:9100", (now, 2.0)))
    token = await token_of(house, "yard", Grant(action="point.deliver", selector="area:yard"))
    assert (await write(client, *both, headers={"authorization": f"Bearer {token}"})).status_code == 204
    assert set(iot.points()) == {"pump-2-load"}
    reader = await token_of(house, "grafana", Grant(action="point.read"))
    assert (await write(client, *both, headers={"authorization": f"Bearer {reader}"})).status_code == 403
    del client.headers["authorization"]
    assert (await write(client, *both)).status_code == 401
    assert set(iot.points()) == {"pump-2-load"}


async def test_a_point_that_is_made_later_takes_its_series_at_once(client: httpx.AsyncClient, house: House, iot: Iot) -> None:
    one = line("pump-1:9100", (house.clock.now() // 1000, 4.0), name="node_boots")
    assert (await write(client, one)).headers["x-prometheus-remote-write-samples-written"] == "0"
    await house.memory.put("point", Point(id="boots", name="Boots", device="pump-1", address={"metric": "node_boots"}))
    assert (await write(client, one)).headers["x-prometheus-remote-write-samples-written"] == "1"
