"""FLV tags: what is written is read, and the quirks of encoders are taken or left out."""

from __future__ import annotations

from typing import Any

import pytest

from sim.encode import Loop, loop
from sim.rtmp_publisher import tags
from sitewarden.wire import h264
from sitewarden.wire.flv import Demuxer, audio_frame, audio_header, video_header, video_units
from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.nal_records import avc_record, hevc_record, read_avc, read_hevc
from sitewarden.wire.rtmp_chunks import AUDIO, VIDEO


class Taken:
    """Collects what a Demuxer gives."""

    def __init__(self) -> None:
        self.units: list[tuple[list[bytes], int, bool]] = []
        self.formats: list[VideoFormat] = []
        self.audio: list[AudioFormat | None] = []
        self.sounds: list[tuple[bytes, int, int]] = []
        self.demuxer = Demuxer(
            lambda parts, time, key: self.units.append((list(parts), time, key)),
            self.formats.append,
            self.audio.append,
            lambda frames, duration, time: self.sounds.extend((one, duration, time) for one in frames),
        )

    def take(self, *given: tuple[int, int, bytes]) -> Taken:
        for tag in given:
            self.demuxer.take(*tag)
        return self


def clip(codec: str = "h264") -> Loop:
    return loop("test", width=320, height=176, fps=25, gop_seconds=0.4, seconds=2.0, codec=codec)


def video(codec: str = "h264") -> VideoFormat:
    taken = Taken()
    source = tags(clip(codec))
    taken.take(next(source), next(source))
    return taken.formats[0]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_records_are_read_as_they_are_written(codec: str) -> None:
    sets = clip(codec).parameter_sets
    if codec == "h264":
        assert read_avc(avc_record(sets)) == (4, sets)
    else:
        assert read_hevc(hevc_record(sets, complete=True)) == (4, tuple(sorted(sets, key=lambda nal: nal[0])))


KEY, OTHER = b"\x65key", b"\x41other"


def test_pictures_with_their_times() -> None:
    made = video()
    header = (VIDEO, 0, video_header(made))
    taken = Taken().take(
        header,
        (VIDEO, 0, video_units(made, [KEY], key=True, offset=80)),
        (VIDEO, 40, video_units(made, [OTHER, OTHER], key=False, offset=120)),
        (VIDEO, 80, video_units(made, [OTHER], key=False, offset=-1)),
    )
    assert taken.formats == [made]
    assert taken.units == [([KEY], 7200, True), ([OTHER, OTHER], 14400, False), ([OTHER], 7110, False)]


def test_the_clock_wraps_and_may_jump_back() -> None:
    made = video()
    unit = video_units(made, [KEY], key=True)
    times = [0xFFFFFFF0, 0x18, 0x40, 5, 0x90000000]
    taken = Taken().take((VIDEO, 0xFFFFFFF0, video_header(made)), *((VIDEO, time, unit) for time in times))
    base = 0xFFFFFFF0
    assert [time // 90 for _, time, _ in taken.units] == [
        base,
        base + 0x28,
        base + 0x50,
        base + 0x15,
        0x90000000,
    ]


def test_h265_as_enhanced_rtmp_and_as_older_cameras_name_it() -> None:
    made = video("h265")
    idr = bytes((19 << 1, 1)) + b"key"
    enhanced = video_units(made, [idr], key=True)
    later = video_units(made, [idr], key=True, offset=40)
    assert (enhanced[:5], later[:8]) == (b"\x93hvc1", b"\x91hvc1\x00\x00\x28")
    old_header = b"\x1c\x00\x00\x00\x00" + hevc_record(made.parameter_sets, complete=True)
    old = b"\x1c\x01\x00\x00\x00" + len(idr).to_bytes(4, "big") + idr
    for header, unit, shown in ((video_header(made), enhanced, 0), (video_header(made), later, 3600), (old_header, old, 0)):
        taken = Taken().take((VIDEO, 0, header), (VIDEO, 0, unit))
        assert taken.formats == [made] and taken.units == [([idr], shown, True)]


