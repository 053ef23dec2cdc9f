"""A controller's life on the link: revoked, renewed, its clock set, a card scanned, rules as deltas, an absent server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from sim.controller import SimController
from sim.demo_access import card_of, settings
from sitewarden.domain.access.model import Controller
from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Conflict, Forbidden, Refusal
from sitewarden.drivers.link import device
from sitewarden.link import LinkSession
from sitewarden.net.tls import NodeKey
from sitewarden.services.operations import system
from sitewarden.services.surface.access import RelayController, RevokeController, ScanCard
from sitewarden.wire import controller as wire
from tests.drivers.link.site import Core, demo, running_controller, running_core
from tests.drivers.link.test_direct import until

CALLER = system("test")


@pytest.fixture
async def core(netns: bool, host: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with running_core(tmp_path, "127.0.0.1" if netns else host) as core:
        await core.put(*demo())
        yield core


def operation(core: Core, name: str) -> Callable[[Any], Any]:
    found = next(one for one in core.access.operations() if one.name == name)
    return lambda params: found.handler(CALLER, params)


def front(core: Core) -> Controller:
    held = core.state.get("controller", "front")
    assert held is not None and isinstance(held.entity, Controller)
    return held.entity


async def test_a_revoked_controller_is_dropped_at_once_and_refused_until_it_is_paired_again(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        assert sim.node.uplink is not None and sim.node.uplink.session is not None
        session = sim.node.uplink.session
        revoke = operation(core, "controllers.revoke")
        with pytest.raises(Refusal, match="reason"):
            await revoke(RevokeController(id="front"))
        await revoke(RevokeController(id="front", reason="stolen"))
        ended = await asyncio.wait_for(asyncio.shield(session.closed), 60)
        assert isinstance(ended, Forbidden) and "revoked" in ended.what
        sim.node.uplink.hurry()
        await core.wait_events(1, "controller.revoked")
        (refused,) = await core.wait_events(1, "controller.refused")
        assert "revoked" in refused.event.data["detail"]
        assert core.statuses["controller:front"].state == "offline"
        with pytest.raises(Conflict):
            await revoke(RevokeController(id="front", reason="again"))
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "granted", "its doors go on by the rules that it has"
    assert core.access.pairing is not None
    code = str(core.access.pairing.desk.new_code("front").code)
    again = SimController(settings("front", core.data / "sim", core.host), code=code)
    task = asyncio.create_task(again.run())
    try:
        await asyncio.wait_for(again.wait_ready(), 60)
        assert front(core).revoked is None and len(front(core).fingerprint) == 64
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_code_that_was_used_long_ago_leaves_the_pairing_as_it_is(core: Core) -> None:
    async with running_controller(core, "front"):
        pass
    used = SimController(settings("front", core.data / "sim", core.host), code="0" * 20, pair_every=0.05)
    task = asyncio.create_task(used.run())
    try:
        await asyncio.wait_for(used.wait_ready(), 60)
        assert not await core.events("controller.paired")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_certificate_is_renewed_before_it_ends_and_the_next_link_uses_it(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = core.data / "sim" / "front" / "identity"
    key = NodeKey(data)
    old = core.authority.sign(key.request("front"), "front", now=datetime.now(UTC) - timedelta(days=3650 - 100))
    key.accept(old, core.authority.pem)
    end = key.life[1]
    sessions: list[LinkSession] = []
    attach = device.Device.attach

    def noted(self: device.Device, session: LinkSession, **more: Any) -> None:
        sessions.append(session)
        attach(self, session, **more)

    monkeypatch.setattr(device.Device, "attach", noted)
    async with running_controller(core, "front") as sim:
        await core.wait_events(1, "controller.renewed")
        assert sim.node.identity.key.life[1] > end + timedelta(days=3000)
        assert sim.node.identity.key.public_key == key.public_key
        assert sim.node.uplink is not None and sim.node.uplink.session is not None
        sim.node.uplink.session.close()
        await until(lambda: not sim.node.uplink or not sim.node.uplink.ready.is_set())
        sim.node.uplink.hurry()
        await asyncio.wait_for(sim.wait_ready(), 60)
        shown = sessions[-1].certificate
        assert shown == sim.node.identity.key.certificate.public_bytes(Encoding.DER)
        assert not sim.node.identity.due(time.time_ns() // 1000)


async def test_a_certificate_for_another_key_is_not_made(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        assert sim.node.uplink is not None and sim.node.uplink.session is not None
        other = NodeKey(core.data / "other")
        request = wire.CertificateRequest(other.request("front"))
        with pytest.raises(Forbidden, match="key of before"):
            await sim.node.uplink.session.request(wire.CERTIFICATE, wire.encode(request))


async def test_a_clock_that_drifts_while_the_link_stands_is_set(core: Core) -> None:
    async with running_controller(core, "front", routine=0.05) as sim:
        sim.node.clock.offset += 90 * SECOND
        await core.wait_events(1, "controller.time")
        await until(lambda: abs(sim.node.clock.now() - time.time_ns() // 1000) < SECOND)
        count = len(await core.events("controller.time"))
        await asyncio.sleep(0.3)
        assert len(await core.events("controller.time")) == count, "a drift below the limit is left alone"


async def test_a_card_is_scanned_for_enrolment_and_opens_nothing(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        scan = asyncio.create_task(operation(core, "controllers.scan")(ScanCard(id="front", reader=0, seconds=20)))
        await until(lambda: sim.node.controller._scans)
        with pytest.raises(Conflict):
            await operation(core, "controllers.scan")(ScanCard(id="front", reader=0, seconds=1))
        assert (await sim.board.swipe(0, "26:12345")).signal == "granted"
        assert (await scan).card == "26:12345"
        assert not any(sim.board.outputs.values())
        with pytest.raises(Refusal, match="No card"):
            await operation(core, "controllers.scan")(ScanCard(id="front", reader=1, seconds=1))
        with pytest.raises(Refusal, match="no reader 9"):
            await operation(core, "controllers.scan")(ScanCard(id="front", reader=9, seconds=1))
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "granted"
        assert any(sim.board.outputs.values())
        assert not [one for one in sim.node.journal.records() if "12345" in str(one)]


async def test_a_controller_that_is_set_to_deny_without_the_server_denies(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        await core.put(msgspec.structs.replace(front(core), away="deny"))
        await sim.wait_rules(core.access.rulebook.rules.version)
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "granted"
        await core.stop()
        assert (await sim.board.swipe(1, card_of("hugo"))).signal == "denied"
        await core.start()
        assert sim.node.uplink is not None
        sim.node.uplink.hurry()
        (denied,) = await core.wait_events(1, "access.denied")
    assert denied.event.data["reason"] == "server-unreachable"
    assert "deny without it" in denied.event.data["explanation_text"]


async def test_rules_travel_as_deltas_go_on_at_any_byte_and_are_healed_whole(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PART", 64)
    monkeypatch.setattr(device, "RULES_RETRY", 0.01)
    transfers: list[tuple[str, int]] = []
    part = wire.RulesPart

    def noted(*fields: Any) -> wire.RulesPart:
        made = part(*fields)
        transfers.append((made.base, made.offset))
        return made

    monkeypatch.setattr(wire, "RulesPart", noted)

    async with running_controller(core, "front") as sim:
        controller = sim.node.controller

        async def changed(name: str) -> None:
            transfers.clear()
            await core.put(msgspec.structs.replace(front(core), name=name))
            now = core.access.rulebook.rules
            async with asyncio.timeout(60):
                await sim.wait_rules(now.version)
                await until(lambda: controller.digest == now.digest)

        await changed("One")
        assert transfers and all(base for base, _ in transfers)

        # The link breaks in the middle: what came stays, and the next part begins where the last one ended.
        broken = asyncio.Event()
        take = controller.demand_base

        def breaking(base: str) -> None:
            take(base)
            if len(transfers) == 2 and not broken.is_set():
                broken.set()
                assert sim.node.uplink is not None and sim.node.uplink.session is not None
                sim.node.uplink.session.close()

        monkeypatch.setattr(controller, "demand_base", breaking)
        await changed("Two")
        assert broken.is_set() and all(base for base, _ in transfers)
        assert len({offset for _, offset in transfers}) > 2

        # A delta that is damaged is refused, and the whole heals it.
        deltas = core.answers["access.rules-deltas"]

        async def damaged(digest: str) -> Any:
            return tuple(msgspec.structs.replace(one, data=one.data[:-1]) for one in await deltas(digest) or ())

        core.answers["access.rules-deltas"] = damaged
        await changed("Three")
        assert transfers[0][0] and transfers[-1][0] == ""
        core.answers["access.rules-deltas"] = deltas

        # It decides by other rules than the delta is of: it says so, and the whole heals it.
        controller.digest = "0" * 64
        await changed("Four")
        assert transfers[0][0] and transfers[-1][0] == ""

        # What is kept of deltas is decided by after a restart, and what was missed comes as a chain of deltas.
        await changed("Five")
        await until(lambda: bool(controller.journal.deltas()))
        held = controller.digest
    await core.put(msgspec.structs.replace(front(core), name="Six"))
    assert core.access.rulebook.rules.digest != held
    await core.put(msgspec.structs.replace(front(core), name="Seven"))
    now = core.access.rulebook.rules
    transfers.clear()
    async with running_controller(core, "front", ready=False) as again:
        async with asyncio.timeout(60):
            await until(lambda: again.node.controller.digest == now.digest)
        assert {base for base, _ in transfers} >= {held} and all(base for base, _ in transfers)
        assert len({base for base, _ in transfers}) == 2


async def test_what_a_laptop_relays_is_stored_once_and_confirms_nothing(core: Core) -> None:
    await core.put(msgspec.structs.replace(front(core), enabled=True))
    relay = operation(core, "controllers.relay")
    record = wire.Record(1_790_000_000_000_000, "access.granted", "main-entrance", "main-in", "hugo-card", "hugo")
    report = wire.DoorReport("main-entrance", "unlocked", False, True, "normal")  # type: ignore[arg-type]
    params = RelayController(id="front", epoch=7, records=((1, wire.encode(record)), (2, b"\xc1")), doors=(wire.encode(report),))
    for _ in range(2):
        told = await relay(params)
        assert (told.stored, told.confirmed) == (2, 0)
    (granted,) = await core.wait_events(1, "access.granted")
    assert granted.event.data["relayed_by"] == "system:test" and granted.event.key == "front/7/1"
    assert len(await core.events("controller.log-gap")) == 1
    assert core.log.confirmed("front") is None
    status = core.statuses["controller:front"]
    assert (status.state, status.data["relayed_by"], status.data["temporary"]) == ("online", "system:test", True)
    assert core.statuses["door:main-entrance"].data["mode"] == "unlocked"
    async with running_controller(core, "front"):
        assert core.statuses["controller:front"].data == {}
        with pytest.raises(Conflict, match="itself"):
            await relay(params)


async def test_a_node_that_is_not_the_pinned_server_is_not_believed(core: Core) -> None:
    async with running_controller(core, "front", ready=False) as sim:
        await asyncio.wait_for(sim.wait_ready(), 60)
        assert sim.node.identity.server == "server"
    sim.node.identity.pin("other")
    async with running_controller(core, "front", ready=False) as again:
        assert again.node.uplink is not None
        await until(lambda: again.node.uplink is not None and again.node.uplink.last_error is not None)
        assert "not other" in str(again.node.uplink.last_error)
