"""Any file gives whole fragments that lie within it, in order, or Fmp4Error; a cut file gives a prefix of the whole one's."""

from __future__ import annotations

import os

from sitewarden.media.scan import Scan, scan_fd
from sitewarden.wire import fmp4, h265
from sitewarden.wire.fmp4_init import init_segment
from sitewarden.wire.fmp4_init_read import parse_init
from sitewarden.wire.fmp4_read import Fmp4Error, parse_moof
from sitewarden.wire.formats import JPEG_CODEC, AudioFormat, VideoFormat
from sitewarden.wire.h264 import video_format
from tests.wire.test_h265 import PPS, SPS, VPS

_SPS = bytes.fromhex("674d0029e2900f0044fcb80b7010101a41e24454")
_INIT = init_segment(video_format((_SPS, bytes.fromhex("68ee3c80"))), created=1_700_000_000_000_000)
_FRAGMENTS = [
    fmp4.fragment_header(number, 9000 * number, [3000] * 3, [5, 6, 7], [True, False, False], [0, 0, 0], 1_700_000_000_000_000)
    + bytes(18)
    for number in range(3)
]

_SOUNDS = [
    AudioFormat(encoding="AAC", codec="mp4a.40.2", rate=16000, channels=1, config=bytes.fromhex("1408")),
    AudioFormat(encoding="OPUS", codec="opus", rate=48000, channels=1),
    AudioFormat(encoding="PCMU", codec="ulaw", rate=8000, channels=1),
]
_HEARD = fmp4.fragment_header(1, 0, [3000], [5], [True], [0], 1_700_000_000_000_000, fmp4.Sound(100, [160, 160], [4, 3])) + bytes(
    12
)

SEEDS = [
    *(init_segment(h265.video_format((VPS, SPS, PPS)), audio) + _HEARD for audio in _SOUNDS),
    init_segment(VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=64, height=48)) + _FRAGMENTS[0],
    _INIT + b"".join(_FRAGMENTS),
    _INIT,
    _FRAGMENTS[0],
    _INIT + fmp4.frame_header(1, 0, 3000, 0, True, 4) + b"abcd",
]


def _scan(data: bytes) -> Scan | None:
    fd = os.memfd_create("fuzz")
    try:
        os.write(fd, data)
        return scan_fd(fd)
    except Fmp4Error:
        return None
    finally:
        os.close(fd)


def check(data: bytes) -> None:
    for read in (parse_init, parse_moof):
        try:
            read(data)
        except Fmp4Error:
            pass
    whole = _scan(data)
    if whole is None:
        return
    end = 0
    for place in whole.places:
        assert end <= place.head < place.data <= place.end <= len(data)
        end = place.end
    cut = _scan(data[: len(data) * 2 // 3])
    if cut is not None:
        assert cut.places == whole.places[: len(cut.places)]
