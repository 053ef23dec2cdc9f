"""What the stores offer; one home on SQLite now, PostgreSQL beside it later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from sitewarden.domain.entity import Entity
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.domain.points.series import Buckets, Pieces, Series
from sitewarden.domain.retention import Class
from sitewarden.domain.video.fill import Fill
from sitewarden.domain.video.model import Gap, Lock, Order, Segment


class EventFilter(Struct, frozen=True, kw_only=True):
    """Which events to read. `types` are exact or prefixes ending in ".*"; `entity` matches the subject or `related`."""

    after: int | None = None
    """seq greater than this, ascending; None with `before` reads descending from the newest."""
    before: int | None = None
    types: tuple[str, ...] = ()
    entity: str | None = None
    severity: int = 0
    start: int | None = None
    end: int | None = None
    text: str = ""
    limit: int = 100
    among: tuple[tuple[str, ...], ...] = ()
    """For each group, one of its references is the subject or related: the entities of an area, and a person."""
    source: str = ""
    """Who numbered the event: the origin of keys of the form "<origin>/<epoch>/<index>"."""


class Found(Struct, frozen=True):
    """What a search found, and how far it looked."""

    items: list[StoredEvent]
    next: int | None
    """Where to go on, as the next `after` or `before`; None where everything was looked at."""


class Tally(Struct, frozen=True, array_like=True):
    """Events of one type and severity within one step of time."""

    start: int
    """Beginning of the step, microseconds since 1970 UTC."""
    type: str
    severity: int
    count: int


class Counted(Struct, frozen=True):
    """Counts over time, in order of time."""

    tallies: list[Tally]
    step: int
    """Microseconds; longer than asked for where the log keeps no finer counts of so long a time."""
    reached: int | None
    """Events below this seq were not looked at for want of time; None where all were."""


class EventLog(Protocol):
    """Append-only log of events in its own file; one writer, group commit, synchronous=FULL."""

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> list[StoredEvent]:
        """Return the newly stored events once they are durable; repeats of a key are dropped."""
        ...

    async def read(self, which: EventFilter) -> list[StoredEvent]: ...

    async def search(self, which: EventFilter, seconds: float = 1.0) -> Found:
        """Read as far as `limit` events or `seconds` go, and say where to go on; never refuses for want of time."""
        ...

    async def count(self, which: EventFilter, step: int, seconds: float = 1.0) -> Counted:
        """Count what a search without cursors finds in [start, end), both given, by steps of `step` microseconds from `start`."""
        ...

    def head(self) -> int:
        """Greatest durable seq; 0 when the log is empty."""
        ...

    def confirmed(self, device: str) -> tuple[int, int] | None:
        """(epoch, index) stored for a device."""
        ...

    async def retain(
        self,
        *,
        before: int | None = None,
        max_bytes: int | None = None,
        keep_from: int | None = None,
        classes: Mapping[Class, int] | None = None,
        archive: Callable[[Sequence[StoredEvent]], None] | None = None,
    ) -> int:
        """Delete the oldest events stored before `before`, those past `max_bytes`, and of each class those stored before its
        moment; return how many. `archive` gets them first, in a thread, and has them on the disk when it returns.

        Never deletes the newest event, one with seq >= `keep_from`, or one that its device may still send again because
        its index is not confirmed. Works in small transactions between appends.
        """
        ...

    async def close(self) -> None: ...


class Change(Struct, frozen=True, kw_only=True):
    """One change of state. `entity` None deletes; `revision` None does not check, 0 must be new."""

    kind: str
    id: str
    entity: Entity | None
    revision: int | None = None


class Held(Struct, frozen=True):
    """An entity with its revision (grows by one a change) and time of change."""

    entity: Entity
    revision: int
    changed: int


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One line of the audit log, before it is chained. No secrets, no personal data beyond ids."""

    time: int
    actor: str
    action: str
    entity: str
    outcome: str
    """"done", "refused: <code>" or "failed: <code>"."""
    reason: str = ""
    detail: dict[str, Any] = {}
    remote: str = ""


