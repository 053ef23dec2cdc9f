from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unreachable
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant, Role
from sitewarden.domain.status import Status
from sitewarden.domain.video.control import TourStop
from sitewarden.domain.video.holds import Holds
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.reaction import Reaction
from sitewarden.services.cameras.control import CameraControl
from sitewarden.services.cameras.reacting import CameraReacting
from sitewarden.services.invoke import Credentials
from tests.services.busses import MemoryBus
from tests.services.house import House

MOVER = Grant(action="camera.ptz")


class Bus(MemoryBus):
    def __init__(self) -> None:
        super().__init__()
        self.commands: list[Command] = []
        self.result = Result(ok=True)
        self.statuses: list[Status] = []

    async def command(self, command: Command) -> Result:
        self.commands.append(command)
        return self.result

    def publish(self, topic: str, payload: bytes) -> None:
        self.statuses.append(msgspec.msgpack.decode(payload, type=Status))


class Desk:
    def __init__(self, house: House) -> None:
        self.house = house
        self.bus: Any = Bus()
        self.control = CameraControl(house.state, self.bus, house.clock)
        house.operations.add(self.control.operations())

    async def ask(self, name: str, who: Credentials | None = None, /, **params: Any) -> Any:
        return (await self.house.ask(f"cameras.{name}", who, **{"id": "gate", **params})).value

    async def operator(self, name: str, priority: int, *grants: Grant) -> Credentials:
        who = await self.house.person(name, *(grants or (MOVER,)))
        await self.house.memory.put("role", Role(id=f"{name}-role", name=name, grants=grants or (MOVER,), ptz_priority=priority))
        return who

    @property
    def events(self) -> list[str]:
        return [stored.event.type for stored in self.bus.stored]

    def audited(self) -> list[tuple[str, str, str]]:
        return [(entry.actor, entry.action, entry.outcome) for entry in self.house.memory.audited]


@pytest.fixture
async def desk(house: House) -> Desk:
    made = Desk(house)
    await house.memory.put(
        "camera",
        Camera(id="gate", name="Gate", url="rtsp://192.0.2.1/a", onvif="http://192.0.2.1", area="lab"),
        Camera(id="plain", name="Plain", url="rtsp://192.0.2.2/a"),
        Camera(id="dark", name="Dark", url="rtsp://192.0.2.3/a", onvif="http://192.0.2.3", enabled=False),
    )
    return made


async def test_who_moves_holds_the_camera_for_a_moment(desk: Desk) -> None:
    one, other = await desk.operator("one", 50), await desk.operator("other", 50)
    held = (await desk.ask("move", one, pan=0.5, seconds=1)).hold
    assert (held.actor, held.name, held.locked, held.priority) == ("user:one", "one", False, 50)
    command = desk.bus.commands[-1]
    assert (command.name, command.entity, command.issuer) == ("camera.ptz.move", "camera-control:gate", "user:one")
    assert command.args == {"pan": 0.5, "tilt": 0.0, "zoom": 0.0, "seconds": 1.0}
    with pytest.raises(Conflict, match="one is moving this camera"):
        await desk.ask("move", other, pan=-0.5)
    assert len(desk.bus.commands) == 1, "nothing reached the camera"
    desk.house.clock.seconds += 9
    assert (await desk.ask("move", other, pan=-0.5)).hold.actor == "user:other"


async def test_the_higher_priority_takes_over_and_the_lower_waits(desk: Desk) -> None:
    guard, chief = await desk.operator("guard", 40), await desk.operator("chief", 70)
    await desk.ask("lock", guard, seconds=600)
    taken = (await desk.ask("move", chief, pan=1)).hold
    assert taken.actor == "user:chief"
    assert desk.events == ["camera.locked", "camera.taken-over"]
    assert "chief takes Gate over from guard" in [stored.event.text for stored in desk.bus.stored]
    for name in ("move", "stop", "home", "lock", "unlock"):
        with pytest.raises(Conflict, match="chief is moving"):
            await desk.ask(name, guard)
    assert (await desk.ask("hold")).hold.actor == "user:chief"


