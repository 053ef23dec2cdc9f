"""RTMP's chunk stream (Adobe, RTMP 1.0, clause 5): chunks to messages and back, whoever sends. Pure.

Bounds: a message has `Reader.limit` bytes at most, all that are begun PENDING together, on LANES chunk streams; a piece of what a
peer sends holds no more messages than its bytes allow.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SET_CHUNK_SIZE, ABORT, ACK, USER_CONTROL, WINDOW, BANDWIDTH = 1, 2, 3, 4, 5, 6
AUDIO, VIDEO, DATA_3, COMMAND_3, DATA, COMMAND, AGGREGATE = 8, 9, 15, 17, 18, 20, 22

DEFAULT_CHUNK: Final = 128
MIN_CHUNK: Final = 128
"""Bytes of a chunk's payload below which a peer only floods with headers (clause 5.4.1 says SHOULD)."""
MAX_CHUNK: Final = 0xFFFFFF
SMALL: Final = 64 * 1024
"""Bytes of a message before anything is published; commands and metadata have a few hundred."""
PENDING: Final = 12 * 1024 * 1024
LANES: Final = 32
"""Chunk streams of one connection; encoders use five."""
SPARE: Final = 64
"""Messages in one piece of what a peer sends, beyond one for every 16 bytes of it, beyond which it floods us."""
EXTENDED: Final = 0xFFFFFF
"""A timestamp that says that 4 bytes with the real one follow (clause 5.3.1.3)."""


class RtmpError(ValueError):
    """The peer breaks RTMP, or sends more than is taken."""


class Message(NamedTuple):
    """One message; `time` in milliseconds modulo 2^32."""

    kind: int
    stream: int
    time: int
    body: bytes


class _Lane:
    """One chunk stream: what its last header said, and the message that is on its way."""

    __slots__ = ("delta", "extended", "kind", "missing", "parts", "size", "stream", "time")

    def __init__(self) -> None:
        self.time = self.delta = self.size = self.kind = self.stream = 0
        self.extended: int | None = None
        """The extended timestamp of the last header that had one, which headers without a timestamp repeat."""
        self.parts: list[bytes] = []
        self.missing = 0


