"""Tracer: a card at a simulated controller, over the real link with TLS, into the real event log, and back again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from sim.controller import SimController
from sim.demo_access import card_of, provision, settings
from sitewarden.domain.access.model import Controller
from sitewarden.domain.access.rights import AccessProfile
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import Invalid
from sitewarden.drivers.link import device
from sitewarden.services.operations import system
from sitewarden.services.surface.access import ApproveController, DoorsCommand
from sitewarden.services.surface.identity import Nothing
from sitewarden.wire.controller import Record
from sitewarden.wire.pairing import make_code
from tests.drivers.link.site import Core, demo, running_controller, running_core


@pytest.fixture
async def core(netns: bool, host: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with running_core(tmp_path, "127.0.0.1" if netns else host) as core:
        await core.put(*demo())
        yield core


async def test_a_swipe_becomes_an_event_with_its_explanation_and_is_there_after_a_restart(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        answer = await sim.board.swipe(0, card_of("hugo"))
        assert answer.signal == "granted"
        assert answer.released is not None
        (stored,) = await core.wait_events(1, "access.granted")
    event = stored.event
    assert event.entity == "access-point:main-in"
    assert {"door:main-entrance", "credential-holder:hugo", "credential:hugo-card", "controller:front"} == set(event.related)
    assert event.text == "Hugo Silva may pass Main entrance, in"
    why = event.data["explanation"]
    assert (why["rule"], why["profile"], why["schedule"], why["decided_by"]) == ("granted", "guard", "always", "server")
    assert why["snapshot"] == core.access.rulebook.rules.version
    assert event.key.startswith("front/")
    await core.stop()
    await core.start()
    assert await core.events("access.granted") == [stored]


async def test_a_refusal_says_why(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        for card in (card_of("lena"), card_of("kim"), "26:1"):
            assert (await sim.board.swipe(0, card)).signal == "denied"
        stored = await core.wait_events(3, "access.denied")
    said = [(one.event.data["reason"], one.event.data["explanation_text"]) for one in stored]
    assert said == [
        ("credential-not-enabled", "the credential is disabled: lost"),
        ("credential-expired", "the credential was valid until 2025-01-01 00:00 UTC"),
        ("credential-not-found", "the card is not known"),
    ]
    assert stored[2].event.text == "Somebody unknown was refused at Main entrance, in: the card is not known"
    assert not any(active for _, _, active in sim.board.drives)


async def test_a_changed_policy_changes_the_decision_at_once(core: Core) -> None:
    nothing = AccessProfile(id="guard", name="Guards")
    async with running_controller(core, "front") as asking, running_controller(core, "inner") as alone:
        card = card_of("hugo")
        assert (await asking.board.swipe(0, card)).signal == "granted"
        assert (await alone.board.swipe(0, card)).signal == "granted"
        await core.put(nothing)
        assert (await asking.board.swipe(1, card)).signal == "denied"
        async with asyncio.timeout(60):
            await alone.wait_rules(core.access.rulebook.rules.version)
        assert (await alone.board.swipe(1, card)).signal == "denied"
        denied = await core.wait_events(2, "access.denied")
    assert {one.event.data["explanation"]["decided_by"] for one in denied} == {"server", "controller"}
    assert {one.event.data["reason"] for one in denied} == {"unauthorized"}


async def test_without_the_server_the_controller_decides_and_the_log_is_brought_later(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        await core.stop()
        for reader in (0, 1):
            assert (await sim.board.swipe(reader, card_of("hugo"))).signal == "granted"
        assert (await sim.board.swipe(0, "26:1")).signal == "denied"
        await core.start()
        assert sim.node.uplink is not None
        sim.node.uplink.hurry()
        granted = await core.wait_events(2, "access.granted")
    assert [one.event.data["explanation"]["decided_by"] for one in granted] == ["controller (server not connected)"] * 2
    assert len(await core.events("access.denied")) == 1


async def test_a_server_that_does_not_answer_in_time_is_not_waited_for(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        hang = asyncio.Event()

        async def never(question: object) -> object:
            await hang.wait()
            raise AssertionError

        core.answers["access.match"] = never
        assert sim.node.uplink is not None
        answer = await sim.board.swipe(0, card_of("hugo"))
        assert answer.signal == "granted"
        (stored,) = await core.wait_events(1, "access.granted")
    assert stored.event.data["explanation"]["decided_by"] == "controller (server did not answer)"


async def test_a_slow_event_store_does_not_hold_a_door(core: Core) -> None:
    gate = asyncio.Event()
    async with running_controller(core, "front") as sim:
        core.emit_gate = gate.wait
        for reader in (0, 2):
            answer = await sim.board.swipe(reader, card_of("hugo"))
            assert answer.released is not None
        assert await core.events("access.granted") == []
        gate.set()
        assert len(await core.wait_events(2, "access.granted")) == 2


async def test_card_and_pin(core: Core) -> None:
    async with running_controller(core, "inner") as sim:
        assert (await sim.board.swipe(2, card_of("hugo"))).signal == "pin"
        assert (await sim.board.enter(2, "0000")).signal == "denied"
        assert (await sim.board.swipe(2, card_of("hugo"))).signal == "pin"
        assert (await sim.board.enter(2, "9753")).signal == "granted"
        await core.wait_events(1, "access.granted")
        (wrong,) = await core.events("access.denied")
    assert wrong.event.data["explanation_text"] == "the PIN is wrong"
    assert "9753" not in str([one.event for one in await core.events()])


async def test_commands_drive_the_lock_and_say_so(core: Core) -> None:
    def command(name: str) -> Command:
        return Command(id=f"id-{name}", name=f"door.{name}", entity="door:main-entrance", issuer="user:ada")

    async with running_controller(core, "front") as sim:
        done = await core.hub.command(command("unlock"))
        assert done.ok
        assert sim.board.outputs[0]
        assert done.value["door"]["mode"] == "unlocked"
        assert core.statuses["door:main-entrance"].data["lock"] == "unlocked"
        assert (await core.hub.command(command("lockdown"))).ok
        assert not sim.board.outputs[0]
        refused = await core.hub.command(command("release"))
        assert (refused.ok, refused.code) == (False, "conflict")
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "denied"
        (stored,) = [one for one in await core.wait_events(1, "access.denied") if one.event.data["reason"] == "door-locked-down"]
        assert stored.event.data["explanation_text"] == "the door is locked down"
        said = await core.wait_events(2, "door.command")
        assert said[0].event.text == "Main entrance: unlock by user:ada"
    gone = await core.hub.command(command("release"))
    assert (gone.ok, gone.code) == (False, "unreachable")
    assert core.statuses["door:main-entrance"].state == "offline"


async def test_a_site_is_locked_down_with_one_command_and_says_who_was_not_reached(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        (many,) = core.access.many.operations()
        done = await many.handler(system("test"), DoorsCommand(command="lockdown", reason="drill"))
        assert [(one.door, one.outcome) for one in done.doors] == [
            ("office-wing", "not-reached"),
            ("server-room", "not-reached"),
            ("main-entrance", "done"),
            ("staff-entrance", "done"),
        ]
        assert {core.statuses[f"door:{door}"].data["held_by"] for door in ("main-entrance", "staff-entrance")} == {"lockdown"}
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "denied"
        said = await core.wait_events(2, "door.command")
        assert {one.event.data["reason"] for one in said} == {"drill"}
        (told,) = await core.wait_events(1, "site.command")
        assert told.event.data["missed"] == ["office-wing", "server-room"]


async def test_a_lockdown_outlives_a_restart_of_the_controller(core: Core) -> None:
    async with running_controller(core, "front"):
        done = await core.hub.command(Command(id="1", name="door.lockdown", entity="door:main-entrance"))
        assert done.ok
    async with running_controller(core, "front") as sim:
        assert sim.state()["doors"][0]["mode"] == "locked-down"
        assert core.statuses["door:main-entrance"].data["mode"] == "locked-down"


async def test_forced_and_held_doors_are_told(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        sim.board.set_input(0, True)
        (forced,) = await core.wait_events(1, "door.forced")
        assert (forced.event.severity, forced.event.text) == (3, "Main entrance was forced open")
        await core.wait_events(1, "door.opened")
        sim.board.set_input(0, False)
        await core.wait_events(1, "door.forced-cleared")
        await sim.board.swipe(0, card_of("hugo"))
        sim.board.set_input(0, True)
        (taken,) = await core.wait_events(1, "access.taken")
        assert taken.event.data["holder_name"] == "Hugo Silva"


async def test_one_that_is_no_controller_of_the_site_is_refused(core: Core, tmp_path: Path) -> None:
    config = msgspec.structs.replace(settings("front", tmp_path / "stranger", core.network.settings.bind), node="stranger")
    config = msgspec.structs.replace(config, data=str(tmp_path / "stranger" / "stranger"))
    provision(core.authority, "stranger", tmp_path / "stranger")
    sim = SimController(config)
    task = asyncio.create_task(sim.run())
    try:
        await sim.node.started.wait()
        assert sim.node.uplink is not None
        async with asyncio.timeout(60):
            while sim.node.uplink.last_error is None:
                await asyncio.sleep(0)
        assert "no controller of this site" in str(sim.node.uplink.last_error)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_controller_pairs_with_a_code_and_is_then_known(core: Core, tmp_path: Path) -> None:
    await core.put(Controller(id="annex", name="Annex"))
    assert core.access.pairing is not None
    entry = core.access.pairing.desk.new_code("annex")
    config = msgspec.structs.replace(
        settings("front", tmp_path, core.network.settings.bind), node="annex", data=str(tmp_path / "annex")
    )
    sim = SimController(config, code=str(entry.code), pair_every=0.05)
    task = asyncio.create_task(sim.run())
    try:
        async with asyncio.timeout(60):
            await sim.wait_ready()
        held = core.state.get("controller", "annex")
        assert held is not None
        assert isinstance(held.entity, Controller)
        assert len(held.entity.fingerprint) == 64
        (stored,) = await core.wait_events(1, "controller.paired")
        assert stored.event.text == "Controller Annex was paired"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_controller_without_a_code_waits_until_the_one_of_its_label_is_approved(core: Core, tmp_path: Path) -> None:
    assert core.access.pairing is not None
    desk = core.access.pairing.desk
    config = msgspec.structs.replace(
        settings("front", tmp_path, core.network.settings.bind), node="annex", data=str(tmp_path / "annex")
    )
    sim = SimController(config, pair_every=0.05)
    task = asyncio.create_task(sim.run())
    try:
        await core.wait_events(1, "controller.pending")
        (waiting,) = desk.pending
        assert (waiting.node, waiting.label) == ("annex", sim.node.commissioning.code.label)
        assert not sim.node.identity.paired and core.state.get("controller", "annex") is None
        desk.approve("annex", str(sim.node.commissioning.code))
        assert sim.node.uplink is not None
        async with asyncio.timeout(60):
            while not sim.node.identity.paired:
                sim.node.uplink.hurry()
                await asyncio.sleep(0.05)
            await sim.wait_ready()
        assert core.state.get("controller", "annex") is not None
        assert desk.pending == []
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_controller_whose_code_the_site_holds_is_approved_without_typing_it(core: Core, tmp_path: Path) -> None:
    config = msgspec.structs.replace(
        settings("front", tmp_path, core.network.settings.bind), node="annex", data=str(tmp_path / "annex")
    )
    operations = {one.name: one.handler for one in core.access.operations()}
    wrong = str(make_code(b"another code!"))
    sim = SimController(config, pair_every=0.05)
    code = str(sim.node.commissioning.code)

    def holding(code: str) -> Controller:
        return Controller(id="annex", name="Annex", commissioning=core.secrets.seal(code, "controller:annex/commissioning"))

    await core.put(holding(wrong))
    task = asyncio.create_task(sim.run())
    try:
        await core.wait_events(1, "controller.pending")
        (waiting,) = (await operations["controllers.pending"](system("test"), Nothing())).items
        assert not waiting.code_set, "the site holds the code of another label"
        with pytest.raises(Invalid, match="does not hold the code"):
            await operations["controllers.approve"](system("test"), ApproveController(id="annex"))
        await core.put(holding(code))
        (waiting,) = (await operations["controllers.pending"](system("test"), Nothing())).items
        assert waiting.code_set
        await operations["controllers.approve"](system("test"), ApproveController(id="annex"))
        assert sim.node.uplink is not None
        async with asyncio.timeout(60):
            while not sim.node.identity.paired:
                sim.node.uplink.hurry()
                await asyncio.sleep(0.05)
            await sim.wait_ready()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_key_of_a_replaced_controller_is_refused(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        held = core.state.get("controller", "front")
        assert held is not None
        assert sim.node.uplink is not None
        session = sim.node.uplink.session
        assert session is not None
        await core.put(msgspec.structs.replace(held.entity, fingerprint="0" * 64))
        await asyncio.shield(session.closed)
        async with asyncio.timeout(60):
            while "paired again" not in str(sim.node.uplink.last_error):
                sim.node.uplink.hurry()
                await asyncio.sleep(0.01)


async def test_nothing_is_lost_or_doubled_while_links_break_and_core_restarts(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        assert sim.node.uplink is not None
        for round_ in range(6):
            for number in range(400):
                sim.node.journal.add(
                    Record(1_000_000 + number, "door.opened", "main-entrance", data={"n": round_ * 400 + number})
                )
            if round_ % 3 == 2:
                await core.stop()
                await core.start()
            elif sim.node.uplink.session is not None:
                sim.node.uplink.session.close()
            sim.node.uplink.hurry()
        stored = await core.wait_events(2400, "door.opened")
        assert [one.event.data["n"] for one in stored] == list(range(2400)), "whole, once, in order"
        keys = [one.event.key for one in await core.events("door.*", "controller.started", "controller.time")]
        assert len(keys) == len(set(keys))


async def test_a_record_that_cannot_be_read_is_told_and_does_not_stop_the_log(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        sim.node.journal.add(Record(1, "nothing.known"))
        sim.node.journal.add(Record(2, "door.opened", "server-room"))
        (gap,) = await core.wait_events(1, "controller.log-gap")
        (opened,) = await core.wait_events(1, "door.opened")
    assert gap.event.data["detail"] == "a record could not be read"
    assert opened.event.entity == "controller:front", "what it says of another's door is kept as said by it"


async def test_with_no_controller_no_port_is_open(netns: bool, host: str, tmp_path: Path) -> None:
    async with running_core(tmp_path, "127.0.0.1" if netns else host) as core:
        assert core.network.ledger() == []
        await core.put(Controller(id="one", name="One"))
        async with asyncio.timeout(60):
            while not (ledger := core.network.ledger()):
                await asyncio.sleep(0.01)
        assert [(line.port, line.direction) for line in ledger] == [("device-server", "in")]


async def test_a_controller_has_time_to_dial_in_before_it_counts_as_absent(core: Core) -> None:
    assert core.statuses["controller:front"].state == "pending"
    assert core.statuses["door:main-entrance"].state == "pending"
    async with running_controller(core, "front"):
        assert core.statuses["controller:front"].state == "online"
    assert core.statuses["controller:front"].state == "offline", "it was here, so its loss is told at once"


async def test_a_controller_that_does_not_come_is_absent(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    await core.stop()
    monkeypatch.setattr(device, "GRACE", 0.05)
    await core.start()
    told = await core.wait_events(2, "controller.offline")
    assert {one.event.entity for one in told} >= {"controller:front"}
    assert core.statuses["controller:front"].detail == "it has not dialled in"
    assert core.statuses["door:main-entrance"].state == "offline"
