"""A board on its site, over real sockets: cards, events, commands, what is lost and what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from sim.uhppote import SimBoard
from sitewarden.domain.access.model import Door
from sitewarden.domain.access.people import Credential
from sitewarden.drivers.uhppote import messages as m
from tests.drivers.uhppote.site import ADA, BEN, EVE, BoardSite, credential, gate, people, running_board, running_site


@pytest.fixture
async def site(host: str, tmp_path: Path) -> AsyncIterator[BoardSite]:
    async with running_site(tmp_path, host) as site:
        await site.put(*people())
        yield site


@pytest.fixture
async def board(site: BoardSite, host: str) -> AsyncIterator[SimBoard]:
    async with running_board(host) as (board, address):
        await site.put(gate(address))
        await site.status("controller:gate", cards=2)
        yield board


async def test_the_people_of_the_site_go_through_and_the_log_says_why(site: BoardSite, board: SimBoard) -> None:
    assert (board.cards[ADA].door_1, board.cards[ADA].door_2, board.cards[ADA].door_3) == (1, 1, 0)
    assert board.cards[BEN].door_1 in board.profiles and EVE not in board.cards
    assert (board.doors[1].mode, board.doors[1].delay, board.doors[2].delay) == (3, 4, 3)
    assert [board.swipe(ADA, 1), board.swipe(BEN, 1), board.swipe(EVE, 1), board.swipe(7, 2)] == [True, False, False, False]
    (granted,) = await site.wait_events(1, "access.granted")
    denied = await site.wait_events(3, "access.denied")
    assert granted.event.entity == "access-point:yard-in"
    assert granted.event.text == "Ada Marlow may pass Yard, in"
    assert {"door:yard", "credential-holder:ada", "credential:ada", "controller:gate"} == set(granted.event.related)
    why = granted.event.data["explanation"]
    assert (why["rule"], why["profile"], why["schedule"], why["decided_by"]) == (
        "granted",
        "all",
        "always",
        f"board {board.serial}",
    )
    said = [(one.event.data["holder_name"], one.event.data["reason"], one.event.data["explanation_text"]) for one in denied]
    assert said == [
        ("Ben Okafor", "not-permitted-at-this-time", "outside New Year's night of profile Rarely"),
        ("Eve Lind", "unauthorized", "no access profile leads through here"),
        ("Somebody unknown", "credential-not-found", "the card is not known"),
    ]


async def test_a_right_that_is_taken_is_gone_from_the_board(site: BoardSite, board: SimBoard) -> None:
    await site.put(credential("ada", ADA, "all", enabled=False, disabled_reason="lost"))
    await site.until(lambda: ADA not in board.cards)
    assert not board.swipe(ADA, 1)
    (denied,) = await site.wait_events(1, "access.denied")
    assert (denied.event.data["reason"], denied.event.data["explanation_text"]) == (
        "credential-not-enabled",
        "the credential is disabled: lost",
    )
    await site.put(credential("eve", EVE, "all"))
    await site.until(lambda: EVE in board.cards)
    assert board.swipe(EVE, 2)


async def test_doors_are_told_and_commanded(site: BoardSite, board: SimBoard) -> None:
    assert (await site.command("door.release", "door:yard")).ok
    await site.status("door:yard", lock="unlocked", mode="locked")
    (released,) = await site.wait_events(1, "door.command")
    assert (released.event.data["command"], released.event.data["actor"]) == ("release", "user:op")
    board.move(1, True)
    await site.status("door:yard", physical="open")
    board.held(1)
    await site.status("door:yard", alarm="door-open-too-long")
    board.move(1, False)
    await site.status("door:yard", physical="closed", alarm="normal")
    assert [one.event.type for one in await site.wait_events(3, "door.opened", "door.held", "door.closed")] == [
        "door.opened",
        "door.held",
        "door.closed",
    ]
    assert (await site.command("door.unlock", "door:shed")).value["door"]["mode"] == "unlocked"
    assert board.doors[2].mode == 1 and board.unlocked(2)
    assert (await site.command("door.lockdown", "door:shed")).value["door"]["mode"] == "locked-down"
    assert board.doors[2].mode == 2 and not board.swipe(ADA, 2)
    refused = await site.command("door.unlock", "door:shed")
    assert (refused.ok, refused.code) == (False, "conflict") and "locked down" in refused.what
    fire = (await site.command("door.fire-release", "door:shed")).value["door"]
    assert (fire["mode"], fire["priority"], fire["held_by"]) == ("locked-open", "emergency", "fire-release")
    assert board.doors[2].mode == 1 and board.unlocked(2)
    down = (await site.command("door.end-fire-release", "door:shed")).value["door"]
    assert (down["mode"], down["held_by"], board.doors[2].mode) == ("locked-down", "lockdown", 2)
    assert (await site.command("door.release-lockdown", "door:shed")).value["door"]["mode"] == "unlocked"
    assert (await site.command("door.normal", "door:shed")).value["door"]["held_by"] == ""
    assert board.doors[2].mode == 3 and board.swipe(ADA, 2)
    modes = [one.event.data["mode"] for one in await site.wait_events(6, "door.mode")]
    assert modes == ["unlocked", "locked-down", "locked-open", "locked-down", "unlocked", "locked"]
    unknown = await site.command("door.double-lock", "door:shed")
    assert (unknown.ok, unknown.code) == (False, "not-found")


async def test_what_happens_while_nobody_listens_is_read_later_once_each(site: BoardSite, board: SimBoard) -> None:
    board.swipe(ADA, 1)
    await site.wait_events(1, "access.granted")
    await site.stop()
    for _ in range(100):
        board.swipe(ADA, 1)
    board.press(1)
    await site.start()
    granted = await site.wait_events(101, "access.granted")
    await site.wait_events(1, "door.exit-button")
    assert [one.event.data["board"]["index"] for one in granted] == list(range(1, 102))


async def test_a_packet_that_was_lost_loses_no_event(site: BoardSite, board: SimBoard) -> None:
    board.listener = ("0.0.0.0", 0)
    board.swipe(ADA, 1)
    assert await site.wait_events(1, "access.granted")


async def test_a_ring_that_ran_over_is_one_gap_with_its_count(site: BoardSite, host: str) -> None:
    async with running_board(host, keep=10) as (board, address):
        await site.put(gate(address))
        await site.status("controller:gate", cards=2)
        board.swipe(ADA, 1)
        await site.wait_events(1, "access.granted")
        await site.stop()
        for _ in range(30):
            board.swipe(ADA, 1)
        await site.start()
        (gap,) = await site.wait_events(1, "controller.log-gap")
        granted = await site.wait_events(11, "access.granted")
    assert (gap.event.data["count"], gap.event.data["first"], gap.event.data["last"]) == (20, 2, 21)
    assert [one.event.data["board"]["index"] for one in granted] == [1, *range(22, 32)]


async def test_a_board_that_is_new_begins_at_the_end_of_its_log(site: BoardSite, host: str) -> None:
    async with running_board(host) as (board, address):
        for _ in range(5):
            board.swipe(7, 1)
        await site.put(gate(address))
        (told,) = await site.wait_events(1, "controller.event")
        assert told.event.data["index"] == 5
        board.swipe(7, 1)
        (denied,) = await site.wait_events(1, "access.denied")
        assert denied.event.data["board"]["index"] == 6


async def test_a_board_that_was_reset_gets_everything_anew_and_its_log_begins_anew(site: BoardSite, board: SimBoard) -> None:
    board.swipe(ADA, 1)
    board.swipe(ADA, 1)
    await site.wait_events(2, "access.granted")
    address = (await site.status("controller:gate")).data["address"]
    port = board._transport.get_extra_info("sockname")[1]  # type: ignore[union-attr]
    await board.stop()
    await site.status("controller:gate", "offline")
    assert (await site.status("door:yard", "offline")).data["mode"] == "locked"
    refused = await site.command("door.release", "door:yard")
    assert (refused.ok, refused.code) == (False, "unreachable") and "not connected" in refused.what
    board.reset()
    await board.start(address, port)
    await site.status("controller:gate", cards=2)
    assert board.swipe(ADA, 2) and board.special and board.listener[1]
    events = await site.wait_events(3, "access.granted")
    assert [one.event.key for one in events] == ["gate/405419896000/1", "gate/405419896000/2", "gate/405419896001/1"]
    offline = await site.events("controller.offline")
    assert len(offline) == 1


async def test_the_clock_is_set_when_it_is_off_and_the_times_of_events_are_utc(site: BoardSite, board: SimBoard) -> None:
    before = site.clock.now()
    board.drift = timedelta(minutes=7)
    (told,) = await site.wait_events(1, "controller.time")
    assert told.event.data["seconds"] == pytest.approx(-420, abs=5)
    assert abs(board.drift.total_seconds()) < 5
    board.swipe(ADA, 1)
    (granted,) = await site.wait_events(1, "access.granted")
    assert abs(granted.event.time - before) < 60_000_000


async def test_interlock_and_antipassback_are_set_and_their_refusals_named(site: BoardSite, host: str) -> None:
    async with running_board(host) as (board, address):
        await site.put(gate(address, interlock="1-2", antipassback="1:2,3:4"))
        await site.status("controller:gate", cards=2)
        assert (board.interlock, board.antipassback) == (1, 1)
        assert board.swipe(ADA, 1) and not board.swipe(ADA, 1) and board.swipe(ADA, 2)
        board.move(2, True)
        assert not board.swipe(ADA, 1)
        denied = await site.wait_events(2, "access.denied")
        assert [one.event.data["reason"] for one in denied] == ["antipassback-violation", "interlock-active"]
        assert "the site would let it pass" in denied[0].event.data["explanation_text"]
        refused = await site.command("door.release", "door:yard")
        assert (refused.ok, refused.code) == (False, "conflict")


async def test_answers_that_are_lost_or_late_are_asked_for_again(site: BoardSite, host: str) -> None:
    async with running_board(host) as (board, address):
        board.faults.loss = 0.03
        await site.put(gate(address, timeout=0.2))
        await site.status("controller:gate", cards=2)
        board.faults.loss = 0.0
        assert board.swipe(ADA, 1)
        await site.wait_events(1, "access.granted")


async def test_a_card_that_the_board_does_not_take_is_told(site: BoardSite, board: SimBoard) -> None:
    board.faults.refuse_cards.add(EVE)
    await site.put(credential("eve", EVE, "all"))
    told = await site.status("controller:gate", "degraded", refused=1)
    assert told.detail == "1 cards are not on the board: it did not take them"


async def test_a_card_ends_at_its_hour_and_begins_at_it(site: BoardSite, board: SimBoard) -> None:
    now = site.clock.now()
    await site.put(
        credential("ada", ADA, "all", valid_to=now + 1_500_000), credential("eve", EVE, "all", valid_from=now + 1_500_000)
    )
    await site.until(lambda: ADA not in board.cards and EVE in board.cards)
    assert site.clock.now() >= now + 1_500_000


async def test_doors_and_boards_may_change_while_others_stay(site: BoardSite, board: SimBoard) -> None:
    await site.put(Door(id="yard", name="Yard", controller="gate", output=1, release_time=9.0))
    await site.until(lambda: board.doors[1].delay == 9)
    held = site.state.get("controller", "gate")
    assert held is not None
    await site.put(msgspec.structs.replace(held.entity, enabled=False))  # type: ignore[type-var]
    await site.status("controller:gate", "disabled")
    asked = len(board.asked)
    await asyncio.sleep(0.5)
    assert len(board.asked) <= asked + 1


async def test_another_program_that_changes_cards_is_set_right_after_the_next_connection(
    site: BoardSite, board: SimBoard
) -> None:
    board.answer(m.PutCard(serial=board.serial, card=EVE, first=None, last=None, door_1=1))
    await site.stop()
    await site.start()
    await site.until(lambda: EVE not in board.cards)


async def test_firmware_without_antipassback_works_without_it(site: BoardSite, host: str) -> None:
    async with running_board(host, version="6.62") as (board, address):
        await site.put(gate(address, timeout=0.2))
        await site.status("controller:gate", cards=2, firmware="6.62")
        board.swipe(ADA, 1)
        assert await site.wait_events(1, "access.granted")


async def test_the_limits_of_a_board_are_said_when_they_arise(site: BoardSite, board: SimBoard) -> None:
    await site.put(credential("eve", 0, "all", card="34:12345678"))
    (told,) = await site.wait_events(1, "controller.limits")
    assert told.event.entity == "controller:gate" and "credential:eve" in told.event.text
    assert isinstance(site.state.get("credential", "eve").entity, Credential)  # type: ignore[union-attr]
    assert EVE not in board.cards