class Reader:
    """Takes a peer's bytes after the handshake."""

    def __init__(self, limit: int = SMALL) -> None:
        self.limit = limit
        self._chunk = DEFAULT_CHUNK
        self._lanes: dict[int, _Lane] = {}
        self._held = b""
        self._lane: _Lane | None = None
        """Whose chunk is being read."""
        self._left = 0
        """Bytes of that chunk that are still to come."""
        self._pending = 0

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that end in `data`; raises RtmpError."""
        found: list[Message] = []
        most = SPARE + len(data) // 16
        if self._held:
            data, self._held = self._held + data, b""
        position, total = 0, len(data)
        while position < total:
            if self._lane is None:
                position = self._header(data, position)
                if self._lane is None:
                    self._held = data[position:]
                    break
            lane = self._lane
            take = min(self._left, total - position)
            if take:
                lane.parts.append(data[position : position + take])
                lane.missing -= take
                self._left -= take
                position += take
            if self._left:
                break
            self._lane = None
            if not lane.missing:
                self._whole(lane, found)
                if len(found) > most:
                    raise RtmpError(f"{len(found)} messages in {total} bytes")
        return found

    def _header(self, data: bytes, start: int) -> int:
        """Read a chunk's header and set `_lane`; without a whole one return where it begins, and leave it None."""
        position, total = start + 1, len(data)
        form, number = data[start] >> 6, data[start] & 0x3F
        if number < 2:
            if position + number + 1 > total:
                return start
            number = 64 + int.from_bytes(data[position : position + number + 1], "little")
            position += 1 + (data[start] & 1)
        size = (11, 7, 3, 0)[form]
        if position + size + 4 > total and position + size + (4 if self._extends(form, number, data, position) else 0) > total:
            return start
        lane = self._lanes.get(number)
        if lane is None:
            if form and (form != 1 or number != 2):
                raise RtmpError("a chunk stream begins with a header that leaves out its message")
            if len(self._lanes) >= LANES:
                raise RtmpError(f"more than {LANES} chunk streams")
            lane = self._lanes[number] = _Lane()
        fresh = not lane.missing
        if form == 3:
            position = self._continue(lane, fresh, data, position)
        else:
            if not fresh:
                self._drop(lane)
            position = self._begin(lane, form, data, position)
        if fresh or form != 3:
            if lane.size > self.limit:
                raise RtmpError(f"a message of {lane.size} bytes, of {self.limit} that are taken")
            self._pending += lane.size
            if self._pending > PENDING:
                raise RtmpError(f"messages of {self._pending} bytes at once")
            lane.missing = lane.size
        self._lane, self._left = lane, min(self._chunk, lane.missing)
        return position

    def _extends(self, form: int, number: int, data: bytes, position: int) -> bool:
        """Tell whether an extended timestamp follows a header; what is not whole says nothing yet."""
        if form == 3:
            lane = self._lanes.get(number)
            return lane is not None and lane.extended is not None
        return data[position : position + 3] == b"\xff\xff\xff"

    def _begin(self, lane: _Lane, form: int, data: bytes, position: int) -> int:
        """Take the header of a new message (clause 5.3.1.2)."""
        time = int.from_bytes(data[position : position + 3], "big")
        if form < 2:
            lane.size = int.from_bytes(data[position + 3 : position + 6], "big")
            lane.kind = data[position + 6]
        if form == 0:
            lane.stream = int.from_bytes(data[position + 7 : position + 11], "little")
        position += (11, 7, 3)[form]
        lane.extended = None
        if time == EXTENDED:
            time = lane.extended = int.from_bytes(data[position : position + 4], "big")
            position += 4
        lane.delta = time
        lane.time = time if form == 0 else (lane.time + time) & 0xFFFFFFFF
        return position

    def _continue(self, lane: _Lane, fresh: bool, data: bytes, position: int) -> int:
        """Take a header without fields: more of a message, or a new one like the last."""
        # Some encoders leave out the extended timestamp in the middle of a message.
        said = int.from_bytes(data[position : position + 4], "big")
        if lane.extended is not None and (fresh or said == lane.extended):
            position += 4
        if fresh:
            lane.time = (lane.time + lane.delta) & 0xFFFFFFFF
        return position

    def _drop(self, lane: _Lane) -> None:
        self._pending -= lane.size
        lane.parts, lane.missing = [], 0

    def _whole(self, lane: _Lane, found: list[Message]) -> None:
        body = lane.parts[0] if len(lane.parts) == 1 else b"".join(lane.parts)
        self._pending -= lane.size
        lane.parts = []
        if lane.kind == SET_CHUNK_SIZE:
            size = int.from_bytes(body[:4], "big")
            if not MIN_CHUNK <= size <= 0x7FFFFFFF:
                raise RtmpError(f"chunks of {size} bytes")
            self._chunk = min(size, MAX_CHUNK)
        elif lane.kind == ABORT:
            other = self._lanes.get(int.from_bytes(body[:4], "big"))
            if other is not None and other.missing:
                self._drop(other)
        else:
            found.append(Message(lane.kind, lane.stream, lane.time, body))


class Writer:
    """Writes messages, each with a header of form 0, which every peer reads."""

    def __init__(self) -> None:
        self.chunk = DEFAULT_CHUNK

    def set_chunk(self, size: int) -> bytes:
        """Return the message that announces chunks of `size` bytes, and use them from here on."""
        said = self.message(2, Message(SET_CHUNK_SIZE, 0, 0, size.to_bytes(4, "big")))
        self.chunk = size
        return said

    def message(self, lane: int, message: Message) -> bytes:
        """Return a message as chunks on the chunk stream `lane` (2 to 65,599)."""
        time = min(message.time, EXTENDED)
        extended = message.time.to_bytes(4, "big") if time == EXTENDED else b""
        body = message.body
        head = time.to_bytes(3, "big") + len(body).to_bytes(3, "big") + bytes((message.kind,))
        head += message.stream.to_bytes(4, "little")
        parts = [_basic(0, lane), head, extended, body[: self.chunk]]
        following = _basic(3, lane) + extended
        for position in range(self.chunk, len(body), self.chunk):
            parts += (following, body[position : position + self.chunk])
        return b"".join(parts)


def _basic(form: int, lane: int) -> bytes:
    """Return a basic header (clause 5.3.1.1)."""
    if lane < 64:
        return bytes((form << 6 | lane,))
    if lane < 320:
        return bytes((form << 6, lane - 64))
    return bytes((form << 6 | 1,)) + (lane - 64).to_bytes(2, "little")