async def test_a_lock_keeps_its_time_while_its_holder_moves(desk: Desk) -> None:
    one, other = await desk.operator("one", 50), await desk.operator("other", 50)
    until = (await desk.ask("lock", one, seconds=300)).hold.until
    moved = (await desk.ask("move", one, tilt=1)).hold
    assert (moved.until, moved.locked) == (until, True)
    desk.house.clock.seconds += 299
    with pytest.raises(Conflict, match="has locked this camera, with priority 50, for another 1 s"):
        await desk.ask("goto", other, preset="1")
    desk.house.clock.seconds += 1
    assert (await desk.ask("goto", other, preset="1")).hold.actor == "user:other"


async def test_giving_back_frees_at_once(desk: Desk) -> None:
    one, other = await desk.operator("one", 50), await desk.operator("other", 50)
    await desk.ask("lock", one, seconds=300)
    with pytest.raises(Conflict):
        await desk.ask("unlock", other)
    assert (await desk.ask("unlock", one)).hold is None
    assert (await desk.ask("lock", other)).hold.actor == "user:other"
    assert desk.events == ["camera.locked", "camera.unlocked", "camera.locked"]


async def test_taking_a_lock_over_stops_what_moves(desk: Desk) -> None:
    guard, chief = await desk.operator("guard", 40), await desk.operator("chief", 70)
    await desk.ask("move", guard, pan=1, seconds=5)
    await desk.ask("lock", chief)
    assert [command.name for command in desk.bus.commands] == ["camera.ptz.move", "camera.ptz.stop"]


async def test_going_on_is_one_entry_and_one_event(desk: Desk) -> None:
    one = await desk.operator("one", 50)
    for _ in range(5):
        await desk.ask("move", one, pan=1)
        desk.house.clock.seconds += 0.5
    await desk.ask("stop", one)
    assert [entry for entry in desk.audited() if entry[1].startswith("camera.")] == [("user:one", "camera.ptz", "done")]
    assert desk.events == ["camera.moved"]
    with pytest.raises(Forbidden):
        await desk.ask("relay", one, relay="1", active=True)
    assert ("user:one", "camera.relay", "refused: forbidden") in desk.audited()


async def test_rights(desk: Desk) -> None:
    nobody = await desk.operator("nobody", 99, Grant(action="camera.get"))
    yard = await desk.operator("yard", 50, Grant(action="camera.ptz", selector="area:yard"))
    for who in (nobody, yard):
        for name in ("move", "stop", "home", "lock", "unlock"):
            with pytest.raises(Forbidden):
                await desk.ask(name, who)
    mover = await desk.operator("mover", 50)
    with pytest.raises(Forbidden):
        await desk.ask("home", mover, set=True)
    with pytest.raises(Forbidden):
        await desk.ask("keep-preset", mover, name="Here")
    with pytest.raises(Forbidden):
        await desk.ask("keep-tour", mover, stops=(TourStop(home=True),))
    with pytest.raises(Forbidden):
        await desk.ask("remove-tour", mover, tour="tour-1")
    with pytest.raises(Forbidden):
        await desk.ask("set-imaging", mover, brightness=1)
    assert desk.bus.commands == []


async def test_what_cannot_be_moved_says_why(desk: Desk) -> None:
    with pytest.raises(Conflict, match="not asked over ONVIF"):
        await desk.ask("move", id="plain")
    with pytest.raises(Conflict, match="switched off"):
        await desk.ask("move", id="dark")
    with pytest.raises(NotFound):
        await desk.ask("move", id="none")
    desk.bus.result = Result(ok=False, code="unreachable", what="gone", remedy="Wait.")
    with pytest.raises(Unreachable, match="Gate: gone"):
        await desk.ask("move", pan=1)
    assert (await desk.ask("hold")).hold is None, "who could not move it does not hold it"
    desk.bus.result = Result(ok=False, code="invalid", what="this camera cannot be moved")
    with pytest.raises(Invalid):
        await desk.ask("goto", preset="1")


