"""Hostile publishers over real sockets: each costs its own connection, and the camera beside them loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sim.rtmp_publisher import Publisher, play, tags
from sitewarden.config import Settings
from sitewarden.drivers.rtmp import connection, door
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.rtmp import HANDSHAKE
from tests.drivers.rtmp.test_driver import KEY, LIMIT, Rig, clip, until

SHAKEN = b"\x03" + bytes(2 * HANDSHAKE)
HUGE = bytes.fromhex("06 000000 ffffff 09 01000000")


def pieces(*parts: bytes) -> Iterator[bytes]:
    """Yield the parts, and the last one for ever."""
    yield from parts
    while True:
        yield parts[-1]


STRANGERS = {
    "another protocol": pieces(b"GET / HTTP/1.1\r\n\r\n"),
    "a huge length": pieces(SHAKEN + HUGE, bytes(65536)),
    "chunks of a byte": pieces(SHAKEN + bytes.fromhex("02 000000 000004 01 00000000 00000001")),
    "empty messages": pieces(SHAKEN + bytes.fromhex("04 000000 000000 08 01000000"), b"\xc4" * 65536),
    "many chunk streams": pieces(SHAKEN, *(bytes((3 + n,)) + bytes.fromhex("000000 000080 09 01000000 00") for n in range(60))),
    "pictures before it publishes": pieces(SHAKEN, bytes.fromhex("06 000000 000001 09 01000000 00") * 60),
}


@pytest.fixture
async def rig(tmp_path: Path, host: str) -> AsyncIterator[Rig]:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    made = Rig(net, host)
    yield made
    for camera in list(made.running):
        await made.stop(camera)
    await net.close()


async def flood(host: str, sent: Iterator[bytes]) -> None:
    """Send until the server closes the connection."""
    reader, writer = await asyncio.open_connection(host, 1935)
    with contextlib.suppress(ConnectionError):
        for piece in sent:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
            if reader.at_eof() or writer.is_closing():
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(65536), 0.001)
    writer.transport.abort()


async def test_each_costs_its_own_connection_only(rig: Rig) -> None:
    sink = rig.start(stall_seconds=60.0)
    await rig.listening()
    async with rig.encoder() as honest:
        await honest.begin()
        playing = asyncio.create_task(play(honest, clip("h264")))
        await asyncio.wait_for(sink.count(5), LIMIT)
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(*(flood(rig.host, sent) for sent in STRANGERS.values()))
        before = len(sink.units)
        await asyncio.wait_for(sink.count(before + 30), LIMIT)
        playing.cancel()
        assert not sink.losses
    assert [later[1] - earlier[1] for earlier, later in itertools.pairwise(sink.units)] == [3600] * (len(sink.units) - 1)


async def test_a_slow_handshake_ends(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PUBLISH_SECONDS", 0.5)
    rig.start()
    await rig.listening()
    reader, writer = await asyncio.open_connection(rig.host, 1935)
    writer.write(b"\x03")
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), LIMIT) == b""
    writer.close()


async def test_those_who_wait_are_counted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "WAITING_PER_ADDRESS", 3)
    rig.start()
    await rig.listening()
    waiting = [await asyncio.open_connection(rig.host, 1935) for _ in range(3)]
    reader, writer = await asyncio.open_connection(rig.host, 1935)
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), LIMIT) == b""
    for _, one in (*waiting, (reader, writer)):
        one.transport.abort()


async def test_a_publisher_with_the_key_that_sends_a_picture_without_an_end(rig: Rig) -> None:
    sink = rig.start(stall_seconds=60.0)
    await rig.listening()
    async with Publisher(rig.host, 1935, "live/lobby", KEY) as encoder:
        await encoder.begin()
        for tag in itertools.islice(tags(clip("h264")), 5):
            encoder.tag(*tag)
        await asyncio.wait_for(sink.count(4), LIMIT)
        encoder.writer.write(HUGE)
        await until(lambda: bool(sink.losses))
    assert "breaks RTMP: a message of 16777215 bytes" in sink.losses[0]
