"""The made-up site: the same every time, a file that is taken, controllers that lose nothing whatever goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sim.access.__main__ import FIELDS, parse, provision, report
from sim.access.campus import Campus, controller_id
from sim.access.days import DAY_SECONDS, day
from sim.access.faults import Faults
from sim.access.fleet import Fleet, Plan, deeds
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.clock import SECOND
from sitewarden.services import site_yaml
from sitewarden.services.surface.entities import MESSAGES, PLURALS
from sitewarden.store.interfaces import EventFilter
from tests.drivers.link.site import Core, running_core

ROOT = Path(__file__).resolve().parents[2]
MONDAY = date(2026, 3, 2)


@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 5), st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_a_day_is_the_same_every_time_and_within_itself(controllers: int, people: int, seed: int, when: date) -> None:
    campus = Campus.make(controllers, people, seed)
    found = day(campus, when, seed)
    assert found == day(Campus.make(controllers, people, seed), when, seed)
    assert found == sorted(found)
    assert all(0 <= deed.at < DAY_SECONDS and 0 <= deed.door < campus.doors for deed in found)
    assert all(bool(deed.card) == (deed.kind in ("pass", "stranger", "hold")) for deed in found)


def test_a_working_day_looks_like_one() -> None:
    campus = Campus.make(100, 2000)
    hours = [0] * 24
    for deed in day(campus, MONDAY):
        hours[int(deed.at // 3600)] += 1
    assert hours[8] > 5 * hours[5] and hours[12] > hours[10] and hours[3] < hours[20] < hours[17]
    assert len(day(campus, date(2026, 3, 7))) < sum(hours) / 4, "few come on a Saturday"


def test_days_follow_each_other_from_the_moment_asked_for() -> None:
    begin = datetime(2026, 3, 2, 20, tzinfo=UTC)
    found = [at for (_, at), _ in zip(deeds(Campus.make(4, 50), begin, 1), range(400), strict=False)]
    assert found == sorted(found) and found[0] >= 0 and found[-1] > 4 * 3600


def test_the_site_file_is_one_and_its_people_may_pass() -> None:
    done = parse(["site", "--controllers", "30", "--people", "40"])
    campus = Campus.make(done.controllers, done.people, done.seed)
    text = yaml.safe_dump({"sitewarden": 1, **campus.documents()}, sort_keys=False)
    content = site_yaml.load(text)
    kinds = {plural: kind for kind, plural in PLURALS.items()}
    for plural, entries in content.items():
        for id_, document in entries.items() if plural in kinds else ():
            msgspec.convert({"id": id_, **document}, MESSAGES[kinds[plural]].input)
    rules = Rules(compile(version=1, zone="UTC", **_of(campus)))
    morning = int(datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp()) * SECOND
    office = next(person for person in campus.people if person.role == "office")
    asked = Request(access_point=f"door-{office.door + 1}-in", card=office.card)
    assert decide(rules, asked, DoorContext(), morning).granted
    elsewhere = (office.building + 1) % campus.buildings * 40
    assert not decide(rules, Request(access_point=f"door-{elsewhere + 1}-in", card=office.card), DoorContext(), morning).granted


def _of(campus: Campus) -> dict[str, Any]:
    entities = list(campus.entities())
    return {field: [one for one in entities if type(one) is model] for field, model in FIELDS.items()}


@pytest.mark.parametrize("text", ["latency", "latency=x", "storm=1", "loss=1", "cuts=-1"])
def test_faults_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Faults.parse(text)


async def test_nothing_is_lost_while_everything_goes_wrong(tmp_path: Path, host: str) -> None:
    campus = Campus.make(6, 200)
    faults = Faults.parse("latency=5,jitter=20,loss=0.02,cuts=1200,outage=0.5,drift=200,resets=900,tamper=900")
    async with running_core(tmp_path / "core", host) as core:
        await core.put(*campus.entities())
        data = tmp_path / "fleet"
        await asyncio.to_thread(provision, campus, core.authority, data)
        begin = datetime(2026, 3, 2, 8, tzinfo=UTC)
        fleet = Fleet(campus, Plan(data=data, server=(host, 1480), faults=faults, speed=400, begin=begin, seed=2))
        running = asyncio.create_task(fleet.run())
        try:
            async with asyncio.timeout(120):
                counts = fleet.counts
                # The controllers keep the real time, whose schedules let fewer people in by night.
                while min(counts["granted"], counts["resets"], counts["tampers"]) < 6 or not counts["denied"]:
                    await asyncio.sleep(0.1)
                    assert not running.done(), running.result()
            assert report(fleet)["running"] <= 6
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        calm = Fleet(campus, Plan(data=data, server=(host, 1480), begin=begin, seed=2))
        stations = [asyncio.create_task(station.run()) for station in calm.stations]
        try:
            async with asyncio.timeout(60):
                while calm.connected < 6 or calm.waiting:
                    await asyncio.sleep(0.1)
            await _whole(core, calm)
        finally:
            for task in stations:
                task.cancel()
            await asyncio.gather(*stations, return_exceptions=True)


async def _whole(core: Core, fleet: Fleet) -> None:
    """Every record of every controller is in the log, once."""
    found: dict[str, list[int]] = {}
    after = 0
    while stored := await core.log.read(EventFilter(after=after, limit=10_000)):
        after = stored[-1].seq
        for one in stored:
            node, *_, index = one.event.key.split("/")
            if node.startswith("edge-"):
                found.setdefault(node, []).append(int(index))
    for station in fleet.stations:
        assert station.sim is not None
        indices = sorted(found[controller_id(station.number)])
        assert len(set(indices)) == len(indices)
        assert indices[: station.sim.node.journal.confirmed] == list(range(1, station.sim.node.journal.confirmed + 1))


async def test_it_runs_alone_and_stops_when_told(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sim.access", "run", "--controllers", "4", "--people", "100", "--begin", "2026-03-02T08:00",
        "--speed", "300", "--every", "1", "--data", str(tmp_path),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while json.loads(await process.stdout.readline()).get("granted", 0) < 5:
                pass
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            await process.stdout.read()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
