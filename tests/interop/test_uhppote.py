"""Boards against code that is not ours: the library `uhppoted` as a client of our simulated board, and its codec beside ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, time
from ipaddress import IPv4Address
from typing import Any

import pytest
from uhppoted import decode, encode
from uhppoted.uhppote import Uhppote

from sim.uhppote import SimBoard
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote import wire

pytestmark = pytest.mark.interop
SERIAL = 405419896
WHEN = datetime(2026, 5, 4, 8, 30, 15)
DAYS = (True, True, False, True, False, True, True)
SPANS = (time(8, 30), time(9, 45), time(11, 35), time(13, 15), time(14, 1), time(17, 59))

REQUESTS: list[tuple[m.Message, str, tuple[Any, ...]]] = [
    (m.GetController(serial=0), "get_controller_request", (0,)),
    (m.GetTime(serial=SERIAL), "get_time_request", (SERIAL,)),
    (m.SetTime(serial=SERIAL, time=WHEN), "set_time_request", (SERIAL, WHEN)),
    (m.GetStatus(serial=SERIAL), "get_status_request", (SERIAL,)),
    (m.OpenDoor(serial=SERIAL, door=3), "open_door_request", (SERIAL, 3)),
    (m.CountCards(serial=SERIAL), "get_cards_request", (SERIAL,)),
    (m.GetCard(serial=SERIAL, card=10058400), "get_card_request", (SERIAL, 10058400)),
    (m.GetCardAt(serial=SERIAL, index=7), "get_card_by_index_request", (SERIAL, 7)),
    (
        m.PutCard(serial=SERIAL, card=10058400, first=date(2026, 1, 1), last=date(2026, 12, 31), door_1=1, door_3=29, pin=7531),
        "put_card_request",
        (SERIAL, 10058400, date(2026, 1, 1), date(2026, 12, 31), 1, 0, 29, 0, 7531),
    ),
    (m.DeleteCard(serial=SERIAL, card=10058400), "delete_card_request", (SERIAL, 10058400)),
    (m.DeleteCards(serial=SERIAL), "delete_cards_request", (SERIAL,)),
    (m.GetDoor(serial=SERIAL, door=4), "get_door_control_request", (SERIAL, 4)),
    (m.SetDoor(serial=SERIAL, door=4, mode=2, delay=9), "set_door_control_request", (SERIAL, 4, 2, 9)),
    (m.GetAntipassback(serial=SERIAL), "get_antipassback_request", (SERIAL,)),
    (m.SetAntipassback(serial=SERIAL, mode=2), "set_antipassback_request", (SERIAL, 2)),
    (m.SetInterlock(serial=SERIAL, mode=8), "set_interlock_request", (SERIAL, 8)),
    (
        m.SetProfile(
            serial=SERIAL, id=29, first=date(2026, 1, 1), last=date(2026, 12, 31),
            monday=True, tuesday=True, wednesday=False, thursday=True, friday=False, saturday=True, sunday=True,
            start_1=510, end_1=585, start_2=695, end_2=795, start_3=841, end_3=1079, linked=30,
        ),
        "set_time_profile_request",
        (SERIAL, 29, date(2026, 1, 1), date(2026, 12, 31), *DAYS, *SPANS, 30),
    ),
    (m.GetProfile(serial=SERIAL, id=29), "get_time_profile_request", (SERIAL, 29)),
    (m.ClearProfiles(serial=SERIAL), "delete_all_time_profiles_request", (SERIAL,)),
    (m.SetSpecialEvents(serial=SERIAL, on=True), "record_special_events_request", (SERIAL, True)),
    (
        m.SetListener(serial=SERIAL, address="192.0.2.9", port=60001, interval=5),
        "set_listener_request",
        (SERIAL, IPv4Address("192.0.2.9"), 60001, 5),
    ),
    (m.GetListener(serial=SERIAL), "get_listener_request", (SERIAL,)),
    (m.SetPcControl(serial=SERIAL, on=True), "set_pc_control_request", (SERIAL, True)),
    (m.GetEvent(serial=SERIAL, index=37), "get_event_request", (SERIAL, 37)),
    (m.SetEventIndex(serial=SERIAL, index=37), "set_event_index_request", (SERIAL, 37)),
    (m.GetEventIndex(serial=SERIAL), "get_event_index_request", (SERIAL,)),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "name", "arguments"), REQUESTS, ids=[name for _, name, _ in REQUESTS])
def test_both_codecs_write_the_same_request(request_: m.Message, name: str, arguments: tuple[Any, ...]) -> None:
    theirs = bytes(getattr(encode, name)(*arguments))
    assert wire.write_request(request_) == theirs
    assert wire.read_request(theirs) == request_


def test_every_request_that_we_know_is_compared() -> None:
    assert {wire.code_of(request) for request, _, _ in REQUESTS} == {code for code, *_ in wire.TABLE}


def test_the_library_reads_our_answers() -> None:
    status = m.Status(
        serial=SERIAL, index=57, type=1, granted=True, door=3, direction=2, card=10058400, time=WHEN, reason=6,
        open_1=True, open_4=True, button_2=True, error=9, clock=(14, 37, 2), sequence=17, special=43, relays=5, inputs=3,
        day=date(2026, 5, 4),
    )  # fmt: skip
    theirs = decode.get_status_response(wire.write_answer(0x20, status))
    assert [theirs.controller, theirs.event_index, theirs.event_type, theirs.event_access_granted, theirs.event_door] == [
        SERIAL, 57, 1, True, 3,
    ]  # fmt: skip
    assert [theirs.event_direction, theirs.event_card, theirs.event_timestamp, theirs.event_reason] == [2, 10058400, WHEN, 6]
    assert [theirs.door_1_open, theirs.door_2_open, theirs.door_4_open, theirs.door_2_button] == [True, False, True, True]
    assert [theirs.system_date, theirs.system_time] == [date(2026, 5, 4), time(14, 37, 2)]
    assert [theirs.relays, theirs.inputs, theirs.system_error, theirs.special_info, theirs.sequence_no] == [5, 3, 9, 43, 17]
    old = decode.event(wire.write_answer(wire.EVENT, status, start=wire.START_OLD))
    assert (old.event_index, old.event_card) == (57, 10058400)


@pytest.fixture
async def board(host: str) -> AsyncIterator[tuple[SimBoard, str]]:
    made = SimBoard(SERIAL, now=lambda: WHEN)
    number = await made.start(host, 0)
    yield made, f"{host}:{number}"
    await made.stop()


async def test_the_library_commissions_our_board(board: tuple[SimBoard, str]) -> None:
    sim, address = board
    there = (SERIAL, address)

    def work() -> None:
        client = Uhppote(bind="0.0.0.0", broadcast=address, listen="0.0.0.0:60001")
        assert client.get_controller(there).version == "v8.92"
        assert client.set_time(there, datetime(2026, 5, 4, 12, 0)).datetime == datetime(2026, 5, 4, 12, 0)
        assert client.set_time_profile(there, 29, date(2026, 1, 1), date(2026, 12, 31), *DAYS, *SPANS, 0).stored
        held = client.get_time_profile(there, 29)
        assert (held.segment_1_start, held.segment_3_end, held.wednesday) == (time(8, 30), time(17, 59), False)
        assert client.put_card(there, 10058400, date(2026, 1, 1), date(2026, 12, 31), 1, 0, 29, 0, 0).stored
        assert client.get_cards(there).cards == 1
        assert client.get_card_by_index(there, 1).door_3 == 29
        assert client.set_door_control(there, 2, 1, 7).mode == 1
        assert client.set_interlock(there, 8).ok
        assert client.set_antipassback(there, 2).ok and client.get_antipassback(there).antipassback == 2
        assert client.record_special_events(there, True).updated
        assert client.open_door(there, 1).opened
        event = client.get_event(there, 1)
        assert (event.reason, event.door, event.access_granted) == (44, 1, True)
        assert client.get_event(there, 99).event_type == 0
        assert client.get_status(there).relays & 1
        assert client.delete_card(there, 10058400).deleted

    await asyncio.to_thread(work)
    assert sim.profiles[29].monday and sim.doors[2].mode == 1 and not sim.cards
