"""Any bytes from a worker are a message of the bus, which can be written again, or are refused as Invalid."""

from __future__ import annotations

from sitewarden.bus import messages
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.events import Confirm, Event, StoredEvent

_EVENT = Event(key="c/1/1", type="door.opened", entity="door:1", time=1, related=("camera:1",), data={"a": [1, {"b": None}]})

SEEDS = [
    messages.encode(messages.Registration(("a", "b/"), ("door:*",), ("status",))),
    messages.encode(messages.Registered(("a (core)",))),
    messages.encode(messages.Emission((_EVENT,), Confirm("c", 1, 1))),
    messages.encode(messages.Follow(True, ("door.*",), ("door:1",))),
    messages.encode(Command(id="c", name="door.release", entity="door:1", args={"a": 1})),
    messages.encode(Result(ok=True, value={"a": 1})),
    messages.encode([StoredEvent(seq=1, stored=2, event=_EVENT)]),
]

_DECODERS = (
    messages.registration,
    messages.registered,
    messages.emission,
    messages.follow,
    messages.command,
    messages.result,
    messages.stored,
    messages.head,
)


def check(data: bytes) -> None:
    for decode in _DECODERS:
        try:
            message = decode(data)
        except Invalid:
            continue
        messages.encode(message)
