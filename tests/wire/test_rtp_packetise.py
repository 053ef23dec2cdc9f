"""What our packetisers write, our depacketisers read: every access unit and every frame of sound, as it was."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.encode import loop
from sitewarden.wire import h264, h265, jpeg, jpeg_read
from sitewarden.wire.fmp4 import sample
from sitewarden.wire.formats import JPEG_CODEC, AudioFormat, VideoFormat
from sitewarden.wire.jpeg import JpegError
from sitewarden.wire.rtp import Receiver, parse, parse_rtcp
from sitewarden.wire.rtp_formats import audio_depacketiser, video_depacketiser
from sitewarden.wire.rtp_packetise import LIMIT, aggregated_h264, aggregated_h265, audio_packetiser, nals, video_packetiser
from sitewarden.wire.rtp_sender import Sender
from sitewarden.wire.rtsp import interleave
from sitewarden.wire.sdp import Media
from sitewarden.wire.sdp import parse as parse_sdp
from sitewarden.wire.sdp_write import audio_type, describe, video_type

AAC = AudioFormat(encoding="AAC", codec="mp4a.40.2", rate=48000, channels=2, config=bytes.fromhex("1190"))
SOUNDS = [
    AAC,
    AudioFormat(encoding="OPUS", codec="opus", rate=48000, channels=2),
    AudioFormat(encoding="PCMU", codec="ulaw", rate=8000, channels=1),
    AudioFormat(encoding="PCMA", codec="alaw", rate=16000, channels=2),
    AudioFormat(encoding="L16", codec="twos", rate=44100, channels=1),
]


def described(video: VideoFormat, audio: AudioFormat | None) -> tuple[Media, ...]:
    text = describe("Lobby\r\na=evil", "192.0.2.1", 1, video, audio, ["rtsp://h/a/trackID=0", "rtsp://h/a/trackID=1"])
    assert b"\r\na=evil" not in text
    return parse_sdp(text).media


def of(codec: str) -> tuple[VideoFormat, list[tuple[bytes, bool]]]:
    made = loop("rtsp out", width=320, height=180, fps=25, gop_seconds=0.4, seconds=1.0, codec=codec)
    if codec == "mjpeg":
        video = VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=320, height=180)
        return video, [(b"".join(unit.nals), True) for unit in made.units]
    module = h264 if codec == "h264" else h265
    video = module.video_format(made.parameter_sets)
    kept = [[nal for nal in unit.nals if nal not in made.parameter_sets] for unit in made.units]
    return video, [(sample(units), unit.key) for units, unit in zip(kept, made.units, strict=True)]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_pictures_arrive_as_they_were_through_description_packets_and_receiver(codec: str) -> None:
    video, units = of(codec)
    (media,) = described(video, None)
    found: list[tuple[bytes, int, bool]] = []
    formats: list[VideoFormat] = []
    depacketiser = video_depacketiser(media, lambda parts, time, key: found.append((sample(parts), time, key)), formats.append)
    receiver = Receiver(media.payload_type, depacketiser.push)
    sender, packetise = Sender(video_type(video), 90_000), video_packetiser(video)
    base = sender.base
    for number, (data, key) in enumerate(units):
        for packet in sender.pack(packetise(data, key), 3600 * number):
            assert len(packet) <= LIMIT + 12
            receiver.push(packet, 0, len(packet))
    assert [(data, key) for data, _, key in found] == units
    assert [time - base for _, time, _ in found] == [3600 * number for number in range(len(units))]
    assert formats == [video]
    assert receiver.gaps == receiver.dropped == 0


def test_jpeg_files_are_shown_the_same() -> None:
    video, units = of("mjpeg")
    (media,) = described(video, None)
    files: list[bytes] = []
    depacketiser = video_depacketiser(media, lambda parts, time, key: files.append(b"".join(parts)), lambda video: None)
    sender, packetise = Sender(video_type(video), 90_000), video_packetiser(video)
    for number, (data, key) in enumerate(units):
        for packet in sender.pack(packetise(data, key), 3600 * number):
            head = parse(packet, 0, len(packet))
            depacketiser.push(packet, head.start, head.end, head.marker, head.timestamp, False)
    for made, read in zip(units, files, strict=True):
        before, after = jpeg_read.parse(made[0]), jpeg_read.parse(read)
        assert (before.scan, before.quantisation, before.type) == (after.scan, after.quantisation, after.type)
        assert (after.width, after.height) == (320, 184)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xc2\x00\x04ab", b"\xff\xd8\xff\xdb\x00\x03\x00", b"\xff\xd8" + b"\xff\xe0\x00\x02" * 300],
)
def test_what_rtp_cannot_carry_is_refused(data: bytes) -> None:
    with pytest.raises(JpegError):
        jpeg_read.parse(data)


def test_a_picture_of_its_own_huffman_tables_is_refused() -> None:
    head = bytearray(jpeg.header(1, 16, 16, jpeg.tables(50), 0))
    head[head.index(b"\xff\xc4") + 30] ^= 1
    with pytest.raises(JpegError, match="Huffman"):
        jpeg_read.parse(bytes(head) + b"scan\xff\xd9")


@given(st.lists(st.binary(min_size=3, max_size=4000), min_size=1, max_size=30))
def test_aggregation_keeps_order_bytes_and_limit(raw: list[bytes]) -> None:
    for first, join, packet in (
        (lambda nal: bytes((0x41,)) + nal[1:], aggregated_h264, h264.STAP_A),
        (lambda nal: bytes((0x02, 0x01)) + nal[2:], aggregated_h265, h265.AP),
    ):
        units = [first(nal) for nal in raw]
        found: list[bytes] = []
        for one in join(units):
            kind = one[0] & 0x1F if join is aggregated_h264 else one[0] >> 1 & 0x3F
            if kind != packet:
                found.append(one)
                continue
            assert len(one) <= LIMIT
            position = 1 if join is aggregated_h264 else 2
            while position < len(one):
                size = int.from_bytes(one[position : position + 2], "big")
                found.append(one[position + 2 : position + 2 + size])
                position += 2 + size
        assert found == units


@pytest.mark.parametrize("audio", SOUNDS, ids=lambda one: one.encoding)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12), st.integers(0, 1 << 33))
def test_sound_arrives_as_it_was(audio: AudioFormat, sizes: Sequence[int], begin: int) -> None:
    width = 2 * audio.channels if audio.encoding == "L16" else audio.channels
    if audio.encoding == "OPUS":
        frames = [b"\xfc" + bytes([number]) * size for number, size in enumerate(sizes)]
        durations = [960] * len(frames)
    elif audio.plain:
        frames = [bytes([number + 1]) * (size * width) for number, size in enumerate(sizes)]
        durations = list(sizes)
    else:
        frames = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
        durations = [1024] * len(frames)
    video = VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=8, height=8)
    media = described(video, audio)[1]
    found: list[tuple[bytes, int, int]] = []

    def take(got: Sequence[bytes], duration: int, time: int) -> None:
        found.extend((frame, duration, time + number * duration) for number, frame in enumerate(got))

    told, depacketiser = audio_depacketiser(media, take)
    assert told == audio
    sender = Sender(audio_type(audio), audio.rate)
    for payload, marker, offset in audio_packetiser(audio)(frames, durations):
        packet = sender.packet(payload, marker, begin + offset)
        assert len(packet) <= LIMIT + 12 or audio.encoding == "OPUS"
        head = parse(packet, 0, len(packet))
        depacketiser.push(packet, head.start, head.end, head.marker, head.timestamp, False)
    if audio.plain:
        assert b"".join(frame for frame, _, _ in found) == b"".join(frames)
        assert sum(duration for _, duration, _ in found) == sum(durations)
    else:
        assert [(frame, duration) for frame, duration, _ in found] == list(zip(frames, durations, strict=True))
    first = found[0][2]
    position = 0
    for _, duration, time in found:
        assert time - first == position
        position += duration
    assert (first - sender.base - begin) % (1 << 32) == 0


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=60), st.booleans()), max_size=8), st.integers(0, 1 << 33))
def test_interleaved_packets_are_the_same_packets(payloads: list[tuple[bytes, bool]], time: int) -> None:
    one, two = Sender(96, 90_000, ssrc=7), Sender(96, 90_000, ssrc=7)
    one.sequence = two.sequence = 65_534
    two.base = one.base
    frames = b"".join(interleave(4, packet) for packet in one.pack(payloads, time))
    assert two.interleaved(payloads, time, 4) == frames
    assert (one.sequence, one.packets, one.octets, one.report(5, 6)) == (two.sequence, two.packets, two.octets, two.report(5, 6))


def test_reports_tie_the_clock_to_the_day_and_a_goodbye_ends_it() -> None:
    sender = Sender(96, 90_000, ssrc=7)
    sender.packet(b"abc", True, 900)
    assert (sender.due(10.0), sender.due(14.9), sender.due(15.0)) == (True, False, True)
    told, bye = parse_rtcp(sender.goodbye(1_763_700_000_000_000, 900))
    assert (told.ssrc, told.wall, told.timestamp) == (7, 1_763_700_000_000_000, sender.stamp(900))  # type: ignore[union-attr]
    assert (told.packets, told.octets, bye.ssrc) == (1, 3, 7)  # type: ignore[union-attr]
    before = sender.stamp(900)
    sender.rebase()
    assert (sender.stamp(0) - before) % (1 << 32) == 3600


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(0, 300))
def test_samples_that_are_cut_give_whole_units_only(units: list[bytes], cut: int) -> None:
    found = nals(sample(units)[:cut])
    assert found == units[: len(found)]
    assert nals(sample(units)) == units
