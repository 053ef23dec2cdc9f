"""Any packet has a stamp of a possible time or none; a stamp that is put into a packet is read again."""

from __future__ import annotations

from sitewarden.wire import rtp
from sitewarden.wire.rtsp_replay import Stamp, read_stamp, stamped

SEEDS = [
    stamped(rtp.build(96, 1, 2, 3, True, b"payload"), Stamp(wall=1_763_726_400_000_000, clean=True), 7),
    rtp.build(96, 1, 2, 3, True, b"payload"),
    bytes.fromhex("916000070000005a0000000300000001abac0003ecca5ac0000000008005000061"),
]


def check(data: bytes) -> None:
    found = read_stamp(data, 0, len(data))
    if found is None:
        return
    assert -2_208_988_800_000_000 <= found.wall <= 2_086_000_000_000_000
    packet = stamped(rtp.build(96, 1, 2, 3, False, b""), found)
    again = read_stamp(packet, 0, len(packet))
    assert again is not None and abs(again.wall - found.wall) <= 1
