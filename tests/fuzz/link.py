"""Any bytes after hello give messages, which can be written again, or one PeerViolation, within the stated bounds of memory."""

from __future__ import annotations

from sitewarden.wire import link
from sitewarden.wire.link import Connection, Hello, Limits, PeerViolation, encode_frame
from sitewarden.wire.link.connection import State

_LIMITS = Limits(body=200_000, unfinished=2, requests=8, streams=4, window=4096, queued=100_000)
_HELLO = encode_frame(Hello(1, 1, "a", "x"))

SEEDS = [
    b"".join(map(encode_frame, messages))
    for messages in (
        [link.Request(1, "k", 1, b"body")],
        [link.Request(1, "k", 3, b"b", True), link.Part(1, b"more", True), link.Part(1, b"end")],
        [link.Notify("n", b"x"), link.Notify("n", b"x", 7, True), link.Part(7, b"y")],
        [link.StreamOpen(3, "log", b"p", 5, 1000), link.StreamAck(3, 5), link.Credit(3, 100), link.StreamEnd(3)],
        [link.StreamOpen(5, "log"), link.StreamData(5, 1, b"a", True), link.StreamData(5, 1, b"b"), link.StreamData(5, 9)],
        [link.Request(9, "k"), link.Cancel(9), link.Ping(1), link.Pong(1)],
        [link.Response(2, b"x"), link.Error(4, "conflict", "w", "x", "r"), link.StreamAccept(6, 1, 100, b"q")],
        [link.Close("frame", "bye")],
        [Hello(1, 1, "a", "x", "s", ("a", "b"))],
    )
]


def check(data: bytes) -> None:
    connection = Connection(Hello(1, 1, "b", "y"), dialler=False, now=0.0, limits=_LIMITS)
    connection.receive(_HELLO, 0.0)
    connection.accept()
    connection.request("mine", b"")
    connection.request("mine", b"")
    connection.open_stream("mine", window=4096)
    connection.take()
    try:
        for at in range(0, len(data), 4096):
            for message in connection.receive(data[at : at + 4096], 1.0):
                if isinstance(message, link.StreamOpen):
                    connection.accept_stream(message.id)
                if isinstance(message, link.StreamData) and message.index % 2:
                    connection.consumed(message.id)
                if isinstance(message, link.Request | link.Notify | link.Response):
                    assert len(message.body) <= _LIMITS.body
                else:
                    encode_frame(message)
    except PeerViolation as violation:
        assert violation.code
        assert violation.what
        assert connection.state is State.CLOSED
    assert connection.queued <= 2 * _LIMITS.queued + 4096 * 40
    assert len(connection._partial) <= _LIMITS.unfinished
    connection.take()
