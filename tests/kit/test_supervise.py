"""Endpoints are retried, stopped, replaced and spoken for as their errors and configuration say."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sitewarden.domain.commands import Command
from sitewarden.domain.points.model import Point
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import LocalMisuse, Misconfigured, PeerViolation, Unavailable
from sitewarden.kit.supervise import Supervisor
from tests.kit.fakes import FakeDriver, Recorder


def spec(id_: str, **more: Any) -> EndpointSpec:
    return EndpointSpec(id=id_, name=id_.upper(), **more)


class House:
    def __init__(self) -> None:
        self.recorder = Recorder()
        self.driver = FakeDriver({})
        self.supervisor = Supervisor(
            self.recorder.context(), lambda _name: self.driver, backoff=lambda: Backoff(0.001, 0.002, draw=random.Random(1))
        )

    async def run(self, *specs: EndpointSpec) -> None:
        await self.supervisor.reconcile([("fake", one) for one in specs])

    def types(self) -> list[tuple[str, str]]:
        return [(event.entity, event.type) for event in self.recorder.events]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.supervisor.close()


async def test_unavailable_is_retried_and_told_once_per_change(house: House) -> None:
    house.driver.scripts["a"] = [Unavailable("no answer"), PeerViolation("bad frame"), Unavailable("no answer"), "serve"]
    await house.run(spec("a"))
    await house.recorder.until(lambda: len(house.recorder.events) == 2)
    assert house.types() == [("endpoint:a", "endpoint.offline"), ("endpoint:a", "endpoint.online")]
    assert house.recorder.events[0].text == "A is not reachable: no answer"
    assert [status.detail for status in house.recorder.statuses] == ["no answer", "bad frame", "no answer", ""]
    assert len({event.key for event in house.recorder.events}) == 2


async def test_misconfigured_waits_for_a_change(house: House) -> None:
    house.driver.scripts["a"] = [Misconfigured("wrong password")]
    await house.run(spec("a"))
    await house.recorder.until(lambda: house.recorder.events)
    assert house.types() == [("endpoint:a", "endpoint.misconfigured")]
    endpoint = house.driver.made[0]
    await asyncio.sleep(0.05)
    assert endpoint.runs == 1 and endpoint.aged == 3
    house.driver.scripts["a"] = ["serve"]
    await house.run(spec("a", config={"password": "right"}))
    await house.recorder.until(lambda: len(house.recorder.events) == 2)
    assert house.types()[-1] == ("endpoint:a", "endpoint.online")


async def test_a_refused_configuration_is_told_and_the_others_run(house: House) -> None:
    house.driver.scripts |= {"bad": [Misconfigured], "good": ["serve"]}
    await house.run(spec("bad"), spec("good"))
    await house.recorder.until(lambda: len(house.recorder.events) == 2)
    assert sorted(house.types()) == [("endpoint:bad", "endpoint.misconfigured"), ("endpoint:good", "endpoint.online")]
    result = await house.supervisor.execute(Command(id="1", name="x.y", entity="endpoint:bad"))
    assert not result.ok and result.code == "unreachable" and "bad settings" in result.what


async def test_local_misuse_stops_loudly(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.driver.scripts["a"] = [LocalMisuse("called twice"), "serve"]
    await house.run(spec("a"))
    await house.recorder.until(lambda: house.recorder.events)
    await asyncio.sleep(0.03)
    assert house.driver.made[0].runs == 1
    assert house.recorder.statuses[-1].data == {"error": "defect"}
    assert any(record.levelname == "CRITICAL" for record in caplog.records)


async def test_an_unforeseen_error_is_a_defect_and_does_not_reach_the_others(house: House) -> None:
    house.driver.scripts |= {"a": [ZeroDivisionError("oops")], "b": ["serve"]}
    await house.run(spec("a"), spec("b"))
    await house.recorder.until(lambda: len(house.recorder.events) == 2)
    assert "ZeroDivisionError" in house.recorder.events[0].data["detail"]
    assert ("endpoint:b", "endpoint.online") in house.types()


async def test_a_cancelled_wait_inside_a_driver_does_not_end_supervision(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.kit.supervise.DEFECT_PAUSE", 0.01)
    house.driver.scripts["a"] = [asyncio.CancelledError(), "serve"]
    await house.run(spec("a"))
    await house.recorder.until(lambda: len(house.recorder.events) == 2)
    assert [type_ for _, type_ in house.types()] == ["endpoint.offline", "endpoint.online"]


async def test_unchanged_left_alone_changed_restarted_removed_stopped(house: House) -> None:
    house.driver.scripts |= {"a": ["serve"], "b": ["serve"], "c": ["serve"]}
    await house.run(spec("a"), spec("b"), spec("c"))
    await house.recorder.until(lambda: len(house.recorder.events) == 3)
    await house.run(spec("a"), spec("b", config={"x": 1}))
    await house.recorder.until(lambda: len(house.driver.made) == 4 and house.driver.made[3].runs == 1)
    assert [one.spec.id for one in house.driver.made] == ["a", "b", "c", "b"]
    assert [one.runs for one in house.driver.made] == [1, 1, 1, 1]
    assert house.recorder.statuses[3].ref == "endpoint:c" and house.recorder.statuses[3].state == "disabled"
    assert sorted(house.supervisor.entities()) == ["endpoint:a", "endpoint:b"]


async def test_a_driver_of_devices_starts_no_endpoint_without_one(house: House) -> None:
    house.driver = FakeDriver({"a": ["serve"]}, devices=True)
    await house.run(spec("a"))
    assert house.driver.made == []
    await house.run(spec("a", devices=(DeviceSpec(id="d", name="D"),)))
    await house.recorder.until(lambda: len(house.recorder.events) == 2)
    await house.run(spec("a"))
    assert {status.ref for status in house.recorder.statuses if status.state == "disabled"} == {"endpoint:a", "device:d"}


async def test_a_lost_endpoint_takes_its_devices_along_without_an_event_each(house: House) -> None:
    house.driver.scripts["a"] = ["drop", "serve"]
    devices = tuple(DeviceSpec(id=f"d{n}", name=f"D{n}") for n in range(3))
    await house.run(spec("a", devices=devices))
    await house.recorder.until(lambda: any(status.state == "offline" for status in house.recorder.statuses))
    offline = {status.ref for status in house.recorder.statuses if status.state == "offline"}
    assert offline == {"endpoint:a", "device:d0", "device:d1", "device:d2"}
    await house.recorder.until(lambda: len(house.recorder.events) >= 5)
    assert [type_ for _, type_ in house.types()].count("device.offline") == 0


async def test_commands_reach_the_owner_and_every_failure_is_a_result(house: House) -> None:
    house.driver.scripts["lobby"] = ["serve"]
    point = Point(id="temperature", name="T", device="d")
    device = DeviceSpec(id="d", name="D", ref="controller:front", entities=("door:main",), points=(point,))
    await house.run(spec("lobby", ref="camera:lobby", devices=(device,)))
    await house.recorder.until(lambda: house.recorder.statuses)
    assert sorted(house.supervisor.entities()) == ["camera:lobby", "controller:front", "door:main", "point:temperature"]

    async def ask(entity: str, **args: Any) -> tuple[bool, str]:
        result = await house.supervisor.execute(Command(id="1", name="door.release", entity=entity, args=args, timeout=0.02))
        return result.ok, result.code

    assert await ask("door:main") == (True, "")
    assert await ask("point:temperature") == (True, "")
    assert await ask("door:other") == (False, "not-found")
    assert await ask("door:main", hang=True) == (False, "timed-out")
    assert await ask("door:main", **{"raise": Unavailable("gone")}) == (False, "unreachable")
    assert await ask("door:main", **{"raise": ValueError("x")}) == (False, "defect")


async def test_health_events_wait_until_they_can_be_stored(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [OSError("disk")]
    store = house.recorder.emit

    async def emit(events: Any, confirm: Any = None) -> None:
        if failures:
            raise failures.pop()
        await store(events, confirm)

    house.supervisor._ctx = Recorder.context(house.recorder)
    object.__setattr__(house.supervisor._ctx, "emit", emit)
    house.driver.scripts["a"] = ["serve"]
    await house.run(spec("a"))
    await house.recorder.until(lambda: house.recorder.events)
    assert house.types() == [("endpoint:a", "endpoint.online")]


def test_backoff_grows_to_its_cap_and_begins_anew() -> None:
    backoff = Backoff(1.0, 8.0, draw=random.Random(3))
    delays = [backoff.next() for _ in range(6)]
    for delay, step in zip(delays, [1, 2, 4, 8, 8, 8], strict=True):
        assert step / 2 <= delay <= step
    backoff.reset()
    assert backoff.next() <= 1.0
