"""Tracer (a) without a browser: a register changes in the machine, is stored, seen live, written back; for whoever may."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.demo_points import entities, specs
from sitewarden.bus.hub import Hub
from sitewarden.config import Settings
from sitewarden.domain.entities import KINDS
from sitewarden.domain.errors import Forbidden, Invalid, NotFound, Refusal, StorageFull, Unreachable
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.kit.clock import SystemClock
from sitewarden.net.network import LocalNetwork
from sitewarden.services.points import worker as worker_module
from sitewarden.services.points.history import PointHistory
from sitewarden.services.points.operations import Points
from sitewarden.services.points.worker import IotWorker
from sitewarden.store.sqlite import SqliteSampleStore
from tests.services.house import House

KIND_OF = {model: kind for kind, model in KINDS.items()}


class MemoryLog:
    def __init__(self) -> None:
        self.events: list[StoredEvent] = []

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> list[StoredEvent]:
        stored = [StoredEvent(seq=len(self.events) + n, stored=0, event=event) for n, event in enumerate(events, 1)]
        self.events += stored
        return stored

    def head(self) -> int:
        return len(self.events)

    async def read(self, after: int, limit: int, types: Sequence[str]) -> list[StoredEvent]:
        return self.events[after : after + limit]


class Machine:
    """`python -m sim.modbus` as a process of its own."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sim.modbus",
            "--host",
            self.host,
            "--port",
            str(self.port),
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
            env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
        )
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        self.port = int(line.rsplit(":", 1)[1])

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None