async def test_presets_and_imaging_come_back(desk: Desk) -> None:
    desk.bus.result = Result(ok=True, value={"presets": [{"token": "1", "name": "Gate"}]})
    assert (await desk.ask("presets")).items[0].name == "Gate"
    desk.bus.result = Result(ok=True, value={"settings": {"brightness": 5}, "options": {}})
    assert (await desk.ask("imaging")).settings == {"brightness": 5}
    stop = {"preset": "1", "home": False, "place": None, "stay": 5.0, "speed": 0.0}
    tour = {"token": "tour-1", "name": "Rounds", "state": "Idle", "auto_start": False, "stops": [stop], "whole": True}
    desk.bus.result = Result(ok=True, value={"tours": [tour]})
    assert (await desk.ask("tours")).items[0].stops[0].stay == 5.0
    desk.bus.result = Result(ok=True, value={"tour": "tour-2"})
    assert (await desk.ask("keep-tour", name="Night", stops=(TourStop(preset="1"), TourStop(home=True)))).tour == "tour-2"
    sent = desk.bus.commands[-1]
    assert (sent.name, sent.args["name"], [one["home"] for one in sent.args["stops"]]) == (
        "camera.tour.set",
        "Night",
        [False, True],
    )
    desk.bus.result = Result(ok=True)
    await desk.ask("remove-tour", tour="tour-2")
    assert (desk.bus.commands[-1].name, desk.bus.commands[-1].args) == ("camera.tour.remove", {"tour": "tour-2"})
    desk.bus.result = Result(ok=True, value={"preset": "7"})
    assert (await desk.ask("keep-preset", name="Here")).preset == "7"
    desk.bus.result = Result(ok=True)
    await desk.ask("relay", relay="r", active=True, reason="deliveries")
    assert (desk.bus.commands[-1].args, desk.bus.commands[-1].reason) == ({"relay": "r", "active": True}, "deliveries")


async def test_the_rank_of_a_person_is_that_of_the_highest_role(desk: Desk) -> None:
    assert (await desk.ask("lock")).hold.priority == 80, "an administrator's"


async def test_the_end_of_a_hold_is_told(desk: Desk) -> None:
    second = Camera(id="second", name="Second", url="rtsp://192.0.2.4/a", onvif="http://192.0.2.4")
    await desk.house.memory.put("camera", second)
    running = asyncio.create_task(desk.control.run())
    await desk.ask("lock", seconds=5)
    assert (desk.bus.statuses[-1].ref, desk.bus.statuses[-1].state) == ("camera-hold:gate", "held")
    desk.house.clock.seconds += 6
    await desk.ask("lock", id="second")
    async with asyncio.timeout(60):
        while ("camera-hold:gate", "free") not in [(one.ref, one.state) for one in desk.bus.statuses]:
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_whoever_sees_a_camera_sees_its_sides(desk: Desk) -> None:
    for kind in ("camera", "camera-control", "camera-hold"):
        desk.house.board.put(Status(ref=f"{kind}:gate", state="online", since=1))
    listing = Grant(action="status.list")
    here = await desk.house.person("here", listing, Grant(action="camera.get", selector="area:lab"))
    there = await desk.house.person("there", listing, Grant(action="camera.get", selector="area:yard"))
    seen = (await desk.house.ask("status.list", here)).value.items
    assert [status.ref for status in seen] == ["camera:gate", "camera-control:gate", "camera-hold:gate"]
    assert (await desk.house.ask("status.list", there)).value.items == []
    await desk.house.ask("camera.delete", id="gate")
    assert (await desk.house.ask("status.list")).value.items == []


@given(
    st.lists(
        st.tuples(st.sampled_from(["ada", "bo", "cy"]), st.sampled_from(["move", "lock", "release"]), st.integers(0, 20)),
        max_size=40,
    )
)
def test_nobody_loses_a_camera_to_their_equal(orders: list[tuple[str, str, int]]) -> None:
    rank = {"ada": 50, "bo": 50, "cy": 70}
    holds, now = Holds(), 0
    for who, what, later in orders:
        now += later * 1_000_000
        before = holds.of("gate", now)
        free = before is None or before.actor == who or before.priority < rank[who]
        try:
            if what == "release":
                holds.release("gate", who, rank[who], now)
            else:
                holds.take("gate", who, who, rank[who], 30 if what == "lock" else 8, now, locked=what == "lock")
        except Conflict:
            assert not free
            assert holds.of("gate", now) == before
        else:
            assert free
            after = holds.of("gate", now)
            assert (after is None) if what == "release" else (after is not None and after.actor == who)
            if before is not None and after is not None and before.actor == who and before.locked and what == "move":
                assert after.until >= before.until and after.locked