class AuditRecord(Struct, frozen=True, kw_only=True):
    """A line of the audit log as it is stored. `hash` is SHA-256, hex, over the previous hash and this entry."""

    id: int
    entry: AuditEntry
    hash: str


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that `fsck` found wrong. `where` names the file and row, `remedy` says what to do."""

    where: str
    what: str
    remedy: str = ""


class StateStore(Protocol):
    """Entities by kind and id, whole in memory; changes are one transaction with their events and audit entries."""

    version: int
    """Grows with every transaction."""

    def get(self, kind: str, id_: str) -> Held | None: ...

    def list(self, kind: str) -> Sequence[Held]: ...

    async def apply(self, changes: Sequence[Change], *, events: Sequence[Event] = (), audit: Sequence[AuditEntry] = ()) -> int:
        """Make all changes or none; events and audit go to the outbox in the same transaction. Return the new version.

        Raises Conflict where a revision does not match.
        """
        ...

    def watch(self, changed: Callable[[Sequence[Change]], None]) -> None:
        """Call `changed` after every transaction, in order, with the changes as they were made; of very many in several calls."""
        ...

    async def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the hash-chained audit log; returns once the entries are durable."""
        ...

    async def audit_page(self, before: int | None = None, limit: int = 100) -> Sequence[AuditRecord]:
        """The audit log from the newest down, below the id `before`."""
        ...

    def audit_head(self) -> tuple[int, str]:
        """Id and hash of the newest audit entry; (0, 64 zeros) when there is none."""
        ...

    async def verify_chain(self) -> Sequence[Finding]:
        """Check every link of the audit chain; empty when it is whole."""
        ...

    async def close(self) -> None: ...


class SampleStore(Protocol):
    """Points' history; durable once `append` returns."""

    @property
    def reader(self) -> SampleReader:
        """Reads what is written, the newest too."""
        ...

    async def append(self, samples: Samples) -> None: ...

    async def range(self, point: str, start: int, end: int, limit: int) -> Samples: ...

    async def latest(self) -> list[Latest]:
        """The last sample of every point, for the start."""
        ...

    async def tend(self, now: int, *, seconds: float = 1.0) -> bool:
        """Pack what was written into chunks, and these into larger ones; True where `seconds` did not do for all."""
        ...

    async def retain(
        self,
        *,
        before: int | None = None,
        of: Mapping[str, int] | None = None,
        rolls_before: int | None = None,
        max_bytes: int | None = None,
    ) -> int:
        """Delete samples older than `before`, or than what `of` gives for their point, and the oldest past `max_bytes`.

        Never the last of a point. A sample may stay for a day longer. What was in them stays in rollups until `rolls_before`.
        Return how many samples went.
        """
        ...

    async def close(self) -> None: ...


class SampleReader(Protocol):
    """Points' history to read, in this process or another than the writer's. What was acknowledged is seen.

    A point that has no samples is none that is known: it is left out of the answer. Raises TimedOut where reading takes too long.
    """

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        """Samples of [start, end) by source time, ascending; raises TooLarge where they are more than `limit` in all."""
        ...

    async def buckets(self, points: Sequence[str], start: int, end: int, width: int) -> list[Buckets]:
        """Buckets that start in [start, end), `width` microseconds each; multiples of a minute, hour or day are quick."""
        ...

    async def pieces(self, points: Sequence[str], start: int, end: int, width: int, *, limit: int) -> list[Pieces]:
        """Samples of [start, end] by source time, put together where no multiple of `width` lies between them.

        Where `end` is such a multiple, a last piece may begin there and reach past it. Raises TooLarge where more than
        `limit` pieces and samples would have to be held.
        """
        ...

    async def points(self) -> list[str]:
        """Ids of the points that have samples, in order."""
        ...

    async def raw(self, point: str, start: int, end: int, limit: int) -> Samples:
        """At most `limit` samples of [start, end) by source time, ascending, with values of their own types and both times."""
        ...

    async def latest(self, points: Sequence[str] | None = None) -> list[Latest]:
        """The last sample of these points, or of all."""
        ...

    async def close(self) -> None: ...


class FillStore(Protocol):
    """Gaps that are filled from what cameras recorded themselves, and up to when gaps were looked for."""

    async def put(self, fill: Fill) -> None:
        """Store a fill, durable on return; it replaces the one with its id."""
        ...

    async def of(self, camera: str, start: int, end: int) -> list[Fill]:
        """A camera's fills that overlap [start, end), in order."""
        ...

    async def open_ones(self) -> list[Fill]:
        """Those that are neither done nor given up."""
        ...

    async def looked(self) -> dict[str, int]:
        """Camera to the moment up to which its gaps were looked at."""
        ...

    async def look(self, camera: str, until: int) -> None: ...

    async def forget(self, before: int) -> None:
        """Forget the fills of what was before a moment."""
        ...

    async def close(self) -> None: ...


