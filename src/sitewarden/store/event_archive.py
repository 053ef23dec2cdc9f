"""Events that retention deletes, as Parquet files by month. Does file I/O; Parquet itself is written in a child process.

Events are first appended to a file of their month and synced, so that nothing is deleted that is not on the disk; now and then
that file goes into the month's Parquet file. A crash at any moment leaves an event in both at worst: its seq is taken once.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import to_datetime
from sitewarden.domain.errors import Invalid, Unreachable
from sitewarden.domain.events import StoredEvent

PENDING: Final = "pending"
FORM: Final = "sitewarden-event-archive-1"


class Month(Struct, frozen=True, kw_only=True):
    """The manifest of a month, beside its Parquet file: `2026-03.json`."""

    form: str = FORM
    month: str
    file: str
    rows: int
    bytes: int
    sha256: str
    first: int
    """The least seq in it."""
    last: int
    begin: int
    """Time of the earliest event, microseconds since 1970 UTC."""
    end: int


class EventArchive:
    """The directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Have events on the disk before they are deleted. Blocks; called in the thread of the log's writer."""
        months: dict[str, list[bytes]] = {}
        for one in events:
            months.setdefault(f"{to_datetime(one.event.time):%Y-%m}", []).append(msgspec.json.encode(one))
        try:
            pending = self.folder / PENDING
            pending.mkdir(parents=True, exist_ok=True, mode=0o700)
            for month, lines in months.items():
                handle = os.open(pending / f"{month}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                with os.fdopen(handle, "ab") as file:
                    # A line that a crash cut off is ended here, and left out when it is read.
                    file.write(b"\n" + b"\n".join(lines) + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise Unreachable(
                f"Old events cannot be archived, so they stay: {error.strerror}.",
                where=str(self.folder),
                remedy="Check the disk.",
            ) from error

    def pending(self) -> list[str]:
        """Return the months that have events which are not in Parquet yet."""
        return sorted(one.stem for one in (self.folder / PENDING).glob("*.jsonl"))

    def months(self) -> list[Month]:
        """Return what is archived. Raises Invalid for a manifest that cannot be read."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=Month))
            except (OSError, msgspec.MsgspecError) as error:
                raise Invalid(
                    f"A manifest cannot be read: {error}.", where=str(path), remedy="Put it back from a backup."
                ) from None
        return found

    def wrong(self, month: Month) -> str:
        """Return what is wrong with a month's file, in words; empty where it is as it was written."""
        path = self.folder / month.file
        if "/" in month.file or not path.is_file():
            return "its file is missing"
        with path.open("rb") as file:
            if path.stat().st_size != month.bytes or hashlib.file_digest(file, "sha256").hexdigest() != month.sha256:
                return "its file was changed: its SHA-256 is another"
        try:
            rows = importlib.import_module("pyarrow.parquet").ParquetFile(path).metadata.num_rows
        except ModuleNotFoundError:
            return ""
        return "" if rows == month.rows else f"it has {rows} rows, not {month.rows}"


def read_pending(path: Path) -> Iterator[StoredEvent]:
    """Yield the events of a pending file; a line that was cut off is left out, its events are still in the log."""
    decode = msgspec.json.Decoder(StoredEvent).decode
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                try:
                    yield decode(line)
                except msgspec.MsgspecError:
                    continue


def compact(folder: Path, month: str) -> int:
    """Put a month's pending events into its Parquet file; return its rows. Runs in a child; needs pyarrow."""
    pa, pq = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    manifest = folder / f"{month}.json"
    pending = folder / PENDING / f"{month}.jsonl"
    before = msgspec.json.decode(manifest.read_bytes(), type=Month) if manifest.exists() else None
    fresh = {one.seq: one for one in read_pending(pending)}
    table = _table(pa, [fresh[seq] for seq in sorted(fresh)])
    if before is not None:
        old = pq.read_table(folder / before.file)
        known = set(old.column("seq").to_pylist())
        table = pa.concat_tables([old, table.filter(pa.array([seq not in known for seq in sorted(fresh)], pa.bool_()))])
        table = table.sort_by("seq")
    if not table.num_rows:
        pending.unlink()
        return 0
    draft = folder / f"{month}.new"
    pq.write_table(table, draft, compression="zstd")
    with draft.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    name = f"{month}.{digest[:12]}.parquet"
    draft.chmod(0o600)
    draft.replace(folder / name)
    seqs, times = table.column("seq").to_pylist(), table.column("time").cast(pa.int64()).to_pylist()
    told = Month(
        month=month, file=name, rows=table.num_rows, bytes=(folder / name).stat().st_size, sha256=digest, first=seqs[0],
        last=seqs[-1], begin=min(times), end=max(times),
    )  # fmt: skip
    _replace(manifest, msgspec.json.format(msgspec.json.encode(told), indent=1))
    if before is not None and before.file != name:
        (folder / before.file).unlink(missing_ok=True)
    pending.unlink()
    return told.rows


def _table(pa: Any, events: Sequence[StoredEvent]) -> Any:
    moment = pa.timestamp("us", tz="UTC")
    columns = {
        "seq": pa.array([one.seq for one in events], pa.int64()),
        "stored": pa.array([one.stored for one in events], moment),
        "time": pa.array([one.event.time for one in events], moment),
        "type": pa.array([one.event.type for one in events], pa.string()),
        "severity": pa.array([one.event.severity for one in events], pa.int8()),
        "entity": pa.array([one.event.entity for one in events], pa.string()),
        "related": pa.array([list(one.event.related) for one in events], pa.list_(pa.string())),
        "text": pa.array([one.event.text for one in events], pa.string()),
        "data": pa.array([msgspec.json.encode(one.event.data).decode() for one in events], pa.string()),
        "key": pa.array([one.event.key for one in events], pa.string()),
    }
    return pa.table(columns)


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_suffix(".manifest")
    with draft.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
