"""Any bytes give PES packets of bounded size or are counted as bad; what our own muxer wrote before is not disturbed for good."""

from __future__ import annotations

from sitewarden.wire.mpegts import Muxer
from sitewarden.wire.mpegts_read import MAX_PES, MAX_STREAMS, Demuxer

_muxer = Muxer("h264", "aac")
SEEDS = [
    _muxer.video(bytes(range(256)) * 3, 9000, 3600, True) + _muxer.audio(b"\xff\xf1" * 30, 1),
    _muxer.video(b"x" * 400, 9000, 9000, False, discontinuity=True),
]


def check(data: bytes) -> None:
    demuxer = Demuxer()
    for pes in demuxer.feed(data) + demuxer.flush():
        assert len(pes.data) <= MAX_PES and 0 <= pes.pts < 1 << 33 and 0 <= pes.dts < 1 << 33
    assert len(demuxer._streams) <= MAX_STREAMS
    again = Muxer("h264")
    found = demuxer.feed(again.video(b"key", 5, 5, True)) + demuxer.feed(again.video(b"next", 6, 6, False)) + demuxer.flush()
    assert [pes.pts for pes in found][-1:] == [6]
