"""Imports of people: preview, then all or nothing, over real stores and a real child."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitewarden.domain.access.people import CredentialHolder
from sitewarden.domain.errors import Conflict, NotFound, StorageFull
from tests.services.people.conftest import ADA, Office

TABLE = "holder,name,groups,card,pin,profiles\nada,Ada,staff,26:a,4711,day\nbob,Robert,,,,\n"


async def test_a_preview_changes_nothing_and_applying_makes_it_so(office: Office) -> None:
    id_ = await office.send(TABLE)
    view = await office.until(id_, "ready", "failed")
    counts = view.counts
    assert (view.state, counts.holders_added, counts.holders_changed, counts.credentials_added) == ("ready", 1, 1, 1)
    page = await office.ask("people.import.rows", id=id_)
    assert [(row.action, row.kind, row.id) for row in page.changes] == [
        ("add", "credential-holder", "ada"),
        ("add", "credential", "ada"),
        ("change", "credential-holder", "bob"),
    ]
    assert "4711" not in str(page)
    assert office.state.get("credential-holder", "ada") is None

    version = office.state.version
    assert (await office.apply(id_)).state == "done"
    assert office.state.version == version + 1
    ada, card, bob = (
        office.state.get("credential-holder", "ada"),
        office.state.get("credential", "ada"),
        office.state.get("credential-holder", "bob"),
    )
    assert ada and card and bob and bob.entity.name == "Robert" and getattr(card.entity, "pin_hash", "").startswith("h1$")
    await office.state.deliver(office.emit)
    assert [(event.type, event.data["added"], event.data["changed"]) for event in office.told] == [("people.imported", 1, 1)]
    entries = [record.entry for record in await office.state.audit_page()]
    assert [(entry.action, entry.reason, entry.detail["changes"]) for entry in entries] == [("people.import", "new year", 3)]
    assert "4711" not in str(entries) and not list(office.folder.iterdir())
    ticket = await office.ask("people.import.report", id=id_)
    assert Path(ticket.path).read_text().splitlines() == [
        "line,action,kind,id,fields",
        "2,add,credential-holder,ada,",
        "2,add,credential,ada,",
        "3,change,credential-holder,bob,name",
    ]
    (kept,) = (office.folder.parent / "imports").iterdir()
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == entries[0].detail["report_sha256"]


@pytest.mark.parametrize("id_", ["0123456789abcdef", "..", "a/b"])
async def test_a_report_that_is_not_there_is_said_so(office: Office, id_: str) -> None:
    with pytest.raises(NotFound):
        await office.ask("people.import.report", id=id_)
    assert not list(office.folder.iterdir())


async def test_what_cannot_be_written_leaves_no_report_and_the_preview(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = await office.send(TABLE)
    await office.until(id_, "ready", "failed")

    async def full(*args: Any, **kwargs: Any) -> int:
        raise StorageFull("The disk is full.")

    monkeypatch.setattr(office.state, "apply", full)
    view = await office.apply(id_)
    assert (view.state, view.what) == ("ready", "The disk is full.")
    monkeypatch.undo()
    assert not list((office.folder.parent / "imports").iterdir())
    assert [record.entry.outcome for record in await office.state.audit_page()] == ["refused: storage-full"]
    assert (await office.apply(id_)).state == "done"


async def test_errors_keep_the_whole_table_out(office: Office) -> None:
    id_ = await office.send(TABLE + "eve,Eve,nobodies,26:b,,\n")
    view = await office.until(id_, "ready", "failed")
    page = await office.ask("people.import.rows", id=id_, what="errors")
    assert view.counts.errors == 2 and {(error.line, error.column) for error in page.errors} == {(4, "groups"), (4, "card")}
    with pytest.raises(Conflict):
        await office.ask("people.import.apply", id=id_)
    assert office.state.get("credential-holder", "ada") is None


async def test_a_table_that_cannot_be_read_fails_with_what_to_do(office: Office) -> None:
    view = await office.until(await office.send("nmae\nx\n"), "ready", "failed")
    assert view.state == "failed" and view.where == "line 1" and "name" in view.remedy


async def test_a_site_that_changed_since_the_preview_is_looked_at_again(office: Office) -> None:
    id_ = await office.send(TABLE)
    await office.until(id_, "ready", "failed")
    await office.put(CredentialHolder(id="zoe", name="Zoe"))
    assert (await office.apply(id_)).state == "done"

    id_ = await office.send("holder,name,company\nada,Ada,Works\n")
    await office.until(id_, "ready", "failed")
    await office.put(CredentialHolder(id="ada", name="Ada Lovelace", groups=("staff",)))
    view = await office.apply(id_)
    assert view.state == "ready" and "changed since the preview" in view.what
    page = await office.ask("people.import.rows", id=id_)
    assert {(one.field, one.old) for one in page.changes[0].fields} == {("name", "Ada Lovelace"), ("company", "")}
    assert (await office.apply(id_)).state == "done"


async def test_an_import_is_its_owners_alone(office: Office) -> None:
    id_ = await office.send(TABLE)
    with pytest.raises(NotFound):
        await office.ask("people.import.get", msgspec.structs.replace(ADA, actor="user:eve"), id=id_)
    await office.until(id_, "ready", "failed")
    await office.ask("people.import.drop", id=id_)
    assert not list(office.folder.iterdir())


async def test_a_stop_ends_the_child_and_writes_nothing(office: Office) -> None:
    id_ = await office.send(TABLE)
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await office.imports.close()
    assert (await office.ask("people.import.get", id=id_)).state == "failed" and not list(office.folder.iterdir())
    assert office.state.get("credential-holder", "ada") is None


async def test_what_is_exported_can_be_imported_again(office: Office) -> None:
    ticket = await office.ask("people.export")
    text = Path(ticket.path).read_text(encoding="utf-8-sig")
    assert text.count("\n") == 2 and "26:b" in text
    view = await office.until(await office.send(text, "overwrite"), "ready", "failed")
    assert (view.state, view.counts.holders_same, view.counts.credentials_same, view.counts.errors) == ("ready", 1, 1, 0)
