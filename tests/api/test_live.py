from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sitewarden.api.native import live as live_module
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.domain.status import Status
from sitewarden.net.interfaces import LedgerEntry
from sitewarden.services.invoke import Credentials
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.points import LatestValues, PointValues
from tests.api.serving import serving
from tests.services.busses import MemoryBus
from tests.services.house import House


def event(number: int, entity: str = "door:gate", type_: str = "door.opened", text: str = "") -> Event:
    return Event(key=f"t/1/{number}", type=type_, entity=entity, time=number, text=text)


@pytest.fixture
async def address(netns: bool, host: str, app: Litestar, house: House) -> AsyncIterator[str]:
    async def values(caller: Caller, params: PointValues) -> LatestValues:
        return LatestValues(items=[Latest("p1", 1.5, 0, 10, 11)])

    house.operations.add(
        [Operation("points.values", "point.read", PointValues, LatestValues, values, audit=False, filtered=True)]
    )
    async with serving(app, host):
        yield f"ws://{host}:8600/api/v1/live"


def _open(address: str, shown: Credentials, **more: Any) -> connect:
    return connect(address, additional_headers={"Cookie": f"sitewarden_session={shown.session}"}, compression=None, **more)


async def _next(client: ClientConnection) -> dict[str, Any]:
    while True:
        message = json.loads(await asyncio.wait_for(client.recv(), 60))
        if message.get("op") != "ping":
            assert isinstance(message, dict)
            return message


async def _subscribe(client: ClientConnection, **message: Any) -> None:
    await client.send(json.dumps({"op": "subscribe", **message}))


async def _upstream(bus: MemoryBus, topic: str) -> None:
    while topic not in bus.listening:
        await asyncio.sleep(0)


async def test_events_resume_and_follow_with_nothing_lost_or_twice(address: str, house: House, bus: MemoryBus) -> None:
    await bus.emit([event(number) for number in range(1, 1301)])
    async with _open(address, house.ada) as client:
        await _subscribe(client, id="e", topic="events", after=100)
        seen: list[int] = []
        number = 1301
        while len(seen) < 1300:
            message = await _next(client)
            seen += [item["seq"] for item in message["events"]]
            assert message["id"] == "e"
            if seen:
                assert message["cursor"] == seen[-1]
            if number <= 1400:
                await bus.emit([event(number + i) for i in range(25)])
                number += 25
        assert seen == list(range(101, 1401))


async def test_filters_hold_for_the_log_and_for_what_follows(address: str, house: House, bus: MemoryBus) -> None:
    mixed = [event(1), event(2, "door:lab-door"), event(3, type_="access.granted"), event(4, "camera:x", "camera.online")]
    await bus.emit(mixed)
    async with _open(address, house.ada) as client:
        which = {"types": ["door.*"], "entities": ["door:gate"]}
        await _subscribe(client, id="e", topic="events", after=0, filter=which)
        assert [item["seq"] for item in (await _next(client))["events"]] == [1]
        await _upstream(bus, "status")
        await bus.emit([event(5, "door:lab-door"), event(6)])
        while not (message := await _next(client))["events"]:
            pass
        assert [item["seq"] for item in message["events"]] == [6]


async def test_a_viewer_follows_only_what_the_selector_covers(address: str, house: House, bus: MemoryBus) -> None:
    person = await house.person(
        "guard",
        Grant(action="event.read", selector="area:lab"),
        Grant(action="status.list", selector="area:lab"),
        Grant(action="door.get", selector="area:lab"),
    )
    house.board.put(Status(ref="door:gate", state="online", since=1))
    house.board.put(Status(ref="door:lab-door", state="online", since=1))
    async with _open(address, person) as client:
        await _subscribe(client, id="s", topic="status")
        assert [item["ref"] for item in (await _next(client))["statuses"]] == ["door:lab-door"]
        await _subscribe(client, id="e", topic="events", after=0)
        await _subscribe(client, id="p", topic="points")
        answers = [await _next(client) for _ in range(2)]
        [refused] = [answer for answer in answers if answer["id"] == "p"]
        assert refused["error"]["type"] == "urn:sitewarden:error:forbidden"
        await _upstream(bus, "status")
        bus.publish("status", msgspec.msgpack.encode(Status(ref="door:gate", state="offline", since=2)))
        bus.publish("status", msgspec.msgpack.encode(Status(ref="door:lab-door", state="offline", since=2)))
        await bus.emit([event(1), event(2, "user:ada", "session.opened"), event(3, "door:lab-door")])
        refs, events = set(), set()
        while not (refs and events):
            message = await _next(client)
            refs |= {item["ref"] for item in message.get("statuses", ())}
            events |= {item["event"]["entity"] for item in message.get("events", ())}
        assert (refs, events) == ({"door:lab-door"}, {"door:lab-door"})


