"""PCM as FLAC frames without compression (RFC 9639): what browsers play of G.711 and L16, made without a codec. Pure.

Each frame is one block of verbatim subframes of 16 bits, so nothing is lost.
"""

from __future__ import annotations

import struct
from array import array
from typing import Final

from sitewarden.wire.formats import AudioFormat

MAX_BLOCK: Final = 65535
"""Samples of one frame."""
MAX_CHANNELS: Final = 8


def _ulaw(code: int) -> int:
    """G.711 µ-law to linear (ITU-T G.711, table 2)."""
    code = ~code & 0xFF
    value = ((code & 0x0F) << 3 | 0x84) << (code >> 4 & 7)
    return 0x84 - value if code & 0x80 else value - 0x84


def _alaw(code: int) -> int:
    """G.711 A-law to linear (ITU-T G.711, table 1)."""
    code ^= 0x55
    exponent, value = code >> 4 & 7, (code & 0x0F) << 4 | 8
    if exponent:
        value = (value | 0x100) << (exponent - 1)
    return value if code & 0x80 else -value


_LINEAR = {
    "PCMU": [struct.pack(">h", _ulaw(code)) for code in range(256)],
    "PCMA": [struct.pack(">h", _alaw(code)) for code in range(256)],
}


def _crc(width: int, polynomial: int) -> list[int]:
    table = []
    for byte in range(256):
        value = byte << (width - 8)
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> (width - 1) else 0)
            value &= (1 << width) - 1
        table.append(value)
    return table


_CRC8, _CRC16 = _crc(8, 0x07), _crc(16, 0x8005)


def linear(encoding: str, data: bytes) -> bytes:
    """Return G.711 or L16 as interleaved samples of 16 bits, big endian."""
    table = _LINEAR.get(encoding)
    return b"".join([table[code] for code in data]) if table else data


def stream_info(rate: int, channels: int) -> bytes:
    """Return STREAMINFO (8.2) for blocks of any size."""
    packed = rate << 44 | (channels - 1) << 41 | 15 << 36
    return struct.pack(">HH", 16, MAX_BLOCK) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)


def frame(pcm: bytes, channels: int, position: int) -> bytes:
    """Return interleaved big-endian samples as one frame (9.1); `position` is the first one's number in the stream."""
    count = len(pcm) // (2 * channels)
    head = b"\xff\xf9" + bytes((0x70, (channels - 1) << 4 | 0x08)) + _number(position) + struct.pack(">H", count - 1)
    body = [head, bytes((_check8(head),))]
    if channels == 1:
        body += (b"\x02", pcm[: count * 2])
    else:
        values = array("H", pcm[: count * 2 * channels])
        for channel in range(channels):
            body += (b"\x02", values[channel::channels].tobytes())
    whole = b"".join(body)
    crc = 0
    for byte in whole:
        crc = (crc << 8 & 0xFFFF) ^ _CRC16[crc >> 8 ^ byte]
    return whole + crc.to_bytes(2, "big")


def frames(audio: AudioFormat, data: list[bytes], position: int) -> list[bytes]:
    """Return PCM of this format, a piece a frame, as FLAC; what is longer than MAX_BLOCK is cut."""
    made = []
    for piece in data:
        pcm = linear(audio.encoding, piece)[: MAX_BLOCK * 2 * audio.channels]
        made.append(frame(pcm, audio.channels, position))
        position += len(pcm) // (2 * audio.channels)
    return made


def _check8(head: bytes) -> int:
    crc = 0
    for byte in head:
        crc = _CRC8[crc ^ byte]
    return crc


def _number(value: int) -> bytes:
    """A number of up to 36 bits, coded as UTF-8 does (9.1.5)."""
    value &= 0xF_FFFF_FFFF
    if value < 0x80:
        return bytes((value,))
    size = next(count for count in range(2, 8) if value < 1 << (5 * count + 1))
    first = (0xFF00 >> size & 0xFF) | value >> 6 * (size - 1)
    return bytes((first, *(0x80 | value >> 6 * place & 0x3F for place in range(size - 2, -1, -1))))
