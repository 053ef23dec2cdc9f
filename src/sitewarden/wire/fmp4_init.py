"""What stands before the fragments of an MP4: ftyp and moov, and how each format describes itself in them.

ISO/IEC 14496-12 (boxes), 14496-14 (esds), 14496-15 (avcC, hvcC); Opus in ISOBMFF (dOps); FLAC in ISOBMFF (dfLa).
"""

from __future__ import annotations

import struct
from typing import Final

from sitewarden.wire import flac
from sitewarden.wire.fmp4 import SOUND_TRACK, TIMESCALE, TRACK, box, full_box
from sitewarden.wire.formats import AudioEncoding, AudioFormat, VideoFormat
from sitewarden.wire.nal_records import avc_record, hevc_record

OTI_AAC: Final = 0x40
OTI_JPEG: Final = 0x6C
"""Object types of MPEG-4 systems (14496-1, table 5)."""
ENTRIES: Final[dict[AudioEncoding, bytes]] = {"PCMU": b"ulaw", "PCMA": b"alaw", "L16": b"twos"}
"""Sample entries of PCM: QuickTime's names, which every player knows."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def init_segment(
    video: VideoFormat | None,
    audio: AudioFormat | None = None,
    *,
    duration: int = 0,
    in_band: bool = False,
    created: int = 0,
    as_flac: bool = False,
) -> bytes:
    """Return ftyp and moov of a file of pictures, of sound, or of both.

    `duration` in units of TIMESCALE is written where it is known before (playback), `created` is microseconds since 1970
    UTC. `in_band` names the track "avc3" or "hev1": key frames may bring parameter sets of their own. `as_flac`: the samples of
    PCM are FLAC frames (`wire.flac`). Raises a NalError where the parameter sets cannot be read.
    """
    stamp = created // 1_000_000 + 2_082_844_800 if created else 0
    traks, extends = [], [full_box(b"mehd", 1, 0, duration.to_bytes(8, "big"))] if duration else []
    if video is not None:
        size = struct.pack(">II", video.width << 16, video.height << 16)
        header = full_box(b"vmhd", 0, 1, bytes(8))
        traks.append(_trak(TRACK, stamp, TIMESCALE, b"vide", b"video\x00", header, _video_entry(video, in_band), size, 0))
        extends.append(_trex(TRACK))
    if audio is not None:
        entry = _flac_entry(audio) if as_flac and audio.plain else _audio_entry(audio)
        header = full_box(b"smhd", 0, 0, bytes(4))
        traks.append(_trak(SOUND_TRACK, stamp, audio.rate, b"soun", b"sound\x00", header, entry, bytes(8), 0x100))
        extends.append(_trex(SOUND_TRACK))
    movie_head = struct.pack(">QQIQIH", stamp, stamp, TIMESCALE, 0, 0x10000, 0x100) + bytes(10) + _MATRIX + bytes(24)
    following = (SOUND_TRACK if audio is not None else TRACK) + 1
    return box(
        b"ftyp", b"iso6\x00\x00\x02\x00iso6isom" + (b"avc1" if video and video.encoding == "H264" else b"") + b"mp41"
    ) + box(
        b"moov",
        full_box(b"mvhd", 1, 0, movie_head + following.to_bytes(4, "big")),
        *traks,
        box(b"mvex", *extends),
    )


def _trex(track: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0))


def _trak(
    track: int, stamp: int, scale: int, handler: bytes, name: bytes, header: bytes, entry: bytes, size: bytes, volume: int
) -> bytes:
    table = box(
        b"stbl",
        full_box(b"stsd", 0, 0, b"\x00\x00\x00\x01", entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )
    place = box(b"dinf", full_box(b"dref", 0, 0, b"\x00\x00\x00\x01", full_box(b"url ", 0, 1)))
    media = box(
        b"mdia",
        full_box(b"mdhd", 1, 0, struct.pack(">QQIQHH", stamp, stamp, scale, 0, 0x55C4, 0)),
        full_box(b"hdlr", 0, 0, bytes(4) + handler + bytes(12) + name),
        box(b"minf", header, place, table),
    )
    head = struct.pack(">QQIIQ", stamp, stamp, track, 0, 0) + bytes(12) + struct.pack(">HH", volume, 0) + _MATRIX + size
    return box(b"trak", full_box(b"tkhd", 1, 3, head), media)


def _video_entry(video: VideoFormat, in_band: bool) -> bytes:
    if video.encoding == "H264":
        name, description = (b"avc3" if in_band else b"avc1"), box(b"avcC", avc_record(video.parameter_sets))
    elif video.encoding == "H265":
        record = hevc_record(video.parameter_sets, complete=not in_band)
        name, description = (b"hev1" if in_band else b"hvc1"), box(b"hvcC", record)
    else:
        name, description = b"mp4v", _esds(OTI_JPEG, 0x11, b"", TRACK)
    size = struct.pack(">HH", video.width, video.height)
    return box(
        name,
        bytes(6) + b"\x00\x01" + bytes(16) + size + struct.pack(">IIIH", 0x480000, 0x480000, 0, 1) + bytes(32),
        struct.pack(">Hh", 24, -1),
        description,
    )


def _audio_entry(audio: AudioFormat) -> bytes:
    if audio.encoding == "AAC":
        return _sound_entry(b"mp4a", audio, _esds(OTI_AAC, 0x15, audio.config, SOUND_TRACK))
    if audio.encoding == "OPUS":
        return _sound_entry(b"Opus", audio, box(b"dOps", struct.pack(">BBHIhB", 0, audio.channels, 0, 48000, 0, 0)))
    return _sound_entry(ENTRIES[audio.encoding], audio, b"")


def _flac_entry(audio: AudioFormat) -> bytes:
    info = flac.stream_info(audio.rate, audio.channels)
    return _sound_entry(b"fLaC", audio, full_box(b"dfLa", 0, 0, b"\x80" + len(info).to_bytes(3, "big") + info))


def _sound_entry(name: bytes, audio: AudioFormat, description: bytes) -> bytes:
    rate = audio.rate << 16 if audio.rate < 0x10000 else 0
    return box(name, bytes(6) + b"\x00\x01" + bytes(8) + struct.pack(">HHII", audio.channels, 16, 0, rate), description)


def _esds(object_type: int, stream_type: int, config: bytes, track: int) -> bytes:
    """ES_Descriptor (14496-1, 7.2.6.5) in its box (14496-14, 5.6)."""
    specific = bytes((5, len(config))) + config if config else b""
    decoder = bytes((object_type, stream_type)) + bytes(11) + specific
    body = track.to_bytes(2, "big") + b"\x00" + bytes((4, len(decoder))) + decoder + b"\x06\x01\x02"
    return full_box(b"esds", 0, 0, bytes((3, len(body))) + body)
