"""Answers in segments: whatever is lost, told twice or out of order, the answer is put together or stands still."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.bacnet import apdu
from sitewarden.wire.bacnet.apdu import Answer, SegmentAck
from sitewarden.wire.bacnet.segments import MOST, Assembly, Cut
from sitewarden.wire.bacnet.tags import WireError


def heard(data: bytes) -> Answer:
    found = apdu.read(data)
    assert isinstance(found, Answer)
    return found


def acknowledged(data: bytes) -> SegmentAck:
    found = apdu.read(data)
    assert isinstance(found, SegmentAck)
    return found


@given(st.binary(min_size=200, max_size=4000), st.lists(st.integers(0, 3), max_size=300))
def test_an_answer_arrives_whole_over_a_path_that_loses_and_repeats(content: bytes, luck: list[int]) -> None:
    cut, dice = Cut(5, 14, content, 50), iter(luck)
    first = cut.begin()
    assembly = Assembly(heard(first[0]))
    waiting = first
    for _ in range(2000):
        if cut.over:
            break
        acks = []
        for one in waiting:
            fate = next(dice, 1)
            for _ in range(fate if fate < 3 else 1):
                acks += [ack] if (ack := assembly.take(heard(one))) else []
        waiting = []
        for ack in acks:
            waiting = cut.take(acknowledged(ack)) or waiting
        # Nothing was said: who answers tells its window again.
        waiting = waiting or cut.again()
    assert assembly.whole is not None and assembly.whole.data == content and cut.over


def test_what_is_no_beginning_or_of_another_answer_is_refused() -> None:
    with pytest.raises(WireError):
        Assembly(heard(apdu.segment(5, 14, b"x", 3, 4, more=True)))
    assembly = Assembly(heard(apdu.segment(5, 14, b"x", 0, 4, more=True)))
    with pytest.raises(WireError):
        assembly.take(heard(apdu.segment(5, 12, b"x", 0, 4, more=True)))


def test_segments_are_bounded() -> None:
    with pytest.raises(ValueError, match="256"):
        Cut(5, 14, bytes(45 * MOST + 1), 50)
    assembly = Assembly(heard(apdu.segment(5, 14, b"x", 0, 1, more=True)))
    for place in range(MOST):
        assembly.take(heard(apdu.segment(5, 14, b"x", place, 1, more=True)))
    with pytest.raises(WireError, match="256"):
        assembly.take(heard(apdu.segment(5, 14, b"x", MOST, 1, more=True)))


def test_an_acknowledgement_of_what_never_left_says_nothing() -> None:
    cut = Cut(5, 14, bytes(500), 50)
    cut.begin()
    cut.take(SegmentAck(5, 200, 4))
    assert not cut.over
