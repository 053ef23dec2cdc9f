"""Core and workers over Unix sockets: events, topics, requests, commands, and core's absence."""

from __future__ import annotations

import asyncio

import pytest

from sitewarden.bus import Bus
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Invalid, NotFound, TimedOut, Unreachable
from sitewarden.domain.events import Confirm
from tests.bus.conftest import MemoryOutbox, Site, event, until


def command(entity: str = "door:main", timeout: float = 60.0) -> Command:
    return Command(id="c1", name="door.release", entity=entity, issuer="user:ada", reason="test", timeout=timeout)


async def take(bus: Bus, count: int, after: int | None = 0, **filters: tuple[str, ...]) -> list[str]:
    feed = bus.events(after=after, **filters)
    keys: list[str] = []
    async for batch in feed:
        keys.extend(one.event.key for one in batch)
        if len(keys) >= count:
            break
    feed.close()
    return keys


async def test_events_of_all_reach_all_in_log_order(site: Site) -> None:
    hub = await site.start_core()
    iot, media = await site.worker("iot", MemoryOutbox()), await site.worker("media-0", MemoryOutbox())
    await until(lambda: not iot.spilled and not media.spilled)
    feeds = [asyncio.create_task(take(bus, 300, None)) for bus in (hub, iot, media)]
    await asyncio.sleep(0.05)
    for i in range(100):
        await asyncio.gather(*(bus.emit([event(f"{name}/1/{i}")]) for name, bus in (("h", hub), ("i", iot), ("m", media))))
    assert await feeds[0] == await feeds[1] == await feeds[2] == site.log.keys
    assert len(site.log.keys) == 300


async def test_confirm_travels_with_the_events(site: Site) -> None:
    await site.start_core()
    iot = await site.worker("iot")
    await iot.emit([event("c/1/5")], Confirm("controller:c", 1, 5))
    assert site.log.confirms == [Confirm("controller:c", 1, 5)]


async def test_filters_by_type_prefix_and_by_entity_or_related(site: Site) -> None:
    hub = await site.start_core()
    web = await site.worker("web")
    await hub.emit(
        [
            event("a", "door:1", "access.granted", related=("credential-holder:ada",)),
            event("b", "door:2", "door.opened"),
            event("c", "door:1", "door.opened"),
            event("d", "camera:1", "camera.online"),
        ]
    )
    for bus in (hub, web):
        assert await take(bus, 1, types=("access.*",)) == ["a"]
        assert await take(bus, 2, types=("door.opened",)) == ["b", "c"]
        assert await take(bus, 1, entities=("credential-holder:ada",)) == ["a"]
        assert await take(bus, 2, entities=("door:1",)) == ["a", "c"]
        assert await take(bus, 1, entities=("door:1",), types=("door.*",)) == ["c"]


async def test_a_subscriber_resumes_after_its_cursor(site: Site) -> None:
    hub = await site.start_core()
    web = await site.worker("web")
    await hub.emit([event(str(i)) for i in range(10)])
    for bus in (hub, web):
        assert (await take(bus, 4, after=6))[:4] == ["6", "7", "8", "9"]
        feed = bus.events(after=None)
        later = asyncio.create_task(anext(aiter(feed)))
        await asyncio.sleep(0.05)
        await hub.emit([event(f"new-{id(bus)}")])
        assert [one.event.key for one in await later] == [f"new-{id(bus)}"]
        assert feed.cursor == site.log.head()
        feed.close()


async def test_a_cursor_past_the_end_of_the_log_is_refused(site: Site) -> None:
    hub = await site.start_core()
    web = await site.worker("web")
    await hub.emit([event("1")])
    with pytest.raises(Invalid, match="past the end"):
        hub.events(after=2)
    feed = web.events(after=2)
    with pytest.raises(Invalid, match="past the end"):
        await feed.next()
    feed.close()
    assert hub._feeds == []


async def test_a_subscriber_that_does_not_read_loses_nothing_and_holds_up_nobody(site: Site) -> None:
    hub = await site.start_core()
    web, iot = await site.worker("web"), await site.worker("iot")
    slow_here, slow_there = hub.events(after=None), web.events(after=None)
    topic_here, topic_there = hub.subscribe("points", capacity=8), web.subscribe("points", capacity=8)

    async def release(order: Command) -> Result:
        return Result(ok=True, value={"door": order.entity})

    iot.claim(["door:*"], release)
    await until(lambda: hub._claims.find("door:main") is not None)
    text = "x" * 200
    for batch in range(100):
        await hub.emit([event(f"{batch}/{i}", text=text) for i in range(200)])
        for _ in range(100):
            iot.publish("points", b"y" * 500)
        assert (await hub.command(command())).ok
    assert len(slow_here._live) <= 4096
    assert slow_here.behind
    assert topic_here.dropped >= 9_000
    fresh = await asyncio.wait_for(take(hub, 20_000), 60)
    assert fresh == site.log.keys
    for slow in (slow_here, slow_there):
        keys: list[str] = []
        async for found in slow:
            keys.extend(one.event.key for one in found)
            if len(keys) >= 20_000:
                break
        assert keys == site.log.keys
        slow.close()
    topic_here.close()
    topic_there.close()


