"""Any bytes give feedback within its limits; SRTCP of another key gives SrtpError alone."""

from __future__ import annotations

from sitewarden.wire import rtcp_feedback, srtp

SEEDS = [
    bytes.fromhex("80c900010000000181cd0004000000010000002a00070000fffe8005"),
    bytes.fromhex("81ce0002000000010000002a84ce0004000000010000000 00000002b01000000".replace(" ", "")),
    srtp.Outbound(srtp.GCM, bytes(16), bytes(12)).rtcp(bytes.fromhex("81c90001cafebabe")),
    srtp.Outbound(srtp.CM, bytes(16), bytes(14)).rtcp(bytes.fromhex("81c90001cafebabe")),
]


def check(data: bytes) -> None:
    found = rtcp_feedback.parse(data)
    assert len(found.missing) <= rtcp_feedback.MOST_MISSING
    assert all(0 <= ssrc < 1 << 32 and 0 <= number < 1 << 16 for ssrc, number in found.missing)
    for profile in (srtp.GCM, srtp.CM):
        try:
            srtp.Inbound(profile, b"k" * 16, b"s" * srtp.SALT[profile]).rtcp(data)
        except srtp.SrtpError:
            continue
        raise AssertionError("a packet of another key was opened")
