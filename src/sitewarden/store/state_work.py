"""One piece of work for the state file: checked against what is held, then written, then made visible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, TooLarge
from sitewarden.domain.events import Event
from sitewarden.store import audit_chain
from sitewarden.store.interfaces import AuditEntry, Change, Held

MAX_DATA = 1_000_000
"""Bytes of one entity as JSON."""

encode = msgspec.json.Encoder().encode
decode_event = msgspec.json.Decoder(Event).decode
DECODERS = {kind: msgspec.json.Decoder(model).decode for kind, model in KINDS.items()}

Key = tuple[str, str]


class Work(NamedTuple):
    """What one caller wants written, in one transaction."""

    changes: tuple[Change, ...]
    events: tuple[Event, ...]
    audit: tuple[AuditEntry, ...]


class Staged(NamedTuple):
    """Work that passed its checks, with the entities as they will be held (None: deleted)."""

    work: Work
    held: tuple[tuple[Key, Held | None, str], ...]


def decode(kind: str, data: str | bytes) -> Entity:
    """Return the entity of a stored document; raises msgspec.ValidationError, or KeyError for an unknown kind."""
    return DECODERS[kind](data)


def stage(work: Work, held: Callable[[Key], Held | None], now: int) -> Staged:
    """Check `work` against what is held now.

    Raises Conflict for a revision that does not match, NotFound for the deletion of nothing, Invalid for an unknown kind or
    content that does not fit its model, TooLarge past `MAX_DATA`.
    """
    overlay: dict[Key, Held | None] = {}
    result: list[tuple[Key, Held | None, str]] = []
    for change in work.changes:
        key = (change.kind, change.id)
        old = overlay[key] if key in overlay else held(key)
        _check_revision(change, old)
        if change.entity is None:
            new, data = None, ""
        else:
            entity, data = _document(change)
            new = Held(entity, old.revision + 1 if old else 1, now)
        overlay[key] = new
        result.append((key, new, data))
    return Staged(work, tuple(result))


def stage_all(works: Iterable[Work], held: Callable[[Key], Held | None], now: int) -> list[Staged | Refusal]:
    """Stage one work after the other, each on what those before it leave; a refusal stands in its place."""
    overlay: dict[Key, Held | None] = {}
    results: list[Staged | Refusal] = []
    for work in works:
        try:
            staged = stage(work, lambda key: overlay[key] if key in overlay else held(key), now)
        except Refusal as refusal:
            results.append(refusal)
            continue
        overlay.update((key, new) for key, new, _ in staged.held)
        results.append(staged)
    return results


def _check_revision(change: Change, old: Held | None) -> None:
    where = f"{change.kind}:{change.id}"
    if change.entity is None and old is None:
        raise NotFound("It does not exist.", where=where, remedy="Look at the list again; somebody may have deleted it.")
    if change.revision is None:
        return
    actual = old.revision if old else 0
    if change.revision == actual:
        return
    if change.revision == 0:
        raise Conflict("It exists already.", where=where, remedy="Choose another id, or change the existing one.")
    raise Conflict(
        f"It was changed meanwhile (revision {actual}, not {change.revision}).",
        where=where,
        remedy="Load it again, and make the change on what it says now.",
    )


def _document(change: Change) -> tuple[Entity, str]:
    """Return the entity as it will be held, and as it is written."""
    where = f"{change.kind}:{change.id}"
    model = KINDS.get(change.kind)
    if model is None or type(change.entity) is not model:
        raise Invalid(f"A {type(change.entity).__name__} is not of the kind {change.kind!r}.", where=where)
    if change.entity.id != change.id:
        raise Invalid(f"Its own id is {change.entity.id!r}.", where=where, remedy="An id never changes; make a new one instead.")
    data = encode(change.entity)
    if len(data) > MAX_DATA:
        raise TooLarge(f"It has {len(data)} bytes.", where=where, remedy=f"At most {MAX_DATA}; split it.")
    try:
        return decode(change.kind, data), data.decode()
    except msgspec.ValidationError as error:
        raise Invalid(f"{error}.", where=where, remedy="Correct this field.") from error


def combined(parts: Sequence[Staged]) -> dict[Key, tuple[Held | None, str]]:
    """Return the last state of every entity that `parts` touch."""
    return {key: (held, data) for part in parts for key, held, data in part.held}


class Rows(NamedTuple):
    """What a group changes in the tables."""

    upserts: list[tuple[str, str, int, int, str]]
    """kind, id, revision, changed, data"""
    deletions: list[Key]
    events: list[str]
    """For the outbox."""
    chain: list[tuple[int, str, bytes]]
    """id, entry and hash for the audit log."""


def rows_of(parts: Sequence[Staged], head: tuple[int, bytes]) -> Rows:
    """Return what a group changes in the tables; its audit entries follow `head`."""
    rows = Rows([], [], [], [])
    for (kind, id_), (held, data) in combined(parts).items():
        if held is None:
            rows.deletions.append((kind, id_))
        else:
            rows.upserts.append((kind, id_, held.revision, held.changed, data))
    rows.events.extend(encode(one).decode() for part in parts for one in part.work.events)
    rows.chain.extend(audit_chain.extend(head, (one for part in parts for one in part.work.audit)))
    return rows
