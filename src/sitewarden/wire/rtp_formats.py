"""From a description (SDP) to what takes its packets apart: which media of a camera are understood, and how. Pure."""

from __future__ import annotations

from typing import Final, Protocol

from sitewarden.wire import h264, h265, jpeg
from sitewarden.wire.formats import AudioFormat
from sitewarden.wire.nal import OnFormat, OnUnit
from sitewarden.wire.rtp_audio import Aac, AudioDepacketiser, AudioError, Latm, OnSound, Opus, Samples, aac_format, latm_config
from sitewarden.wire.sdp import Media, parameter_sets

VIDEO: Final = ("H264", "H265", "JPEG")
"""Encodings of pictures that are taken, as SDP names them."""
SPOKEN: Final = "H.264, H.265 or Motion JPEG"
_PCM: Final = {"PCMU": 1, "PCMA": 1, "L16": 2}
"""Bytes of a sample."""


class VideoDepacketiser(Protocol):
    """Takes payloads as `wire.rtp.Receiver` gives them."""

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None: ...

    @property
    def time(self) -> int | None: ...

    @property
    def dropped(self) -> int:
        """Pictures that were left out."""
        ...

    @property
    def waiting(self) -> bool:
        """True while only a key frame helps."""
        ...


def interleaved(media: Media) -> str:
    """Return what makes this video one that is not spoken (pictures out of decoding order), "" where all is well."""
    if media.encoding == "H264" and media.fmtp.get("packetization-mode", "0") == "2":
        return "the camera interleaves H.264 (packetization-mode 2), which is not spoken; set mode 1"
    if media.encoding == "H265" and any(
        media.fmtp.get(name, "0") not in ("0", "") for name in ("sprop-max-don-diff", "sprop-depack-buf-nalus")
    ):
        return "the camera interleaves H.265 (sprop-max-don-diff over 0), which is not spoken; switch that off in the camera"
    return ""


def video_depacketiser(media: Media, on_unit: OnUnit, on_format: OnFormat) -> VideoDepacketiser:
    """Return what takes this media's payloads; its encoding is one of VIDEO."""
    if media.encoding == "H265":
        return h265.Depacketiser(on_unit, on_format, parameter_sets(media))
    if media.encoding == "JPEG":
        return jpeg.Depacketiser(on_unit, on_format, media.size)
    return h264.Depacketiser(on_unit, on_format, parameter_sets(media))


def audio_depacketiser(media: Media, on_sound: OnSound) -> tuple[AudioFormat, AudioDepacketiser]:
    """Return the format of this media and what takes its payloads; raises AudioError, which says why, where there is none."""
    name, rate, channels = media.encoding, media.clock_rate, media.channels
    if name == "MPEG4-GENERIC":
        if media.fmtp.get("mode", "AAC-hbr").lower() not in ("aac-hbr", "aac-lbr"):
            raise AudioError(f"AAC in the mode {media.fmtp['mode'][:20]}")
        if _number(media, "auxiliarydatasizelength", 0) or _number(media, "constantsize", 0):
            raise AudioError("AAC with auxiliary data or constant sizes")
        found, frame = aac_format(_hex(media.fmtp.get("config", "")), rate)
        return found, Aac(on_sound, frame, _number(media, "sizelength", 13), _number(media, "indexlength", 3))
    if name == "MP4A-LATM":
        if media.fmtp.get("cpresent", "1") != "0":
            raise AudioError("AAC in LATM with its configuration in band")
        found, frame = aac_format(latm_config(media.fmtp.get("config", "")), rate)
        return found, Latm(on_sound, frame)
    if name == "OPUS":
        stereo = 2 if media.fmtp.get("sprop-stereo") == "1" else 1
        return AudioFormat(encoding="OPUS", codec="opus", rate=48000, channels=stereo), Opus(on_sound)
    if name in _PCM:
        if not 4000 <= rate <= 192_000 or not 1 <= channels <= 8:
            raise AudioError(f"{name} of {rate} Hz with {channels} channels")
        codec = {"PCMU": "ulaw", "PCMA": "alaw", "L16": "twos"}[name]
        made = AudioFormat(encoding=name, codec=codec, rate=rate, channels=channels)  # type: ignore[arg-type]
        return made, Samples(on_sound, _PCM[name] * channels)
    raise AudioError(name or "no known format")


def _number(media: Media, name: str, default: int) -> int:
    text = media.fmtp.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
