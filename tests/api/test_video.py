from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from sitewarden.api.application import WebSettings, create_app
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.errors import NotFound
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.video.model import Camera
from sitewarden.media import keyframes
from sitewarden.media import playback as playback_module
from sitewarden.media.live_wire import DELTA, HEAD, INIT, KEY, message
from sitewarden.media.plan import Plan
from sitewarden.media.playback import Film
from sitewarden.net.interfaces import Network
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.video import CameraRef, PlaybackRange, VideoTicket
from tests.api.serving import serving
from tests.services.house import House


class UnixOnly:
    """The part of a Network that live viewing uses."""

    async def dial_unix(self, port: str, factory: Callable[[], Any], path: str) -> Any:
        assert port == "live"
        return await asyncio.get_running_loop().create_unix_connection(factory, path)


class Worker:
    """A media worker's socket that sends one group of pictures."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(json.loads(await reader.readline())["camera"])
        head = b'{"codec":"avc1.64001f","width":64,"height":48}'
        for kind, body in ((HEAD, head), (INIT, b"init"), (KEY, b"key"), (DELTA, b"delta")):
            writer.write(message(kind, body) + body)
        await reader.read()
        writer.close()


@pytest.fixture
async def worker(tmp_path: Path, house: House) -> AsyncIterator[Worker]:
    made = Worker(tmp_path / "media-0.sock")

    async def live(caller: Caller, params: CameraRef) -> VideoTicket:
        return VideoTicket(camera=params.id, socket=str(made.path))

    async def playback(caller: Caller, params: PlaybackRange) -> Plan:
        return Plan(roots={"main": "/none"}, start=params.start, end=params.end, segments=())

    def entity(asked: CameraRef | PlaybackRange) -> str:
        return f"camera:{asked.id}"

    house.operations.add(
        [
            Operation("video.live", "camera.live", CameraRef, VideoTicket, live, entity=lambda asked: f"camera:{asked.id}"),
            Operation(
                "video.playback", "camera.playback", PlaybackRange, Plan, playback, entity=lambda asked: f"camera:{asked.id}"
            ),
        ]
    )
    await house.memory.put("camera", Camera(id="front", name="Front", url="rtsp://192.0.2.1/", area="lab"))
    server = await asyncio.start_unix_server(made.answer, made.path)
    yield made
    server.close()


@pytest.fixture
async def address(netns: bool, host: str, house: House, worker: Worker, console: Path) -> AsyncIterator[str]:
    app = create_app(cast("Bus", house.bus), WebSettings(console=console), cast("Network", UnixOnly()))
    async with serving(app, host):
        yield f"{host}:8600/api/v1/cameras/front"


async def test_two_viewers_share_one_stream_and_each_look_is_audited(address: str, house: House, worker: Worker) -> None:
    cookie = {"Cookie": f"sitewarden_session={house.ada.session}"}
    async with connect(f"ws://{address}/live", additional_headers=cookie) as one:
        head = json.loads(await asyncio.wait_for(one.recv(), 60))
        assert (head["codec"], head["width"]) == ("avc1.64001f", 64)
        assert [await asyncio.wait_for(one.recv(), 60) for _ in range(3)] == [b"init", b"key", b"delta"]
        async with connect(f"ws://{address}/live", additional_headers=cookie) as two:
            await asyncio.wait_for(two.recv(), 60)
            assert await asyncio.wait_for(two.recv(), 60) == b"init"
    assert worker.asked == ["front"]
    looked = [entry for entry in house.memory.audited if entry.action == "camera.live"]
    assert [(entry.actor, entry.entity, entry.outcome) for entry in looked] == [("user:ada", "camera:front", "done")] * 2


async def test_a_viewer_without_the_right_is_told_and_audited(address: str, house: House) -> None:
    person = await house.person("guard", Grant(action="camera.live", selector="area:yard"))
    cookie = {"Cookie": f"sitewarden_session={person.session}"}
    async with connect(f"ws://{address}/live", additional_headers=cookie) as client:
        assert json.loads(await client.recv())["error"]["status"] == 403
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    assert house.memory.audited[-1].outcome == "refused: forbidden"


async def test_playback_streams_and_is_audited(address: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(plan: Plan) -> Film:
        pieces = iter([b"%d-%d" % (plan.start, plan.end), *[bytes([n]) * 100_000 for n in range(10)]])
        return Film(start=4, codecs="avc1.64001f,flac", pieces=pieces)

    monkeypatch.setattr(playback_module, "film", made)
    async with httpx.AsyncClient(timeout=60, cookies={"sitewarden_session": house.ada.session}) as client:
        answer = await client.get(f"http://{address}/playback.mp4?start=5&end=9")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == 'video/mp4; codecs="avc1.64001f,flac"'
    assert answer.headers["x-sitewarden-start"] == "4"
    assert answer.content == b"5-9" + b"".join(bytes([n]) * 100_000 for n in range(10))
    assert house.memory.audited[-1].action == "camera.playback"


async def test_nothing_recorded_is_a_problem_before_the_first_byte(
    address: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(plan: Plan) -> Film:
        raise NotFound("nothing is recorded in this span", where="start")

    monkeypatch.setattr(playback_module, "film", nothing)
    async with httpx.AsyncClient(timeout=60, cookies={"sitewarden_session": house.ada.session}) as client:
        answer = await client.get(f"http://{address}/playback.mp4?start=5&end=9")
        assert (answer.status_code, answer.json()["where"]) == (404, "start")
        assert (await client.get(f"http://{address}/playback.mp4?start=x&end=9")).status_code == 422
        assert (await client.get(f"http://{address}/playback.mp4")).status_code == 422


async def test_key_frames_are_played_as_they_were_asked_for(address: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(plan: Plan, *, backward: bool, every: int) -> Film:
        return Film(start=plan.end, codecs="avc1.64001f", pieces=iter([b"%d %d" % (backward, every)]))

    monkeypatch.setattr(keyframes, "film", made)
    async with httpx.AsyncClient(timeout=60, cookies={"sitewarden_session": house.ada.session}) as client:
        span = f"http://{address}/playback.mp4?start=5&end=9&frames=keys"
        answer = await client.get(f"{span}&direction=backward&every=125000")
        assert (answer.content, answer.headers["x-sitewarden-start"]) == (b"1 125000", "9")
        assert (await client.get(span)).content == b"0 0"
        assert (await client.get(f"{span}&direction=sideways")).status_code == 422
        assert (await client.get(f"{span}&every=-1")).status_code == 422
