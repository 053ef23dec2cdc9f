"""Messages out of a stream: the same whatever pieces it arrives in, and never longer than allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.framing import Counted, Delimited, Fixed, Framer, FramingError

TABLE: list[tuple[str, Framer, bytes, list[bytes]]] = [
    ("lines", Delimited(b"\n", 16), b"a\r\nb\n\r\n\nc", [b"a", b"b"]),
    ("two bytes", Delimited(b"\r\n", 16), b"a\nb\r\nc\rd\r\n", [b"a\nb", b"c\rd"]),
    ("stx etx", Delimited(b"\x03", 16, b"\x02"), b"noise\x02a\x02b\x03lost\x03\x02c\x03", [b"b", b"c"]),
    ("fixed", Fixed(3), b"abcdefgh", [b"abc", b"def"]),
    ("counted", Counted(0, 1, "big", 0, 16), b"\x02ab\x00\x03abc\x05x", [b"\x02ab", b"\x00", b"\x03abc"]),
    ("counts itself", Counted(1, 2, "little", -2, 16), b"!\x04\x00ab!\x02\x00", [b"!\x04\x00ab", b"!\x02\x00"]),
    ("with a sum", Counted(1, 1, "big", 1, 16), b"!\x01a#!\x00#", [b"!\x01a#", b"!\x00#"]),
]


def again(name: str) -> Framer:
    made: dict[str, Framer] = {
        "lines": Delimited(b"\n", 16),
        "two bytes": Delimited(b"\r\n", 16),
        "stx etx": Delimited(b"\x03", 16, b"\x02"),
        "fixed": Fixed(3),
        "counted": Counted(0, 1, "big", 0, 16),
        "counts itself": Counted(1, 2, "little", -2, 16),
        "with a sum": Counted(1, 1, "big", 1, 16),
    }
    return made[name]


@pytest.mark.parametrize(("name", "framer", "stream", "messages"), TABLE, ids=[row[0] for row in TABLE])
def test_table(name: str, framer: Framer, stream: bytes, messages: list[bytes]) -> None:
    assert framer.feed(stream) == messages
    byte_wise = again(name)
    assert [one for at in range(len(stream)) for one in byte_wise.feed(stream[at : at + 1])] == messages


@given(
    st.lists(st.binary(min_size=1, max_size=12).filter(lambda text: b"\n" not in text and not text.endswith(b"\r"))), st.data()
)
def test_pieces_do_not_matter(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(message + b"\n" for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    framer = Delimited(b"\n", 16)
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += framer.feed(stream[start:end])
    assert found == messages


@pytest.mark.parametrize("stream", [b"x" * 17, b"x" * 17 + b"\n", b"a\n" + b"x" * 17])
@pytest.mark.parametrize("step", [1, 5, 100])
def test_a_delimiter_that_never_comes_ends_it(stream: bytes, step: int) -> None:
    framer = Delimited(b"\n", 16)
    with pytest.raises(FramingError, match="longer than 16 bytes"):
        for at in range(0, len(stream), step):
            framer.feed(stream[at : at + step])


@pytest.mark.parametrize(
    ("framer", "stream"),
    [
        (Counted(0, 2, "big", 0, 64), b"\xff\xff"),
        (Counted(0, 1, "big", -3, 64), b"\x01"),
        (Counted(0, 4, "big", 0, 64), b"\x00\x00\x01\x00"),
    ],
)
def test_a_length_that_cannot_be_ends_it(framer: Counted, stream: bytes) -> None:
    with pytest.raises(FramingError, match="the length field says"):
        framer.feed(stream)
