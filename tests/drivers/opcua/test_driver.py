"""The driver against the simulated line over real sockets: values, loss and return, history, writing, security, browsing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.opcua.trust import shown
from sitewarden.net.tls import application
from tests.drivers.opcua.field import Field, point

UNCERTAIN = Quality.UNCERTAIN_LAST_KNOWN_VALUE


@pytest.fixture
async def field(host: str, tmp_path: Path) -> AsyncIterator[Field]:
    field = Field(host, tmp_path)
    yield field
    await field.close()


async def test_values_arrive_are_written_and_are_found_by_browsing(field: Field) -> None:
    await field.serve(spaces=3)
    await field.run(
        point("temperature", "Temperature", scale=2.0),
        point("polled", "Good", type="integer", address={"read": "poll"}),
        point("state", "StateText", type="string"),
        point("lane", "Lanes", type="integer", writable=True, address={"element": 1}),
        point("setpoint", "Setpoint", writable=True, address={"deadband": 0.5}),
        point("enabled", "Enabled", type="boolean", writable=True),
        point("speed", "Speed", writable=True, address={"trigger": "timestamp", "queue": 10}),
        point("strange", "nsu=http://nobody.example/;s=a"),
        point("missing", "NoSuchNode"),
    )
    await field.until("temperature", 90.0)
    await field.until("lane", 2)
    await field.until("strange", None, 0x80340000)
    await field.until("missing", None, 0x80340000)
    await field.ready()
    assert field.state("device:d") == "degraded"
    assert field.detail("device:d").startswith("the server refuses 2 of 9 nodes: nsu=http://nobody.example/;s=a (0x80340000)")
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    await field.line.put("Temperature", 50.5, source=moment)
    await field.line.put("Good", 42)
    await field.line.put("StateText", "Running")
    await field.until("temperature", 101.0)
    await field.until("polled", 42)
    await field.until("state", "Running")
    last = next(one for one in reversed(field.recorder.batches) if "temperature" in one.points)
    assert last.source_times[last.points.index("temperature")] == 1_767_323_045_000_000
    await field.line.put("Temperature", None, 0x808C0000)
    await field.until("temperature", None, 0x808C0000)

    done = await field.write("setpoint", 80.5)
    assert (done.ok, done.value["old"], done.value["new"], done.value["read_back"]) == (True, 120.0, 80.5, 80.5)
    assert await field.line.nodes["Setpoint"].read_value() == 80.5
    await field.until("setpoint", 80.5)
    assert (await field.write("enabled", False)).value["read_back"] is False
    # The line's server knows no ranges: one element would become the whole array.
    refused = await field.write("lane", 9)
    assert (refused.code, await field.line.nodes["Lanes"].read_value()) == ("invalid", [1, 2, 3])
    refused = await field.write("speed", 1.0)
    assert (refused.ok, refused.code) == (False, "refused") and "0x80" in refused.what
    assert (await field.write("state", "x")).code == "invalid"

    found = await field.browse()
    assert found.ok, found.what
    items = {one["label"]: one for one in found.value["items"]}
    assert items["Setpoint"]["address"] == {"node": "nsu=http://line.example/;s=Line.Setpoint"}
    assert items["Setpoint"]["value"] == 80.5
    assert items["Lanes"]["address"]["element"] == 0
    assert "Faults/FaultBad" in items and not found.value["more"]
    assert len((await field.browse(most=2)).value["items"]) == 2
    assert (await field.browse(under="what")).code == "invalid"
    assert set(field.net.dialled) == {("opcua", field.host, field.port)}


async def test_what_was_missed_comes_from_history_once_the_server_is_back(field: Field) -> None:
    await field.serve()
    await field.run(point("good", "Good", type="integer"), point("speed", "Speed"), point("never", "NoSuchNode"), bad_after=600.0)
    await field.line.put("Good", 1)
    await field.line.put("Speed", 7.0)
    await field.until("good", 1)
    await field.until("speed", 7.0)
    field.net.away = True
    field.line.cut()
    await field.until("good", 1, UNCERTAIN)
    await field.until("speed", 7.0, UNCERTAIN)
    for count in (2, 3, 4):
        await field.line.put("Good", count)
        await field.recorder.until(lambda count=count: field.line.remembered("Good")[-1:] == [count])
    await field.line.put("Speed", 8.0)
    field.net.away = False
    await field.until("good", 4)
    await field.until("speed", 8.0)
    told = [one[0] for one in field.values("good") if one[1] == Quality.GOOD]
    assert told[told.index(2) :][:3] == [2, 3, 4]
    # The node without a history has its value of now, and nothing that was made up.
    assert 0x80720000 not in {quality for _, quality in field.values("speed")}


async def test_a_lost_server_turns_points_bad_by_the_clock(field: Field) -> None:
    await field.serve()
    await field.run(point("good", "Good", type="integer"), bad_after=1.0)
    await field.until("good", 0)
    await field.line.stop()
    await field.until("good", None, Quality.BAD_NO_COMMUNICATION)
    await field.ready("offline")


async def test_a_secured_server_is_believed_by_its_fingerprint_alone(field: Field, tmp_path: Path) -> None:
    theirs = application(tmp_path, "theirs", "urn:test:line")
    await field.serve(own=theirs, user="operator", password="right")
    await field.run(point("good", "Good", type="integer"), security="best", username="operator", password="right")
    await field.recorder.until(lambda: f"SHA-256 {shown(theirs.certificate)}" in field.detail("endpoint:e"))
    given = {"username": "operator", "fingerprint": shown(theirs.certificate)}
    for policy, mode in (("best", "sign-and-encrypt"), ("Basic256Sha256", "sign"), ("Aes128_Sha256_RsaOaep", "sign-and-encrypt")):
        field.recorder.batches.clear()
        await field.run(point("good", "Good", type="integer"), security=policy, mode=mode, password="right", **given)
        await field.until("good", 0)
    field.recorder.statuses.clear()
    await field.run(point("good", "Good", type="integer"), security="None", password="right", **given)
    await field.recorder.until(lambda: field.state("endpoint:e") == "offline")


async def test_a_wrong_password_stops(field: Field) -> None:
    await field.serve(user="operator", password="right")
    await field.run(point("good", "Good", type="integer"), username="operator", password="wrong")
    await field.recorder.until(lambda: "does not let this user in" in field.detail("endpoint:e"))
    dialled = len(field.net.dialled)
    await asyncio.sleep(0.5)
    assert len(field.net.dialled) == dialled


async def test_more_points_than_one_subscription_takes(field: Field) -> None:
    await field.serve(extra=60)
    points = [point(f"p{place}-{copy}", f"Extra{place}") for copy in range(20) for place in range(60)]
    await field.run(*points)
    heard: set[str] = set()

    def all_heard() -> bool:
        heard.update(one for batch in field.recorder.batches for one in batch.points)
        return len(heard) == len(points)

    await field.recorder.until(all_heard)
    await field.line.put("Extra59", 7.5)
    await field.until("p59-0", 7.5)
    await field.until("p59-19", 7.5)
    assert field.line.server is not None
    subscriptions = field.line.server.iserver.subscription_service.subscriptions
    assert sorted(len(one.monitored_item_srv._monitored_items) for one in subscriptions.values())[-2:] == [200, 1000]


def test_settings_that_contradict_each_other_are_refused() -> None:
    from sitewarden.drivers.opcua.config import AddressConfig, EndpointConfig
    from sitewarden.kit.config import check

    for wrong in (
        {"fingerprint": "ab" * 32, "ca": "PEM"},
        {"username": "a", "user_certificate": "PEM", "user_key": "PEM"},
        {"user_certificate": "PEM"},
        {"password": "p"},
        {"fingerprint": "ab"},
        {"path": "line"},
        {"security": "Basic256"},
    ):
        with pytest.raises(Exception, match=r"\w"):
            check(EndpointConfig, {"host": "plc"} | wrong)
    with pytest.raises(Exception, match="no node"):
        check(AddressConfig, {"node": "Line.Speed"})
    assert check(EndpointConfig, {"host": "fd00::1", "path": "/a"}).url == "opc.tcp://[fd00::1]:48250/a"
    assert [one.row for one in check(EndpointConfig, {"host": "plc", "port": 48255}).uses()] == ["opcua-second"]


async def test_changed_points_disturb_neither_the_session_nor_the_other_points(field: Field) -> None:
    await field.serve()
    good = point("good", "Good", type="integer")
    polled = point("polled", "Speed", address={"read": "poll"})
    lanes = point("lane", "Lanes", type="integer", address={"element": 1})
    await field.run(good, polled, point("going", "Rejected", type="integer"), point("temperature", "Temperature"))
    await field.until("good", 0)
    await field.until("temperature", 45.0)
    await field.until("polled", 0.0)
    await field.ready()
    dialled = len(field.net.dialled)
    told = len(field.values("good"))
    # One goes, one is scaled anew, three come: by subscription, by reading, and one that is not there.
    await field.run(
        good,
        polled,
        point("temperature", "Temperature", scale=2.0),
        lanes,
        point("read", "Setpoint", address={"read": "poll"}),
        point("missing", "NoSuchNode"),
    )
    await field.until("temperature", 90.0)
    await field.until("lane", 2)
    await field.until("read", 120.0)
    await field.until("missing", None, 0x80340000)
    await field.recorder.until(lambda: "refuses 1 of 6 nodes" in field.detail("device:d"))
    assert field.line.server is not None
    watched = [
        len(one.monitored_item_srv._monitored_items)
        for one in field.line.server.iserver.subscription_service.subscriptions.values()
    ]
    assert sorted(watched) == [1, 3], "the line's own history, and ours without what went"
    assert len(field.values("good")) == told, "an item that did not change is not made anew"
    await field.line.put("Rejected", 7)
    await field.line.put("Good", 5)
    await field.line.put("Speed", 9.0)
    await field.until("good", 5)
    await field.until("polled", 9.0)
    assert 7 not in {value for value, _ in field.values("going")}
    # All that was subscribed goes, and comes again, in the subscription that stands.
    await field.run(polled)
    await field.recorder.until(lambda: field.state("device:d") == "online")
    await field.run(polled, good)
    await field.line.put("Good", 6)
    await field.until("good", 6)
    assert len(field.line.server.iserver.subscription_service.subscriptions) == 2
    assert len(field.net.dialled) == dialled
    assert field.state("endpoint:e") == "online"
