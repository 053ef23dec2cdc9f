"""RTSP replay of what a camera recorded itself (ONVIF Streaming Specification, clause 6), sans-IO.

A replay is an RTSP session with a range of wall time, as fast as the connection takes it ("Rate-Control: no"); an RTP header
extension gives each packet the time at which its picture was taken, by the camera's clock.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sitewarden.wire import rtsp_range
from sitewarden.wire.rtp import HEADER, NTP_EPOCH, ntp
from sitewarden.wire.rtsp_client import Client

FEATURE: Final = "onvif-replay"
PROFILE: Final = 0xABAC
"""Marks the header extension of a replay (clause 6.3)."""
_REQUIRED: Final = frozenset({"DESCRIBE", "SETUP", "PLAY"})
_EXTENSION: Final = struct.Struct(">HHQBB2x")
_HEAD: Final = 12


class Stamp(Struct, frozen=True, kw_only=True):
    """What the extension says of a packet."""

    wall: int
    """When its picture was taken by the camera's clock, microseconds since 1970 UTC."""
    clean: bool = False
    """C: it is decoded without what came before."""
    end: bool = False
    """E: the last of a stretch without a gap."""
    gap: bool = False
    """D: it does not follow what came before."""
    last: bool = False
    """T: nothing comes after it."""


def read_stamp(data: bytes, start: int, end: int) -> Stamp | None:
    """Return the stamp of the RTP packet `data[start:end]`; None where it has none, or is no whole packet."""
    if end - start < _HEAD or data[start] >> 6 != 2 or not data[start] & 0x10:
        return None
    place = start + _HEAD + 4 * (data[start] & 0x0F)
    if place + _EXTENSION.size > end:
        return None
    profile, words, time, flags, _ = _EXTENSION.unpack_from(data, place)
    if profile != PROFILE or words < 3:
        return None
    wall = ((time >> 32) - NTP_EPOCH) * 1_000_000 + ((time & 0xFFFFFFFF) * 1_000_000 + (1 << 31) >> 32)
    return Stamp(wall=wall, clean=bool(flags & 0x80), end=bool(flags & 0x40), gap=bool(flags & 0x20), last=bool(flags & 0x10))


def stamped(packet: bytes, stamp: Stamp, sequence: int = 0) -> bytes:
    """Return a packet with a plain header, with the extension put into it; `sequence` is the CSeq of its PLAY."""
    flags = stamp.clean << 7 | stamp.end << 6 | stamp.gap << 5 | stamp.last << 4
    extension = _EXTENSION.pack(PROFILE, 3, ntp(stamp.wall), flags, sequence & 0xFF)
    first, *rest = HEADER.unpack_from(packet)
    return HEADER.pack(first | 0x10, *rest) + extension + packet[_HEAD:]


class ReplayClient(Client):
    """A session that plays [start, end) of a recording, over TCP. Times are the camera's, microseconds since 1970 UTC."""

    def __init__(self, url: str, username: str, password: str, start: int, end: int, *, audio: bool = False) -> None:
        super().__init__(url, username, password, audio=audio)
        self._range = rtsp_range.clock(start, end)

    def _request(self, method: str, target: str, *headers: tuple[str, str]) -> bytes:
        required = ("Require", FEATURE)
        if method == "PLAY":
            headers = (("Range", self._range), ("Rate-Control", "no"))
        if method in _REQUIRED and required not in headers:
            headers = (*headers, required)
        return super()._request(method, target, *headers)


__all__: Sequence[str] = ["FEATURE", "PROFILE", "ReplayClient", "Stamp", "read_stamp", "stamped"]
