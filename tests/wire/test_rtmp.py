"""RTMP: byte tables that drive reader and writer, every form of header, the conversation with an encoder, and what is refused."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import rtmp
from sitewarden.wire.amf0 import MAX_DEPTH, AmfError, decode, ecma, encode
from sitewarden.wire.rtmp import HANDSHAKE, Publish, Server, target
from sitewarden.wire.rtmp_chunks import (
    AGGREGATE,
    AUDIO,
    COMMAND,
    LANES,
    PENDING,
    SMALL,
    USER_CONTROL,
    VIDEO,
    WINDOW,
    Message,
    Reader,
    RtmpError,
    Writer,
)

AMF: list[tuple[Any, str]] = [
    (1.0, "00 3ff0000000000000"),
    (True, "01 01"),
    ("live", "02 0004 6c697665"),
    (None, "05"),
    ({"app": "live"}, "03 0003 617070 02 0004 6c697665 000009"),
    ([1.0, "a"], "0a 00000002 00 3ff0000000000000 02 0001 61"),
]
"""Values and their bytes, as the specification has them."""


@pytest.mark.parametrize(("value", "coded"), AMF)
def test_values_are_read_and_written(value: Any, coded: str) -> None:
    assert encode(value) == bytes.fromhex(coded)
    assert decode(bytes.fromhex(coded)) == [value]


def test_values_that_encoders_send_and_we_do_not() -> None:
    assert decode(ecma({"width": 640.0})) == [{"width": 640.0}]
    assert decode(ecma({"width": 640.0})[:-3]) == [{"width": 640.0}], "an array without its end"
    assert decode(bytes.fromhex("06 0d 0c 00000001 61 0b 3ff0000000000000 0000")) == [None, None, "a", 1.0]
    assert decode(bytes.fromhex("10 0001 78 0001 61 05 000009")) == [{"a": None}]
    for broken in ("07 0000", "00 3f", "02 0009 61", "03 0001", "ff", "0a ffffffff 05"):
        with pytest.raises(AmfError):
            decode(bytes.fromhex(broken))
    with pytest.raises(AmfError, match="too deep"):
        decode(b"\x0a\x00\x00\x00\x01" * (MAX_DEPTH + 2) + b"\x05")
    with pytest.raises(AmfError, match="too many"):
        decode(b"\x05" * 2000)


CHUNKS: list[tuple[int, Message, str]] = [
    (3, Message(COMMAND, 0, 0, b"abc"), "03 000000 000003 14 00000000 616263"),
    (6, Message(VIDEO, 1, 0x10203, b"x"), "06 010203 000001 09 01000000 78"),
    (64, Message(AUDIO, 1, 5, b"x"), "00 00 000005 000001 08 01000000 78"),
    (319, Message(AUDIO, 1, 5, b"x"), "00 ff 000005 000001 08 01000000 78"),
    (320, Message(AUDIO, 1, 5, b"x"), "01 0001 000005 000001 08 01000000 78"),
    (4, Message(AUDIO, 1, 0xFFFFFF, b"x"), "04 ffffff 000001 08 01000000 00ffffff 78"),
    (4, Message(AUDIO, 1, 0xFFFFFFFE, b"x"), "04 ffffff 000001 08 01000000 fffffffe 78"),
    (5, Message(VIDEO, 1, 9, bytes(130)), "05 000009 000082 09 01000000" + "00" * 128 + "c5 0000"),
    (5, Message(VIDEO, 1, 0x1000000, bytes(130)), "05 ffffff 000082 09 01000000 01000000" + "00" * 128 + "c5 01000000 0000"),
]
"""Chunk stream, message, and its chunks of 128 bytes."""


@pytest.mark.parametrize(("lane", "message", "coded"), CHUNKS)
def test_messages_are_read_and_written(lane: int, message: Message, coded: str) -> None:
    assert Writer().message(lane, message) == bytes.fromhex(coded)
    assert Reader().feed(bytes.fromhex(coded)) == [message]


def test_headers_that_leave_out_what_the_last_one_said() -> None:
    """Forms 1, 2 and 3 (clause 5.3.1.2): times are differences, and a form 3 repeats the last one."""
    data = "04 000064 000001 08 01000000 6144 000014 000002 09 626384 000005 6465c4 666704 000000 000001 08 01000000 68c4 69"
    assert Reader().feed(bytes.fromhex(data)) == [
        Message(AUDIO, 1, 100, b"a"),
        Message(VIDEO, 1, 120, b"bc"),
        Message(VIDEO, 1, 125, b"de"),
        Message(VIDEO, 1, 130, b"fg"),
        Message(AUDIO, 1, 0, b"h"),
        Message(AUDIO, 1, 0, b"i"),
    ]


def test_a_time_wraps_and_an_extended_difference_counts() -> None:
    data = "04 ffffff 000001 08 01000000 fffffff0 6184 000020 6284 ffffff 01000000 63"
    assert [message.time for message in Reader().feed(bytes.fromhex(data))] == [0xFFFFFFF0, 0x10, 0x1000010]


def test_an_encoder_that_leaves_out_the_extended_time_within_a_message() -> None:
    body = bytes(range(1, 131))
    head = bytes.fromhex("05 ffffff 000082 09 01000000 01000000")
    assert Reader().feed(head + body[:128] + b"\xc5" + body[128:] + bytes(4)) == [Message(VIDEO, 1, 0x1000000, body)]


def test_messages_of_several_streams_are_mixed_and_one_is_given_up() -> None:
    long, short = bytes(200), b"s" * 10
    first, second = Writer().message(5, Message(VIDEO, 1, 7, long)), Writer().message(4, Message(AUDIO, 1, 8, short))
    cut = 12 + 128
    assert Reader().feed(first[:cut] + second + first[cut:]) == [Message(AUDIO, 1, 8, short), Message(VIDEO, 1, 7, long)]
    abort = bytes.fromhex("02 000000 000004 02 00000000 00000005")
    assert Reader().feed(first[:cut] + abort + second) == [Message(AUDIO, 1, 8, short)]
    assert Reader().feed(first[:cut] + first) == [Message(VIDEO, 1, 7, long)], "a new message in the place of half a one"


messages = st.builds(
    Message,
    st.sampled_from((AUDIO, VIDEO, COMMAND)),
    st.just(1),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=700),
)


@given(st.lists(st.tuples(st.integers(3, 30), messages), max_size=8), st.integers(128, 300), st.randoms())
def test_any_pieces_give_the_same_messages(sent: list[tuple[int, Message]], chunk: int, dice: random.Random) -> None:
    writer = Writer()
    data = writer.set_chunk(chunk) + b"".join(writer.message(lane, message) for lane, message in sent)
    reader, found, position = Reader(), [], 0
    while position < len(data):
        step = dice.randint(1, 90)
        found += reader.feed(data[position : position + step])
        position += step
    assert found == [message for _, message in sent]


def test_what_floods_is_refused() -> None:
    with pytest.raises(RtmpError, match="that are taken"):
        Reader().feed(bytes.fromhex("03 000000 ffffff 14 00000000"))
    with pytest.raises(RtmpError, match="chunks of 1 bytes"):
        Reader().feed(bytes.fromhex("02 000000 000004 01 00000000 00000001"))
    with pytest.raises(RtmpError, match="leaves out its message"):
        Reader().feed(b"\xc4\x00")
    with pytest.raises(RtmpError, match=f"more than {LANES}"):
        Reader().feed(b"".join(Writer().message(3 + number, Message(AUDIO, 1, 0, b"x")) for number in range(LANES + 1)))
    with pytest.raises(RtmpError, match="messages in"):
        Reader().feed(bytes.fromhex("04 000000 000000 08 01000000") + b"\xc4" * 1000)
    generous = Reader(limit=PENDING)
    with pytest.raises(RtmpError, match="at once"):
        for lane in range(3, 10):
            generous.feed(bytes.fromhex(f"{lane:02x} 000000 400000 09 01000000") + bytes(128))


@pytest.mark.parametrize(
    ("app", "name", "found"),
    [
        ("live/lobby", "KEY", ("lobby", "KEY")),
        ("live", "lobby/KEY", ("lobby", "KEY")),
        ("live", "lobby?key=KEY", ("lobby", "KEY")),
        ("live/", "/lobby?x=1&key=KEY", ("lobby", "KEY")),
        ("live?key=KEY", "lobby", ("lobby", "KEY")),
        ("live", "lobby", ("lobby", "")),
        ("live/lobby/", "KEY?key=other", ("lobby", "KEY")),
        ("other", "lobby", None),
        ("live", "", None),
        ("live/a/b", "c", None),
    ],
)
def test_the_path_however_an_encoder_cuts_it(app: str, name: str, found: tuple[str, str] | None) -> None:
    assert target(app, name) == found


class Talk:
    """An encoder's side of a conversation with a Server."""

    def __init__(self, verdict: str = "") -> None:
        self.wishes: list[Publish] = []
        self.tags: list[tuple[int, int, bytes]] = []
        self.verdict = verdict
        self.server = Server(bytes(HANDSHAKE - 8), self._decide, lambda *tag: self.tags.append(tag))
        self.writer, self.reader = Writer(), Reader()

    def _decide(self, wish: Publish) -> str:
        self.wishes.append(wish)
        return self.verdict

    def shake(self) -> None:
        hello = bytes(range(256)) * 6
        self.server.feed(b"\x03" + hello)
        answer = self.server.take()
        assert answer[:1] == b"\x03" and answer[1 + HANDSHAKE :] == hello
        self.server.feed(answer[1 : 1 + HANDSHAKE])

    def ask(self, *values: Any) -> list[list[Any]]:
        self.server.feed(self.writer.message(3, Message(COMMAND, 0, 0, encode(*values))))
        return [decode(one.body) for one in self.reader.feed(self.server.take()) if one.kind == COMMAND]

    def publish(self, app: str = "live/lobby", name: str = "KEY") -> dict[str, Any]:
        self.shake()
        (connected,) = self.ask("connect", 1.0, {"app": app, "flashVer": "Sim", "fourCcList": ["hvc1"]})
        assert connected[:2] == ["_result", 1.0] and connected[3]["fourCcList"] == ["hvc1", "avc1"]
        self.ask("releaseStream", 2.0, None, name)
        assert [one[0] for one in self.ask("FCPublish", 3.0, None, name)] == ["onFCPublish", "_result"]
        assert self.ask("_checkbw", 4.0, None) == []
        assert self.ask("createStream", 5.0, None) == [["_result", 5.0, None, 1.0]]
        (status,) = self.ask("publish", 6.0, None, name, "live")
        said: dict[str, Any] = status[3]
        return said


