"""One live WebSocket: its subscriptions, what waits for it, and the two loops that read and write."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any, Final

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import WebsocketRouteHandler

from sitewarden.api.core import Core
from sitewarden.api.native.live_hub import TICK, LiveHub, PointTick
from sitewarden.api.native.live_messages import (
    PING,
    ClientMessage,
    Filter,
    decode,
    error_frame,
    frame,
    sees,
    sees_event,
    wants_event,
)
from sitewarden.api.native.requests import credentials, remote, same_origin
from sitewarden.api.routes import PREFIX
from sitewarden.domain.errors import Forbidden, Invalid, Refusal, TooMany, Unauthenticated
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.points.samples import Latest
from sitewarden.domain.refs import ref
from sitewarden.domain.status import Status, owner
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.history import EventPage, EventQuery
from sitewarden.services.surface.identity import Nothing, Scope
from sitewarden.services.surface.points import LatestValues, PointValues
from sitewarden.services.surface.system import Statuses, StatusQuery

SUBSCRIPTIONS: Final = 32
"""Subscriptions of one connection."""
BACKLOG: Final = 4 << 20
"""Bytes that may wait for one connection; with more it is closed."""
EVENT_BACKLOG: Final = 1 << 20
"""Bytes of events that wait for one subscription; with more they are dropped and read again from the log."""
STALLED: Final = 30.0
"""Seconds that one frame may wait for a client that does not read; then the connection is closed."""
PING_PERIOD: Final = 15.0
RIGHTS_PERIOD: Final = 60.0
"""Seconds after which it is asked again what may be seen, and whether the session still stands."""
RIGHTS_PAUSE: Final = 1.0
"""Seconds between two such questions at least, however often the configuration changes."""
UPSTREAM: Final = 1.0
"""Seconds after which this process certainly hears of new events."""
_PAGE: Final = 500
CLOSE_UNAUTHENTICATED: Final = 4401
CLOSE_TOO_SLOW: Final = 4408


class Subscription:
    """One topic that a connection follows, with what waits to be sent."""

    def __init__(self, message: ClientMessage) -> None:
        self.id = message.id
        self.topic = message.topic
        self.filter: Filter = message.filter
        self.points = frozenset(message.filter.points) if message.filter.points is not None else None
        self.cursor = message.after or 0
        self.behind = message.topic == "events" and message.after is not None
        """True while events are read from the log."""
        self.placed = self.behind
        """True once the cursor means something: it was given, or an event was told."""
        self.fresh = True
        """True until the present state was sent."""
        self.events: deque[tuple[int, bytes]] = deque()
        self.event_bytes = 0
        self.statuses: dict[str, bytes] = {}
        self.tick: PointTick | None = None
        self.ledger: bytes | None = None

    @property
    def waiting(self) -> int:
        """Bytes that wait, roughly."""
        points = sum(map(len, self.tick.rows.values())) if self.tick is not None else 0
        return self.event_bytes + sum(map(len, self.statuses.values())) + points + len(self.ledger or b"")

    def add_event(self, seq: int, encoded: bytes) -> None:
        """Queue an event; past the bound the queue is dropped, and the log is read instead."""
        if not self.placed:
            self.cursor, self.placed = seq - 1, True
        if self.event_bytes + len(encoded) > EVENT_BACKLOG:
            self.events.clear()
            self.event_bytes = 0
            self.behind = True
            return
        self.events.append((seq, encoded))
        self.event_bytes += len(encoded)

    def take_events(self) -> list[bytes]:
        """Return the queued events after the cursor, and move the cursor."""
        items = [encoded for seq, encoded in self.events if seq > self.cursor]
        if self.events:
            self.cursor = max(self.cursor, self.events[-1][0])
        self.events.clear()
        self.event_bytes = 0
        return items

    def add_points(self, tick: PointTick) -> None:
        """Keep the latest of each point; a subscription to all shares the tick that all others have."""
        if self.points is not None:
            rows = {name: row for name, row in tick.rows.items() if name in self.points}
            tick = PointTick(rows)
        if tick.rows:
            self.tick = tick if self.tick is None else PointTick({**self.tick.rows, **tick.rows})


class LiveConnection:
    """A client of the live WebSocket."""

    def __init__(self, socket: WebSocket[Any, Any, Any], core: Core, hub: LiveHub, shown: Credentials) -> None:
        self._socket = socket
        self._core = core
        self._hub = hub
        self._shown = shown
        self._remote = remote(socket.scope)
        self._subscriptions: dict[str, Subscription] = {}
        self._errors: deque[str] = deque(maxlen=SUBSCRIPTIONS)
        self._wake = asyncio.Event()
        self._scope = Scope()
        self._scope_stale = False
        self._scope_due = 0.0
        self._scope_asked = 0.0

    # -- what the hub tells; nothing here waits -----------------------------------------------------------------------

    def on_event(self, stored: StoredEvent, encoded: bytes) -> None:
        for subscription in self._subscriptions.values():
            if subscription.topic != "events" or not wants_event(subscription.filter, stored.event):
                continue
            if sees_event(self._scope, stored.event):
                subscription.add_event(stored.seq, encoded)
                self._wake.set()

    def on_status(self, status: Status, encoded: bytes) -> None:
        for subscription in self._subscriptions.values():
            if subscription.topic == "status" and self._wants_status(subscription, status.ref):
                subscription.statuses[status.ref] = encoded
                self._wake.set()

    def on_points(self, tick: PointTick) -> None:
        visible = self._scope.points
        for subscription in self._subscriptions.values():
            if subscription.topic == "points":
                if not visible.all:
                    tick = PointTick({name: row for name, row in tick.rows.items() if sees(visible, ref("point", name))})
                subscription.add_points(tick)
                self._wake.set()

    def on_ledger(self, encoded: bytes) -> None:
        for subscription in self._subscriptions.values():
            if subscription.topic == "network" and self._scope.network:
                subscription.ledger = encoded
                self._wake.set()

    def on_rights(self) -> None:
        if not self._scope_stale:
            self._scope_stale = True
            self._scope_due = min(self._scope_due, self._scope_asked + RIGHTS_PAUSE)
            self._wake.set()

    def _wants_status(self, subscription: Subscription, reference: str) -> bool:
        kinds = subscription.filter.kinds
        return (not kinds or reference.partition(":")[0] in kinds) and sees(self._scope.status, owner(reference))

    # -- the two loops ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until either side closes."""
        await self._refresh()
        with self._hub.following(self):
            reading = asyncio.create_task(self._read(), name="live reader")
            writing = asyncio.create_task(self._write(), name="live writer")
            try:
                await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (reading, writing):
                    task.cancel()
                results = await asyncio.gather(reading, writing, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, WebSocketDisconnect | asyncio.CancelledError):
                raise result

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            self._take(text if isinstance(text, str) else "")
            self._wake.set()

    def _take(self, text: str) -> None:
        try:
            message = decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            refusal = Invalid(str(error) or "It is nested too deeply.", where="message", remedy="See docs/protocols/live.md.")
            self._errors.append(error_frame("-", refusal))
            return
        if message.op == "unsubscribe":
            self._subscriptions.pop(message.id, None)
        elif message.op == "subscribe":
            try:
                self._subscribe(message)
            except Refusal as refusal:
                self._errors.append(error_frame(message.id, refusal))

    def _subscribe(self, message: ClientMessage) -> None:
        if message.topic is None:
            raise Invalid("The topic is missing.", where="topic", remedy="Name events, status, points or network.")
        if message.id not in self._subscriptions and len(self._subscriptions) >= SUBSCRIPTIONS:
            raise TooMany(f"A connection has at most {SUBSCRIPTIONS} subscriptions.", remedy="Unsubscribe from some.")
        visible = getattr(self._scope, message.topic)
        if visible is False or (visible is not True and not (visible.all or visible.kinds or visible.refs)):
            raise Forbidden(
                f"You may not follow {message.topic}.", where="topic", remedy="Ask an administrator for a role with this right."
            )
        self._subscriptions[message.id] = Subscription(message)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        pinged = loop.time()
        while True:
            due = self._scope_due if self._scope_stale else pinged + PING_PERIOD
            wait = max(0.0, min(due, pinged + PING_PERIOD) - loop.time())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)
            self._wake.clear()
            if loop.time() >= self._scope_due:
                await self._refresh()
            while self._errors:
                await self._send(self._errors.popleft())
            for subscription in list(self._subscriptions.values()):
                try:
                    await self._flush(subscription)
                except Refusal as refusal:
                    self._subscriptions.pop(subscription.id, None)
                    await self._send(error_frame(subscription.id, refusal))
            if loop.time() >= pinged + PING_PERIOD:
                pinged = loop.time()
                await self._send(PING)

    async def _flush(self, subscription: Subscription) -> None:
        if subscription.fresh:
            subscription.fresh = False
            await self._send_present(subscription)
        while subscription.behind:
            await self._replay(subscription)
        if subscription.events and (items := subscription.take_events()):
            await self._send(frame(subscription.id, "events", items, f',"cursor":{subscription.cursor}'))
        if subscription.statuses:
            statuses, subscription.statuses = subscription.statuses, {}
            await self._send(frame(subscription.id, "statuses", list(statuses.values())))
        if subscription.tick is not None:
            tick, subscription.tick = subscription.tick, None
            await self._send(frame(subscription.id, "values", tick.joined))
        if subscription.ledger is not None:
            ledger, subscription.ledger = subscription.ledger, None
            await self._send(frame(subscription.id, "ledger", ledger))

    async def _send_present(self, subscription: Subscription) -> None:
        """Send all there is now; what changes meanwhile waits and follows."""
        encode = msgspec.json.encode
        if subscription.topic == "status":
            wanted = StatusQuery(kind=subscription.filter.kinds)
            statuses = await self._ask("status.list", wanted, Statuses)
            await self._send(frame(subscription.id, "statuses", [encode(status) for status in statuses.items]))
        elif subscription.topic == "points":
            latest = await self._ask("points.values", PointValues(ids=subscription.filter.points or ()), LatestValues)
            items = latest.items if subscription.points != frozenset() else []
            await self._send(frame(subscription.id, "values", [encode(_row(value)) for value in items]))

    async def _replay(self, subscription: Subscription) -> None:
        """Send one page of the log; the live queue takes over when a page reaches the end."""
        which = subscription.filter
        # Whatever is told from here on is queued, so that nothing falls between this page and the queue.
        subscription.behind = False
        sure = self._hub.cursor is not None
        page = await self._ask(
            "events.list",
            EventQuery(after=subscription.cursor, type=which.types, severity=which.severity, limit=_PAGE),
            EventPage,
        )
        items = [msgspec.json.encode(stored) for stored in page.items if wants_event(which, stored.event)]
        if page.items:
            subscription.cursor = page.items[-1].seq
        if page.next is not None:
            subscription.cursor = max(subscription.cursor, page.next)
            subscription.behind = True
        elif not sure:
            # Upstream may have begun after this page was read: look once more when it certainly has.
            asyncio.get_running_loop().call_later(UPSTREAM, self._look_again, subscription)
        await self._send(frame(subscription.id, "events", items, f',"cursor":{subscription.cursor}'))

    def _look_again(self, subscription: Subscription) -> None:
        subscription.behind = True
        self._wake.set()

    async def _send(self, text: str) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(STALLED):
                await self._socket.send({"type": "websocket.send", "text": text, "bytes": None})
        except TimeoutError:
            raise _TooSlow from None
        waited = loop.time() - begun > TICK
        if waited and sum(subscription.waiting for subscription in self._subscriptions.values()) > BACKLOG:
            raise _TooSlow

    async def _refresh(self) -> None:
        self._scope_stale = False
        self._scope_asked = asyncio.get_running_loop().time()
        self._scope_due = self._scope_asked + RIGHTS_PERIOD
        self._scope = await self._ask("live.scope", Nothing(), Scope)

    async def _ask(self, operation: str, params: Any, result: type[Any]) -> Any:
        answer = await self._core.invoke(operation, params, self._shown, remote=self._remote, form="msgpack")
        return msgspec.msgpack.decode(answer.body, type=result)


class _TooSlow(Exception):
    """The client does not read fast enough."""


def live_handler(core: Core, hub: LiveHub) -> WebsocketRouteHandler:
    """Return the handler of /api/v1/live."""

    async def live(socket: WebSocket[Any, Any, Any]) -> None:
        if not same_origin(socket.scope):
            await socket.close(code=1008, reason="It comes from a page of another site.")
            return
        await socket.accept()
        connection = LiveConnection(socket, core, hub, credentials(socket.scope))
        code, reason = 1000, ""
        try:
            await connection.run()
        except _TooSlow:
            code, reason = CLOSE_TOO_SLOW, "The connection is too slow."
        except Unauthenticated as refusal:
            code, reason = CLOSE_UNAUTHENTICATED, refusal.what
        except Refusal as refusal:
            code, reason = 1013, refusal.what
        # A client that does not read does not take the close either.
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(1.0):
                await socket.close(code=code, reason=reason[:100])

    return WebsocketRouteHandler(f"{PREFIX}/live", name="live")(live)


def _row(value: Latest) -> tuple[Any, ...]:
    return value.point, value.value, value.quality, value.source_time, value.server_time
