"""The operation events.export: a search as CSV or JSON Lines in a ZIP, with a manifest that the node signs.

Core gathers the events in pages; a child writes and hashes the file, and a thread puts it beside its proof.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import secrets
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.domain.clock import Clock, to_datetime
from sitewarden.domain.errors import TooMany
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.history import CONTEXT, EventFile, EventManifest
from sitewarden.domain.tabular import safe
from sitewarden.domain.video.export import AUTHORITY, CERTIFICATE, MANIFEST, README, SIGNATURE, AuditMark
from sitewarden.services.aside import Tell, aside
from sitewarden.services.events import Events
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.spool import Spool, item_bytes, read_items
from sitewarden.services.surface.history import EventExport, EventQuery, EventSearch
from sitewarden.services.surface.people import FileTicket
from sitewarden.store.interfaces import StateStore

MOST: Final = 200_000
"""Events of one export; past it the export ends and says so."""
PAGE: Final = 1000
AT_ONCE: Final = 2
TIMEOUT: Final = 70.0
COLUMNS: Final = ("seq", "time", "stored", "severity", "type", "entity", "related", "text", "key", "data")
TEXT: Final = """These are events of a site's log, oldest first.

events.csv or events.jsonl  the events; in the CSV, times are UTC
manifest.json  which search they answer, by whom and when, with the SHA-256 of the file
manifest.sig   the server's signature over the manifest
certificate.pem, ca.pem  the server's certificate and the certificate of its site's authority

Anybody can check it, on a computer without a connection:

    sitewarden verify FILE.zip --ca ca.pem

where ca.pem is the site's own, received on another way than this file.
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """How the node signs: `sign` with its key, its certificate and its CA's as PEM."""

    node: str
    site: Callable[[], str]
    sign: Callable[[bytes], bytes]
    certificate: str
    authority: str


class EventExports:
    """Wired by app."""

    def __init__(self, state: StateStore, clock: Clock, spool: Spool, events: Events, proof: Proof) -> None:
        self._state, self._clock, self._spool, self._events, self._proof = state, clock, spool, events, proof
        self._free = asyncio.Semaphore(AT_ONCE)

    def operations(self) -> list[Operation]:
        """Return the operation; whoever may read events may have those that they may read as a file."""
        return [
            Operation(
                "events.export",
                "event.read",
                EventExport,
                FileTicket,
                self._export,
                filtered=True,
                timeout=TIMEOUT,
                detail=given,
            )
        ]

    async def _export(self, caller: Caller, asked: EventExport) -> FileTicket:
        if self._free.locked():
            raise TooMany(f"{AT_ONCE} exports are being made already.", remedy="Try again in a minute.")
        async with self._free:
            with (
                self._spool.passing(".rows") as gathered,
                self._spool.passing(f".{asked.form}") as data,
                self._spool.made(".zip") as out,
            ):
                count, first, last, more = await self._gather(caller, asked, gathered)
                size, digest = await aside(lambda part: None, write, asked.form, gathered, data)
                number, mark = self._state.audit_head()
                now = self._clock.now()
                manifest = EventManifest(
                    id=f"{now // 1_000_000}-{secrets.token_hex(4)}",
                    site=self._proof.site(),
                    node=self._proof.node,
                    made=now,
                    by=caller.actor,
                    reason=asked.reason.strip() or caller.reason,
                    search={name: getattr(asked, name) for name in EventSearch.__struct_fields__ if name in given(asked)},
                    first=first,
                    last=last,
                    truncated=more,
                    files=(EventFile(name=f"events.{asked.form}", rows=count, bytes=size, sha256=digest),),
                    audit=AuditMark(id=number, hash=mark),
                )
                body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
                beside = {
                    MANIFEST: body,
                    SIGNATURE: self._proof.sign(CONTEXT + body),
                    CERTIFICATE: self._proof.certificate.encode(),
                    AUTHORITY: self._proof.authority.encode(),
                    README: TEXT.encode(),
                }
                total = await asyncio.to_thread(bundle, out, data, f"events.{asked.form}", beside)
        name = f"events-{to_datetime(now):%Y%m%d-%H%M%S}.zip"
        return FileTicket(path=str(out), name=name, media_type="application/zip", size=total)

    async def _gather(self, caller: Caller, asked: EventSearch, path: Path) -> tuple[int, int, int, bool]:
        """Write the events to the spool; return how many, the first and last seq, and whether there are more."""
        encode = msgspec.msgpack.Encoder().encode
        fields = {name: getattr(asked, name) for name in EventSearch.__struct_fields__}
        count, first, last = 0, 0, 0
        after: int | None = 0
        with path.open("wb", buffering=1 << 20) as file:
            while after is not None:
                page = await self._events.page(caller, EventQuery(after=after, limit=PAGE, **fields))
                items = page.items[: MOST - count]
                if items:
                    file.write(item_bytes(encode(items)))
                    first, last = first or items[0].seq, items[-1].seq
                    count += len(items)
                if len(items) < len(page.items) or (count == MOST and page.next is not None):
                    return count, first, last, True
                after = page.next
        return count, first, last, False


def write(tell: Tell, form: str, rows: Path, out: Path) -> tuple[int, str]:
    """Write the gathered events as a file; return its bytes and its SHA-256. Runs in a child."""
    pages = read_items(rows, list[StoredEvent])
    if form == "jsonl":
        with out.open("wb") as binary:
            for page in pages:
                binary.writelines(msgspec.json.encode(one) + b"\n" for one in page)
    else:
        with out.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\r\n")
            table.writerow(COLUMNS)
            for page in pages:
                table.writerows([safe(cell) for cell in _row(one)] for one in page)
    with out.open("rb") as file_:
        return out.stat().st_size, hashlib.file_digest(file_, "sha256").hexdigest()


def _row(stored: StoredEvent) -> tuple[str, ...]:
    event = stored.event
    return (
        str(stored.seq),
        to_datetime(event.time).isoformat(),
        to_datetime(stored.stored).isoformat(),
        str(event.severity),
        event.type,
        event.entity,
        " ".join(event.related),
        event.text,
        event.key,
        msgspec.json.encode(event.data).decode(),
    )


def bundle(out: Path, data: Path, name: str, beside: dict[str, bytes]) -> int:
    """Put the file and its proof into a ZIP; return its bytes."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.write(data, name)
        for member, content in beside.items():
            archive.writestr(member, content)
    return out.stat().st_size


def given(asked: EventSearch) -> dict[str, object]:
    """Return what was given of a search."""
    return {name: value for name in asked.__struct_fields__ if (value := getattr(asked, name)) not in (None, "", (), 0)}
