"""The driver against the simulated broker over real sockets: topics, loss and return, writing, presence, browsing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.mqtt_broker import Broker
from sitewarden.config import Settings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.mqtt.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.mqtt import Publish
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

ROOT = Path(__file__).parents[3]
UNCERTAIN = Quality.UNCERTAIN_LAST_KNOWN_VALUE


class Field:
    """A broker, the driver under supervision, and what it tells."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self.broker = Broker()
        self.recorder = Recorder()
        self.net = LoopNetwork()
        self.supervisor = Supervisor(
            self.recorder.context(self.net), lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.05), steady=0.0
        )

    async def start(self, *devices: DeviceSpec, **config: Any) -> None:
        self.port = await self.broker.start(self.host, self.port)
        await self.run(*devices, **config)

    async def run(self, *devices: DeviceSpec, **config: Any) -> None:
        settings = {"host": self.host, "port": self.port, "tls": False, "bad_after": 600.0} | config
        await self.supervisor.reconcile([("mqtt", EndpointSpec(id="e", name="E", config=settings, devices=devices))])

    async def ready(self, state: str = "online") -> None:
        await self.recorder.until(lambda: self.state("endpoint:e") == state)

    def state(self, ref: str) -> str:
        return next((one.state for one in reversed(self.recorder.statuses) if one.ref == ref), "")

    def detail(self, ref: str) -> str:
        return next((one.detail for one in reversed(self.recorder.statuses) if one.ref == ref), "")

    def values(self, id_: str) -> list[tuple[Value, int]]:
        return [
            (batch.values[place], batch.qualities[place])
            for batch in self.recorder.batches
            for place, point in enumerate(batch.points)
            if point == id_
        ]

    async def until(self, id_: str, value: Value, quality: int = Quality.GOOD) -> None:
        await self.recorder.until(lambda: (self.values(id_) or [None])[-1] == (value, quality))

    def say(self, topic: str, payload: str | bytes, qos: int = 1, *, retain: bool = False) -> None:
        self.broker.publish(Publish(topic, payload if isinstance(payload, bytes) else payload.encode(), qos, retain))

    async def write(self, id_: str, value: Value, timeout: float = 30.0) -> Result:
        order = Command(id="1", name="point.write", entity=f"point:{id_}", args={"value": value}, timeout=timeout)
        return await self.supervisor.execute(order)


@pytest.fixture
async def field(host: str) -> AsyncIterator[Field]:
    field = Field(host)
    yield field
    await field.supervisor.close()
    await field.broker.stop()


def point(id_: str, topic: str, *, device: str = "d", **more: Any) -> Point:
    address = {"topic": topic} | more.pop("address", {})
    return Point(id=id_, name=id_.upper(), device=device, address=address, **more)


def device(*points: Point, id_: str = "d", **config: Any) -> DeviceSpec:
    return DeviceSpec(id=id_, name=id_.upper(), config=config, points=points)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_values_arrive_whole_or_by_pointer(field: Field, version: str, qos: int) -> None:
    await field.start(
        device(
            point("raw", "hall/temperature", scale=0.1),
            point("json", "~/state", address={"pointer": "/sensors/0/value", "time_pointer": "/at"}),
            point("wild", "door/+/open", type="boolean"),
            base="hall/box",
        ),
        version=version,
        qos=qos,
    )
    await field.ready()
    field.say("hall/temperature", "215", 2)
    field.say("hall/box/state", '{"sensors":[{"value":42.5}],"at":"2026-01-02T03:04:05Z"}', 2)
    field.say("door/7/open", "ON", 2)
    await field.until("raw", 21.5)
    await field.until("json", 42.5)
    await field.until("wild", True)
    times = [batch.source_times[batch.points.index("json")] for batch in field.recorder.batches if "json" in batch.points]
    assert times == [1_767_323_045_000_000]
    assert field.net.dialled == [("mqtt", field.host, field.port)]


async def test_what_is_no_value_is_bad_and_never_zero(field: Field) -> None:
    await field.start(device(point("a", "a"), point("b", "b", address={"pointer": "/v"})))
    await field.ready()
    field.say("a", "out of order")
    field.say("b", "no json")
    await field.until("a", None, Quality.BAD_SENSOR_FAILURE)
    await field.until("b", None, Quality.BAD_SENSOR_FAILURE)
    field.say("b", '{"other":1}')
    field.say("b", '{"v":null}')
    field.say("b", '{"v":1}')
    await field.until("b", 1.0)
    assert [value for value, _ in field.values("b")] == [None, None, 1.0]


async def test_retained_messages_are_worth_what_is_set(field: Field) -> None:
    for id_ in ("good", "doubtful", "left"):
        field.say(id_, "1", retain=True)
    await field.start(
        device(
            point("good", "good"),
            point("doubtful", "doubtful", address={"retained": "uncertain"}),
            point("left", "left", address={"retained": "ignore"}),
        )
    )
    await field.until("good", 1.0)
    await field.until("doubtful", 1.0, UNCERTAIN)
    field.say("left", "2")
    await field.until("left", 2.0)
    assert len(field.values("left")) == 1


