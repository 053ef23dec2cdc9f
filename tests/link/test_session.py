"""Sessions over a socket pair: requests, notices, refusals, time limits, ends."""

from __future__ import annotations

import asyncio

import pytest

from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, TimedOut, TooLarge, TooMany, Unreachable
from sitewarden.link.session import LinkSession
from sitewarden.wire.link import BULK, URGENT, Limits, Notify, Request, Timing
from tests.link.conftest import Join


async def test_hello_makes_both_sides_known(join: Join) -> None:
    a, b = await join()
    peer = await a.opened
    assert (peer.node, peer.role, peer.proven, peer.address) == ("b", "test", True, "unix")
    assert (await b.opened).node == "a"
    assert a.up
    assert b.up
    assert a.connection.capabilities == {"log", "commands"}


async def test_requests_go_both_ways_and_bodies_of_any_size_come_back(join: Join) -> None:
    async def echo(request: Request) -> bytes:
        return request.body[::-1]

    a, b = await join()
    await a.opened
    a.on_request("echo", echo)
    b.on_request("echo", echo)
    for size in (0, 1, 65023, 65024, 65025, 65536, 1_000_003):
        body = bytes(i * 7 % 251 for i in range(size))
        assert await a.request("echo", body) == body[::-1]
        assert await b.request("echo", body) == body[::-1]


async def test_a_refusal_crosses_whole(join: Join) -> None:
    async def refuse(request: Request) -> bytes:
        raise Conflict("The door is in lockdown.", where="door:main", remedy="Lift the lockdown first.")

    async def own(request: Request) -> bytes:
        error = Refusal("Odd.", where="x", remedy="y")
        error.code = "vendor-17"
        raise error

    a, b = await join()
    await a.opened
    b.on_request("refuse", refuse)
    b.on_request("own", own)
    with pytest.raises(Conflict) as caught:
        await a.request("refuse")
    assert (caught.value.what, caught.value.where, caught.value.remedy) == (
        "The door is in lockdown.",
        "door:main",
        "Lift the lockdown first.",
    )
    with pytest.raises(Refusal) as other:
        await a.request("own")
    assert other.value.code == "vendor-17"
    with pytest.raises(NotFound):
        await a.request("nobody")


async def test_a_defect_of_a_handler_is_told_without_its_inside(join: Join, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: Request) -> bytes:
        raise KeyError("secret")

    a, b = await join()
    await a.opened
    b.on_request("broken", broken)
    with pytest.raises(Refusal) as caught:
        await a.request("broken")
    assert caught.value.code == "internal"
    assert "secret" not in str(caught.value)
    assert "broken" in caplog.text


async def test_prefixes_take_the_longest(join: Join) -> None:
    def named(name: bytes):  # type: ignore[no-untyped-def]
        async def handler(request: Request) -> bytes:
            return name + b":" + request.kind.encode()

        return handler

    a, b = await join()
    await a.opened
    b.on_request("", named(b"all"))
    b.on_request("media/", named(b"media"))
    b.on_request("media/live/", named(b"live"))
    b.on_request("media/x", named(b"x"))
    assert await a.request("media/live/cam-1") == b"live:media/live/cam-1"
    assert await a.request("media/find") == b"media:media/find"
    assert await a.request("media/x") == b"x:media/x"
    assert await a.request("points") == b"all:points"


async def test_time_limit_cancels_the_handler_on_the_other_side(join: Join) -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> bytes:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return b""

    a, b = await join()
    await a.opened
    b.on_request("slow", slow)
    with pytest.raises(TimedOut):
        await a.request("slow", timeout=0.05)
    await asyncio.wait_for(cancelled.wait(), 60)
    started.clear()
    cancelled.clear()
    task = asyncio.ensure_future(a.request("slow"))
    await started.wait()
    task.cancel()
    await asyncio.wait_for(cancelled.wait(), 60)


async def test_a_peer_that_dies_answers_unreachable_at_once(join: Join) -> None:
    asked = asyncio.Event()

    async def slow(request: Request) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    a, b = await join()
    await a.opened
    b.on_request("slow", slow)
    task = asyncio.ensure_future(a.request("slow", timeout=60))
    await asked.wait()
    assert b._transport is not None
    b._transport.abort()
    with pytest.raises(Unreachable):
        await asyncio.wait_for(task, 60)
    assert isinstance(await a.closed, Unreachable)
    with pytest.raises(Unreachable):
        await a.request("slow")


async def test_an_orderly_close_has_no_reason(join: Join) -> None:
    a, b = await join()
    await a.opened
    a.close()
    assert await b.closed is None
    assert await a.closed is None


