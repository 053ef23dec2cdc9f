"""A Sparkplug host: births give metrics and aliases, deaths take them, gaps ask for a birth; and the driver with such a node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.mqtt.config import AddressConfig, DeviceConfig
from sitewarden.drivers.mqtt.mapping import Batch
from sitewarden.drivers.mqtt.sparkplug import REBIRTH, Bound, Host
from sitewarden.kit.driver import DeviceSpec
from sitewarden.kit.values import taker
from sitewarden.wire.mqtt import Publish
from sitewarden.wire.sparkplug import Kind, Metric, Payload, decode, encode
from tests.drivers.mqtt.test_driver import UNCERTAIN, Field

NOW = 1_800_000_000_000_000
GOOD = Quality.GOOD


def message(kind: str, seq: int | None, *metrics: Metric, device: str = "", time: int | None = 1000) -> Publish:
    topic = f"spBv1.0/g/{kind}/n" + (f"/{device}" if device else "")
    return Publish(topic, encode(Payload(time=time, seq=seq, metrics=list(metrics))))


BD = Metric(name="bdSeq", kind=Kind.INT64, value=4)
NODE = (BD, Metric(name="load", alias=1, kind=Kind.INT16, value=-5))
PUMP = (Metric(name="speed", alias=2, kind=Kind.FLOAT, value=1.5), Metric(name="on", alias=3, kind=Kind.BOOLEAN, value=True))


class Heard:
    """A host with a node `n` and its device `pump`, and what came of messages."""

    def __init__(self) -> None:
        def bounds(device: str, *metrics: str) -> list[Bound]:
            found = []
            for metric in metrics:
                point = Point(id=metric, name=metric, device=device, type="boolean" if metric == "on" else "number")
                found.append(Bound(metric, device, AddressConfig(metric=metric), taker(point)))
            return found

        self.host = Host(
            [
                ("node", DeviceConfig(group="g", node="n"), bounds("node", "load")),
                ("pump", DeviceConfig(group="g", node="n", device="pump"), bounds("pump", "speed", "on")),
            ]
        )
        self.seconds = 100.0

    def take(self, *messages: Publish) -> list[tuple[str, Any, int, int]]:
        batch = Batch()
        for one in messages:
            assert self.host.take(one, NOW, self.seconds, batch)
        return list(zip(batch.points, batch.values, batch.qualities, batch.source_times, strict=True))

    def asked(self) -> list[str]:
        found = list(self.host.requests(NOW, self.seconds))
        assert all(decode(one.payload).metrics[0].name == REBIRTH for one in found)
        return [one.topic for one in found]

    def changes(self) -> list[tuple[str, bool]]:
        found = list(self.host.changes)
        self.host.changes.clear()
        return found


@pytest.fixture
def heard() -> Heard:
    heard = Heard()
    heard.host.begin()
    assert heard.asked() == ["spBv1.0/g/NCMD/n"]
    heard.seconds += 100.0
    return heard


def test_births_give_values_and_aliases(heard: Heard) -> None:
    assert heard.take(message("NBIRTH", 0, *NODE), message("DBIRTH", 1, *PUMP, device="pump")) == [
        ("load", -5.0, GOOD, 1_000_000),
        ("speed", 1.5, GOOD, 1_000_000),
        ("on", True, GOOD, 1_000_000),
    ]
    assert heard.changes() == [("node", True), ("pump", True)]
    data = message("DDATA", 2, Metric(alias=2, time=2000, kind=Kind.FLOAT, value=2.5), device="pump")
    bare = Payload(seq=3, metrics=[Metric(alias=1, value=None, null=True)])
    assert heard.take(data, Publish("spBv1.0/g/NDATA/n", encode(bare))) == [
        ("speed", 2.5, GOOD, 2_000_000),
        ("load", None, Quality.BAD_SENSOR_FAILURE, NOW),
    ]
    assert heard.asked() == []


def test_a_value_without_datatype_has_that_of_its_birth(heard: Heard) -> None:
    heard.take(message("NBIRTH", 0, *NODE))
    raw = bytes.fromhex("1208 1001 50fbffffff0f".replace(" ", "")) + b"\x18\x01"
    assert [(one[0], one[1]) for one in heard.take(Publish("spBv1.0/g/NDATA/n", raw))] == [("load", -5.0)]


@pytest.mark.parametrize(
    ("quality", "value", "expected"), [(0, None, Quality.BAD), (500, 3.0, UNCERTAIN), (192, 3.0, Quality.GOOD)]
)
def test_the_property_quality_is_kept(heard: Heard, quality: int, value: Any, expected: int) -> None:
    heard.take(message("NBIRTH", 0, *NODE))
    told = Metric(alias=1, kind=Kind.INT16, value=3, quality=quality)
    assert heard.take(message("NDATA", 1, told)) == [("load", value, expected, 1_000_000)]


@pytest.mark.parametrize(
    "wrong",
    [
        message("NDATA", 5, Metric(alias=1, kind=Kind.INT16, value=1)),
        message("NDATA", 1, Metric(alias=99, kind=Kind.INT16, value=1)),
        message("NDATA", 1, Metric(name="strange", kind=Kind.INT16, value=1)),
        message("DDATA", 1, Metric(alias=2, kind=Kind.FLOAT, value=1.0), device="pump"),
        Publish("spBv1.0/g/NDATA/n", b"\xff"),
    ],
)
def test_what_does_not_fit_the_birth_asks_for_a_new_one_at_most_once_in_a_while(heard: Heard, wrong: Publish) -> None:
    heard.take(message("NBIRTH", 0, *NODE), wrong, wrong)
    assert heard.asked() == ["spBv1.0/g/NCMD/n"]
    heard.take(wrong)
    assert heard.asked() == []
    heard.seconds += 6.0
    heard.take(wrong)
    assert heard.asked() == ["spBv1.0/g/NCMD/n"]


def test_data_before_a_birth_is_no_value(heard: Heard) -> None:
    assert heard.take(message("NDATA", 7, Metric(name="load", kind=Kind.INT16, value=1))) == []
    assert heard.asked() == ["spBv1.0/g/NCMD/n"]


def test_the_numbers_run_over_all_devices_and_wrap(heard: Heard) -> None:
    heard.take(message("NBIRTH", 254, *NODE), message("DBIRTH", 255, device="other"), message("DDATA", 0, device="other"))
    heard.take(message("NDATA", 1))
    assert heard.asked() == []


def test_a_death_takes_the_node_with_its_devices_and_one_of_an_earlier_birth_does_not(heard: Heard) -> None:
    heard.take(message("NBIRTH", 0, *NODE), message("DBIRTH", 1, *PUMP, device="pump"))
    heard.changes()
    old = Metric(name="bdSeq", kind=Kind.INT64, value=3)
    heard.take(message("NDEATH", None, old))
    assert heard.changes() == []
    heard.take(message("DDEATH", 2, device="pump"))
    assert heard.changes() == [("pump", False)]
    heard.take(message("NDEATH", None, BD))
    assert heard.changes() == [("node", False), ("pump", False)]


def test_a_new_birth_ends_the_devices_of_the_last(heard: Heard) -> None:
    heard.take(message("NBIRTH", 0, *NODE), message("DBIRTH", 1, *PUMP, device="pump"))
    heard.changes()
    heard.take(message("NBIRTH", 0, *NODE))
    assert heard.changes() == [("pump", False), ("node", True)]
    assert heard.host.command("speed", 1.0, NOW) is None


def test_a_metric_is_written_as_its_birth_describes_it(heard: Heard) -> None:
    heard.take(message("NBIRTH", 0, *NODE), message("DBIRTH", 1, *PUMP, device="pump"))
    speed, load = heard.host.command("speed", 2.5, NOW), heard.host.command("load", 3.0, NOW)
    assert speed is not None and load is not None
    assert (speed.topic, load.topic) == ("spBv1.0/g/DCMD/n/pump", "spBv1.0/g/NCMD/n")
    assert decode(speed.payload).metrics == [Metric(name="speed", alias=2, time=NOW // 1000, kind=Kind.FLOAT, value=2.5)]
    assert decode(load.payload).metrics[0].value == 3
    with pytest.raises(ValueError, match="does not fit"):
        heard.host.command("load", 40_000, NOW)


def test_topics_of_others_are_left_alone(heard: Heard) -> None:
    assert not heard.host.take(Publish("spBv1.0/g/NDATA/other", b""), NOW, 0.0, Batch())
    assert not heard.host.take(Publish("a/b", b""), NOW, 0.0, Batch())


@pytest.fixture
async def field(host: str) -> AsyncIterator[Field]:
    field = Field(host)
    yield field
    await field.supervisor.close()
    await field.broker.stop()


async def test_the_driver_with_a_node(field: Field) -> None:
    def node(told: Publish) -> None:
        if told.topic == "spBv1.0/g/NCMD/n":
            field.broker.publish(message("NBIRTH", 0, *NODE))
            field.broker.publish(message("DBIRTH", 1, *PUMP, device="pump"))
        elif told.topic == "spBv1.0/g/DCMD/n/pump":
            given = decode(told.payload).metrics[0]
            field.broker.publish(message("DDATA", 2, Metric(alias=2, kind=Kind.FLOAT, value=given.value), device="pump"))

    field.broker.written = node
    point = Point(id="speed", name="Speed", device="pump", address={"metric": "speed"}, writable=True)
    config = {"group": "g", "node": "n", "device": "pump"}
    await field.start(DeviceSpec(id="pump", name="Pump", config=config, points=(point,)), host_id="sitewarden")
    await field.until("speed", 1.5)
    await field.recorder.until(lambda: field.state("device:pump") == "online")
    state = field.broker.retained["spBv1.0/STATE/sitewarden"].payload
    assert state.startswith(b'{"online":true,')
    result = await field.write("speed", 4.5)
    assert result.ok and (result.value["old"], result.value["read_back"]) == (1.5, 4.5)
    await field.until("speed", 4.5)
    field.broker.publish(message("NDEATH", None, BD))
    await field.until("speed", 4.5, UNCERTAIN)
    await field.recorder.until(lambda: field.state("device:pump") == "offline")
    assert (await field.write("speed", 1.0)).code == "unreachable"


async def test_a_point_without_its_metric_or_base_is_refused(field: Field) -> None:
    point = Point(id="p", name="P", device="d", address={"topic": "~/x"})
    await field.start(DeviceSpec(id="d", name="D", points=(point,)))
    await field.recorder.until(lambda: "needs the base" in field.detail("endpoint:e"))
    await field.run(DeviceSpec(id="d", name="D", config={"group": "g", "node": "n"}, points=(point,)))
    await field.recorder.until(lambda: "Sparkplug needs metric" in field.detail("endpoint:e"))
