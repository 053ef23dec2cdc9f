"""What runs in a child: a table read and planned against the people of the site, or the people written as a table."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.formats import format_of
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.roster.changes import Counts, LineError, Mode, RosterChange
from sitewarden.domain.access.roster.fields import Known
from sitewarden.domain.access.roster.plan import plan
from sitewarden.domain.access.roster.reading import decoded, lines
from sitewarden.domain.access.roster.writing import table
from sitewarden.services.aside import Tell
from sitewarden.services.spool import read_items, write_items

CHUNK = 500
"""Entities in one item of a file, so that nobody decodes for long at a time."""

REPORT = ("line", "action", "kind", "id", "fields")


class People(Struct, frozen=True, array_like=True):
    """A part of the people."""

    holders: list[CredentialHolder] = []
    credentials: list[Credential] = []


class Around(Struct, frozen=True, kw_only=True):
    """What a table may refer to."""

    groups: frozenset[str]
    profiles: frozenset[str]
    areas: frozenset[str]
    formats: tuple[CardFormat, ...]
    zone: str
    pin_key: bytes


class Planned(Struct, frozen=True, kw_only=True):
    """What came of it. `digest` stands for all that would change, before and after, `source` for the file."""

    counts: Counts
    errors: list[LineError]
    changes: list[RosterChange]
    digest: str
    source: str


def make_plan(tell: Tell, source: Path, people: Path, around: Around, mode: Mode, out: Path, report: Path) -> Planned:
    """Plan the table at `source` against the people at `people`.

    What would change is written to `out` as `People`, and line by line to `report` as compressed CSV, with no values.
    """
    data = source.read_bytes()
    holders, credentials = _people(people)
    known = Known(
        holders={one.id: one for one in holders},
        credentials={one.id: one for one in credentials},
        groups=around.groups,
        profiles=around.profiles,
        areas=around.areas,
        formats={one.id: format_of(one) for one in around.formats},
        zone=ZoneInfo(around.zone),
        pin_key=around.pin_key,
    )
    tell(0.2)
    size = max(1, data.count(b"\n"))
    made = plan(lines(decoded(data)), known, mode, lambda count: tell(0.2 + 0.7 * min(1.0, count / size)))
    digest = hashlib.sha256()
    encode = msgspec.msgpack.Encoder().encode
    digest.update(b"".join(encode(known.holders.get(id_)) for id_ in made.holders))
    digest.update(b"".join(encode(known.credentials.get(id_)) for id_ in made.credentials))

    def items() -> Iterator[People]:
        for item in chain(
            (People(part, []) for part in _parts(list(made.holders.values()))),
            (People([], part) for part in _parts(list(made.credentials.values()))),
        ):
            digest.update(encode(item))
            yield item

    write_items(out, items())
    if not made.counts.errors:
        with gzip.open(report, "wt", encoding="utf-8", compresslevel=3, newline="") as file:
            table_ = csv.writer(file)
            table_.writerow(REPORT)
            table_.writerows(made.rows)
    return Planned(
        counts=made.counts,
        errors=made.errors,
        changes=made.shown,
        digest=digest.hexdigest(),
        source=hashlib.sha256(data).hexdigest(),
    )


def write_table(tell: Tell, people: Path, zone: str, group: str, out: Path) -> int:
    """Write the people at `people` as a table in UTF-8 with a mark, which spreadsheets ask for; return its bytes."""
    holders, credentials = _people(people)
    tell(0.3)
    if group:
        holders = [one for one in holders if group in one.groups]
    holders.sort(key=lambda one: one.id)
    by_holder: dict[str, list[Credential]] = {}
    for credential in sorted(credentials, key=lambda one: one.id):
        by_holder.setdefault(credential.holder, []).append(credential)
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        for piece in table(holders, by_holder, ZoneInfo(zone)):
            file.write(piece)
    return out.stat().st_size


def _people(path: Path) -> tuple[list[CredentialHolder], list[Credential]]:
    holders: list[CredentialHolder] = []
    credentials: list[Credential] = []
    for item in read_items(path, People):
        holders += item.holders
        credentials += item.credentials
    return holders, credentials


def _parts(items: list[Any]) -> Iterator[list[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
