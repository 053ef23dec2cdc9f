"""RTMP as a server that is published to (Adobe, RTMP 1.0): handshake, commands, and the media of one stream. Pure.

The handshake is the plain one (clause 5.2), which every encoder takes; what some of them put a digest into is answered as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from msgspec import Struct

from sitewarden.wire.amf0 import AmfError, decode, encode
from sitewarden.wire.nal import MAX_UNIT
from sitewarden.wire.rtmp_chunks import (
    ACK,
    AGGREGATE,
    AUDIO,
    BANDWIDTH,
    COMMAND,
    COMMAND_3,
    DATA,
    DATA_3,
    USER_CONTROL,
    VIDEO,
    WINDOW,
    Message,
    Reader,
    RtmpError,
    Writer,
)

VERSION: Final = 3
HANDSHAKE: Final = 1536
"""Bytes of C1, C2, S1 and S2."""
OUR_CHUNK: Final = 4096
OUR_WINDOW: Final = 2_500_000
LEAST_WINDOW: Final = 64 * 1024
"""Bytes between two acknowledgements, however often a peer asks for them."""
BEFORE: Final = 64
"""Messages until something is published; encoders send about eight."""
APP: Final = "live"
STREAM: Final = 1
"""The one message stream of a connection."""
FOURCC: Final = ("hvc1", "avc1")
"""What Enhanced RTMP may name that is taken."""
_STREAM_BEGIN, _PING, _PONG = 0, 6, 7
_UNANSWERED: Final = frozenset(("_checkbw", "_result", "_error", "onStatus", "FCUnpublish"))


class Publish(Struct, frozen=True, kw_only=True):
    """What a peer wants to publish."""

    camera: str
    key: str
    """The stream key as the peer gave it; empty where it gave none."""
    encoder: str = ""
    """What the peer calls itself."""


OnPublish = Callable[[Publish], str]
"""Returns why it is refused, "" where it is taken."""
OnTag = Callable[[int, int, bytes], None]
"""`(kind, time, body)`: one FLV tag's body of the kind AUDIO or VIDEO, its time in milliseconds modulo 2^32."""


def target(app: str, name: str) -> tuple[str, str] | None:
    """Return (camera, key) of "live/lobby" with the name "KEY", however an encoder cuts the two apart; None for another path."""
    queries, parts = [], []
    for text in (app, name):
        path, _, query = text.partition("?")
        parts += [part for part in path.split("/") if part]
        queries.append(query)
    if len(parts) not in (2, 3) or parts[0] != APP:
        return None
    given = dict(parse_qsl("&".join(query for query in queries if query)[:512], max_num_fields=16))
    return parts[1], parts[2] if len(parts) == 3 else given.get("key", "")


