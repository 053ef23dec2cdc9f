"""A draft tried over real stores and a real child; nothing of the site changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitewarden.app.what_if import read_draft
from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Invalid, NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.kit.clock import SystemClock
from sitewarden.services.access.normal import normal
from sitewarden.services.access.what_if import WhatIfs
from sitewarden.services.secrets import SecretBox
from sitewarden.services.site import SiteFiles
from sitewarden.services.spool import Spool
from tests.drivers.link.site import demo
from tests.services.test_access import ADA, Bench


class Trial(Bench):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.spool = folder / "spool"
        clock = SystemClock()
        files = SiteFiles(self.state, clock, SecretBox(b"s" * 32), checks=self.access.checks, normal=normal)
        book = self.access.rulebook
        self.what_ifs = WhatIfs(self.state, self.log, clock, Spool(self.spool), book.packed, book.draft, files.draft)

    async def ask(self, name: str, /, **params: Any) -> Any:
        operation = next(one for one in self.what_ifs.operations() if one.name == f"access.what-if.{name}")
        return await operation.handler(ADA, msgspec.convert(params, operation.params))

    async def tried(self, draft: list[dict[str, Any]]) -> Any:
        view = await self.ask("start", days=3, draft=draft)
        async with asyncio.timeout(120):
            while view.state == "running":
                await asyncio.sleep(0.05)
                view = await self.ask("get", id=view.id)
        return view

    async def happened(self, person: str, hours: int) -> None:
        made = await self.match(person)
        data = {
            "access_point": "main-in", "door": "main", "holder": made.holder, "credential": made.credential, "format": "26-bit",
            "explanation": msgspec.to_builtins(made.explanation),
        }  # fmt: skip
        type_ = "access.granted" if made.granted else "access.denied"
        now = SystemClock().now() - hours * 3600 * SECOND
        key = f"test/{person}/{hours}"
        await self.log.append([Event(key=key, type=type_, entity="access-point:main-in", time=now, text="", data=data)])


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Trial]:
    bench = Trial(tmp_path)
    await bench.put(*demo())
    yield bench
    await bench.what_ifs.close()
    await bench.hub.close()
    await bench.state.close()
    await bench.log.close()


async def test_who_is_switched_off_would_be_kept_out(bench: Trial) -> None:
    for person, hours in (("hugo", 5), ("ines", 4), ("hugo", 100)):
        await bench.happened(person, hours)
    version = bench.state.version
    view = await bench.tried([{"kind": "credential-holder", "id": "hugo", "body": {"enabled": False}}])
    assert view.state == "done", view.what
    found = view.outcomes
    assert (found.requests, found.same, found.denied, found.left_out) == (2, 1, 1, 0), "older ones only tell where people are"
    (one,) = found.differences
    assert (one.holder, one.recorded, one.after.text) == ("hugo", "granted", "the holder is disabled")
    assert view.names["credential-holder:hugo"] and [(change.kind, change.id) for change in view.changes]
    assert bench.state.version == version and not list(bench.spool.iterdir())
    await bench.ask("drop", id=view.id)
    with pytest.raises(NotFound):
        await bench.ask("get", id=view.id)


async def test_a_removed_credential_is_found_by_what_it_was(bench: Trial) -> None:
    await bench.happened("hugo", 1)
    credential = next(held.entity.id for held in bench.state.list("credential") if getattr(held.entity, "holder", "") == "hugo")
    view = await bench.tried([{"kind": "credential", "id": credential, "body": None}])
    assert (view.outcomes.denied, view.outcomes.differences[0].after.reason) == (1, "credential-not-found")


@pytest.mark.parametrize(
    "draft",
    [
        [{"kind": "camera", "id": "x", "body": {}}],
        [{"kind": "credential", "id": "nobody", "body": None}],
        [{"kind": "credential-holder", "id": "hugo", "body": {"no_such": 1}}],
        [{"kind": "credential-holder", "id": "hugo", "body": {}}] * 2,
        [{"kind": "schedule", "id": "always", "body": {"icalendar": "no"}}],
        [{"kind": "access-point", "id": "main-in", "body": {"door": "nowhere"}}],
    ],
)
async def test_a_draft_that_could_not_be_applied_is_refused(bench: Trial, draft: list[dict[str, Any]]) -> None:
    with pytest.raises(Refusal) as refusal:
        await bench.ask("start", days=1, draft=draft)
    assert refusal.value.what and (refusal.value.where or refusal.value.remedy)


def test_a_draft_is_read_as_a_site_file_is() -> None:
    text = "credential-holders:\n  hugo: {enabled: false}\nremove:\n- credential:ada\n"
    assert read_draft(text) == [
        {"kind": "credential-holder", "id": "hugo", "body": {"enabled": False}},
        {"kind": "credential", "id": "ada", "body": None},
    ]
    for wrong in ("", "remove: 3", "remove: [ada]", "holders: {}", "a: ["):
        with pytest.raises(Invalid):
            read_draft(wrong)
