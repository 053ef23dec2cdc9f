"""Bookmarks, layouts and tours: whose they are, and what they may name."""

from __future__ import annotations

import pytest
import pytest_asyncio

from sitewarden.domain.dashboards import Tile
from sitewarden.domain.errors import Forbidden, Invalid, NotFound
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.views import TourStep
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.entities import MESSAGES
from tests.services.house import House

BOOKMARK, LAYOUT, TOUR, DASHBOARD = (MESSAGES[kind] for kind in ("bookmark", "layout", "tour", "dashboard"))
KINDS = ("layout", "tour", "dashboard")
OWN = tuple(
    Grant(action=f"{kind}.{verb}")
    for kind in ("layout", "tour", "dashboard")
    for verb in ("list", "get", "create", "update", "delete")
)


@pytest_asyncio.fixture
async def eve(house: House) -> Credentials:
    await house.memory.put("camera", Camera(id="yard", name="Yard", url="rtsp://192.0.2.1/", area="yard"))
    return await house.person("eve", *OWN)


async def test_a_bookmark_is_seen_by_who_may_see_those_of_its_camera(house: House, eve: Credentials) -> None:
    await house.ask("bookmark.create", body=BOOKMARK.input(name="Van", camera="yard", time=5, description="White van"))
    assert house.memory.audited[-1].action == "bookmark.create"
    for area, count in (("yard", 1), ("lab", 0)):
        guard = await house.person(f"guard-{area}", Grant(action="bookmark.list", selector=f"area:{area}"))
        assert len((await house.ask("bookmark.list", guard)).value.items) == count
    with pytest.raises(Invalid) as refused:
        await house.ask("bookmark.create", body=BOOKMARK.input(name="Van", camera="none", time=5))
    assert refused.value.where == "camera"


async def test_a_camera_goes_though_it_is_marked_and_shown(house: House, eve: Credentials) -> None:
    await house.ask("bookmark.create", body=BOOKMARK.input(name="Van", camera="yard", time=5))
    made = await house.ask("layout.create", body=LAYOUT.input(name="All", cameras=("yard", None)))
    await house.ask("camera.delete", id="yard")
    kept = await house.ask("layout.update", id=made.value.id, body=LAYOUT.patch(name="Everything"))
    assert kept.value.cameras == ("yard", None)
    with pytest.raises(Invalid):
        await house.ask("layout.update", id=made.value.id, body=LAYOUT.patch(cameras=("gone",)))


async def test_what_is_ones_own_is_nobody_elses(house: House, eve: Credentials) -> None:
    mine = (await house.ask("layout.create", eve, body=LAYOUT.input(name="Mine", cameras=("yard",), owner="eve"))).value.id
    shared = (await house.ask("layout.create", body=LAYOUT.input(name="Ours"))).value.id
    frank = await house.person("frank", *OWN)

    async def seen(who: Credentials) -> set[str]:
        return {one.id for one in (await house.ask("layout.list", who)).value.items}

    assert (await seen(eve), await seen(frank)) == ({mine, shared}, {shared})
    with pytest.raises(NotFound):
        await house.ask("layout.get", frank, id=mine)
    for act in ("layout.update", "layout.delete"):
        body = {"body": LAYOUT.patch(name="X")} if act == "layout.update" else {}
        for one in (mine, shared):
            with pytest.raises(Forbidden):
                await house.ask(act, frank, id=one, **body)
    with pytest.raises(Forbidden, match=r"layout\.share|only your own"):
        await house.ask("layout.create", frank, body=LAYOUT.input(name="For all"))
    with pytest.raises(Forbidden):
        await house.ask("layout.update", eve, id=mine, body=LAYOUT.patch(owner=None))
    await house.ask("layout.update", eve, id=mine, body=LAYOUT.patch(form="9"))


async def test_a_tour_names_what_there_is(house: House, eve: Credentials) -> None:
    layout = (await house.ask("layout.create", eve, body=LAYOUT.input(name="Mine", owner="eve"))).value.id
    steps = (TourStep(layout=layout, seconds=5.0), TourStep(camera="yard"))
    await house.ask("tour.create", eve, body=TOUR.input(name="Round", steps=steps, owner="eve"))
    with pytest.raises(Invalid) as refused:
        await house.ask("tour.create", eve, body=TOUR.input(name="Round 2", steps=(TourStep(layout="none"),), owner="eve"))
    assert refused.value.where == "steps"


async def test_a_dashboard_is_ones_own_or_shared_by_right(house: House, eve: Credentials) -> None:
    tiles = (Tile(kind="events", x=0, y=0, w=6, h=4),)
    mine = (await house.ask("dashboard.create", eve, body=DASHBOARD.input(name="Mine", owner="eve", tiles=tiles))).value.id
    frank = await house.person("frank", *OWN)
    assert (await house.ask("dashboard.list", frank)).value.items == ()
    with pytest.raises(NotFound):
        await house.ask("dashboard.get", frank, id=mine)
    with pytest.raises(Forbidden):
        await house.ask("dashboard.create", frank, body=DASHBOARD.input(name="For all"))
    with pytest.raises(Invalid) as refused:
        await house.ask("dashboard.update", eve, id=mine, body=DASHBOARD.patch(tiles=tiles * 2))
    assert refused.value.where == "tiles[1]"
