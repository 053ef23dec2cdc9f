"""What the house tells as properties, and writes of others as orders."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import ValidationError, convert

from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.bacnet.server.config import DeviceConfig
from sitewarden.drivers.bacnet.server.image import Image, Order
from sitewarden.kit.house import Reading, Source
from sitewarden.wire.bacnet import names, tags
from sitewarden.wire.bacnet.services import Property, Write
from sitewarden.wire.bacnet.tags import Tagged

AV, BI, MSI, TEXT = (names.object_from(f"{one},1") for one in ("analog-value", "binary-input", "multi-state-input", "40"))
OBJECTS: list[dict[str, Any]] = [
    {"object": "analog-value,1", "of": "point:level", "writable": True, "units": 98, "increment": 2.0},
    {"object": "analog-input,2", "of": "point:level", "lost": "last", "name": "level, last known"},
    {"object": "binary-input,1", "of": "point:frost"},
    {"object": "binary-value,2", "of": "point:pump", "states": ["stopped", "running"], "writable": True},
    {"object": "multi-state-input,1", "of": "door:main", "member": "lock", "states": ["unlocked", "locked"]},
    {"object": "multi-state-value,2", "of": "point:mode", "states": ["off", "on"], "writable": True},
    {"object": "characterstring-value,1", "of": "point:plate", "writable": True},
]
LEVEL, FROST, LOCK = Source("point:level"), Source("point:frost"), Source("door:main", "lock")


def image() -> Image:
    return Image(convert({"instance": 7, "objects": OBJECTS}, DeviceConfig))


def told(made: Image, object_: int, property_: int = 85) -> Any:
    content = made.objects.content(Property(object_, property_))
    return tags.value(content, 0, len(content))[0][1] if isinstance(content, bytes) else content


def test_what_was_never_heard_is_no_value() -> None:
    made = image()
    assert str(told(made, AV)) == "nan" and told(made, BI) == (0, 25) and told(made, MSI) == (0, 25)
    assert told(made, AV, 111) == (False, True, False, False)
    assert told(made, AV, names.NUMBERS["reliability"]) == 12


def test_values_words_and_qualities_become_properties() -> None:
    made = image()
    news = [
        (LEVEL, Reading(47.5)),
        (FROST, Reading(value=True)),
        (LOCK, Reading("locked")),
        (Source("point:plate"), Reading("Ü 1")),
    ]
    assert set(made.put(news)) == {AV, BI, MSI, TEXT, names.object_from("analog-input,2")}
    assert (told(made, AV), told(made, BI), told(made, MSI), told(made, TEXT)) == (47.5, 1, 2, "Ü 1")
    assert told(made, AV, 111) == (False,) * 4 and made.analog(AV) == (47.5, 2.0)
    assert made.put(news) == [], "nothing changed"
    made.put([(LEVEL, Reading(None, Quality.BAD_OUT_OF_SERVICE)), (LOCK, Reading("ajar"))])
    assert str(told(made, AV)) == "nan" and told(made, names.object_from("analog-input,2")) == 47.5
    assert told(made, AV, 111) == (False, True, False, True) and told(made, AV, 81) is True
    assert told(made, MSI) == 2 and told(made, MSI, names.NUMBERS["reliability"]) == 10
    made.put([(LEVEL, Reading(1e300))])
    assert str(told(made, AV)) == "nan", "what 32 bits do not hold is no number"
    made.put([(LEVEL, Reading(3.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE))])
    assert told(made, AV) == 3.0 and told(made, AV, 111) == (False, True, False, False)


WRITES: list[tuple[str, Tagged, Any]] = [
    ("analog-value,1", (tags.REAL, 5.0), Order("point:level", 5.0)),
    ("analog-value,1", (tags.UNSIGNED, 5), names.BAD_TYPE),
    ("analog-value,1", (tags.NULL, None), names.BAD_TYPE),
    ("analog-value,1", (tags.REAL, float("inf")), names.OUT_OF_RANGE),
    ("analog-input,2", (tags.REAL, 5.0), names.NOT_WRITABLE),
    ("analog-value,9", (tags.REAL, 5.0), names.UNKNOWN_OBJECT),
    ("binary-value,2", (tags.ENUMERATED, 1), Order("point:pump", "running")),
    ("binary-value,2", (tags.ENUMERATED, 2), names.OUT_OF_RANGE),
    ("multi-state-value,2", (tags.UNSIGNED, 1), Order("point:mode", "off")),
    ("multi-state-value,2", (tags.UNSIGNED, 0), names.OUT_OF_RANGE),
    ("multi-state-value,2", (tags.UNSIGNED, 3), names.OUT_OF_RANGE),
    ("characterstring-value,1", (tags.TEXT, "B 7"), Order("point:plate", "B 7")),
    ("device,7", (tags.TEXT, "B 7"), names.NOT_WRITABLE),
]


@pytest.mark.parametrize(("object_", "value", "what"), WRITES)
def test_writes_become_orders_or_are_refused(object_: str, value: Tagged, what: Any) -> None:
    assert image().order(Write(Property(names.object_from(object_), 85), [value], 8)) == what


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"object": "analog-output,1", "of": "point:a"}, "none of the types"),
        ({"object": "multi-state-value,1", "of": "point:a"}, "words of its states"),
        ({"object": "binary-value,1", "of": "point:a", "states": ["one"]}, "two states"),
        ({"object": "analog-input,1", "of": "point:a", "writable": True}, "is an input"),
        ({"object": "analog-value,1", "of": "door:a", "writable": True}, "only the value of a point"),
        ({"object": "analog-value,1", "of": "point:b"}, "same number or name"),
    ],
)
def test_what_cannot_be_served_is_refused(wrong: dict[str, Any], why: str) -> None:
    objects = [wrong, {"object": "analog-value,1", "of": "point:other"}] if "same" in why else [wrong]
    with pytest.raises((ValidationError, ValueError), match=why):
        convert({"instance": 7, "objects": objects}, DeviceConfig)
