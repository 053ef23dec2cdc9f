"""Any bytes are a message of a board that repeats itself when written, or a WireError; a simulated board answers what it can."""

from __future__ import annotations

from datetime import date, datetime

from sim.uhppote import SimBoard
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote import wire

BOARD = SimBoard(now=lambda: datetime(2026, 5, 4, 8, 30))
SERIAL = BOARD.serial

_DONE = m.Done(serial=SERIAL, ok=True)
SEEDS = [
    wire.write_request(m.GetController(serial=0)),
    wire.write_request(
        m.PutCard(serial=SERIAL, card=10058400, first=date(2026, 1, 1), last=date(2026, 12, 31), door_1=1, door_3=29)
    ),
    wire.write_request(m.SetListener(serial=SERIAL, address="192.0.2.1", port=60001)),
    wire.write_request(m.SetTime(serial=SERIAL, time=datetime(2026, 5, 4, 8, 30))),
    wire.write_request(m.GetEvent(serial=SERIAL, index=m.NEWEST)),
    *(
        wire.write_answer(code, BOARD.answer(request(serial=SERIAL)) or _DONE)
        for code, request, *_ in wire.TABLE
        if code in (0x94, 0x20, 0x32)
    ),
]


def check(data: bytes) -> None:
    for read, write in ((wire.read_request, wire.write_request), (_answer, _written)):
        try:
            message = read(data)
        except wire.WireError:
            continue
        assert read(write(message)) == message  # type: ignore[operator]
    try:
        assert wire.read_event(data).serial >= 0
    except wire.WireError:
        pass
    try:
        BOARD.answer(wire.read_request(data))
    except wire.WireError:
        pass


def _answer(data: bytes) -> tuple[int, m.Message]:
    return wire.read_answer(data)


def _written(found: tuple[int, m.Message]) -> bytes:
    return wire.write_answer(*found)