def test_changed_parameter_sets_come_into_force_with_the_next_key_frame() -> None:
    made = video()
    other = h264.video_format(loop("test", width=160, height=96, fps=25, gop_seconds=0.4, seconds=2.0).parameter_sets)
    unit, key = video_units(made, [OTHER], key=False), video_units(made, [KEY], key=True)
    taken = Taken().take((VIDEO, 0, video_header(made)), (VIDEO, 0, key), (VIDEO, 40, video_header(made)), (VIDEO, 40, unit))
    assert taken.formats == [made] and len(taken.units) == 2, "the same header again changes nothing"
    taken.take((VIDEO, 80, video_header(other)), (VIDEO, 80, key))
    assert [(one.width, one.height) for one in taken.formats] == [(320, 176), (160, 96)]


def test_what_is_cut_lets_go_everything_up_to_the_next_key_frame() -> None:
    made = video()
    key, unit = video_units(made, [KEY], key=True), video_units(made, [OTHER], key=False)
    taken = Taken().take(
        (VIDEO, 0, video_header(made)),
        (VIDEO, 0, key),
        (VIDEO, 40, unit[:-1]),
        (VIDEO, 80, unit),
        (VIDEO, 120, unit),
        (VIDEO, 160, key),
    )
    assert [time // 90 for _, time, _ in taken.units] == [0, 160]
    assert taken.demuxer.broken == 1 and taken.demuxer.dropped == 2


def test_start_codes_in_the_place_of_lengths() -> None:
    made = video()
    bare = b"\x17\x01\x00\x00\x00" + b"\x00\x00\x00\x01\x09\xf0" + b"\x00\x00\x00\x01" + KEY
    assert Taken().take((VIDEO, 0, video_header(made)), (VIDEO, 0, bare)).units == [([KEY], 0, True)]


def test_what_would_mean_a_packet_is_no_nal_unit() -> None:
    made = video()
    unit = video_units(made, [b"\x7c\x85aa", KEY, b"\x78\x00\x01a"], key=True)
    assert Taken().take((VIDEO, 0, video_header(made)), (VIDEO, 0, unit)).units == [([KEY], 0, True)]


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"\x14\x00abc", "VP6"), (b"\x22\x00abc", "Sorenson H.263"), (b"\x90av01abc", "av01"), (b"\x1f\x00abc", "codec 15")],
)
def test_pictures_that_are_not_spoken_are_named(body: bytes, said: str) -> None:
    taken = Taken().take((VIDEO, 0, body))
    assert taken.demuxer.unspoken == said and not taken.units


def aac(config: str = "1210") -> AudioFormat:
    return AudioFormat(encoding="AAC", codec="mp4a.40.2", rate=44100, channels=2, config=bytes.fromhex(config))


def test_aac_follows_its_own_frames_and_its_tags_where_they_part() -> None:
    sound = aac()
    frame = audio_frame(sound, b"frame")
    taken = Taken().take((AUDIO, 0, audio_header(sound)), *((AUDIO, time, frame) for time in (0, 23, 46, 70, 500)))
    assert taken.audio == [sound]
    assert [time for _, _, time in taken.sounds] == [0, 1024, 2048, 3072, 22050]
    assert {(data, duration) for data, duration, _ in taken.sounds} == {(b"frame", 1024)}


@pytest.mark.parametrize("encoding", ["PCMU", "PCMA"])
def test_g711_has_no_header(encoding: Any) -> None:
    codec = {"PCMU": "ulaw", "PCMA": "alaw"}[encoding]
    sound = AudioFormat(encoding=encoding, codec=codec, rate=8000, channels=1)
    assert audio_header(sound) == b""
    taken = Taken().take((AUDIO, 10, audio_frame(sound, bytes(160))), (AUDIO, 30, audio_frame(sound, bytes(160))))
    assert taken.audio == [sound] and [(duration, time) for _, duration, time in taken.sounds] == [(160, 80), (160, 240)]


@pytest.mark.parametrize(
    ("body", "said"), [(b"\x2fabc", "MP3"), (b"\xb2abc", "Speex"), (b"\xaf\x00\x00\x00", "AAC of object type 0")]
)
def test_sound_that_is_not_spoken_is_named(body: bytes, said: str) -> None:
    taken = Taken().take((AUDIO, 0, body))
    assert taken.demuxer.silent.startswith(said) and taken.audio == [None] and not taken.sounds