def happened(type_: str, entity: str, severity: int = 1, *, ago: int = 0, now: int = 0) -> Event:
    return Event(key=f"{type_}/{entity}/{now - ago}", type=type_, entity=entity, time=now - ago, severity=severity, text=type_)


async def hear(made: CameraReacting, event: Event) -> None:
    made.heard(event, asyncio.get_running_loop().create_task)
    await made.settle()


async def reacting(desk: Desk, *reactions: Reaction) -> CameraReacting:
    camera = Camera(id="gate", name="Gate", url="rtsp://192.0.2.1/a", onvif="http://192.0.2.1", area="lab", reactions=reactions)
    await desk.house.memory.put("camera", camera)
    return CameraReacting(desk.house.state, desk.bus, desk.house.clock, desk.control)


async def test_a_door_moves_its_camera_and_an_operator_keeps_it(desk: Desk) -> None:
    made = await reacting(desk, Reaction(on="door.forced", at="door:main", preset="2"))
    now = desk.house.clock.now()
    await hear(made, happened("door.forced", "door:other", now=now))
    await hear(made, happened("door.opened", "door:main", now=now))
    await hear(made, happened("door.forced", "door:main", ago=120_000_000, now=now))
    assert desk.bus.commands == []
    await hear(made, happened("door.forced", "door:main", now=now))
    command = desk.bus.commands[-1]
    assert (command.name, command.args, command.issuer) == ("camera.preset.goto", {"preset": "2"}, "system:rule")
    assert desk.audited()[-1] == ("system:rule", "camera.react", "done")
    assert desk.events[-1] == "camera.reacted"
    await hear(made, happened("door.forced", "door:main", now=now))
    assert len(desk.bus.commands) == 1, "it rests for a moment"
    # Anybody takes a camera from a rule, and keeps it.
    least = await desk.operator("least", 0)
    await desk.ask("move", least, pan=0.5)
    made._last.clear()
    await hear(made, happened("door.forced", "door:main", now=now))
    assert desk.bus.commands[-1].name == "camera.ptz.move"
    assert desk.audited()[-1] == ("system:rule", "camera.react", "refused")
    assert (desk.events[-1], "least is moving this camera" in desk.bus.stored[-1].event.text) == ("camera.not-reacted", True)


async def test_an_alarm_takes_a_camera_from_operators_and_rules_not_from_administrators(desk: Desk) -> None:
    made = await reacting(
        desk, Reaction(on="alarm", at="door:main", preset="1"), Reaction(on="door.opened", at="door:main", tour="t")
    )
    now = desk.house.clock.now()
    await hear(made, happened("door.opened", "door:main", now=now))
    assert desk.bus.commands[-1].args == {"tour": "t", "operation": "start"}
    await desk.ask("move", await desk.operator("guard", 50), pan=0.5)
    await hear(made, happened("door.forced", "door:main", 3, now=now))
    assert (desk.bus.commands[-1].args, desk.bus.commands[-1].issuer) == ({"preset": "1"}, "system:alarm")
    assert "camera.taken-over" in desk.events
    await desk.ask("move", await desk.operator("chief", 80), pan=0.5)
    made._last.clear()
    await hear(made, happened("door.forced", "door:main", 3, now=now))
    assert desk.events[-1] == "camera.not-reacted"


async def test_a_camera_never_reacts_to_its_own_moves(desk: Desk) -> None:
    made = await reacting(desk, Reaction(on="camera.*", preset="1"))
    now = desk.house.clock.now()
    for type_ in ("camera.moved", "camera.reacted", "camera.taken-over"):
        await hear(made, happened(type_, "camera:gate", now=now))
    assert desk.bus.commands == []
    await hear(made, happened("camera.motion", "camera:gate", now=now))
    assert len(desk.bus.commands) == 1


