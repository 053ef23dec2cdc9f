"""Any bytes are a beacon that can be written again, or none; no bytes but a sealed question pass for one."""

from __future__ import annotations

from sitewarden.wire import probe

TOKEN, OTHER, SESSION, NONCE = b"t" * 16, b"o" * 16, b"s" * 8, b"n" * 16
QUESTION = probe.seal("Q", TOKEN, 3000, SESSION, NONCE)
BEACON = probe.Beacon(group=1, ttl=16, phase=0, machine=b"m" * 8, number=7, interval=100, sent=1_700_000_000_000_000)
SEEDS = [
    QUESTION,
    probe.seal("A", TOKEN, 3000, SESSION, NONCE),
    probe.seal("Q", OTHER, 3000, SESSION, NONCE),
    probe.encode_beacon(BEACON),
    b"",
]


def check(data: bytes) -> None:
    beacon = probe.decode_beacon(data)
    if beacon is not None:
        assert probe.encode_beacon(beacon) == data
    if probe.unseal("Q", TOKEN, 3000, SESSION, data) is not None:
        assert data == QUESTION
