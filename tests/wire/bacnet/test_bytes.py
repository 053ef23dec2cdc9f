"""The examples of the standard (ANSI/ASHRAE 135, Annex F) as bytes, read and written; and what is made of datagrams."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.bacnet import apdu, names, network, services, tags
from sitewarden.wire.bacnet.apdu import Abort, Answer, Apdu, Done, Error, Message, Reject, Request, SegmentAck
from sitewarden.wire.bacnet.network import Function, Station
from sitewarden.wire.bacnet.services import IAm, Notification, Property, Result, Subscription, Write
from sitewarden.wire.bacnet.tags import WireError, object_of

VALUES: list[tuple[int, Any, str]] = [
    (tags.NULL, None, "00"),
    (tags.BOOLEAN, True, "11"),
    (tags.BOOLEAN, False, "10"),
    (tags.UNSIGNED, 72, "2148"),
    (tags.UNSIGNED, 4_194_303, "233fffff"),
    (tags.SIGNED, 72, "3148"),
    (tags.SIGNED, -129, "32ff7f"),
    (tags.REAL, 72.0, "4442900000"),
    (tags.DOUBLE, 72.0, "55084052000000000000"),
    (tags.OCTETS, bytes.fromhex("1234ff"), "631234ff"),
    (tags.TEXT, "This is a BACnet string!", "75190054686973206973206120424143 6e657420737472696e6721".replace(" ", "")),
    (tags.BITS, (True, False, True, False, True), "8203a8"),
    (tags.ENUMERATED, 0, "9100"),
    (tags.DATE, (91, 1, 24, 4), "a45b011804"),
    (tags.TIME, (17, 35, 45, 17), "b411232d11"),
    (tags.OBJECT, object_of(3, 15), "c400c0000f"),
]
"""Clause 20.2 and Annex F's own examples."""


@pytest.mark.parametrize(("tag", "content", "raw"), VALUES)
def test_values_read_and_write(tag: int, content: Any, raw: str) -> None:
    data = bytes.fromhex(raw)
    assert tags.write(tag, content) == data
    assert tags.value(data, 0, len(data)) == ((tag, content), len(data))


MESSAGES: list[tuple[Apdu, bytes, str]] = [
    # F.3.5, ReadProperty of analog-input 5's present-value, and its answer.
    (
        Request(1, 12, services.read_property(Property(object_of(0, 5), 85)), 1476, 65, True),
        apdu.request(1, 12, services.read_property(Property(object_of(0, 5), 85))),
        "0275010c0c00000005 1955",
    ),
    (
        Answer(1, 12, services.read_property_ack(Property(object_of(0, 5), 85), tags.write(tags.REAL, 72.3))),
        apdu.answer(1, 12, services.read_property_ack(Property(object_of(0, 5), 85), tags.write(tags.REAL, 72.3))),
        "30010c0c0000000519553e44429099 9a3f",
    ),
    # F.3.7, ReadPropertyMultiple.
    (
        Request(241, 14, services.read_multiple([(object_of(0, 16), [(85, None), (103, None)])]), 1476, 65, True),
        apdu.request(241, 14, services.read_multiple([(object_of(0, 16), [(85, None), (103, None)])])),
        "0275f10e0c000000101e095509671f",
    ),
    # F.3.9, WriteProperty of analog-value 1 at priority 8.
    (
        Request(89, 15, services.write_property(Write(Property(object_of(2, 1), 85), [(tags.REAL, 180.0)], 8)), 1476, 65, True),
        apdu.request(89, 15, services.write_property(Write(Property(object_of(2, 1), 85), [(tags.REAL, 180.0)], 8))),
        "0275590f0c0080000119553e44433400003f4908",
    ),
    # F.1.10, SubscribeCOV.
    (
        Request(15, 5, services.subscribe(Subscription(18, object_of(0, 10), True, 0)), 1476, 65, True),
        apdu.request(15, 5, services.subscribe(Subscription(18, object_of(0, 10), True, 0))),
        "02750f0509121c0000000a29013900",
    ),
    # F.4.5, Who-Is and I-Am.
    (Message(8, services.who_is(3, 3)), apdu.message(8, services.who_is(3, 3)), "100809031903"),
    (
        Message(0, services.i_am(IAm(object_of(8, 3), 1024, 3, 99))),
        apdu.message(0, services.i_am(IAm(object_of(8, 3), 1024, 3, 99))),
        "1000c4020000032204009103 2163",
    ),
    (Done(89, 15), apdu.done(89, 15), "20590f"),
    (Error(1, 12, 2, 32), apdu.error(1, 12, 2, 32), "50010c91029120"),
    (Reject(1, 9), apdu.reject(1, 9), "600109"),
    (Abort(1, 4), apdu.abort(1, 4), "710104"),
    (Answer(2, 14, b"ab", 0, True, 4), apdu.segment(2, 14, b"ab", 0, 4, more=True), "3c0200040e6162"),
    (SegmentAck(2, 0, 4), apdu.segment_ack(2, 0, 4), "40020004"),
]


@pytest.mark.parametrize(("message", "written", "raw"), MESSAGES)
def test_messages_read_and_write(message: Apdu, written: bytes, raw: str) -> None:
    data = bytes.fromhex(raw.replace(" ", ""))
    assert written == data
    assert apdu.read(data) == message


