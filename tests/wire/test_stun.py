from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sitewarden.wire import stun

# RFC 5769, 2.1 and 2.2.
PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"
REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae8022001053 54554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)
RESPONSE = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
)


def test_the_request_of_the_standard_is_read() -> None:
    message = stun.parse(REQUEST)
    assert message.kind == stun.REQUEST
    assert message.get(stun.USERNAME) == b"evtj:h6vY"
    assert message.get(stun.ICE_CONTROLLED) is not None
    assert message.get(stun.USE_CANDIDATE) is None
    assert message.authentic(PASSWORD)
    assert not message.authentic(b"another")


def test_the_response_of_the_standard_names_its_address() -> None:
    message = stun.parse(RESPONSE)
    assert message.authentic(PASSWORD)
    ours = stun.parse(stun.answer(message, "192.0.2.1", 32853, PASSWORD))
    assert ours.get(stun.XOR_MAPPED_ADDRESS) == message.get(stun.XOR_MAPPED_ADDRESS)


@pytest.mark.parametrize("broken", [REQUEST[:-1], REQUEST + b"\0", REQUEST[:19], b"\x40" + REQUEST[1:], bytes(20)])
def test_what_is_no_message_is_refused(broken: bytes) -> None:
    with pytest.raises(stun.StunError):
        stun.parse(broken)


@given(st.integers(0, len(REQUEST) * 8 - 1))
@example(509)
def test_a_turned_bit_is_noticed(bit: int) -> None:
    broken = bytearray(REQUEST)
    broken[bit // 8] ^= 1 << bit % 8
    try:
        message = stun.parse(bytes(broken))
    except stun.StunError:
        return
    # Only the kind of the fingerprint's attribute can be turned without loss: a longer attribute swallows the proof behind it.
    assert not message.authentic(PASSWORD) or bit // 8 in (len(REQUEST) - 8, len(REQUEST) - 7)


@given(st.ip_addresses(), st.integers(1, 65535), st.binary(min_size=12, max_size=12), st.binary(min_size=1, max_size=64))
def test_an_answer_tells_where_the_request_came_from(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, transaction: bytes, key: bytes
) -> None:
    request = stun.parse(stun.build(stun.REQUEST, transaction, [(stun.USERNAME, b"a:b")], key))
    assert request.authentic(key)
    answer = stun.parse(stun.answer(request, str(address), port, key))
    assert answer.kind == stun.SUCCESS and answer.transaction == transaction and answer.authentic(key)
    value = answer.get(stun.XOR_MAPPED_ADDRESS)
    assert value is not None
    mask = stun.COOKIE.to_bytes(4, "big") + transaction
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped
    packed = (mapped or address).packed
    assert bytes(one ^ other for one, other in zip(value[4:], mask, strict=False)) == packed
    assert int.from_bytes(value[2:4], "big") ^ stun.COOKIE >> 16 == port
