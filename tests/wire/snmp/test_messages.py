"""Messages of versions 1 and 2c, byte for byte; a trap of version 1 as one of version 2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.snmp import ber, community, pdu
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.community import V1, V2C, Message
from sitewarden.wire.snmp.pdu import Kind, Pdu, TrapV1, Varbind

UP_TIME = ber.oid("1.3.6.1.2.1.1.3.0")

TABLE = [
    (
        "302602010104067075626c6963a019020101020100020100300e300c06082b060102010103000500",
        Message(V2C, b"public", Pdu(Kind.GET, 1, 0, 0, [Varbind(UP_TIME, ber.NULL, None)])),
    ),
    (
        "302902010104067075626c6963a21c0202009a0201000201003010300e06082b06010201010300430200c8",
        Message(V2C, b"public", Pdu(Kind.RESPONSE, 154, 0, 0, [Varbind(UP_TIME, ber.TIMETICKS, 200)])),
    ),
    (
        "302502010004067075626c6963a1180201010201000201ff300d300b06072b0601020101030500",
        Message(V1, b"public", Pdu(Kind.GET_NEXT, 1, 0, -1, [Varbind(UP_TIME[:-1], ber.NULL, None)])),
    ),
]
TRAP = (
    "303b02010004067075626c6963a42e06092b06010401bf08030240047f0000010201060201114301073012301006082b06010201010500040474657874"
)


@pytest.mark.parametrize(("data", "message"), TABLE)
def test_messages(data: str, message: Message) -> None:
    raw = bytes.fromhex(data)
    assert community.read(raw) == message
    assert community.version(raw) == message.version
    assert community.write(message.version, message.community, pdu.write(message.pdu)) == raw


@pytest.mark.parametrize("at", [1, 14, 42])
def test_a_message_whose_parts_do_not_end_together_is_refused(at: int) -> None:
    raw = bytearray.fromhex(TRAP)
    raw[at] -= 1
    with pytest.raises(WireError):
        community.read(bytes(raw))


def test_a_trap_of_version_1_becomes_one_of_version_2() -> None:
    raw = bytes.fromhex(TRAP)
    found = community.read(raw)
    assert isinstance(found.pdu, TrapV1)
    assert community.write(found.version, found.community, pdu.write(found.pdu)) == raw
    same = found.pdu.as_v2()
    assert [(ber.oid_text(name), tag, value) for name, tag, value in same.varbinds] == [
        ("1.3.6.1.2.1.1.3.0", ber.TIMETICKS, 7),
        ("1.3.6.1.6.3.1.1.4.1.0", ber.OID, ber.oid("1.3.6.1.4.1.8072.3.2.0.17")),
        ("1.3.6.1.2.1.1.5.0", ber.OCTETS, b"text"),
    ]
    link_down = found.pdu._replace(generic=2).as_v2().varbinds[1].value
    assert link_down == ber.oid("1.3.6.1.6.3.1.1.5.3")


VALUES = [
    (ber.INTEGER, -(2**31), "02048000 0000"),
    (ber.OCTETS, b"", "0400"),
    (ber.COUNTER32, 2**32 - 1, "410500ffffffff"),
    (ber.GAUGE32, 0, "420100"),
    (ber.COUNTER64, 2**64 - 1, "460900ffffffffffffffff"),
    (ber.IP_ADDRESS, bytes((192, 0, 2, 1)), "4004c0000201"),
    (ber.OPAQUE, bytes.fromhex("9f7804 41480000"), "44079f780441480000"),
    (ber.NO_SUCH_OBJECT, None, "8000"),
    (ber.NO_SUCH_INSTANCE, None, "8100"),
    (ber.END_OF_MIB_VIEW, None, "8200"),
]


@pytest.mark.parametrize(("tag", "value", "data"), VALUES)
def test_values(tag: int, value: int | bytes | None, data: str) -> None:
    raw = bytes.fromhex(data)
    assert pdu.write_value(tag, value) == raw
    written = ber.element(ber.SEQUENCE, ber.element(ber.OID, UP_TIME) + raw)
    assert pdu.read_varbinds(written, 0, len(written)) == [Varbind(UP_TIME, tag, value)]


def test_counters_without_their_leading_zero_are_read_as_agents_mean_them() -> None:
    written = ber.element(ber.SEQUENCE, ber.element(ber.OID, UP_TIME) + bytes.fromhex("4104ffffffff"))
    assert pdu.read_varbinds(written, 0, len(written)) == [Varbind(UP_TIME, ber.COUNTER32, 2**32 - 1)]


@pytest.mark.parametrize(
    "data",
    [
        "3004 0600 0500",  # an empty name
        "3005 060181 0500",  # a name that ends within a number
        "3006 06012b 010101",  # a Boolean
        "3006 06012b 050100",  # NULL with content
        "3005 06012b 0200",  # an empty integer
        "300a 06012b 02050000000000",  # an integer of 40 bits
        "300a 06012b 4105ffffffffff",  # a counter of 40 bits
        "3007 06012b 0500 0500",  # two values
        "3105 06012b 0500",  # no sequence
        "3030 06012b 0500",  # longer than what holds it
    ],
)
def test_broken_bindings_are_refused(data: str) -> None:
    raw = bytes.fromhex(data)
    with pytest.raises(WireError):
        pdu.read_varbinds(raw, 0, len(raw))


def test_more_bindings_than_the_limit_are_refused() -> None:
    raw = bytes.fromhex("300506012b0500") * (pdu.VARBINDS + 1)
    with pytest.raises(WireError, match="more than"):
        pdu.read_varbinds(raw, 0, len(raw))


NAMES = st.lists(st.integers(0, ber.ARC), min_size=1, max_size=20).map(lambda rest: ber.pack_arcs((43, *rest)))
VALUE = st.one_of(
    st.tuples(st.just(ber.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.sampled_from([ber.COUNTER32, ber.GAUGE32, ber.TIMETICKS]), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(ber.COUNTER64), st.integers(0, 2**64 - 1)),
    st.tuples(st.sampled_from([ber.OCTETS, ber.OPAQUE]), st.binary(max_size=300)),
    st.tuples(st.just(ber.OID), NAMES),
    st.tuples(st.sampled_from(sorted(ber.EMPTY)), st.none()),
)
BINDINGS = st.lists(st.builds(lambda name, value: Varbind(name, *value), NAMES, VALUE), max_size=8)


@given(st.sampled_from([V1, V2C]), st.binary(max_size=32), st.integers(0, 2**31 - 1), BINDINGS)
def test_any_message_survives(version: int, name: bytes, id_: int, varbinds: list[Varbind]) -> None:
    message = Message(version, name, Pdu(Kind.RESPONSE, id_, 0, 0, varbinds))
    assert community.read(community.write(version, name, pdu.write(message.pdu))) == message
