"""What workers and core say to each other over the link: bodies of requests, and their kinds."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.events import Confirm, Event, StoredEvent

REGISTER = "bus.register"
EMIT = "bus.emit"
COMMAND = "bus.command"
EXECUTE = "bus.execute"
EVENTS = "bus.events"
ASK = "ask/"
"""Requests: ASK + target."""
NAME_LIMIT = 120
"""Longest target or topic in characters, so that it fits in a link message."""


class Registration(Struct, frozen=True, array_like=True):
    """All that a worker serves, claims and subscribes to now; replaces what it said before."""

    serves: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Registered(Struct, frozen=True, array_like=True):
    """What of a registration belongs to somebody else, "<name> (<role>)"."""

    taken: tuple[str, ...] = ()


class Emission(Struct, frozen=True, array_like=True):
    """Events to be stored."""

    events: tuple[Event, ...]
    confirm: Confirm | None = None


class Follow(Struct, frozen=True, array_like=True):
    """Parameters of the events stream; the stream's index is the cursor. `live` starts from now."""

    live: bool
    types: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()


_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
_registration = msgspec.msgpack.Decoder(Registration)
_registered = msgspec.msgpack.Decoder(Registered)
_emission = msgspec.msgpack.Decoder(Emission)
_follow = msgspec.msgpack.Decoder(Follow)
_command = msgspec.msgpack.Decoder(Command)
_result = msgspec.msgpack.Decoder(Result)
_stored = msgspec.msgpack.Decoder(list[StoredEvent])
_head = msgspec.msgpack.Decoder(int)


def _typed(decoder: msgspec.msgpack.Decoder[object], body: bytes, where: str) -> object:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The message does not fit: {error}.", where=where) from error


def registration(body: bytes) -> Registration:
    """Decode a Registration; raises Invalid."""
    return _typed(_registration, body, REGISTER)  # type: ignore[arg-type,return-value]


def registered(body: bytes) -> Registered:
    """Decode a Registered; raises Invalid."""
    return _typed(_registered, body, REGISTER)  # type: ignore[arg-type,return-value]


def emission(body: bytes) -> Emission:
    """Decode an Emission; raises Invalid."""
    return _typed(_emission, body, EMIT)  # type: ignore[arg-type,return-value]


def follow(body: bytes) -> Follow:
    """Decode a Follow; raises Invalid."""
    return _typed(_follow, body, EVENTS)  # type: ignore[arg-type,return-value]


def command(body: bytes) -> Command:
    """Decode a Command; raises Invalid."""
    return _typed(_command, body, COMMAND)  # type: ignore[arg-type,return-value]


def result(body: bytes) -> Result:
    """Decode a Result; raises Invalid."""
    return _typed(_result, body, COMMAND)  # type: ignore[arg-type,return-value]


def stored(body: bytes) -> list[StoredEvent]:
    """Decode stored events; raises Invalid."""
    return _typed(_stored, body, EVENTS)  # type: ignore[arg-type,return-value]


def head(body: bytes) -> int:
    """Decode the log's head; raises Invalid."""
    return _typed(_head, body, EVENTS)  # type: ignore[arg-type,return-value]
