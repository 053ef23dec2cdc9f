"""Checks of the stores' files while the server is stopped. Reads only; every finding says where and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from sitewarden.domain.errors import Refusal
from sitewarden.domain.references import references
from sitewarden.domain.video.model import MAIN, GapReason
from sitewarden.store.interfaces import Finding
from sitewarden.store.sqlite import audit_chain, sample_fsck
from sitewarden.store.sqlite.concerns import Lookup, entries
from sitewarden.store.sqlite.connection import connect_reader, refusing
from sitewarden.store.sqlite.event_rows import BLOCK, decode_body, split_key
from sitewarden.store.sqlite.segment_index import COLUMNS, to_segment
from sitewarden.store.sqlite.state_work import decode

Progress = Callable[[str, int, int], None]
"""Called with (file name, rows done, rows in all)."""
_RESTORE: Final = "Stop the server and put back the last backup of this file."
_MOST: Final = 100
"""Findings of one kind that are listed for a file; the rest is counted."""
VIDEO: Final = "*.mp4"
NONE: Final[Mapping[str, Any]] = {}


def silent(file: str, done: int, total: int) -> None:
    """Show no progress."""


def check_all(
    data: Path,
    volumes: Mapping[str, Path] | None = None,
    progress: Progress = silent,
    *,
    gone: Mapping[str, str] | None = None,
    listed: Mapping[str, Mapping[str, int]] | None = None,
) -> list[Finding]:
    """Check every store under the data directory, and the directories of the volumes; None: its folder "media" alone.

    `gone` are volumes that are not there, with the reason: nothing can be said of what lies on them. `listed` are those that
    are no directories, as path to bytes.
    """
    findings: list[Finding] = []
    for name, check in (("events.db", check_events), ("state.db", check_state), ("samples.db", check_samples)):
        if (data / name).exists():
            findings += check(data / name, progress)
    if (data / "events.db").exists() and (data / "state.db").exists():
        findings += check_anchors(data / "events.db", data / "state.db")
    for path in sorted(data.glob("outbox-*.db")):
        findings += check_outbox(path, progress)
    indexes = sorted(data.glob("segments-*.db"))
    if indexes:
        findings += check_segments(indexes, volumes or {MAIN: data / "media"}, progress, gone=gone or {}, listed=listed or {})
    return findings


def check_events(path: Path, progress: Progress = silent) -> list[Finding]:
    """Integrity, order of seq above the retained floor, keys, and the indexes of entities and times against the events."""
    return _checked(path, lambda connection: _events(path, connection, progress))


def check_state(path: Path, progress: Progress = silent) -> list[Finding]:
    """Integrity, documents against their models, references, the outbox, the audit chain."""
    return _checked(path, lambda connection: _state(path, connection, progress))


def check_anchors(events: Path, state: Path) -> list[Finding]:
    """The audit chain against its heads in `system.started` events: what one file alone cannot show."""

    def compare(log: sqlite3.Connection) -> Iterator[Finding]:
        rows = log.execute(
            "SELECT seq, body FROM events WHERE type = (SELECT id FROM names WHERE name = 'system.started') ORDER BY seq"
        ).fetchall()
        with closing(connect_reader(state)) as connection:
            for seq, body in rows:
                number, _, digest = str(decode_body(body).data.get("audit", "")).partition(" ")
                if not number.isdecimal() or number == "0":
                    continue
                found = connection.execute("SELECT hex(hash) FROM audit WHERE id = ?", (int(number),)).fetchone()
                if found is None or found[0].lower() != digest:
                    yield Finding(
                        where=f"{state.name}: audit {number}",
                        what=f"Event {seq} says that this entry stood in the audit log; it is gone or was written anew.",
                        remedy="Compare with a backup from before that event.",
                    )

    return _checked(events, lambda connection: iter(_limited(compare(connection))))


def check_samples(path: Path, progress: Progress = silent) -> list[Finding]:
    """Integrity, names, and every chunk, rollup and journal row against what is said of it."""
    return _checked(path, lambda connection: iter(_limited(sample_fsck.check(path.name, connection, progress))))


def check_outbox(path: Path, progress: Progress = silent) -> list[Finding]:
    """Integrity."""
    return _checked(path, lambda connection: iter(()))


def check_segments(
    paths: Iterable[Path],
    volumes: Mapping[str, Path],
    progress: Progress = silent,
    *,
    gone: Mapping[str, str] = NONE,
    listed: Mapping[str, Mapping[str, int]] = NONE,
) -> list[Finding]:
    """Integrity, and the indexes together against the files of the volumes, both ways."""
    findings = [
        Finding(
            where=f"volume {id_}",
            what=f"It is not there, so its recordings were not checked: {why}.",
            remedy="Mount its disk and check again.",
        )
        for id_, why in gone.items()
    ]
    files = Files(volumes, listed, set(gone))
    for path in paths:
        findings += _checked(path, lambda connection, path=path: _segments(path, connection, files, progress))  # type: ignore[misc]
    for id_ in (*volumes, *listed):
        findings += _limited(files.strays(id_))
    return findings


class Files:
    """The files of recordings on the volumes, and which of them an index knows."""

    def __init__(self, volumes: Mapping[str, Path], listed: Mapping[str, Mapping[str, int]], gone: Collection[str]) -> None:
        self._volumes = volumes
        self._listed = listed
        self._gone = gone
        self._known: set[tuple[str, str]] = set()
        self._paths: dict[str, str] = {}
        self.unnamed: dict[str, int] = {}
        """Segments on volumes that the settings do not name."""

    def find(self, volume: str, path: str) -> bool:
        """Take a segment's file as known; False where nothing can be said of it."""
        self._paths[path] = volume
        self._known.add((volume, path))
        if volume in self._volumes or volume in self._listed:
            return True
        if volume not in self._gone:
            self.unnamed[volume] = self.unnamed.get(volume, 0) + 1
        return False

    def size(self, volume: str, path: str) -> int | None:
        """Return the bytes of a file; None where there is none."""
        if volume in self._listed:
            return self._listed[volume].get(path)
        file = self._volumes[volume] / path
        return file.stat().st_size if file.is_file() else None

    def elsewhere(self, path: str) -> str:
        """Return a volume that has a file of this name; empty where none has."""
        return next((one for one in (*self._volumes, *self._listed) if self.size(one, path) is not None), "")

    def expect(self, volume: str, path: str) -> None:
        """Take a file that is still to be deleted as known."""
        self._known.add((volume, path))

    def strays(self, id_: str) -> Iterator[Finding]:
        """Yield the files of a volume that no index knows."""
        root = self._volumes.get(id_)
        if root is None:
            names: Iterable[str] = sorted(path for path in self._listed[id_] if path.endswith(VIDEO[1:]))
        else:
            names = (str(file.relative_to(root)) for file in sorted(root.rglob(VIDEO)) if root.is_dir())
        for name in names:
            if (id_, name) in self._known:
                continue
            holder = self._paths.get(name)
            if holder is None:
                what = "This recording is in no index, so nobody can find it and retention never deletes it."
            else:
                what = f"This is a second copy: the index says that this recording lies on the volume {holder}, not on {id_}."
            where = str(root / name) if root is not None else f"volume {id_}: {name}"
            yield Finding(where=where, what=what, remedy="Move it away if you need it, or delete it.")


