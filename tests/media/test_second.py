"""A second stream that fails: its viewers get the first, it is tried again with back-off, and nobody else is touched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera
from sitewarden.media import second
from sitewarden.media.hub import Frame, Hub, Run, Track
from sitewarden.media.second import FIRST, LONGEST, PATIENCE, STEADY, Seconds
from tests.media.support import feed, pictures

SECOND = 1_000_000
LOBBY = Camera(id="lobby", name="Lobby", url="rtsp://h/1", sub_url="rtsp://h/2")


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> int:
        return round(self.at * SECOND)

    def monotonic(self) -> float:
        return self.at


class Eye:
    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.tracks = 0

    def on_track(self, track: Track) -> None:
        self.tracks += 1

    def on_frame(self, frame: Frame) -> None:
        self.frames.append(frame)

    def on_sound(self, run: Run) -> None:
        return

    def on_lost(self, reason: str) -> None:
        return


class Rig:
    def __init__(self) -> None:
        self.clock = Clock()
        self.hub = Hub(self.clock)
        self.seconds = Seconds(self.hub, self.clock)
        self.seconds.configure([LOBBY])

    def picture(self, channel: str, number: int) -> None:
        feed(self.hub, channel, pictures(), [number])

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.001)

    def status(self, state: str, detail: str = "") -> None:
        self.seconds.hear(Status(ref="camera-sub:lobby", state=state, detail=detail, since=self.clock.now()))

    async def pass_(self, seconds: float, channel: str = "") -> None:
        """Let time pass; with a channel, a picture comes each second."""
        for number in range(round(seconds)):
            self.clock.at += 1
            if channel:
                self.picture(channel, number % 50)
            await asyncio.sleep(0.005)


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(second, "LOOK", 0.001)
    yield Rig()


async def test_a_second_stream_that_delivers_is_given(rig: Rig) -> None:
    eye = Eye()
    leave = rig.seconds.subscribe("lobby/sub", eye)
    assert rig.hub.wanted("lobby/sub") and not rig.hub.wanted("lobby")
    await rig.pass_(3 * PATIENCE, "lobby/sub")
    assert len(eye.frames) == 3 * PATIENCE and rig.seconds.instead("lobby") is None
    leave()
    assert not rig.hub.wanted("lobby/sub")


async def test_one_that_is_refused_gives_way_at_once_and_is_left_alone(rig: Rig) -> None:
    rig.picture("lobby", 0)
    eye = Eye()
    leave = rig.seconds.subscribe("lobby/sub", eye)
    rig.status("offline", "the camera refuses: 453 Not Enough Bandwidth")
    assert (eye.tracks, len(eye.frames)) == (1, 1), "the first stream's group of pictures is there at once"
    assert rig.hub.wanted("lobby") and not rig.hub.wanted("lobby/sub")
    instead = rig.seconds.instead("lobby")
    assert instead is not None and instead.reason == "the camera refuses: 453 Not Enough Bandwidth"
    assert instead.until == rig.clock.now() + FIRST * SECOND
    late = Eye()
    rig.seconds.subscribe("lobby/sub", late)()
    assert late.tracks == 1 and not rig.hub.wanted("lobby/sub")
    leave()
    assert not rig.hub.wanted("lobby")


async def test_it_is_tried_again_later_each_time_and_its_viewers_come_back(rig: Rig) -> None:
    eye = Eye()
    leave = rig.seconds.subscribe("lobby/sub", eye)
    pause = FIRST
    for _ in range(8):
        await rig.until(lambda: rig.hub.wanted("lobby/sub"))
        rig.clock.at += PATIENCE + 0.1
        await rig.until(lambda: not rig.hub.wanted("lobby/sub"))
        instead = rig.seconds.instead("lobby")
        assert instead is not None and instead.reason == f"no picture of it came for {PATIENCE:g} s"
        assert instead.until == rig.clock.now() + pause * SECOND
        rig.clock.at += pause - 1
        await asyncio.sleep(0.02)
        assert not rig.hub.wanted("lobby/sub")
        rig.clock.at += 1
        pause = min(2 * pause, LONGEST)
    await rig.until(lambda: rig.hub.wanted("lobby/sub"))
    before = eye.tracks
    rig.picture("lobby/sub", 0)
    assert rig.seconds.instead("lobby") is None and eye.tracks == before + 1
    assert not rig.hub.wanted("lobby") and eye.frames[-1].key
    rig.picture("lobby/sub", 1)
    count = len(eye.frames)
    rig.picture("lobby", 0)
    assert len(eye.frames) == count
    await rig.pass_(STEADY + 5, "lobby/sub")
    rig.clock.at += PATIENCE + 0.1
    await rig.until(lambda: rig.seconds.instead("lobby"))
    assert msgspec.structs.asdict(rig.seconds.instead("lobby"))["until"] == rig.clock.now() + FIRST * SECOND  # type: ignore[arg-type]
    leave()


async def test_a_short_loss_is_waited_for_and_a_changed_address_tried_at_once(rig: Rig) -> None:
    eye = Eye()
    leave = rig.seconds.subscribe("lobby/sub", eye)
    rig.picture("lobby/sub", 0)
    rig.status("offline", "cable cut")
    assert rig.seconds.instead("lobby") is None
    rig.clock.at += PATIENCE + 0.1
    await rig.until(lambda: rig.seconds.instead("lobby"))
    assert rig.seconds.instead("lobby").reason == "cable cut"  # type: ignore[union-attr]
    assert not rig.hub.wanted("lobby/sub")
    rig.seconds.configure([msgspec.structs.replace(LOBBY, sub_url="rtsp://h/3")])
    await rig.until(lambda: rig.hub.wanted("lobby/sub"))
    leave()


async def test_nobody_else_is_touched(rig: Rig) -> None:
    first, eye = Eye(), Eye()
    rig.seconds.subscribe("lobby", first)
    rig.seconds.subscribe("lobby/sub", eye)
    rig.status("offline", "no")
    rig.picture("lobby", 0)
    assert len(first.frames) == len(eye.frames) == 1 and first.tracks == 1
