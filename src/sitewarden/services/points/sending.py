"""Samples sent to other databases by Prometheus remote write, from the store, so that nothing waits in memory alone."""

from __future__ import annotations

import asyncio
import logging
import ssl
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from sitewarden import __version__
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal, TooLarge
from sitewarden.domain.points.quality import is_bad
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.points.series import Series
from sitewarden.domain.status import Status
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.errors import DriverError, Misconfigured
from sitewarden.net import Network
from sitewarden.services.points.backlog import Backlog
from sitewarden.services.points.remote_http import RemoteHttp, Reply
from sitewarden.wire.httpplace import read_place
from sitewarden.wire.remote_write import label_bytes, line_bytes, pack

log = logging.getLogger(__name__)

MOST: Final = 5_000
"""Samples of a request."""
POINTS: Final = 1_000
"""Points that are read at once."""
END: Final = 1 << 60
PAUSE: Final = 1.0
"""Seconds that samples gather before they are sent, where nothing is behind."""
PATIENCE: Final = 30.0
"""Longest pause, in seconds, between two tries."""
TRIES: Final = 64
"""Requests that one refused request is cut into to find what is refused; then the rest of it is given up."""
TELL: Final = 2.0
"""Seconds between two looks at how far behind a target is."""
SLOW: Final = 60.0
"""Seconds behind from which on a target that answers is "degraded"."""
HOLDING: Final = frozenset({401, 403, 404, 405, 407, 415})
"""Answers that speak of the settings and not of the samples: these wait."""


class Send(Struct, frozen=True, kw_only=True):
    """One target, as the iot process is told of it."""

    id: str
    name: str
    url: str
    username: str = ""
    password: str = ""
    tenant: str = ""
    ca: str = ""
    labels: dict[str, str] = {}
    points: tuple[str, ...] = ()
    all_history: bool = False
    shards: int = 2


class SendStore(Protocol):
    """How far samples were sent."""

    async def begin(self, target: str, moment: int) -> int: ...
    async def cursors(self, target: str) -> dict[str, int]: ...
    async def sent(self, target: str, cursors: Mapping[str, int]) -> None: ...


class SampleSource(Protocol):
    """What of `SampleReader` is needed here."""

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]: ...
    async def raw(self, point: str, start: int, end: int, limit: int) -> Samples: ...


class Piece(Struct, frozen=True):
    """Samples of one point in a request."""

    point: str
    times: list[int]
    """Microseconds."""
    values: list[float | None]


