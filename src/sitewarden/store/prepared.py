"""Events made ready to be stored: the limits, the body, the compact key. Pure."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final, NoReturn

import msgspec

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.events import Event

MAX_BODY: Final = 65_536
"""Bytes of one encoded event."""
MAX_KEY: Final = 250
MAX_REFERENCE: Final = 140
MAX_TYPE: Final = 100
MAX_RELATED: Final = 32
REMEMBERED: Final = 65_536
"""Beginnings of keys, and references, that are remembered; past it the memory is emptied and filled anew."""

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


Source = tuple[str, int]
"""Who numbers events, and in which epoch."""


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """An event that passed the limits, with its body encoded and its key taken apart."""

    event: Event
    body: str
    source: Source
    counter: int


_sources: dict[str, Source] = {}
"""Beginnings of keys, "<origin>/<epoch>", taken apart."""
_types: set[str] = set()
_references: set[str] = set()
"""Types and references that fitted before."""


def split_key(key: str) -> tuple[str, int, int]:
    """Return (origin, epoch, index), one to one with `key`; a key of another form is a 128-bit hash under the origin "#"."""
    (origin, epoch), index = _split(key)
    return origin, epoch, index


def _split(key: str) -> tuple[Source, int]:
    head, _, index = key.rpartition("/")
    if _NUMBER(index):
        source = _sources.get(head)
        if source is not None:
            return source, int(index)
        origin, _, epoch = head.rpartition("/")
        if origin and origin != _HASHED and _NUMBER(epoch):
            if len(_sources) >= REMEMBERED:
                _sources.clear()
            source = _sources[head] = (origin, int(epoch))
            return source, int(index)
    digest = blake2b(key.encode(), digest_size=16).digest()
    return (_HASHED, int.from_bytes(digest[:8], "big", signed=True)), int.from_bytes(digest[8:], "big", signed=True)


def is_counted(origin: str) -> bool:
    """Tell whether the keys of `origin` count upward."""
    return origin != _HASHED


def prepare(event: Event) -> Prepared:
    """Check an event's limits and encode it.

    Raises Invalid or TooLarge with the field that is wrong.
    """
    key, type_, entity, related, time, severity = event.key, event.type, event.entity, event.related, event.time, event.severity
    if not (
        type_ in _types
        and entity in _references
        and _references.issuperset(related)
        and len(related) <= MAX_RELATED
        and 0 < len(key) <= MAX_KEY
        and 0 <= time < 1 << 62
        and 0 <= severity <= 3
    ):
        if not _fits(event):
            _refuse(event)
        _remember(event)
    try:
        body = _encode((key, type_, entity, time, severity, related, event.text, event.data)).decode()
    except (TypeError, OverflowError, ValueError, RecursionError) as error:
        raise Invalid(f"The data cannot be stored: {error}.", where=_where(event), remedy="Use what JSON can say.") from error
    if len(body) > MAX_BODY:
        raise TooLarge(
            f"The event has {len(body)} bytes.", where=_where(event), remedy=f"At most {MAX_BODY}; keep bulk in files."
        )
    return Prepared(event, body, *_split(key))


def of_body(event: Event, body: str) -> Prepared:
    """Return a stored event, and the body that it was decoded from, as they were prepared."""
    return Prepared(event, body, *_split(event.key))


def _remember(event: Event) -> None:
    for known, names in ((_types, (event.type,)), (_references, (event.entity, *event.related))):
        if len(known) >= REMEMBERED:
            known.clear()
        known.update(names)


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
