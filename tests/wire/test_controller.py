"""The messages of controllers: the examples of the documentation, read and written, and what breaks a limit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitewarden.domain.access.decision import Decision, Explanation, Request
from sitewarden.domain.access.model import DenyReason
from sitewarden.wire import controller as wire

PAGE = Path(__file__).parents[2] / "docs" / "protocols" / "controller.md"
ROWS = re.findall(r"^\| `(\w+)(\(.*\))` \| `([0-9a-f]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
NAMES: dict[str, Any] = {
    **{name: getattr(wire, name) for name in dir(wire) if name[0].isupper()},
    "Request": lambda point, card: Request(access_point=point, card=card),
}


@pytest.mark.parametrize(("name", "arguments", "hexadecimal"), ROWS)
def test_the_examples_of_the_page(name: str, arguments: str, hexadecimal: str) -> None:
    message = eval(f"{name}{arguments}", NAMES)
    assert wire.encode(message).hex() == hexadecimal
    assert wire.encode(msgspec.msgpack.decode(bytes.fromhex(hexadecimal), type=type(message))).hex() == hexadecimal


def test_the_page_has_examples() -> None:
    assert {name for name, _, _ in ROWS} >= {"Hello", "Welcome", "LogStart", "Record", "MatchRequest", "RulesHeld", "Order"}


def test_a_decision_travels() -> None:
    said = Decision(granted=False, reason=DenyReason.UNAUTHORIZED, explanation=Explanation(rule="right", text="none"))
    assert msgspec.msgpack.decode(wire.encode(said), type=Decision) == said


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        (["x" * 81, "main", "release"], wire.Order),
        (["1", "main", "explode"], wire.Order),
        ([-1], wire.LogStart),
        ([1, "t" * 61], wire.Record),
        ([1, "door.opened", "", "", "", "", {str(n): n for n in range(33)}], wire.Record),
        ([1, "", 5, 0, bytes(wire.PART + 1)], wire.RulesPart),
        (["main", "ajar", True, False, "normal"], wire.DoorReport),
    ],
)
def test_what_breaks_a_limit_is_refused(fields: list[Any], model: type) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(fields), type=model)


def test_further_fields_are_for_later_versions() -> None:
    longer = msgspec.msgpack.encode([5, 1000, "later"])
    assert msgspec.msgpack.decode(longer, type=wire.Welcome) == wire.Welcome(5, 1000)
