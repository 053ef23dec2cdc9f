"""Golden cases: what a board tells, byte for byte, and the event that comes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.model import AccessPoint, Controller, Door, DoorMode
from sitewarden.domain.catalogue import CATALOGUE
from sitewarden.drivers.uhppote import mapping, wire
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote.config import DeviceConfig
from sitewarden.drivers.uhppote.table import table_of

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden/events.json").read_text())
SERIAL = 205419896
TABLE = table_of(
    compile(
        version=7,
        zone="Europe/Berlin",
        controllers=[Controller(id="gate", name="Gate", driver="uhppote")],
        doors=[Door(id="yard", name="Yard", controller="gate", output=1)],
        access_points=[
            AccessPoint(id="yard-in", name="Yard, in", door="yard", reader=1),
            AccessPoint(id="yard-out", name="Yard, out", door="yard", reader=2),
        ],
    ),
    "gate",
    DeviceConfig(serial=SERIAL),
    0,
)
NAMES = {"door:yard": "Yard", "access-point:yard-in": "Yard, in", "access-point:yard-out": "Yard, out"}
ORIGIN = mapping.Origin("gate", "Gate", SERIAL, ZoneInfo("Europe/Berlin"), NAMES)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_golden(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["packet"])
    _, found = wire.read_answer(data + bytes(wire.SIZE - len(data)))
    assert isinstance(found, m.Event)
    card = mapping.Card(**case["card"]) if "card" in case else None
    made = mapping.event(ORIGIN, SERIAL * 1000, found, TABLE, card, 0)
    shown = {
        "type": made.type,
        "entity": made.entity,
        "text": made.text,
        "time": made.time,
        "key": made.key,
        "reason": made.data.get("reason", ""),
    }
    assert shown == case["event"]
    assert made.type in CATALOGUE


def test_every_reason_of_a_refusal_has_a_text_and_every_event_a_type() -> None:
    assert {reason for reason, _, _ in mapping.REASONS.values()} <= {
        "other", "unauthorized", "invalid-pin", "antipassback-violation", "door-blocked", "interlock-active",
        "not-permitted-at-this-time", "credential-not-found",
    }  # fmt: skip
    assert {type_ for type_, _ in mapping.PLAIN.values()} <= CATALOGUE.keys()


def test_modes_of_doors_are_the_board_s_three() -> None:
    assert set(mapping.MODES.values()) == set(mapping.BACK)
    assert all(mapping.MODES[mode] == code for code, mode in mapping.BACK.items())
    assert mapping.MODES[DoorMode.LOCKED_DOWN] == mapping.MODES[DoorMode.BLOCKED] == 2
