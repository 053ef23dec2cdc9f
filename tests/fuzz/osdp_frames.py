"""Any bytes of a line give headers, however they are cut, and no more than one frame's bytes are kept."""

from __future__ import annotations

from sitewarden.nodes.controller.board.cards import read_card
from sitewarden.nodes.controller.board.diagnosis import Exchange
from sitewarden.nodes.controller.board.frames import MAX_FRAME, Frames
from sitewarden.nodes.controller.board.keypad import Keypad

SEEDS = [
    bytes.fromhex("5305080004600000"),
    bytes.fromhex("53051300 0d 03 11 01 76 0102030405060708 0000"),
    bytes.fromhex("53850900 05 41 05 0000 53850700 01 40 00"),
]


def check(data: bytes) -> None:
    whole, cut, exchange = Frames(), Frames(), Exchange()
    found = whole.feed(data)
    assert found == [frame for byte in data for frame in cut.feed(bytes((byte,)))]
    assert len(whole._held) <= MAX_FRAME
    for at, frame in enumerate(found):
        (exchange.answered if frame.reply else exchange.sent)(frame, float(at))
        assert exchange.cause()[1]
    card = read_card(data[1:], data[0] if data else 0)
    assert card is None or 0 <= card[1] < 1 << card[0]
    assert all(pin.isascii() and pin.isdigit() and len(pin) <= 16 for pin in Keypad(8.0, 4).press(data, 0.0))