async def test_a_lost_broker_leaves_last_known_values_and_what_it_kept_arrives(field: Field) -> None:
    await field.start(device(point("a", "a"), point("never", "never")))
    await field.ready()
    field.say("a", "1")
    await field.until("a", 1.0)
    await field.broker.stop()
    await field.until("a", 1.0, UNCERTAIN)
    await field.until("never", None, Quality.BAD_NO_COMMUNICATION)
    field.say("a", "2")
    await field.start(device(point("a", "a"), point("never", "never")))
    await field.until("a", 2.0)
    assert field.broker.greetings[-1].clean is False


async def test_a_last_known_value_turns_bad_by_the_clock(field: Field) -> None:
    await field.start(device(point("a", "a")), bad_after=1.0)
    await field.ready()
    field.say("a", "1")
    await field.until("a", 1.0)
    await field.broker.stop()
    await field.until("a", None, Quality.BAD_NO_COMMUNICATION)
    assert (1.0, UNCERTAIN) in field.values("a") or field.values("a")[-1][1] == Quality.BAD_NO_COMMUNICATION


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_write_is_confirmed_by_the_broker(field: Field, version: str) -> None:
    write = {"write_topic": "~/set", "write_template": '{"level":{json},"was":"{value}"}', "write_qos": 2, "write_retain": True}
    await field.start(device(point("a", "~/state", address=write, writable=True, scale=0.5), base="lamp"), version=version)
    await field.ready()
    field.say("lamp/state", "8")
    await field.until("a", 4.0)
    result = await field.write("a", 2.0)
    assert result.ok and (result.value["old"], result.value["new"], result.value["read_back"]) == (4.0, 2.0, None)
    sent = field.broker.heard[-1]
    assert (sent.topic, sent.payload, sent.qos, sent.retain) == ("lamp/set", b'{"level":4.0,"was":"4"}', 2, True)


async def test_a_write_that_the_broker_refuses_or_never_confirms_is_no_success(field: Field) -> None:
    points = [point(one, one, address={"write_topic": f"{one}/set"}, writable=True) for one in ("refused", "lost")]
    await field.start(device(*points, point("fixed", "fixed"), point("mute", "mute", writable=True)))
    await field.ready()
    field.broker.faults.refused.add("refused/set")
    field.broker.faults.deaf.add("lost/set")
    assert (await field.write("refused", 1)).code == "refused"
    assert (await field.write("lost", 1, timeout=0.5)).code == "timed-out"
    assert (await field.write("fixed", 1)).code == "invalid"
    assert "write_topic" in (await field.write("mute", 1)).remedy
    writing = asyncio.create_task(field.write("lost", 1))
    await asyncio.sleep(0)
    field.broker.drop()
    assert (await writing).code == "unreachable"


async def test_a_write_reads_back_what_the_device_says(field: Field) -> None:
    address = {"write_topic": "a/set", "read_back": True, "write_true": "ON", "write_false": "OFF"}
    await field.start(device(point("a", "a", type="boolean", address=address, writable=True)))
    await field.ready()
    field.broker.written = lambda message: field.say("a", message.payload) if message.topic == "a/set" else None
    result = await field.write("a", True)
    assert result.ok and result.value["read_back"] is True
    assert field.broker.heard[-1].payload == b"ON"


@pytest.mark.parametrize(
    ("version", "code", "state"), [("5", 0x87, "misconfigured"), ("3.1.1", 4, "misconfigured"), ("5", 0x88, "offline")]
)
async def test_a_refused_greeting_stops_or_is_tried_again(field: Field, version: str, code: int, state: str) -> None:
    field.broker.faults.code = code
    await field.start(device(point("a", "a")), version=version)
    await field.recorder.until(lambda: any(event.type == f"endpoint.{state}" for event in field.recorder.events))
    if state == "misconfigured":
        assert len(field.broker.greetings) == 1
        return
    field.broker.faults.code = 0
    await field.ready()


async def test_a_wrong_password_stops(field: Field) -> None:
    field.broker.users = {"ada": b"secret"}
    await field.start(device(point("a", "a")), username="ada", password="wrong")
    await field.recorder.until(lambda: "user name or password" in field.detail("endpoint:e"))
    assert any(event.type == "endpoint.misconfigured" for event in field.recorder.events)
    await field.run(device(point("a", "a")), username="ada", password="secret")
    await field.ready()


async def test_a_broker_that_says_nothing_is_given_up(field: Field) -> None:
    field.broker.faults.mute = True
    await field.start(device(point("a", "a")), timeout=1.0)
    await field.recorder.until(lambda: "has not answered the greeting" in field.detail("endpoint:e"))
    field.broker.faults.mute = False
    await field.ready()


