from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.rtcp_feedback import MOST_MISSING, Feedback, parse

RR = "80c9000100000001"
TABLE = [
    (RR, Feedback()),
    (RR + "81cd0003 00000001 0000002a 00070000", Feedback(missing=((42, 7),))),
    (RR + "81cd0003 00000001 0000002a fffe8005", Feedback(missing=((42, 0xFFFE), (42, 0xFFFF), (42, 1), (42, 14)))),
    ("81ce0002 00000001 0000002a", Feedback(refresh=(42,))),
    ("81ce0002 00000001 0000002a 81ce0002 00000001 0000002a", Feedback(refresh=(42,))),
    ("84ce0004 00000001 00000000 0000002b 01000000", Feedback(refresh=(43,))),
    ("81cb0001 00000001", Feedback(bye=True)),
    ("81ce0002 00000001", Feedback()),
    ("01ce0002 00000001 0000002a", Feedback()),
    ("", Feedback()),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_what_a_receiver_tells(text: str, expected: Feedback) -> None:
    assert parse(bytes.fromhex(text)) == expected


@given(st.binary(max_size=60), st.integers(1, 400))
def test_never_more_than_the_limit_is_asked_for(tail: bytes, count: int) -> None:
    body = (1).to_bytes(4, "big") + (2).to_bytes(4, "big") + b"\x00\x01\xff\xff" * count
    data = b"\x81\xcd" + (len(body) // 4).to_bytes(2, "big") + body + tail
    assert len(parse(data).missing) == min(17 * count, MOST_MISSING) or tail
    assert len(parse(data).missing) <= MOST_MISSING
