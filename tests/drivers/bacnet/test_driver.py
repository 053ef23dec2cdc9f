"""The driver against the simulated unit over real sockets: found, polled, subscribed to, lost and back, written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.bacnet import MODES
from sim.bacnet_device import BacnetDevice
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.bacnet import subscribing
from sitewarden.wire.bacnet import names
from sitewarden.wire.bacnet.apdu import Confirmed
from tests.drivers.bacnet.field import ENABLE, FROST, MINUTE, MODE, SETPOINT, SUPPLY, Field, looked_for, point


@pytest.fixture
async def field(host: str, tmp_path: Path) -> AsyncIterator[Field]:
    field = Field(host, tmp_path)
    yield field
    await field.close()


async def test_a_device_is_found_by_its_instance_and_all_types_arrive(field: Field) -> None:
    await field.start(
        looked_for(
            point("supply", SUPPLY, scale=2.0),
            point("mode", MODE, type="string"),
            point("number", MODE, type="integer"),
            point("frost", FROST, type="boolean"),
            point("word", FROST, type="string"),
            point("name", "device,1001", type="string", address={"property": "object-name"}),
            point("states", MODE, type="integer", address={"property": "state-text", "index": 0}),
            point("second", MODE, type="string", address={"property": "state-text", "index": 2}),
        )
    )
    await field.until("supply", 36.0)
    await field.until("mode", "Heating")
    await field.until("number", 2)
    await field.until("frost", value=False)
    await field.until("word", "Normal")
    await field.until("name", "AHU roof west")
    await field.until("states", len(MODES))
    await field.until("second", "Heating")
    assert field.events()[:2] == ["endpoint:e endpoint.online", "device:d device.online"]


@pytest.mark.parametrize("how", ["confirmed", "unconfirmed"])
async def test_changes_are_told_by_the_device_and_polled_no_more(field: Field, how: str) -> None:
    await field.start(looked_for(point("supply", SUPPLY), point("mode", MODE, type="string"), cov=how))
    await field.until("supply", 18.0)
    await field.subscribed(2)
    # The last reads by the old plan come to an end; from here on the device speaks.
    await field.recorder.until(lambda: field.device.told >= 2, MINUTE)
    field.device.put(SUPPLY, 30.0)
    await field.until("supply", 30.0)
    field.device.record = True
    for value in (31.0, 32.0, 33.0):
        field.device.put(SUPPLY, value)
        await field.until("supply", value)
    field.device.put(MODE, 3)
    await field.until("mode", "Cooling")
    assert all(value in [one for one, _ in field.values("supply")] for value in (31.0, 32.0, 33.0))
    reads = [one for one in field.device.asked if one.service == Confirmed.READ_PROPERTY_MULTIPLE]
    assert len(reads) <= 2


async def test_what_the_device_does_not_tell_is_polled(field: Field) -> None:
    field.device.faults.no_cov = True
    await field.start(looked_for(point("supply", SUPPLY)))
    await field.until("supply", 18.0)
    field.device.put(SUPPLY, 25.0)
    await field.until("supply", 25.0)
    assert len(field.device.subscribers) == 0


async def test_polling_can_be_forced_by_point_and_by_device(field: Field) -> None:
    await field.start(looked_for(point("a", SUPPLY, address={"poll": True}), point("b", MODE, type="integer")))
    await field.subscribed(1)
    await field.run(looked_for(point("a", SUPPLY), cov="off"))
    field.device.put(SUPPLY, 26.0)
    await field.until("a", 26.0)
    assert len(field.device.subscribers) == 1, "what was subscribed to before ends by itself"


async def test_a_device_without_multiple_reads_is_read_one_by_one(field: Field) -> None:
    field.device.faults.no_multiple = field.device.faults.no_cov = True
    await field.start(looked_for(point("supply", SUPPLY), point("frost", FROST, type="boolean"), point("no", "analog-input,99")))
    await field.until("supply", 18.0)
    await field.until("frost", value=False)
    await field.until("no", None, Quality.BAD_CONFIGURATION_ERROR)
    field.device.put(SUPPLY, 19.0)
    await field.until("supply", 19.0)


async def test_answers_too_long_for_one_message_come_in_segments_or_are_asked_for_in_parts(field: Field) -> None:
    points = [point(f"p{number}", SUPPLY, address={"poll": True}) for number in range(40)]
    field.device.longest = 128
    field.device.record = True
    await field.start(looked_for(*points, cov="off"))
    await field.recorder.until(lambda: field.last("p39") == (18.0, Quality.GOOD), MINUTE)
    field.device.longest, field.device.faults.no_segments = 50, True
    field.device.put(SUPPLY, 20.0)
    for one in ("p0", "p39"):
        await field.until(one, 20.0)


async def test_what_the_device_lacks_is_bad_with_its_reason_and_the_rest_is_read(field: Field) -> None:
    await field.start(
        looked_for(
            point("a", SUPPLY),
            point("no", "analog-input,99"),
            point("nothing", SUPPLY, address={"property": "setpoint"}),
            point("text", SUPPLY, address={"property": "description"}),
        )
    )
    await field.until("a", 18.0)
    await field.until("no", None, Quality.BAD_CONFIGURATION_ERROR)
    await field.until("nothing", None, Quality.BAD_CONFIGURATION_ERROR)
    await field.until("text", None, Quality.BAD_SENSOR_FAILURE)
    await field.recorder.until(lambda: "analog-input,99: there is no such object" in field.detail("device:d"), MINUTE)


@pytest.mark.parametrize("cov", ["confirmed", "off"])
async def test_status_flags_become_quality(field: Field, cov: str) -> None:
    await field.start(looked_for(point("a", SUPPLY), cov=cov))
    await field.until("a", 18.0)
    if cov != "off":
        await field.subscribed(1)
    field.device.flags(SUPPLY, fault=10)
    await field.until("a", None, Quality.BAD_CONFIGURATION_ERROR)
    field.device.flags(SUPPLY, fault=12)
    await field.recorder.until(lambda: field.last("a")[1] != Quality.GOOD, MINUTE)
    field.device.flags(SUPPLY, out_of_service=True)
    await field.until("a", None, Quality.BAD_OUT_OF_SERVICE)
    field.device.flags(SUPPLY, overridden=True)
    await field.until("a", 18.0)
    assert 0 not in [value for value, _ in field.values("a")]


@pytest.mark.parametrize(
    ("refused", "quality"), [((0, 3), Quality.BAD_DEVICE_FAILURE), ((1, 31), Quality.BAD_CONFIGURATION_ERROR)]
)
async def test_an_error_is_bad_and_never_zero(field: Field, refused: tuple[int, int], quality: Quality) -> None:
    field.device.faults.error = refused
    await field.start(looked_for(point("a", SUPPLY), point("b", FROST)))
    await field.until("a", None, quality)
    await field.until("b", None, quality)
    assert 0 not in [value for value, _ in field.values("a")]


async def test_answers_that_cannot_be_read_or_are_of_other_objects_are_bad(field: Field) -> None:
    await field.start(looked_for(point("a", SUPPLY), cov="off"))
    await field.until("a", 18.0)
    for fault in ("other", "garbage"):
        setattr(field.device.faults, fault, True)
        await field.until("a", None, Quality.BAD_COMMUNICATION_ERROR)
        setattr(field.device.faults, fault, False)
        await field.until("a", 18.0)


async def test_lost_requests_are_sent_again(field: Field) -> None:
    field.device.faults.drop = 0.3
    await field.start(looked_for(point("a", SUPPLY), cov="off"), retries=10, timeout=0.05)
    await field.until("a", 18.0)
    field.device.put(SUPPLY, 19.5)
    await field.until("a", 19.5)


async def test_a_silent_device_turns_uncertain_then_bad_and_the_others_go_on(field: Field) -> None:
    await field.switch_on()
    await field.run(field.at(point("a", SUPPLY)), looked_for(point("b", SUPPLY, device="x"), id_="x", instance=77), in_flight=2)
    await field.until("a", 18.0)
    await field.until("b", None, Quality.BAD_NO_COMMUNICATION)
    await field.recorder.until(lambda: "no device with instance 77" in field.detail("device:x"), MINUTE)
    await field.subscribed(1)
    # The device loses its power; it is asked again at the latest when its subscriptions are renewed, here by a write.
    await field.device.stop()
    await field.run(
        field.at(point("a", SUPPLY), cov="off"), looked_for(point("b", SUPPLY, device="x"), id_="x", instance=77), in_flight=2
    )
    await field.until("a", None, Quality.BAD_NO_COMMUNICATION)


async def test_a_device_that_comes_back_is_read_and_subscribed_to_again(field: Field) -> None:
    await field.start(looked_for(point("a", SUPPLY), point("b", MODE, type="integer", address={"poll": True})))
    await field.until("a", 18.0)
    await field.subscribed(1)
    for times in (1, 2):
        await field.device.stop()
        await field.until("a", 18.0 + times - 1, Quality.UNCERTAIN_LAST_KNOWN_VALUE)
        await field.until("a", None, Quality.BAD_NO_COMMUNICATION)
        await field.said("device:d device.offline", times)
        field.device.put(SUPPLY, 18.0 + times)
        await field.switch_on()
        await field.until("a", 18.0 + times)
        await field.said("device:d device.online", times + 1)
        await field.subscribed(1)
    field.device.put(SUPPLY, 40.0)
    await field.until("a", 40.0)


async def test_a_device_that_starts_anew_is_subscribed_to_again(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "PAUSE", 0.2)
    await field.start(looked_for(point("a", SUPPLY), refresh=3600.0))
    await field.subscribed(1)
    await field.device.stop()
    await field.switch_on()
    assert len(field.device.subscribers) == 0
    field.device.announce((field.ours, field.port))
    await field.subscribed(1)
    field.device.put(SUPPLY, 41.0)
    await field.until("a", 41.0)


async def test_another_device_with_the_same_instance_changes_nothing(field: Field) -> None:
    await field.start(looked_for(point("a", SUPPLY), cov="off"))
    await field.until("a", 18.0)
    other = BacnetDevice(1001, "another one")
    await other.start(field.host.replace("127.77.", "127.80."), field.port)
    other.record = True
    other.announce((field.ours, field.port))
    for value in (33.0, 34.0):
        field.device.put(SUPPLY, value)
        await field.until("a", value)
    await other.stop()
    assert not other.asked


async def test_subscriptions_are_renewed_before_they_end(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "RENEW", 0.01)
    await field.start(looked_for(point("a", SUPPLY), lifetime=20))
    await field.subscribed(1)
    field.device.record = True
    await field.recorder.until(lambda: any(one.service == Confirmed.SUBSCRIBE_COV for one in field.device.asked), MINUTE)


async def test_writing_is_confirmed_read_back_and_has_a_priority(field: Field) -> None:
    fan = "analog-output,2"
    await field.start(
        looked_for(
            point("fan", fan, writable=True, scale=0.1, address={"priority": 8}),
            point("mode", MODE, type="string", writable=True),
            point("on", ENABLE, type="boolean", writable=True),
            point("supply", SUPPLY, writable=True),
            point("ro", SETPOINT),
        )
    )
    await field.until("fan", 7.0)
    await field.until("mode", "Heating")
    done = await field.write("fan", 5.0)
    assert done.ok and done.value == {"old": 7.0, "new": 5.0, "read_back": 5.0, "unit": "", "priority": 8}
    assert field.device.priorities[names.object_from(fan)][7] == 50.0
    above = await field.write("fan", 9.0, priority=16)
    assert above.ok and above.value["read_back"] == 5.0, "priority 8 goes before 16"
    given_back = await field.write("fan", None)
    assert given_back.ok and given_back.value["read_back"] == 9.0
    assert (await field.write("mode", "Fan only")).value["read_back"] == "Fan only"
    await field.until("mode", "Fan only")
    assert (await field.write("on", value=False)).value["read_back"] is False
    wrong = await field.write("mode", "Party")
    assert not wrong.ok and "no state of it" in wrong.what and "Cooling" in wrong.remedy
    refused = await field.write("supply", 3.0)
    assert not refused.ok and "writing is not allowed" in refused.what
    assert "read-only" in (await field.write("ro", 3.0)).what
    assert "no priority" in (await field.write("fan", 3.0, priority=17)).what
    assert "does not fit" in (await field.write("fan", 1e39)).what


async def test_a_write_that_has_no_answer_says_so(field: Field) -> None:
    await field.start(looked_for(point("a", SETPOINT, writable=True)))
    await field.until("a", 21.0)
    field.device.faults.deaf = {Confirmed.WRITE_PROPERTY}
    done = await field.write("a", 22.0)
    assert not done.ok and "did not answer" in done.what


async def test_objects_and_devices_are_browsed(field: Field) -> None:
    await field.start(looked_for())
    await field.said("device:d device.online")
    found = await field.do("device.browse", "device:d")
    assert found.ok, found
    items = {one["address"]["object"]: one for one in found.value["items"]}
    assert items[SUPPLY]["label"] == "Supply air temperature" and items[SUPPLY]["value"] == 18.0
    assert items[SUPPLY]["detail"] == "analog-input,2, °C, Supply air temperature" and len(items) == 13
    some = await field.do("device.browse", "device:d", under="binary-input", most=1)
    assert [one["label"] for one in some.value["items"]] == ["Frost guard"] and some.value["more"]
    field.device.faults.no_multiple = field.device.faults.no_segments = True
    field.device.longest = 50
    slow = await field.do("device.browse", "device:d")
    assert {one["address"]["object"] for one in slow.value["items"]} == set(items)
    devices = await field.do("endpoint.browse", "endpoint:e", seconds=1.0)
    assert [one["label"] for one in devices.value["items"]] == ["device 1001"]
    assert "no type of object" in (await field.do("device.browse", "device:d", under="fan")).what


async def test_what_does_not_fit_is_refused_with_its_place(field: Field) -> None:
    field.port = 47808
    for config, address, what in (
        ({}, {}, "a device needs its instance"),
        ({"instance": 1, "host": "ahu"}, {}, "host is an IPv4 address"),
        ({"instance": 1, "host": "10.0.0.1", "network": 5}, {}, "both network and mac"),
        ({"instance": 1}, {"object": "analog,1"}, "no type of object"),
        ({"instance": 1}, {"property": "presentvalue"}, "no property known"),
    ):
        spec = looked_for(point("p", SUPPLY, address=address))
        await field.run(type(spec)(id="d", name="D", config=config, points=spec.points))
        await field.recorder.until(lambda what=what: what in field.detail("endpoint:e"), MINUTE)
