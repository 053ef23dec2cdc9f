"""Packets taken many at a time are taken as they are one by one."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.wire import h264, h265
from sitewarden.wire.nal import Assembler
from sitewarden.wire.rtp import Receiver, build
from sitewarden.wire.rtsp import Reader, interleave
from tests.wire.test_h264 import PPS as PPS_264
from tests.wire.test_h264 import SPS as SPS_264
from tests.wire.test_h265 import PPS as PPS_265
from tests.wire.test_h265 import SPS as SPS_265
from tests.wire.test_h265 import VPS as VPS_265

CODECS: dict[str, tuple[Any, tuple[bytes, ...], bytes, bytes]] = {
    "h264": (h264, (SPS_264, PPS_264), b"\x65", b"\x41"),
    "h265": (h265, (VPS_265, SPS_265, PPS_265), b"\x26\x01", b"\x02\x01"),
}


class Camera:
    """What a session does with its interleaved packets."""

    def __init__(self, codec: str, *, runs: bool, reorder: bool = False) -> None:
        module, sets, _, _ = CODECS[codec]
        self.seen: list[Any] = []
        self.assembler: Assembler = module.Depacketiser(
            lambda nals, time, key: self.seen.append((list(nals), time, key)), lambda found: self.seen.append(found), sets
        )
        self.receiver = Receiver(96, self.assembler.push, reorder=reorder)  # type: ignore[attr-defined]
        self.in_runs = 0
        self.reader = Reader(self._frame, self._run if runs else None)

    def _frame(self, channel: int, data: bytes, start: int, end: int) -> None:
        if channel == 0:
            self.receiver.push(data, start, end)
        else:
            self.seen.append((channel, data[start:end]))

    def _run(self, data: bytes, position: int, total: int) -> int:
        before = self.receiver.received
        after = self.assembler.run(self.receiver, 0, data, position, total)
        self.in_runs += self.receiver.received - before
        return after

    def figures(self) -> tuple[Any, ...]:
        one = self.receiver
        return (
            self.seen,
            one.received,
            one.dropped,
            one.gaps,
            one.ssrc,
            one.report(1, None, 0.0),
            self.assembler.dropped,
            self.assembler.time,
        )


def _stream(codec: str, sizes: list[list[int]], limit: int, ssrc: int = 7) -> list[bytes]:
    module, _, key, other = CODECS[codec]
    packets = []
    for number, unit in enumerate(sizes):
        nals = [(other if number % 3 else key) + bytes((size + place) & 0xFF for place in range(size)) for size in unit]
        for payload, marker in module.packetise(nals, limit):
            packets.append(build(96, 65_500 + len(packets), number * 3000, ssrc, marker, payload))
    return packets


@settings(max_examples=150)
@given(
    codec=st.sampled_from(sorted(CODECS)),
    sizes=st.lists(st.lists(st.integers(1, 4000), min_size=1, max_size=3), min_size=1, max_size=5),
    limit=st.integers(40, 1400),
    changes=st.lists(
        st.tuples(
            st.sampled_from(["drop", "double", "swap", "byte", "other", "ssrc", "empty"]),
            st.integers(0, 400),
            st.integers(0, 255),
        ),
        max_size=6,
    ),
    cuts=st.lists(st.integers(1, 6000), min_size=1, max_size=12),
)
def test_runs_change_nothing(
    codec: str, sizes: list[list[int]], limit: int, changes: list[tuple[str, int, int]], cuts: list[int]
) -> None:
    packets = [(0, packet) for packet in _stream(codec, sizes, limit)]
    for kind, place, value in changes:
        at = place % len(packets)
        channel, packet = packets[at]
        if kind == "drop" and len(packets) > 1:
            del packets[at]
        elif kind == "double":
            packets.insert(at, packets[at])
        elif kind == "swap":
            packets.insert(place % 7, packets.pop(at))
        elif kind == "byte" and packet:
            place = value % len(packet)
            packets[at] = channel, packet[:place] + bytes((packet[place] ^ (1 << place % 8),)) + packet[place + 1 :]
        elif kind == "other":
            packets.insert(at, (1 + value % 3, packet))
        elif kind == "ssrc":
            packets[at:] = [(channel, packet[:8] + bytes((value, 1, 2, 3)) + packet[12:]) for channel, packet in packets[at:]]
        elif kind == "empty":
            packets[at] = channel, packet[: value % (len(packet) + 1)]
    _bursts_change_nothing(codec, [packet for channel, packet in packets if channel == 0], cuts)
    data = b"".join(interleave(channel, packet) for channel, packet in packets)
    alone, together = Camera(codec, runs=False), Camera(codec, runs=True)
    position = place = 0
    while position < len(data):
        piece = data[position : position + cuts[place % len(cuts)]]
        assert alone.reader.feed(piece) == together.reader.feed(piece)
        position, place = position + len(piece), place + 1
    assert alone.figures() == together.figures()


def _burst(camera: Camera, batch: list[bytes], at: float) -> None:
    """Do what a session does with a batch of datagrams."""
    index = 0
    while index < len(batch):
        camera.receiver.push(batch[index], 0, len(batch[index]), at)
        before = index = index + 1
        if index < len(batch):
            index = camera.assembler.burst(camera.receiver, batch, index, at)
            camera.in_runs += index - before


def _bursts_change_nothing(codec: str, packets: list[bytes], cuts: list[int]) -> None:
    """Datagrams in batches of these sizes make what they make one by one, jitter included."""
    alone, together = Camera(codec, runs=False, reorder=True), Camera(codec, runs=False, reorder=True)
    begin = place = 0
    while begin < len(packets):
        batch = packets[begin : begin + cuts[place % len(cuts)] % 64 + 1]
        for packet in batch:
            alone.receiver.push(packet, 0, len(packet), place * 0.004)
        _burst(together, batch, place * 0.004)
        begin, place = begin + len(batch), place + 1
        # Reports have whole units of the clock: rounding may part them by one.
        assert abs(alone.receiver.jitter - together.receiver.jitter) < 1e-6 * (1 + alone.receiver.jitter)
        alone.receiver.jitter = together.receiver.jitter
    assert alone.figures() == together.figures() and alone.receiver.reordered == together.receiver.reordered


def test_nearly_all_of_a_stream_comes_in_bursts() -> None:
    for codec in CODECS:
        camera = Camera(codec, runs=False, reorder=True)
        packets = _stream(codec, [[16_000]] * 6, 1400)
        for begin in range(0, len(packets), 64):
            _burst(camera, packets[begin : begin + 64], 0.0)
        # The first and the last of each unit, and the first of a batch, are taken alone.
        assert camera.in_runs >= len(packets) - 2 * 6 - 2, codec
        assert len([one for one in camera.seen if isinstance(one, tuple)]) == 6


def test_nearly_all_of_a_stream_comes_in_runs() -> None:
    for codec in CODECS:
        camera = Camera(codec, runs=True)
        packets = _stream(codec, [[16_000]] * 6, 1400)
        for begin in range(0, len(packets), 24):
            camera.reader.feed(b"".join(interleave(0, packet) for packet in packets[begin : begin + 24]))
        assert camera.in_runs == len(packets) - 2 * 6, codec
        assert len([one for one in camera.seen if isinstance(one, tuple)]) == 6
