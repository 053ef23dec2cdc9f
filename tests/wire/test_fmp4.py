from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import fmp4
from sitewarden.wire.fmp4_init import init_segment
from sitewarden.wire.fmp4_init_read import parse_init
from sitewarden.wire.fmp4_read import Fmp4Error, Fragment, box_header, boxes, parse_moof, parse_prft
from sitewarden.wire.h264 import video_format
from tests.wire.test_h264 import PPS, SPS

u32 = st.integers(0, 2**32 - 1)
rows = st.lists(st.tuples(u32, st.integers(0, 2**20), st.booleans(), st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=40)


@given(u32, st.integers(0, 2**64 - 1), rows, st.booleans())
def test_a_fragment_header_reads_as_written(
    sequence: int, time: int, samples: list[tuple[int, int, bool, int]], wall: bool
) -> None:
    durations, sizes, keys, offsets = zip(*samples, strict=True)
    written = fmp4.fragment_header(sequence, time, durations, sizes, keys, offsets, 1_763_700_000_123_456 if wall else None)
    start = 32 if wall else 0
    found = parse_moof(written, start)
    assert found == Fragment(
        sequence=sequence,
        decode_time=time,
        durations=durations,
        sizes=sizes,
        keys=keys,
        offsets=offsets,
        data_offset=len(written) - start,
    )
    assert box_header(written, len(written) - 8) == (b"mdat", 8, sum(sizes) + 8)
    if wall:
        assert parse_prft(written[8:32]) == (1_763_700_000_123_456, time)


def test_a_frame_header_has_112_bytes() -> None:
    written = fmp4.frame_header(7, 90000, 3600, 0, True, 1234)
    assert len(written) == fmp4.FRAME_HEADER == 112
    found = parse_moof(written)
    assert (found.sequence, found.decode_time, found.durations, found.sizes) == (7, 90000, (3600,), (1234,))
    assert found.keys == (True,) and found.data_offset == 112
    assert written[-8:] == (1242).to_bytes(4, "big") + b"mdat"
    assert not parse_moof(fmp4.frame_header(8, 0, 1, -5, False, 1)).keys[0]


def test_an_init_segment_reads_as_written() -> None:
    written = init_segment(video_format((SPS, PPS)), duration=123, created=1_763_700_000_000_000)
    assert [kind for kind, _, _ in boxes(written)] == [b"ftyp", b"moov"]
    found = parse_init(written)
    assert (found.video, found.audio, found.timescale) == (video_format((SPS, PPS)), None, 90000)
    assert b"avc3" in init_segment(video_format((SPS, PPS)), in_band=True)


def test_a_sample_has_lengths() -> None:
    assert fmp4.sample([b"ab", memoryview(b"c")]) == b"\0\0\0\2ab\0\0\0\1c"


@given(st.binary(max_size=200), st.integers(0, 700))
def test_cut_or_changed_bytes_raise_fmp4_errors_only(noise: bytes, where: int) -> None:
    for whole in (init_segment(video_format((SPS, PPS))), fmp4.fragment_header(1, 2, [3], [4], [True], [5])):
        for hostile in (whole[:where], whole[:where] + noise + whole[where + len(noise) :], noise):
            for read in (parse_init, parse_moof):
                try:
                    read(hostile)
                except Fmp4Error:
                    pass


def test_a_box_larger_than_its_parent_is_refused() -> None:
    with pytest.raises(Fmp4Error):
        list(boxes(b"\x00\x00\x00\x20moofabcd"))
