"""The driver over real sockets: devices that dial, devices that are dialled, faults, loss and return, writing, TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.tcp import Scale, ScaleServer
from sitewarden.config import Settings
from sitewarden.config.model import TlsSettings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.tcp.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.tls import server_context
from tests.kit.fakes import Recorder
from tests.kit.listening import ListenNetwork

PATIENCE = 60.0
FAST: dict[str, Any] = {"timeout": 0.2, "bad_after": 1.0, "probe_every": 1.0}
PATTERN = r"W=([-0-9.]+)"


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def point(id_: str, *, device: str = "d", **more: Any) -> Point:
    return Point(id=id_, name=id_.upper(), device=device, **more)


def device(*points: Point, id_: str = "d", **config: Any) -> DeviceSpec:
    return DeviceSpec(id=id_, name=id_.upper(), config=config, points=points)


class Field:
    """The driver under supervision, and what it tells."""

    def __init__(self, host: str) -> None:
        self.host, self.port = host, free_port(host)
        self.recorder = Recorder()
        self.net = ListenNetwork(host)
        self.scale = Scale()
        self.server = ScaleServer(self.scale)
        self.context = self.recorder.context(self.net)
        self.supervisor = self.supervised()

    def supervised(self, **more: Any) -> Supervisor:
        self.context = replace(self.context, **more)
        return Supervisor(self.context, lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.05), steady=0.0)

    async def serve(self, *devices: DeviceSpec, **config: Any) -> None:
        config = {"mode": "server", "port": self.port} | FAST | config
        await self.supervisor.reconcile([("tcp", EndpointSpec(id="e", name="E", config=config, devices=devices))])
        await self.recorder.until(lambda: "endpoint:e endpoint.online" in self.events(), PATIENCE)

    async def dial(self, *devices: DeviceSpec, **config: Any) -> None:
        self.port = await self.server.start(self.host, self.port)
        config = {"mode": "client", "host": self.host, "port": self.port} | FAST | config
        await self.supervisor.reconcile([("tcp", EndpointSpec(id="e", name="E", config=config, devices=devices))])

    async def connect(self, data: bytes = b"", host: str | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=(host, 0) if host else None)
        writer.write(data)
        return reader, writer

    def events(self) -> list[str]:
        return [f"{event.entity} {event.type}" for event in self.recorder.events]

    def last(self, id_: str) -> tuple[Value, int] | None:
        for batch in reversed(self.recorder.batches):
            for at in reversed(range(len(batch))):
                if batch.points[at] == id_:
                    return batch.values[at], batch.qualities[at]
        return None

    def figures(self) -> dict[str, Any]:
        return next((one.data for one in reversed(self.recorder.statuses) if one.ref == "endpoint:e" and one.data), {})

    async def went(self, id_: str, *states: tuple[Value, int]) -> None:
        """Wait until a point has been through these states, one after the other."""

        def through() -> bool:
            been = (
                (batch.values[at], batch.qualities[at])
                for batch in self.recorder.batches
                for at, point in enumerate(batch.points)
                if point == id_
            )
            return all(state in been for state in states)

        await self.recorder.until(through, PATIENCE)

    async def until(self, id_: str, value: Value, quality: int = Quality.GOOD) -> None:
        await self.recorder.until(lambda: self.last(id_) == (value, quality), PATIENCE)

    async def write(self, id_: str, value: Value) -> Result:
        command = Command(id="1", name="point.write", entity=f"point:{id_}", args={"value": value}, timeout=30.0)
        return await self.supervisor.execute(command)


@pytest.fixture
async def field(host: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Field]:
    monkeypatch.setattr("sitewarden.drivers.tcp.driver.REPORT", 0.1)
    field = Field(host)
    yield field
    await field.supervisor.close()
    await field.server.stop()


async def test_devices_that_dial_are_told_apart_by_what_they_say(field: Field) -> None:
    await field.serve(
        device(point("a"), point("unit", type="string", address={"pattern": r"[.0-9]+ (kg)"}), says="S1", pattern=PATTERN),
        device(point("b", device="d2"), id_="d2", says="S2", pattern=PATTERN),
        device=r"^(S\d+) ",
        reply="ACK {device}\r\n",
    )
    assert field.net.heard == [("tcp-server", field.port)]
    reader, writer = await field.connect(b"S1 W=1.5 kg\r\nS2 W=2.")
    await field.until("a", 1.5)
    await field.until("unit", "kg")
    writer.write(b"5 kg\r\nS3 W=9 kg\r\nS1 W=- kg\r\n")
    await field.until("b", 2.5)
    await field.until("a", None, Quality.BAD_SENSOR_FAILURE)
    assert await reader.readline() + await reader.readline() == b"ACK S1\r\nACK S2\r\n"
    assert field.events()[1:] == ["device:d device.online", "device:d2 device.online"]
    writer.transport.abort()
    await field.recorder.until(lambda: field.figures().get("unknown") == 1, PATIENCE)
    assert "S3 W=9 kg" in field.figures()["stranger"]


async def test_a_device_that_dials_for_each_message_is_not_lost_between_them(field: Field) -> None:
    await field.serve(device(point("a"), pattern=PATTERN, silent_after=0.5), bad_after=1.0)
    for weight in (1.0, 2.0):
        _, writer = await field.connect(f"W={weight}\n".encode())
        await field.until("a", weight)
        writer.close()
        await writer.wait_closed()
    await field.went("a", (2.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE), (None, Quality.BAD_NO_COMMUNICATION))
    assert field.events() == ["endpoint:e endpoint.online", "device:d device.online", "device:d device.offline"]
    _, writer = await field.connect(b"W=3\n")
    await field.until("a", 3.0)
    writer.transport.abort()


async def test_an_address_is_held_to_its_device(field: Field, host: str) -> None:
    other = host.rsplit(".", 1)[0] + "." + str(int(host.rsplit(".", 1)[1]) % 250 + 1)
    await field.serve(
        device(point("a"), address=host, pattern=PATTERN),
        device(point("b", device="d2"), id_="d2", address="10.9.9.9", pattern=PATTERN),
    )
    _, writer = await field.connect(b"W=1\n", host)
    await field.until("a", 1.0)
    reader, stranger = await field.connect(b"W=7\n", other)
    assert await reader.read() == b""
    assert field.last("a") == (1.0, Quality.GOOD) and field.last("b") is None
    writer.transport.abort()
    stranger.transport.abort()


@pytest.mark.parametrize(
    ("config", "sent"),
    [({"most": 16}, b"W=" + b"1" * 30), ({"networks": ["10.9.9.0/24"]}, b""), ({"framing": "length", "most": 64}, b"\xff\xff")],
)
async def test_a_hostile_peer_is_cut_off_and_others_are_served(field: Field, config: dict[str, Any], sent: bytes) -> None:
    await field.serve(device(point("a"), pattern=PATTERN), **config)
    for _ in range(2):
        reader, writer = await field.connect(sent)
        assert await _ended(reader)
        writer.transport.abort()
    assert field.events() == ["endpoint:e endpoint.online"]


async def test_a_polled_device_is_asked_written_and_read_back(field: Field) -> None:
    await field.dial(
        device(
            point("w"),
            point(
                "tare",
                writable=True,
                unit="kg",
                address={"pattern": r"T=([0-9.]+)", "write": "T {value:.2f}\r\n", "confirm": "^OK", "refused": "^ERR"},
            ),
            poll="W?\r\n",
            every=0.05,
            pattern=PATTERN,
        )
    )
    await field.until("w", 12.5)
    assert field.net.dialled == [("tcp-client", field.host, field.port)]
    result = await field.write("tare", 2.5)
    assert result.ok and result.value == {"old": 0.0, "new": 2.5, "read_back": 2.5, "unit": "kg", "confirmed": True}
    await field.until("w", 10.0)
    field.scale.refuse = True
    result = await field.write("tare", 3.0)
    assert (result.ok, result.code) == (False, "refused") and "ERR" in result.what
    field.scale.refuse, field.scale.wrong = False, True
    await field.until("tare", 2.5)
    result = await field.write("w", 1.0)
    assert (result.ok, result.code) == (False, "invalid")


async def test_a_silent_device_is_lost_and_found_again(field: Field) -> None:
    await field.dial(device(point("w"), poll="W?\r\n", every=0.05, pattern=PATTERN))
    await field.until("w", 12.5)
    field.scale.drop = True
    await field.went("w", (12.5, Quality.UNCERTAIN_LAST_KNOWN_VALUE), (None, Quality.BAD_NO_COMMUNICATION))
    field.scale.drop = False
    await field.until("w", 12.5)
    assert [event for event in field.events() if event.startswith("device")] == [
        "device:d device.online",
        "device:d device.offline",
        "device:d device.online",
    ]


async def test_a_device_that_restarts_is_dialled_again_and_told_as_uncertain(field: Field) -> None:
    await field.dial(device(point("w"), pattern=PATTERN))
    await field.recorder.until(lambda: "endpoint:e endpoint.online" in field.events(), PATIENCE)
    for weight in (1.0, 2.0):
        field.scale.load = weight
        while field.last("w") != (weight, Quality.GOOD):
            field.server.say(field.scale.line())
            await asyncio.sleep(0.02)
        await field.server.stop()
        await field.went("w", (weight, Quality.UNCERTAIN_LAST_KNOWN_VALUE))
        await field.server.start(field.host, field.port)


async def test_writes_that_nobody_answers_fail_in_time_and_polls_go_on(field: Field) -> None:
    await field.dial(
        device(
            point("w", writable=True, address={"write": "X {value}\r\n", "confirm": "^never$"}),
            poll="W?\r\n",
            every=0.05,
            pattern=PATTERN,
        )
    )
    await field.until("w", 12.5)
    results = await asyncio.gather(*(field.write("w", 1.0) for _ in range(3)))
    assert {(one.ok, one.code) for one in results} == {(False, "unreachable")}
    field.scale.load = 7.0
    await field.until("w", 7.0)


async def test_a_write_without_an_answer_is_told_as_unconfirmed(field: Field) -> None:
    await field.serve(device(point("a", writable=True, address={"write": "{device}={value:.0f}\n"}), says="S1"), device=r"^(\w+)")
    result = await field.write("a", 5.0)
    assert (result.ok, result.code) == (False, "unreachable")
    reader, writer = await field.connect(b"S1\n")
    await field.recorder.until(lambda: "device:d device.online" in field.events(), PATIENCE)
    result = await field.write("a", 5.0)
    assert result.ok and result.value["confirmed"] is False
    assert await reader.readline() == b"S1=5\n"
    writer.transport.abort()


async def test_tls_both_ways(field: Field, host: str, tmp_path: Path) -> None:
    settings = Settings.for_test(host, tmp_path, tls=TlsSettings(names=(host,)))
    context = server_context(settings, tmp_path / "tls")
    field.supervisor = field.supervised(own_tls=lambda: context)
    await field.serve(device(point("a"), pattern=PATTERN), tls=True)
    authority = (tmp_path / "tls" / "ca.pem").read_text()
    other = Recorder()
    dialler = Supervisor(other.context(ListenNetwork(host)), lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.05))
    spec = EndpointSpec(
        id="c",
        name="C",
        config={"mode": "client", "host": host, "port": field.port, "tls": True},
        devices=(device(point("b"), poll="W=4\n", pattern="never"),),
    )
    try:
        await dialler.reconcile([("tcp", spec)])
        await other.until(lambda: any("is not trusted" in one.detail for one in other.statuses), PATIENCE)
        trusting = EndpointSpec(id="c", name="C", config=spec.config | {"ca": authority}, devices=spec.devices)
        await dialler.reconcile([("tcp", trusting)])
        await field.until("a", 4.0)
        pinned = EndpointSpec(id="c", name="C", config=spec.config | {"fingerprint": "0" * 64}, devices=spec.devices)
        await dialler.reconcile([("tcp", pinned)])
        await other.until(lambda: any("another certificate" in one.detail for one in other.statuses), PATIENCE)
        reader, writer = await asyncio.open_connection(host, field.port)
        writer.write(b"W=5.000 kg, in clear\n")
        assert await _ended(reader)
        writer.transport.abort()
    finally:
        await dialler.close()
    assert field.last("a") == (4.0, Quality.GOOD)


@pytest.mark.parametrize(
    ("config", "devices", "what"),
    [
        ({}, (device(says="a"), device(says="b", id_="e")), "cannot be told from"),
        ({"device": "(.)"}, (device(),), "says: is missing"),
        ({"device": "(.)"}, (device(says="a"), device(says="a", id_="e")), "known by the same"),
        ({}, (device(address="10.0.0.1"), device(address="::ffff:10.0.0.1", id_="e")), "known by the same"),
        ({}, (device(point("p", address={"group": 2}), pattern="(.)"),), "no group 2"),
        ({}, (device(point("p", writable=True)),), "write: is missing"),
    ],
)
def test_devices_that_cannot_be_told_apart_are_refused(
    config: dict[str, Any], devices: tuple[DeviceSpec, ...], what: str
) -> None:
    with pytest.raises(Misconfigured, match=what):
        DRIVER.endpoint(EndpointSpec(id="e", name="E", config={"mode": "server", "port": 1} | config, devices=devices))


async def _ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the far end has closed."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read() is not None
        except (ConnectionError, ssl.SSLError):
            return True
