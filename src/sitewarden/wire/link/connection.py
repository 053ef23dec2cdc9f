"""The state of one connection. Bytes go in, messages come out; calls go in, bytes come out. Time is an argument."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from sitewarden.domain.errors import Refusal, TooLarge, TooMany
from sitewarden.wire.link import messages as m
from sitewarden.wire.link.errors import LocalMisuse, PeerViolation
from sitewarden.wire.link.frames import CHUNK, FrameReader
from sitewarden.wire.link.limits import Limits, Timing
from sitewarden.wire.link.sender import BULK_LANE, CONTROL, LANE_OF, LANES, NORMAL_LANE, NOTICES, Sender
from sitewarden.wire.link.streams import FRAME_COST, StreamState

LAST_ID = 2**32 - 1


class State(enum.Enum):
    """Where a connection stands."""

    HELLO = "hello"
    """Nothing is acknowledged yet."""
    UP = "up"
    CLOSED = "closed"


class Connection:
    """One side of a connection.

    `receive` returns what the peer said: whole messages (bodies joined), all but those that concern the connection alone.
    After a PeerViolation the connection is closed, and `take` gives the `Close` that tells the peer why.
    `now` is seconds on a clock that never steps.
    """

    def __init__(
        self, hello: m.Hello, *, dialler: bool, now: float, limits: Limits | None = None, timing: Timing | None = None
    ) -> None:
        self.me = hello
        self.dialler = dialler
        self.state = State.HELLO
        self.limits = limits or Limits()
        self.timing = timing or Timing()
        self.peer: m.Hello | m.HelloAck | None = None
        self.version = 0
        self.capabilities: frozenset[str] = frozenset()
        """What both sides can do."""
        self.round_trip: float | None = None
        """Seconds that the last ping took."""
        self.ended: m.Refused | m.Close | None = None
        """What the peer said at the end."""
        self._reader = FrameReader()
        self._sender = Sender(self.limits)
        self._next_id = 1 if dialler else 2
        self._last = [0] * LANES
        self._asked: dict[int, int] = {}
        self._asking: dict[int, int] = {}
        self._partial: dict[int, tuple[m.Request | m.Response | m.Notify, list[bytes], int]] = {}
        self._streams: dict[int, StreamState] = {}
        self._peer_streams = 0
        self._started = self._heard = self._pinged = now
        self._ping_token = 0
        self._ping_open = False
        self._pong: int | None = None
        self._acks: dict[int, None] = {}
        self._handlers: dict[type, Callable[[Any, float], m.Message | None]] = {
            m.Request: self._on_request,
            m.Response: self._on_response,
            m.Error: self._on_error,
            m.Cancel: self._on_cancel,
            m.Notify: self._on_notify,
            m.Part: self._on_part,
            m.StreamOpen: self._on_stream_open,
            m.StreamAccept: self._on_stream_accept,
            m.StreamData: self._on_stream_data,
            m.StreamAck: self._on_stream_ack,
            m.Credit: self._on_credit,
            m.StreamEnd: self._on_stream_end,
            m.Ping: self._on_ping,
            m.Pong: self._on_pong,
            m.Close: self._on_close,
        }
        if dialler:
            self._sender.put(CONTROL, hello)

    # -- bytes out --------------------------------------------------------------------------------------------------

    @property
    def queued(self) -> int:
        """Bytes that wait to be taken."""
        return self._sender.queued

    @property
    def dropped(self) -> int:
        """Notices dropped because the peer reads too slowly."""
        return self._sender.dropped

    def take(self, budget: int = 65536) -> bytes:
        """Return the next bytes to write, most urgent first; empty when nothing waits."""
        if self._pong is not None:
            self._sender.put(CONTROL, m.Pong(self._pong))
            self._pong = None
        if self._acks:
            for id_ in self._acks:
                stream = self._streams.get(id_)
                if stream is not None:
                    self._sender.put(CONTROL, m.StreamAck(id_, stream.ack))
            self._acks.clear()
        return self._sender.take(budget)

    # -- bytes and time in ------------------------------------------------------------------------------------------

    def receive(self, data: bytes, now: float) -> list[m.Message]:
        """Return what the peer said with `data`. Raises PeerViolation; the connection is then closed."""
        if self.state is State.CLOSED:
            return []
        self._heard = now
        said: list[m.Message] = []
        try:
            for message in self._reader.feed(data):
                if self.state is State.UP:
                    handler = self._handlers.get(type(message))
                    if handler is None:
                        raise PeerViolation("hello", "hello comes once")
                    result = handler(message, now)
                    if result is not None:
                        said.append(result)
                elif self.state is State.HELLO:
                    said.append(self._greet(message))
                else:
                    break
            if self._sender.queued > 2 * self.limits.queued:
                raise PeerViolation("slow", "the peer asks and does not read the answers")
        except PeerViolation as violation:
            self.close(violation.code, violation.what)
            raise
        return said

    def tick(self, now: float) -> float:
        """Act on time that passed; return seconds until the next call is due.

        Raises PeerViolation `timeout` where hello or any sign of life is overdue.
        """
        if self.state is State.CLOSED:
            return self.timing.idle
        timing = self.timing
        if self.state is State.HELLO:
            left = self._started + timing.hello - now
            if left <= 0:
                self.close("timeout", "no hello")
                raise PeerViolation("timeout", f"hello was not acknowledged within {timing.hello:g} s")
            return left
        silent = now - self._heard
        if silent >= timing.idle:
            self.close("timeout", "silence")
            raise PeerViolation("timeout", f"nothing came for {timing.idle:g} s")
        if silent >= timing.heartbeat and not self._ping_open:
            self._ping_token += 1
            self._ping_open = True
            self._pinged = now
            self._sender.put(CONTROL, m.Ping(self._ping_token))
        due = timing.idle if self._ping_open else timing.heartbeat
        return max(self._heard + due - now, 0.001)

    def restrict(self, limits: Limits) -> None:
        """Take narrower limits, before hello, for a peer whose identity is not proven."""
        if self.state is not State.HELLO or self.peer is not None:
            raise LocalMisuse("limits are set before hello")
        self.limits = limits

    # -- hello ------------------------------------------------------------------------------------------------------

    def _greet(self, message: m.Message) -> m.Message:
        if isinstance(message, m.Close):
            self.ended = message
            self._shut()
            return message
        if not self.dialler:
            if not isinstance(message, m.Hello) or self.peer is not None:
                raise PeerViolation("hello", "hello must come first, once, and be acknowledged before anything else")
            self.peer = message
            return message
        if isinstance(message, m.Refused):
            self.ended = message
            self._shut()
            return message
        if not isinstance(message, m.HelloAck):
            raise PeerViolation("hello", "hello must be acknowledged or refused first")
        if not self.me.minimum <= message.version <= self.me.maximum:
            raise PeerViolation("version", f"version {message.version} was not offered")
        self._up(message, message.version)
        return message

    def _up(self, peer: m.Hello | m.HelloAck, version: int) -> None:
        self.peer = peer
        self.version = version
        self.capabilities = frozenset(self.me.capabilities).intersection(peer.capabilities)
        self.state = State.UP

    def accept(self) -> bool:
        """Acknowledge the peer's hello; False, and refused with `version`, where no version is common."""
        peer = self.peer
        if self.dialler or self.state is not State.HELLO or not isinstance(peer, m.Hello):
            raise LocalMisuse("there is no hello to accept")
        version = min(peer.maximum, self.me.maximum)
        if version < max(peer.minimum, self.me.minimum):
            self.refuse(
                "version",
                f"this side speaks versions {self.me.minimum} to {self.me.maximum}, the peer {peer.minimum} to {peer.maximum}.",
                "Update the older of the two.",
            )
            return False
        me = self.me
        self._up(peer, version)
        self._sender.put(CONTROL, m.HelloAck(version, me.node, me.role, me.software, me.capabilities))
        return True

    def refuse(self, code: str, what: str, remedy: str = "") -> None:
        """Refuse the peer's hello and close."""
        if self.dialler or self.state is not State.HELLO:
            raise LocalMisuse("there is no hello to refuse")
        self._sender.put(CONTROL, m.Refused(code, what[:2000], remedy[:2000]))
        self.state = State.CLOSED

    def close(self, code: str = "", what: str = "") -> None:
        """Say goodbye; all that waits is forgotten."""
        if self.state is State.CLOSED:
            return
        self._shut()
        self._sender.put(CONTROL, m.Close(code[:128], what[:2000]))

    def _shut(self) -> None:
        self.state = State.CLOSED
        self._sender.clear()
        self._acks.clear()
        self._pong = None

    # -- requests ---------------------------------------------------------------------------------------------------

    def _new_id(self) -> int:
        if self.state is not State.UP:
            raise LocalMisuse("the connection is not up")
        id_ = self._next_id
        if id_ > LAST_ID:
            raise LocalMisuse("the connection has used up its ids; dial again")
        self._next_id = id_ + 2
        return id_

    def _check_body(self, body: bytes) -> None:
        if len(body) > self.limits.body:
            raise TooLarge(
                f"A message of {len(body)} bytes is above the limit of {self.limits.body}.", remedy="Send less at once."
            )

    def request(self, kind: str, body: bytes, priority: int = m.NORMAL) -> int:
        """Ask; return the id that the answer will carry. Raises TooLarge, and TooMany where too much is waiting already."""
        self._check_body(body)
        if len(self._asked) >= self.limits.pending or self._sender.queued > self.limits.queued:
            raise TooMany("Too many requests wait on this link.", remedy="Try again in a moment.")
        id_ = self._new_id()
        self._asked[id_] = priority
        if len(body) <= CHUNK:
            self._sender.put(LANE_OF[priority], m.Request(id_, kind, priority, body))
        else:
            self._sender.put_body(LANE_OF[priority], m.Request(id_, kind, priority, body[:CHUNK], True), body)
        return id_

    def cancel(self, id_: int) -> None:
        """No longer wait for the answer to `id_`."""
        priority = self._asked.pop(id_, 0)
        if priority:
            self._partial.pop(id_, None)
            if self.state is State.UP:
                self._sender.put(LANE_OF[priority], m.Cancel(id_))

    def respond(self, id_: int, body: bytes) -> None:
        """Answer a request of the peer; nothing is sent where the peer cancelled it."""
        self._check_body(body)
        priority = self._asking.pop(id_, 0)
        if not priority or self.state is not State.UP:
            return
        if len(body) <= CHUNK:
            self._sender.put(LANE_OF[priority], m.Response(id_, body))
        else:
            self._sender.put_body(LANE_OF[priority], m.Response(id_, body[:CHUNK], True), body)

    def fail(self, id_: int, refusal: Refusal) -> None:
        """Answer a request of the peer with a refusal; it keeps its code, what, where and remedy."""
        priority = self._asking.pop(id_, 0)
        if priority and self.state is State.UP:
            self._sender.put(
                LANE_OF[priority],
                m.Error(id_, refusal.code, refusal.what[:2000], refusal.where[:2000], refusal.remedy[:2000]),
            )

    def notify(self, kind: str, body: bytes) -> None:
        """Send a notice. Where too many wait, the oldest is dropped and counted in `dropped`."""
        self._check_body(body)
        id_ = self._new_id() if len(body) > CHUNK else 0
        if self.state is not State.UP:
            raise LocalMisuse("the connection is not up")
        self._sender.notice(kind, body, id_)

    def _fresh(self, id_: int, lane: int) -> None:
        """Check the id of something that the peer opens: of its half, not in use, and growing in its lane."""
        if id_ % 2 == (1 if self.dialler else 0):
            raise PeerViolation("id", f"id {id_} is not of the peer's half")
        if id_ <= self._last[lane] or id_ in self._asking or id_ in self._streams or id_ in self._partial:
            raise PeerViolation("id", f"id {id_} is used already")
        self._last[lane] = id_

    def _known(self, id_: int) -> None:
        """Check an id that is not open: late messages are ignored, one of ours that never was opened is a violation."""
        if id_ % 2 == (1 if self.dialler else 0) and id_ >= self._next_id:
            raise PeerViolation("id", f"nothing with id {id_} was ever opened")

    def _begin(self, message: m.Request | m.Response | m.Notify) -> None:
        if len(self._partial) >= self.limits.unfinished:
            raise PeerViolation("unfinished", f"more than {self.limits.unfinished} bodies are unfinished")
        if len(message.body) > self.limits.body:
            raise PeerViolation("body", f"a body above {self.limits.body} bytes")
        self._partial[message.id] = (message, [message.body], len(message.body))

    def _on_request(self, message: m.Request, now: float) -> m.Message | None:
        self._fresh(message.id, LANE_OF[message.priority])
        if len(message.body) > self.limits.body:
            raise PeerViolation("body", f"a body above {self.limits.body} bytes")
        if len(self._asking) >= self.limits.requests:
            self._sender.put(
                LANE_OF[message.priority],
                m.Error(message.id, "too-many", "Too many requests are open on this link.", "", "Try again in a moment."),
            )
            return None
        self._asking[message.id] = message.priority
        if message.more:
            self._begin(message)
            return None
        return message

    def _on_response(self, message: m.Response, now: float) -> m.Message | None:
        if message.id not in self._asked:
            self._known(message.id)
            return None
        if message.more:
            if message.id in self._partial:
                raise PeerViolation("id", f"request {message.id} is answered twice")
            self._begin(message)
            return None
        del self._asked[message.id]
        return message

    def _on_error(self, message: m.Error, now: float) -> m.Message | None:
        if message.id not in self._asked:
            self._known(message.id)
            return None
        del self._asked[message.id]
        self._partial.pop(message.id, None)
        return message

    def _on_cancel(self, message: m.Cancel, now: float) -> m.Message | None:
        self._partial.pop(message.id, None)
        if self._asking.pop(message.id, 0):
            return message
        self._known(message.id)
        return None

    def _on_notify(self, message: m.Notify, now: float) -> m.Message | None:
        if not message.more:
            return message
        self._fresh(message.id, NOTICES)
        self._begin(message)
        return None

    def _on_part(self, message: m.Part, now: float) -> m.Message | None:
        entry = self._partial.get(message.id)
        if entry is None:
            self._known(message.id)
            return None
        head, pieces, size = entry
        size += len(message.body)
        if size > self.limits.body:
            raise PeerViolation("body", f"a body above {self.limits.body} bytes")
        pieces.append(message.body)
        if message.more:
            self._partial[message.id] = (head, pieces, size)
            return None
        del self._partial[message.id]
        body = b"".join(pieces)
        if isinstance(head, m.Request):
            return m.Request(head.id, head.kind, head.priority, body)
        if isinstance(head, m.Response):
            self._asked.pop(head.id, None)
            return m.Response(head.id, body)
        return m.Notify(head.kind, body)

    # -- streams ----------------------------------------------------------------------------------------------------

    def open_stream(self, kind: str, params: bytes = b"", *, index: int = 0, window: int | None = None) -> int:
        """Open a stream; `index` is what we hold of the peer's records, `window` 0 where the peer sends none."""
        if len(params) > CHUNK:
            raise TooLarge(f"Parameters of a stream fit in {CHUNK} bytes, these are {len(params)}.")
        id_ = self._new_id()
        stream = StreamState(id_, kind, self.limits.window if window is None else window)
        stream.receive_index = stream.ack = index
        self._streams[id_] = stream
        self._sender.put(NORMAL_LANE, m.StreamOpen(id_, kind, params, index, stream.window))
        return id_

    def accept_stream(self, id_: int, params: bytes = b"", *, index: int = 0, window: int | None = None) -> None:
        """Take a stream of the peer; `index` is what we hold of the peer's records."""
        stream = self._streams.get(id_)
        if stream is None:
            return
        if stream.accepted:
            raise LocalMisuse(f"stream {id_} is accepted already")
        stream.accepted = True
        stream.window = stream.may_receive = self.limits.window if window is None else window
        stream.receive_index = stream.ack = index
        self._sender.put(NORMAL_LANE, m.StreamAccept(id_, index, stream.window, params))

    def stream(self, id_: int) -> StreamState | None:
        """Return the state of an open stream."""
        return self._streams.get(id_)

    @staticmethod
    def cost(body: bytes) -> int:
        """Return the credit that a record takes."""
        return len(body) + FRAME_COST * max(1, -(-len(body) // CHUNK))

    def send_data(self, id_: int, index: int, body: bytes) -> None:
        """Send a record; the stream must have the credit for it (`stream(id).can_send`)."""
        stream = self._streams.get(id_)
        if stream is None:
            raise LocalMisuse(f"stream {id_} is not open")
        stream.sent(index, self.cost(body))
        if len(body) <= CHUNK:
            self._sender.put(BULK_LANE, m.StreamData(id_, index, body))
            return
        for at in range(0, len(body), CHUNK):
            self._sender.put(BULK_LANE, m.StreamData(id_, index, body[at : at + CHUNK], at + CHUNK < len(body)))

    def consumed(self, id_: int) -> None:
        """Note that the oldest unread record of a stream was taken, which gives the peer credit."""
        stream = self._streams.get(id_)
        if stream is not None and (credit := stream.consumed()):
            self._sender.put(CONTROL, m.Credit(id_, credit))

    def ack(self, id_: int, index: int) -> None:
        """Say that all records up to `index` are safe here. Several calls before a `take` become one message."""
        stream = self._streams.get(id_)
        if stream is not None and index > stream.ack:
            if index > stream.receive_index:
                raise LocalMisuse(f"stream {id_}: acknowledges {index}, received {stream.receive_index}")
            stream.ack = index
            self._acks[id_] = None

    def end_stream(self, id_: int, code: str = "", what: str = "", remedy: str = "") -> None:
        """End a stream for both sides, after what was sent on it."""
        stream = self._streams.pop(id_, None)
        if stream is None:
            return
        if id_ % 2 == (0 if self.dialler else 1):
            self._peer_streams -= 1
        if self._acks.pop(id_, 0) is None:
            self._sender.put(BULK_LANE, m.StreamAck(id_, stream.ack))
        self._sender.put(BULK_LANE, m.StreamEnd(id_, code[:128], what[:2000], remedy[:2000]))

    def _open(self, id_: int) -> StreamState | None:
        stream = self._streams.get(id_)
        if stream is None:
            self._known(id_)
        return stream

    def _on_stream_open(self, message: m.StreamOpen, now: float) -> m.Message | None:
        self._fresh(message.id, NORMAL_LANE)
        if self._peer_streams >= self.limits.streams:
            self._sender.put(
                NORMAL_LANE, m.StreamEnd(message.id, "too-many", "Too many streams are open on this link.", "End one first.")
            )
            return None
        self._peer_streams += 1
        stream = StreamState(message.id, message.kind, 0)
        stream.first_credit(message.credit)
        stream.send_index = stream.acked = message.index
        self._streams[message.id] = stream
        return message

    def _on_stream_accept(self, message: m.StreamAccept, now: float) -> m.Message | None:
        stream = self._open(message.id)
        if stream is None:
            return None
        if stream.accepted or message.id % 2 == (0 if self.dialler else 1):
            raise PeerViolation("stream", f"stream {message.id} is not to be accepted by the peer")
        stream.accepted = True
        stream.first_credit(message.credit)
        stream.send_index = stream.acked = message.index
        return message

    def _on_stream_data(self, message: m.StreamData, now: float) -> m.Message | None:
        stream = self._open(message.id)
        if stream is None:
            return None
        if not stream.accepted:
            raise PeerViolation("stream", f"stream {message.id} is not accepted yet")
        return stream.received(message)

    def _on_stream_ack(self, message: m.StreamAck, now: float) -> m.Message | None:
        stream = self._open(message.id)
        if stream is None:
            return None
        if not stream.acked <= message.index <= stream.send_index:
            raise PeerViolation(
                "index", f"stream {message.id}: acknowledges {message.index}, sent {stream.send_index}, before {stream.acked}"
            )
        stream.acked = message.index
        return message

    def _on_credit(self, message: m.Credit, now: float) -> m.Message | None:
        stream = self._open(message.id)
        if stream is None:
            return None
        stream.gained(message.bytes)
        return message

    def _on_stream_end(self, message: m.StreamEnd, now: float) -> m.Message | None:
        if self._open(message.id) is None:
            return None
        del self._streams[message.id]
        if message.id % 2 == (0 if self.dialler else 1):
            self._peer_streams -= 1
        return message

    # -- life -------------------------------------------------------------------------------------------------------

    def _on_ping(self, message: m.Ping, now: float) -> m.Message | None:
        self._pong = message.token
        return None

    def _on_pong(self, message: m.Pong, now: float) -> m.Message | None:
        if message.token == self._ping_token and self._ping_open:
            self._ping_open = False
            self.round_trip = now - self._pinged
        return None

    def _on_close(self, message: m.Close, now: float) -> m.Message | None:
        self.ended = message
        self._shut()
        return message
