"""Messages of the WebSocket /api/v1/live, and how subscriptions filter. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from sitewarden.api.problems import problem
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import split_ref
from sitewarden.services.surface.identity import Scope, Visible

SubscriptionId = Annotated[str, Meta(min_length=1, max_length=60)]
Names = Annotated[tuple[Annotated[str, Meta(max_length=140)], ...], Meta(max_length=5000)]
Topic = Literal["events", "status", "points", "network"]
PEOPLE: Final = frozenset({"user", "group", "role", "token", "session"})


class Filter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a topic. Empty means everything; `types` are exact or prefixes that end in ".*"."""

    types: Names = ()
    entities: Names = ()
    severity: Annotated[int, Meta(ge=0, le=3)] = 0
    kinds: Names = ()
    points: Names | None = None


class ClientMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client may send."""

    op: Literal["subscribe", "unsubscribe", "pong"]
    id: SubscriptionId = "-"
    topic: Topic | None = None
    after: Annotated[int, Meta(ge=0)] | None = None
    filter: Filter = Filter()


PING: Final = '{"op":"ping"}'


def decode(text: str) -> ClientMessage:
    """Return a client's message; raises msgspec.DecodeError or RecursionError."""
    return _decoder.decode(text)


_decoder = msgspec.json.Decoder(ClientMessage)


def frame(id_: str, name: str, items: list[bytes] | bytes, tail: str = "") -> str:
    """Return a frame of encoded items: {"id":…,"<name>":[…]<tail>}."""
    body = items if isinstance(items, bytes) else b",".join(items)
    return f'{{"id":{msgspec.json.encode(id_).decode()},"{name}":[{body.decode()}]{tail}}}'


def error_frame(id_: str, refusal: Refusal) -> str:
    """Return the frame that says why a subscription was refused."""
    return msgspec.json.encode({"id": id_, "error": problem(refusal)}).decode()


def sees(visible: Visible, reference: str) -> bool:
    """Tell whether a reference may be followed."""
    return visible.all or split_ref(reference)[0] in visible.kinds or reference in _set(visible)


def sees_event(scope: Scope, event: Event) -> bool:
    """Tell whether an event may be shown."""
    if not scope.people and split_ref(event.entity)[0] in PEOPLE:
        return False
    return sees(scope.events, event.entity)


def wants_event(which: Filter, event: Event) -> bool:
    """Tell whether a subscription asked for an event."""
    if event.severity < which.severity:
        return False
    if which.types and not any(
        event.type == name or (name.endswith(".*") and event.type.startswith(name[:-1])) for name in which.types
    ):
        return False
    return not which.entities or event.entity in which.entities or any(name in which.entities for name in event.related)


_sets: dict[int, tuple[Any, frozenset[str]]] = {}


def _set(visible: Visible) -> frozenset[str]:
    kept = _sets.get(id(visible))
    if kept is None or kept[0] is not visible:
        if len(_sets) > 256:
            _sets.clear()
        kept = _sets[id(visible)] = (visible, frozenset(visible.refs))
    return kept[1]
