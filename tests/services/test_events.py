from __future__ import annotations

import asyncio

import msgspec
import pytest

from sitewarden.domain.errors import Forbidden
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.status import Status
from sitewarden.net.exports import Plan
from sitewarden.net.interfaces import LedgerEntry
from sitewarden.ports import MANIFEST, number_of
from sitewarden.services.network import STALE, Ledgers, NetworkPorts
from tests.services.house import House


def _event(number: int, entity: str, type_: str = "door.opened") -> Event:
    return Event(key=f"t/1/{number}", type=type_, entity=entity, time=number)


async def _all(house: House, who: object, **query: object) -> list[int]:
    seqs: list[int] = []
    page = (await house.ask("events.list", who, **query)).value  # type: ignore[arg-type]
    seqs += [item.seq for item in page.items]
    while page.next is not None:
        query["after" if "after" in query else "before"] = page.next
        page = (await house.ask("events.list", who, **query)).value  # type: ignore[arg-type]
        seqs += [item.seq for item in page.items]
    return seqs


async def test_pages_lead_through_the_whole_log_both_ways(house: House) -> None:
    await house.bus.emit([_event(number, "door:gate") for number in range(25)])
    assert await _all(house, house.ada, limit=10) == list(range(25, 0, -1))
    assert await _all(house, house.ada, limit=10, after=0) == list(range(1, 26))
    assert await _all(house, house.ada, limit=25, after=0) == list(range(1, 26))


async def test_a_caller_who_sees_few_of_many_finds_them_all(house: House) -> None:
    guard = await house.person("guard", Grant(action="event.read", selector="area:lab"))
    await house.bus.emit([_event(n, "door:lab-door" if n % 400 == 7 else "door:gate") for n in range(3000)])
    assert await _all(house, guard, limit=3) == [2808, 2408, 2008, 1608, 1208, 808, 408, 8]
    assert await _all(house, guard, limit=3, after=0) == [8, 408, 808, 1208, 1608, 2008, 2408, 2808]


async def test_events_of_people_are_for_those_who_may_read_users(house: House) -> None:
    guard = await house.person("guard", Grant(action="event.read"))
    await house.bus.emit([_event(1, "user:ada", "session.opened"), _event(2, "door:gate")])
    assert await _all(house, guard) == [2]
    assert await _all(house, house.ada) == [2, 1]


async def test_the_audit_log_needs_its_own_right(house: House) -> None:
    guard = await house.person("guard", Grant(action="event.*"))
    with pytest.raises(Forbidden):
        await house.ask("audit.list", guard)
    page = (await house.ask("audit.list", limit=2)).value
    assert page.items[0].outcome == "refused: forbidden"
    assert page.next == page.items[1].seq


async def test_the_board_takes_what_the_bus_tells_and_drops_what_it_cannot_read(house: House) -> None:
    running = asyncio.create_task(house.board.run())
    while "status" not in house.bus.listening:
        await asyncio.sleep(0)
    house.bus.publish("status", b"\xc1garbage")
    house.bus.publish("status", msgspec.msgpack.encode(Status(ref="door:gate", state="online", since=5)))
    while house.board.get("door:gate") is None:
        await asyncio.sleep(0)
    assert house.board.refused == 1
    running.cancel()
    guard = await house.person("guard", Grant(action="status.list"), Grant(action="door.get", selector="area:lab"))
    assert (await house.ask("status.list", guard)).value.items == []
    assert len((await house.ask("status.list", kind=("door",))).value.items) == 1
    assert (await house.ask("status.list", kind=("camera",))).value.items == []


async def test_every_row_of_the_manifest_is_shown_with_what_is_open(house: House) -> None:
    ledgers = Ledgers(house.bus, house.clock)  # type: ignore[arg-type]
    uses = [PortUse(row="rtsp", way="out", host=f"10.0.0.{n}", by=f"camera:c{n}") for n in range(12)]
    plan = Plan(uses=(*uses, PortUse(row="rtsp", way="out", host="10.0.1.1", by="camera:c0")))
    ports = NetworkPorts("node-1", MANIFEST, lambda name: number_of(name, {"server": 9600}), ledgers, lambda: plan)
    house.operations.add(ports.operations())
    entry = LedgerEntry(port="server", transport="tcp", direction="in", local="127.0.0.1:9600", role="web", pid=1, since=1)
    ledgers.put("web", msgspec.msgpack.encode([entry]))
    ledgers.put("bad", b"\xc1")
    shown = {view.row: view for view in (await house.ask("network.ports")).value.items}
    assert set(shown) == {row.name for row in MANIFEST}
    assert (shown["server"].state, shown["server"].number, shown["server"].ledger) == ("open", 9600, (entry,))
    assert shown["http-api"].state == "missing", "its process tells of itself, and does not hold it"
    assert shown["device-udp"].state == "closed" and shown["bacnet"].state == "closed"
    assert shown["ntp"].state == "planned"
    assert shown["rtsp"].users == tuple(f"camera:c{n}" for n in range(8)) and shown["rtsp"].user_count == 12
    assert {name: shown[name].place for name in ("server", "rtsp", "modbus", "device-server", "dns", "bus", "postgresql")} == {
        "server": "office", "rtsp": "camera", "modbus": "machine", "device-server": "controller", "dns": "elsewhere",
        "bus": "node", "postgresql": "server",
    }  # fmt: skip
    assert ledgers.listening() == {("server", 9600)}
    assert (shown["media-input"].number, shown["media-input"].last) == (3000, 5000)
    house.clock.seconds += STALE + 1
    silent = (await house.ask("network.ports")).value.items
    assert silent[0].ledger == () and {view.state for view in silent} == {"closed", "planned"}