def test_an_encoder_is_taken() -> None:
    talk = Talk()
    assert talk.publish()["code"] == "NetStream.Publish.Start"
    assert talk.wishes == [Publish(camera="lobby", key="KEY", encoder="Sim")]
    talk.server.feed(
        talk.writer.message(6, Message(VIDEO, 1, 40, b"picture")) + talk.writer.message(4, Message(AUDIO, 1, 50, b"s"))
    )
    assert talk.tags == [(VIDEO, 40, b"picture"), (AUDIO, 50, b"s")]
    one = bytes((AUDIO,)) + b"\x00\x00\x01" + b"\x00\x01\x00\x00" + bytes(3) + b"a" + bytes(4)
    two = bytes((VIDEO,)) + b"\x00\x00\x02" + b"\x00\x01\x0a\x00" + bytes(3) + b"vw" + bytes(4)
    talk.server.feed(talk.writer.message(7, Message(AGGREGATE, 1, 1000, one + two)))
    assert talk.tags[2:] == [(AUDIO, 1000, b"a"), (VIDEO, 1010, b"vw")]
    assert not talk.server.ended
    talk.ask("deleteStream", 7.0, None, 1.0)
    assert talk.server.ended


@pytest.mark.parametrize(("app", "verdict", "why"), [("live/lobby", "no", "no"), ("elsewhere", "", "publish to rtmp://")])
def test_an_encoder_is_refused_and_told_why(app: str, verdict: str, why: str) -> None:
    talk = Talk(verdict)
    said = talk.publish(app)
    assert (said["level"], said["code"]) == ("error", "NetStream.Publish.BadName") and why in said["description"]
    assert talk.server.ended


