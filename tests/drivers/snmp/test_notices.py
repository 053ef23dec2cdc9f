"""Traps and informs on port 162: each version, believed or not, acknowledged, as events and as values of points."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sim.snmp import ON_BATTERY
from sim.snmp_agent import Notifier
from sitewarden.domain.events import Confirm, Event
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.snmp import ear
from sitewarden.wire.snmp import ber
from sitewarden.wire.snmp.usm import User
from tests.drivers.snmp.field import CHARGE, MINUTE, OPS, V3, Field, point

LEFT = "upsEstimatedMinutesRemaining.0"


@pytest.fixture
async def field(host: str, tmp_path: Path, netns: bool) -> AsyncIterator[Field]:
    if not netns:
        pytest.skip("port 162 needs a network namespace")
    field = Field(host, tmp_path)
    yield field
    await field.close()


async def notifier(field: Field, host: str = "", **how: Any) -> Notifier:
    """Return a sender; the field closes it."""
    sender = Notifier(**how)
    await sender.start(host or field.host, (field.host, 162))
    field.senders.append(sender)
    return sender


def told(field: Field) -> list[Event]:
    return [event for event in field.recorder.events if event.type == "device.notified"]


async def ready(field: Field) -> None:
    await field.recorder.until(lambda: any(one.port == "snmp-trap" for one in field.net.ledger()), MINUTE)


@pytest.mark.parametrize("how", ["1", "2c", "3"])
async def test_a_trap_is_an_event_and_a_value(field: Field, how: str) -> None:
    heard = point("left", LEFT, type="integer", address={"poll": False})
    await field.start(
        field.device(heard, point("charge", CHARGE, period=3600.0)), traps=True, **(V3 if how == "3" else {"version": how})
    )
    await field.until("charge", 100.0)
    sender = await notifier(field, user=OPS if how == "3" else None, old=how == "1")
    field.ups.charge = 20.0
    field.ups.step(0.0)
    extra = field.ups.battery()[1]._replace(name=ber.oid("1.3.6.1.2.1.33.1.2.4.0"), value=20)
    sender.trap(ON_BATTERY, *field.ups.battery(), extra)
    await field.until("left", 6)
    await field.until("charge", 20.0)
    await field.said("device:d device.notified")
    (event,) = told(field)
    assert event.data["trap"] == "UPS-MIB::upsTrapOnBattery"
    assert event.data["values"][0] == {
        "oid": "1.3.6.1.2.1.33.1.2.3.0",
        "name": "UPS-MIB::upsEstimatedMinutesRemaining.0",
        "value": "6",
    }
    assert event.text.startswith("D says UPS-MIB::upsTrapOnBattery: UPS-MIB::upsEstimatedMinutesRemaining.0 = 6")
    assert not event.data["confirmed"]


@pytest.mark.parametrize("how", ["2c", "3"])
async def test_an_inform_is_acknowledged_and_told_once(field: Field, how: str) -> None:
    await field.start(field.device(point("left", LEFT, address={"poll": False})), traps=True, **(V3 if how == "3" else {}))
    await ready(field)
    sender = await notifier(field, user=OPS if how == "3" else None)
    assert await sender.inform(ON_BATTERY, *field.ups.battery())
    sender._id -= 1
    assert await sender.inform(ON_BATTERY, *field.ups.battery())
    keys = {event.key for event in told(field)}
    assert len(keys) == 1 and told(field)[0].data["confirmed"]
    assert field.last("left") == (30.0, Quality.GOOD)
    await field.said("device:d device.online")


async def test_an_inform_is_acknowledged_after_its_event_is_durable(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()
    emit = field.recorder.emit

    async def slow(events: Sequence[Event], confirm: Confirm | None = None) -> None:
        if events[0].type == "device.notified":
            await gate.wait()
        await emit(events, confirm)

    object.__setattr__(field.supervisor._ctx, "emit", slow)
    await field.start(field.device(point("left", LEFT, address={"poll": False})), traps=True)
    await ready(field)
    sender = await notifier(field)
    asking = asyncio.ensure_future(sender.inform(ON_BATTERY, *field.ups.battery(), patience=MINUTE))
    await field.until("left", 30.0)
    assert not asking.done() and not told(field)
    gate.set()
    assert await asking and told(field)


async def test_a_full_queue_leaves_informs_for_later(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()
    emit = field.recorder.emit

    async def slow(events: Sequence[Event], confirm: Confirm | None = None) -> None:
        if events[0].type == "device.notified":
            await gate.wait()
        await emit(events, confirm)

    object.__setattr__(field.supervisor._ctx, "emit", slow)
    monkeypatch.setattr(ear, "QUEUE", 1)
    await field.start(field.device(point("left", LEFT, address={"poll": False})), traps=True)
    await ready(field)
    one, two = await notifier(field), await notifier(field)
    asking = asyncio.ensure_future(one.inform(ON_BATTERY, *field.ups.battery(), patience=MINUTE))
    await field.until("left", 30.0)
    assert not await two.inform(ON_BATTERY, patience=0.1, tries=2)
    gate.set()
    assert await asking and await two.inform(ON_BATTERY)
    assert len(told(field)) == 2


async def test_what_is_not_proven_is_not_believed(field: Field) -> None:
    left = point("left", LEFT, address={"poll": False})
    await field.start(field.device(left), traps=True, **V3)
    await ready(field)
    for how in (
        {"user": User("ops", "sha256", "wrong one!", "aes128", "another one")},
        {"user": User("ops")},
        {"user": User("nobody", "sha256", "a password", "aes128", "another one")},
        {},
    ):
        sender = await notifier(field, **how)
        sender.trap(ON_BATTERY, *field.ups.battery())
        assert not await sender.inform(ON_BATTERY, patience=0.1, tries=3)
    stranger = await notifier(field, host="127.0.0.9", user=OPS)
    assert not await stranger.inform(ON_BATTERY, patience=0.1, tries=3)
    friend = await notifier(field, user=OPS)
    assert await friend.inform(ON_BATTERY)
    assert len(told(field)) == 1


async def test_endpoints_share_the_port_and_the_last_one_gives_it_back(field: Field) -> None:
    field.port = await field.agent.start(field.host)
    one = field.spec(field.device(point("left", LEFT, address={"poll": False})), traps=True)
    two = field.spec(
        field.device(point("right", LEFT, address={"poll": False}, device="x"), id_="x"), id_="f", traps=True, community="other"
    )
    await field.supervisor.reconcile([one, two])
    await field.recorder.until(lambda: field.events().count("endpoint:f endpoint.online"), MINUTE)
    await field.said("endpoint:e endpoint.online")
    for community, id_ in (("public", "left"), ("other", "right")):
        sender = await notifier(field, community=community)
        assert await sender.inform(ON_BATTERY, *field.ups.battery())
        assert field.last(id_) == (30.0, Quality.GOOD)
    await field.supervisor.reconcile([two])
    sender = await notifier(field, community="other")
    assert await sender.inform(ON_BATTERY)
    assert [event.entity for event in told(field)] == ["device:d", "device:x", "device:x"]
    await field.supervisor.reconcile([])
    await field.recorder.until(lambda: field.net.ledger() == [], MINUTE)


async def test_two_endpoints_with_one_user_and_two_passwords_are_refused(field: Field) -> None:
    field.port = await field.agent.start(field.host)
    one = field.spec(field.device(point("a", CHARGE)), traps=True, **V3)
    two = field.spec(
        field.device(point("b", CHARGE, device="x"), id_="x"), id_="f", traps=True, **V3 | {"auth_password": "another password"}
    )
    await field.supervisor.reconcile([one, two])
    await field.said("endpoint:f endpoint.misconfigured")
    assert any("give one a name of its own" in event.text for event in field.recorder.events)
