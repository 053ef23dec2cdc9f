"""The driver against the simulated UPS over real sockets: polling, faults, loss and return, writing, every version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.commands import Result
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.snmp.names import resolve
from sitewarden.kit.driver import DeviceSpec
from sitewarden.wire.snmp.pdu import Kind, Status
from tests.drivers.snmp.field import AUDIBLE, CHARGE, CONTACT, MINUTE, V3, Field, point


@pytest.fixture
async def field(host: str, tmp_path: Path) -> AsyncIterator[Field]:
    field = Field(host, tmp_path)
    yield field
    await field.close()


@pytest.mark.parametrize("config", [{"version": "1"}, {}, V3], ids=["1", "2c", "3"])
async def test_values_of_every_type_arrive_and_a_change_does(field: Field, config: dict[str, Any]) -> None:
    await field.start(
        field.device(
            point("charge", CHARGE, type="integer"),
            point("volts", "upsBatteryVoltage.0", scale=0.1),
            point("contact", CONTACT, type="string"),
            point("model", "1.3.6.1.2.1.1.2.0", type="string"),
            point("up", "sysUpTime.0", scale=0.01),
        ),
        **config,
    )
    await field.until("charge", 100)
    await field.until("volts", 55.0)
    await field.until("contact", "facility@example.net")
    await field.until("model", "1.3.6.1.2.1.33")
    field.ups.charge = 42.0
    field.ups.step(0.0)
    await field.until("charge", 42)
    assert field.events()[:2] == ["endpoint:e endpoint.online", "device:d device.online"]
    batch = field.recorder.batches[0]
    assert batch.points == ["charge", "volts", "contact", "model", "up"]
    assert batch.source_times == batch.server_times


async def test_what_the_agent_lacks_is_bad_and_never_zero_and_the_rest_is_read(field: Field) -> None:
    await field.start(field.device(point("a", CHARGE), point("no", "1.3.6.1.2.1.99.1.0"), point("text", CONTACT)))
    await field.until("a", 100.0)
    await field.until("no", None, Quality.BAD_CONFIGURATION_ERROR)
    await field.until("text", None, Quality.BAD_SENSOR_FAILURE)


async def test_version_1_finds_the_object_that_is_refused_and_reads_the_others(field: Field) -> None:
    field.agent.record = True
    points = [point(f"p{n}", f"1.3.6.1.2.1.33.1.2.{n}.0") for n in (1, 2, 3, 4)]
    await field.start(field.device(*points, point("no", "1.3.6.1.2.1.99.1.0")), version="1")
    await field.until("p4", 100.0)
    await field.until("no", None, Quality.BAD_CONFIGURATION_ERROR)
    learnt = len(field.agent.asked)
    await field.recorder.until(lambda: len(field.agent.asked) > learnt + 5, MINUTE)
    later = [one.name for asked in field.agent.asked[learnt:] for one in asked.varbinds]
    assert resolve("1.3.6.1.2.1.99.1.0") not in later
    assert all(value is not None for value, _ in field.values("p1"))


async def test_an_answer_that_is_too_big_is_asked_for_in_halves(field: Field) -> None:
    field.agent.most, field.agent.record = 110, True
    points = [point(f"p{n}", f"1.3.6.1.2.1.33.1.2.{n}.0") for n in (1, 2, 3, 4, 5, 7)]
    await field.start(field.device(*points))
    for one in ("p1", "p3", "p7"):
        await field.recorder.until(lambda one=one: field.last(one) and field.last(one)[1] == Quality.GOOD, MINUTE)
    assert [len(asked.varbinds) for asked in field.agent.asked[:3]] == [6, 3, 3]
    field.agent.asked.clear()
    await field.recorder.until(lambda: len(field.agent.asked) > 4, MINUTE)
    assert max(len(asked.varbinds) for asked in field.agent.asked) == 3


@pytest.mark.parametrize(
    ("status", "quality"),
    [(Status.GEN_ERR, Quality.BAD_DEVICE_FAILURE), (Status.AUTHORIZATION_ERROR, Quality.BAD_CONFIGURATION_ERROR)],
)
async def test_an_error_is_bad_and_never_zero(field: Field, status: int, quality: Quality) -> None:
    field.agent.faults.error = status
    await field.start(field.device(point("a", CHARGE), point("b", CONTACT)))
    await field.until("a", None, quality)
    assert 0 not in [value for value, _ in field.values("a")]


async def test_answers_about_other_objects_are_bad(field: Field) -> None:
    field.agent.faults.other = True
    await field.start(field.device(point("a", CHARGE)))
    await field.until("a", None, Quality.BAD_COMMUNICATION_ERROR)
    field.agent.faults.other = False
    await field.until("a", 100.0)


async def test_a_silent_agent_turns_uncertain_then_bad_and_the_others_go_on(field: Field) -> None:
    await field.start(
        field.device(point("a", CHARGE)), field.device(point("b", CHARGE, device="x"), id_="x", host="127.0.0.1"), in_flight=2
    )
    await field.until("a", 100.0)
    await field.until("b", None, Quality.BAD_NO_COMMUNICATION)
    field.agent.faults.silent = True
    await field.until("a", 100.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    await field.until("a", None, Quality.BAD_NO_COMMUNICATION)
    await field.said("device:d device.offline")
    assert "had no answer within 0.2 s" in field.detail("device:d")
    field.agent.faults.silent = False
    field.ups.charge = 41.0
    field.ups.step(0.0)
    await field.until("a", 41.0)
    first = next(value for value, quality in reversed(field.values("a")) if quality == Quality.GOOD)
    assert first == 41.0 and field.events().count("device:x device.offline") == 1


@pytest.mark.parametrize("config", [{}, V3], ids=["2c", "3"])
async def test_an_agent_that_restarts_in_mid_load_is_found_again(field: Field, config: dict[str, Any]) -> None:
    await field.start(field.device(*(point(f"p{n}", f"1.3.6.1.2.1.33.1.2.{n}.0") for n in (1, 2, 3, 4)), max_oids=1), **config)
    await field.until("p4", 100.0)
    for charge in (50.0, 60.0):
        await field.agent.stop()
        await field.until("p4", None, Quality.BAD_NO_COMMUNICATION)
        field.ups.charge = charge
        field.ups.step(0.0)
        await field.agent.start(field.host, field.port)
        await field.until("p4", charge)


async def test_lost_datagrams_are_asked_for_again(field: Field) -> None:
    field.agent.faults.drop = 0.3
    await field.start(field.device(point("a", CHARGE)), retries=10, timeout=0.05)
    await field.recorder.until(lambda: len(field.values("a")) > 20, MINUTE)
    assert {quality for _, quality in field.values("a")} == {Quality.GOOD}


async def test_garbage_is_no_answer(field: Field) -> None:
    field.agent.faults.garbage = True
    await field.start(field.device(point("a", CHARGE)))
    await field.until("a", None, Quality.BAD_NO_COMMUNICATION)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"auth_password": "not that one"}, "refuses the password of the digest"),
        ({"priv_password": "not that one"}, "cannot decrypt"),
        ({"user": "nobody"}, "does not know the user"),
        ({"priv": None}, "does not take this user with this level"),
    ],
)
async def test_a_refused_password_says_so(field: Field, wrong: dict[str, Any], says: str) -> None:
    await field.start(field.device(point("a", CHARGE)), **V3 | wrong)
    await field.said("device:d device.offline")
    assert says in field.detail("device:d")
    assert "password" not in str([one.data for one in field.recorder.statuses])


async def test_polls_are_spread_over_the_source_ports(field: Field) -> None:
    first = 47_000
    await field.start(
        field.device(*(point(f"p{n}", f"1.3.6.1.2.1.33.1.2.{n}.0") for n in (1, 2, 3, 4)), max_oids=1),
        source_from=first,
        source_to=first + 3,
    )
    await field.recorder.until(lambda: len(field.agent.sources) == 4, MINUTE)
    assert field.agent.sources == {(field.host, first + n) for n in range(4)}
    rows = [one for one in field.net.ledger() if one.port == "snmp-source"]
    assert sorted(one.local for one in rows) == [f"{field.host}:{first + n}" for n in range(4)]


async def test_an_agent_may_be_given_by_name(field: Field) -> None:
    field.host = "127.0.0.1"
    await field.start(
        field.device(point("a", CHARGE), host="localhost"),
        field.device(point("b", CHARGE, device="x"), id_="x", host="no-such-host.invalid"),
    )
    await field.until("a", 100.0)
    await field.until("b", None, Quality.BAD_NO_COMMUNICATION)
    assert "no-such-host.invalid has no address" in field.detail("device:x")


async def test_a_changed_device_leaves_the_others_undisturbed(field: Field) -> None:
    one, two = field.device(point("a", CHARGE)), field.device(point("b", CHARGE, device="x"), id_="x")
    await field.start(one, two)
    await field.until("b", 100.0)
    sources = set(field.agent.sources)
    await field.run(one, field.device(point("c", CONTACT, device="x", type="string"), id_="x"))
    await field.until("c", "facility@example.net")
    await field.run(one)
    seen = len(field.values("a"))
    await field.recorder.until(lambda: len(field.values("a")) > seen + 3, MINUTE)
    assert field.agent.sources == sources
    assert {quality for _, quality in field.values("a")} == {Quality.GOOD}
    assert (await field.write("b", 1)).code == "not-found"


@pytest.mark.parametrize("config", [{"version": "1"}, {}, V3], ids=["1", "2c", "3"])
async def test_a_write_says_old_new_and_read_back_and_arrives_as_a_sample(field: Field, config: dict[str, Any]) -> None:
    field.agent.record = True
    await field.start(
        field.device(
            point("audible", AUDIBLE, type="integer", writable=True, period=3600.0),
            point("contact", CONTACT, type="string", writable=True, period=3600.0),
        ),
        **config,
    )
    await field.until("audible", 2)
    result = await field.write("audible", 3)
    assert result == Result(ok=True, value={"old": 2, "new": 3, "read_back": 3, "unit": ""})
    assert field.last("audible") == (3, Quality.GOOD)
    assert (await field.write("contact", "duty@example.net", read_back=False)).value["read_back"] is None
    assert field.ups.mib.held[resolve(CONTACT)][1] == b"duty@example.net"
    assert sum(asked.kind == Kind.SET for asked in field.agent.asked) == 2


async def test_refused_writes_say_why_and_are_sent_once(field: Field) -> None:
    field.agent.record = True
    await field.start(
        field.device(
            point("ro", CHARGE),
            point("charge", CHARGE, writable=True),
            point("audible", AUDIBLE, writable=True),
            point("none", "1.3.6.1.2.1.99.1.0", writable=True),
        )
    )
    await field.until("audible", 2.0)
    assert "read-only" in (await field.write("ro", 1)).what
    assert "cannot be written" in (await field.write("charge", 1)).what
    assert "does not take the value" in (await field.write("audible", 9)).what
    assert "does not fit the type integer" in (await field.write("audible", 3e9)).what
    assert "type is not known" in (await field.write("none", 1)).what
    await field.run(*field.spec(field.device(point("audible", AUDIBLE, writable=True)))[1].devices, write_community="public")
    await field.until("audible", 2.0)
    assert "gives no access" in (await field.write("audible", 3)).what
    field.agent.faults.silent = True
    field.agent.asked.clear()
    assert "did not answer" in (await field.write("audible", 3)).what


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"version": "3"}, "needs a user"),
        (V3 | {"auth_password": "short"}, "auth_password needs at least 8"),
        (V3 | {"auth": None}, "encryption needs a digest"),
        ({"user": "ops"}, 'of version "3"'),
        ({"source_from": 5000}, "both source_from and source_to"),
        ({"source_from": 5000, "source_to": 6000}, "at most 256"),
        ({"source_from": 5001, "source_to": 5000}, "not greater"),
    ],
)
async def test_settings_that_cannot_work_are_told(field: Field, config: dict[str, Any], says: str) -> None:
    field.port = 161
    await field.run(field.device(point("a", CHARGE)), **config)
    await field.said("endpoint:e endpoint.misconfigured")
    assert says in field.recorder.events[0].text


async def test_a_wrong_address_names_the_nearest(field: Field) -> None:
    field.port = 161
    await field.run(field.device(point("a", "upsBatteryVoltge.0")))
    await field.said("endpoint:e endpoint.misconfigured")
    assert 'did you mean "upsBatteryVoltage"?' in field.recorder.events[0].text


async def test_an_endpoint_without_device_opens_nothing(field: Field) -> None:
    field.port = 161
    await field.run(*tuple[DeviceSpec, ...](), traps=True)
    assert field.net.ledger() == []


@pytest.mark.parametrize("config", [{"version": "1"}, {}, V3], ids=["1", "2c", "3"])
async def test_browsing_lists_a_subtree(field: Field, config: dict[str, Any]) -> None:
    await field.start(field.device(point("a", CHARGE), max_oids=5), **config)
    await field.until("a", 100.0)
    result = await field.browse("1.3.6.1.2.1.33.1.2")
    assert [one["label"] for one in result.value["items"]][::5] == [
        "UPS-MIB::upsBatteryStatus.0",
        "UPS-MIB::upsBatteryTemperature.0",
    ]
    assert result.value["items"][3] == {
        "label": "UPS-MIB::upsEstimatedChargeRemaining.0",
        "address": {"oid": "1.3.6.1.2.1.33.1.2.4.0"},
        "value": 100,
        "detail": "integer",
    }
    assert len(result.value["items"]) == 6 and result.value["more"] is False
    some = await field.browse("", most=3)
    assert [one["value"] for one in some.value["items"]][1:] == [
        "1.3.6.1.2.1.33",
        int(field.ups.mib.held[resolve("sysUpTime.0")][1]),
    ]
    assert some.value["more"] is True
    assert len((await field.browse("1.3.6.1.2.1.33", most=2000)).value["items"]) == 19
    assert (await field.browse("1.3.6.1.9")).value == {"items": [], "more": False}
    assert "no name that is known" in (await field.browse("nothing")).what


async def test_an_agent_whose_names_go_back_ends_a_walk(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    await field.start(field.device(point("a", CHARGE)))
    await field.until("a", 100.0)
    monkeypatch.setattr(field.ups.mib, "after", lambda _name: resolve("sysName.0"))
    assert "would never end" in (await field.browse("1.3.6.1.2.1.1")).what
