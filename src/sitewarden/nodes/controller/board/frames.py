"""Headers of OSDP frames on a line (IEC 60839-11-5, clause 5.9): who says what, to tell why a reader does not work. Pure.

libosdp checks and reads the frames themselves and tells no reason; check characters are not looked at here.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

MAX_FRAME: Final = 1440
_START: Final = 0x53
_SHORTEST: Final = 7

# Commands and replies by the names of the standard.
POLL, ID, CAP, LSTAT, ISTAT, OSTAT, OUT, LED, BUZ, KEYSET, CHLNG, SCRYPT = (
    0x60, 0x61, 0x62, 0x64, 0x65, 0x66, 0x68, 0x69, 0x6A, 0x75, 0x76, 0x77,
)  # fmt: skip
ACK, NAK, PDCAP, CCRYPT, RMAC_I = 0x40, 0x41, 0x46, 0x76, 0x78


class Frame(Struct, frozen=True):
    """What a frame's header says. `block` and `flag` are type and first byte of its security block, 0 without one."""

    address: int
    reply: bool
    code: int
    block: int = 0
    flag: int = 0
    first: int = 0
    """First byte of the data; enciphered under blocks 17 and 18."""


class Frames:
    """Cuts the bytes of one direction into frames; what is no frame is skipped. Keeps at most one frame's bytes."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that these bytes complete."""
        self._held += data
        found: list[Frame] = []
        while True:
            at = self._held.find(_START)
            if at < 0:
                self._held.clear()
                return found
            del self._held[:at]
            if len(self._held) < 4:
                return found
            length = self._held[2] | self._held[3] << 8
            if not _SHORTEST <= length <= MAX_FRAME:
                del self._held[0]
                continue
            if len(self._held) < length:
                return found
            frame = _read(bytes(self._held[:length]))
            del self._held[: length if frame is not None else 1]
            if frame is not None:
                found.append(frame)

    def clear(self) -> None:
        """Forget the beginning of a frame."""
        self._held.clear()


def _read(data: bytes) -> Frame | None:
    control, at, block, flag = data[4], 5, 0, 0
    end = len(data) - (2 if control & 4 else 1)
    if control & 8:
        size = data[5]
        if size < 2 or at + size >= end:
            return None
        block = data[6]
        flag = data[7] if size > 2 else 0
        at += size
    if at >= end:
        return None
    first = data[at + 1] if at + 1 < end else 0
    return Frame(data[1] & 0x7F, bool(data[1] & 0x80), data[at], block, flag, first)
