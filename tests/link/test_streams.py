"""Streams over a socket pair: acknowledged records, credit, resume, ends."""

from __future__ import annotations

import asyncio

import pytest

from sitewarden.domain.errors import Forbidden, NotFound, TooLarge, Unreachable
from sitewarden.link.stream import LinkStream
from sitewarden.wire.link import URGENT, Limits, Request
from tests.link.conftest import Join


async def test_a_log_is_uploaded_acknowledged_and_resumed(join: Join) -> None:
    held: list[int] = []

    async def take(stream: LinkStream) -> None:
        stream.accept(index=held[-1] if held else 0)
        while records := await stream.batch():
            held.extend(index for index, _ in records)
            stream.ack(held[-1])

    for last in (100, 250):
        a, b = await join()
        await a.opened
        b.on_stream("log", take)
        stream = a.open_stream("log", b"epoch 1")
        first = None
        await stream.opened()
        for index in range(stream.resume + 1, last + 1):
            first = first or index
            await stream.send(index, b"record %d" % index)
        await stream.wait_acked(last)
        stream.end()
        assert first == (1 if last == 100 else 101)
        assert held == list(range(1, last + 1))


async def test_the_acceptor_may_send_from_where_the_opener_stands(join: Join) -> None:
    async def feed(stream: LinkStream) -> None:
        stream.accept(window=0)
        for index in range(stream.resume + 1, 11):
            await stream.send(index, b"%d" % index)
        await stream.wait_acked(10)

    a, b = await join()
    await a.opened
    b.on_stream("events", feed)
    stream = a.open_stream("events", resume_from=7)
    got: list[tuple[int, bytes]] = []
    while records := await stream.batch():
        got.extend(records)
        stream.ack(got[-1][0])
    assert got == [(8, b"8"), (9, b"9"), (10, b"10")]


async def test_a_reader_that_stops_stops_the_sender(join: Join) -> None:
    ready: asyncio.Future[LinkStream] = asyncio.get_running_loop().create_future()
    end = asyncio.Event()

    async def hold(stream: LinkStream) -> None:
        stream.accept()
        ready.set_result(stream)
        await end.wait()

    async def echo(request: Request) -> bytes:
        return request.body

    a, b = await join(listener={"limits": Limits(window=10_000)})
    await a.opened
    b.on_stream("s", hold)
    b.on_request("echo", echo)
    stream = a.open_stream("s")
    await stream.opened()
    sent = 0
    while stream.try_send(sent + 1, bytes(936)):
        sent += 1
    assert sent == 10
    assert await a.request("echo", b"still", priority=URGENT) == b"still"
    other = await ready
    got = len(await other.batch())
    while got < 25:
        while sent < 25 and stream.try_send(sent + 1, bytes(936)):
            sent += 1
        if got < sent:
            got += len(await other.batch())
        else:
            await asyncio.sleep(0)
    assert sent == got == 25
    end.set()


async def test_records_above_a_frame_travel_in_pieces_and_above_the_limit_are_refused(join: Join) -> None:
    got: list[bytes] = []

    async def take(stream: LinkStream) -> None:
        stream.accept()
        while records := await stream.batch():
            got.extend(body for _, body in records)
            stream.ack(records[-1][0])

    a, b = await join()
    await a.opened
    b.on_stream("s", take)
    stream = a.open_stream("s")
    await stream.opened()
    bodies = [bytes([i]) * 400_000 for i in range(9)]
    for index, body in enumerate(bodies, 1):
        await stream.send(index, body)
    with pytest.raises(TooLarge):
        await stream.send(100, bytes(600_000))
    await stream.wait_acked(9)
    assert got == bodies


async def test_ends_carry_their_reason(join: Join) -> None:
    async def refuse(stream: LinkStream) -> None:
        raise Forbidden("Not for you.", remedy="Ask.")

    a, b = await join()
    await a.opened
    b.on_stream("closed", refuse)
    stream = a.open_stream("closed")
    with pytest.raises(Forbidden):
        await stream.batch()
    unknown = a.open_stream("unknown")
    with pytest.raises(NotFound):
        await unknown.opened()


async def test_a_broken_link_tells_every_waiter(join: Join) -> None:
    async def hold(stream: LinkStream) -> None:
        stream.accept()
        await asyncio.Event().wait()

    a, b = await join()
    await a.opened
    b.on_stream("s", hold)
    stream = a.open_stream("s")
    await stream.opened()
    await stream.send(1, b"x")
    acked = asyncio.ensure_future(stream.wait_acked(1))
    read = asyncio.ensure_future(stream.batch())
    await asyncio.sleep(0)
    assert b._transport is not None
    b._transport.abort()
    for waiter in (acked, read):
        with pytest.raises(Unreachable):
            await asyncio.wait_for(waiter, 60)
    with pytest.raises(Unreachable):
        await stream.send(2, b"y")
