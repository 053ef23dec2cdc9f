"""Any datagram gives a message whose texts fit their limits and are printable, which reads the same again, or SsdpError."""

from __future__ import annotations

from sitewarden.wire.ssdp import MAX_VALUE, MAX_WAIT, Message, SsdpError, read_ssdp, search

SEEDS = [
    search(agent="x/1"),
    Message(kind="answer", target="t", usn="uuid:a::t", location="http://192.0.2.5:80/d", server="s").encode(),
    Message(kind="alive", target="t", usn="uuid:a", location="http://192.0.2.5:80/d", server="s").encode(),
    Message(kind="byebye", target="t", usn="uuid:a").encode(),
]


def check(data: bytes) -> None:
    try:
        message = read_ssdp(data)
    except SsdpError:
        return
    for text in (message.target, message.usn, message.location, message.server, message.uuid):
        assert len(text) <= MAX_VALUE
        assert text.isprintable()
    assert 0 <= message.wait <= MAX_WAIT
    assert read_ssdp(message.encode()).kind == message.kind
