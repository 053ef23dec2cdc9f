"""Any bytes are a datagram of a controller that can be written again, or are refused as Invalid; none passes a guard unsigned."""

from __future__ import annotations

from sitewarden.domain.errors import Forbidden, Invalid
from sitewarden.wire import device_udp as wire

KEY = b"k" * 32
STAMP = wire.Stamp("front", b"B" * 8, 1000, b"N" * 16)
SEEDS = [
    wire.encode(message, KEY)
    for message in (
        wire.Search(b"n" * 8, "front", 100),
        wire.Found(b"n" * 8, "front", "model", "1.0", "02:00:00:00:00:01", wire.Ipv4(False, "10.0.0.5", 24), "server", "s:1480",
                   True, b"B" * 8, 1000),
        wire.SetNetwork(STAMP, wire.Ipv4(True)),
        wire.Confirm(STAMP),
        wire.Reset(STAMP),
        wire.Done("front", b"N" * 16),
        wire.Refused("front", b"N" * 16, "conflict", "It came before."),
    )
]  # fmt: skip


def check(data: bytes) -> None:
    try:
        read = wire.decode(data)
    except Invalid:
        return
    assert wire.decode(wire.encode(read.message, KEY)).message == read.message
    if isinstance(read.message, wire.SetNetwork):
        try:
            wire.check_network(read.message.network)
        except Invalid:
            pass
    try:
        assert wire.Guard("front", b"other" * 6, b"B" * 8).admit(read, 1000) is None
    except Forbidden:
        pass