class Server:
    """One connection of an encoder.

    `ended` is True once the peer, or a refusal, ended the stream: send what is left, and close.
    """

    def __init__(self, nonce: bytes, on_publish: OnPublish, on_tag: OnTag) -> None:
        """`nonce` is HANDSHAKE - 8 random bytes."""
        self._nonce = nonce
        self._on_publish, self._on_tag = on_publish, on_tag
        self._reader = Reader()
        self._writer = Writer()
        self._out: list[bytes] = []
        self._held = b""
        self._stage = 0
        """Of the handshake: 0 awaits C0 and C1, 1 awaits C2, 2 is done."""
        self._app = self._encoder = ""
        self._messages = 0
        self._window = self._received = self._acknowledged = 0
        self.publishing: Publish | None = None
        self.ended = False

    def take(self) -> bytes:
        """Return what is to be sent."""
        out, self._out = b"".join(self._out), []
        return out

    def feed(self, data: bytes) -> None:
        """Take what the peer sent; raises RtmpError."""
        self._received += len(data)
        if self._stage < 2:
            data = self._shake(data)
        if data:
            for message in self._reader.feed(data):
                if self.ended:
                    return
                self._message(message)
        if self._window and self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._control(ACK, (self._received & 0xFFFFFFFF).to_bytes(4, "big"))

    def _shake(self, data: bytes) -> bytes:
        """Go on with the handshake; return what stands behind it."""
        data = self._held + data
        if self._stage == 0:
            if data and data[0] != VERSION:
                raise RtmpError(f"a handshake of version {data[0]}; this is no RTMP")
            if len(data) < 1 + HANDSHAKE:
                self._held = data
                return b""
            first, data = data[1 : 1 + HANDSHAKE], data[1 + HANDSHAKE :]
            self._out += (bytes((VERSION,)), bytes(8), self._nonce, first)
            self._stage = 1
        if len(data) < HANDSHAKE:
            self._held = data
            return b""
        self._held = b""
        self._stage = 2
        return data[HANDSHAKE:]

    def _message(self, message: Message) -> None:
        kind, body = message.kind, message.body
        if kind in (AUDIO, VIDEO):
            if self.publishing is not None:
                self._on_tag(kind, message.time, body)
                return
        elif kind == AGGREGATE and self.publishing is not None:
            self._aggregate(message)
            return
        elif kind in (COMMAND, COMMAND_3):
            self._command(body[1:] if kind == COMMAND_3 else body)
        elif kind in (DATA, DATA_3):
            self._metadata(body[1:] if kind == DATA_3 else body)
        elif kind == WINDOW and len(body) == 4:
            self._window = max(LEAST_WINDOW, int.from_bytes(body, "big") // 2)
        elif kind == USER_CONTROL and body[:2] == _PING.to_bytes(2, "big") and len(body) == 6:
            self._control(USER_CONTROL, _PONG.to_bytes(2, "big") + body[2:])
        if self.publishing is None:
            self._messages += 1
            if self._messages > BEFORE:
                raise RtmpError(f"{BEFORE} messages, and none that publishes")

    def _aggregate(self, message: Message) -> None:
        """Take FLV tags that come in one message (clause 7.1.6); their times count from the first one's."""
        body, position, first = message.body, 0, None
        while position + 11 <= len(body):
            size = int.from_bytes(body[position + 1 : position + 4], "big")
            time = int.from_bytes(body[position + 4 : position + 7], "big") | body[position + 7] << 24
            first = time if first is None else first
            start = position + 11
            if start + size > len(body):
                raise RtmpError("an aggregate message is cut")
            if body[position] in (AUDIO, VIDEO):
                self._on_tag(body[position], (message.time + time - first) & 0xFFFFFFFF, body[start : start + size])
            position = start + size + 4

    def _command(self, body: bytes) -> None:
        try:
            values = decode(body)
        except AmfError as error:
            raise RtmpError(f"a command that cannot be read: {error}") from error
        name = values[0] if values and isinstance(values[0], str) else ""
        number = values[1] if len(values) > 1 and isinstance(values[1], float) else 0.0
        if name == "connect":
            self._connect(number, values[2] if len(values) > 2 and isinstance(values[2], dict) else {})
        elif name == "createStream":
            self._say(0, "_result", number, None, float(STREAM))
        elif name == "publish":
            self._publish(values)
        elif name in ("deleteStream", "closeStream"):
            self.ended = self.ended or self.publishing is not None
        elif name == "FCPublish":
            self._say(0, "onFCPublish", 0.0, None, _status("status", "NetStream.Publish.Start", "Go on."))
            self._say(0, "_result", number, None)
        elif name == "play":
            self._refuse("NetStream.Play.Failed", "Nothing is played from here; take RTSP out.")
        elif name == "releaseStream" or (number and name not in _UNANSWERED):
            # Whoever asks for what is not known goes on once it is answered.
            self._say(0, "_result", number, None)

    def _connect(self, number: float, about: dict[str, Any]) -> None:
        self._app = str(about.get("app", ""))[:500]
        self._encoder = _printable(about.get("flashVer", ""))
        self._control(WINDOW, OUR_WINDOW.to_bytes(4, "big"))
        self._control(BANDWIDTH, OUR_WINDOW.to_bytes(4, "big") + b"\x02")
        self._out.append(self._writer.set_chunk(OUR_CHUNK))
        said: dict[str, Any] = _status("status", "NetConnection.Connect.Success", "Connected.") | {"objectEncoding": 0.0}
        if "fourCcList" in about:
            said["fourCcList"] = list(FOURCC)
        self._say(0, "_result", number, {"fmsVer": "FMS/3,0,1,123", "capabilities": 31.0}, said)

    def _publish(self, values: list[Any]) -> None:
        name = values[3] if len(values) > 3 and isinstance(values[3], str) else ""
        found = target(self._app, name[:500])
        if found is None:
            why = f"publish to rtmp://<server>/{APP}/<camera> with the stream key"
        elif self.publishing is not None:
            why = "this connection publishes already"
        else:
            wish = Publish(camera=found[0], key=found[1], encoder=self._encoder)
            why = self._on_publish(wish)
            if not why:
                self.publishing = wish
                # A picture, its tag's header, and room for parameter sets.
                self._reader.limit = MAX_UNIT + 65536
                self._control(USER_CONTROL, _STREAM_BEGIN.to_bytes(2, "big") + STREAM.to_bytes(4, "big"))
                self._say(STREAM, "onStatus", 0.0, None, _status("status", "NetStream.Publish.Start", "Publishing."))
                return
        self._refuse("NetStream.Publish.BadName", why)

    def _refuse(self, code: str, why: str) -> None:
        self._say(STREAM, "onStatus", 0.0, None, _status("error", code, why))
        self.ended = True

    def _metadata(self, body: bytes) -> None:
        """Keep what the encoder calls itself; everything else is read from the stream."""
        try:
            values = decode(body)
        except AmfError:
            return
        for value in values:
            if isinstance(value, dict) and value.get("encoder"):
                self._encoder = _printable(value["encoder"])

    @property
    def encoder(self) -> str:
        """What the peer calls itself, printable and short."""
        return self._encoder

    def _control(self, kind: int, body: bytes) -> None:
        self._out.append(self._writer.message(2, Message(kind, 0, 0, body)))

    def _say(self, stream: int, *values: Any) -> None:
        self._out.append(self._writer.message(3, Message(COMMAND, stream, 0, encode(*values))))


def _status(level: str, code: str, text: str) -> dict[str, Any]:
    return {"level": level, "code": code, "description": text}


def _printable(text: object) -> str:
    return "".join(character for character in str(text)[:80] if character.isprintable())
