"""Moving events, state and samples from one home to another: everything as it is, then everything compared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, Protocol

from msgspec import Struct

from sitewarden.domain.errors import Conflict
from sitewarden.store import audit_chain

BATCH: Final = 2000
RANGE: Final = 10_000
"""Rows whose digests are compared as one."""
OWN: Final = ("last", "filling", "moved")
"""Names in `meta` that a database keeps for itself."""

LEAST: Final = -(1 << 62)

Row = tuple[Any, ...]
Progress = Callable[[str, int, int], None]
"""Called with what is done ("events copied"), how many rows of it, and how many there are in all."""

SAMPLES: Final = ("points", "journal", "chunks", "rollups", "damaged", "lasts")
TABLES: Final = ("entities", "outbox", "audit", "events", *SAMPLES)
"""Each with a key that grows, at the front of its rows. An event is (seq, stored, body); samples go as they are packed."""
STARTS: Final[Mapping[str, Row]] = {"entities": ("", ""), "chunks": (-1, LEAST), "rollups": (-1, -1, LEAST)}
"""What is before the first key of a table; (-1,) for those that are not named."""
PAGES: Final[Mapping[str, int]] = {"journal": 20, "chunks": 500, "rollups": 500, "damaged": 100}
"""Rows of a page, of tables whose rows are large; `BATCH` for the others."""


class Frame(Struct, frozen=True, kw_only=True):
    """What stands beside the rows."""

    floor: int
    """Seq up to which retention may have deleted events."""
    confirms: dict[str, tuple[int, int]]
    meta: dict[str, str]
    """Version of the state and head of the audit log."""
    samples: dict[str, int]
    """How many seals there were, and up to which row of the journal."""


class Side(Protocol):
    """One home, opened for a move; nobody else writes to it."""

    where: str

    async def counts(self) -> Mapping[str, int]:
        """Rows of each table."""
        ...

    async def page(self, table: str, after: Row | None) -> list[Row]:
        """The next rows of a table past a row, in order of its key."""
        ...

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows that follow those that are there, durable on return."""
        ...

    async def frame(self) -> Frame: ...

    async def put_frame(self, frame: Frame) -> None: ...

    async def close(self) -> None: ...


def key_of(table: str, after: Row | None) -> Row:
    """Return the key past which the next page of a table begins."""
    first = STARTS.get(table, (-1,))
    return first if after is None else after[: len(first)]


async def rows_of(side: Side, table: str) -> AsyncIterator[list[Row]]:
    """Yield the rows of a table, page after page."""
    last: Row | None = None
    while page := await side.page(table, last):
        yield page
        last = page[-1]


async def copy(source: Side, target: Side, progress: Progress) -> None:
    """Write everything of one home to another that is empty."""
    counts = await source.counts()
    for table in TABLES:
        done = 0
        progress(f"{table} copied", 0, counts[table])
        async for page in rows_of(source, table):
            await target.put(table, page)
            done += len(page)
            progress(f"{table} copied", done, counts[table])
    await target.put_frame(await source.frame())


async def compare(source: Side, target: Side, progress: Progress) -> str:
    """Read both homes and hold them against each other; return the digest of all. Raises Conflict at the first difference."""
    counts = await source.counts()
    if dict(counts) != dict(await target.counts()):
        raise Conflict(f"The copy has {dict(await target.counts())} rows, not {dict(counts)}.", where=target.where)
    if await source.frame() != await target.frame():
        raise Conflict("The copy says something else of its version, its confirms or its audit log.", where=target.where)
    whole = sha256()
    for table in TABLES:
        done = 0
        verifier = audit_chain.Verifier(target.where)
        ours, theirs = Ranges(), Ranges()
        others = rows_of(target, table)
        async for page in rows_of(source, table):
            ours.add(page)
            copied: list[Row] = await anext(others, [])
            theirs.add(copied)
            if table == "audit":
                for row in copied:
                    verifier.take(*row)
            done += len(page)
            progress(f"{table} compared", done, counts[table])
        if ours.digests() != theirs.digests():
            at = next(at for at, (one, other) in enumerate(zip(ours.digests(), theirs.digests(), strict=True)) if one != other)
            raise Conflict(f"Rows {at * RANGE + 1} to {(at + 1) * RANGE} of {table} differ.", where=target.where)
        if table == "audit":
            frame = await target.frame()
            for finding in verifier.findings(audit_chain.named_head(frame.meta.get("audit"))):
                raise Conflict(
                    f"The audit log is not whole: {finding.what}", where=finding.where, remedy="Run `sitewarden fsck`."
                )
        for digest in ours.digests():
            whole.update(digest)
    return whole.hexdigest()


class Ranges:
    """A digest for each `RANGE` rows of a table."""

    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._open = sha256()
        self._count = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Take the next rows."""
        for row in rows:
            for value in row:
                text = value if isinstance(value, bytes) else str(value).encode()
                self._open.update(len(text).to_bytes(4, "big") + text)
            self._count += 1
            if self._count % RANGE == 0:
                self._done.append(self._open.digest())
                self._open = sha256()

    def digests(self) -> list[bytes]:
        """Return the digests, the last one of what is left."""
        return [*self._done, self._open.digest()]