class Target:
    """One database. `run` sends until cancelled; `stored` tells it of every batch that is in the store."""

    def __init__(
        self,
        send: Send,
        metrics: Mapping[str, dict[str, str]],
        net: Network,
        clock: Clock,
        source: SampleSource,
        store: SendStore,
        status: Callable[[Status], None],
        tell: Callable[[str, dict[str, object]], None],
    ) -> None:
        """`metrics` are points' labels; `tell` takes an event's type and data."""
        self.send = send
        self._net, self._clock, self._source, self._store = net, clock, source, store
        self._status, self._tell = status, tell
        self.keys = {
            point: label_bytes(sorted({**send.labels, **metrics[point]}.items())) for point in send.points if point in metrics
        }
        self.written = 0
        self.refused = 0
        self.fault = ""
        """Why nothing is taken now; empty where it is."""
        self._backlogs: list[Backlog] = []
        self._of: dict[str, Backlog] = {}
        self._dropped_at = 0.0
        self._flying: dict[int, int] = {}
        """Shard to the earliest time that is under way."""

    def stored(self, samples: Samples) -> None:
        """Take note of a batch; costs a look-up a sample, and holds nothing but points."""
        of = self._of
        for point, time in zip(samples.points, samples.source_times, strict=True):
            backlog = of.get(point)
            if backlog is not None:
                backlog.add(point, time)

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            place = read_place(self.send.url)
            context = _trust(self.send.ca) if place.secure else None
        except (ValueError, ssl.SSLError) as error:
            self._report("offline", f"the settings cannot be used: {error}")
            return
        begin = await self._store.begin(self.send.id, 0 if self.send.all_history else self._clock.now())
        cursors = await self._store.cursors(self.send.id)
        count = self.send.shards
        self._backlogs = [Backlog(begin) for _ in range(count)]
        self._of = {point: self._backlogs[zlib.crc32(point.encode()) % count] for point in self.keys}
        for number, backlog in enumerate(self._backlogs):
            backlog.want((point for point in self.keys if self._of[point] is self._backlogs[number]), cursors)
        headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
            "User-Agent": f"sitewarden/{__version__}",
            **_proof(self.send),
        }
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                http = RemoteHttp(self._net, place, headers, context)
                group.create_task(self._shard(number, http), name=f"remote write {self.send.id} {number}")
            group.create_task(self._watch(), name=f"remote write {self.send.id}")

    async def _shard(self, number: int, http: RemoteHttp) -> None:
        backlog, most = self._backlogs[number], POINTS
        try:
            while True:
                if not backlog.dirty and not backlog.late:
                    await asyncio.sleep(PAUSE)
                    continue
                behind = backlog.behind()
                taken = backlog.take(most)
                drained = len(taken) < most
                try:
                    self._flying[number] = behind if behind is not None else self._clock.now()
                    pieces, full = await self._read(backlog, taken)
                    most = min(most * 2, POINTS)
                except TooLarge:
                    for point, start in taken:
                        backlog.again(point, start)
                    most = max(len(taken) // 4, 1)
                    continue
                except Refusal as refusal:
                    log.warning("samples for %s cannot be read, and are read again: %s", self.send.id, refusal)
                    for point, start in taken:
                        backlog.again(point, start)
                    await asyncio.sleep(PATIENCE)
                    continue
                if pieces:
                    await self._deliver(http, pieces)
                    await self._settle(backlog, pieces)
                backlog.landed()
                late = await self._late(backlog)
                if late:
                    await self._deliver(http, late)
                self._flying.pop(number, None)
                if drained and not full:
                    await asyncio.sleep(PAUSE)
        finally:
            http.close()

    async def _read(self, backlog: Backlog, taken: list[tuple[str, int]]) -> tuple[list[Piece], bool]:
        """Return what is to be sent of these points; True where more of it is there."""
        if len(taken) == 1:
            [(point, start)] = taken
            samples = await self._source.raw(point, start, END, MOST)
            full = len(samples) == MOST
            if full:
                backlog.again(point, samples.source_times[-1] + 1)
            values = [None if is_bad(q) else _number(v) for v, q in zip(samples.values, samples.qualities, strict=True)]
            return ([Piece(point, samples.source_times, values)] if len(samples) else []), full
        if not taken:
            return [], False
        starts = dict(taken)
        found = await self._source.series(list(starts), taken[0][1], END, limit=MOST)
        pieces = []
        for one in found:
            piece = _piece(one, starts[one.point])
            if piece.times:
                pieces.append(piece)
        return pieces, False

    async def _late(self, backlog: Backlog) -> list[Piece]:
        wanted = backlog.take_late(500)
        pieces = []
        for point, times in wanted.items():
            try:
                samples = await self._source.raw(point, min(times), max(times) + 1, MOST)
            except Refusal as refusal:
                log.warning("late samples for %s are left out: %s", self.send.id, refusal)
                backlog.dropped += len(times)
                continue
            rows = [
                (time, None if is_bad(quality) else _number(value))
                for time, value, quality in zip(samples.source_times, samples.values, samples.qualities, strict=True)
                if time in times
            ]
            pieces.append(Piece(point, [time for time, _ in rows], [value for _, value in rows]))
        return pieces

    async def _settle(self, backlog: Backlog, pieces: list[Piece]) -> None:
        lasts = {piece.point: piece.times[-1] for piece in pieces}
        for piece in pieces:
            backlog.sent(piece.point, piece.times)
        try:
            await self._store.sent(self.send.id, lasts)
        except Refusal as refusal:
            log.warning("how far %s is was not noted, so some is sent again after a restart: %s", self.send.id, refusal)

    async def _deliver(self, http: RemoteHttp, pieces: list[Piece]) -> None:
        """Return when all was taken, or refused for good; what is refused is cut smaller, the earlier half first."""
        parts, tries = [pieces], 0
        while parts:
            part = parts.pop()
            count = sum(len(piece.times) for piece in part)
            reply = await self._post(http, part)
            tries += 1
            if reply.status < 300:
                self.written += count
                continue
            halves = _halves(part)
            if halves is None or tries >= TRIES:
                self._drop(count, reply)
                continue
            parts += reversed(halves)

    async def _post(self, http: RemoteHttp, pieces: list[Piece]) -> Reply:
        """Return an answer that speaks of the samples; until there is one, try again."""
        body = pack(b"".join(_line(self.keys[piece.point], piece) for piece in pieces))
        backoff = Backoff(0.5, PATIENCE)
        while True:
            wait = 0.0
            try:
                reply = await http.post(body)
            except Misconfigured as error:
                self.fault, wait = str(error), PATIENCE
            except DriverError as error:
                self.fault = str(error)
            else:
                if reply.status not in HOLDING and reply.status != 429 and 200 <= reply.status < 500:
                    self.fault = ""
                    return reply
                self.fault = f"it answers {reply.status} {reply.text}".strip()
                wait = min(reply.retry_after, 300.0)
            await asyncio.sleep(max(wait, backoff.next()))

    def _drop(self, count: int, reply: Reply) -> None:
        first = not self.refused
        self.refused += count
        detail = f"{reply.status} {reply.text}".strip()
        log.warning("%s refuses %d samples for good: %s", self.send.id, count, detail)
        if first or self._clock.monotonic() - self._dropped_at > 600.0:
            self._dropped_at = self._clock.monotonic()
            self._tell("remote-write.refused", {"name": self.send.name, "count": count, "detail": detail})

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TELL)
            waiting = sum(len(backlog.dirty) for backlog in self._backlogs)
            moments = [*(m for backlog in self._backlogs if (m := backlog.behind()) is not None), *self._flying.values()]
            # Where all history goes first, the oldest sample's time is not known before it is read.
            known = [moment for moment in moments if moment > 1]
            lag = max(0.0, (self._clock.now() - min(known)) / 1e6) if known else 0.0
            data: dict[str, object] = {
                "behind_seconds": round(lag),
                "points_waiting": waiting,
                "samples_sent": self.written,
                "samples_refused": self.refused,
                "late_dropped": sum(backlog.dropped for backlog in self._backlogs),
            }
            said = f"{lag:.0f} s behind" if lag >= 5 else "up to date"
            if self.fault:
                self._report("offline", f"{self.fault}; {said}", data)
            elif lag > SLOW and waiting:
                self._report("degraded", said, data)
            elif self.written or self.refused:
                self._report("online", said, data)
            else:
                self._report("pending", "nothing was to be sent yet", data)

    def _report(self, state: str, detail: str, data: dict[str, object] | None = None) -> None:
        reference = f"remote-write:{self.send.id}"
        self._status(Status(ref=reference, state=state, detail=detail, since=self._clock.now(), data=data or {}))


