from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.wire import jpeg
from sitewarden.wire.formats import VideoFormat


class Sink:
    def __init__(self, size: tuple[int, int] = (0, 0)) -> None:
        self.pictures: list[tuple[bytes, int]] = []
        self.formats: list[VideoFormat] = []
        self.depacketiser = jpeg.Depacketiser(self._unit, self.formats.append, size)

    def _unit(self, parts: object, time: int, key: bool) -> None:
        assert key
        self.pictures.append((b"".join(parts), time))  # type: ignore[arg-type]

    def push(self, payload: bytes, timestamp: int, *, marker: bool = False, lost: bool = False) -> None:
        self.depacketiser.push(b"head" + payload + b"tail", 4, 4 + len(payload), marker, timestamp, lost)


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=9000), st.integers(200, 1500), st.sampled_from([0, 4]), st.sampled_from([64, 128, 256]))
def test_a_picture_cut_into_payloads_is_whole_again(scan: bytes, limit: int, restart: int, size: int) -> None:
    sink = Sink()
    quantisation = bytes(range(1, 65)) * (size // 64)
    if size == 256:
        limit += 256
    for payload, marker in jpeg.packetise(scan, 640, 360, quantisation=quantisation, restart=restart, limit=limit + 40):
        sink.push(payload, 90000, marker=marker)
    ((found, time),) = sink.pictures
    head = jpeg.header(1, 640, 360, quantisation, restart)
    assert found.startswith(head) and found[len(head) :] in (scan, scan + b"\xff\xd9")
    assert time == 90000 and (sink.formats[0].width, sink.formats[0].height) == (640, 360)
    assert (b"\xff\xdd\x00\x04" in head) == bool(restart)


def test_the_made_headers_decode() -> None:
    """An encoder's scan with the standard Huffman tables, behind our headers, gives the same pixels."""
    noise = np.random.default_rng(5).integers(0, 255, (6, 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = 64, 48, "yuvj420p"  # type: ignore[attr-defined]
    codec.options = {"huffman": "default"}
    codec.thread_count = 1
    codec.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format="yuvj420p")
    frame.pts = 0
    file = b"".join(map(bytes, [*codec.encode(frame), *codec.encode(None)]))  # type: ignore[attr-defined]
    dqt = file.index(b"\xff\xdb")
    quantisation = file[dqt + 5 : dqt + 69]
    scan = file[file.index(b"\xff\xda") + 14 :]
    sink = Sink()
    for payload, marker in jpeg.packetise(scan, 64, 48, quantisation=quantisation, limit=300):
        sink.push(payload, 0, marker=marker)
    assert np.array_equal(_pixels(sink.pictures[0][0]), _pixels(file))


def _pixels(file: bytes) -> object:
    with av.open(io.BytesIO(file), format="mjpeg") as opened:
        return next(opened.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.parametrize(("quality", "first"), [(50, 16), (99, 1), (1, 255), (75, 8), (10, 80)])
def test_tables_by_quality(quality: int, first: int) -> None:
    found = jpeg.tables(quality)
    assert len(found) == 128 and found[0] == first


def test_tables_that_came_before_serve_later_pictures() -> None:
    tables = bytes(range(1, 129))
    with_tables = bytes.fromhex("00000000 01 80 50 2d 00 00 0080") + tables + b"scan"
    without = bytes.fromhex("00000000 01 80 50 2d 00 00 0000") + b"next"
    sink = Sink()
    sink.push(without, 0, marker=True)
    sink.push(with_tables, 3600, marker=True)
    sink.push(without, 7200, marker=True)
    assert len(sink.pictures) == 2 and sink.depacketiser.dropped == 1
    assert tables[:64] in sink.pictures[1][0]


def test_a_loss_costs_its_picture_alone() -> None:
    sink = Sink()
    for number in range(4):
        payloads = list(jpeg.packetise(bytes(3000), 640, 360, quantisation=bytes(64), limit=1000))
        for place, (payload, marker) in enumerate(payloads):
            if not (number == 1 and place == 1):
                sink.push(payload, 3600 * number, marker=marker, lost=number == 1 and place == 2)
    assert [time for _, time in sink.pictures] == [0, 7200, 10800]


def test_without_markers_a_picture_ends_at_the_next_timestamp() -> None:
    sink = Sink()
    for number in range(3):
        for payload, _ in jpeg.packetise(bytes(3000), 640, 360, quantisation=bytes(64), limit=1000):
            sink.push(payload, 3600 * number)
    assert [time for _, time in sink.pictures] == [0, 3600]


def test_sides_beyond_2040_pixels_come_from_the_description() -> None:
    payload = bytes.fromhex("00000000 01 32 00 00") + b"scan"
    for size, wanted in (((2560, 1920), 1), ((0, 0), 0)):
        sink = Sink(size)
        sink.push(payload, 0, marker=True)
        assert len(sink.pictures) == wanted
    sink = Sink((2560, 1920))
    sink.push(payload, 0, marker=True)
    assert (sink.formats[0].width, sink.formats[0].height) == (2560, 1920)


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.integers(0, 3), st.booleans(), st.booleans()), max_size=40))
def test_hostile_payloads_never_raise(payloads: list[tuple[bytes, int, bool, bool]]) -> None:
    sink = Sink()
    for payload, timestamp, marker, lost in payloads:
        sink.push(payload, timestamp, marker=marker, lost=lost)