def test_the_standards_answer_to_a_read_of_many_is_read() -> None:
    # F.3.7, the second example: three sensors, one of which the device does not have.
    data = bytes.fromhex(
        "0c000000211e29554e444242333 34f1f0c000000321e29555e910191 1f5f1f0c000000231e29554e4443d9d99a4f1f".replace(" ", "")
    )
    first, second, third = services.read_read_multiple_ack(data)
    assert first == Result(object_of(0, 33), 85, None, [(tags.REAL, pytest.approx(48.55, abs=0.01))])
    assert second == Result(object_of(0, 50), 85, None, None, (1, 31))
    assert third.values == [(tags.REAL, pytest.approx(435.7, abs=0.01))]


def test_a_notification_of_the_standard_is_read_and_written() -> None:
    # F.1.2, ConfirmedCOVNotification.
    data = bytes.fromhex("09121c020000042c0000000a39004e095 52e44428200002f096f2e8204002f4f".replace(" ", ""))
    told = services.read_notification(data)
    assert told == Notification(
        18, object_of(8, 4), object_of(0, 10), 0, [(85, None, [(tags.REAL, 65.0)]), (111, None, [(tags.BITS, (False,) * 4)])]
    )
    assert services.notification(told) == data


ROUTED = Station("10.0.0.1", 47808, 2001, b"\x05")


def test_datagrams_tell_where_they_come_from() -> None:
    plain = network.unicast(Station("10.0.0.9"), b"\x10\x08", reply=False)
    assert plain == bytes.fromhex("810a000801001008")
    assert network.read(plain, ("10.0.0.2", 47808)).source == Station("10.0.0.2", 47808)
    behind = bytes.fromhex("810a000c010807d101051008")
    assert network.read(behind, ("10.0.0.1", 47808))[:3] == (Function.UNICAST, ROUTED, b"\x10\x08")
    assert network.unicast(ROUTED, b"\x10\x08", reply=True) == bytes.fromhex("810a000d012407d10105ff1008")
    passed = network.forwarded(("10.7.0.3", 47809), b"\x01\x00\x10\x08")
    assert network.read(passed, ("10.0.0.1", 47808)).source == Station("10.7.0.3", 47809)
    everyone = network.broadcast(b"\x10\x08")
    assert everyone == bytes.fromhex("810b000c0120ffff00ff1008")
    heard = network.read(everyone, ("10.0.0.2", 47808))
    assert heard.apdu == b"\x10\x08" and heard.broadcast
    assert network.read(network.result(0x30), ("10.0.0.2", 47808)).result == 0x30


BROKEN = [
    "",
    "81",
    "820a0004",
    "810a0005 01",
    "810a0006 0200",
    "810a0008 0108 0001",
    "810a000b 0108 ffff 01 05 10",
    "8104000801020304",
]


@pytest.mark.parametrize("raw", BROKEN)
def test_datagrams_that_are_none_are_refused(raw: str) -> None:
    with pytest.raises(WireError):
        network.read(bytes.fromhex(raw.replace(" ", "")), ("10.0.0.2", 47808))


def test_what_is_meant_for_other_networks_and_for_routers_carries_nothing_for_us() -> None:
    assert network.read(bytes.fromhex("810a000d012007d10105ff1008"), ("10.0.0.2", 1)).apdu == b""
    assert network.read(bytes.fromhex("810b0007018000"), ("10.0.0.2", 1)).apdu == b""


_numbers = st.integers(0, 2**22 - 1)
_objects = st.builds(object_of, st.integers(0, 1023), _numbers)
_properties = st.builds(Property, _objects, _numbers, st.none() | st.integers(0, 2**32 - 1))


@given(st.lists(_properties, min_size=1, max_size=40))
def test_any_properties_are_asked_for_and_answered_in_order(asked: list[Property]) -> None:
    data = services.read_multiple((one.object, [(one.property, one.place)]) for one in asked)
    assert services.read_read_multiple(data) == asked
    answered = services.read_multiple_ack((one, tags.write(tags.UNSIGNED, place)) for place, one in enumerate(asked))
    assert services.read_read_multiple_ack(answered) == [
        Result(*one, [(tags.UNSIGNED, place)]) for place, one in enumerate(asked)
    ]


@given(st.tuples(st.sampled_from([tags.UNSIGNED, tags.ENUMERATED]), st.integers(0, 2**64 - 1))
       | st.tuples(st.just(tags.SIGNED), st.integers(-(2**63), 2**63 - 1))
       | st.tuples(st.just(tags.TEXT), st.text(max_size=400))
       | st.tuples(st.just(tags.OCTETS), st.binary(max_size=400))
       | st.tuples(st.just(tags.BITS), st.lists(st.booleans(), max_size=70).map(tuple)))  # fmt: skip
def test_any_value_is_read_as_it_was_written(one: tuple[int, Any]) -> None:
    data = tags.write(*one)
    assert tags.value(data, 0, len(data)) == (one, len(data))


def test_words_of_objects_and_properties_go_both_ways() -> None:
    for number, word in names.OBJECTS.items():
        assert names.object_text(names.object_from(f"{word},7")) == f"{word},7" and names.kind_of(word) == number
    assert all(names.property_of(names.property_text(number)) == number for number in (*names.PROPERTIES, 512))
    assert names.object_from("150,1") == object_of(150, 1) and names.object_from("Analog-Input:3") == object_of(0, 3)
    for wrong in ("analog-input", "analog-input,", "analog-inputs,1", "analog-input,4194303", "1024,1", "analog-input,-1"):
        with pytest.raises(ValueError, match=r"object"):
            names.object_from(wrong)