async def test_an_append_behind_the_hubs_back_is_read_from_the_log(site: Site) -> None:
    hub = await site.start_core()
    feed = hub.events(after=None)
    await site.log.append([event("behind")])
    await hub.emit([event("front")])
    assert [one.event.key for one in await feed.next()] == ["behind", "front"]
    feed.close()


async def test_topics_reach_other_processes_once_and_only_their_subscribers(site: Site) -> None:
    hub = await site.start_core()
    web, iot = await site.worker("web"), await site.worker("iot")
    here, there, own = hub.subscribe("status"), web.subscribe("status"), iot.subscribe("status")
    other = web.subscribe("ledger/")
    await until(lambda: all(worker.topics for worker in hub._workers))
    iot.publish("status", b"1")
    iot.publish("ledger/iot", b"2")
    iot.publish("nobody", b"3")
    readers = [aiter(subscription) for subscription in (here, there, own)]
    for reader in readers:
        assert await anext(reader) == ("status", b"1")
    hub.publish("status", bytes(200_000))
    for reader in readers:
        assert await anext(reader) == ("status", bytes(200_000))
    assert await anext(aiter(other)) == ("ledger/iot", b"2")
    for subscription in (here, there, own, other):
        assert len(subscription._items) == 0
        subscription.close()


async def test_requests_find_their_owner_wherever_it_is(site: Site) -> None:
    hub = await site.start_core()
    web, iot, media = await site.worker("web"), await site.worker("iot"), await site.worker("media-0")

    async def latest(body: bytes) -> bytes:
        return b"iot:" + body

    async def invoke(body: bytes) -> bytes:
        raise Conflict("It changed.", where="door:1", remedy="Read it again.")

    async def live(body: bytes) -> bytes:
        return b"media:" + body

    iot.serve("points.latest", latest)
    hub.serve("core.invoke", invoke)
    media.serve("media/", live)
    await until(lambda: hub._serves.find("media/x") is not None and hub._serves.find("points.latest") is not None)
    for bus in (hub, web, iot, media):
        assert await bus.request("points.latest", b"x") == b"iot:x"
        assert await bus.request("media/live/cam-1", b"y") == b"media:y"
        with pytest.raises(Conflict) as caught:
            await bus.request("core.invoke", b"")
        assert (caught.value.what, caught.value.where, caught.value.remedy) == ("It changed.", "door:1", "Read it again.")
        with pytest.raises(Unreachable):
            await bus.request("nobody", b"")
        with pytest.raises(Invalid):
            await bus.request("x" * 121, b"")


async def test_time_limits_hold_and_reach_the_owner(site: Site) -> None:
    hub = await site.start_core()
    web, iot = await site.worker("web"), await site.worker("iot")
    given_up = 0

    async def slow(body: bytes) -> bytes:
        nonlocal given_up
        try:
            await asyncio.Event().wait()
        finally:
            given_up += 1
        return b""

    iot.serve("slow", slow)
    await until(lambda: hub._serves.find("slow") is not None)
    for number, bus in enumerate((hub, web, iot), 1):
        with pytest.raises(TimedOut):
            await bus.request("slow", b"", timeout=0.05)
        await until(lambda number=number: given_up == number)  # type: ignore[misc]


async def test_commands_go_to_the_one_owner_and_come_back_as_results(site: Site) -> None:
    hub = await site.start_core()
    web, iot = await site.worker("web"), await site.worker("iot")

    async def by_core(order: Command) -> Result:
        return Result(ok=True, value={"by": "core", "reason": order.reason})

    async def by_iot(order: Command) -> Result:
        if order.entity == "point:bad":
            raise NotFound("No such register.", where=order.entity, remedy="Check the address.")
        if order.entity == "point:broken":
            raise ZeroDivisionError("secret")
        return Result(ok=True, value={"by": "iot"})

    hub.claim(["door:main"], by_core)
    iot.claim(["point:*", "door:*"], by_iot)
    await until(lambda: hub._claims.find("point:1") is not None)
    for bus in (hub, web):
        assert (await bus.command(command("door:main"))).value == {"by": "core", "reason": "test"}
        assert (await bus.command(command("door:other"))).value == {"by": "iot"}
        bad = await bus.command(command("point:bad"))
        assert (bad.ok, bad.code, bad.what, bad.remedy) == (
            False,
            "not-found",
            "point:bad: No such register.",
            "Check the address.",
        )
        broken = await bus.command(command("point:broken"))
        assert broken.code == "internal"
        assert "secret" not in broken.what
        assert (await bus.command(command("camera:1"))).code == "unreachable"


async def test_a_command_that_times_out_is_not_stopped_half_way(site: Site) -> None:
    hub = await site.start_core()
    web, iot = await site.worker("web"), await site.worker("iot")
    go, done = asyncio.Event(), asyncio.Event()

    async def slow(order: Command) -> Result:
        await go.wait()
        done.set()
        return Result(ok=True)

    iot.claim(["door:main"], slow)
    await until(lambda: hub._claims.find("door:main") is not None)
    result = await web.command(command(timeout=0.05))
    assert (result.ok, result.code) == (False, "timed-out")
    go.set()
    await asyncio.wait_for(done.wait(), 60)


