"""Any bytes of an encoder give messages in bounded memory and answers of bounded size, or RtmpError."""

from __future__ import annotations

from sitewarden.wire.amf0 import AmfError, decode, ecma, encode
from sitewarden.wire.rtmp import HANDSHAKE, Server
from sitewarden.wire.rtmp_chunks import COMMAND, DATA, LANES, PENDING, SMALL, WINDOW, Message, RtmpError, Writer


def _conversation() -> bytes:
    writer = Writer()
    said = [
        (3, Message(COMMAND, 0, 0, encode("connect", 1.0, {"app": "live/lobby", "flashVer": "Sim", "fourCcList": ["hvc1"]}))),
        (2, Message(WINDOW, 0, 0, b"\x00\x26\x25\xa0")),
        (3, Message(COMMAND, 0, 0, encode("createStream", 2.0, None))),
        (3, Message(COMMAND, 1, 0, encode("publish", 3.0, None, "KEY", "live"))),
        (5, Message(DATA, 1, 0, encode("@setDataFrame", "onMetaData") + ecma({"width": 640.0, "encoder": "Sim"}))),
        (6, Message(9, 1, 0xFFFFFFF0, bytes(300))),
    ]
    return (
        bytes(1 + HANDSHAKE).replace(b"\x00", b"\x03", 1)
        + bytes(HANDSHAKE)
        + b"".join(writer.message(lane, message) for lane, message in said)
    )


SEEDS = [_conversation(), encode("connect", 1.0, {"app": ["live", True, None]}) + ecma({"a": 1.0})]


def check(data: bytes) -> None:
    _converse(data, shaken=False)
    _converse(data, shaken=True)
    try:
        decode(data)
    except AmfError:
        pass


def _converse(data: bytes, *, shaken: bool) -> None:
    taken: list[int] = []
    server = Server(bytes(HANDSHAKE - 8), lambda wish: "", lambda kind, time, body: taken.append(len(body)))
    if shaken:
        server.feed(b"\x03" + bytes(2 * HANDSHAKE))
    try:
        for position in range(0, len(data), 1000):
            server.feed(data[position : position + 1000])
            assert len(server.take()) <= SMALL
            lanes = server._reader._lanes.values()
            assert len(lanes) <= LANES and sum(len(part) for lane in lanes for part in lane.parts) <= PENDING
    except RtmpError:
        pass
    assert sum(taken) <= len(data)
