"""People in bulk: an import of 100,000 holders with a card each, beside the same one by one; and questions about rights."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import uvloop

from bench.harness import Row, percentile, workspace
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup
from sitewarden.domain.access.questions import credentials_for
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.access.what_if import Happened, Replay
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.site import Site
from sitewarden.kit.clock import SystemClock
from sitewarden.services.access.rulebook import Rulebook
from sitewarden.services.operations import Caller
from sitewarden.services.people.imports import Imports
from sitewarden.services.spool import Spool
from sitewarden.store.interfaces import AuditEntry, Change
from sitewarden.store.sqlite import SqliteStateStore

TITLE = "people in bulk: a table with preview, checked whole, made so in one transaction"
HOLDERS = 100_000
ADA = Caller(actor="user:ada", grants=(Grant(action="*"),))
KEY = b"p" * 32


def table() -> str:
    head = "holder,name,groups,valid_to,card,pin,profiles\n"
    return head + "".join(
        f"p-{number},Person {number},staff,2030-12-31,26:{number + 1:x},{10_000_000 + number},day\n" for number in range(HOLDERS)
    )


async def imported(folder: Path) -> tuple[float, float, float]:
    """Seconds to the preview, seconds to apply, and the longest that the loop was held meanwhile, ms."""
    state = SqliteStateStore.open(folder / "state.db", SystemClock(), None)
    rulebook = Rulebook(state, KEY, lambda: None)
    taking = asyncio.create_task(rulebook.run())
    around = (
        Site(id="site", name="Works"), HolderGroup(id="staff", name="Staff"), AccessProfile(id="day", name="Day"),
    )  # fmt: skip
    kinds = ("site", "holder-group", "access-profile")
    await state.apply([Change(kind=kind, id=one.id, entity=one) for kind, one in zip(kinds, around, strict=True)])
    imports = Imports(state, SystemClock(), Spool(folder / "spool"), asyncio.Lock(), KEY, folder / "imports")
    operations = {one.name: one for one in imports.operations()}

    async def ask(name: str, **params: Any) -> Any:
        return await operations[name].handler(ADA, operations[name].params(**params))

    async def until(id_: str, state_: str) -> None:
        while (view := await ask("people.import.get", id=id_)).state != state_:
            assert view.state != "failed" and not view.counts.errors, view
            await asyncio.sleep(0.01)

    lags: list[float] = []
    watching = asyncio.create_task(_watch(lags))
    ticket = await ask("people.import.open")
    Path(ticket.path).write_text(table())
    started = time.perf_counter()
    await ask("people.import.start", id=ticket.id)
    await until(ticket.id, "ready")
    planned = time.perf_counter()
    await ask("people.import.apply", id=ticket.id)
    await until(ticket.id, "done")
    done = time.perf_counter()
    watching.cancel()
    taking.cancel()
    await asyncio.gather(watching, taking, return_exceptions=True)
    assert len(state.list("credential-holder")) == len(state.list("credential")) == HOLDERS
    await state.close()
    return planned - started, done - planned, max(lags)


async def _watch(lags: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append((time.perf_counter() - before - 0.001) * 1000)


async def one_by_one(folder: Path, count: int) -> float:
    """Holders per second where each holder and card is a change of its own, as a script against the API does at best."""
    state = SqliteStateStore.open(folder / "plain.db", SystemClock(), None)
    started = time.perf_counter()
    for number in range(count):
        for kind, entity in (
            ("credential-holder", CredentialHolder(id=f"p-{number}", name=f"Person {number}")),
            (
                "credential",
                Credential(id=f"p-{number}", name=f"Person {number}", holder=f"p-{number}", card=f"26:{number + 1:x}"),
            ),
        ):
            entry = AuditEntry(time=1, actor="user:ada", action=f"{kind}.create", entity=f"{kind}:{entity.id}", outcome="done")
            await state.apply([Change(kind=kind, id=entity.id, entity=entity, revision=0)], audit=[entry])
    taken = time.perf_counter() - started
    await state.close()
    return count / taken


def asked() -> tuple[float, float]:
    """Milliseconds to find who can open a door among `HOLDERS`, and the longest slice of it."""
    rules = Rules(
        compile(
            version=1,
            zone="UTC",
            controllers=[Controller(id="c", name="C")],
            doors=[Door(id="d", name="D", controller="c")],
            access_points=[AccessPoint(id="a", name="A", door="d")],
            schedules=[Schedule(id="always", name="Always")],
            profiles=[AccessProfile(id="day", name="Day", policies=(AccessPolicy(schedule="always", access_point="a"),))],
            groups=[HolderGroup(id="staff", name="Staff")],
            holders=[CredentialHolder(id=f"p-{number}", name="P", groups=("staff",)) for number in range(HOLDERS)],
            credentials=[
                Credential(id=f"p-{number}", name="P", holder=f"p-{number}", card=f"26:{number + 1:x}")
                for number in range(HOLDERS)
            ],
        )
    )
    totals, slices = [], []
    for _ in range(5):
        work = credentials_for(rules, "d")
        begin = before = time.perf_counter()
        for _ in work:
            now = time.perf_counter()
            slices.append((now - before) * 1000)
            before = now
        totals.append((time.perf_counter() - begin) * 1000)
    return percentile(totals, 0.5), percentile(slices, 0.99)


def tried() -> float:
    """Requests a second that a what-if decides twice, among `HOLDERS`, a fifth of them on a credential that the draft takes."""

    def site(*, draft: bool) -> Rules:
        return Rules(
            compile(
                version=1,
                zone="UTC",
                controllers=[Controller(id="c", name="C")],
                doors=[Door(id="d", name="D", controller="c")],
                access_points=[AccessPoint(id="a", name="A", door="d")],
                schedules=[Schedule(id="always", name="Always")],
                profiles=[AccessProfile(id="day", name="Day", policies=(AccessPolicy(schedule="always", access_point="a"),))],
                groups=[HolderGroup(id="staff", name="Staff", profiles=(CredentialProfile(profile="day"),))],
                holders=[CredentialHolder(id=f"p-{number}", name="P", groups=("staff",)) for number in range(HOLDERS)],
                credentials=[
                    Credential(id=f"p-{n}", name="P", holder=f"p-{n}", card=f"26:{n + 1:x}", enabled=not draft or bool(n % 5))
                    for n in range(HOLDERS)
                ],
            )
        )

    data = {"access_point": "a", "door": "d", "format": "26-bit", "unwatched": True}
    events = [
        Happened(number, "access.granted", number, "", {**data, "credential": f"p-{number}", "holder": f"p-{number}"})
        for number in range(HOLDERS)
    ]
    replay = Replay(site(draft=False), site(draft=True), 0)
    begin = time.perf_counter()
    for event in events:
        replay.take(event)
    taken = time.perf_counter() - begin
    found = replay.done()
    assert (found.requests, found.denied) == (HOLDERS, HOLDERS // 5), found
    return HOLDERS / taken


def run() -> list[Row]:
    with workspace("people") as folder:
        plain = uvloop.run(one_by_one(folder, 500))
        preview, applied, lag = uvloop.run(imported(folder))
    total, slice_ = asked()
    return [
        Row(
            name=f"import of {HOLDERS:,} holders with a card and a PIN, file to done",
            value=HOLDERS / (preview + applied),
            unit="holders/s",
            plain=plain,
            plain_name="one by one, each in a transaction of its own",
            note=f"preview {preview:.1f} s, apply {applied:.1f} s",
        ),
        Row(name="the longest that core's loop waits meanwhile", value=lag, unit="ms", better="lower"),
        Row(
            name=f"who can open a door, of {HOLDERS:,}", value=total, unit="ms", better="lower", note=f"p99 slice {slice_:.2f} ms"
        ),
        Row(name="what-if: requests of the log decided by both rules", value=tried(), unit="requests/s"),
    ]
