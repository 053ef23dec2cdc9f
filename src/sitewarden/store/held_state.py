"""State: whole in memory, changed in transactions of its home, with its events and audit entries in the same ones."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal, TooLarge, Unreachable
from sitewarden.domain.events import Event
from sitewarden.store import audit_chain
from sitewarden.store.interfaces import AuditEntry, AuditRecord, Change, Finding, Held
from sitewarden.store.limits import check_limit
from sitewarden.store.prepared import prepare
from sitewarden.store.state_work import Staged, Work, stage_all

Emit = Callable[[Sequence[Event]], Awaitable[object]]

MAX_CHANGES: Final = 600_000
"""Changes of one transaction."""
GROUP: Final = 256
"""Callers that share a transaction."""
WAITING: Final = 10_000
"""Callers that may wait; past it they are refused. Each waits for its own commit, so this bounds callers, not work."""
RELAY_BATCH: Final = 256
SLICE: Final = 1000
"""Changes of which watchers are told at a time; between two slices the loop does other work."""
AGAIN: Final = "Try again when it is back; what is shown is what was stored last."
LARGE: Final = 100
"""Changes past which they are checked in a thread, so that the loop goes on."""


class Loaded(NamedTuple):
    """What a home holds at the start."""

    version: int
    entities: dict[str, dict[str, Held]]
    audit_head: tuple[int, bytes]


class StateHome(Protocol):
    """Where the state is kept: a file, or a database. One task at a time calls `write`."""

    where: str
    """The file or database, as a person knows it."""
    patience: float | None
    """Seconds until those who wait for a `write` are told that its outcome is not known yet; None: it always is."""

    def check(self) -> None:
        """Raise Unreachable where no change can be taken now."""
        ...

    async def write(self, parts: Sequence[Staged], version: int, head: tuple[int, bytes]) -> tuple[int, bytes]:
        """Write a group in one transaction; return the new head of the audit chain. What it raises was not done, not in part."""
        ...

    async def outbox(self, limit: int) -> list[tuple[int, Event]]:
        """Return the oldest events that wait for the event log."""
        ...

    async def clear_outbox(self, up_to: int) -> None: ...

    async def waiting(self) -> int: ...

    async def audit_page(self, before: int | None, limit: int) -> list[AuditRecord]: ...

    async def verify_chain(self) -> list[Finding]: ...

    async def close(self) -> None: ...


class HeldStateStore:
    """`StateStore` in a home of its own; this process is its one writer.

    Memory changes after the commit, on the loop, so that a reader never sees what a crash could take back.
    """

    def __init__(self, home: StateHome, loaded: Loaded, clock: Clock, emit: Emit | None = None) -> None:
        self.version = loaded.version
        self._home = home
        self._clock = clock
        self._emit = emit
        self._entities = loaded.entities
        self._audit_head = loaded.audit_head
        self._watchers: list[Callable[[Sequence[Change]], None]] = []
        self._queue: deque[tuple[Work, asyncio.Future[int]]] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._undelivered = asyncio.Event()
        self._undelivered.set()

    def relay_to(self, emit: Emit) -> None:
        """Give the outbox's events to `emit` from now on; it must drop repeats of a key."""
        self._emit = emit

    def get(self, kind: str, id_: str) -> Held | None:
        """Return an entity as it is held, or None."""
        of_kind = self._entities.get(kind)
        return of_kind.get(id_) if of_kind else None

    def list(self, kind: str) -> Sequence[Held]:
        """Return all entities of a kind, in the order of their creation since the start, by id before it."""
        return tuple(self._entities.get(kind, {}).values())

    def watch(self, changed: Callable[[Sequence[Change]], None]) -> None:
        """Call `changed` on the loop after every transaction, in order."""
        self._watchers.append(changed)

    async def apply(self, changes: Sequence[Change], *, events: Sequence[Event] = (), audit: Sequence[AuditEntry] = ()) -> int:
        """Make all changes or none, with their events and audit entries; return the new version.

        Raises Conflict, NotFound, Invalid or TooLarge as `state_work.stage` says; StorageFull for a full disk.
        """
        if len(changes) > MAX_CHANGES:
            raise TooLarge(
                f"{len(changes)} changes are too many for one transaction.", remedy=f"Make at most {MAX_CHANGES} at once."
            )
        if len(events) + len(audit) > LARGE:
            await asyncio.to_thread(_check, events, audit)
        else:
            _check(events, audit)
        return await self._submit(Work(tuple(changes), tuple(events), tuple(audit)))

    async def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the audit log, durable on return; those that wait share a transaction."""
        _check((), entries)
        if entries:
            await self._submit(Work((), (), tuple(entries)))

    async def _submit(self, work: Work) -> int:
        if len(self._queue) >= WAITING:
            raise Unreachable("Too many changes wait for the disk.", where=self._home.where, remedy="Try again in a moment.")
        self._home.check()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        self._queue.append((work, future))
        if self._draining is None:
            self._draining = loop.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                staged, futures = await self._stage_group(loop)
                if not staged:
                    continue
                version = self.version + sum(1 for part in staged if part.work.changes)
                writing = loop.create_task(self._home.write(staged, version, self._audit_head))
                done, _ = await asyncio.wait([writing], timeout=self._home.patience)
                if not done:
                    self._tell_unknown(futures)
                    await asyncio.wait([writing])
                error = writing.exception()
                if error is not None:
                    for future in futures:
                        if not future.done():
                            future.set_exception(error)
                    continue
                self._audit_head = writing.result()
                for part, future in zip(staged, futures, strict=True):
                    if len(part.held) > SLICE:
                        await self._publish_many(loop, part)
                    else:
                        self._publish(loop, part)
                    if not future.done():
                        future.set_result(self.version)
        finally:
            self._draining = None

    def _tell_unknown(self, futures: Sequence[asyncio.Future[int]]) -> None:
        """Let nobody wait for a database that went away: those whose change is under way, and those behind them."""
        for future in futures:
            if not future.done():
                future.set_exception(
                    Unreachable(
                        "The connection broke while the change was being made; whether it was is seen once the database is back.",
                        where=self._home.where,
                        remedy="Look again when the database answers, before you repeat it.",
                    )
                )
        while self._queue:
            _, future = self._queue.popleft()
            if not future.done():
                future.set_exception(
                    Unreachable("Nothing was changed: the database does not answer.", where=self._home.where, remedy=AGAIN)
                )

    async def _stage_group(self, loop: asyncio.AbstractEventLoop) -> tuple[Sequence[Staged], Sequence[asyncio.Future[int]]]:
        """Take callers from the queue and check their work, in the writer thread where it is much.

        Nothing but this task changes what is held, so a thread may read it.
        """
        works: deque[Work] = deque()
        waiting: deque[asyncio.Future[int]] = deque()
        size = 0
        while self._queue and len(works) < GROUP and size <= LARGE:
            work, future = self._queue.popleft()
            works.append(work)
            waiting.append(future)
            size += len(work.changes)
        check = partial(stage_all, works, lambda key: self.get(*key), self._clock.now())
        results = await asyncio.to_thread(check) if size > LARGE else check()
        staged: deque[Staged] = deque()
        futures: deque[asyncio.Future[int]] = deque()
        for result, future in zip(results, waiting, strict=True):
            if isinstance(result, Staged):
                staged.append(result)
                futures.append(future)
            elif not future.done():
                future.set_exception(result)
        return staged, futures

    def _publish(self, loop: asyncio.AbstractEventLoop, part: Staged) -> None:
        for (kind, id_), held, _ in part.held:
            if held is None:
                self._entities[kind].pop(id_, None)
            else:
                self._entities.setdefault(kind, {})[id_] = held
        if part.work.changes:
            self.version += 1
            for watcher in self._watchers:
                loop.call_soon(watcher, part.work.changes)
        if part.work.events:
            self._undelivered.set()

    async def _publish_many(self, loop: asyncio.AbstractEventLoop, part: Staged) -> None:
        """Do what `_publish` does for very many changes: all visible at once, watchers told in slices, in order."""
        changed, gone = await asyncio.to_thread(_by_kind, part)
        for kind, held in changed.items():
            self._entities.setdefault(kind, {}).update(held)
        for kind, id_ in gone:
            self._entities[kind].pop(id_, None)
        self.version += 1
        if part.work.events:
            self._undelivered.set()
        for start in range(0, len(part.work.changes), SLICE):
            # What was called soon before comes first, and so does everything else that is ready.
            await asyncio.sleep(0)
            for watcher in self._watchers:
                watcher(part.work.changes[start : start + SLICE])

    async def deliver(self, emit: Emit) -> int:
        """Hand all waiting events to `emit`, oldest first, and forget what it took; return how many.

        A crash between the two hands them over again, so `emit` drops repeats of a key. Raises what `emit` raises.
        """
        count = 0
        while True:
            rows = await self._home.outbox(RELAY_BATCH)
            if not rows:
                return count
            await emit([event for _, event in rows])
            await self._home.clear_outbox(rows[-1][0])
            count += len(rows)

    async def run(self) -> None:
        """Relay events as they come, until cancelled; a refusal of the log is tried again after 0.1 s, growing to 5 s."""
        if self._emit is None:
            raise RuntimeError("open the store with a relay to run it")
        pause = 0.1
        while True:
            await self._undelivered.wait()
            self._undelivered.clear()
            try:
                await self.deliver(self._emit)
                pause = 0.1
            except Refusal:
                self._undelivered.set()
                await asyncio.sleep(pause)
                pause = min(5.0, pause * 2)

    async def waiting(self) -> int:
        """Return how many events wait for the event log."""
        return await self._home.waiting()

    async def audit_page(self, before: int | None = None, limit: int = 100) -> Sequence[AuditRecord]:
        """Return the audit log from the newest down, below the id `before`."""
        return await self._home.audit_page(before, check_limit(limit, 10_000, "limit"))

    def audit_head(self) -> tuple[int, str]:
        """Return id and hash (hex) of the newest audit entry."""
        return self._audit_head[0], self._audit_head[1].hex()

    async def verify_chain(self) -> Sequence[Finding]:
        """Check every link of the audit chain; empty when it is whole."""
        return await self._home.verify_chain()

    async def close(self) -> None:
        """Write what waits and close the home."""
        if (draining := self._draining) is not None:
            await asyncio.wait([draining], timeout=self._home.patience)
            draining.cancel()
        await self._home.close()


def _by_kind(part: Staged) -> tuple[dict[str, dict[str, Held]], list[tuple[str, str]]]:
    """Return what a part leaves, ready to be taken over at once: entities by kind and id, and the keys of those that went."""
    left: dict[tuple[str, str], Held | None] = {key: held for key, held, _ in part.held}
    changed: dict[str, dict[str, Held]] = {}
    for (kind, id_), held in left.items():
        if held is not None:
            changed.setdefault(kind, {})[id_] = held
    return changed, [key for key, held in left.items() if held is None]


def _check(events: Sequence[Event], entries: Sequence[AuditEntry]) -> None:
    for event in events:
        prepare(event)
    for entry in entries:
        audit_chain.check(entry)
