"""What a stream's pictures and sound are coded as: the words that ingest, files and live viewing share. Pure."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

VideoEncoding = Literal["H264", "H265", "JPEG"]
AudioEncoding = Literal["AAC", "OPUS", "PCMU", "PCMA", "L16"]

JPEG_CODEC: Final = "mp4v.6C"
"""RFC 6381: MPEG-4's object type for JPEG (ISO/IEC 14496-1, table 5)."""


class VideoFormat(Struct, frozen=True, kw_only=True):
    """Coded pictures. An access unit is a sequence of NAL units, or one JPEG file."""

    encoding: VideoEncoding
    """By the names of RFC 6184, RFC 7798 and RFC 2435."""
    codec: str
    """RFC 6381: "avc1.64001f", "hvc1.1.6.L93.B0", "mp4v.6C"."""
    width: int
    height: int
    parameter_sets: tuple[bytes, ...] = ()
    """Raw NAL units: SPS and PPS, before them VPS for H.265."""


class AudioFormat(Struct, frozen=True, kw_only=True):
    """Coded sound."""

    encoding: AudioEncoding
    codec: str
    """RFC 6381 where it has a word ("mp4a.40.2", "opus"), the sample entry's name elsewhere ("ulaw", "alaw", "twos")."""
    rate: int
    """Units of its RTP clock a second, which is the samples a second of all that is taken here."""
    channels: int
    config: bytes = b""
    """AudioSpecificConfig of AAC (ISO/IEC 14496-3, 1.6.2.1)."""

    @property
    def plain(self) -> bool:
        """True for PCM, which browsers take only as FLAC."""
        return self.encoding in ("PCMU", "PCMA", "L16")


def codecs(video: VideoFormat, audio: AudioFormat | None) -> str:
    """Return the codecs of both as the parameter of RFC 6381: "avc1.64001f,mp4a.40.2"."""
    return f"{video.codec},{audio.codec}" if audio else video.codec