async def test_a_camera_that_does_not_answer_holds_up_no_other_event(desk: Desk) -> None:
    """Two cameras, two events: the second event moves the second camera while the first still waits for its first."""
    answered, done = asyncio.Event(), asyncio.Event()
    made = await reacting(desk, Reaction(on="door.forced", at="door:main", preset="1"), Reaction(on="door.held", preset="2"))
    other = Camera(
        id="yard",
        name="Yard",
        url="rtsp://192.0.2.2/a",
        onvif="http://192.0.2.2",
        reactions=(Reaction(on="door.opened", at="door:side", preset="3"),),
    )
    await desk.house.memory.put("camera", other)
    given = desk.bus.command

    async def command(asked: Command) -> Result:
        result: Result = await given(asked)
        if asked.entity == "camera-control:gate":
            await answered.wait()
        else:
            done.set()
        return result

    desk.bus.command = command
    now = desk.house.clock.now()
    spawn = asyncio.get_running_loop().create_task
    made.heard(happened("door.forced", "door:main", now=now), spawn)
    made.heard(happened("door.held", "camera:gate", now=now), spawn)
    made.heard(happened("door.opened", "door:side", now=now), spawn)
    await asyncio.wait_for(done.wait(), 60)
    assert [one.args["preset"] for one in desk.bus.commands] == ["1", "3"]
    answered.set()
    await made.settle()
    assert [one.args["preset"] for one in desk.bus.commands] == ["1", "3", "2"], "in order at each camera"


async def test_what_waits_for_a_camera_is_bounded_and_alarms_stay(desk: Desk) -> None:
    answered = asyncio.Event()
    rules = [Reaction(on="door.*", at=f"door:d{number}", preset=str(number)) for number in range(16)]
    made = await reacting(desk, *rules)
    given = desk.bus.command

    async def command(asked: Command) -> Result:
        result: Result = await given(asked)
        await answered.wait()
        return result

    desk.bus.command = command
    now = desk.house.clock.now()
    spawn = asyncio.get_running_loop().create_task

    def happen(number: int, severity: int) -> None:
        made._last.clear()
        made.heard(happened("door.forced", f"door:d{number}", severity, now=now), spawn)

    happen(0, 1)
    await asyncio.sleep(0)
    happen(1, 3)
    for number in range(2, 16):
        happen(number, 1)
    happen(2, 3)
    happen(3, 3)
    happen(4, 1)
    answered.set()
    await made.settle()
    # The camera is the alarm's then, so that rules move it no more; each of them is told.
    assert [one.args["preset"] for one in desk.bus.commands] == ["0", "1", "2", "3"]
    told = [stored.event for stored in desk.bus.stored if stored.event.type == "camera.not-reacted"]
    assert "this, and 1 before it, was left out: the camera did not keep up" in told[0].text
    assert [one.data["preset"] for one in told] == ["3", *map(str, range(4, 16)), "4"]
    assert made._lanes == {} and made._at_work == {}


async def test_what_has_waited_for_too_long_moves_nothing(desk: Desk) -> None:
    answered = asyncio.Event()
    made = await reacting(desk, Reaction(on="door.forced", preset="1"), Reaction(on="door.held", preset="2"))
    given = desk.bus.command

    async def command(asked: Command) -> Result:
        result: Result = await given(asked)
        await answered.wait()
        return result

    desk.bus.command = command
    now, spawn = desk.house.clock.now(), asyncio.get_running_loop().create_task
    made.heard(happened("door.forced", "camera:gate", now=now), spawn)
    made.heard(happened("door.held", "camera:gate", now=now), spawn)
    while not desk.bus.commands:
        await asyncio.sleep(0)
    desk.house.clock.seconds += 120
    answered.set()
    await made.settle()
    assert len(desk.bus.commands) == 1 and "more than a minute ago" in desk.bus.stored[-1].event.text
