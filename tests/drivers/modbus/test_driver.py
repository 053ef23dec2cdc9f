"""The driver against the simulated machine over real sockets: polling, faults, loss and return, writing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sim.demo_points import entities, specs
from sim.modbus_server import Bank, ModbusServer
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.modbus.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.kit.supervise import Supervisor
from sitewarden.wire.modbus import Request
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

FAST: dict[str, Any] = {"timeout": 0.1, "bad_after": 1.0, "probe_every": 1.0}


class Field:
    """A server, the driver under supervision, and what it tells."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self.bank = Bank()
        self.bank.holding |= {address: address * 10 for address in range(20)}
        self.bank.coils |= {0: True, 1: False}
        self.server = ModbusServer({1: self.bank})
        self.server.record = True
        self.recorder = Recorder()
        self.net = LoopNetwork()
        self.supervisor = Supervisor(
            self.recorder.context(self.net), lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.05), steady=0.0
        )

    async def start(self, *devices: DeviceSpec, **config: Any) -> None:
        self.port = await self.server.start(self.host, self.port)
        await self.run(*devices, **config)

    async def run(self, *devices: DeviceSpec, **config: Any) -> None:
        spec = EndpointSpec(id="e", name="E", config={"host": self.host, "port": self.port} | FAST | config, devices=devices)
        await self.supervisor.reconcile([("modbus", spec)])

    def values(self, id_: str) -> list[tuple[Value, int]]:
        return [
            (batch.values[place], batch.qualities[place])
            for batch in self.recorder.batches
            for place, point in enumerate(batch.points)
            if point == id_
        ]

    def last(self, id_: str) -> tuple[Value, int] | None:
        return (self.values(id_) or [None])[-1]

    def events(self) -> list[str]:
        return [f"{event.entity} {event.type}" for event in self.recorder.events]

    async def until(self, id_: str, value: Value, quality: int = Quality.GOOD) -> None:
        await self.recorder.until(lambda: self.last(id_) == (value, quality))

    async def told(self, *events: str) -> None:
        """Wait until exactly these events have been told."""
        await self.recorder.until(lambda: self.events() == list(events) or len(self.events()) > len(events))
        assert self.events() == list(events)

    async def write(self, id_: str, value: Value, **args: Any) -> Result:
        return await self.supervisor.execute(
            Command(id="1", name="point.write", entity=f"point:{id_}", args={"value": value} | args, timeout=2.0)
        )


@pytest.fixture
async def field(host: str) -> AsyncIterator[Field]:
    field = Field(host)
    yield field
    await field.supervisor.close()
    await field.server.stop()


def point(id_: str, register: int, *, device: str = "d", **more: Any) -> Point:
    address = {"register": register} | more.pop("address", {})
    return Point(id=id_, name=id_.upper(), device=device, address=address, period=more.pop("period", 0.05), **more)


def device(*points: Point, id_: str = "d", **config: Any) -> DeviceSpec:
    return DeviceSpec(id=id_, name=id_.upper(), config=config, points=points)


async def test_a_change_in_the_machine_arrives_and_neighbours_are_read_together(field: Field) -> None:
    await field.start(device(point("a", 1), point("b", 2), point("c", 9)))
    await field.until("c", 90)
    field.bank.holding[2] = 4711
    await field.until("b", 4711)
    assert {request for _, request in field.server.requests} == {Request(3, 1, 9)}
    assert field.net.dialled == [("modbus", field.host, field.port)]
    await field.told("endpoint:e endpoint.online", "device:d device.online")
    batch = field.recorder.batches[0]
    assert batch.source_times == batch.server_times and abs(batch.source_times[0] - field.recorder.events[0].time) < 10_000_000


async def test_registers_that_the_device_lacks_are_learnt_and_the_rest_is_read(field: Field) -> None:
    del field.bank.holding[5]
    await field.start(device(*(point(f"p{n}", n) for n in range(3, 8)), point("far", 12)))
    await field.until("p7", 70)
    await field.until("far", 120)
    await field.until("p5", None, Quality.BAD_CONFIGURATION_ERROR)
    learnt = len(field.server.requests)
    await field.recorder.until(lambda: len(field.values("p7")) > 4)
    later = {(request.address, request.quantity) for _, request in field.server.requests[learnt + 6 :]}
    assert later and not any(address <= 5 < address + quantity for address, quantity in later)
    assert all(value is not None for value, _ in field.values("p4"))


