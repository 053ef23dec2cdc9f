"""A player of its own process: Debian's libvlc opens an address, decodes without a screen, and prints what it counted.

`python -m tests.interop.vlc_player ADDRESS SECONDS PICTURES` ends once so many pictures were decoded, or the time is over.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time


class Stats(ctypes.Structure):
    """libvlc_media_stats_t of libvlc 3."""

    _fields_ = [
        ("read_bytes", ctypes.c_int),
        ("input_bitrate", ctypes.c_float),
        ("demux_read_bytes", ctypes.c_int),
        ("demux_bitrate", ctypes.c_float),
        ("demux_corrupted", ctypes.c_int),
        ("demux_discontinuity", ctypes.c_int),
        ("decoded_video", ctypes.c_int),
        ("decoded_audio", ctypes.c_int),
        ("displayed_pictures", ctypes.c_int),
        ("lost_pictures", ctypes.c_int),
        ("played_abuffers", ctypes.c_int),
        ("lost_abuffers", ctypes.c_int),
        ("sent_packets", ctypes.c_int),
        ("sent_bytes", ctypes.c_int),
        ("send_bitrate", ctypes.c_float),
    ]


def main(address: str, seconds: float, pictures: int) -> None:
    """Play, and say what came of it."""
    vlc = ctypes.CDLL("libvlc.so.5")
    for name in ("libvlc_new", "libvlc_media_new_location", "libvlc_media_player_new_from_media"):
        getattr(vlc, name).restype = ctypes.c_void_p
    options = [
        b"--quiet",
        b"--vout=dummy",
        b"--aout=dummy",
        b"--no-video-title-show",
        b"--network-caching=300",
        b"--ignore-config",
    ]
    instance = vlc.libvlc_new(len(options), (ctypes.c_char_p * len(options))(*options))
    media = vlc.libvlc_media_new_location(ctypes.c_void_p(instance), address.encode())
    player = vlc.libvlc_media_player_new_from_media(ctypes.c_void_p(media))
    vlc.libvlc_media_player_play(ctypes.c_void_p(player))
    stats, ends = Stats(), time.monotonic() + seconds
    while time.monotonic() < ends and stats.displayed_pictures < pictures:
        time.sleep(0.1)
        vlc.libvlc_media_get_stats(ctypes.c_void_p(media), ctypes.byref(stats))
    sys.stdout.write(json.dumps({name: getattr(stats, name) for name, _ in Stats._fields_}))
    sys.stdout.flush()
    # libvlc's own end waits for threads that a stalled stream holds; what was counted is all that is wanted.
    import os

    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
