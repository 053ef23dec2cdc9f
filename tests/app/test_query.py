"""`sitewarden query` and `sitewarden history` on a node that does not run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sitewarden.app.platform import Platform
from sitewarden.cli import app
from sitewarden.config import Settings, write_settings
from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Refusal
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.site import Site
from sitewarden.store.interfaces import Change
from sitewarden.store.sqlite import SqliteSampleStore
from tests.store.samples_of import NOON, samples

AT = str(NOON // SECOND + 60)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Path]:
    made = Settings(data_dir=str(tmp_path / "data"), bind="127.0.0.1")

    async def fill() -> None:
        platform = Platform(made)
        entities = [
            Site(id="site", name="Site", timezone="Europe/Berlin"),
            Endpoint(id="bus", name="Bus", driver="modbus"),
            Device(id="ahu", name="Air handler", endpoint="bus"),
            Point(id="supply", name="Supply", device="ahu", unit="°C"),
        ]
        kinds = ("site", "endpoint", "device", "point")
        await platform.state.apply([Change(kind=kind, id=one.id, entity=one) for kind, one in zip(kinds, entities, strict=True)])
        await platform.close()
        store = SqliteSampleStore.open(made.data / "samples.db")
        await store.append(samples(*[("supply", second, second / 10) for second in range(0, 61, 10)]))
        await store.close()

    asyncio.run(fill())
    path = tmp_path / "sitewarden.toml"
    write_settings(path, made)
    yield path


def test_a_value_a_course_and_json(settings: Path) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["query", *arguments, "--settings", str(settings), "--time", AT])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert run("point_celsius") == '6  point_celsius{device="ahu", name="Supply", point="supply", unit="°C"}\n'
    course = run("sum(point_celsius)", "--range", "1m", "--step", "30s").splitlines()
    assert course[0] == "{}" and [line.split()[-1] for line in course[1:]] == ["0", "3", "6"]
    told = json.loads(run("rate(point_celsius[1m])", "--json"))
    assert told["data"]["resultType"] == "vector" and told["data"]["result"][0]["value"][1] == "0.1"
    assert run("1 + 1") == "2\n"
    assert run("nothing") == ""


def test_what_is_wrong_is_said(settings: Path) -> None:
    for arguments, said in (
        (["sum("], "parse error"),
        (["1", "--range", "soon"], "duration"),
        (["1", "--time", "x"], "no moment"),
    ):
        done = CliRunner().invoke(app, ["query", *arguments, "--settings", str(settings)])
        assert isinstance(done.exception, Refusal) and said in str(done.exception)


def test_the_history_of_a_point_in_samples_buckets_and_a_file(settings: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["history", "supply", *arguments, "--settings", str(settings)])
        assert done.exit_code == 0, done.output
        return done.stdout

    span = ("--from", "2026-05-28 22:26", "--to", "2026-05-28 22:30")
    found = json.loads(run(*span, "--json"))
    assert [(one["point"], one["values"]) for one in found["items"]] == [("supply", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])]
    [one] = json.loads(run(*span, "--buckets", "3", "--json"))["items"]
    assert (sum(one["counts"]), min(one["minima"]), max(one["maxima"])) == (7, 0.0, 6.0)
    assert "Supply (supply)" in run(*span)
    file = tmp_path / "supply.csv"
    run(*span, "--csv", str(file))
    assert len(file.read_text().splitlines()) == 8
    assert not file.with_name("supply.csv.part").exists()
