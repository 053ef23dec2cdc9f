"""The driver over real sockets: devices that push, keys, limits and sentences; devices that are asked; loss, writing, TLS."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.http_counter import Counter, CounterServer
from sitewarden.config import Settings
from sitewarden.config.model import TlsSettings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.http.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.tls import server_context
from tests.kit.fakes import Recorder
from tests.kit.listening import ListenNetwork

PATIENCE = 60.0
FAST: dict[str, Any] = {"timeout": 0.3, "bad_after": 1.0, "probe_every": 1.0}
KEY = "a key of the device"
HASH = hashlib.sha256(KEY.encode()).hexdigest()


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def point(id_: str, path: str, *, device: str = "d", **more: Any) -> Point:
    address = {"path": path} | more.pop("address", {})
    return Point(id=id_, name=id_.upper(), device=device, address=address, **more)


def device(*points: Point, id_: str = "d", **config: Any) -> DeviceSpec:
    return DeviceSpec(id=id_, name=id_.upper(), config=config, points=points)


class Field:
    """The driver under supervision, and what it tells."""

    def __init__(self, host: str) -> None:
        self.host, self.port = host, free_port(host)
        self.recorder = Recorder()
        self.net = ListenNetwork(host)
        self.counter = Counter()
        self.server = CounterServer(self.counter)
        self.serving = False
        self.supervisor = self.supervised()

    def supervised(self, **more: Any) -> Supervisor:
        context = replace(self.recorder.context(self.net), **more)
        return Supervisor(context, lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.05), steady=0.0)

    async def serve(self, *devices: DeviceSpec, **config: Any) -> None:
        config = {"mode": "server", "port": self.port} | FAST | config
        self.recorder.statuses.clear()
        await self.supervisor.reconcile([("http", EndpointSpec(id="e", name="E", config=config, devices=devices))])
        online = ("endpoint:e", "online")
        await self.recorder.until(lambda: online in [(one.ref, one.state) for one in self.recorder.statuses], PATIENCE)

    async def ask(self, *devices: DeviceSpec, **config: Any) -> None:
        if not self.serving:
            self.port = await self.server.start(self.host, self.port)
            self.serving = True
        config = {"mode": "client", "host": self.host, "port": self.port} | FAST | config
        await self.supervisor.reconcile([("http", EndpointSpec(id="e", name="E", config=config, devices=devices))])

    async def push(
        self, *requests: tuple[str, Any], key: str = "", method: str = "POST", **more: str
    ) -> list[tuple[int, dict[str, str], str]]:
        """Send requests at once on one connection; return status, headers and sentence of each."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        for path, body in requests:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            lines = {"Content-Length": str(len(data))} | ({"Authorization": f"Bearer {key}"} if key else {}) | more
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data)
        found = []
        async with asyncio.timeout(PATIENCE):
            for _ in requests:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
                said = await reader.readexactly(int(lines.get("content-length", "0")))
                found.append((int(head.split()[1]), lines, json.loads(said)["error"] if said else ""))
        writer.transport.abort()
        return found

    def last(self, id_: str) -> tuple[Value, int] | None:
        for batch in reversed(self.recorder.batches):
            if id_ in batch.points:
                at = batch.points.index(id_)
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
    monkeypatch.setattr("sitewarden.drivers.http.driver.REPORT", 0.1)
    field = Field(host)
    yield field
    await field.supervisor.close()
    await field.server.stop()


async def test_devices_push_and_are_known_by_path_and_key(field: Field) -> None:
    await field.serve(
        device(point("a", "/v"), point("b", "$.w", type="string"), path="/one"),
        device(point("c", "/v", device="d2"), id_="d2", key_hash=HASH),
        device(point("e", "/v", device="d3"), id_="d3", path="/three", key_hash=HASH),
    )
    assert field.net.heard == [("http-server", field.port)]
    assert [one[0] for one in await field.push(("/one", {"v": 1, "w": "x"}), ("/one?q", {"v": 2}))] == [204, 204]
    assert (field.last("a"), field.last("b")) == ((2.0, 0), ("x", 0))
    assert (await field.push(("/anywhere", {"v": 3}), ("/three", {"v": 4}), key=KEY))[1][0] == 204
    assert (await field.push(("/anywhere", {"v": 5}), **{"X-Device-Key": KEY}))[0][0] == 204
    assert (field.last("c"), field.last("e")) == ((5.0, 0), (4.0, 0))
    assert {event.type for event in field.recorder.events} == {"endpoint.online", "device.online"}


