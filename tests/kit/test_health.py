"""Health is told once per change, in the words of the entity's own kind."""

from __future__ import annotations

from sitewarden.domain.status import Status
from sitewarden.kit.clock import ManualClock
from sitewarden.kit.health import Health


def made() -> tuple[Health, list[Status]]:
    told: list[Status] = []
    return Health(ManualClock(1_700_000_000_000_000), told.append, lambda: None), told


def status(ref: str, state: str, detail: str = "") -> Status:
    return Status(ref=ref, state=state, detail=detail, since=1)


def test_a_camera_that_cannot_work_as_configured_says_so() -> None:
    health, _ = made()
    health.name("camera:lobby", "Lobby")
    health.report(status("camera:lobby", "offline", "the password is wrong"), event="misconfigured")
    (event,) = health.pending
    assert (event.type, event.severity) == ("camera.misconfigured", 2)
    assert event.text == "Lobby cannot work as configured: the password is wrong"


def test_pending_is_shown_and_is_no_event() -> None:
    health, told = made()
    health.report(status("controller:front", "pending"))
    health.report(status("door:main", "pending"))
    assert [one.state for one in told] == ["pending", "pending"]
    assert not health.pending
    health.report(status("controller:front", "online"))
    assert [event.type for event in health.pending] == ["controller.online"]


def test_what_was_pending_and_stays_away_is_told() -> None:
    health, _ = made()
    health.report(status("controller:front", "pending"))
    health.report(status("controller:front", "offline", "it has not dialled in"))
    assert [(event.type, event.severity) for event in health.pending] == [("controller.offline", 2)]


def test_events_of_one_side_of_an_entity_stand_at_the_entity() -> None:
    health, told = made()
    health.name("camera-control:gate", "Gate", "camera:gate")
    health.report(status("camera-control:gate", "offline", "no answer"))
    (event,) = health.pending
    assert (told[0].ref, event.type, event.entity) == ("camera-control:gate", "camera-control.offline", "camera:gate")
    health.forget("camera-control:gate")
    assert told[-1].state == "disabled"
