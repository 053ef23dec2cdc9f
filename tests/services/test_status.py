"""The status board: what it takes, and what it forgets."""

from __future__ import annotations

from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera
from sitewarden.store.interfaces import Change
from tests.services.house import House


async def test_what_a_process_tells_after_an_entity_was_deleted_is_dropped(house: House) -> None:
    await house.memory.put("camera", Camera(id="lobby", name="Lobby", url="rtsp://127.0.0.1/a"))
    tells = [Status(ref=f"{kind}:lobby", state="online", since=1) for kind in ("camera", "camera-control", "camera-sub")]
    for status in tells:
        house.board.put(status)
    assert house.board.get("camera-control:lobby") == tells[1]
    held = house.state.get("camera", "lobby")
    assert held is not None
    await house.state.apply([Change(kind="camera", id="lobby", entity=None, revision=held.revision)])
    # Its process lets go of it, and says so.
    for status in tells:
        house.board.put(Status(ref=status.ref, state="disabled", since=2))
    assert [house.board.get(status.ref) for status in tells] == [None, None, None]
    # A new one of the same id is told of again.
    await house.memory.put("camera", Camera(id="lobby", name="Lobby", url="rtsp://127.0.0.1/a"))
    house.board.put(tells[1])
    assert house.board.get("camera-control:lobby") == tells[1]
