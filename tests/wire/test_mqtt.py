"""MQTT packets by byte table, both versions; what is malformed is refused; the client's acknowledgements."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.mqtt import (
    V4,
    V5,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Reader,
    Suback,
    Subscribe,
    Type,
    Unsubscribe,
    Will,
    WireError,
    check_filter,
    check_topic,
    matches,
    reason_text,
    write,
)
from sitewarden.wire.mqtt.client import Client, Full, Kept
from sitewarden.wire.mqtt.properties import TABLE, take_variable, variable

TABLE_OF_PACKETS: list[tuple[int, str, Packet]] = [
    (V4, "10 0d 0004 4d515454 04 02 003c 0001 61", Connect(version=4, client_id="a", keep_alive=60)),
    (
        V5,
        "10 28 0004 4d515454 05 f6 000a 05 11 0000012c 0001 61 05 18 00000005 0001 77 0003 6f6666 0001 75 0002 7077",
        Connect(
            version=5,
            client_id="a",
            keep_alive=10,
            properties={"session_expiry_interval": 300},
            will=Will(topic="w", payload=b"off", qos=2, retain=True, properties={"will_delay_interval": 5}),
            username="u",
            password=b"pw",
        ),
    ),
    (V4, "20 02 01 00", Connack(session_present=True)),
    (V4, "20 02 00 05", Connack(code=5)),
    (V5, "20 08 00 00 05 27 00001000", Connack(properties={"maximum_packet_size": 4096})),
    (V4, "30 07 0003 612f62 3432", Publish("a/b", b"42")),
    (V4, "3d 09 0003 612f62 000a 3432", Publish("a/b", b"42", 2, True, True, 10)),
    (V5, "32 0a 0003 612f62 0001 00 3432", Publish("a/b", b"42", 1, id=1)),
    (
        V5,
        "30 10 0001 61 0a 26 0001 6b 0001 76 23 0007 7a7a",
        Publish("a", b"zz", properties={"user_property": [("k", "v")], "topic_alias": 7}),
    ),
    (V4, "40 02 0102", Ack(Type.PUBACK, 258)),
    (V5, "40 03 0001 10", Ack(Type.PUBACK, 1, 0x10)),
    (V5, "50 08 0001 87 04 1f 0001 6e", Ack(Type.PUBREC, 1, 0x87, {"reason_string": "n"})),
    (V5, "62 02 0001", Ack(Type.PUBREL, 1)),
    (V4, "70 02 0001", Ack(Type.PUBCOMP, 1)),
    (V4, "82 0c 0001 0001 23 01 0003 612f2b 02", Subscribe(id=1, filters=(("#", 1), ("a/+", 2)))),
    (V5, "82 09 0001 02 0b 05 0001 61 2d", Subscribe(id=1, filters=(("a", 0x2D),), properties={"subscription_identifier": [5]})),
    (V4, "90 04 0001 01 80", Suback(type=Type.SUBACK, id=1, codes=(1, 0x80))),
    (V5, "a2 06 0001 00 0001 61", Unsubscribe(id=1, filters=("a",))),
    (V4, "b0 02 0001", Suback(type=Type.UNSUBACK, id=1, codes=())),
    (V5, "b0 05 0001 00 00 11", Suback(type=Type.UNSUBACK, id=1, codes=(0, 0x11))),
    (V4, "c0 00", Ping(Type.PINGREQ)),
    (V4, "d0 00", Ping(Type.PINGRESP)),
    (V4, "e0 00", Disconnect()),
    (V5, "e0 01 8e", Disconnect(code=0x8E)),
    (V5, "f0 06 18 04 15 0001 6d", Disconnect(type=Type.AUTH, code=0x18, properties={"authentication_method": "m"})),
]


@pytest.mark.parametrize(("version", "data", "packet"), TABLE_OF_PACKETS, ids=lambda one: one if isinstance(one, str) else "")
def test_a_packet_is_read_and_written(version: int, data: str, packet: Packet) -> None:
    raw = bytes.fromhex(data)
    assert write(packet, version) == raw
    assert Reader(version).feed(raw) == [packet]
    reader = Reader(version)
    assert [one for byte in raw * 2 for one in reader.feed(bytes((byte,)))] == [packet, packet]


@pytest.mark.parametrize(
    ("version", "data"),
    [
        (V4, "00 00"),
        (V4, "f0 00"),
        (V4, "36 05 0001 61 0001"),
        (V4, "32 05 0001 61 0000"),
        (V4, "30 02 0005"),
        (V4, "30 03 0001 2b"),
        (V4, "30 03 0001 00"),
        (V4, "30 03 0001 ff"),
        (V4, "30 02 0000"),
        (V5, "30 03 0000 00"),
        (V5, "30 05 0001 61 05 01"),
        (V5, "30 06 0001 61 02 7f00"),
        (V5, "30 08 0001 61 04 0101 0101"),
        (V4, "60 02 0001"),
        (V4, "40 01 00"),
        (V4, "40 02 0000"),
        (V4, "82 02 0001"),
        (V4, "82 06 0001 0001 61 03"),
        (V4, "20 02 02 00"),
        (V4, "30 ff ff ff ff 01"),
        (V4, "30 ff ff ff 7f"),
        (V4, "30 80 00"),
        (V5, "10 0d 0004 4d515454 03 02 003c 0001 61"),
        (V5, "10 0d 0004 4d515458 04 02 003c 0001 61"),
        (V5, "10 0d 0004 4d515454 04 03 003c 0001 61"),
        (V5, "10 0d 0004 4d515454 04 42 003c 0001 61"),
        (V5, "10 0e 0004 4d515454 04 02 003c 0001 61 00"),
        (V4, "c0 01 00"),
    ],
)
def test_what_is_no_mqtt_is_refused(version: int, data: str) -> None:
    with pytest.raises(WireError):
        Reader(version).feed(bytes.fromhex(data))


@given(st.integers(0, 0x0FFFFFFF))
def test_a_variable_integer_is_what_it_was(value: int) -> None:
    data = variable(value)
    assert take_variable(data, 0, len(data)) == (value, len(data))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "byte": st.integers(0, 255),
    "two": st.integers(0, 0xFFFF),
    "four": st.integers(0, 0xFFFF_FFFF),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=9),
    "data": st.binary(max_size=9),
}


@given(st.data())
def test_properties_are_what_they_were(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([one for one in TABLE.values() if one[1] in VALUES]), unique=True))
    packet = Connack(properties={name: data.draw(VALUES[kind]) for name, kind in names})
    assert Reader(V5).feed(write(packet, V5)) == [packet]


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(1, 50))
def test_messages_are_whole_however_they_are_cut(payloads: list[bytes], size: int) -> None:
    raw = b"".join(write(Publish("t", payload), V5) for payload in payloads)
    reader = Reader(V5)
    found = [one for at in range(0, len(raw), size) for one in reader.feed(raw[at : at + size])]
    assert [one.payload for one in found if isinstance(one, Publish)] == payloads


def test_a_packet_beyond_the_limit_is_refused_before_it_came() -> None:
    with pytest.raises(WireError) as refused:
        Reader(V5, largest=100).feed(bytes.fromhex("30 65"))
    assert refused.value.code == 0x95


@pytest.mark.parametrize(
    ("filter_", "topic", "same"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/+", "a/", True),
        ("+/+", "/b", True),
        ("+", "/b", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("a/b", "a/B", False),
        ("a/b/c", "a/b", False),
    ],
)
def test_a_filter_matches_as_the_standard_says(filter_: str, topic: str, same: bool) -> None:
    check_filter(filter_)
    assert matches(filter_, topic) is same


@pytest.mark.parametrize("bad", ["", "a/#/b", "a#", "a+/b", "\0", "x" * 65_536])
def test_what_is_no_filter_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_filter(bad)


def test_a_topic_to_publish_to_has_no_wildcard() -> None:
    check_topic("a/b")
    with pytest.raises(ValueError, match="one topic"):
        check_topic("a/#")


def test_the_words_of_a_refusal_depend_on_the_version() -> None:
    assert reason_text(5, V4) == reason_text(0x87) == "not authorised"
    assert reason_text(99) == "reason 99"


def connected(version: int = V5, kept: Kept | None = None, **limits: Any) -> Client:
    client = Client(Connect(version=version, client_id="c"), kept)
    assert Reader().feed(client.to_send()) == [Connect(version=version, client_id="c")]
    assert client.received(write(Connack(properties=limits), version)) == []
    assert isinstance(client.happened.popleft(), Connack)
    return client


def said(client: Client) -> list[Packet]:
    return Reader(client.version).feed(client.to_send())


@pytest.mark.parametrize("version", [V4, V5])
def test_messages_are_acknowledged_as_their_qos_says(version: int) -> None:
    client = connected(version)
    messages = [Publish("t", b"0"), Publish("t", b"1", 1, id=7), Publish("t", b"2", 2, id=8)]
    assert client.received(b"".join(write(one, version) for one in messages)) == messages
    assert said(client) == [Ack(Type.PUBACK, 7), Ack(Type.PUBREC, 8)]
    again = Publish("t", b"2", 2, dup=True, id=8)
    assert client.received(write(again, version)) == []
    assert client.received(write(Ack(Type.PUBREL, 8), version)) == []
    assert said(client) == [Ack(Type.PUBREC, 8), Ack(Type.PUBCOMP, 8)]
    assert client.received(write(again, version)) == [again]


def test_a_message_of_qos_2_is_taken_once_over_a_broken_connection() -> None:
    kept = Kept()
    message = Publish("t", b"2", 2, id=8)
    assert connected(kept=kept).received(write(message, V5)) == [message]
    later = Client(Connect(version=V5, client_id="c", clean=False), kept)
    later.received(write(Connack(session_present=True), V5))
    assert later.received(write(message, V5)) == []
    forgotten = Client(Connect(version=V5, client_id="c", clean=False), kept)
    forgotten.received(write(Connack(), V5))
    assert forgotten.received(write(message, V5)) == [message]


def test_our_messages_are_done_when_the_broker_says_so() -> None:
    client = connected()
    assert client.publish(Publish("t", b"0")) == 0
    one, two = client.publish(Publish("t", b"1", 1)), client.publish(Publish("t", b"2", 2))
    client.to_send()
    client.received(write(Ack(Type.PUBACK, one, 0x10), V5) + write(Ack(Type.PUBREC, two), V5))
    assert list(client.happened) == [Ack(Type.PUBACK, one, 0x10)]
    assert said(client) == [Ack(Type.PUBREL, two)]
    client.received(write(Ack(Type.PUBCOMP, two), V5))
    assert client.happened[-1] == Ack(Type.PUBCOMP, two)
    refused = client.publish(Publish("t", b"2", 2))
    client.received(write(Ack(Type.PUBREC, refused, 0x87), V5))
    assert client.happened[-1] == Ack(Type.PUBREC, refused, 0x87)


def test_the_brokers_limits_are_kept() -> None:
    client = connected(receive_maximum=2, maximum_packet_size=20, maximum_qos=1, retain_available=0)
    client.publish(Publish("t", b"1", 1))
    client.publish(Publish("t", b"2", 1))
    with pytest.raises(Full):
        client.publish(Publish("t", b"3", 1))
    for message in (Publish("t", bytes(20)), Publish("t", qos=2), Publish("t", retain=True)):
        with pytest.raises(ValueError, match="the"):
            client.publish(message)


def test_filters_go_out_in_parts_and_their_answers_are_told() -> None:
    client = connected()
    ids = client.subscribe([(f"t/{number}", 1) for number in range(250)])
    packets = said(client)
    assert [len(one.filters) for one in packets if isinstance(one, Subscribe)] == [100, 100, 50]
    client.received(write(Suback(type=Type.SUBACK, id=ids[0], codes=(1,) * 100), V5))
    assert client.happened.pop().id == ids[0]  # type: ignore[union-attr]
    with pytest.raises(WireError):
        client.received(write(Suback(type=Type.SUBACK, id=ids[0], codes=(1,)), V5))


@pytest.mark.parametrize(
    "packet", [Publish("t", b"x"), Ping(Type.PINGRESP), Connect(version=5, client_id="x"), Subscribe(id=1, filters=(("a", 0),))]
)
def test_a_broker_that_begins_otherwise_is_refused(packet: Packet) -> None:
    with pytest.raises(WireError):
        Client(Connect(version=V5, client_id="c")).received(write(packet, V5))