@pytest.mark.parametrize(
    ("code", "quality"),
    [(2, Quality.BAD_CONFIGURATION_ERROR), (4, Quality.BAD_DEVICE_FAILURE), (8, Quality.BAD_DEVICE_FAILURE), (77, Quality.BAD)],
)
async def test_an_exception_is_bad_and_never_zero(field: Field, code: int, quality: Quality) -> None:
    field.server.faults.exception = code
    await field.start(device(point("a", 1)))
    await field.until("a", None, quality)
    assert 0 not in [value for value, _ in field.values("a")]


async def test_a_busy_device_keeps_its_last_value_as_uncertain_and_recovers(field: Field) -> None:
    await field.start(device(point("a", 1)))
    await field.until("a", 10)
    field.server.faults.exception = 6
    await field.until("a", 10, Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    field.server.faults.exception = 0
    await field.until("a", 10)


@pytest.mark.parametrize("in_flight", [4, 1])
async def test_a_dead_unit_never_stalls_the_rest(field: Field, in_flight: int) -> None:
    field.server.units |= {2: field.bank, 3: field.bank}
    units = [device(point(f"p{n}", n, device=f"d{n}"), id_=f"d{n}", unit=n) for n in (1, 2, 3)]
    await field.start(*units, in_flight=in_flight)
    await field.until("p2", 20)
    field.server.faults.silent = {2}
    await field.until("p2", 20, Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    before = len(field.values("p1"))
    await field.until("p2", None, Quality.BAD_NO_COMMUNICATION)
    assert len(field.values("p1")) - before >= 8
    await field.recorder.until(lambda: field.events()[4:] == ["device:d2 device.offline"])
    times = [t for b in field.recorder.batches if b.points == ["p2"] and b.qualities[0] >> 30 == 1 for t in b.source_times]
    good = [t for b in field.recorder.batches if b.points == ["p2"] and b.qualities[0] == 0 for t in b.source_times]
    assert times == [good[-1]]
    field.server.faults.silent = set()
    await field.until("p2", 20)
    await field.recorder.until(lambda: field.events()[5:] == ["device:d2 device.online"])


async def test_a_unit_behind_a_gateway_that_says_so_is_lost_too(field: Field) -> None:
    await field.start(device(point("a", 1)), device(point("b", 1, device="x"), id_="x", unit=9))
    await field.until("b", None, Quality.BAD_NO_COMMUNICATION)
    await field.until("a", 10)
    await field.recorder.until(lambda: "device:x device.offline" in field.events())


async def test_the_machine_is_killed_and_comes_back(field: Field) -> None:
    await field.start(device(point("a", 1)))
    await field.until("a", 10)
    await field.server.stop()
    await field.until("a", 10, Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    await field.until("a", None, Quality.BAD_NO_COMMUNICATION)
    await field.recorder.until(lambda: field.events()[2:] == ["endpoint:e endpoint.offline"])
    assert [s.state for s in field.recorder.statuses if s.ref == "device:d"] == ["online", "offline"]
    field.bank.holding[1] = 11
    field.server.requests.clear()
    await field.server.start(field.host, field.port)
    await field.until("a", 11)
    online = ["endpoint:e endpoint.online", "device:d device.online"]
    await field.told(*online, "endpoint:e endpoint.offline", online[0])
    after = [value for value, quality in field.values("a") if quality == Quality.GOOD and value == 11]
    assert len(after) >= len(field.server.requests) - 1


async def test_a_machine_that_was_never_there_is_bad_and_told_once(field: Field) -> None:
    field.port = await field.server.start(field.host, 0)
    await field.server.stop()
    await field.run(device(point("a", 1)))
    await field.recorder.until(lambda: len(field.net.dialled) > 3)
    assert field.values("a") == [(None, Quality.BAD_NO_COMMUNICATION)]
    assert "Connection refused" in field.recorder.statuses[-1].detail
    await field.server.start(field.host, field.port)
    await field.until("a", 10)


async def test_a_cut_connection_loses_no_sample(field: Field) -> None:
    await field.start(device(point("a", 1, period=3600.0), point("b", 2)))
    await field.until("b", 20)
    field.server.faults.drop = 1
    field.bank.holding[1] = 99
    await field.until("a", 99)


async def test_a_changed_device_keeps_the_connection_and_the_others_undisturbed(field: Field) -> None:
    field.server.units |= {2: field.bank, 3: field.bank}
    one, two = device(point("a", 1), unit=1), device(point("b", 2, device="x"), id_="x", unit=2)
    await field.start(one, two)
    await field.until("a", 10)
    await field.until("b", 20)
    await field.run(one, device(point("c", 3, device="x"), id_="x", unit=3))
    await field.until("c", 30)
    before = len(field.values("b"))
    await field.run(one)
    seen = len(field.values("a"))
    await field.recorder.until(lambda: len(field.values("a")) > seen + 3)
    assert len(field.net.dialled) == 1
    assert len(field.values("b")) == before
    assert {quality for _, quality in field.values("a")} == {Quality.GOOD}
    assert (await field.write("b", 1)).code == "not-found"
    await field.run(device(point("a", 1)), timeout=0.2)
    await field.recorder.until(lambda: len(field.net.dialled) == 2)


async def test_a_change_that_cannot_work_is_told_and_the_next_one_works(field: Field) -> None:
    await field.start(device(point("a", 1)))
    await field.until("a", 10)
    await field.run(device(point("a", 70000)))
    await field.recorder.until(lambda: field.events()[-1:] == ["endpoint:e endpoint.misconfigured"])
    await field.run(device(point("a", 2)))
    await field.until("a", 20)


async def test_a_peer_that_is_no_modbus_is_a_violation_and_tried_again(field: Field) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(12)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    other = await asyncio.start_server(talk, field.host, 0)
    field.port = other.sockets[0].getsockname()[1]
    await field.run(device(point("a", 1)))
    await field.recorder.until(lambda: len(field.net.dialled) >= 3)
    assert field.recorder.statuses[-1].data == {"error": "peer-violation"}
    assert "protocol identifier" in field.recorder.statuses[-1].detail
    other.close()


async def test_a_write_says_old_new_and_read_back_and_arrives_as_a_sample(field: Field) -> None:
    setpoint = point("s", 3, writable=True, scale=0.5, address={"type": "int16"}, period=3600.0)
    await field.start(device(setpoint, point("c", 0, address={"table": "coil"}, type="boolean", writable=True)))
    await field.until("s", 15.0)
    result = await field.write("s", -2.5)
    assert result == Result(ok=True, value={"old": 15.0, "new": -2.5, "read_back": -2.5, "unit": ""})
    assert field.bank.holding[3] == 0xFFFB
    assert field.last("s") == (-2.5, Quality.GOOD)
    assert (await field.write("c", False, read_back=False)).value["read_back"] is None
    assert field.bank.coils[0] is False
    assert [request.function for _, request in field.server.requests if request.function > 4] == [6, 5]


async def test_each_way_of_writing(field: Field) -> None:
    points = [
        point("multi", 3, writable=True, address={"write": "multiple"}),
        point("float", 4, writable=True, address={"type": "float32", "word_order": "little"}),
        point("bit", 6, writable=True, type="boolean", address={"type": "bit", "bit": 15}),
        point("coil", 1, writable=True, type="boolean", address={"table": "coil", "write": "multiple"}),
    ]
    await field.start(device(*points))
    await field.until("bit", False)
    for id_, value in [("multi", 7), ("float", 1.5), ("bit", True), ("coil", True)]:
        result = await field.write(id_, value)
        assert result.ok and result.value["read_back"] == value
    assert [field.bank.holding[n] for n in (3, 4, 5, 6)] == [7, 0, 0x3FC0, 60 | 0x8000]
    assert field.bank.coils == {0: True, 1: True}
    assert [request.function for _, request in field.server.requests if request.function > 4] == [16, 16, 22, 15]


async def test_a_device_without_function_22_has_its_bits_read_changed_and_written(field: Field) -> None:
    field.bank.functions -= {22}
    field.bank.holding[6] = 0b1010
    high = point("high", 6, writable=True, type="integer", address={"type": "uint16", "bit": 8, "length": 4})
    await field.start(device(high, point("low", 6, writable=True, address={"type": "bit", "bit": 0})))
    await field.until("high", 0)
    assert (await field.write("high", 13)).value["read_back"] == 13
    assert (await field.write("low", 1)).ok
    assert field.bank.holding[6] == 0b1101_0000_1011
    assert [request.function for _, request in field.server.requests if request.function > 4] == [22, 6, 6]


async def test_a_write_goes_before_reads(field: Field) -> None:
    points = [point(f"p{n}", n * 2, writable=True, period=0.05) for n in range(8)]
    await field.start(device(*points, gap=0))
    await field.until("p7", 140)
    field.server.faults.delay = 0.03
    field.server.requests.clear()
    writing = asyncio.ensure_future(field.write("p0", 1))
    assert (await writing).ok
    place = [request.function for _, request in field.server.requests].index(6)
    # All eight reads are due at any time: first come, first served would be the ninth.
    assert place < 5


async def test_a_write_whose_time_has_passed_is_not_sent_any_more(field: Field) -> None:
    await field.start(device(point("slow", 3), point("w", 2, writable=True, period=3600.0)), timeout=1.0)
    await field.until("w", 20)
    field.server.faults.delay = 0.3
    field.server.requests.clear()
    await field.recorder.until(lambda: field.server.requests)
    late = Command(id="1", name="point.write", entity="point:w", args={"value": 1}, timeout=0.05)
    assert (await field.supervisor.execute(late)).code == "timed-out"
    field.server.faults.delay = 0.0
    field.server.requests.clear()
    await field.recorder.until(lambda: len(field.server.requests) > 3)
    assert {request.function for _, request in field.server.requests} == {3} and field.bank.holding[2] == 20
    assert (await field.write("w", 2)).value["old"] == 20


async def test_refused_writes_say_why(field: Field) -> None:
    await field.start(device(point("ro", 1), point("w", 2, writable=True), point("none", 500, writable=True)))
    await field.until("w", 20)
    assert "read-only" in (await field.write("ro", 1)).what
    assert "does not fit uint16" in (await field.write("w", 70000)).what
    refused = await field.write("none", 1)
    assert (refused.ok, refused.code) == (False, "refused") and "illegal data address" in refused.what
    await field.server.stop()
    await field.recorder.until(lambda: field.events()[-1].endswith("offline"))
    assert (await field.write("w", 1)).code == "unreachable"


async def test_a_write_under_way_fails_when_the_connection_is_cut(field: Field) -> None:
    await field.start(device(point("w", 2, writable=True, period=3600.0)))
    await field.until("w", 20)
    field.server.faults.drop = 1
    result = await field.write("w", 1)
    assert (result.ok, result.code) == (False, "unreachable") and field.bank.holding[2] == 20


async def test_late_answers_are_nobody_elses(field: Field) -> None:
    await field.start(device(point("a", 1), point("b", 15)), timeout=0.1)
    await field.until("b", 150)
    field.server.faults.delay = 0.25
    await field.until("a", 10, Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    field.server.faults.delay = 0.0
    await field.until("a", 10)
    assert {value for value, quality in field.values("a") if quality == 0} == {10}
    assert {value for value, quality in field.values("b") if quality == 0} == {150}


async def test_a_silent_connection_is_given_up(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.drivers.modbus.driver.SILENCE", 0.3)
    field.server.faults.silent = {1}
    await field.start(device(point("a", 1)))
    await field.recorder.until(lambda: any("answered nothing" in status.detail for status in field.recorder.statuses))
    field.server.faults.silent = set()
    await field.until("a", 10)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            EndpointSpec(id="e", name="E", config={"hosst": "x"}),
            'endpoint:e.config.hosst: "hosst" is not a setting Did you mean "host"',
        ),
        (EndpointSpec(id="e", name="E", config={"host": "x"}, devices=(device(unit=300),)), "device:d.unit"),
        (EndpointSpec(id="e", name="E", config={"host": "x"}, devices=(device(point("a", 70000)),)), "point:a.address.register"),
        (EndpointSpec(id="e", name="E", config={"host": "x"}, devices=(device(), device(id_="x"))), "unit 1 is device d already"),
        (
            EndpointSpec(
                id="e",
                name="E",
                config={"host": "x"},
                devices=(device(point("a", 1, writable=True, address={"table": "input"})),),
            ),
            "cannot be written",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_with_their_place(spec: EndpointSpec, words: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        DRIVER.endpoint(spec)
    assert words in str(caught.value)


async def test_the_demo_plant_is_configured_right(field: Field) -> None:
    from sim.machine import Plant

    field.server = Plant().server
    port = await field.server.start(field.host, 0)
    found = entities(field.host, port)
    points = [one.id for one in found if isinstance(one, Point)]
    await field.supervisor.reconcile(specs(found))
    await field.recorder.until(lambda: all(field.last(id_) for id_ in points))
    assert [id_ for id_ in points if (field.last(id_) or (None, 1))[1] != Quality.GOOD] == []
    assert field.last("ahu-name") == ("AHU roof east", 0)
