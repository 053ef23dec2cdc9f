"""The asyncio session over `wire.link`: requests, notices and streams on one connection."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

from sitewarden.domain.errors import Invalid, NotFound, Refusal, TimedOut, Unauthenticated, Unreachable
from sitewarden.link.peer import Peer, identify, keep_little_unsent
from sitewarden.link.refusals import refusal
from sitewarden.link.stream import LinkStream
from sitewarden.net.tls import peer_certificate
from sitewarden.wire import link as wire
from sitewarden.wire.link.connection import State
from sitewarden.wire.link.limits import UNPAIRED

log = logging.getLogger(__name__)

WRITE_HIGH, WRITE_LOW = 65536, 16384
"""Bytes in the transport's buffer at which writing pauses and goes on: little, since what is in it cannot be overtaken."""
UNSENT = 2 * WRITE_HIGH
"""Bytes that the kernel may hold unsent, for the same reason."""
PAIRING = "pair."
"""Kinds of requests that an unproven peer may make begin with this."""

RequestHandler = Callable[[wire.Request], Awaitable[bytes]]
NoticeHandler = Callable[[wire.Notify], None]
StreamHandler = Callable[[LinkStream], Awaitable[None]]
Admit = Callable[["LinkSession"], None]


class LinkSession(asyncio.Protocol):
    """One end of a link.

    `admit` is called once the peer is known and before anything else of it is heard: it registers the handlers, or raises
    the Refusal with which hello is answered (a dialler closes). `made` is asked when the transport stands; False closes it.
    Requests of the peer run as tasks, at most
    `Limits.requests` at once; further ones are answered `too-many`. What waits to be sent is bounded by the connection.
    """

    def __init__(
        self,
        hello: wire.Hello,
        *,
        dialler: bool,
        admit: Admit | None = None,
        expect: str = "",
        limits: wire.Limits | None = None,
        timing: wire.Timing | None = None,
        made: Callable[[LinkSession], bool] | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.connection = wire.Connection(hello, dialler=dialler, now=self.loop.time(), limits=limits, timing=timing)
        self.opened: asyncio.Future[Peer] = self.loop.create_future()
        """Done once hello is acknowledged; the refusal where it never is."""
        self.closed: asyncio.Future[Refusal | None] = self.loop.create_future()
        """Done when the connection is gone, with the reason; None where an end asked for it in order."""
        self._admit = admit
        self._expect = expect
        self._made = made
        self._transport: asyncio.Transport | None = None
        self._peer: Peer | None = None
        self._identity: tuple[str | None, bool, str] = (None, False, "")
        self._paused = False
        self._woken = False
        self._timer: asyncio.TimerHandle | None = None
        self._reason: Refusal | None = None
        self._calls: dict[int, asyncio.Future[bytes]] = {}
        self._tasks: dict[int, asyncio.Task[bytes]] = {}
        self._stream_tasks: set[asyncio.Task[None]] = set()
        self._streams: dict[int, LinkStream] = {}
        self._drained: list[asyncio.Future[None]] = []
        self._requests: dict[str, RequestHandler] = {}
        self._prefixes: list[tuple[str, RequestHandler]] = []
        self._notices: dict[str, NoticeHandler] = {}
        self._stream_handlers: dict[str, StreamHandler] = {}
        self._dispatch: dict[type, Callable[[Any], None]] = {
            wire.Request: self._on_request,
            wire.Response: self._on_response,
            wire.Error: self._on_error,
            wire.Cancel: self._on_cancel,
            wire.Notify: self._on_notify,
            wire.StreamOpen: self._on_stream_open,
            wire.StreamAccept: functools.partial(self._on_stream_message, LinkStream.accepted),
            wire.StreamData: functools.partial(self._on_stream_message, LinkStream.data),
            wire.StreamAck: functools.partial(self._on_stream_message, LinkStream.confirmed),
            wire.Credit: functools.partial(self._on_stream_message, LinkStream.credited),
            wire.StreamEnd: self._on_stream_end,
            wire.Hello: self._on_hello,
            wire.HelloAck: self._on_hello_ack,
            wire.Refused: self._on_refused,
            wire.Close: self._on_close,
        }

    # -- what a user does -------------------------------------------------------------------------------------------

    @property
    def peer(self) -> Peer:
        """Who is at the other end; raises Unreachable before hello."""
        if self._peer is None:
            raise Unreachable("The link is not up yet.")
        return self._peer

    @property
    def certificate(self) -> bytes | None:
        """The peer's certificate (DER) as TLS showed it, verified or not; pairing binds it."""
        return None if self._transport is None else peer_certificate(self._transport)

    @property
    def proven(self) -> bool:
        """Tell whether a certificate, or the file mode of a Unix socket, vouches for the peer."""
        return self._identity[1]

    @property
    def up(self) -> bool:
        """Tell whether hello is acknowledged and the connection stands."""
        return self.connection.state is State.UP

    def on_request(self, kind: str, handler: RequestHandler) -> None:
        """Answer requests of this kind; a kind that ends in "/" takes all below it, "" all that nobody else takes."""
        if kind == "" or kind.endswith("/"):
            self._prefixes.append((kind, handler))
            self._prefixes.sort(key=lambda entry: -len(entry[0]))
        else:
            self._requests[kind] = handler

    def on_notify(self, kind: str, handler: NoticeHandler) -> None:
        """Take notices of this kind; "" takes all that nobody else takes. The handler must not block."""
        self._notices[kind] = handler

    def on_stream(self, kind: str, handler: StreamHandler) -> None:
        """Serve streams of this kind: the handler accepts, reads or sends; the stream ends with it."""
        self._stream_handlers[kind] = handler

    def call(self, kind: str, body: bytes, *, timeout: float = 5.0, priority: int = wire.NORMAL) -> asyncio.Future[bytes]:
        """Ask; the future gives the answer, the peer's refusal, TimedOut after `timeout` seconds, or Unreachable."""
        if not self.up:
            raise self._reason or Unreachable("The link is down.", remedy="It is dialled again by itself.")
        id_ = self.connection.request(kind, body, priority)
        answer: asyncio.Future[bytes] = self.loop.create_future()
        self._calls[id_] = answer
        timer = self.loop.call_later(timeout, self._overdue, id_, kind, timeout)
        answer.add_done_callback(functools.partial(self._settled, id_, timer))
        self.wake()
        return answer

    async def request(self, kind: str, body: bytes = b"", timeout: float = 5.0, *, priority: int = wire.NORMAL) -> bytes:
        """Ask and wait for the answer; errors as `call` gives them."""
        return await self.call(kind, body, timeout=timeout, priority=priority)

    def notify(self, kind: str, body: bytes = b"") -> None:
        """Send a notice. While the peer reads too slowly the oldest waiting ones are dropped and counted; down, it is lost."""
        if self.up:
            self.connection.notify(kind, body)
            self.wake()

    def open_stream(self, kind: str, params: bytes = b"", resume_from: int = 0, *, window: int | None = None) -> LinkStream:
        """Open a stream. `resume_from` is the greatest index that we hold of the peer's records; `window` 0: we only send."""
        if not self.up:
            raise self._reason or Unreachable("The link is down.", remedy="It is dialled again by itself.")
        id_ = self.connection.open_stream(kind, params, index=resume_from, window=window)
        stream = LinkStream(self, id_, kind)
        self._streams[id_] = stream
        self.wake()
        return stream

    async def drained(self) -> None:
        """Return once all that waited was given to the transport, and that is below its high-water mark."""
        if self._transport is None or (not self.connection.queued and not self._paused):
            return
        waiter = self.loop.create_future()
        self._drained.append(waiter)
        await waiter

    def close(self, reason: Refusal | None = None) -> None:
        """Say goodbye and close; what waits to be sent is forgotten."""
        if self._reason is None:
            self._reason = reason
        self.connection.close(*((reason.code, reason.what) if reason else ("", "")))
        self._finish()

    # -- asyncio ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._identity = identify(transport)
        if self._made is not None and not self._made(self):
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=WRITE_HIGH, low=WRITE_LOW)
        keep_little_unsent(transport, UNSENT)
        if not self._identity[1]:
            self.connection.restrict(UNPAIRED)
        node = self._identity[0]
        if self._expect and node is not None and node != self._expect:
            self.close(
                Unauthenticated(
                    f"The node that answers is {node}, not {self._expect}.",
                    remedy="Check its address, or pair it again if it was replaced.",
                )
            )
            return
        self._tick()
        self.wake()

    def data_received(self, data: bytes) -> None:
        try:
            messages = self.connection.receive(data, self.loop.time())
        except wire.PeerViolation as violation:
            self._violated(violation)
            return
        dispatch = self._dispatch
        for message in messages:
            if self._reason is not None:
                break
            dispatch[type(message)](message)
        self.wake()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        where = (self._peer.node if self._peer else "") or self._identity[2]
        ended = self.connection.ended
        if self._reason is None and isinstance(ended, wire.Refused | wire.Close) and ended.code:
            self._reason = refusal(ended.code, ended.what, where, "")
        orderly = self._reason is None and (isinstance(ended, wire.Close) or self.connection.state is State.CLOSED)
        self.connection.close()
        lost = self._reason or Unreachable("The link ended.", where=where, remedy="It is dialled again by itself.")
        self._reason = lost
        if self._timer is not None:
            self._timer.cancel()
        if not self.opened.done():
            self.opened.set_exception(lost)
            self.opened.exception()
        for answer in list(self._calls.values()):
            if not answer.done():
                answer.set_exception(lost)
                answer.exception()
        self._calls.clear()
        for stream in list(self._streams.values()):
            stream.finish(lost)
        self._streams.clear()
        for task in (*self._tasks.values(), *self._stream_tasks):
            task.cancel()
        for waiter in self._drained:
            if not waiter.done():
                waiter.set_result(None)
        if not self.closed.done():
            self.closed.set_result(None if orderly else lost)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._flush()

    # -- writing ----------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Write what waits, once for all that was queued in this turn of the loop."""
        if not self._woken:
            self._woken = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._woken = False
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        while not self._paused:
            data = self.connection.take(WRITE_HIGH)
            if not data:
                break
            transport.write(data)
        if self.connection.state is State.CLOSED:
            self._finish()
        elif self._drained and not self._paused:
            for waiter in self._drained:
                if not waiter.done():
                    waiter.set_result(None)
            self._drained.clear()

    def _finish(self) -> None:
        transport = self._transport
        if transport is not None and not transport.is_closing():
            data = self.connection.take()
            if data:
                transport.write(data)
            transport.close()
            self.loop.call_later(2.0, transport.abort)

    def _violated(self, violation: wire.PeerViolation) -> None:
        where = (self._peer.node if self._peer else "") or self._identity[2]
        log.warning("link to %s closed: %s", where, violation)
        cls = TimedOut if violation.code == "timeout" else Invalid
        self._reason = self._reason or cls(
            f"The link was closed: {violation.what}.", where=where, remedy="Check that both ends run a current version."
        )
        self._finish()

    def _tick(self) -> None:
        try:
            due = self.connection.tick(self.loop.time())
        except wire.PeerViolation as violation:
            self._violated(violation)
            return
        self._timer = self.loop.call_later(due, self._tick)
        self.wake()

    # -- hello ------------------------------------------------------------------------------------------------------

    def _on_hello(self, message: wire.Hello) -> None:
        try:
            self._meet(message)
            if self._admit is not None:
                self._admit(self)
        except Refusal as reason:
            self._reason = reason
            self.connection.refuse(reason.code, reason.what, reason.remedy)
            return
        if self.connection.accept():
            self._established()

    def _on_hello_ack(self, message: wire.HelloAck) -> None:
        try:
            self._meet(message)
            if self._admit is not None:
                self._admit(self)
        except Refusal as reason:
            self.close(reason)
            return
        self._established()

    def _meet(self, hello: wire.Hello | wire.HelloAck) -> None:
        node, proven, address = self._identity
        if node is not None and hello.node != node:
            raise Unauthenticated(
                f"The certificate is of node {node}, hello says {hello.node}.", where=address, remedy="Pair this node again."
            )
        self._peer = Peer.of(hello, proven=proven, address=address)

    def _established(self) -> None:
        assert self._peer is not None
        if not self.opened.done():
            self.opened.set_result(self._peer)
        if self._timer is not None:
            self._timer.cancel()
        self._tick()

    def _on_refused(self, message: wire.Refused) -> None:
        self._reason = refusal(message.code, message.what, self._identity[2], message.remedy)
        self._finish()

    def _on_close(self, message: wire.Close) -> None:
        self._finish()

    # -- requests ---------------------------------------------------------------------------------------------------

    def _settled(self, id_: int, timer: asyncio.TimerHandle, answer: asyncio.Future[bytes]) -> None:
        timer.cancel()
        if self._calls.pop(id_, None) is not None and answer.cancelled():
            self.connection.cancel(id_)
            self.wake()

    def _overdue(self, id_: int, kind: str, timeout: float) -> None:
        answer = self._calls.pop(id_, None)
        if answer is not None and not answer.done():
            self.connection.cancel(id_)
            self.wake()
            node = self._peer.node if self._peer else ""
            answer.set_exception(TimedOut(f"No answer came within {timeout:g} s.", where=f"{node} {kind}".strip()))

    def _on_response(self, message: wire.Response) -> None:
        answer = self._calls.get(message.id)
        if answer is not None and not answer.done():
            answer.set_result(message.body)

    def _on_error(self, message: wire.Error) -> None:
        answer = self._calls.get(message.id)
        if answer is not None and not answer.done():
            answer.set_exception(refusal(message.code, message.what, message.where, message.remedy))

    def _handler(self, kind: str) -> RequestHandler | None:
        handler = self._requests.get(kind)
        if handler is None:
            for prefix, candidate in self._prefixes:
                if kind.startswith(prefix):
                    return candidate
        return handler

    def _on_request(self, message: wire.Request) -> None:
        if not self._identity[1] and not message.kind.startswith(PAIRING):
            self.connection.fail(
                message.id,
                Unauthenticated("This node is not paired.", where=message.kind, remedy="Pair it with a pairing code first."),
            )
            return
        handler = self._handler(message.kind)
        if handler is None:
            self.connection.fail(message.id, NotFound("Nobody here answers requests of this kind.", where=message.kind))
            return
        coroutine: Coroutine[Any, Any, bytes] = handler(message)  # type: ignore[assignment]
        task = self.loop.create_task(coroutine)
        self._tasks[message.id] = task
        task.add_done_callback(functools.partial(self._answered, message))

    def _answered(self, message: wire.Request, task: asyncio.Task[bytes]) -> None:
        self._tasks.pop(message.id, None)
        if task.cancelled():
            self.connection.fail(message.id, Unreachable("The request was given up here.", where=message.kind))
        elif (error := task.exception()) is None:
            try:
                self.connection.respond(message.id, task.result())
            except Refusal as reason:
                self.connection.fail(message.id, reason)
        elif isinstance(error, Refusal):
            self.connection.fail(message.id, error)
        else:
            log.error("request %s failed", message.kind, exc_info=error)
            self.connection.fail(message.id, _internal(message.kind))
        self.wake()

    def _on_cancel(self, message: wire.Cancel) -> None:
        task = self._tasks.get(message.id)
        if task is not None:
            task.cancel()

    def _on_notify(self, message: wire.Notify) -> None:
        if not self._identity[1]:
            return
        handler = self._notices.get(message.kind) or self._notices.get("")
        if handler is not None:
            handler(message)

    # -- streams ----------------------------------------------------------------------------------------------------

    def _on_stream_open(self, message: wire.StreamOpen) -> None:
        handler = self._stream_handlers.get(message.kind)
        if handler is None:
            self.connection.end_stream(message.id, NotFound.code, "Nobody here takes streams of this kind.")
            return
        stream = LinkStream(self, message.id, message.kind, message.params)
        stream.take_open(message)
        self._streams[message.id] = stream
        coroutine: Coroutine[Any, Any, None] = handler(stream)  # type: ignore[assignment]
        task = self.loop.create_task(coroutine)
        self._stream_tasks.add(task)
        task.add_done_callback(functools.partial(self._stream_served, stream))

    def _stream_served(self, stream: LinkStream, task: asyncio.Task[None]) -> None:
        self._stream_tasks.discard(task)
        if task.cancelled():
            stream.end(Unreachable("The stream was given up here.", where=stream.kind))
        elif (error := task.exception()) is None:
            stream.end()
        elif isinstance(error, Refusal):
            stream.end(error)
        else:
            log.error("stream %s failed", stream.kind, exc_info=error)
            stream.end(_internal(stream.kind))

    def _on_stream_message(self, take: Callable[[LinkStream, Any], None], message: Any) -> None:
        stream = self._streams.get(message.id)
        if stream is not None:
            take(stream, message)

    def _on_stream_end(self, message: wire.StreamEnd) -> None:
        stream = self._streams.pop(message.id, None)
        if stream is not None:
            stream.peer_ended(message)

    def forget(self, stream: LinkStream) -> None:
        """Take a stream out that its user ended."""
        self._streams.pop(stream.id, None)


def _internal(kind: str) -> Refusal:
    failure = Refusal("The other side failed on this request.", where=kind, remedy="Its log says why.")
    failure.code = "internal"
    return failure
