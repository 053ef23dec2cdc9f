"""Byte counters that cost nothing per packet: the kernel counts TCP, a protocol may count its own datagrams."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

TCP_INFO = 11
BYTES_ACKED = 120
BYTES_SENT = 200
"""Offsets of tcpi_bytes_acked, tcpi_bytes_received (u64, linux/tcp.h since 4.1) and tcpi_bytes_sent (since 4.19)."""

SO_MEMINFO = 55
SK_MEMINFO_DROPS = 8


def tcp_bytes(transport: asyncio.BaseTransport) -> tuple[int, int] | None:
    """Return (in, out) bytes of a TCP connection as the kernel counts them, TLS included; None where it cannot tell."""
    raw = _option(transport, socket.IPPROTO_TCP, TCP_INFO, 256)
    if raw is None or len(raw) < BYTES_ACKED + 16:
        return None
    acked, received = struct.unpack_from("QQ", raw, BYTES_ACKED)
    sent = struct.unpack_from("Q", raw, BYTES_SENT)[0] if len(raw) >= BYTES_SENT + 8 else acked
    return received, sent


def dropped(transport: asyncio.BaseTransport) -> int:
    """Return how many datagrams the kernel dropped because the receive buffer was full."""
    raw = _option(transport, socket.SOL_SOCKET, SO_MEMINFO, 64)
    words = len(raw) // 4 if raw else 0
    return int(struct.unpack_from(f"{words}I", raw)[SK_MEMINFO_DROPS]) if raw and words > SK_MEMINFO_DROPS else 0


def _option(transport: asyncio.BaseTransport, level: int, option: int, size: int) -> bytes | None:
    shown: Any = transport.get_extra_info("socket")
    if shown is None or shown.family not in (socket.AF_INET, socket.AF_INET6):
        return None
    descriptor = shown.fileno()
    if descriptor < 0:
        return None
    try:
        real = socket.socket(shown.family, shown.type, shown.proto, fileno=descriptor)
    except OSError:
        return None
    try:
        return real.getsockopt(level, option, size)
    except OSError:
        return None
    finally:
        real.detach()
