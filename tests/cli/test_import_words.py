"""Imports and exports of people and machines: what the verbs ask of the server, what they print, what they leave behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sitewarden.app import machines as machine_verbs
from sitewarden.app import roster
from sitewarden.domain.errors import Conflict, Invalid, Refusal
from tests.cli.test_camera_words import run

MACHINES = {"added": 2, "changed": 1, "kept": 1, "same": 4, "errors": 0}
PEOPLE = {f"{name}_{verb}": 0 for name in ("holders", "credentials") for verb in ("added", "changed", "same")} | {"errors": 0}
CHANGE = {"line": 2, "action": "add", "kind": "point", "id": "level", "name": "Level"}


class Desk:
    """Stands for the node: an import that is looked at twice before its preview is there, and files that it made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.counts: dict[str, int] = {}
        self.pages: dict[str, list[dict[str, Any]]] = {"errors": [], "changes": []}
        self.refusal = {"what": "", "where": "", "remedy": ""}
        """What a look tells beside the state, once the file was read or while it is applied."""
        self.fails_at = ""
        self.came: bytes | None = None
        self._states = iter(("reading", "ready"))

    def work(self, settings: Any, work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def go() -> Any:
            return await work(self.ask)

        return asyncio.run(go())

    async def ask(self, operation: str, **params: Any) -> Any:
        self.asked.append((operation, params))
        verb = operation.rpartition(".")[2]
        match verb:
            case "open":
                return {"id": "i1", "path": str(self.folder / "upload")}
            case "start":
                self.came = (self.folder / "upload").read_bytes()
            case "apply":
                self._states = iter(("applying", "ready" if self.fails_at == "apply" else "done"))
            case "get":
                return self._view(next(self._states))
            case "rows":
                page = self.pages[params["what"]]
                return {"errors": [], "changes": [], "total": len(page), params["what"]: page}
            case "export":
                made = self.folder / "made"
                made.write_text("kind,id\npoint,level\n", encoding="utf-8-sig")
                made.chmod(0o600)
                return {"path": str(made)}
        return {}

    def _view(self, state: str) -> dict[str, Any]:
        if self.fails_at == "start" and state == "ready":
            state = "failed"
        told = self.refusal if state == "failed" or (state == "ready" and self.fails_at == "apply" and self.applied) else {}
        return {"id": "i1", "state": state, "counts": self.counts, "what": "", "where": "", "remedy": ""} | told

    @property
    def applied(self) -> bool:
        return any(name.endswith(".apply") for name, _ in self.asked)

    @property
    def verbs(self) -> list[str]:
        return [name.rpartition(".")[2] for name, _ in self.asked]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    folder = tmp_path / "node"
    folder.mkdir()
    made = Desk(folder)
    for module in (machine_verbs, roster):
        monkeypatch.setattr(module, "with_platform", made.work)
        monkeypatch.setattr(module, "settled", lambda path: None)
    monkeypatch.setattr(roster, "LOOK", 0.0)
    return made


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "machines.csv"
    path.write_bytes(b"id,name,device\nlevel,Level,tank\n")
    return path


def test_a_plan_shows_what_would_change_and_leaves_nothing(desk: Desk, table: Path) -> None:
    desk.counts = MACHINES
    fields = [{"field": "unit", "old": "", "new": "m"}]
    desk.pages["changes"] = [CHANGE | {"fields": fields, "note": "twin of tank has the same address."}]
    told = run("machine", "import", "--plan", str(table), "--mode", "keep")
    assert told.exit_code == 0, told.output
    assert "unit: – -> m" in told.output and "same" in told.output
    assert "2 would be added, 1 would be changed, 1 differ and stay, 4 are the same" in " ".join(told.output.split())
    assert desk.asked[0] == ("points.import.open", {"mode": "keep", "name": "machines.csv", "endpoint": ""})
    assert desk.came == table.read_bytes()
    assert desk.verbs == ["open", "start", "get", "get", "rows", "rows", "drop"]


def test_machines_are_imported_with_the_reason(desk: Desk, table: Path) -> None:
    desk.counts = MACHINES
    told = run("machine", "import", str(table), "--reason", "second line")
    assert told.exit_code == 0 and "2 added, 1 changed" in told.output
    assert ("points.import.apply", {"id": "i1", "reason": "second line"}) in desk.asked
    assert desk.verbs[-3:] == ["apply", "get", "get"] and "drop" not in desk.verbs


def test_nothing_is_applied_where_nothing_differs(desk: Desk, table: Path) -> None:
    desk.counts = MACHINES | {"added": 0, "changed": 0}
    told = run("machine", "import", str(table))
    assert told.exit_code == 0 and "Nothing differs." in told.output
    assert not desk.applied and desk.verbs[-1] == "drop"


@pytest.mark.parametrize("noun", ["machine", "people"])
def test_a_file_with_errors_ends_with_1_and_says_where(desk: Desk, table: Path, noun: str) -> None:
    desk.counts = (MACHINES if noun == "machine" else PEOPLE) | {"errors": 1}
    desk.pages["errors"] = [{"line": 2, "column": "device", "what": "There is no device.", "remedy": "Add it."}]
    told = run(noun, "import", str(table))
    assert told.exit_code == 1
    assert "There is no device." in told.output and "1 errors; nothing was changed." in told.output
    assert not desk.applied and desk.verbs[-1] == "drop"


def test_people_are_imported_and_the_report_is_named(desk: Desk, table: Path) -> None:
    desk.counts = PEOPLE | {"holders_added": 3, "credentials_same": 2}
    told = run("people", "import", str(table), "--mode", "overwrite")
    assert told.exit_code == 0, told.output
    assert "people: 3 added, 0 changed, 0 left as they are" in told.output
    assert "credentials: 0 added, 0 changed, 2 left as they are" in told.output
    assert "sitewarden people report i1" in told.output
    assert desk.asked[0] == ("people.import.open", {"mode": "overwrite", "name": "machines.csv"})
    assert "drop" not in desk.verbs


def test_a_program_reads_json(desk: Desk, table: Path) -> None:
    desk.counts = MACHINES
    told = json.loads(run("machine", "import", str(table), "--json").output)
    assert (told["state"], told["counts"]["added"], told["errors"]) == ("done", 2, [])


@pytest.mark.parametrize("fails_at", ["start", "apply"])
def test_what_the_server_refuses_is_told_and_its_copy_of_the_file_goes(desk: Desk, table: Path, fails_at: str) -> None:
    desk.counts, desk.fails_at = MACHINES, fails_at
    desk.refusal = {"what": "The site changed since.", "where": "line 1", "remedy": "Look again."}
    with pytest.raises(Refusal, match=r"The site changed since\.") as refused:
        run("machine", "import", str(table))
    assert (refused.value.where, refused.value.remedy) == ("line 1", "Look again.")
    assert desk.verbs[-1] == "drop"


def test_a_refused_drop_does_not_hide_the_reason(desk: Desk, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(operation: str, **params: Any) -> Any:
        if operation.endswith(".start"):
            raise Invalid("no table")
        if operation.endswith(".drop"):
            raise Conflict("It is at work.")
        return await Desk.ask(desk, operation, **params)

    monkeypatch.setattr(desk, "ask", ask)
    with pytest.raises(Invalid, match="no table"):
        run("people", "import", str(table))


@pytest.mark.parametrize("noun", ["machine", "people"])
def test_a_file_that_is_not_there_is_never_asked_about(desk: Desk, tmp_path: Path, noun: str) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Refusal, match="cannot be read"):
            run(noun, "import", str(path))
    assert desk.asked == []


def test_machines_are_written_in_the_form_of_the_file(desk: Desk, tmp_path: Path) -> None:
    told = run("machine", "export", "--endpoint", "plc")
    assert told.output == "kind,id\npoint,level\n", "without the mark that spreadsheets want"
    assert desk.asked[-1] == ("points.export", {"form": "csv", "endpoint": "plc", "device": ""})
    output = tmp_path / "site.yml"
    output.write_text("old")
    assert run("machine", "export", "-o", str(output)).exit_code == 0
    assert desk.asked[-1][1]["form"] == "yaml" and "level" in output.read_text()
    assert output.stat().st_mode & 0o777 == 0o600, "nobody else reads it"
    assert run("machine", "export", "-o", str(output), "--form", "csv", "--device", "tank").exit_code == 0
    assert desk.asked[-1][1] == {"form": "csv", "endpoint": "", "device": "tank"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["node", "site.yml"]
    assert not (desk.folder / "made").exists()


@pytest.mark.parametrize(("place", "words"), [("none/machines.csv", "cannot be written"), (".", "no file"), ("/", "no file")])
def test_a_place_that_cannot_be_written_is_told_and_nothing_stays(desk: Desk, tmp_path: Path, place: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        run("machine", "export", "-o", str(tmp_path / place))
    assert not (desk.folder / "made").exists() and [path.name for path in tmp_path.iterdir()] == ["node"]