def _piece(one: Series, start: int) -> Piece:
    first = int(one.times.searchsorted(start))
    times, values, qualities = one.times[first:].tolist(), one.values[first:].tolist(), one.qualities[first:].tolist()
    return Piece(one.point, times, [None if is_bad(q) else v for v, q in zip(values, qualities, strict=True)])


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (bool, int, float)) else None


def _line(key: bytes, piece: Piece) -> bytes:
    """Return a series; of several samples within one millisecond the last."""
    by_time = dict(zip([time // 1000 for time in piece.times], piece.values, strict=True))
    return line_bytes(key, list(by_time), list(by_time.values()))


def _halves(pieces: list[Piece]) -> list[list[Piece]] | None:
    """Return the earlier and the later half of a request, or half of its points each; None where it is a single sample."""
    times = sorted(time for piece in pieces for time in piece.times)
    if len(times) < 2:
        return None
    middle = times[len(times) // 2]
    if middle == times[0]:
        if len(pieces) > 1:
            return [pieces[: len(pieces) // 2], pieces[len(pieces) // 2 :]]
        middle = times[-1]
        if middle == times[0]:
            return None
    halves: list[list[Piece]] = [[], []]
    for piece in pieces:
        cut = sum(time < middle for time in piece.times)
        for half, part in zip(halves, (slice(0, cut), slice(cut, None)), strict=True):
            if piece.times[part]:
                half.append(Piece(piece.point, piece.times[part], piece.values[part]))
    return halves


def _proof(send: Send) -> dict[str, str]:
    headers = {"X-Scope-OrgID": send.tenant} if send.tenant else {}
    if send.username:
        pair = b64encode(f"{send.username}:{send.password}".encode()).decode()
        return {**headers, "Authorization": f"Basic {pair}"}
    return {**headers, "Authorization": f"Bearer {send.password}"} if send.password else headers


def _trust(ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(cadata=ca)
    return context