class SegmentIndex(Protocol):
    """Where recorded video lies, why the rest of the time has none, and what must not be deleted."""

    async def add(self, segments: Sequence[Segment]) -> None: ...

    async def find(self, camera: str, start: int, end: int) -> list[Segment]:
        """Segments that overlap [start, end), in order."""
        ...

    async def oldest(
        self, limit: int = 100, camera: str | None = None, after: int = -1, *, volume: str | None = None
    ) -> list[Segment]:
        """The oldest segments that start after a moment, of all cameras or one, on all volumes or one; what goes first."""
        ...

    async def held(self) -> dict[str, dict[str, int]]:
        """Volume to camera to bytes."""
        ...

    async def usage(self) -> dict[str, tuple[int, int, int]]:
        """Camera to (bytes, start of the oldest, end of the newest segment)."""
        ...

    async def recent(self, since: int) -> dict[str, tuple[int, int]]:
        """Camera to (bytes, start of the oldest) of the segments that start at or after a moment."""
        ...

    async def remove(self, ids: Sequence[str], *, leave: Sequence[Segment] = ()) -> None:
        """Forget segments; the files of `leave` become leftovers in the same transaction."""
        ...

    async def move(self, segment: Segment, volume: str) -> bool:
        """Say that a segment lies on another volume now; its old file becomes a leftover. False where it is known no more."""
        ...

    async def leftovers(self, volume: str) -> list[str]:
        """Paths of files that are still to be deleted from a volume: their segments lie elsewhere, or are forgotten."""
        ...

    async def leave(self, volume: str, paths: Sequence[str]) -> None:
        """Note files that are to be deleted from a volume."""
        ...

    async def cleared(self, volume: str, paths: Sequence[str]) -> None:
        """Forget leftovers that are deleted."""
        ...

    async def volumes(self) -> dict[str, tuple[str, bool]]:
        """Volume to (its mark, whether it had a disk of its own) of those that were ever written to."""
        ...

    async def know(self, volume: str, mark: str, own: bool) -> None: ...

    async def note(self, gaps: Sequence[Gap]) -> None:
        """Store gaps; one replaces another of the same camera and start, one that is over and empty deletes it."""
        ...

    async def gaps(self, camera: str, start: int, end: int) -> list[Gap]:
        """Gaps that overlap [start, end), in order; the end is 0 while one lasts."""
        ...

    async def open_gaps(self) -> list[Gap]: ...

    async def forget_before(self, camera: str, start: int, before: int, detail: str) -> None:
        """Put one gap "deleted", from `start` or earlier, in the place of all gaps of the camera before a moment."""
        ...

    async def accounted(self) -> dict[str, int]:
        """Camera to the moment up to which its time is accounted for."""
        ...

    async def alive(self) -> int:
        """When the recorder last said that it runs; 0 where it never did."""
        ...

    async def beat(self, time: int) -> None: ...

    async def lock(self, lock: Lock) -> None: ...

    async def unlock(self, ids: Sequence[str]) -> None: ...

    async def locks(self) -> list[Lock]: ...

    async def order(self, order: Order) -> None:
        """Store an order to record; it replaces the camera's last one."""
        ...

    async def orders(self) -> list[Order]: ...

    async def close(self) -> None: ...


class OutboxItem(Struct, frozen=True):
    """Events that one `append` of the outbox took, with their confirm; `id` grows in the order of the appends."""

    id: int
    events: list[Event]
    confirm: Confirm | None = None


class Outbox(Protocol):
    """A worker's durable queue of events while core is down. Bounded in bytes; when full, `append` refuses with StorageFull."""

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> int:
        """Return the item's id once it is durable."""
        ...

    async def pending(self, limit: int = 64) -> list[OutboxItem]:
        """The oldest items that are not acknowledged, in order."""
        ...

    async def ack(self, up_to: int) -> None:
        """Forget all items with id <= `up_to`."""
        ...

    def __len__(self) -> int:
        """How many items wait."""
        ...

    async def close(self) -> None: ...
