"""Every codec that we take, sent by GStreamer: what is recorded is bit-equal to what its encoders made, and players read it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.media.plan import Plan
from sitewarden.media.playback import stream
from sitewarden.net.network import LocalNetwork
from sitewarden.wire import h264, h265
from sitewarden.wire.nal import split_annex_b
from tests.interop.gstreamer import SOURCE, gstreamer, need_gstreamer, record
from tests.media.support import nals, samples

pytestmark = pytest.mark.interop

TONE = "audiotestsrc is-live=true samplesperbuffer=480 ! audioconvert ! audioresample ! "
FAST = "tune=zerolatency speed-preset=ultrafast key-int-max=25"
VIDEO = {
    "h264": f"x264enc {FAST} ! video/x-h264,stream-format=byte-stream,alignment=au ! {{keep}} rtph264pay",
    "h265": f"x265enc {FAST} ! video/x-h265,stream-format=byte-stream,alignment=au ! {{keep}} rtph265pay",
    "mjpeg": "videoconvert ! video/x-raw,format=I420 ! jpegenc quality=60 ! {keep} rtpjpegpay",
}
SMALL = "videotestsrc is-live=true ! video/x-raw,width=320,height=176,framerate=15/1 ! "
"""For H.265: its encoder must keep up with time on a slow machine, too."""
AUDIO = {
    "aac": "audio/x-raw,rate=48000,channels=2 ! voaacenc bitrate=96000 ! {keep} rtpmp4gpay",
    "latm": "audio/x-raw,rate=16000,channels=1 ! voaacenc bitrate=32000 ! {keep} rtpmp4apay",
    "opus": "audio/x-raw,rate=48000,channels=1 ! opusenc ! {keep} rtpopuspay",
    "pcm_mulaw": "audio/x-raw,rate=8000,channels=1 ! mulawenc ! {keep} rtppcmupay",
    "pcm_alaw": "audio/x-raw,rate=8000,channels=1 ! alawenc ! {keep} rtppcmapay",
    "pcm_s16be": "audio/x-raw,rate=16000,channels=2,format=S16BE ! {keep} rtpL16pay",
}
Plain = Callable[[bytes], object]
"""A picture as something to compare: parameter sets and delimiters belong to the track, not to its pictures."""


def _h264(found: list[bytes]) -> list[bytes]:
    return [nal.rstrip(b"\0") for nal in found if nal[0] & 31 not in (h264.SPS, h264.PPS, h264.AUD)]


def _h265(found: list[bytes]) -> list[bytes]:
    return [nal.rstrip(b"\0") for nal in found if h265.kind(nal) not in (h265.VPS, h265.SPS, h265.PPS, h265.AUD)]


CODECS = {
    "h264": "avc1.",
    "h265": "hvc1.",
    "mjpeg": "mp4v.6C",
    "aac": "mp4a.40.2",
    "latm": "mp4a.40.2",
    "opus": "opus",
    "pcm_mulaw": "ulaw",
    "pcm_alaw": "alaw",
    "pcm_s16be": "twos",
}


PICTURES: dict[str, tuple[Plain, Plain]] = {
    "h264": (lambda picture: _h264(nals(picture)), lambda made: _h264(split_annex_b(made))),
    "h265": (lambda picture: _h265(nals(picture)), lambda made: _h265(split_annex_b(made))),
    "mjpeg": (lambda picture: _jpeg(picture), lambda made: _jpeg(made)),
}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    need_gstreamer()


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[LocalNetwork]:
    made = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    yield made
    await made.close()


def pipeline(video: str, audio: str) -> str:
    """A pipeline that sends both; the server keeps what its encoders made."""
    made = [
        source
        + branch.format(keep=f"identity name=sent{number} !")
        + f" name=pay{number} pt={26 if branch.endswith('rtpjpegpay') else 96 + number}"
        for number, (source, branch) in enumerate(((SMALL if video == "h265" else SOURCE, VIDEO[video]), (TONE, AUDIO[audio])))
    ]
    return " ".join(made)


def sent(path: Path) -> list[bytes]:
    """Return the buffers that an encoder made, the last maybe cut."""
    data, found, position = path.read_bytes(), [], 0
    while position + 4 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        found.append(data[position + 4 : position + 4 + size])
        position += 4 + size
    return found


@pytest.mark.parametrize(
    ("video", "audio", "transport"),
    [
        ("h264", "aac", "tcp"),
        ("h264", "pcm_alaw", "udp"),
        ("h264", "latm", "tcp"),
        ("h264", "pcm_s16be", "tcp"),
        ("h265", "opus", "tcp"),
        ("h265", "aac", "udp"),
        ("mjpeg", "pcm_mulaw", "tcp"),
        ("mjpeg", "opus", "udp"),
    ],
)
async def test_what_is_recorded_is_what_was_sent(
    net: LocalNetwork, tmp_path: Path, video: str, audio: str, transport: str
) -> None:
    async with gstreamer(pipeline(video, audio), folder=tmp_path) as port:
        segments, channel = await record(net, tmp_path, port, 60, transport=transport, audio=True)
    (segment,) = segments
    codecs = segment.codec.split(",")
    assert codecs[0].startswith(CODECS[video]) and codecs[1:] == [CODECS[audio]]
    assert (segment.width, segment.height) == ((320, 176) if video == "h265" else (640, 360))
    path = tmp_path / "media" / segment.path
    pictures, sounds = samples(path)
    assert len(pictures) == channel.frames and len(sounds) >= 0.8 * channel.sounds > 10
    assert same(pictures, sent(tmp_path / "sent0"), PICTURES[video])
    assert steps(sounds, b"".join(sent(tmp_path / "sent1"))) <= 2
    streams = _probe(path)
    assert [one["codec_name"] for one in streams] == [video.replace("h265", "hevc"), audio.replace("latm", "aac")]
    assert int(streams[0]["nb_read_frames"]) == len(pictures)
    # Both begin and end about together.
    assert abs(float(streams[0]["start_time"]) - float(streams[1]["start_time"])) < 0.7
    heard = float(streams[1]["duration"]) if "duration" in streams[1] else 0.0
    # On a busy machine the video encoder falls behind its source, the sound does not.
    assert heard == 0.0 or -1.0 < heard - float(streams[0]["duration"]) < 10.0
    played = tmp_path / "played.mp4"
    plan = Plan(roots={"main": str(tmp_path / "media")}, start=segment.start, end=segment.end + 1, segments=tuple(segments))
    played.write_bytes(b"".join(stream(plan)))
    again = _probe(played)
    assert again[1]["codec_name"] == ("flac" if audio.startswith("pcm") else streams[1]["codec_name"])
    assert int(again[0]["nb_read_frames"]) == len(pictures)
    if audio.startswith("pcm"):
        assert _decoded(played) in _decoded(path)


def same(received: list[bytes], made: list[bytes], comparable: tuple[Plain, Plain]) -> bool:
    """Tell whether what came is an unbroken piece of what was made."""
    found, whole = [comparable[0](one) for one in received], [comparable[1](one) for one in made]
    first = whole.index(found[0])
    return found == whole[first : first + len(found)]


def steps(received: list[bytes], made: bytes) -> int:
    """Return how often sound was put right against the pictures; each frame must be one that was made, in order."""
    end = made.index(received[0])
    steps = 0
    for frame in received:
        place = made.index(frame, end)
        steps += place != end
        end = place + len(frame)
    return steps


def _jpeg(file: bytes) -> tuple[bytes, bytes]:
    """Return a file's quantisation tables and its scan: RTP leaves out the rest."""
    tables, position = b"", 2
    while file[position + 1] != 0xC0:
        size = file[position + 2] << 8 | file[position + 3]
        if file[position + 1] == 0xDB:
            tables += file[position + 4 : position + 2 + size]
        position += 2 + size
    return tables, file[file.index(b"\xff\xda") + 14 :].partition(b"\xff\xd9")[0]


def _probe(path: Path) -> list[dict[str, str]]:
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == "", done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)["streams"]
    return found


def _decoded(path: Path) -> bytes:
    """Return the sound as ffmpeg decodes it."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert done.stderr == b"", done.stderr
    return done.stdout
