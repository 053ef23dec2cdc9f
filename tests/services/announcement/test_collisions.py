"""Colliding media groups: who collides, what is offered, and alarms that begin and end once."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.clock import HOUR
from sitewarden.domain.events import Event, StoredEvent
from sitewarden.domain.status import Status
from sitewarden.kit.clock import ManualClock
from sitewarden.services.announcement.alarms import CLEARED, GRACE, RAISED, Alarms
from sitewarden.services.announcement.collisions import Collision, collisions, free_group
from sitewarden.services.announcement.table import Table
from sitewarden.services.announcement.teller import Teller
from sitewarden.wire.announcement import Stamp
from tests.services.announcement.test_table import BOOT, NOW, put, said, writer

OURS = "225.5.10.1"


def heard(*groups: str, times: int = 2, **changes: Any) -> Table:
    table = Table()
    for number, group in enumerate(groups, 1):
        packed = ipaddress.ip_address(group).packed if group else b""
        for time in range(times):
            put(table, said(time + 1, name=f"S{number}", group=packed, **changes), writer(number * 16))
    return table


def at(number: int) -> tuple[str, bytes]:
    """Key and boot of a node whose key stands between those of the servers that are heard."""
    return writer(number).key, BOOT


def test_the_other_is_named_and_a_free_group_is_offered() -> None:
    [found] = collisions(at(1), OURS, heard(OURS, "225.5.10.2", ""))
    assert (found.name, found.address, found.group, found.offer) == ("S1", "10.0.0.7", OURS, "225.5.10.3")


@pytest.mark.parametrize("table", [heard("225.5.10.2", ""), heard(OURS, times=1), heard()])
def test_no_collision_without_two_announcements_of_the_same_group(table: Table) -> None:
    assert collisions(at(1), OURS, table) == []


def test_who_is_silent_or_may_be_a_recording_raises_no_alarm() -> None:
    table = heard(OURS)
    table.expire(NOW, 100.0)
    assert collisions(at(1), OURS, table) == []
    table = Table()
    for number in (1, 2):
        put(table, said(stamp=Stamp(BOOT, number, NOW - HOUR)))
    assert collisions(at(1), OURS, table) == []


def test_all_that_take_what_they_are_offered_end_apart() -> None:
    keys = (16, 32, 48)
    offers = []
    for own in keys:
        table = Table()
        for other in keys:
            for number in (1, 2):
                if other != own:
                    put(table, said(number), writer(other))
        offers.append(collisions(at(own), OURS, table)[0].offer)
    assert offers == ["225.5.10.2", "225.5.10.3", "225.5.10.4"]


@pytest.mark.parametrize(
    ("group", "taken", "offer"),
    [
        ("225.5.10.1", (), "225.5.10.2"),
        ("225.0.0.99", (), "225.0.0.101"),
        ("225.5.10.1", ("225.5.10.2", "225.5.10.3"), "225.5.10.4"),
        ("225.5.10.1", ("239.5.10.2",), "225.5.10.3"),
        ("231.255.255.255", (), "233.0.0.0"),
        ("239.255.255.255", (), "224.0.1.0"),
        ("224.0.0.251", (), "224.0.1.0"),
        ("ff15::e105:a01", (), "ff15::e105:a02"),
        ("ff15::e100:63", (), "ff15::e100:65"),
    ],
)
def test_the_next_free_group(group: str, taken: tuple[str, ...], offer: str) -> None:
    assert free_group(group, taken) == offer


GROUPS = st.integers(0xE0000100, 0xEFFFFFFF).map(lambda number: str(ipaddress.IPv4Address(number)))


@given(GROUPS, st.lists(GROUPS, max_size=30), st.integers(0, 10))
def test_what_is_offered_is_a_group_of_its_own_frames(group: str, taken: list[str], rank: int) -> None:
    offer = ipaddress.ip_address(free_group(group, taken, rank))
    assert offer.is_multicast and offer not in ipaddress.ip_network("232.0.0.0/8")
    assert all(int(offer) & 0x7FFFFF != int(ipaddress.ip_address(each)) & 0x7FFFFF for each in (*taken, group, "225.0.0.100"))


class Heard:
    """Alarms with what they told."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.told: list[tuple[str, str]] = []
        self.statuses: list[Status] = []
        teller = Teller(self._none, self.clock)
        teller.tell = lambda type_, entity, data, related=(): self.told.append((type_, data["other"]))  # type: ignore[method-assign]
        self.alarms = Alarms("node:server", self.clock, teller, self.statuses.append)

    async def _none(self, events: Any) -> None:
        """Nothing is written."""


def collision(number: int = 1, group: str = OURS) -> Collision:
    return Collision(
        id=f"node-{number}",
        name=f"S{number}",
        node="server",
        address="10.0.0.7",
        key=writer(number).key,
        group=group,
        offer="225.5.10.2",
    )


def test_an_alarm_is_raised_once_and_cleared_once() -> None:
    heard = Heard()
    for _ in range(3):
        heard.alarms.step([collision(1)])
    heard.alarms.step([collision(1), collision(2)])
    heard.alarms.step([collision(2)])
    heard.alarms.step([])
    heard.alarms.step([])
    assert heard.told == [(RAISED, "S1"), (RAISED, "S2"), (CLEARED, "S1"), (CLEARED, "S2")]
    assert [(status.state, "S1" in status.detail) for status in heard.statuses] == [
        ("degraded", True), ("degraded", True), ("degraded", False), ("online", False),
    ]  # fmt: skip


def stored(type_: str, number: int, seq: int) -> StoredEvent:
    data = {"key": writer(number).key, "other": f"S{number}", "group": OURS}
    return StoredEvent(seq=seq, stored=NOW, event=Event(key=f"e/{seq}", type=type_, entity="node:server", time=NOW, data=data))


def test_alarms_stand_across_a_restart() -> None:
    before = [stored(RAISED, 1, 4), stored(CLEARED, 2, 3), stored(RAISED, 2, 2), stored(RAISED, 3, 1)]
    heard = Heard()
    heard.alarms.restore(before)
    heard.alarms.step([])
    assert heard.told == [], "a server that was not heard yet is not gone"
    heard.alarms.step([collision(1)])
    heard.clock.advance(GRACE + 1)
    heard.alarms.step([collision(1)])
    assert heard.told == [(CLEARED, "S3")]
    heard.alarms.step([collision(1, "225.5.10.9")])
    assert heard.told[1:] == [(RAISED, "S1")], "the same server on another group is another collision"