async def test_nonsense_of_the_broker_ends_the_connection_and_it_comes_back(field: Field) -> None:
    await field.start(device(point("a", "a")))
    await field.ready()
    field.broker.send(b"\x00\x00")
    await field.recorder.until(lambda: any("no MQTT" in one.detail for one in field.recorder.statuses))
    await field.recorder.until(lambda: len(field.broker.greetings) > 1)
    await field.ready()
    field.say("a", "3")
    await field.until("a", 3.0)


async def test_a_refused_topic_is_bad_and_the_rest_goes_on(field: Field) -> None:
    field.broker.faults.refused.add("secret")
    await field.start(device(point("a", "secret")), device(point("b", "b", device="f"), id_="f"))
    await field.until("a", None, Quality.BAD_CONFIGURATION_ERROR)
    await field.recorder.until(lambda: field.state("device:d") == "degraded")
    field.say("b", "1")
    await field.until("b", 1.0)


async def test_will_and_birth_tell_whether_we_are_there(field: Field) -> None:
    await field.start(device(point("a", "a")), will_topic="sitewarden/state", will_payload="gone", birth_payload="here")
    await field.recorder.until(lambda: field.broker.retained.get("sitewarden/state", Publish("")).payload == b"here")
    field.broker.drop()
    assert field.broker.retained["sitewarden/state"].payload == b"gone"
    await field.recorder.until(lambda: field.broker.retained["sitewarden/state"].payload == b"here")
    await field.supervisor.close()
    await field.recorder.until(lambda: field.broker.retained["sitewarden/state"].payload == b"gone")


async def test_a_devices_will_makes_its_points_uncertain(field: Field) -> None:
    field.say("box/there", "online", retain=True)
    await field.start(device(point("a", "box/a"), availability_topic="box/there"))
    await field.recorder.until(lambda: field.state("device:d") == "online")
    field.say("box/a", "5")
    await field.until("a", 5.0)
    field.say("box/there", "offline", retain=True)
    await field.until("a", 5.0, UNCERTAIN)
    await field.recorder.until(lambda: field.state("device:d") == "offline")
    field.say("box/there", "online", retain=True)
    await field.recorder.until(lambda: field.state("device:d") == "online")


async def test_a_silent_device_is_lost_until_it_speaks(field: Field) -> None:
    await field.start(device(point("a", "a"), silent_after=0.2))
    await field.recorder.until(lambda: field.state("device:d") == "offline")
    field.say("a", "1")
    await field.recorder.until(lambda: field.state("device:d") == "online")


async def test_changed_points_are_taken_on_the_open_connection(field: Field) -> None:
    field.say("b", "2", retain=True)
    await field.start(device(point("a", "a")))
    await field.ready()
    await field.run(device(point("b", "b")))
    await field.until("b", 2.0)
    await field.recorder.until(lambda: list(field.broker.sessions["sitewarden-e"].filters) == ["b"])
    assert len(field.broker.greetings) == 1


async def test_browsing_lists_what_is_heard_with_addresses(field: Field) -> None:
    field.say("line/1", '{"speed":3,"motor":{"t~1/x":"warm"}}', retain=True)
    await field.start(device(point("a", "a")))
    await field.ready()
    order = Command(id="1", name="endpoint.browse", entity="endpoint:e", args={"filter": "line/#", "seconds": 0.3}, timeout=30.0)
    result = await field.supervisor.execute(order)
    detail = "1 × 36 bytes, QoS 0, retained"
    assert result.value["items"] == [
        {"label": "line/1 /speed", "address": {"topic": "line/1", "pointer": "/speed"}, "value": 3, "detail": detail},
        {
            "label": "line/1 /motor/t~01~1x",
            "address": {"topic": "line/1", "pointer": "/motor/t~01~1x"},
            "value": "warm",
            "detail": detail,
        },
    ]
    await field.recorder.until(lambda: list(field.broker.sessions["sitewarden-e"].filters) == ["a"])
    bad = Command(id="1", name="endpoint.browse", entity="endpoint:e", args={"filter": "a/#/b"})
    assert (await field.supervisor.execute(bad)).code == "invalid"


def test_the_products_own_loop_and_network_carry_it(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        field = Field(host)
        network = LocalNetwork(Settings.for_test(host), "iot", tmp_path / "run")
        field.supervisor = Supervisor(field.recorder.context(network), lambda _name: DRIVER, steady=0.0)
        peer = Peer(host)
        try:
            field.port = await asyncio.to_thread(peer.started)
            await field.run(device(point("a", "a", address={"write_topic": "a", "read_back": True}, writable=True)))
            await field.ready()
            result = await field.write("a", 4.5)
            assert result.ok and result.value["read_back"] == 4.5
            assert [(one.port, one.direction) for one in network.ledger()] == [("mqtt", "out")]
        finally:
            await field.supervisor.close()
            await network.close()
            await asyncio.to_thread(peer.stop)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())


class Peer:
    """A simulated broker as a process of its own."""

    def __init__(self, host: str) -> None:
        arguments = ["-m", "sim.mqtt", "--host", host, "--port", "0"]
        self._process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def started(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline().rsplit(":", 1)[1])

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()
