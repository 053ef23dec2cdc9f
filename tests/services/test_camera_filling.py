"""Gaps filled from the camera as people ask for it: who may, what is refused, what the media process is asked."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import DAY
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.video.fill import Fill
from sitewarden.media.worker import FillAsk
from sitewarden.services.cameras.filling import LONGEST, CameraFilling
from sitewarden.services.surface.recording import FillGap
from tests.media.support import camera
from tests.services.house import ADDRESS, House

NOON = 1_763_700_000_000_000


class Desk:
    def __init__(self, house: House) -> None:
        self.house = house
        self.asked: list[FillAsk] = []
        self.refusal: Exception | None = None
        house.operations.add(CameraFilling(house.state, cast("Bus", house.bus)).operations())
        house.bus.serve("video.fill/lobby", self._fill)

    async def _fill(self, body: bytes) -> bytes:
        asked = msgspec.msgpack.decode(body, type=FillAsk)
        self.asked.append(asked)
        if self.refusal is not None:
            raise self.refusal
        return msgspec.msgpack.encode([Fill(id="f", camera=asked.camera, start=asked.start, end=asked.end, by=asked.by)])

    async def fill(self, who: Any = None, reason: str = "", **params: Any) -> Any:
        asked = FillGap(**{"id": "lobby", "start": NOON, "end": NOON + 60_000_000, **params})
        return (await self.house.dispatcher.invoke("camera.fill", asked, who or self.house.ada, ADDRESS, reason)).value


@pytest.fixture
async def desk(house: House) -> Desk:
    await house.memory.put("camera", camera("lobby", area="lab"), camera("yard", area="yard"))
    return Desk(house)


async def test_the_media_process_is_asked_with_who_and_why(desk: Desk) -> None:
    filled = await desk.fill(reason="theft at the gate")
    (fill,) = filled.items
    assert (fill.camera, fill.start, fill.end, fill.by) == ("lobby", NOON, NOON + 60_000_000, "user:ada")
    assert desk.asked == [
        FillAsk(camera="lobby", start=NOON, end=NOON + 60_000_000, reason="theft at the gate", by="user:ada"),
    ]
    entry = desk.house.memory.audited[-1]
    assert (entry.action, entry.entity, entry.outcome, entry.reason) == (
        "camera.record",
        "camera:lobby",
        "done",
        "theft at the gate",
    )
    assert entry.detail == {"start": NOON, "end": NOON + 60_000_000}


async def test_who_may_record_a_camera_may_fill_its_gaps_and_nobody_else(desk: Desk) -> None:
    guard = await desk.house.person("guard", Grant(action="camera.record", selector="area:lab"))
    viewer = await desk.house.person("viewer", Grant(action="camera.playback"), Grant(action="camera.get"))
    assert (await desk.fill(guard)).items
    for who, id_ in ((viewer, "lobby"), (guard, "yard")):
        with pytest.raises(Forbidden):
            await desk.fill(who, id=id_)
    assert len(desk.asked) == 1 and desk.house.memory.audited[-1].outcome == "refused: forbidden"


async def test_what_cannot_be_is_refused_before_a_camera_is_asked(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no camera"):
        await desk.fill(id="nowhere")
    for end in (NOON, NOON - 1):
        with pytest.raises(Invalid, match="the end is not after the start"):
            await desk.fill(end=end)
    with pytest.raises(Invalid, match=f"more than {LONGEST // DAY} days"):
        await desk.fill(end=NOON + LONGEST + 1)
    assert desk.asked == []
    assert (await desk.fill(end=NOON + LONGEST)).items


async def test_what_the_media_process_says_comes_back_as_it_is(desk: Desk) -> None:
    desk.refusal = Conflict("nothing is missing of this time", where="start", remedy="Look at the timeline.")
    with pytest.raises(Conflict, match="nothing is missing"):
        await desk.fill()
    assert desk.house.memory.audited[-1].outcome == "refused: conflict"
    with pytest.raises(Unreachable):
        await desk.fill(id="yard")
