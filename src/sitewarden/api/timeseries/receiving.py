"""`POST /api/v1/write`: remote write 1.0 and 2.0. What was answered with 204 is in the store."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from litestar.types import HTTPScope, Receive

from sitewarden.api.native.requests import header
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import MINUTE, Clock
from sitewarden.domain.errors import NotFound, Refusal, TooMany, Unreachable
from sitewarden.domain.points.samples import PointRun
from sitewarden.services.points.messages import ARRIVED, Arrival, Arrived
from sitewarden.services.surface.timeseries import ReadableStamp, ReceivablePoints
from sitewarden.services.timeseries.matching import Matcher, shown
from sitewarden.wire import remote_write as wire

AHEAD: Final = 10 * MINUTE
"""How far ahead of this server's clock a sample may be."""
EARLIEST: Final = 946_684_800_000
"""Milliseconds: the year 2000. What is older comes from a clock that was never set."""
PIECE: Final = 5_000
"""Samples that travel to the store at once."""
AT_ONCE: Final = 2
"""Requests that are read at once; each may hold as much as `wire.PLAIN` bytes."""
WAITING: Final = 32
"""Requests that wait for their turn; further ones are told to come again."""
CALLERS: Final = 16
"""Sets of points that are remembered; the one that was used longest ago is forgotten."""
SAID: Final = 5
"""Reasons in an answer."""
STORE_SECONDS: Final = 15.0

Ask = Callable[[str], Awaitable[bytes]]
Answer = tuple[int, bytes, list[tuple[bytes, bytes]]]


class Sorted:
    """A request, by the endpoints that its samples are for."""

    def __init__(self) -> None:
        self.runs: dict[str, list[PointRun]] = defaultdict(list)
        self.reasons: dict[str, None] = {}
        self.refused = 0
        """Series that were refused, whole or in part."""
        self.unknown = 0
        """Series that are no point's."""


class Receiver:
    """Takes requests. Series that are no point's are not stored, and no error: the sender sends what it has."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._matchers: OrderedDict[str, Matcher] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def answer(self, scope: HTTPScope, receive: Receive, ask: Ask) -> Answer:
        """Store what fits, and return the answer; raise a Refusal where nothing of it can be taken."""
        matcher = await self._matcher(ask)
        version = _version(header(scope, b"content-type"), header(scope, b"content-encoding"))
        if isinstance(version, bytes):
            return _text(415, version)
        if self._waiting >= WAITING:
            raise TooMany(f"{WAITING} requests wait already.", remedy="Send again later.")
        self._waiting += 1
        try:
            async with self._turns:
                body = await _body(receive)
                if body is None:
                    return _text(413, f"the body has more than {wire.COMPRESSED} bytes; send fewer samples at a time".encode())
                try:
                    lines = await asyncio.to_thread(lambda: wire.read(wire.unpack(body), version))
                except wire.Malformed as error:
                    return _text(400, f"this is no {version}: {error}".encode())
                found = self._sorted(lines, matcher)
        finally:
            self._waiting -= 1
        stored = await self._store(found.runs)
        written = [(b"x-prometheus-remote-write-samples-written", str(stored).encode())]
        written += [(b"x-prometheus-remote-write-%s-written" % kind, b"0") for kind in (b"histograms", b"exemplars")]
        if not found.refused:
            return 204, b"", written
        said = "; ".join(found.reasons) + (f"; and more, {found.refused} series in all" if found.refused > SAID else "")
        return _text(400, f"stored {stored} samples, and refused: {said}".encode(), written)

    async def _matcher(self, ask: Ask) -> Matcher:
        stamp = msgspec.msgpack.decode(await ask("timeseries.write"), type=ReadableStamp).stamp
        held = self._matchers.get(stamp)
        if held is not None:
            self._matchers.move_to_end(stamp)
            return held
        fresh = msgspec.msgpack.decode(await ask("timeseries.receivable"), type=ReceivablePoints)
        made = self._matchers[fresh.stamp] = Matcher(fresh.items, self._clock.monotonic)
        while len(self._matchers) > CALLERS:
            self._matchers.popitem(last=False)
        return made

    def _sorted(self, lines: list[wire.Line], matcher: Matcher) -> Sorted:
        found = Sorted()
        latest = (self._clock.now() + AHEAD) // 1000

        def refuse(reason: str) -> None:
            found.refused += 1
            if len(found.reasons) < SAID:
                found.reasons[reason] = None

        for line in lines:
            try:
                points = matcher.find(line.key, refuse)
            except wire.Malformed as error:
                refuse(f"a series with {error}")
                continue
            if not points:
                found.unknown += 1
                continue
            times, values = line.times, line.values
            if times and not (min(times) >= EARLIEST and max(times) <= latest):
                refuse(f"{shown(line.key)} has samples from before the year 2000, or more than ten minutes ahead of this server")
                kept = [pair for pair in zip(times, values, strict=True) if EARLIEST <= pair[0] <= latest]
                times, values = [time for time, _ in kept], [value for _, value in kept]
            for point in points:
                found.runs[point.endpoint].append(PointRun(point.id, [time * 1000 for time in times], values))
        return found

    async def _store(self, runs: dict[str, list[PointRun]]) -> int:
        """Hand over what came, piece by piece; a piece that was stored stays so, and sent again it changes nothing."""
        stored = 0
        for endpoint, all_ in runs.items():
            piece: list[PointRun] = []
            size = 0
            for run in all_:
                piece.append(run)
                size += len(run.times)
                if size >= PIECE:
                    stored += await self._hand_over(endpoint, piece)
                    piece, size = [], 0
            if size:
                stored += await self._hand_over(endpoint, piece)
        return stored

    async def _hand_over(self, endpoint: str, runs: list[PointRun]) -> int:
        body = msgspec.msgpack.encode(Arrived(endpoint, runs))
        try:
            answer = await self._bus.request(ARRIVED, body, timeout=STORE_SECONDS)
        except NotFound as refusal:
            # The iot process has not heard of the endpoint yet, or still runs what it was.
            raise Unreachable(refusal.what, where=refusal.where, remedy="Send again.") from None
        except Refusal as refusal:
            raise Unreachable(f"The samples cannot be stored now: {refusal}", remedy="Send again.") from None
        return msgspec.msgpack.decode(answer, type=Arrival).stored


def _version(kind: str, encoding: str) -> str | bytes:
    """Return the message that a body is, or why it is not taken."""
    media, _, parameter = kind.partition(";")
    if media.strip().lower() != "application/x-protobuf":
        return b"the body has to be application/x-protobuf, as remote write says"
    if encoding.strip().lower() not in ("", "snappy"):
        return b"the body has to be packed by snappy, as remote write says"
    name, _, value = parameter.strip().partition("=")
    version = value.strip().strip('"') if name.strip().lower() == "proto" else wire.VERSION_1
    if version not in (wire.VERSION_1, wire.VERSION_2):
        return f"only {wire.VERSION_1} and {wire.VERSION_2} are taken".encode()
    return version


async def _body(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Unreachable("the request ended before its body")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > wire.COMPRESSED:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _text(status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> Answer:
    return status, body + b"\n", [(b"content-type", b"text/plain; charset=utf-8"), *(headers or [])]