def _checked(path: Path, check: Callable[[sqlite3.Connection], Iterator[Finding]]) -> list[Finding]:
    try:
        with refusing(path), closing(connect_reader(path)) as connection:
            damage = [text for (text,) in connection.execute(f"PRAGMA integrity_check({_MOST})") if text != "ok"]
            if damage:
                return [Finding(where=str(path), what=f"SQLite finds damage: {text}", remedy=_RESTORE) for text in damage]
            return list(check(connection))
    except Refusal as error:
        return [Finding(where=str(path), what=error.what, remedy=error.remedy)]


def _limited(findings: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    more = 0
    for finding in findings:
        if len(kept) < _MOST:
            kept.append(finding)
        else:
            more += 1
    if more:
        kept.append(Finding(where=kept[-1].where, what=f"{more} more of the same kind.", remedy=kept[-1].remedy))
    return kept


def _events(path: Path, connection: sqlite3.Connection, progress: Progress) -> Iterator[Finding]:
    names = dict(connection.execute("SELECT id, name FROM names"))
    floor = connection.execute("SELECT value FROM meta WHERE name = 'floor'").fetchone()[0]
    total = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    blocks = {block: (earliest, latest) for block, earliest, latest in connection.execute("SELECT * FROM blocks")}
    numbers = {name: number for number, name in names.items()}
    lookup = Lookup(connection)

    def walk() -> Iterator[Finding]:
        expected = floor + 1
        for done, row in enumerate(connection.execute("SELECT * FROM events ORDER BY seq")):
            seq, _, time, type_, severity, origin, epoch, idx, body = row
            where = f"{path.name}: event {seq}"
            if done % 1000 == 0:
                progress(path.name, done, total)
            if seq > floor:
                if seq != expected:
                    yield Finding(where=where, what=f"The events {expected} to {seq - 1} are missing.", remedy=_RESTORE)
                expected = seq + 1
            try:
                event = decode_body(body)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                yield Finding(where=where, what=f"Its content cannot be read: {error}.", remedy=_RESTORE)
                continue
            columns = (time, names.get(type_), severity, (names.get(origin), epoch, idx))
            if columns != (event.time, event.type, event.severity, split_key(event.key)):
                yield Finding(where=where, what="Its columns differ from its content.", remedy=_RESTORE)
            earliest, latest = blocks.get(seq // BLOCK, (1, 0))
            if not earliest <= time <= latest:
                yield Finding(where=where, what="A search by time would not find it.", remedy=_RESTORE)
            concerned = {event.entity, *event.related}
            if sum(lookup.holds(seq, numbers.get(one, 0)) for one in concerned) < len(concerned):
                yield Finding(where=where, what="A search by entity would not find it.", remedy=_RESTORE)
        progress(path.name, total, total)

    yield from _limited(walk())
    orphans = entries(connection) - lookup.found
    if orphans > 0:
        yield Finding(where=path.name, what=f"{orphans} index entries name events that are gone.", remedy=_RESTORE)


def _state(path: Path, connection: sqlite3.Connection, progress: Progress) -> Iterator[Finding]:
    rows = connection.execute("SELECT kind, id, data FROM entities").fetchall()
    present = {(kind, id_) for kind, id_, _ in rows}

    def walk() -> Iterator[Finding]:
        for done, (kind, id_, data) in enumerate(rows):
            if done % 1000 == 0:
                progress(path.name, done, len(rows))
            where = f"{path.name}: {kind}:{id_}"
            try:
                entity = decode(kind, data)
            except (KeyError, msgspec.MsgspecError) as error:
                yield Finding(where=where, what=f"It does not fit this version: {error}.", remedy=_RESTORE)
                continue
            for field, target, target_id in references(kind, entity):
                if (target, target_id) not in present:
                    yield Finding(
                        where=f"{where}/{field}",
                        what=f"It names {target}:{target_id}, which does not exist.",
                        remedy="Change it in the console or with `sitewarden apply`.",
                    )
        progress(path.name, len(rows), len(rows))

    yield from _limited(walk())
    named = connection.execute("SELECT value FROM meta WHERE name = 'audit'").fetchone()
    number, _, digest = (named[0] if named else f"0 {audit_chain.ZERO.hex()}").partition(" ")
    audit = connection.execute("SELECT id, entry, hash FROM audit ORDER BY id")
    yield from _limited(audit_chain.verify(audit, (int(number), bytes.fromhex(digest)), path.name))


def _gaps(path: Path, connection: sqlite3.Connection) -> Iterator[Finding]:
    """What is noted of the time without recordings, and what is held."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gaps'").fetchone():
        return
    for camera, count in connection.execute(
        'SELECT camera, count(*) FROM gaps WHERE "end" = 0 GROUP BY camera HAVING count(*) > 1'
    ):
        yield Finding(where=f"{path.name}: camera {camera}", what=f"{count} gaps last at once.", remedy=_RESTORE)
    for camera, start, end, reason in connection.execute('SELECT camera, start, "end", reason FROM gaps'):
        where = f"{path.name}: gap {camera}/{start}"
        if end and end <= start:
            yield Finding(where=where, what="It ends before it starts.", remedy=_RESTORE)
        if reason not in get_args(GapReason):
            yield Finding(where=where, what=f"Its reason {reason!r} is none that this version knows.", remedy=_RESTORE)
    for id_, start, end in connection.execute('SELECT id, start, "end" FROM locks WHERE "end" <= start'):
        yield Finding(where=f"{path.name}: lock {id_}", what=f"It holds nothing: {start} to {end}.", remedy=_RESTORE)


def _segments(path: Path, connection: sqlite3.Connection, files: Files, progress: Progress) -> Iterator[Finding]:
    # A file from before there were volumes is brought up to date when the server starts.
    placed = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'volumes'").fetchone()
    columns = COLUMNS if placed else COLUMNS.removesuffix("volume") + f"'{MAIN}'"
    rows = connection.execute(f"SELECT {columns} FROM segments").fetchall()  # noqa: S608
    for volume, left in connection.execute("SELECT volume, path FROM leftovers") if placed else ():
        files.expect(volume, left)

    def walk() -> Iterator[Finding]:
        for done, row in enumerate(rows):
            if done % 1000 == 0:
                progress(path.name, done, len(rows))
            segment = to_segment(row)
            where = f"{path.name}: segment {segment.id}"
            if not files.find(segment.volume, segment.path):
                continue
            size = files.size(segment.volume, segment.path)
            if size is None:
                other = files.elsewhere(segment.path)
                yield Finding(
                    where=where,
                    what=f"Its file {segment.path} is missing on the volume {segment.volume}"
                    + (f"; it lies on {other}." if other else "."),
                    remedy="Put the file back, or let retention forget the segment.",
                )
            elif segment.sealed and size != segment.bytes:
                yield Finding(
                    where=where,
                    what=f"Its file has {size} bytes, the index says {segment.bytes}.",
                    remedy="Put back the file from a backup; what is there still plays up to the damage.",
                )
        progress(path.name, len(rows), len(rows))

    files.unnamed.clear()
    yield from _limited(walk())
    for volume, count in files.unnamed.items():
        yield Finding(
            where=f"{path.name}: volume {volume}",
            what=f"{count} segments lie on it, and the settings do not name it.",
            remedy=f"Name it again below [volumes.{volume}], or let retention forget them.",
        )
    yield from _limited(_gaps(path, connection))
