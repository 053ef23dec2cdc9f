"""The tables of docs/protocols/link.md drive writer and reader; hostile payloads are refused."""

from __future__ import annotations

import itertools
import re
import typing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import link
from sitewarden.wire.link import FRAME_LIMIT, FrameReader, Message, PeerViolation, encode_frame

DOC = Path(__file__).parents[2] / "docs/protocols/link.md"
EXAMPLES = re.findall(r"^\| `(\w+\(.*\))` \| `([0-9a-f]+)` \|$", DOC.read_text(), re.MULTILINE)
KINDS = typing.get_args(Message)


@pytest.mark.parametrize(("text", "hexadecimal"), EXAMPLES)
def test_each_example_is_written_and_read_as_the_page_says(text: str, hexadecimal: str) -> None:
    message = eval(text, dict(vars(link)))
    data = bytes.fromhex(hexadecimal)
    assert encode_frame(message) == data
    assert FrameReader().feed(data) == [message]


def test_the_page_has_an_example_of_every_message_and_every_tag() -> None:
    assert {text.partition("(")[0] for text, _ in EXAMPLES} == {kind.__name__ for kind in KINDS}
    table = dict(re.findall(r"^\| (\d+) \| (\w+) \|", DOC.read_text(), re.MULTILINE))
    assert table == {str(kind.__struct_config__.tag): kind.__name__ for kind in KINDS}


words = st.text(max_size=40)
ids = st.integers(1, 2**32 - 1)
indexes = st.integers(0, 2**63 - 1)
counts = st.integers(0, 2**31 - 1)
bodies = st.binary(max_size=300)
messages = st.one_of(
    st.builds(link.Hello, counts, counts, words, words, words, st.lists(words, max_size=5).map(tuple)),
    st.builds(link.HelloAck, counts, words, words, words, st.lists(words, max_size=5).map(tuple)),
    st.builds(link.Refused, words, words, words),
    st.builds(link.Request, ids, words, st.integers(1, 3), bodies, st.booleans()),
    st.builds(link.Response, ids, bodies, st.booleans()),
    st.builds(link.Error, ids, words, words, words, words),
    st.builds(link.Notify, words, bodies, counts, st.booleans()),
    st.builds(link.Part, ids, bodies, st.booleans()),
    st.builds(link.StreamOpen, ids, words, bodies, indexes, counts),
    st.builds(link.StreamAccept, ids, indexes, counts, bodies),
    st.builds(link.StreamData, ids, indexes, bodies, st.booleans()),
    st.builds(link.StreamEnd, ids, words, words, words),
    st.builds(link.Ping, indexes),
    st.builds(link.Close, words, words),
)


@given(st.lists(messages, max_size=8), st.lists(st.integers(0, 5000), max_size=12))
def test_frames_cut_anywhere_come_back_whole(sent: list[Message], cuts: list[int]) -> None:
    data = b"".join(map(encode_frame, sent))
    reader = FrameReader()
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    got = [message for start, end in itertools.pairwise(places) for message in reader.feed(data[start:end])]
    assert got == sent
    assert reader.held == 0


def test_a_frame_may_come_byte_by_byte() -> None:
    message = link.Request(1, "door.command", link.URGENT, b"x" * 300)
    reader = FrameReader()
    got = [one for byte in encode_frame(message) for one in reader.feed(bytes([byte]))]
    assert got == [message]


def test_fields_that_are_missing_or_unknown_are_defaults_or_ignored() -> None:
    def frame(value: object) -> bytes:
        payload = msgspec.msgpack.encode(value)
        return len(payload).to_bytes(4) + payload

    assert FrameReader().feed(frame([4, 1, "k"])) == [link.Request(1, "k")]
    assert FrameReader().feed(frame([4, 1, "k", 2, b"b", False, "new", {"more": [1, 2]}])) == [link.Request(1, "k", 2, b"b")]


HOSTILE = {
    "no length": (b"\0\0\0\0", "frame"),
    "length above the limit": ((FRAME_LIMIT + 1).to_bytes(4), "frame"),
    "greatest length": (b"\xff\xff\xff\xff", "frame"),
    "TLS on a plain port": (bytes.fromhex("160301020001"), "frame"),
    "HTTP": (b"GET / HTTP/1.1\r\n", "frame"),
    "not msgpack": (b"\0\0\0\1\xc1", "message"),
    "no array": (b"\0\0\0\1\x05", "message"),
    "a map": (b"\0\0\0\3\x81\x01\x02", "message"),
    "an unknown tag": (b"\0\0\0\3\x92\x63\x01", "message"),
    "a missing field": (b"\0\0\0\2\x91\x04", "message"),
    "something after the message": (b"\0\0\0\4\x92\x10\x01\x00", "message"),
    "id 0": (b"\0\0\0\3\x92\x07\x00", "message"),
    "a negative index": (b"\0\0\0\3\x92\x10\xff", "message"),
    "an index above 63 bits": (b"\0\0\0\x0b\x92\x10\xcf" + b"\xff" * 8, "message"),
    "priority 0": (b"\0\0\0\6\x94\x04\x01\xa1k\x00", "message"),
    "text that is not UTF-8": (b"\0\0\0\5\x93\x04\x01\xa1\xff", "message"),
    "a text above its limit": (b"\0\0\0\x86\x93\x04\x01\xd9\x81" + b"k" * 129, "message"),
    "two thousand million capabilities": (b"\0\0\0\x0c\x97\x01\x01\x01\xa0\xa0\xa0\xdd\x7f\xff\xff\xff", "message"),
    "a body that claims four gigabytes": (b"\0\0\0\x08\x93\x05\x01\xc6\xff\xff\xff\xff", "message"),
    "arrays a thousand deep": ((4004).to_bytes(4) + b"\x94\x10\x01" + b"\x91" * 4000 + b"\xc0", "message"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_a_violation_with_its_code(name: str) -> None:
    data, code = HOSTILE[name]
    with pytest.raises(PeerViolation) as caught:
        FrameReader().feed(data)
    assert caught.value.code == code


def test_a_reader_holds_less_than_a_frame() -> None:
    reader = FrameReader()
    reader.feed(FRAME_LIMIT.to_bytes(4) + bytes(FRAME_LIMIT - 1))
    assert reader.held == FRAME_LIMIT + 3


@given(st.binary(max_size=200))
def test_any_bytes_give_messages_or_a_violation(data: bytes) -> None:
    reader = FrameReader()
    try:
        for message in reader.feed(len(data).to_bytes(4) + data):
            assert FrameReader().feed(encode_frame(message)) == [message]
    except PeerViolation:
        pass


def test_a_message_above_a_frame_is_not_written() -> None:
    with pytest.raises(ValueError, match="65536"):
        encode_frame(link.Request(1, "k", 2, bytes(FRAME_LIMIT)))
