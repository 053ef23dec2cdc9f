"""Searching, counting and exporting the event log, and searches that are kept."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import msgspec
import pytest

from sitewarden.app.verify import examine
from sitewarden.domain.clock import DAY, MINUTE, SECOND
from sitewarden.domain.errors import Forbidden, Invalid, NotFound
from sitewarden.domain.events import Event
from sitewarden.domain.history import EventManifest
from sitewarden.domain.identity.model import Grant
from sitewarden.net.tls import Authority, Signer
from sitewarden.services.event_export import EventExports, Proof
from sitewarden.services.spool import Spool
from sitewarden.services.surface.entities import MESSAGES
from tests.services.house import House

SEARCH = MESSAGES["saved-search"]
BASE = 1_700_000_000 * SECOND // DAY * DAY


def _event(number: int, entity: str, **fields: object) -> Event:
    given: dict[str, object] = {"key": f"t/1/{number}", "type": "door.opened", "entity": entity, "time": BASE + number * MINUTE}
    return Event(**{**given, **fields})  # type: ignore[arg-type]


async def _seqs(house: House, **query: object) -> list[int]:
    return [one.seq for one in (await house.ask("events.list", **query)).value.items]


async def test_an_area_stands_for_all_within_it_and_a_person_for_what_concerns_them(house: House) -> None:
    ada = "credential-holder:ada"
    await house.bus.emit(
        [
            _event(1, "door:lab-door", related=(ada,)),
            _event(2, "door:gate", related=(ada,)),
            _event(3, "door:lab-door", type="door.forced", severity=3),
            _event(4, "area:lab", key="c9/2/4"),
        ]
    )
    assert await _seqs(house, area="site") == [4, 3, 1] == await _seqs(house, area="lab")
    assert await _seqs(house, area="yard") == [2]
    assert await _seqs(house, holder="ada") == [2, 1] and await _seqs(house, holder="ada", area="lab") == [1]
    assert await _seqs(house, source="c9") == [4] and await _seqs(house, source="t", severity=3) == [3]
    with pytest.raises(NotFound):
        await _seqs(house, area="nowhere")


async def test_counts_are_in_whole_steps_on_the_sites_clock_and_of_what_the_caller_may_see(house: House) -> None:
    await house.bus.emit([_event(n, ("door:gate", "door:lab-door")[n % 2], severity=n % 4) for n in range(3 * 1440)])
    told = (await house.ask("events.count", start=BASE, end=BASE + 3 * DAY, steps=3)).value
    assert (told.start, told.end, told.step, told.total, told.reached) == (BASE, BASE + 3 * DAY, DAY, 4320, None)
    assert [(one.name, one.counts) for one in told.series] == [(str(level), [360] * 3) for level in range(4)]
    by_type = (await house.ask("events.count", by="type", severity=2)).value
    assert [(one.name, sum(one.counts)) for one in by_type.series] == [("door.opened", 2160)]
    guard = await house.person("guard", Grant(action="event.read", selector="area:lab"))
    assert (await house.ask("events.count", guard, start=BASE, end=BASE + 3 * DAY, steps=3)).value.total == 2160
    with pytest.raises(Invalid):
        await house.ask("events.count", start=BASE, end=BASE)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_an_export_is_signed_and_checks_offline_and_a_changed_one_does_not(house: House, tmp_path: Path, form: str) -> None:
    authority = Authority.open(tmp_path / "tls")
    node = authority.node("server")
    pem = node.certificate.read_text()
    proof = Proof(
        "server", lambda: "Site", Signer(node).sign, pem[: pem.index("-----END CERTIFICATE-----\n") + 26], authority.pem.decode()
    )
    house.state.audit_head = lambda: (7, "ab")  # type: ignore[method-assign,assignment]
    exports = EventExports(house.state, house.clock, Spool(tmp_path / "spool"), house.events, proof)
    house.operations.add(exports.operations())
    await house.bus.emit([_event(n, "door:gate", text="=SUM(1)", data={"n": n}) for n in range(2500)])
    guard = await house.person("guard", Grant(action="event.read"))
    ticket = (await house.ask("events.export", guard, form=form, end=BASE + 2000 * MINUTE, reason="Theft")).value
    assert house.memory.audited[-1].detail["reason"] == "Theft"
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.pem)
    with zipfile.ZipFile(ticket.path) as archive:
        told = examine(archive, ca)
        manifest = msgspec.json.decode(archive.read("manifest.json"), type=EventManifest)
        data = archive.read(f"events.{form}").decode()
    assert told["ok"], told["wrong"]
    assert (manifest.files[0].rows, manifest.first, manifest.last, manifest.reason) == (2000, 1, 2000, "Theft")
    assert manifest.search == {"end": BASE + 2000 * MINUTE} and not manifest.truncated
    if form == "csv":
        rows = list(csv.reader(data.splitlines()))
        assert len(rows) == 2001 and rows[1][0] == "1" and rows[1][7] == "'=SUM(1)"
    else:
        assert [msgspec.json.decode(line)["seq"] for line in data.splitlines()] == list(range(1, 2001))
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(ticket.path) as archive, zipfile.ZipFile(changed, "w") as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name).replace(b"door:gate", b"door:hall"))
    with zipfile.ZipFile(changed) as archive:
        told = examine(archive, ca)
    assert not told["ok"] and any("SHA-256" in line for line in told["wrong"])
    assert not list((tmp_path / "spool").glob("*.rows"))


async def test_a_search_is_kept_for_its_owner_or_for_all(house: House) -> None:
    own = tuple(Grant(action=f"saved-search.{verb}") for verb in ("list", "get", "create", "update", "delete"))
    eve, frank = await house.person("eve", *own), await house.person("frank", *own)
    mine = (await house.ask("saved-search.create", eve, body=SEARCH.input(name="Nights", types=("door.*",), owner="eve"))).value
    shared = (
        await house.ask("saved-search.create", body=SEARCH.input(name="Forced", severity=3, within="lab", span=86_400))
    ).value
    assert {one.id for one in (await house.ask("saved-search.list", eve)).value.items} == {mine.id, shared.id}
    assert {one.id for one in (await house.ask("saved-search.list", frank)).value.items} == {shared.id}
    with pytest.raises(Forbidden):
        await house.ask("saved-search.delete", frank, id=shared.id)
    with pytest.raises(Invalid) as refused:
        await house.ask("saved-search.create", eve, body=SEARCH.input(name="Nowhere", within="none", owner="eve"))
    assert refused.value.where == "within"
