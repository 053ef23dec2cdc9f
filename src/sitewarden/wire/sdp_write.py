"""Session descriptions of what we serve (RFC 8866), with the parameters of each payload format. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from sitewarden.wire import h265
from sitewarden.wire.formats import AudioFormat, VideoFormat

VIDEO: Final = 96
AUDIO: Final = 97
JPEG: Final = 26
_STATIC: Final = {("PCMU", 8000, 1): 0, ("PCMA", 8000, 1): 8}


def video_type(video: VideoFormat) -> int:
    """Return the payload type of these pictures."""
    return JPEG if video.encoding == "JPEG" else VIDEO


def audio_type(audio: AudioFormat) -> int:
    """Return the payload type of this sound: the static one where there is one (RFC 3551, 6)."""
    return _STATIC.get((audio.encoding, audio.rate, audio.channels), AUDIO)


def describe(
    name: str,
    origin: str,
    version: int,
    video: VideoFormat,
    audio: AudioFormat | None,
    controls: Sequence[str],
    *,
    duration: int | None = None,
) -> bytes:
    """Return the description of a session: pictures, then maybe sound, under these controls.

    `origin` is our address, `version` a number that grows with changes, `duration` a recording's length in microseconds.
    """
    family = "IP6" if ":" in origin else "IP4"
    unspecified = "::" if family == "IP6" else "0.0.0.0"  # noqa: S104 a description's word for "ask the transport"
    lines = [
        "v=0",
        f"o=- {version} {version} IN {family} {origin}",
        f"s={' '.join(name.split()) or '-'}",
        f"c=IN {family} {unspecified}",
        "t=0 0",
        "a=control:*",
        f"a=range:npt=0-{duration / 1e6:.3f}" if duration is not None else "a=range:npt=now-",
        "a=recvonly",
        f"m=video 0 RTP/AVP {video_type(video)}",
        *_video(video),
        f"a=control:{controls[0]}",
    ]
    if audio is not None:
        lines += [f"m=audio 0 RTP/AVP {audio_type(audio)}", *_audio(audio), f"a=control:{controls[1]}"]
    return ("\r\n".join(lines) + "\r\n").encode()


def _video(video: VideoFormat) -> list[str]:
    sets = video.parameter_sets
    if video.encoding == "JPEG":
        lines = [f"a=rtpmap:{JPEG} JPEG/90000"]
        # Sides over 2040 do not fit the payload's header (RFC 2435, 3.1.5).
        return [*lines, f"a=framesize:{JPEG} {video.width}-{video.height}", f"a=x-dimensions:{video.width},{video.height}"]
    if video.encoding == "H265":
        named = [
            f"sprop-{word}={','.join(_base64(one) for one in sets if h265.kind(one) == kind)}"
            for word, kind in (("vps", h265.VPS), ("sps", h265.SPS), ("pps", h265.PPS))
        ]
        return [f"a=rtpmap:{VIDEO} H265/90000", f"a=fmtp:{VIDEO} {';'.join(named)}"]
    level = video.codec.partition(".")[2]
    settings = [
        "packetization-mode=1",
        f"profile-level-id={level}",
        f"sprop-parameter-sets={','.join(_base64(one) for one in sets)}",
    ]
    return [f"a=rtpmap:{VIDEO} H264/90000", f"a=fmtp:{VIDEO} {';'.join(settings)}"]


def _audio(audio: AudioFormat) -> list[str]:
    number = audio_type(audio)
    if audio.encoding == "AAC":
        mode = "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3"
        return [
            f"a=rtpmap:{number} mpeg4-generic/{audio.rate}/{audio.channels}",
            f"a=fmtp:{number} {mode};config={audio.config.hex()}",
        ]
    if audio.encoding == "OPUS":
        # Always 48000 and 2 channels (RFC 7587, 7); whether it is stereo is a parameter.
        return [f"a=rtpmap:{number} opus/48000/2", f"a=fmtp:{number} sprop-stereo={int(audio.channels == 2)}"]
    channels = f"/{audio.channels}" if audio.channels > 1 else ""
    return [f"a=rtpmap:{number} {audio.encoding}/{audio.rate}{channels}"]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
