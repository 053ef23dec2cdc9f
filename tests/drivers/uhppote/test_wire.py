"""Packets of boards, as tables of bytes that drive reader and writer both."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote import wire
from sitewarden.drivers.uhppote.table import card_of, number_of

SERIAL = 405419896


def packet(text: str) -> bytes:
    data = bytes.fromhex(text)
    return data + bytes(wire.SIZE - len(data))


REQUESTS = [
    ("1794 0000 00000000", m.GetController(serial=0)),
    ("1720 0000 78372a18", m.GetStatus(serial=SERIAL)),
    ("1730 0000 78372a18 20241104 123456", m.SetTime(serial=SERIAL, time=datetime(2024, 11, 4, 12, 34, 56))),
    ("1740 0000 78372a18 03", m.OpenDoor(serial=SERIAL, door=3)),
    (
        "1750 0000 78372a18 a07a9900 20240101 20241231 01001d00 6b1d00",
        m.PutCard(
            serial=SERIAL, card=10058400, first=date(2024, 1, 1), last=date(2024, 12, 31), door_1=1, door_3=29, pin=7531
        ),
    ),
    ("1754 0000 78372a18 55aaaa55", m.DeleteCards(serial=SERIAL)),
    ("1780 0000 78372a18 030204", m.SetDoor(serial=SERIAL, door=3, mode=2, delay=4)),
    (
        "1788 0000 78372a18 1d 20231101 20241229 01010001 000101 0830 0945 1135 1315 1401 1759 1e",
        m.SetProfile(
            serial=SERIAL, id=29, first=date(2023, 11, 1), last=date(2024, 12, 29),
            monday=True, tuesday=True, wednesday=False, thursday=True, friday=False, saturday=True, sunday=True,
            start_1=510, end_1=585, start_2=695, end_2=795, start_3=841, end_3=1079, linked=30,
        ),
    ),
    ("1790 0000 78372a18 c0a80164 61ea 05", m.SetListener(serial=SERIAL, address="192.168.1.100", port=60001, interval=5)),
    ("17a0 0000 78372a18 55aaaa55 01", m.SetPcControl(serial=SERIAL, on=True)),
    ("17b2 0000 78372a18 21000000 55aaaa55", m.SetEventIndex(serial=SERIAL, index=33)),
]  # fmt: skip

ANSWERS = [
    (
        "1794 0000 2d553919 c0a80000 ffffff00 c0a80001 00661939552d 0892 20180816",
        m.Controller(
            serial=423187757, address="192.168.0.0", netmask="255.255.255.0", gateway="192.168.0.1",
            hardware="00:66:19:39:55:2d", version="8.92", released=date(2018, 8, 16),
        ),
    ),
    (
        "1720 0000 2d553919 39000000 01 00 03 01 aae85d00 20190419170009 06 01000101 00000101 09 143702 11000000 00000000"
        " 2b 04 01 190420",
        m.Status(
            serial=423187757, index=57, type=1, granted=False, door=3, direction=1, card=6154410,
            time=datetime(2019, 4, 19, 17, 0, 9), reason=6, open_1=True, open_3=True, open_4=True, button_3=True, button_4=True,
            error=9, clock=(14, 37, 2), sequence=17, special=43, relays=4, inputs=1, day=date(2019, 4, 20),
        ),
    ),
    (
        "1720 0000 e5d84f0d 00000000 00000000 00000000 00000000000000 00 01010000 00000000 00 160334 00000000 00000000"
        " 00 00 00 210408",
        m.Status(
            serial=223336677, index=0, type=0, granted=False, door=0, direction=0, card=0, time=None, reason=0,
            open_1=True, open_2=True, clock=(16, 3, 34), day=date(2021, 4, 8),
        ),
    ),
    ("175a 0000 78372a18 00000000", m.Card(serial=SERIAL, card=0, first=None, last=None)),
    ("1782 0000 78372a18 020307", m.Door(serial=SERIAL, door=2, mode=3, delay=7)),
    (
        "17b0 0000 78372a18 4d000000 02 01 04 02 a07a9900 20230102134509 15",
        m.Event(
            serial=SERIAL, index=77, type=2, granted=True, door=4, direction=2, card=10058400,
            time=datetime(2023, 1, 2, 13, 45, 9), reason=21,
        ),
    ),
    ("1750 0000 78372a18 01", m.Done(serial=SERIAL, ok=True)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REQUESTS)
def test_a_request_is_written_and_read(text: str, message: m.Message) -> None:
    assert wire.write_request(message) == packet(text)
    assert wire.read_request(packet(text)) == message


@pytest.mark.parametrize(("text", "message"), ANSWERS)
def test_an_answer_is_written_and_read(text: str, message: m.Message) -> None:
    assert wire.read_answer(packet(text)) == (packet(text)[1], message)
    assert wire.write_answer(packet(text)[1], message) == packet(text)


def test_an_event_of_old_firmware_is_read() -> None:
    told = ANSWERS[1][1]
    assert wire.read_event(wire.write_answer(wire.EVENT, told, start=wire.START_OLD)) == told
    with pytest.raises(wire.WireError, match="begin"):
        wire.read_answer(wire.write_answer(wire.EVENT, told, start=wire.START_OLD))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "64 bytes, not 0"),
        (bytes(63), "64 bytes, not 63"),
        (bytes(64), "begin"),
        (packet("17ff"), "not known"),
        (packet("1798 0000 78372a18 1d 20231101 20241229 01010101 010101 2561"), "no time of day"),
    ],
)
def test_what_is_no_packet_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(wire.WireError, match=what):
        wire.read_answer(data)


def test_a_time_that_is_none_is_none() -> None:
    assert wire.read_answer(packet("1732 0000 78372a18 20241332 256199"))[1] == m.Time(serial=SERIAL, time=None)


@pytest.mark.parametrize(
    ("card", "number"),
    # Facility 100, number 58400 is printed 100,58400 on the card, and told as 10058400 by the board.
    [("26:c9c841", 10058400), ("26:0", None), ("26:2000001", None), ("34:c9c840", None), ("", None)],
)
def test_cards_are_counted_as_the_board_counts_them(card: str, number: int | None) -> None:
    assert number_of(card) == number
    if number is not None:
        assert card_of(number) == card


def test_a_number_that_is_no_card_of_26_bits_has_no_text() -> None:
    assert [card_of(number) for number in (0, 25_600_000, 10_065_536, 3922570474)] == [""] * 4