async def test_what_is_refused_is_told_in_a_sentence(field: Field) -> None:
    await field.serve(
        device(point("a", "/v"), path="/one"),
        device(point("b", "/v", device="d2"), id_="d2", path="/two", key_hash=HASH),
        most=64,
    )
    refused = [
        (await field.push(("/none", {})))[0],
        (await field.push(("/none", {}), key="wrong"))[0],
        (await field.push(("/two", {"v": 1})))[0],
        (await field.push(("/two", {"v": 1}), key="wrong"))[0],
        (await field.push(("/one", {}), method="GET"))[0],
        (await field.push(("/one", b"{")))[0],
        (await field.push(("/one", {"w": 1})))[0],
        (await field.push(("/one", b"x" * 65)))[0],
    ]
    assert [one[0] for one in refused] == [404, 401, 401, 401, 405, 400, 422, 413]
    assert all(one[2].endswith(".") for one in refused) and "'/v'" in refused[6][2]
    assert refused[2][1]["www-authenticate"] == "bearer" and refused[4][1]["allow"] == "post, put"
    assert field.recorder.batches == []
    await field.recorder.until(lambda: field.figures().get("refused") == 8, PATIENCE)
    assert "64 bytes" in field.figures()["last_refused"]


async def test_a_device_that_sends_too_much_is_held_back_and_others_are_not(field: Field) -> None:
    await field.serve(
        device(point("a", "/v"), path="/one"), device(point("b", "/v", device="d2"), id_="d2", path="/two"), rate=0.5
    )
    answers = await field.push(*(("/one", {"v": number}) for number in range(4)), ("/two", {"v": 9}))
    assert [one[0] for one in answers][:2] == [204, 429] and answers[-1][0] == 204
    assert 1 <= int(answers[1][1]["retry-after"]) <= 2
    assert (field.last("a"), field.last("b")) == ((0.0, 0), (9.0, 0))


async def test_a_pushing_device_that_falls_silent_is_lost_point_by_point(field: Field) -> None:
    await field.serve(device(point("a", "/v"), point("b", "/w"), path="/one", silent_after=0.5))
    await field.push(("/one", {"v": 1, "w": 2}), ("/one", {"w": 3}))
    await field.went("a", (1.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE))
    await field.went("b", (3.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE), (None, Quality.BAD_NO_COMMUNICATION))
    await field.push(("/one", {"v": 4, "w": 5}))
    assert (field.last("a"), field.last("b")) == ((4.0, 0), (5.0, 0))


async def test_a_stranger_is_refused(field: Field) -> None:
    await field.serve(device(point("a", "/v"), path="/one"), networks=["10.9.9.0/24"])
    assert (await field.push(("/one", {"v": 1})))[0][:1] == (403,)


async def test_a_slow_request_is_let_go(field: Field) -> None:
    await field.serve(device(point("a", "/v"), path="/one"), idle=1.0)
    reader, writer = await asyncio.open_connection(field.host, field.port)
    writer.write(b"POST /one HT")
    async with asyncio.timeout(PATIENCE):
        try:
            assert await reader.read() == b""
        except ConnectionError:
            pass
    writer.transport.abort()


async def test_a_device_is_asked_written_and_read_back(field: Field) -> None:
    await field.ask(
        device(
            point("inside", "$.lines[name='inside'].count", type="integer"),
            point("goal", "/goal", writable=True, unit="p", address={"write": "/goal"}),
            point("bad", "/goal", writable=True, address={"write": "/nowhere"}),
            path="/state",
            every=0.1,
        )
    )
    await field.until("inside", 3)
    result = await field.write("goal", 60.5)
    assert result.ok and result.value == {"old": 50.0, "new": 60.5, "read_back": 60.5, "unit": "p"}
    refused = await field.write("bad", 1.0)
    assert (refused.ok, refused.code) == (False, "refused") and "404" in refused.what
    assert field.net.dialled == [("http-server", field.host, field.port)], "one connection is kept"
    field.counter.wrong = True
    await field.until("inside", None, Quality.BAD_SENSOR_FAILURE)


