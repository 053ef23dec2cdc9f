"""Any record of a controller becomes exactly one event, and any report, hello or order is read or refused."""

from __future__ import annotations

import msgspec

from sitewarden.domain.catalogue import CATALOGUE
from sitewarden.drivers.link import mapping
from sitewarden.wire import controller as wire

SEEDS = [
    wire.encode(wire.Record(1_790_000_000_000_000, "access.granted", "main", "main-in", "c-1", "ada", {"explanation_text": "x"})),
    wire.encode(wire.Record(1, "door.forced", "main", data={"name": "{0}", "n": [1, {"a": None}]})),
    wire.encode((wire.DoorReport("main", "locked", True, False, "normal"),)),  # type: ignore[arg-type]
    wire.encode(wire.Hello(1, 2, 3, 4, "ab", 5)),
    wire.encode(wire.Order("1", "main", "release", "user:ada")),
    wire.encode(wire.ManyOrder("1", ("main", "rear"), "lockdown", "user:ada", "drill")),
    wire.encode(wire.ManyDone((), (wire.Refused("main", "conflict", "it is locked open"),))),
]
MODELS = (
    wire.Hello, wire.LogStart, wire.MatchRequest, wire.RulesPart, wire.RulesHeld, wire.Order, wire.OrderDone, wire.ManyOrder,
    wire.ManyDone, wire.Welcome,
)  # fmt: skip


def check(data: bytes) -> None:
    ((index, record),) = mapping.read_records([(7, data)])
    event = mapping.event("front", 1, index, record, 5, {"main"}, {})
    assert event.key == "front/1/7"
    assert event.type in CATALOGUE
    assert ":" in event.entity
    msgspec.msgpack.encode(event)
    for model in MODELS:
        try:
            msgspec.msgpack.decode(data, type=model)
        except (msgspec.DecodeError, ValueError, RecursionError):
            pass
