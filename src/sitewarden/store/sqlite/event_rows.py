"""Events as rows: the compact key, the limits, the schema."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final, NamedTuple, NoReturn

import msgspec

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.events import Event
from sitewarden.store.sqlite.concerns import FROM_PAIRS
from sitewarden.store.sqlite.event_tallies import FILL
from sitewarden.store.sqlite.event_tallies import TABLE as TALLIES

MAX_BODY: Final = 65_536
"""Bytes of one encoded event."""
MAX_KEY: Final = 250
MAX_REFERENCE: Final = 140
MAX_TYPE: Final = 100
MAX_RELATED: Final = 32
BLOCK: Final = 4096
"""Events whose times are summed up in one row of `blocks`."""

COUNTS: Final = f"""
    {TALLIES};
    {FILL};
    ALTER TABLE blocks ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
    UPDATE blocks SET deleted = max(0, min((SELECT value FROM meta WHERE name = 'floor'), block * {BLOCK} + {BLOCK - 1})
        - max(1, block * {BLOCK}) + 1 - (SELECT count(*) FROM events WHERE seq BETWEEN block * {BLOCK}
        AND min((SELECT value FROM meta WHERE name = 'floor'), block * {BLOCK} + {BLOCK - 1})))
    """  # noqa: S608
"""The step that counts events by time, and what retention took of each block."""

SCHEMA: Final = (
    """
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, stored INTEGER NOT NULL, time INTEGER NOT NULL, type INTEGER NOT NULL,
        severity INTEGER NOT NULL, origin INTEGER NOT NULL, epoch INTEGER NOT NULL, idx INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE UNIQUE INDEX events_key ON events (origin, epoch, idx);
    CREATE INDEX events_type ON events (type);
    CREATE INDEX events_severe ON events (severity) WHERE severity >= 2;
    CREATE TABLE concerns (entity INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (entity, seq)) WITHOUT ROWID;
    CREATE TABLE blocks (block INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER NOT NULL);
    CREATE TABLE confirms (device TEXT PRIMARY KEY, epoch INTEGER NOT NULL, idx INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('floor', 0)
    """,
    FROM_PAIRS,
    COUNTS,
)

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}").fullmatch
_HASHED = "#"
"""Origin of the keys that are not "<origin>/<epoch>/<index>"; such an origin is hashed too."""

_encode = msgspec.json.Encoder().encode


class _Body(msgspec.Struct, array_like=True, frozen=True):
    """An event as it lies in the file: a JSON array without names, so that a search for text meets values alone."""

    key: str
    type: str
    entity: str
    time: int
    severity: int
    related: tuple[str, ...]
    text: str
    data: dict[str, Any]


_decode = msgspec.json.Decoder(_Body).decode


def decode_body(body: str | bytes) -> Event:
    """Return the event of a stored body."""
    b = _decode(body)
    return Event(
        key=b.key, type=b.type, entity=b.entity, time=b.time, severity=b.severity, related=b.related, text=b.text, data=b.data
    )


class Prepared(NamedTuple):
    """An event that passed the limits, with its body encoded and its key taken apart."""

    event: Event
    body: str
    origin: str
    epoch: int
    counter: int


def split_key(key: str) -> tuple[str, int, int]:
    """Return (origin, epoch, index), one to one with `key`; a key of another form is a 128-bit hash under the origin "#"."""
    head, _, index = key.rpartition("/")
    origin, _, epoch = head.rpartition("/")
    if origin and origin != _HASHED and _NUMBER(index) and _NUMBER(epoch):
        return origin, int(epoch), int(index)
    digest = blake2b(key.encode(), digest_size=16).digest()
    return _HASHED, int.from_bytes(digest[:8], "big", signed=True), int.from_bytes(digest[8:], "big", signed=True)


def is_counted(origin: str) -> bool:
    """Tell whether the keys of `origin` count upward."""
    return origin != _HASHED


def prepare(event: Event) -> Prepared:
    """Check an event's limits and encode it.

    Raises Invalid or TooLarge with the field that is wrong.
    """
    if not _fits(event):
        _refuse(event)
    try:
        body = _encode(
            (event.key, event.type, event.entity, event.time, event.severity, event.related, event.text, event.data)
        ).decode()
    except (TypeError, OverflowError, ValueError, RecursionError) as error:
        raise Invalid(f"The data cannot be stored: {error}.", where=_where(event), remedy="Use what JSON can say.") from error
    if len(body) > MAX_BODY:
        raise TooLarge(
            f"The event has {len(body)} bytes.", where=_where(event), remedy=f"At most {MAX_BODY}; keep bulk in files."
        )
    origin, epoch, index = split_key(event.key)
    return Prepared(event, body, origin, epoch, index)


def _fits(event: Event) -> bool:
    """Tell whether all limits are kept; `_refuse` says which is not."""
    related = event.related
    return (
        0 < len(event.key) <= MAX_KEY
        and 0 < len(event.type) <= MAX_TYPE
        and 0 < len(event.entity) <= MAX_REFERENCE
        and len(related) <= MAX_RELATED
        and (not related or (all(related) and len(max(related, key=len)) <= MAX_REFERENCE))
        and 0 <= event.time < 1 << 62
        and 0 <= event.severity <= 3
    )


def _where(event: Event) -> str:
    return f"event {event.key[:MAX_KEY]}"


def _refuse(event: Event) -> NoReturn:
    where = _where(event)
    for name, value, most in (
        ("key", event.key, MAX_KEY),
        ("type", event.type, MAX_TYPE),
        ("entity", event.entity, MAX_REFERENCE),
    ):
        if not 0 < len(value) <= most:
            raise Invalid(f"The {name} has {len(value)} characters.", where=where, remedy=f"It takes 1 to {most}.")
    if len(event.related) > MAX_RELATED or any(not 0 < len(one) <= MAX_REFERENCE for one in event.related):
        raise Invalid(
            "The related references do not fit.", where=where, remedy=f"At most {MAX_RELATED} of 1 to {MAX_REFERENCE} characters."
        )
    if not 0 <= event.time < 1 << 62:
        raise Invalid(f"The time {event.time} is not possible.", where=where, remedy="Give microseconds since 1970 UTC.")
    raise Invalid(f"The severity {event.severity} is not possible.", where=where, remedy="It is 0 to 3.")