@pytest.mark.parametrize("fault", ["drop", "refuse"])
async def test_a_device_that_does_not_answer_is_lost_and_found_again(field: Field, fault: str) -> None:
    await field.ask(device(point("inside", "/lines/1/count"), path="/state", every=0.1))
    await field.until("inside", 3.0)
    setattr(field.counter, fault, True)
    await field.went("inside", (3.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE), (None, Quality.BAD_NO_COMMUNICATION))
    setattr(field.counter, fault, False)
    await field.until("inside", 3.0)
    assert [event.type for event in field.recorder.events if event.entity == "device:d"] == [
        "device.online",
        "device.offline",
        "device.online",
    ]


async def test_a_device_that_restarts_is_asked_again(field: Field) -> None:
    await field.ask(device(point("inside", "/lines/1/count"), path="/state", every=0.1))
    await field.until("inside", 3.0)
    await field.server.stop()
    await field.went("inside", (3.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE))
    field.counter.inside = 4
    await field.server.start(field.host, field.port)
    await field.until("inside", 4.0)


async def test_a_refused_token_stops_the_questions(field: Field) -> None:
    field.counter.token = "right"
    await field.ask(device(point("inside", "/lines/1/count"), path="/state", every=0.1), token="wrong")
    await field.recorder.until(lambda: any(one.data.get("error") == "misconfigured" for one in field.recorder.statuses), PATIENCE)
    assert field.server.asked == 1
    await field.ask(device(point("inside", "/lines/1/count"), path="/state", every=0.1), token="right")
    await field.until("inside", 3.0)


async def test_tls_both_ways(field: Field, host: str, tmp_path: Path) -> None:
    context = server_context(Settings.for_test(host, tmp_path, tls=TlsSettings(names=(host,))), tmp_path / "tls")
    field.supervisor = field.supervised(own_tls=lambda: context)
    await field.serve(device(point("a", "/v"), path="/one"), tls="on")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem"))
    reader, writer = await asyncio.open_connection(host, field.port, ssl=trusting)
    writer.write(b'POST /one HTTP/1.1\r\nContent-Length: 7\r\n\r\n{"v":6}')
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
    assert field.last("a") == (6.0, 0)
    writer.transport.abort()
    other = Recorder()
    asker = Supervisor(other.context(ListenNetwork(host)), lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.05))
    config = {"mode": "client", "host": host, "port": field.port, "tls": "on"}
    asked = (device(point("x", "/v"), path="/one", every=0.1),)
    try:
        await asker.reconcile([("http", EndpointSpec(id="c", name="C", config=config, devices=asked))])
        await other.until(lambda: any("is not trusted" in one.detail for one in other.statuses), PATIENCE)
        believing = config | {"ca": (tmp_path / "tls" / "ca.pem").read_text()}
        await asker.reconcile([("http", EndpointSpec(id="c", name="C", config=believing, devices=asked))])
        await other.until(lambda: any("answered with 405" in one.detail for one in other.statuses), PATIENCE)
    finally:
        await asker.close()


@pytest.mark.parametrize(
    ("config", "devices", "what"),
    [
        ({}, (device(),), "it cannot be told from others"),
        ({}, (device(path="/a"), device(path="/a", id_="e")), "known by the same"),
        ({}, (device(point("p", "/v", writable=True), path="/a"),), "cannot be written"),
        ({"mode": "client", "host": "h"}, (device(),), "path: is missing"),
        ({"mode": "client", "host": "h"}, (device(path="/a", key_hash=HASH),), "is of devices that push"),
        ({"mode": "client", "host": "h"}, (device(point("p", "/v", writable=True), path="/a"),), "write: is missing"),
    ],
)
def test_devices_that_cannot_work_are_refused(config: dict[str, Any], devices: tuple[DeviceSpec, ...], what: str) -> None:
    with pytest.raises(Misconfigured, match=what):
        DRIVER.endpoint(EndpointSpec(id="e", name="E", config={"mode": "server", "port": 1} | config, devices=devices))
