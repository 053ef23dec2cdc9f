"""Verbs on machines: what they ask of the server, and what they print."""

from __future__ import annotations

from typing import Any

import pytest

from sitewarden.app import machines as verbs
from sitewarden.domain.errors import Invalid
from tests.cli.test_camera_words import Server, run

FAN = {"id": "fan", "name": "Fan", "unit": "%", "type": "number"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(verbs, "with_platform", made.work)
    monkeypatch.setattr(verbs, "settled", lambda path: None)
    made.answers["point.get"] = FAN
    return made


def done(**found: Any) -> dict[str, Any]:
    return {"id": "c1", "old": 50.0, "new": 60.0, "read_back": 60.0, "priority": None} | found


def test_a_point_is_written_at_a_priority(server: Server) -> None:
    server.answers["points.write"] = done(priority=8)
    told = run("machine", "write", "fan", "60", "--priority", "8", "--reason", "smoke")
    assert told.exit_code == 0, told.output
    assert told.output == "Fan set from 50 % to 60 % at priority 8. The device reads back 60 %.\n"
    assert server.asked[-1] == ("points.write", {"id": "fan", "value": 60.0, "priority": 8, "reason": "smoke"})
    server.answers["points.write"] = done()
    assert "to 60 %. The device" in run("machine", "write", "fan", "60").output
    assert server.asked[-1][1]["priority"] is None
    assert run("machine", "write", "fan", "60", "--priority", "17").exit_code == 2


def test_a_priority_is_given_back(server: Server) -> None:
    server.answers["points.write"] = done(new=None, read_back=20.5, priority=5)
    told = run("machine", "release", "fan", "--priority", "5")
    assert told.output == "Fan given back at priority 5; it was 50 %. The device reads back 20.5 %.\n"
    assert server.asked[-1] == ("points.write", {"id": "fan", "value": None, "priority": 5, "reason": ""})
    server.answers["points.write"] = done(new=None, read_back=None, priority=5)
    assert "reads back unknown" in run("machine", "release", "fan").output
    assert '"read_back": null' in run("machine", "release", "fan", "--json").output


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [("string", "60", "60"), ("boolean", "On", True), ("boolean", "0", False), ("integer", "-3", -3), ("number", "1e3", 1000.0)],
)
def test_what_is_typed_is_taken_as_the_point_wants_it(server: Server, type_: str, text: str, value: Any) -> None:
    server.answers["point.get"] = FAN | {"type": type_, "unit": ""}
    server.answers["points.write"] = done(new=value, read_back=value)
    assert run("machine", "write", "fan", "--", text).exit_code == 0
    assert server.asked[-1][1]["value"] == value and type(server.asked[-1][1]["value"]) is type(value)


@pytest.mark.parametrize(("type_", "text"), [("boolean", "open"), ("integer", "1.5"), ("number", "warm")])
def test_what_does_not_fit_is_never_asked(server: Server, type_: str, text: str) -> None:
    server.answers["point.get"] = FAN | {"type": type_}
    with pytest.raises(Invalid):
        run("machine", "write", "fan", text)
    assert [name for name, _ in server.asked] == ["point.get"]