async def test_an_owner_that_dies_answers_unreachable_at_once_and_its_successor_takes_over(site: Site) -> None:
    hub = await site.start_core()
    web = await site.worker("web")
    asked = asyncio.Event()

    async def hang(order: Command) -> Result:
        asked.set()
        await asyncio.Event().wait()
        return Result(ok=True)

    async def good(order: Command) -> Result:
        return Result(ok=True)

    iot = await site.worker("iot")
    iot.claim(["door:main"], hang)
    await until(lambda: hub._claims.find("door:main") is not None)
    waiting = asyncio.create_task(web.command(command(timeout=60)))
    await asked.wait()
    await site.stop_worker(1)
    assert (await asyncio.wait_for(waiting, 60)).code == "unreachable"
    await until(lambda: ("iot", False) in site.changes)
    assert (await web.command(command())).code == "unreachable"
    (await site.worker("iot")).claim(["door:main"], good)
    await until(lambda: hub._claims.find("door:main") is not None)
    assert (await web.command(command())).ok


async def test_a_name_has_one_owner(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    hub = await site.start_core()

    async def one(body: bytes) -> bytes:
        return b"one"

    async def two(body: bytes) -> bytes:
        return b"two"

    first, second = await site.worker("media-0"), await site.worker("media-1")
    first.serve("video.find", one)
    await until(lambda: hub._serves.find("video.find") is not None)
    second.serve("video.find", two)
    await until(lambda: "media-1 cannot own video.find (media-0)" in caplog.text)
    assert await hub.request("video.find", b"") == b"one"


async def test_without_core_events_wait_in_the_outbox_in_order_and_nothing_else_is_promised(site: Site) -> None:
    outbox = MemoryOutbox()
    iot, web = site.client("iot", outbox), site.client("web")
    for i in range(5):
        await iot.emit([event(f"i/1/{i}")])
    with pytest.raises(Unreachable):
        await web.emit([event("w/1/1")])
    with pytest.raises(Unreachable):
        await web.request("core.invoke", b"")
    assert (await web.command(command())).code == "unreachable"
    iot.publish("status", b"lost")
    assert len(outbox.items) == 5
    await site.start_core()
    await until(lambda: not iot.spilled)
    await iot.emit([event("i/1/5")])
    assert site.log.keys == [f"i/1/{i}" for i in range(6)]
    assert outbox.items == []


async def test_core_comes_and_goes_and_no_event_is_lost_doubled_or_out_of_order(site: Site) -> None:
    outbox = MemoryOutbox()
    await site.start_core()
    iot, web = await site.worker("iot", outbox), await site.worker("web")
    followed: list[str] = []

    async def follow() -> None:
        async for batch in web.events(after=0):
            followed.extend(one.event.key for one in batch)

    follower = asyncio.create_task(follow())

    async def produce() -> None:
        for i in range(400):
            await iot.emit([event(f"i/1/{i}")])

    producer = asyncio.create_task(produce())
    for _ in range(5):
        await asyncio.sleep(0.03)
        await site.stop_core()
        await asyncio.sleep(0.03)
        await site.start_core()
    await producer
    expected = [f"i/1/{i}" for i in range(400)]
    await until(lambda: not iot.spilled and len(followed) >= 400)
    assert site.log.keys == expected
    assert followed == expected
    follower.cancel()


async def test_what_a_worker_owns_and_follows_is_said_again_after_core_was_away(site: Site) -> None:
    await site.start_core()
    iot = await site.worker("iot")

    async def latest(body: bytes) -> bytes:
        return b"again"

    iot.serve("points.latest", latest)
    status = iot.subscribe("status")
    await site.stop_core()
    hub = await site.start_core()
    await until(lambda: hub._serves.find("points.latest") is not None)
    assert await hub.request("points.latest", b"") == b"again"
    hub.publish("status", b"s")
    assert await anext(aiter(status)) == ("status", b"s")
    status.close()


async def test_core_whose_disk_is_full_gets_the_events_later(site: Site) -> None:
    await site.start_core()
    outbox = MemoryOutbox()
    iot = await site.worker("iot", outbox)
    await until(lambda: not iot.spilled)
    site.log.failure = Unreachable("The disk is full.")
    await iot.emit([event("i/1/1")])
    assert len(outbox.items) == 1
    site.log.failure = None
    await until(lambda: site.log.keys == ["i/1/1"] and not iot.spilled)


async def test_an_event_that_the_log_refuses_is_refused_to_its_maker(site: Site) -> None:
    await site.start_core()
    iot = await site.worker("iot", MemoryOutbox())
    await until(lambda: not iot.spilled)
    site.log.failure = Invalid("The key is empty.", where="key")
    with pytest.raises(Invalid):
        await iot.emit([event("")])
    assert not iot.spilled
