"""Transport streams: what is written is read back, Debian's ffprobe reads it too, and what is lost costs one frame."""

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.mpegts import PACKET, Muxer, adts, annex_b, crc32
from sitewarden.wire.mpegts_read import Demuxer, Pes

sizes = st.integers(0, 2_000) | st.integers(64_000, 70_000)
times = (st.integers(0, (1 << 33) - 1), st.integers(0, 90_000), st.booleans())
frames = st.lists(st.tuples(sizes, *times), min_size=1, max_size=6)


def muxed(given_frames: list[tuple[int, int, int, bool]]) -> list[tuple[bytes, bytes, int, int]]:
    muxer = Muxer("h264", "aac")
    made = []
    for number, (size, dts, offset, key) in enumerate(given_frames):
        data = bytes((number + place) & 0xFF for place in range(size))
        pts = (dts + offset) % (1 << 33)
        made.append((muxer.video(data, dts + offset, dts, key or number == 0), data, pts, dts))
    return made


def test_the_crc_is_the_standards() -> None:
    assert crc32(b"123456789") == 0x0376E6E7


@given(frames)
def test_what_is_written_is_read_back(given_frames: list[tuple[int, int, int, bool]]) -> None:
    demuxer = Demuxer()
    for packets, data, pts, dts in muxed(given_frames):
        assert len(packets) % PACKET == 0
        found = [pes for at in range(0, len(packets), 7 * PACKET) for pes in demuxer.feed(packets[at : at + 7 * PACKET])]
        found += demuxer.flush()
        assert [(pes.data[6:], pes.pts, pes.dts, pes.broken) for pes in found] == [(data, pts, dts, False)]
    assert (demuxer.lost, demuxer.bad) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 1_000), *times), min_size=1, max_size=4), st.integers(0, 10_000))
def test_a_lost_packet_costs_the_frame_that_it_belongs_to_and_is_told(
    given_frames: list[tuple[int, int, int, bool]], which: int
) -> None:
    stream = b"".join(packets for packets, *_ in muxed([*given_frames, (500, 9, 0, False), (500, 10, 0, False)]))
    every = [stream[at : at + PACKET] for at in range(0, len(stream), PACKET)]
    lost = 3 + which % (len(every) - 4)
    whole, holed = Demuxer(), Demuxer()
    wanted = [(pes.pts, pes.data) for pes in whole.feed(stream) + whole.flush()]
    found = holed.feed(b"".join(every[:lost] + every[lost + 1 :])) + holed.flush()
    assert {(pes.pts, pes.data) for pes in found} <= set(wanted)
    assert len(found) >= len(wanted) - 1
    if len(found) < len(wanted):
        assert holed.lost == 1
        kept = [(one.pts, one.data) for one in found]
        gone = next(number for number in range(len(wanted)) if kept[number : number + 1] != wanted[number : number + 1])
        assert [pes.broken for pes in found] == [number == gone for number in range(len(found))]


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_nal_units_become_a_byte_stream(nals: list[bytes]) -> None:
    sized = b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals)
    assert annex_b(sized) == b"".join(b"\0\0\0\1" + nal for nal in nals)


@pytest.mark.parametrize("data", [b"\0\0\0\2\1", b"\0\0", b"\xff\xff\xff\xff\0"])
def test_nal_units_that_do_not_fit_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="NAL"):
        annex_b(data)


def encoded(codec: str, count: int) -> list[tuple[bytes, int, bool]]:
    """Return frames of a moving picture as Annex B byte streams with their times (90 kHz) and whether each is a key frame."""
    av = pytest.importorskip("av")
    np = pytest.importorskip("numpy")
    video = av.CodecContext.create(codec, "w")
    video.width, video.height, video.pix_fmt, video.framerate = 320, 180, "yuv420p", 25
    video.time_base = Fraction(1, 90_000)
    video.options = {"tune": "zerolatency", "preset": "ultrafast", "x265-params": "log-level=error:repeat-headers=1"}
    made = []
    for number in range(count):
        picture = np.full((180, 320, 3), number * 5 % 250, dtype="uint8")
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = number * 3600, Fraction(1, 90_000)
        made += video.encode(frame)
    made += video.encode(None)
    return [(bytes(packet), int(packet.pts), bool(packet.is_keyframe)) for packet in made]


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="Debian's ffmpeg is not installed")
@pytest.mark.parametrize(("codec", "library"), [("h264", "libx264"), ("h265", "libx265")])
def test_ffprobe_reads_every_frame_and_no_fault(codec: str, library: str, tmp_path: Path) -> None:
    pictures = encoded(library, 60)
    muxer = Muxer(codec)  # type: ignore[arg-type]
    path = tmp_path / "x.ts"
    path.write_bytes(b"".join(muxer.video(data, 1000 + time, 1000 + time, key) for data, time, key in pictures))
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-of", "json", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    stream = json.loads(said.stdout)["streams"][0]
    assert (stream["codec_name"], stream["width"], int(stream["nb_read_frames"])) == ({"h265": "hevc"}.get(codec, codec), 320, 60)
    assert said.stderr == ""


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="Debian's ffmpeg is not installed")
def test_ffprobe_hears_the_sound_beside_the_pictures(tmp_path: Path) -> None:
    pictures = encoded("libx264", 50)
    av = pytest.importorskip("av")
    np = pytest.importorskip("numpy")
    voice = av.CodecContext.create("aac", "w")
    voice.sample_rate, voice.layout, voice.format = 16_000, "mono", "fltp"
    sounds = []
    for number in range(30):
        wave = np.sin(np.arange(1024, dtype="float32") / 10).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 16_000, number * 1024, Fraction(1, 16_000)
        sounds += [bytes(packet) for packet in voice.encode(frame)]
    header = adts(bytes(voice.extradata))
    assert header is not None
    muxer = Muxer("h264", "aac")
    stream = b"".join(muxer.video(data, time, time, key) for data, time, key in pictures)
    stream += b"".join(muxer.audio(header(len(one)) + one, number * 1024 * 90 // 16) for number, one in enumerate(sounds))
    path = tmp_path / "x.ts"
    path.write_bytes(stream)
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-of", "json", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    video, audio = json.loads(said.stdout)["streams"]
    assert (video["codec_name"], audio["codec_name"], audio["sample_rate"], audio["channels"]) == ("h264", "aac", "16000", 1)
    assert int(audio["nb_read_frames"]) == len(sounds) and said.stderr == ""


@pytest.mark.parametrize("config", [b"", b"\x12", b"\xf8\x10", b"\x17\x90", b"\x12\x00"])
def test_sound_that_adts_cannot_tell_is_left_out(config: bytes) -> None:
    assert adts(config) is None


def test_a_stream_that_says_no_length_is_complete_with_the_next_frame_or_when_it_is_flushed() -> None:
    muxer, demuxer = Muxer("h264"), Demuxer()
    big = bytes(70_000)
    assert demuxer.feed(muxer.video(big, 1, 1, True)) == []
    found = demuxer.feed(muxer.video(b"x", 2, 2, False))
    assert [(type(pes), pes.pts) for pes in found] == [(Pes, 1), (Pes, 2)]