async def test_points_come_as_they_are_and_then_as_they_change(address: str, house: House, bus: MemoryBus) -> None:
    async with _open(address, house.ada) as client:
        await _subscribe(client, id="p", topic="points", filter={"points": ["p1", "p2"]})
        assert await _next(client) == {"id": "p", "values": [["p1", 1.5, 0, 10, 11]]}
        await _upstream(bus, "points")
        for value in range(50):
            batch = Samples(["p1", "p3"], [value, value], [value, value], [float(value), 0.0], [0, 0])
            bus.publish("points", msgspec.msgpack.encode(batch))
        assert await _next(client) == {"id": "p", "values": [["p1", 49.0, 0, 49, 49]]}


async def test_the_ledger_is_followed(address: str, house: House, bus: MemoryBus) -> None:
    entry = LedgerEntry(port="server", transport="tcp", direction="in", local="127.0.0.1:8600", role="web", pid=1, since=1)
    async with _open(address, house.ada) as client:
        await _subscribe(client, id="n", topic="network")
        await _upstream(bus, "ledger/")
        # The subscription is taken in before its pong comes back.
        await (await client.ping())
        bus.publish("ledger/web", msgspec.msgpack.encode([entry]))
        assert (await _next(client))["ledger"][0]["port"] == "server"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"op":"explode"}', '{"op":"subscribe","id":"x"}', "[" * 20000])
async def test_hostile_messages_get_a_problem_and_the_connection_stays(address: str, house: House, text: str) -> None:
    async with _open(address, house.ada) as client:
        await client.send(text)
        assert (await _next(client))["error"]["status"] == 422
        await _subscribe(client, id="s", topic="status")
        assert (await _next(client))["id"] == "s"


async def test_nobody_and_other_sites_are_refused(address: str, house: House) -> None:
    async with _open(address, Credentials(session="wrong")) as client:
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
    with pytest.raises(InvalidStatus):
        async with _open(address, house.ada, origin="https://evil.example"):
            pass


async def test_a_user_who_is_disabled_is_cut_off(address: str, house: House, bus: MemoryBus) -> None:
    person = await house.person("guard", Grant(action="status.list"), Grant(action="door.get"))
    async with _open(address, person) as client:
        await _subscribe(client, id="s", topic="status")
        await _next(client)
        await _upstream(bus, "status")
        await house.ask("user.update", id="guard", body=MESSAGES["user"].patch(enabled=False))
        await bus.emit([event(1, "user:guard", "config.updated")])
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await _next(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_a_client_that_does_not_read_slows_nobody_and_is_closed(
    address: str, app: Litestar, house: House, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "STALLED", 0.3)
    async with _open(address, house.ada) as quick:
        slow = await _raw(address, house.ada)
        await _subscribe(quick, id="e", topic="events", after=0)
        await _next(quick)
        await _upstream(bus, "status")
        seen = 0
        # More than the kernel's buffers and ours hold for the one that does not read.
        for start in range(0, 200):
            await bus.emit([event(start * 100 + i, text="x" * 1000) for i in range(100)])
            while seen < (start + 1) * 100:
                seen += len((await _next(quick))["events"])
        assert seen == 20_000
        hub = app.state["live"]
        async with asyncio.timeout(60):
            while hub.followers > 1:
                await bus.emit([event(20_000 + hub.cursor, text="more")])
                assert (await _next(quick))["events"]
        slow[1].transport.resume_reading()
        async with asyncio.timeout(60):
            # The server gives a client that does not read a second for the farewell; a busy machine may miss it.
            with contextlib.suppress(asyncio.IncompleteReadError):
                await slow[0].readuntil(b"\x11\x38The connection is too slow.")
        slow[1].close()


async def _raw(address: str, shown: Credentials) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host = address.removeprefix("ws://").partition(":")[0]
    reader, writer = await asyncio.open_connection(host, 8600, limit=1 << 26)
    writer.write(
        f"GET /api/v1/live HTTP/1.1\r\nHost: {host}:8600\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Cookie: sitewarden_session={shown.session}\r\n\r\n".encode()
    )
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    text = b'{"op":"subscribe","id":"e","topic":"events","after":0}'
    writer.write(bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text)
    writer.transport.pause_reading()
    return reader, writer
