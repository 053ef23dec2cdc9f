"""Reachability: what is looked at, how often, and what is told of registered nodes. The network is a script."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sitewarden.domain.errors import Conflict
from sitewarden.domain.network.node import Node
from sitewarden.domain.status import Status
from sitewarden.kit.clock import ManualClock
from sitewarden.services.announcement import watch as watching
from sitewarden.services.announcement.nodes import NodeWatch, other_than
from sitewarden.services.announcement.reach import Looker, Reach, State
from sitewarden.services.announcement.table import Table
from sitewarden.services.announcement.teller import Teller
from sitewarden.services.announcement.watch import Watch
from sitewarden.services.proposal import Proposal
from tests.services.announcement.test_table import NOW, put, said, writer

PRINT = ":".join(["AB"] * 32)
NORTH = Node(id="north", name="North", role="server", address="10.0.0.7", port=8600, fingerprint=PRINT, key=writer().key)


class Script:
    """A looker that finds what it is told to."""

    def __init__(self) -> None:
        self.state: State = "reachable"
        self.presented = PRINT
        self.asked: list[tuple[str, int, str]] = []

    async def look(self, host: str, number: int, fingerprint: str) -> Reach:
        self.asked.append((host, number, fingerprint))
        return Reach(state=self.state, detail="" if self.state == "reachable" else "why", fingerprint=self.presented, at=NOW)


class Watched:
    def __init__(self, *nodes: Node) -> None:
        self.clock, self.script, self.table = ManualClock(NOW), Script(), Table()
        self.looker = cast(Looker, self.script)
        self.nodes = list(nodes)
        self.told: list[tuple[str, str]] = []
        self.statuses: list[Status] = []
        teller = Teller(self._none, self.clock)
        teller.tell = lambda type_, entity, data, related=(): self.told.append((type_, entity))  # type: ignore[method-assign]
        self.registered = NodeWatch(self.clock, self.table, teller, self.statuses.append, lambda: self.nodes)
        self.found = Watch(self.clock, self.table)

    async def _none(self, events: Any) -> None:
        """Nothing is written."""

    async def pass_by(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.advance(1.0)
            await self.registered.round(self.looker)
            await self.found.round(self.looker)


async def test_a_node_that_fails_twice_is_lost_and_comes_back() -> None:
    watched = Watched(NORTH)
    await watched.pass_by(1)
    assert (watched.told, [status.state for status in watched.statuses]) == ([], ["online"])
    watched.script.state = "unreachable"
    await watched.pass_by(10)
    assert watched.told == [], "one failure is none"
    await watched.pass_by(3)
    assert watched.told == [("node.offline", "node:north")]
    await watched.pass_by(60)
    watched.script.state = "reachable"
    await watched.pass_by(11)
    assert watched.told[1:] == [("node.online", "node:north")]
    assert [status.state for status in watched.statuses] == ["online", "offline", "online"]


async def test_another_certificate_is_told_at_once_and_a_renewed_one_is_explained() -> None:
    watched = Watched(NORTH)
    watched.script.state, watched.script.presented = "other-certificate", ":".join(["CD"] * 32)
    await watched.pass_by(1)
    assert watched.told == [("node.offline", "node:north")]
    assert watched.statuses[-1].state == "degraded" and "another certificate than was registered" in watched.statuses[-1].detail
    put(watched.table, said(tls=b"\xcd" * 32), writer())
    await watched.pass_by(11)
    assert "the key that was registered announces it" in watched.statuses[-1].detail
    assert watched.script.presented in watched.statuses[-1].detail
    watched.script.state = "reachable"
    watched.nodes = [Node(**{**{name: getattr(NORTH, name) for name in NORTH.__struct_fields__}, "description": "renewed"})]
    await watched.pass_by(1)
    assert watched.statuses[-1].state == "online", "a node that was changed is looked at at once"


async def test_disabled_and_deleted_nodes_are_left_alone() -> None:
    off = Node(id="off", name="Off", role="lpr", address="10.0.0.9", port=8611, enabled=False)
    watched = Watched(NORTH, off)
    await watched.pass_by(1)
    assert {host for host, _, _ in watched.script.asked} == {"10.0.0.7"}
    watched.nodes = []
    await watched.pass_by(60)
    assert len(watched.script.asked) == 1


async def test_found_servers_are_looked_at_near_by_alone_and_soon_again_where_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    near = {"10.0.0.7"}
    monkeypatch.setattr(watching, "near", lambda host: host in near)
    watched = Watched()
    put(watched.table, said(1, tls=b"\xab" * 32), writer(1), "10.0.0.7")
    put(watched.table, said(1), writer(2), "10.0.1.7")
    put(watched.table, said(1, ports=()), writer(3), "10.0.0.7")
    watched.script.state = "unreachable"
    await watched.pass_by(3)
    assert watched.script.asked == [("10.0.0.7", 8600, PRINT)] * 2
    watched.script.state = "reachable"
    await watched.pass_by(5)
    reached = {row.key: watched.found.reach(row) for row in watched.table}
    assert [reached[writer(number).key].state for number in (1, 2, 3)] == ["reachable", "unchecked", "unchecked"]
    assert "no network of this computer" in reached[writer(2).key].detail
    before = len(watched.script.asked)
    await watched.pass_by(25)
    assert len(watched.script.asked) == before
    put(watched.table, said(2, tls=b"\xcd" * 32), writer(1), "10.0.0.7")
    assert watched.found.reach(next(row for row in watched.table if row.key == writer(1).key)).state == "unchecked"
    await watched.pass_by(1)
    assert watched.script.asked[-1] == ("10.0.0.7", 8600, ":".join(["CD"] * 32)), (
        "what was found is not about the new certificate"
    )


def test_no_far_node_takes_this_nodes_id() -> None:
    check = other_than("server")
    node = Node(id="server", name="S", role="server", address="10.0.0.7", port=8600)
    with pytest.raises(Conflict, match="this node itself"):
        check(Proposal("node", "server", None, node, cast(Any, None), cast(Any, None)))
    check(Proposal("node", "north", None, NORTH, cast(Any, None), cast(Any, None)))
