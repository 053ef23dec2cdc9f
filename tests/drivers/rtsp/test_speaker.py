"""Speaking through the simulated camera: what it hears is what was said, bit for bit behind G.711."""

from __future__ import annotations

import asyncio
import contextlib
import math
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sim.encode import loop
from sim.rtsp_server import CameraServer
from sim.rtsp_source import LoopSource
from sitewarden.config import Settings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.drivers.rtsp import speaker as speaker_module
from sitewarden.drivers.rtsp.driver import DRIVER, CameraEndpoint
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured, Unavailable
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.g711 import Law, encode
from tests.drivers.rtsp.support import Sink, context

SPEECH = struct.pack("<3600h", *(int(9000 * math.sin(number / 7)) for number in range(3600)))
"""450 ms, no whole number of pieces and packets."""


class Rig:
    def __init__(self, net: LocalNetwork, speaker: str, **options: str) -> None:
        self.source = LoopSource(loop("test", width=320, height=180, fps=25, gop_seconds=0.4, seconds=2.0))
        self.server = CameraServer({"a": self.source}, speaker=speaker, **options)  # type: ignore[arg-type]
        self.net, self.sink = net, Sink()
        self.endpoint: CameraEndpoint
        self._running: asyncio.Task[None]

    async def start(self, **config: str) -> None:
        port = await self.server.start("127.0.0.1", 0)
        settings = {"url": f"rtsp://127.0.0.1:{port}/a", **config}
        self.endpoint = DRIVER.endpoint(EndpointSpec(id="lobby", name="Lobby", config=settings, ref="camera:lobby"))
        self._running = asyncio.create_task(self.endpoint.run(context(self.net, self.sink, [])))
        await until(lambda: bool(self.sink.units))

    async def stop(self) -> None:
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running
        await self.server.stop()

    async def say(self, audio: bytes) -> Result:
        return await self.endpoint.execute(Command(id="1", name="camera.talk", entity="camera:lobby", args={"audio": audio}))


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not done():
            await asyncio.sleep(0.01)


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[LocalNetwork]:
    made = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    yield made
    await made.close()


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
async def test_it_is_heard_as_it_was_said_while_pictures_go_on(
    net: LocalNetwork, law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker_module, "SILENCE", 0.4)
    rig = Rig(net, law, user="ada", password="secret")
    await rig.start(username="ada", password="secret")
    assert (await rig.say(SPEECH[:1600])).ok
    assert (await rig.say(SPEECH[1600:])).ok
    assert rig.server.requests.count("SETUP") == 2, "one session for the pictures, one while it is spoken"
    expected = encode(SPEECH, law)
    await until(lambda: len(rig.server.heard) >= len(expected))
    assert bytes(rig.server.heard) == expected
    seen = len(rig.sink.units)
    await until(lambda: len(rig.sink.units) > seen + 5)
    # Nobody speaks any more: the loudspeaker is given back, and taken again by the next word.
    await until(lambda: "TEARDOWN" in rig.server.requests and len(rig.server.connections) == 1)
    assert (await rig.say(SPEECH[:320])).ok
    await until(lambda: len(rig.server.heard) == len(expected) + 160)
    await rig.stop()


async def test_more_than_a_second_that_waits_loses_its_beginning(net: LocalNetwork) -> None:
    rig = Rig(net, "PCMU")
    await rig.start()
    await rig.say(b"\0\0" * 160)
    pieces = [struct.pack("<h", 1000 * number) * 8000 for number in range(1, 6)]
    for piece in pieces:
        await rig.say(piece)
    last = encode(pieces[-1], "PCMU")
    await until(lambda: rig.server.heard.endswith(last[:4000]))
    assert len(rig.server.heard) < 2 * speaker_module.AHEAD
    await rig.stop()


async def test_a_camera_without_a_loudspeaker_says_so(net: LocalNetwork) -> None:
    rig = Rig(net, "")
    await rig.start()
    with pytest.raises(Misconfigured, match="no loudspeaker"):
        await rig.say(SPEECH)
    await rig.stop()


async def test_a_lost_camera_is_unreachable_and_a_piece_without_speech_invalid(net: LocalNetwork) -> None:
    rig = Rig(net, "PCMA")
    await rig.start()
    with pytest.raises(Invalid):
        await rig.endpoint.execute(Command(id="1", name="camera.talk", entity="camera:lobby"))
    await rig.server.stop()
    with pytest.raises(Unavailable):
        await rig.say(SPEECH)
    await rig.stop()
