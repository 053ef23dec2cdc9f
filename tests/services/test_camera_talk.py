"""Speaking through cameras: the right, one at a time, the log."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unreachable
from sitewarden.domain.identity.model import Grant, Role
from sitewarden.domain.video.model import Camera
from sitewarden.services.cameras.control import CameraControl
from sitewarden.services.cameras.talking import SPEAKING, CameraTalk
from tests.services.house import House

PIECE = b"\x01\x00" * 800


class Line:
    """The bus as far as the media process hears of it."""

    def __init__(self) -> None:
        self.said: list[Command] = []
        self.result = Result(ok=True)

    async def command(self, command: Command) -> Result:
        self.said.append(command)
        return self.result

    def publish(self, topic: str, body: bytes) -> None:
        return


@pytest.fixture
async def line(house: House) -> Line:
    made = Line()
    bus: Any = made
    control = CameraControl(house.state, bus, house.clock)
    house.operations.add(CameraTalk(house.state, bus, house.clock, control).operations())
    await house.memory.put("camera", Camera(id="gate", name="Gate", url="rtsp://192.0.2.1/", area="lab"))
    await house.memory.put("camera", Camera(id="old", name="Old", url="rtsp://192.0.2.2/", area="lab", enabled=False))
    return made


async def test_a_piece_reaches_the_camera_and_the_first_is_written_down(house: House, line: Line) -> None:
    told = (await house.ask("cameras.talk", id="gate", audio=PIECE)).value
    assert told.until == house.clock.now() + round(SPEAKING * 1_000_000)
    await house.ask("cameras.talk", id="gate", audio=PIECE)
    assert [(one.name, one.entity, one.args["audio"]) for one in line.said] == [("camera.talk", "camera:gate", PIECE)] * 2
    entries = [entry for entry in house.memory.audited if entry.action == "camera.talk"]
    assert [(entry.actor, entry.entity, entry.outcome) for entry in entries] == [("user:ada", "camera:gate", "done")]


async def test_one_speaks_at_a_time_and_the_higher_priority_takes_over(house: House, line: Line) -> None:
    guard = await house.person("guard", Grant(action="camera.talk", selector="*"))
    await house.ask("cameras.talk", guard, id="gate", audio=PIECE)
    await house.ask("cameras.talk", id="gate", audio=PIECE)
    with pytest.raises(Conflict, match="speaks through this camera"):
        await house.ask("cameras.talk", guard, id="gate", audio=PIECE)
    house.clock.seconds += SPEAKING + 1
    await house.ask("cameras.talk", guard, id="gate", audio=PIECE)


async def test_what_the_camera_refuses_is_told_and_holds_nothing(house: House, line: Line) -> None:
    guard = await house.person("guard", Grant(action="camera.talk", selector="*"))
    line.result = Result(ok=False, code="unreachable", what="it has no loudspeaker", remedy="")
    with pytest.raises(Unreachable, match="Gate: it has no loudspeaker"):
        await house.ask("cameras.talk", id="gate", audio=PIECE)
    line.result = Result(ok=True)
    await house.ask("cameras.talk", guard, id="gate", audio=PIECE)


async def test_who_may_not_is_refused(house: House, line: Line) -> None:
    viewer = await house.person("viewer", Grant(action="camera.live", selector="*"))
    with pytest.raises(Forbidden):
        await house.ask("cameras.talk", viewer, id="gate", audio=PIECE)
    for id_, audio, refusal in (("none", PIECE, NotFound), ("old", PIECE, Conflict), ("gate", b"\0\0\0", Invalid)):
        with pytest.raises(refusal):
            await house.ask("cameras.talk", id=id_, audio=audio)
    assert not line.said


def test_operators_may_speak() -> None:
    from sitewarden.domain.identity.roles import OPERATOR

    assert isinstance(OPERATOR, Role) and "camera.talk" in {grant.action for grant in OPERATOR.grants}
    assert msgspec.to_builtins(OPERATOR)["ptz_priority"] == 50
