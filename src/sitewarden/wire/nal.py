"""What H.264 and H.265 share: bits of a parameter set, NAL units of one timestamp made an access unit, byte streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.rtp import Receiver
from sitewarden.wire.rtp_clock import unwrap

MAX_UNIT: Final = 8 * 1024 * 1024
"""Bytes of an access unit; a 4K key frame has about 1 MiB."""
MAX_NALS: Final = 4096
MAX_SET: Final = 4096
"""Bytes of a parameter set."""
MAX_SIDE: Final = 16384
"""Pixels of a picture's side."""

OnUnit = Callable[[Sequence[bytes], int, bool], None]
"""`(parts, rtp_time, key)`: one access unit without parameter sets, its unwrapped 90 kHz time, whether it is a key frame."""
OnFormat = Callable[[VideoFormat], None]
"""The format from the next access unit on."""


class NalError(ValueError):
    """The bytes are no parameter set that can be understood."""


class Bits:
    """Reads bytes bit by bit (H.264, 7.2 and 9.1; H.265, 7.2 and 9.2)."""

    def __init__(self, body: bytes, error: type[ValueError] = NalError) -> None:
        self._value = int.from_bytes(body, "big")
        self._left = 8 * len(body)
        self._error = error

    def u(self, count: int) -> int:
        if count > self._left:
            raise self._error("a description is cut")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 31:
                raise self._error("an Exp-Golomb code of more than 32 bits")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def rbsp(body: bytes) -> bytes:
    """Return a NAL unit's body without its emulation prevention bytes."""
    return body.replace(b"\x00\x00\x03", b"\x00\x00")


class Assembler:
    """NAL units of one stream to access units; the codec's depacketiser derives from it and feeds it.

    An access unit ends at the marker bit or, where a camera sets none, at the next timestamp. After a loss everything up to
    the next key frame is dropped, counted in `dropped`, so that what is recorded always decodes.
    """

    def __init__(self, on_unit: OnUnit, on_format: OnFormat) -> None:
        self._on_unit = on_unit
        self._on_format = on_format
        self._changed = False
        self._announced = False
        self._nals: list[bytes] = []
        self._parts: list[bytes] = []
        self._middle = b""
        """What the payloads between the first and the last of the NAL unit in `_parts` begin with."""
        self._size = 0
        self._timestamp = -1
        self._time: int | None = None
        self._picture = self._key = False
        self._wait_key = True
        self._broken = False
        self._leading = self._skip_leading = False
        self.dropped = 0
        """Access units that were left out."""

    def run(self, receiver: Receiver, channel: int, data: bytes, position: int, total: int) -> int:
        """Take the interleaved packets that go on with the NAL unit begun, all at once; return where others begin."""
        parts, ahead = self._parts, total - position
        # Near the limits packets are taken one by one, so that they hold as exactly.
        if not parts or self._size + ahead > MAX_UNIT or len(parts) + ahead // 16 > MAX_UNIT // 256:
            return position
        before = len(parts)
        after = receiver.run(data, position, total, (channel, self._timestamp, self._middle), parts)
        self._size += after - position - 16 * (len(parts) - before)
        return after

    def burst(self, receiver: Receiver, batch: Sequence[bytes], index: int, arrival: float) -> int:
        """Take the datagrams that go on with the NAL unit begun, all at once; return the index of the first other one."""
        parts, before = self._parts, len(self._parts)
        if not parts or self._size + sum(map(len, batch)) > MAX_UNIT or before + len(batch) > MAX_UNIT // 256:
            return index
        after = receiver.burst(batch, index, arrival, (self._timestamp, self._middle), parts)
        self._size += sum(map(len, islice(parts, before, None)))
        return after

    def _format(self) -> VideoFormat | None:
        """Return the format of the parameter sets in force, None while one is missing."""
        raise NotImplementedError

    def _limit(self) -> None:
        """Give up an access unit without an end."""
        if self._size > MAX_UNIT or len(self._nals) > MAX_NALS or len(self._parts) > MAX_UNIT // 256:
            self._broken = True
            self._nals, self._parts, self._size = [], [], 0

    def _close(self, cut: bool) -> None:
        """End the access unit; `cut` where its last packets may be missing."""
        nals, key, picture = self._nals, self._key, self._picture
        broken = self._broken or bool(self._parts) or cut
        leading, self._leading = self._leading, False
        self._nals, self._parts, self._size = [], [], 0
        self._picture = self._key = self._broken = False
        if not picture and not broken:
            return
        self._time = self._timestamp if self._time is None else unwrap(self._time, self._timestamp)
        if broken:
            self._wait_key = True
        if (self._wait_key and (broken or not key)) or (leading and self._skip_leading):
            self.dropped += 1
            return
        if self._changed and key:
            found = self._format()
            if found is None:
                self._wait_key = True
                self.dropped += 1
                return
            self._changed = False
            self._announced = True
            self._on_format(found)
        elif self._wait_key and not self._announced:
            self.dropped += 1
            return
        if key:
            self._skip_leading = self._wait_key
            self._wait_key = False
        self._on_unit(nals, self._time, key)

    @property
    def waiting(self) -> bool:
        """True while everything is left out up to the next key frame."""
        return self._wait_key

    @property
    def time(self) -> int | None:
        """Unwrapped time of the last access unit that ended; None before the first."""
        return self._time


def split_annex_b(data: bytes) -> list[bytes]:
    """Return the NAL units of a byte stream with start codes (H.264 and H.265, annex B)."""
    return [part.rstrip(b"\x00") for part in data.split(b"\x00\x00\x01")[1:] if part.rstrip(b"\x00")]
