"""The roll call: who is inside by the zones, who is safe by a muster point or an operator's eye, as a list and as CSV."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.access.model import AccessPoint
from sitewarden.domain.access.people import CredentialHolder
from sitewarden.domain.access.zone_state import decode, encode
from sitewarden.domain.access.zones import AntipassbackZone, OccupancyZone
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.services.surface.muster import MarkSafe, RollCallExport, RollCallQuery
from sitewarden.store.interfaces import EventFilter
from tests.drivers.link.site import demo
from tests.services.test_access import Bench
from tests.services.test_zone_desk import tell, walk

SITE = AntipassbackZone(id="site", name="Site", areas=("lobby", "offices"), enforcement="soft")
ROOM = OccupancyZone(id="room", name="Room", areas=("server-room",), limit=9)
YARD = AccessPoint(id="yard", name="Yard, assembly point", door="staff-entrance", reader=7, muster=True)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.put(
        *demo(), SITE, ROOM, YARD, CredentialHolder(id="vic", name="=Vic", kind="visitor", host="ada", valid_to=2**50)
    )
    running = asyncio.create_task(bench.access.run())
    yield bench
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await bench.hub.close()
    await bench.state.close()
    await bench.log.close()


async def call(bench: Bench, area: str | None = None) -> Any:
    return await bench.call("muster.list", RollCallQuery(area=area))


def said(found: Any) -> list[tuple[str, str, bool]]:
    return [(one.holder, one.area, one.safe is not None) for one in found.people]


async def show(bench: Bench, person: str, point: str, type_: str = "access.denied") -> None:
    await tell(bench, type_, f"access-point:{point}", access_point=point, holder=person, credential=f"{person}-card")


async def test_who_is_inside_is_missing_until_they_show_up_at_the_muster_point(bench: Bench) -> None:
    for person in ("hugo", "ada", "vic"):
        await walk(bench, person, "main-in")
    await walk(bench, "ada", "office-in")
    await walk(bench, "ada", "server-in")
    found = await call(bench)
    assert said(found) == [("vic", "lobby", False), ("ada", "server-room", False), ("hugo", "lobby", False)]
    assert (found.missing, found.safe, found.points) == (3, 0, ("Yard, assembly point",))
    assert (found.people[0].visitor, found.people[0].host, found.people[0].door_name) == (True, "Ada Marlow", "Main entrance")
    await show(bench, "ada", "yard")
    await show(bench, "hugo", "office-out")
    found = await call(bench)
    assert said(found) == [("vic", "lobby", False), ("hugo", "lobby", False), ("ada", "server-room", True)]
    assert (found.missing, found.safe, found.people[-1].safe_at) == (2, 1, "Yard, assembly point")
    assert said(await call(bench, "offices")) == [("ada", "server-room", True)]
    state = bench.access.zones.state
    assert decode(encode(state)).safe == state.safe, "a restart in an emergency forgets nobody who is safe"


async def test_who_goes_back_in_is_missing_again_and_who_leaves_is_off_the_list(bench: Bench) -> None:
    await walk(bench, "hugo", "main-in")
    await show(bench, "hugo", "yard", "access.granted")
    assert said(await call(bench)) == [("hugo", "lobby", True)]
    await walk(bench, "hugo", "office-in")
    assert said(await call(bench)) == [("hugo", "offices", False)]
    await walk(bench, "hugo", "office-out")
    await walk(bench, "hugo", "main-out")
    assert said(await call(bench)) == []


async def test_an_operator_marks_who_was_seen(bench: Bench) -> None:
    await walk(bench, "hugo", "main-in")
    with pytest.raises(Invalid):
        await bench.call("muster.mark", MarkSafe(holder="hugo"))
    with pytest.raises(NotFound):
        await bench.call("muster.mark", MarkSafe(holder="nobody", reason="seen"))
    await bench.call("muster.mark", MarkSafe(holder="hugo", reason="seen by Ines at the gate"))
    found = await call(bench)
    assert (said(found), found.people[0].safe_at) == ([("hugo", "lobby", True)], "")
    (event,) = [one.event for one in await bench.log.read(EventFilter(types=("muster.safe",)))]
    assert (event.text, event.data["reason"]) == ("Hugo Silva was marked safe by system:test", "seen by Ines at the gate")


async def test_the_list_as_csv_holds_no_formula(bench: Bench) -> None:
    await walk(bench, "vic", "main-in")
    text = await bench.call("muster.export", RollCallExport())
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["state"], row["name"], row["host"], row["area"]) == ("missing", "'=Vic", "Ada Marlow", "Lobby")
    assert row["safe"] == ""


async def test_where_nobody_counts_the_refusal_says_what_to_do(bench: Bench) -> None:
    await bench.put(
        AntipassbackZone(id="site", name="Site", areas=("lobby",), enabled=False),
        OccupancyZone(id="room", name="Room", areas=("server-room",), limit=9, enabled=False),
    )
    with pytest.raises(Conflict, match="Nobody counts") as told:
        await call(bench)
    assert "zone" in told.value.remedy
    with pytest.raises(NotFound):
        await call(bench, "moon")