async def test_admit_refuses_with_what_to_do(join: Join) -> None:
    def admit(session: LinkSession) -> None:
        raise Forbidden(f"{session.peer.node} is blocked.", remedy="Unblock it on the controllers page.")

    a, b = await join(listener={"admit": admit})
    with pytest.raises(Forbidden) as caught:
        await a.opened
    assert (caught.value.what, caught.value.remedy) == ("a is blocked.", "Unblock it on the controllers page.")
    with pytest.raises(Forbidden):
        await b.opened


async def test_no_common_version_is_refused(join: Join) -> None:
    from sitewarden.wire.link import Hello

    a, _b = await join()
    del a
    loop = asyncio.get_running_loop()
    import socket

    left, right = socket.socketpair()
    _, old = await loop.create_unix_connection(lambda: LinkSession(Hello(1, 1, "old", "x"), dialler=False), sock=right)
    _, new = await loop.create_unix_connection(lambda: LinkSession(Hello(2, 3, "new", "x"), dialler=True), sock=left)
    with pytest.raises(Refusal) as caught:
        await new.opened
    assert caught.value.code == "version"
    assert "2 to 3" in caught.value.what
    await old.closed


async def test_notices_arrive_in_order_and_a_slow_reader_loses_the_oldest(join: Join) -> None:
    seen: list[bytes] = []
    done = asyncio.Event()

    def take(notice: Notify) -> None:
        seen.append(notice.body)
        if notice.body == b"last":
            done.set()

    a, b = await join(dialler={"limits": Limits(notices=10)})
    await a.opened
    b.on_notify("n", take)
    for i in range(5000):
        a.notify("n", b"%d" % i)
    a.notify("n", b"last")
    await asyncio.wait_for(done.wait(), 60)
    assert seen == [b"%d" % i for i in range(4991, 5000)] + [b"last"]
    assert a.connection.dropped == 4991


async def test_commands_overtake_a_long_answer(join: Join) -> None:
    order: list[str] = []

    async def echo(request: Request) -> bytes:
        return request.body

    a, b = await join()
    await a.opened
    b.on_request("bulk", echo)
    b.on_request("door", echo)
    long = a.call("bulk", bytes(8_000_000), priority=BULK)
    long.add_done_callback(lambda _: order.append("bulk"))
    await asyncio.sleep(0)
    for _ in range(3):
        await a.request("door", b"x", priority=URGENT)
        order.append("door")
    await long
    assert order == ["door"] * 3 + ["bulk"]


async def test_limits_of_our_own_are_refused_before_anything_is_sent(join: Join) -> None:
    async def never(request: Request) -> bytes:
        await asyncio.Event().wait()
        return b""

    a, b = await join(dialler={"limits": Limits(body=1000, pending=2)})
    await a.opened
    b.on_request("never", never)
    with pytest.raises(TooLarge):
        a.call("never", bytes(1001))
    calls = [a.call("never", b"") for _ in range(2)]
    with pytest.raises(TooMany):
        a.call("never", b"")
    for call in calls:
        call.cancel()


async def test_too_many_open_requests_are_answered(join: Join) -> None:
    async def never(request: Request) -> bytes:
        await asyncio.Event().wait()
        return b""

    a, b = await join(listener={"limits": Limits(requests=2)})
    await a.opened
    b.on_request("never", never)
    calls = [a.call("never", b"") for _ in range(2)]
    with pytest.raises(TooMany):
        await a.request("never")
    for call in calls:
        call.cancel()


async def test_heartbeats_keep_a_quiet_link_and_measure_it(join: Join) -> None:
    timing = Timing(hello=5, heartbeat=0.02, idle=5)
    a, _ = await join(dialler={"timing": timing}, listener={"timing": timing})
    await a.opened
    while a.connection.round_trip is None:
        await asyncio.sleep(0.01)
    assert a.up


async def test_silence_ends_the_link() -> None:
    import socket

    from tests.link.conftest import hello

    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    _, session = await loop.create_unix_connection(
        lambda: LinkSession(hello("a"), dialler=True, timing=Timing(hello=0.05)), sock=left
    )
    with pytest.raises(TimedOut):
        await session.opened
    assert isinstance(await session.closed, TimedOut)
    right.close()


async def test_a_violation_closes_and_tells_the_peer(join: Join) -> None:
    a, b = await join()
    await a.opened
    assert a._transport is not None
    a._transport.write(b"\xff\xff\xff\xff")
    reason = await b.closed
    assert isinstance(reason, Invalid)
    told = await a.closed
    assert isinstance(told, Refusal)
    assert told.code == "frame"
