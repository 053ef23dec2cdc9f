"""What needs no wire: frames, causes, cards, keys, signals and the settings file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid
from sitewarden.nodes.controller.board.cards import read_card
from sitewarden.nodes.controller.board.diagnosis import Exchange
from sitewarden.nodes.controller.board.frames import Frame, Frames
from sitewarden.nodes.controller.board.keypad import Keypad
from sitewarden.nodes.controller.board.signals import show
from tests.nodes.controller.board.rig import settings_of

# Bytes of libosdp 3.2.9 on a line, checked against IEC 60839-11-5, clause 5.9 and annex D.
FRAMES = {
    "poll, CRC": ("53050800 04 60 0000", Frame(5, False, 0x60)),
    "ack, checksum": ("53850700 01 40 00", Frame(5, True, 0x40)),
    "nak 5": ("53850900 05 41 05 0000", Frame(5, True, 0x41, first=5)),
    "chlng, own key": ("53051300 0d 03 11 01 76 0102030405060708 0000", Frame(5, False, 0x76, 0x11, 1, 1)),
    "chlng, default key": ("53051300 0d 03 11 00 76 0102030405060708 0000", Frame(5, False, 0x76, 0x11, 0, 1)),
    "poll under the secure channel": ("53050e00 0e 02 15 60 aabbccdd 0000", Frame(5, False, 0x60, 0x15, 0, 0xAA)),
}


@pytest.mark.parametrize("case", FRAMES)
def test_a_frame_is_read_whole_in_pieces_and_after_noise(case: str) -> None:
    data, frame = bytes.fromhex(FRAMES[case][0]), FRAMES[case][1]
    assert Frames().feed(data) == [frame]
    assert Frames().feed(b"\xff\x00\xff" + data) == [frame]
    frames = Frames()
    assert [one for byte in data + data for one in frames.feed(bytes((byte,)))] == [frame, frame]


@given(st.lists(st.binary(max_size=64), max_size=8))
def test_what_arrives_in_other_pieces_reads_the_same(parts: list[bytes]) -> None:
    whole, pieces = Frames(), Frames()
    assert whole.feed(b"".join(parts)) == [frame for part in parts for frame in pieces.feed(part)]


def exchange(*frames: tuple[int, int | None, int]) -> Exchange:
    """Return an exchange of (command, reply or None, first byte of the reply)."""
    one = Exchange()
    for at, (command, reply, first) in enumerate(frames):
        one.sent(Frame(0, False, command, flag=1), at)
        if reply is not None:
            one.answered(Frame(0, True, reply, first=first), at)
    return one


@pytest.mark.parametrize(
    ("frames", "cause"),
    [
        ([(0x61, None, 0)], "silent"),
        ([(0x61, 0x45, 0), (0x62, 0x46, 0)], "no-security"),
        ([(0x76, 0x41, 5)], "no-security"),
        ([(0x76, 0x41, 6)], "key"),
        ([(0x76, 0x76, 0)], "key"),
        ([(0x76, 0x76, 0), (0x77, 0x41, 0)], "key"),
        ([(0x76, 0x76, 0), (0x77, 0x78, 0)], "key"),
        ([(0x60, 0x41, 3)], "refused"),
        ([(0x60, 0x53, 0)], "refused"),
    ],
)
def test_the_last_exchange_tells_why_a_reader_does_not_work(frames: list[tuple[int, int | None, int]], cause: str) -> None:
    found, text = exchange(*frames).cause()
    assert found == cause
    assert text.count(":") == 1, "what is wrong, and what to do"


def test_only_commands_that_are_not_needed_count_as_refused() -> None:
    assert exchange((0x69, 0x41, 0)).refused == {0x69}
    assert exchange((0x60, 0x41, 0)).refused == set()


@given(st.integers(1, 256), st.data())
def test_a_card_is_read_as_it_was_sent_in_either_order(bits: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(0, 2**bits - 1))
    size = (bits + 7) // 8
    sent = (value << (size * 8 - bits)).to_bytes(size, "big")
    assert read_card(sent, bits) == (bits, value)
    turned = int(f"{value:0{bits}b}"[::-1], 2)
    assert read_card((turned << (size * 8 - bits)).to_bytes(size, "big"), bits, backward=True) == (bits, value)


@pytest.mark.parametrize(("data", "bits"), [(b"", 0), (b"\x01", 9), (b"\x01\x02", 8), (bytes(40), 320), (b"\x01", -1)])
def test_a_card_whose_lengths_do_not_fit_is_none(data: bytes, bits: int) -> None:
    assert read_card(data, bits) is None


@pytest.mark.parametrize(
    ("presses", "length", "pins"),
    [
        ([(b"4711\r", 0)], 0, ["4711"]),
        ([(b"47", 0), (b"11#", 7.9)], 0, ["4711"]),
        ([(b"47", 0), (b"11#", 8.1)], 0, ["11"]),
        ([(b"99\x7f4711#", 0)], 0, ["4711"]),
        ([(b"#*#", 0)], 0, []),
        ([(b"47114712", 0)], 4, ["4711", "4712"]),
        ([(b"1" * 17 + b"#", 0)], 0, []),
        ([(b"1" * 17 + b"*1234#", 0)], 0, ["1234"]),
        ([(b"12ab\x0034#", 0)], 0, ["1234"]),
    ],
)
def test_keys_make_pins(presses: list[tuple[bytes, float]], length: int, pins: list[str]) -> None:
    keypad = Keypad(8.0, length)
    assert [pin for keys, at in presses for pin in keypad.press(keys, 100.0 + at)] == pins


def test_a_reader_without_sound_shows_and_does_not_beep() -> None:
    assert [code for code, _ in show("denied", sound=True, pin_time=15.0)] == [0x69, 0x6A]
    assert [code for code, _ in show("denied", sound=False, pin_time=15.0)] == [0x69]


def test_the_wish_for_a_pin_is_shown_as_long_as_it_is_waited_for() -> None:
    assert [show("pin", sound=False, pin_time=seconds)[0][1]["timer_count"] for seconds in (1.0, 15.0, 120.0)] == [10, 150, 255]


BUS = '[[osdp]]\nname = "a"\nserial = "/dev/ttyS1"\n'
READER = "[[osdp.readers]]\nreader = {reader}\naddress = {address}\n{more}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[[osdp]]\nname = "a"\nserial = "/dev/x"\nhost = "h"\nport = 1\n' + READER.format(reader=1, address=0, more=""),
            "either",
        ),
        ('[[osdp]]\nname = "a"\nhost = "h"\n' + READER.format(reader=1, address=0, more=""), "host and port go together"),
        (BUS, "missing"),
        (BUS + READER.format(reader=1, address=0, more='colour = "red"'), "not a setting"),
        (BUS + READER.format(reader=1, address=127, more=""), "<= 126"),
        (
            BUS + READER.format(reader=1, address=0, more="") + READER.format(reader=2, address=0, more=""),
            "address 0 stands twice",
        ),
        (
            BUS + READER.format(reader=1, address=0, more="") + READER.format(reader=1, address=1, more=""),
            "reader 1 stands twice",
        ),
        (BUS + READER.format(reader=1, address=0, more='security = "none"\nkey_file = "/k"'), "key_file goes with"),
        (BUS + READER.format(reader=1, address=0, more="outputs = [3, 3]"), "output 3 stands twice"),
        ("[gpio]\n[[gpio.inputs]]\nline = 1\noffset = 4\n[[gpio.outputs]]\nline = 1\noffset = 4\n", "pin 4 of /dev/gpiochip0"),
        ("[gpio]\n[[locks]]\noutput = 1\n", "nothing drives output 1"),
        ("[gpio]\n[[gpio.outputs]]\nline = 1\noffset = 4\n[[locks]]\noutput = 1\ncontact = 9\n", "nothing reads input 9"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        settings_of(tmp_path, text)


def test_the_example_of_the_documentation_is_whole(tmp_path: Path) -> None:
    page = Path(__file__).parents[4].joinpath("docs/controller.md").read_text("utf-8")
    example = page.split("```toml")[1].split("```")[0]
    (tmp_path / "example.toml").write_text(example)
    from sitewarden.nodes.controller.settings import load

    settings = load(tmp_path / "example.toml")
    assert settings.reader_numbers == {1, 2}
    assert settings.gpio is not None
