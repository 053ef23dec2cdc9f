"""Verbs on cameras: what they ask of the server, and what they print."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from click.testing import CliRunner
from typer.main import get_command

from sitewarden.app import cameras as camera_verbs
from sitewarden.app import footage as footage_verbs
from sitewarden.app import recording as recording_verbs
from sitewarden.cli import app
from sitewarden.domain.errors import Invalid

SECOND = 1_000_000


class Server:
    """Stands for the node: takes what is asked, gives what was said."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}

    def work(self, settings: Any, work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def ask(operation: str, **params: Any) -> Any:
            self.asked.append((operation, params))
            return self.answers[operation]

        done = work(ask)
        try:
            done.send(None)  # type: ignore[attr-defined]
        except StopIteration as stop:
            return stop.value
        raise AssertionError("it waits for something else than the server")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    for module in (camera_verbs, footage_verbs, recording_verbs):
        monkeypatch.setattr(module, "with_platform", made.work)
        monkeypatch.setattr(module, "settled", lambda path: None)
    return made


_COMMAND = get_command(app)
"""Made once: typer's own runner makes all verbs anew for each call."""


def run(*words: str) -> Any:
    return CliRunner().invoke(_COMMAND, list(words), catch_exceptions=False)


def test_a_gap_is_fetched_from_the_camera(server: Server) -> None:
    server.answers["camera.fill"] = {"items": [{"start": 1_763_700_000 * SECOND, "end": 1_763_700_060 * SECOND}]}
    when = ("--start", "2025-11-21 04:40:00+00:00", "--end", "2025-11-21 04:41:00+00:00")
    done = run("recording", "fill", "gate", *when, "--reason", "theft")
    assert done.exit_code == 0, done.output
    span = {"start": 1_763_700_000 * SECOND, "end": 1_763_700_060 * SECOND}
    assert server.asked == [("camera.fill", {"reason": "theft", "id": "gate", **span})]
    assert "is fetched from gate" in done.output and "recording list" in done.output
    with pytest.raises(Invalid, match="is no moment"):
        run("recording", "fill", "gate", "--start", "noon", "--end", "later")


def test_a_recording_is_listed_and_played(server: Server) -> None:
    item = {"name": "lobby/night.mp4", "bytes": 2048, "changed": 1_763_700_000 * SECOND}
    server.answers["cameras.files"] = {"allowed": True, "items": [item], "more": False}
    shown = run("camera", "files")
    assert shown.exit_code == 0 and "lobby/night.mp4" in shown.output and "2.0 KiB" in shown.output
    server.answers["cameras.files"] = {"allowed": False, "items": [], "more": False}
    assert "[video] files" in run("camera", "files").output
    server.answers["camera.create"] = {"id": "replay", "name": "Replay"}
    done = run("camera", "play", "Replay", "lobby/night.mp4", "--once", "--area", "lab")
    assert done.exit_code == 0 and "plays lobby/night.mp4 once" in done.output
    body = {"name": "Replay", "url": "file:lobby/night.mp4", "repeat": False, "area": "lab"}
    assert server.asked[-1] == ("camera.create", {"body": body})


def test_a_tour_is_made_of_its_stops(server: Server) -> None:
    server.answers["cameras.keep-tour"] = {"tour": "tour-2"}
    done = run("camera", "keep-tour", "gate", "--name", "Night", "--stop", "1,15,0.5", "--stop", "home", "--stop", "car park,5")
    assert done.exit_code == 0 and "gate keeps the tour tour-2." in done.output
    stops = [{"preset": "1", "stay": 15.0, "speed": 0.5}, {"home": True}, {"preset": "car park", "stay": 5.0}]
    asked = {"id": "gate", "tour": "", "name": "Night", "stops": stops, "auto_start": False}
    assert server.asked == [("cameras.keep-tour", asked)]
    for wrong in ("", "1,x", "1,2,3,4"):
        with pytest.raises(Invalid, match="is no stop"):
            run("camera", "keep-tour", "gate", "--stop", wrong)


def test_tours_are_shown_with_their_stops(server: Server) -> None:
    stop = {"preset": "1", "home": False, "place": None, "stay": 15.0, "speed": 0.0}
    home = {**stop, "preset": "", "home": True, "stay": 5.0}
    server.answers["cameras.tours"] = {"items": [{"token": "t", "name": "Night", "state": "Idle", "stops": [stop, home]}]}
    done = run("camera", "tours", "gate")
    assert done.exit_code == 0 and "1 (15 s) > home (5 s)" in done.output
