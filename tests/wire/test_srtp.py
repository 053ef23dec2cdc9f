from __future__ import annotations

import pytest

from sitewarden.wire import srtp

KEY = bytes(range(16))
SALTS = {srtp.GCM: bytes(range(100, 112)), srtp.CM: bytes(range(100, 114))}
FIRST = bytes.fromhex("8060fffe00000005cafebabe") + b"hello, viewer"
SECOND = bytes.fromhex("8060000100000005cafebabe") + b"hello, viewer"
REPORT = bytes.fromhex("81c90007cafebabe") + bytes(24)
# What libsrtp 2 makes of the three with these keys: the second is past a rollover of the sequence number.
TABLE = {
    srtp.GCM: (
        "8060fffe00000005cafebabe38cac5802ccbdfcfdd03d04c076d1256a3f091f54f7f8b1b85045f1422",
        "8060000100000005cafebabe6ffb1ef8a0cad787ccc2b8f41db81848a1f7806c713be42fcbe1306a06",
        "81c90007cafebabecb508819378f6fc1a0fa3d4eb3f51b70cae9185390d56684732fe32d1f5b9142364194bff3f0380180000001",
    ),
    srtp.CM: (
        "8060fffe00000005cafebabeb2438d28edbc3e71855a612400b51cb05493db7fe671bd",
        "8060000100000005cafebabeec77ebe20c568228bc6709d447fbdafd98ca9cb65c9e94",
        "81c90007cafebabe9d02c23c76519adea5207b8158f6eccc14378df8a1d626eb80000001352ef2936b10ecc82cc1",
    ),
}
both = pytest.mark.parametrize("profile", [srtp.GCM, srtp.CM])


def test_session_keys_are_those_of_the_standard() -> None:
    """RFC 3711, B.3."""
    key, salt = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139"), bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    assert srtp.derive(key, salt, 0, 16).hex() == "c61e7a93744f39ee10734afe3ff7a087"
    assert srtp.derive(key, salt, 2, 14).hex() == "30cbbc08863d8c85d49db34a9ae1"
    assert srtp.derive(key, salt, 1, 20).hex() == "cebe321f6ff7716b6fd4ab49af256a156d38baa4"


@both
def test_packets_are_those_of_another_implementation(profile: str) -> None:
    outbound = srtp.Outbound(profile, KEY, SALTS[profile])
    assert (outbound.rtp(FIRST).hex(), outbound.rtp(SECOND).hex(), outbound.rtcp(REPORT).hex()) == TABLE[profile]


@both
def test_reports_are_opened_once(profile: str) -> None:
    inbound = srtp.Inbound(profile, KEY, SALTS[profile])
    packet = bytes.fromhex(TABLE[profile][2])
    assert inbound.rtcp(packet) == REPORT
    with pytest.raises(srtp.SrtpError, match="twice"):
        inbound.rtcp(packet)


@both
def test_late_reports_are_taken_within_the_window(profile: str) -> None:
    outbound, inbound = srtp.Outbound(profile, KEY, SALTS[profile]), srtp.Inbound(profile, KEY, SALTS[profile])
    packets = [outbound.rtcp(REPORT) for _ in range(srtp.WINDOW + 2)]
    assert inbound.rtcp(packets[-1]) == REPORT
    assert inbound.rtcp(packets[2]) == REPORT
    with pytest.raises(srtp.SrtpError):
        inbound.rtcp(packets[0])


@both
def test_a_changed_report_is_refused(profile: str) -> None:
    packet = bytearray.fromhex(TABLE[profile][2])
    inbound = srtp.Inbound(profile, KEY, SALTS[profile])
    for place in range(len(packet)):
        packet[place] ^= 1
        with pytest.raises(srtp.SrtpError):
            inbound.rtcp(bytes(packet))
        packet[place] ^= 1
    for size in range(len(packet)):
        with pytest.raises(srtp.SrtpError):
            inbound.rtcp(bytes(packet[:size]))
    assert inbound.rtcp(bytes(packet)) == REPORT


@both
def test_exported_keys_are_split_by_side(profile: str) -> None:
    size = srtp.material(profile)
    client, server = srtp.split(profile, bytes(range(size)))
    salt = srtp.SALT[profile]
    assert client == (bytes(range(16)), bytes(range(32, 32 + salt)))
    assert server == (bytes(range(16, 32)), bytes(range(32 + salt, size)))
