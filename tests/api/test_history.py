"""Points' history over HTTP: raw pages, columns as JSON and Arrow, files; for whoever may."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.api.application import WebSettings, create_app
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.identity.grants import Grant
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.services.points import export
from sitewarden.services.points.history import PointHistory
from sitewarden.services.points.parquet import SampleFile
from tests.services.house import House
from tests.services.points.memory_samples import MemorySamples

SECOND = 1_000_000
T0 = 1_700_000_000 * SECOND
BAD = int(Quality.BAD_NOT_CONNECTED)


@pytest.fixture
def samples() -> MemorySamples:
    made = MemorySamples()
    made.put("t", [(T0 + n * SECOND, None if n == 50 else math.sin(n / 30), BAD if n == 50 else 0) for n in range(4000)])
    made.put("run", [(T0 + n * 600 * SECOND, n % 2 == 0, 0) for n in range(6)])
    made.put("mode", [(T0 + n * 60 * SECOND, ("auto", "=hand")[n % 2], 0) for n in range(60)])
    return made


@pytest.fixture
async def web(house: House, samples: MemorySamples) -> AsyncIterator[httpx.AsyncClient]:
    house.operations.add(PointHistory(house.state, house.subjects).operations())
    await house.memory.put("endpoint", Endpoint(id="e", name="E", driver="modbus"))
    await house.memory.put("device", Device(id="ahu", name="AHU", endpoint="e", area="lab"))
    await house.memory.put("device", Device(id="pump", name="Pump", endpoint="e", area="yard"))
    await house.memory.put(
        "point",
        Point(id="t", name="Supply", device="ahu", unit="°C"),
        Point(id="run", name="Run", device="pump", type="boolean"),
        Point(id="mode", name="Mode", device="pump", type="string"),
        Point(id="new", name="New", device="ahu"),
    )
    app = create_app(cast("Bus", house.bus), WebSettings(console=None), samples=samples)
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 50000))  # type: ignore[arg-type]
    cookies = {"sitewarden_session": house.ada.session}
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test/api/v1", cookies=cookies) as made:
        yield made


def span(seconds: int = 3600, **more: Any) -> dict[str, Any]:
    return {"start": T0, "end": T0 + seconds * SECOND, **more}


async def get(web: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await web.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_raw_pages_hold_each_sample_once_with_its_own_type(web: httpx.AsyncClient) -> None:
    for point, count, kind in (("t", 3600, float), ("run", 6, bool), ("mode", 60, str)):
        times: list[int] = []
        start: int | None = T0
        while start is not None:
            page = await get(
                web, f"/points/{point}/samples", start=start, end=T0 + 3600 * SECOND, limit=25 if count < 100 else 1000
            )
            assert {type(value) for value in page["values"]} <= {kind, type(None)}
            assert len(page["times"]) == len(page["server_times"]) == len(page["values"]) == len(page["qualities"])
            times += page["times"]
            start = page["next"]
        assert len(times) == len(set(times)) == count
        assert times == sorted(times)


async def test_few_samples_come_as_they_are_and_many_as_buckets(web: httpx.AsyncClient) -> None:
    few = (await get(web, "/history", point="t", **span(60)))["items"][0]
    assert (few["form"], len(few["times"])) == ("samples", 60)
    assert few["values"][50] is None
    assert few["qualities"][50] == BAD
    many = await get(web, "/history", point="t", **span(3600, buckets=100))
    one = many["items"][0]
    assert one["form"] == "buckets"
    assert 36 <= len(one["times"]) <= 102
    assert sum(one["counts"]) >= 3600 - 1, "whole buckets, of which the first and last reach beyond the time"
    assert all(low <= mean <= high for low, mean, high in zip(one["minima"], one["averages"], one["maxima"], strict=True))
    assert max(one["qualities"]) == BAD, "the worst of a bucket is told"
    assert all(time % many["width"] == 0 for time in one["times"])
    assert (one["name"], one["unit"], one["decimals"]) == ("Supply", "°C", 2)


async def test_a_line_keeps_its_shape_with_fewer_samples(web: httpx.AsyncClient) -> None:
    one = (await get(web, "/history", point="t", form="lttb", **span(3600, buckets=50)))["items"][0]
    assert one["form"] == "samples"
    assert len(one["times"]) in (50, 51)
    assert T0 + 50 * SECOND in one["times"], "a failed read breaks the line"


async def test_several_points_keep_their_order_and_a_line_goes_on_to_the_edges(web: httpx.AsyncClient) -> None:
    query = {"point": ["run", "new", "mode", "t"], "start": T0 + 700 * SECOND, "end": T0 + 760 * SECOND, "around": "true"}
    run, new, mode, supply = (await get(web, "/history", **query))["items"]
    assert run["times"] == [T0 + 600 * SECOND, T0 + 1200 * SECOND], "the samples around a time in which there is none"
    assert run["values"] == [0, 1]
    assert (new["form"], new["times"]) == ("samples", [])
    assert mode["values"] == ["auto"]
    assert len(supply["times"]) == 62


async def test_arrow_says_the_same_as_json(web: httpx.AsyncClient) -> None:
    for query in (span(60), span(3600, width=60 * SECOND, form="buckets")):
        json = (await get(web, "/history", point="t,run", **query))["items"]
        answer = await web.get(
            "/history", params={"point": "t,run", **query}, headers={"accept": "application/vnd.apache.arrow.stream"}
        )
        assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
        table = pa.ipc.open_stream(answer.content).read_all()
        values, key = ("value", "values") if "value" in table.column_names else ("average", "averages")
        for one in json:
            rows = table.filter(pyarrow.compute.equal(table["point"], one["point"]))
            assert rows[values].to_pylist() == one[key]
            assert rows[1].cast("int64").to_pylist() == one["times"]


async def test_a_file_holds_every_sample_and_needs_no_more_memory_for_more(
    web: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 100)
    answer = await web.get("/history/export", params={"point": "t,mode", **span(3600)})
    assert answer.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 3600 + 60
    assert rows[0] == {
        "point": "t",
        "time": "2023-11-14T22:13:20.000000Z",
        "value": "0.0",
        "quality": "0x00000000",
        "server_time": "2023-11-14T22:13:20.001000Z",
    }
    assert (rows[50]["value"], rows[50]["quality"]) == ("", "0x808A0000")
    assert rows[3601]["value"] == "'=hand", "no formula for a spreadsheet"
    answer = await web.get("/history/export", params={"point": "t,mode", "form": "parquet", **span(3600)})
    file = pyarrow.parquet.ParquetFile(io.BytesIO(answer.content))
    assert file.num_row_groups == 36 + 1
    table = file.read()
    assert table["value"].to_pylist()[:3600] == pytest.approx(
        [float(row["value"]) if row["value"] else None for row in rows[:3600]]
    )
    assert set(table["text"].to_pylist()[3600:]) == {"auto", "=hand"}
    answer = await web.get("/history/export", params={"point": "t", "width": 60 * SECOND, **span(3600)})
    assert [row["count"] for row in csv.DictReader(io.StringIO(answer.text))][:3] == ["40", "59", "60"]
    audited = [entry for entry in house.memory.audited if entry.entity in ("*", "point:t")]
    assert len(audited) == 3
    assert audited[0].detail["points"] == ["t", "mode"]


async def test_who_sees_some_points_reads_only_these(web: httpx.AsyncClient, house: House) -> None:
    guard = await house.person("guard", Grant(action="point.read", selector="area:lab"))
    web.cookies.set("sitewarden_session", guard.session)
    assert (await web.get("/history", params={"point": "t", **span()})).status_code == 200
    for path, point in (("/history", "t,run"), ("/history/export", "run"), ("/history", "none")):
        refused = await web.get(path, params={"point": point, **span()})
        assert refused.status_code == 403, refused.text
    assert (await web.get("/points/run/samples", params=span())).status_code == 403
    nobody = await house.person("nobody")
    web.cookies.set("sitewarden_session", nobody.session)
    assert (await web.get("/history", params={"point": "t", **span()})).status_code == 403


@pytest.mark.parametrize(
    ("query", "status", "where"),
    [
        ({"point": "t", "start": T0, "end": T0}, 422, "end"),
        ({"point": "none", **span()}, 404, "point"),
        ({"point": "t", "width": 1000, "form": "buckets", **span(400)}, 413, "width"),
        ({"point": "t", "width": 3, **span()}, 422, "query.width"),
        ({"point": ",".join(f"p{n}" for n in range(51)), **span()}, 422, "query.point"),
        (span(), 422, "query"),
    ],
)
async def test_limits_say_what_to_do(web: httpx.AsyncClient, query: dict[str, Any], status: int, where: str) -> None:
    answer = await web.get("/history", params=query)
    assert answer.status_code == status, answer.text
    assert answer.json()["where"] == where
    assert answer.json()["remedy"]


async def test_samples_past_the_limit_are_refused(web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.services.points.reading.MOST_SAMPLES", 100)
    answer = await web.get("/history", params={"point": "t", "form": "samples", **span()})
    assert (answer.status_code, answer.json()["where"]) == (413, "end")
    assert "buckets" in answer.json()["remedy"]


async def test_a_process_without_the_store_says_so(house: House, web: httpx.AsyncClient, tmp_path: Path) -> None:
    app = create_app(cast("Bus", house.bus), WebSettings(console=None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://site.test/api/v1") as other:
        other.cookies.set("sitewarden_session", house.ada.session)
        assert (await other.get("/history", params={"point": "t", **span()})).status_code == 503


VALUES = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(-(2**53), 2**53), st.text(max_size=20))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(VALUES, st.integers(0, 2**32 - 1)), max_size=40), st.integers(1, 20))
def test_parquet_gives_back_what_went_in(rows: list[tuple[Any, int]], size: int) -> None:
    file, data = SampleFile(), b""
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        times = [T0 + n for n in range(at, at + len(part))]
        data += file.add(Samples(["p"] * len(part), times, times, [v for v, _ in part], [q for _, q in part]))
    table = pyarrow.parquet.read_table(io.BytesIO(data + file.close()))
    for (value, quality), read in zip(rows, table.to_pylist(), strict=True):
        assert read["quality"] == quality
        assert read["text"] == (value if isinstance(value, str) else None)
        number = read["value"]
        if value is None or isinstance(value, str):
            assert number is None
        else:
            assert number == value or (math.isnan(number) and math.isnan(value))
