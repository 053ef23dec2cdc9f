"""Motion JPEG over HTTP from a simulated camera, over real sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.encode import Loop, loop
from sim.mjpeg_server import MjpegServer
from sitewarden.config import Settings
from sitewarden.domain.status import Status
from sitewarden.drivers.mjpeg.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured, PeerViolation, Unavailable
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from tests.drivers.rtsp.support import Sink, context


@pytest.fixture(scope="session")
def pictures() -> Loop:
    return loop("test", width=320, height=176, fps=25, gop_seconds=0.4, seconds=2.0, codec="mjpeg")


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[LocalNetwork]:
    made = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    yield made
    await made.close()


def spec(port: int, **config: Any) -> EndpointSpec:
    settings = {"url": f"http://127.0.0.1:{port}/video", **config}
    return EndpointSpec(id="lobby", name="Lobby", config=settings, ref="camera:lobby")


@pytest.mark.parametrize("form", ["sized", "bare", "chunked"])
async def test_pictures_arrive_as_they_were_sent(net: LocalNetwork, pictures: Loop, form: Any) -> None:
    server, sink, statuses = MjpegServer(pictures, 25, form=form), Sink(), list[Status]()
    port = await server.start("127.0.0.1", 0)
    running = asyncio.create_task(DRIVER.endpoint(spec(port)).run(context(net, sink, statuses)))
    await asyncio.wait_for(sink.count(20), 60)
    while not statuses:
        await asyncio.sleep(0.05)
    assert {line.port for line in net.ledger()} == {"camera-http"}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await server.stop()
    sent = [unit.nals[0] for unit in pictures.units]
    assert [unit[0][0] for unit in sink.units] == [sent[number % len(sent)] for number in range(len(sink.units))]
    assert all(unit[3] for unit in sink.units)
    assert all(later[1] > earlier[1] and later[2] >= earlier[2] for earlier, later in itertools.pairwise(sink.units))
    assert [(one.encoding, one.width, one.height) for one in sink.tracks] == [("JPEG", 320, 176)]
    data = statuses[0].data
    assert (data["transport"], data["width"], data["codec"]) == ("http", 320, "mp4v.6C") and data["bitrate"] > 0
    assert sink.losses and not net.ledger()


@pytest.mark.parametrize("scheme", ["digest", "basic"])
async def test_passwords(net: LocalNetwork, pictures: Loop, scheme: str) -> None:
    server, sink = MjpegServer(pictures, 25, user="admin", password="right: one", scheme=scheme), Sink()
    port = await server.start("127.0.0.1", 0)
    running = asyncio.create_task(
        DRIVER.endpoint(spec(port, username="admin", password="right: one")).run(context(net, sink, []))
    )
    await asyncio.wait_for(sink.count(1), 60)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with pytest.raises(Misconfigured, match="refuses the user or the password"):
        await DRIVER.endpoint(spec(port, username="admin", password="wrong")).run(context(net, sink, []))
    with pytest.raises(Misconfigured, match="asks for a user"):
        await DRIVER.endpoint(spec(port)).run(context(net, sink, []))
    await server.stop()


async def test_a_hung_camera_is_found_and_one_that_comes_back_gives_one_event_each(net: LocalNetwork, pictures: Loop) -> None:
    server, sink, events = MjpegServer(pictures, 25), Sink(), list[Any]()
    port = await server.start("127.0.0.1", 0)
    supervisor = Supervisor(context(net, sink, [], events), lambda name: DRIVER, backoff=lambda: Backoff(0.05, 0.2))
    await supervisor.reconcile([("mjpeg", spec(port, stall_seconds=1.5))])
    async with asyncio.timeout(60):
        await sink.count(5)
        while len(events) < 1:
            await asyncio.sleep(0.05)
        server.frozen = True
        while len(events) < 2:
            await asyncio.sleep(0.05)
        assert sink.losses == ["the camera sent no picture for 1.5 s"]
        server.frozen = False
        while len(events) < 3:
            await asyncio.sleep(0.05)
    await supervisor.close()
    await server.stop()
    assert [event.type for event in events] == ["camera.online", "camera.offline", "camera.online"]


@pytest.mark.parametrize(
    ("answer", "kind", "complaint"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", PeerViolation, "text/html"),
        (b"\x80\x00\x01", PeerViolation, "no HTTP"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", Unavailable, "check the path"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://other/\r\n\r\n", Misconfigured, "moved to http://other/"),
        (b"", Unavailable, "closed the connection"),
    ],
)
async def test_what_is_no_stream(net: LocalNetwork, answer: bytes, kind: type[Exception], complaint: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(kind, match=complaint):
            await DRIVER.endpoint(spec(port)).run(context(net, Sink(), []))


@pytest.mark.parametrize("url", ["rtsp://h/a", "http://u:p@h/a", "http://h/a\r\nX: y", "http://h:99999/"])
def test_settings_that_cannot_work(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        DRIVER.endpoint(EndpointSpec(id="x", name="X", config={"url": url}))
    assert "u:p" not in str(caught.value)