class Iot(House):
    """Core's services and an iot worker on one bus, real network, real store; the machine is a process."""

    def __init__(self, host: str, folder: Path) -> None:
        super().__init__()
        self.machine = Machine(host)
        self.log = MemoryLog()
        self.bus = Hub(self.log, self.log.read)
        self.network = LocalNetwork(Settings.for_test(host), "iot", folder / "run")
        self.store = SqliteSampleStore.open(folder / "samples.db")
        self.statuses: list[Status] = []
        self.worker = IotWorker(self.bus, self.network, SystemClock(), self.store, self.statuses.append)
        self.operations.add(Points(self.bus, self.state, self.subjects, SystemClock()).operations())
        self.operations.add(PointHistory(self.state, self.subjects).operations())
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.begin()
        await self.machine.start()
        found = entities(self.machine.host, self.machine.port, area="lab")
        for one in found:
            await self.memory.put(KIND_OF[type(one)], one)
        self._task = asyncio.create_task(self.worker.run())
        await self.worker.configure(specs(found))

    async def shut(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.machine.kill()
        await self.network.close()
        await self.store.close()
        await self.bus.close()
        self.close()

    async def live(self, point: str, condition: Any) -> tuple[Any, int]:
        """Follow the topic `points` until a value of `point` fits."""
        subscription = self.bus.subscribe("points")
        try:
            async with asyncio.timeout(60):
                async for _, payload in subscription:
                    samples = msgspec.msgpack.decode(payload, type=Samples)
                    for id_, value, quality in zip(samples.points, samples.values, samples.qualities, strict=True):
                        if id_ == point and condition(value, quality):
                            return value, quality
        finally:
            subscription.close()
        raise AssertionError


@pytest.fixture
async def iot(host: str, tmp_path: Path) -> AsyncIterator[Iot]:
    iot = Iot(host, tmp_path)
    await iot.open()
    yield iot
    await iot.shut()


async def test_from_the_register_to_the_store_to_the_screen_and_back(iot: Iot) -> None:
    await iot.live("ahu-supply", lambda value, quality: quality == Quality.GOOD)
    first = (await iot.ask("points.values", ids=("ahu-setpoint",))).value.items
    assert [(one.point, one.value, one.quality) for one in first] == [("ahu-setpoint", 21.0, 0)]

    written = (await iot.ask("points.write", id="ahu-setpoint", value=24.5, reason="warmer")).value
    assert (written.old, written.new, written.read_back) == (21.0, 24.5, 24.5)
    await iot.live("ahu-supply", lambda value, quality: quality == Quality.GOOD and value > 22.0)

    event = next(one.event for one in iot.log.events if one.event.type == "point.written")
    assert event.text == "Supply air set point set from 21.0 °C to 24.5 °C by user:ada"
    assert event.data["values"] == {"old": 21.0, "new": 24.5, "read_back": 24.5} and event.data["reason"] == "warmer"
    audit = iot.memory.audited[-1]
    assert (audit.action, audit.entity, audit.outcome, audit.detail) == (
        "point.write",
        "point:ahu-setpoint",
        "done",
        {"value": 24.5},
    )

    async with asyncio.timeout(60):
        while True:
            history = await iot.store.range("ahu-setpoint", 0, 2**60, 10)
            if history.values == [21.0, 24.5]:
                break
            await asyncio.sleep(0.05)
    assert history.source_times == sorted(history.source_times) and history.qualities == [0, 0]
    assert {(status.ref, status.state) for status in iot.statuses} == {
        ("endpoint:plant", "online"),
        ("device:ahu", "online"),
        ("device:genset", "online"),
    }
    assert [(entry.port, entry.direction, entry.remote) for entry in iot.network.ledger()] == [
        ("modbus", "out", f"{iot.machine.host}:{iot.machine.port}")
    ]


async def test_the_machine_is_killed_and_started_again(iot: Iot) -> None:
    await iot.live("genset-power", lambda value, quality: quality == Quality.GOOD)
    await iot.machine.kill()
    value, _ = await iot.live("genset-power", lambda _value, quality: quality == Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    assert value is not None
    with pytest.raises(Unreachable):
        await iot.ask("points.write", id="ahu-setpoint", value=20.0)
    await iot.machine.start()
    await iot.live("genset-power", lambda _value, quality: quality == Quality.GOOD)
    assert (await iot.ask("points.write", id="ahu-setpoint", value=20.0)).value.read_back == 20.0
    types = [one.event.type for one in iot.log.events if one.event.entity == "endpoint:plant"]
    assert types == ["endpoint.online", "endpoint.offline", "endpoint.online"]


async def test_a_new_worker_begins_with_the_last_values_as_uncertain(iot: Iot) -> None:
    await iot.live("ahu-name", lambda value, _quality: value == "AHU roof east")
    assert iot._task is not None
    iot._task.cancel()
    await asyncio.gather(iot._task, return_exceptions=True)
    await iot.machine.kill()
    again = IotWorker(iot.bus, iot.network, SystemClock(), iot.store, iot.statuses.append)
    await again.configure(specs(entities(iot.machine.host, iot.machine.port)))
    (latest,) = again.table.latest(["ahu-name"])
    assert (latest.value, latest.quality) == ("AHU roof east", Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    await again._supervisor.close()


async def test_only_who_may_sees_and_writes(iot: Iot) -> None:
    await iot.live("ahu-supply", lambda _value, quality: quality == Quality.GOOD)
    reader = await iot.person("rita", Grant(action="point.read", selector="point:ahu-supply"))
    assert [one.point for one in (await iot.ask("points.values", reader)).value.items] == ["ahu-supply"]
    lab = await iot.person("lars", Grant(action="point.*", selector="area:lab"))
    assert len((await iot.ask("points.values", lab)).value.items) > 10
    with pytest.raises(Forbidden):
        await iot.ask("points.write", reader, id="ahu-supply", value=1.0)
    with pytest.raises(Forbidden):
        await iot.ask("samples.raw", reader, id="ahu-co2", start=0, end=1)
    assert iot.memory.audited[-1].outcome == "refused: forbidden"


@pytest.mark.parametrize(
    ("id_", "value", "refusal", "words"),
    [
        ("ahu-setpoint", 99.0, Invalid, "outside the limits"),
        ("ahu-setpoint", True, Invalid, "takes a number"),
        ("ahu-setpoint", "warm", Invalid, "takes a number"),
        ("ahu-enable", 2, Invalid, "takes true or false"),
        ("ahu-supply", 20.0, Invalid, "read-only"),
        ("nothing", 20.0, NotFound, "no point"),
    ],
)
async def test_a_write_that_does_not_fit_never_reaches_the_machine(
    iot: Iot, id_: str, value: Any, refusal: type[Refusal], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        await iot.ask("points.write", id=id_, value=value)
    assert not [one for one in iot.log.events if one.event.type == "point.written"]


async def test_a_store_that_is_full_keeps_the_samples_waiting(iot: Iot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "KEEP_AGAIN", 0.05)
    await iot.live("ahu-supply", lambda _value, quality: quality == Quality.GOOD)
    store, full, tries = iot.store.append, asyncio.Event(), asyncio.Event()

    async def append(samples: Samples) -> None:
        if not full.is_set():
            tries.set()
            raise StorageFull("no room", where="samples")
        await store(samples)

    monkeypatch.setattr(iot.store, "append", append)
    await iot.ask("points.write", id="ahu-fan-setpoint", value=55)
    await tries.wait()
    full.set()
    async with asyncio.timeout(60):
        while (await iot.store.range("ahu-fan-setpoint", 0, 2**60, 1000)).values[-1:] != [55]:
            await asyncio.sleep(0.05)
    assert iot.worker.table.dropped == 0
