from __future__ import annotations

from typing import Any

from sitewarden.domain.video.account import Account
from sitewarden.media.duty import MOTION_MOST, Duty
from tests.media.support import camera


class Tape:
    """What a duty tells a recording."""

    waiting: Any = None

    def allow(self, blocked: Any, waiting: Any, pre_seconds: float) -> None:
        self.waiting = waiting


def recorded(duty: Duty, tape: Tape, monotonic: float) -> bool:
    duty.refresh(0, monotonic, None)
    return tape.waiting is None


def made() -> tuple[Duty, Tape]:
    tape = Tape()
    wanted = camera(record_mode="events", post_seconds=10.0)
    recording: Any = tape
    duty = Duty(wanted, Account("lobby", lambda gap: None), lambda: recording, lambda name, subscriber: lambda: None)
    return duty, tape


def test_motion_records_until_it_is_still_and_some_seconds_more() -> None:
    duty, tape = made()
    assert not recorded(duty, tape, 0)
    duty.motion(0)
    duty.event(0)
    assert recorded(duty, tape, 300), "far beyond the seconds after an event"
    duty.still(300)
    assert recorded(duty, tape, 309)
    assert not recorded(duty, tape, 311)
    duty.still(312)
    assert not recorded(duty, tape, 313), "an end without a beginning starts nothing"


def test_motion_whose_end_is_lost_ends_by_itself() -> None:
    duty, tape = made()
    duty.motion(0)
    assert recorded(duty, tape, MOTION_MOST - 1)
    assert not recorded(duty, tape, MOTION_MOST + 1)
