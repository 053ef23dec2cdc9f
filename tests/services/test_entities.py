from __future__ import annotations

import asyncio

import pytest

from sitewarden.domain.access.model import Door
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.site import Site
from sitewarden.domain.status import Status
from sitewarden.services.setup import Setup
from sitewarden.services.surface.entities import MESSAGES
from tests.services.house import House

AREA, DOOR, ROLE, POINT = (MESSAGES[kind] for kind in ("area", "door", "role", "point"))


async def test_a_change_is_told_and_audited_with_names_of_fields_only(house: House) -> None:
    await house.ask("door.update", id="gate", body=DOOR.patch(name="Main gate", release_time=9.0))
    event, entry = house.memory.events[-1], house.memory.audited[-1]
    assert (event.type, event.entity, event.data["fields"]) == ("config.updated", "door:gate", ["name", "release_time"])
    assert event.text == "door Main gate was changed by user:ada"
    assert (entry.action, entry.outcome, entry.detail) == ("door.update", "done", {"fields": ["name", "release_time"]})


async def test_a_change_that_changes_nothing_makes_no_event(house: House) -> None:
    before = len(house.memory.events)
    reply = await house.ask("door.update", id="gate", body=DOOR.patch(name="Gate"))
    assert (reply.revision, len(house.memory.events)) == (1, before)


async def test_two_who_change_the_same_revision(house: House) -> None:
    changes = [house.ask("door.update", id="gate", body=DOOR.patch(name=name), revision=1) for name in ("One", "Two")]
    results = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Reply"]


@pytest.mark.parametrize(
    ("operation", "params", "where"),
    [
        ("door.create", {"body": DOOR.input(name="X", controller="none")}, "controller"),
        ("door.update", {"id": "gate", "body": DOOR.patch(area="none")}, "area"),
        ("area.update", {"id": "site", "body": AREA.patch(area="lab")}, "area"),
        ("area.update", {"id": "lab", "body": AREA.patch(area="lab")}, "area"),
        ("area.create", {"body": AREA.input(name="…")}, "id"),
        ("area.replace", {"id": "lab", "body": AREA.input(id="other", name="Lab")}, "id"),
        ("role.create", {"body": ROLE.input(name="R", grants=(Grant(action="*", selector="area:"),))}, "grants[0].selector"),
        ("role.create", {"body": ROLE.input(name="R", grants=(Grant(action="*", selector="nonsense"),))}, "grants[0].selector"),
    ],
)
async def test_what_does_not_fit_is_refused_by_its_field(
    house: House, operation: str, params: dict[str, object], where: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await house.ask(operation, **params)
    assert refused.value.where == where


async def test_what_is_in_use_stays_and_says_by_what(house: House) -> None:
    with pytest.raises(Conflict, match="door:lab-door, door:gate"):
        await house.ask("controller.delete", id="c1")
    with pytest.raises(Conflict, match="door:gate"):
        await house.ask("area.delete", id="yard")
    await house.ask("door.delete", id="gate")
    await house.ask("area.delete", id="yard")
    with pytest.raises(NotFound):
        await house.ask("area.get", id="yard")


async def test_ids_are_made_from_names_and_never_twice(house: House) -> None:
    ids = [(await house.ask("area.create", body=AREA.input(name="Lab"))).value.id for _ in range(3)]
    assert ids == ["lab-2", "lab-3", "lab-4"]
    with pytest.raises(Conflict):
        await house.ask("area.create", body=AREA.input(id="lab", name="Lab"))


async def test_pages_sorting_search_and_filters(house: House) -> None:
    await house.memory.put(
        "area", *(AREA.model(id=f"a{n:02}", name=f"Room {n:02}", area="lab", tags=("room",)) for n in range(30))
    )
    page = (await house.ask("area.list", tag="room", sort="-name", limit=5, offset=10)).value
    assert ([item.id for item in page.items], page.total) == ([f"a{n}" for n in (19, 18, 17, 16, 15)], 30)
    assert (await house.ask("area.list", area="site")).value.total == 1
    assert [item.id for item in (await house.ask("area.list", q="ROOM 07")).value.items] == ["a07"]
    with pytest.raises(Invalid):
        await house.ask("area.list", sort="no-such")


async def test_the_view_carries_the_live_status(house: House) -> None:
    house.board.put(Status(ref="door:gate", state="online", since=1))
    assert (await house.ask("door.get", id="gate")).value.status.state == "online"
    await house.ask("door.delete", id="gate")
    assert house.board.get("door:gate") is None


async def test_the_demo_ends_and_what_the_site_uses_stays(house: House) -> None:
    demo, controller = ("demo",), MESSAGES["controller"].model
    await house.memory.put("site", Site(id="site", name="Demo", demo=True))
    await house.memory.put("controller", *(controller(id=id_, name=id_, tags=demo) for id_ in ("d1", "d2")))
    await house.memory.put("door", Door(id="kept", name="Kept", controller="d1"))
    await house.memory.put("door", Door(id="gone", name="Gone", controller="d2", tags=demo))
    house.operations.add(Setup(house.state, house.clock, house.entities).operations())
    with pytest.raises(Invalid):
        await house.ask("setup.finish", site_name="Mill", timezone="Europe/Atlantis")
    done = (await house.ask("setup.finish", site_name="Mill", timezone="Europe/Lisbon")).value
    assert (done.name, done.timezone, done.demo) == ("Mill", "Europe/Lisbon", False)
    assert house.memory.get("door", "kept")
    assert house.memory.get("controller", "d1"), "a door of the site's own names it"
    assert not house.memory.get("door", "gone")
    assert not house.memory.get("controller", "d2")
    await house.ask("session.get")
