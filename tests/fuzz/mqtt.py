"""Any bytes, of either version, are packets that are read again as they are written, or a WireError; nothing else."""

from __future__ import annotations

from sitewarden.wire.mqtt import (
    V4,
    V5,
    Ack,
    Connack,
    Connect,
    Disconnect,
    Publish,
    Reader,
    Suback,
    Subscribe,
    Type,
    Will,
    WireError,
    write,
)
from sitewarden.wire.mqtt.client import Client

SEEDS = [
    write(Connack(properties={"receive_maximum": 10, "user_property": [("a", "b")]}), V5)
    + write(Publish("a/b", b"42", 1, id=3, properties={"content_type": "x"}), V5)
    + write(Suback(type=Type.SUBACK, id=1, codes=(1, 2)), V5)
    + write(Ack(Type.PUBREC, 2, 0x80, {"reason_string": "no"}), V5),
    write(Connack(), V4) + write(Publish("site/line/1", b'{"v":1.5}'), V4) + write(Publish("a", b"2", 2, id=2), V4),
    write(
        Connect(version=V5, client_id="c", username="u", password=b"p", will=Will(topic="w", payload=b"x", qos=1), keep_alive=9),
        V5,
    )
    + write(Subscribe(id=1, filters=(("a/#", 1), ("+", 2))), V5)
    + write(Disconnect(code=4, properties={"session_expiry_interval": 3}), V5),
    write(Connect(version=V4, client_id="c"), V4) + write(Ack(Type.PUBREL, 5), V4),
]


def check(data: bytes) -> None:
    for version in (V4, V5):
        whole, cut = Reader(version, largest=100_000), Reader(version, largest=100_000)
        try:
            packets = whole.feed(data)
        except WireError:
            packets = []
        else:
            half = len(data) // 2
            assert cut.feed(data[:half]) + cut.feed(data[half:]) == packets
        spoken = version
        for packet in packets:
            spoken = packet.version if isinstance(packet, Connect) else spoken
            assert Reader(spoken).feed(write(packet, spoken)) == [packet]
        _client(data, version)


def _client(data: bytes, version: int) -> None:
    client = Client(Connect(version=version, client_id="c"), largest=100_000)
    client.to_send()
    client.received(write(Connack(), version))
    client.subscribe([("a", 1)])
    client.publish(Publish("t", b"x", 2))
    try:
        client.received(data)
    except WireError:
        return
    assert Reader(version).feed(client.to_send())