def test_what_is_received_is_acknowledged_and_a_ping_answered() -> None:
    talk = Talk()
    talk.publish()
    talk.server.feed(talk.writer.message(2, Message(WINDOW, 0, 0, (1).to_bytes(4, "big"))))
    talk.server.feed(talk.writer.message(6, Message(VIDEO, 1, 0, bytes(rtmp.LEAST_WINDOW))))
    kinds = [message.kind for message in talk.reader.feed(talk.server.take())]
    assert kinds == [3]
    talk.server.feed(talk.writer.message(2, Message(USER_CONTROL, 0, 0, b"\x00\x06\x00\x00\x00\x09")))
    assert [one.body for one in talk.reader.feed(talk.server.take())] == [b"\x00\x07\x00\x00\x00\x09"]


def test_a_stranger_gets_little() -> None:
    with pytest.raises(RtmpError, match="no RTMP"):
        Talk().server.feed(b"GET / HTTP/1.1\r\n")
    talk = Talk()
    talk.shake()
    with pytest.raises(RtmpError, match="none that publishes"):
        for _ in itertools.repeat(None, 100):
            talk.server.feed(talk.writer.message(6, Message(VIDEO, 1, 0, b"unasked")))
    assert talk.tags == []
    talk = Talk()
    talk.shake()
    with pytest.raises(RtmpError, match="that are taken"):
        talk.server.feed(talk.writer.message(6, Message(VIDEO, 1, 0, bytes(SMALL + 1))))
    talk = Talk()
    talk.shake()
    with pytest.raises(RtmpError, match="cannot be read"):
        talk.server.feed(talk.writer.message(3, Message(COMMAND, 0, 0, b"\x02\xff")))
