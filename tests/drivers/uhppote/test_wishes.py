"""What holds a door of a board: the words of the door machine, and what is left of it after a restart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.access.door_commands import COMMANDS, order
from sitewarden.domain.access.door_signals import SetMode
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.errors import Conflict
from sitewarden.drivers.uhppote.mapping import MODES
from sitewarden.drivers.uhppote.wishes import KNOWN, Wishes, mode_of


@given(st.lists(st.sampled_from(sorted(KNOWN)), max_size=12))
def test_commands_are_taken_and_refused_as_by_a_controller(commands: list[str]) -> None:
    wishes = Wishes()
    for command in commands:
        before = dict(wishes.of("d").slots)
        try:
            asked = order(command, wishes.of("d"))  # type: ignore[arg-type]
        except Conflict:
            with pytest.raises(Conflict):
                wishes.after("d", command, "door:d")
            continue
        slots = wishes.after("d", command, "door:d")
        if not isinstance(asked, SetMode):
            assert slots is None and wishes.of("d").slots == before
            continue
        assert slots is not None and mode_of(slots) in MODES
        assert slots.get(asked.priority) is asked.mode
        assert {priority: slots.get(priority) for priority in before if priority is not asked.priority} == {
            priority: mode for priority, mode in before.items() if priority is not asked.priority
        }
        wishes.take("d", slots)


@pytest.mark.parametrize(
    ("mode", "command"),
    [
        (DoorMode.BLOCKED, "release-lockdown"),
        (DoorMode.BLOCKED, "lock"),
        (DoorMode.UNLOCKED, "release-lock-open"),
        (DoorMode.UNLOCKED, "end-fire-release"),
        (DoorMode.UNLOCKED, "normal"),
    ],
)
def test_a_door_found_held_after_a_restart_can_be_ended_by_what_ends_such_a_mode(mode: DoorMode, command: str) -> None:
    wishes = Wishes()
    assert wishes.adopt("d", mode) is mode
    slots = wishes.after("d", command, "door:d")
    assert slots is not None and mode_of(slots) is DoorMode.LOCKED
    wishes.take("d", slots)
    assert wishes.adopt("d", DoorMode.BLOCKED) is DoorMode.LOCKED


def test_a_door_held_by_an_operator_is_not_ended_by_the_end_of_a_lockdown() -> None:
    wishes = Wishes()
    wishes.take("d", wishes.after("d", "block", "door:d") or {})
    with pytest.raises(Conflict):
        wishes.after("d", "release-lockdown", "door:d")
    assert frozenset(COMMANDS) - KNOWN == {"double-lock"}
