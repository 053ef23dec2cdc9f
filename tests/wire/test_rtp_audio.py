from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import rtp_audio
from sitewarden.wire.rtp_audio import Aac, AudioError, Latm, Opus, Samples, aac_format, latm_config, opus_samples


class Sink:
    def __init__(self) -> None:
        self.found: list[tuple[list[bytes], int, int]] = []

    def __call__(self, frames: Sequence[bytes], duration: int, rtp_time: int) -> None:
        self.found.append((list(frames), duration, rtp_time))


def push(
    depacketiser: rtp_audio.AudioDepacketiser, payload: bytes, timestamp: int, marker: bool = True, lost: bool = False
) -> None:
    depacketiser.push(b"head" + payload + b"tail", 4, 4 + len(payload), marker, timestamp, lost)


def aac_payload(sizes: Sequence[int], data: bytes) -> bytes:
    return (16 * len(sizes)).to_bytes(2, "big") + b"".join((size << 3).to_bytes(2, "big") for size in sizes) + data


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=6))
def test_aac_frames_of_one_packet(frames: list[bytes]) -> None:
    sink = Sink()
    push(Aac(sink, 1024), aac_payload([len(one) for one in frames], b"".join(frames)), 5000)
    assert sink.found == [(frames, 1024, 5000)]


def test_an_aac_frame_in_several_packets_and_one_that_lost_a_piece() -> None:
    sink = Sink()
    depacketiser = Aac(sink, 1024)
    whole = bytes(range(250)) * 8
    for cut in range(0, 2000, 800):
        push(depacketiser, aac_payload([2000], whole[cut : cut + 800]), 7, marker=cut == 1600)
    assert sink.found == [([whole], 1024, 7)]
    push(depacketiser, aac_payload([2000], whole[:800]), 1031, marker=False)
    push(depacketiser, aac_payload([4], b"next"), 2055, lost=True)
    assert sink.found[1:] == [([b"next"], 1024, 2055)]


@given(st.lists(st.binary(min_size=1, max_size=700), min_size=1, max_size=3))
def test_latm_frames(frames: list[bytes]) -> None:
    sink = Sink()
    depacketiser = Latm(sink, 1024)
    body = b"".join(b"\xff" * (len(one) // 255) + bytes((len(one) % 255,)) + one for one in frames)
    push(depacketiser, body[:100], 9, marker=len(body) <= 100)
    if len(body) > 100:
        push(depacketiser, body[100:], 9)
    assert sink.found == [(frames, 1024, 9)]


def test_pcm_is_whole_samples() -> None:
    sink = Sink()
    push(Samples(sink, 4), b"abcdefghij", 2**32 - 2)
    depacketiser = Samples(sink, 1)
    push(depacketiser, b"a" * 160, 2**32 - 160)
    push(depacketiser, b"b" * 160, 0)
    assert sink.found[0] == ([b"abcdefgh"], 2, 2**32 - 2)
    assert [time for _, _, time in sink.found[1:]] == [2**32 - 160, 2**32]


@pytest.mark.parametrize(
    ("head", "samples"),
    [
        ("fc", 960),
        ("f8", 960),
        ("78", 960),
        ("80", 120),
        ("08", 960),
        ("18", 2880),
        ("fd", 1920),
        ("ff03", 2880),
        ("ff3f", 0),
        ("ff", 0),
        ("", 0),
    ],
)
def test_durations_of_opus(head: str, samples: int) -> None:
    assert opus_samples(bytes.fromhex(head)) == samples
    sink = Sink()
    if head:
        push(Opus(sink), bytes.fromhex(head), 4)
    assert [duration for _, duration, _ in sink.found] == ([samples] if samples else [])


@pytest.mark.parametrize(
    ("config", "clock", "rate", "channels", "codec", "frame"),
    [
        ("1190", 48000, 48000, 2, "mp4a.40.2", 1024),
        ("1408", 16000, 16000, 1, "mp4a.40.2", 1024),
        ("140c", 16000, 16000, 1, "mp4a.40.2", 960),
        ("2b8a08", 44100, 44100, 1, "mp4a.40.5", 2048),
        ("1208", 0, 44100, 1, "mp4a.40.2", 1024),
    ],
)
def test_configurations_of_aac(config: str, clock: int, rate: int, channels: int, codec: str, frame: int) -> None:
    found, length = aac_format(bytes.fromhex(config), clock)
    assert (found.rate, found.channels, found.codec, length) == (rate, channels, codec, frame)


def test_a_configuration_inside_latm() -> None:
    assert latm_config("400024103fc0") == bytes.fromhex("1208")
    for odd in ("", "zz", "80002410", "40ff24103fc0"):
        with pytest.raises(AudioError):
            latm_config(odd)


@given(st.binary(max_size=70), st.integers(0, 200_000))
def test_hostile_configurations(config: bytes, clock: int) -> None:
    for read in (lambda: aac_format(config, clock), lambda: latm_config(config.hex())):
        try:
            read()
        except AudioError:
            pass


@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 3), st.booleans(), st.booleans()), max_size=30))
def test_hostile_payloads_never_raise(payloads: list[tuple[bytes, int, bool, bool]]) -> None:
    for made in (Aac(Sink(), 1024), Aac(Sink(), 1024, 6, 2), Latm(Sink(), 1024), Opus(Sink()), Samples(Sink(), 4)):
        for payload, timestamp, marker, lost in payloads:
            push(made, payload, timestamp, marker, lost)
