from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from sitewarden.config import Settings
from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Hub
from sitewarden.media.live_client import VIEWER_BYTES, LiveRelay, Viewer
from sitewarden.media.live_server import LiveServer
from sitewarden.media.live_wire import LiveError, Messages, message
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.fmp4_read import parse_moof
from tests.media.support import feed, pictures, probe


class Rig:
    def __init__(self, net: LocalNetwork, path: Path) -> None:
        self.net = net
        self.path = str(path)
        self.hub = Hub(SystemClock())
        self.server = LiveServer(self.hub, lambda camera: camera == "lobby")
        self.relay = LiveRelay(net)


@pytest.fixture
async def rig(tmp_path: Path, host: str) -> AsyncIterator[Rig]:
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    made = Rig(net, tmp_path / "run" / "live.sock")
    await made.server.start(net, made.path)
    yield made
    await made.relay.close()
    await made.server.close()
    await net.close()


async def take(viewer: Viewer, count: int) -> list[str | bytes]:
    async with asyncio.timeout(60):
        return [await anext(viewer) for _ in range(count)]


async def test_a_viewer_gets_track_then_frames_from_the_last_key_frame(rig: Rig, tmp_path: Path) -> None:
    feed(rig.hub, "lobby", pictures(), range(25))
    viewer = rig.relay.view(rig.path, "lobby")
    head, init, *frames = await take(viewer, 7)
    assert json.loads(head) == {"codec": "avc1.64000c", "width": 320, "height": 180, "audio": ""}
    assert isinstance(init, bytes) and init[4:8] == b"ftyp"
    assert [parse_moof(frame).keys[0] for frame in frames if isinstance(frame, bytes)] == [True, False, False, False, False]
    feed(rig.hub, "lobby", pictures(), range(25, 60))
    frames += await take(viewer, 35)
    out = tmp_path / "live.mp4"
    out.write_bytes(b"".join([init, *[frame for frame in frames if isinstance(frame, bytes)]]))
    assert len(probe(out)["frames"]) == 40
    late = rig.relay.view(rig.path, "lobby")
    again = await take(late, 3)
    assert again[:2] == [head, init]
    assert isinstance(again[2], bytes) and parse_moof(again[2]).keys[0]
    assert len(rig.hub.channel("lobby").subscribers) == 1
    viewer.close()
    late.close()
    while rig.hub.channel("lobby").subscribers:
        await asyncio.sleep(0.01)


async def test_a_screen_that_cannot_show_more_gets_key_frames_alone(rig: Rig) -> None:
    feed(rig.hub, "lobby", pictures(), range(25))
    whole, keys = rig.relay.view(rig.path, "lobby"), rig.relay.view(rig.path, "lobby", keys=True)
    await take(whole, 7)
    feed(rig.hub, "lobby", pictures(), range(25, 85))
    sent = [parse_moof(frame).keys[0] for frame in await take(whole, 60) if isinstance(frame, bytes)]
    _, _, *frames = await take(keys, 3 + sum(sent))
    assert sum(sent) >= 2
    assert all(isinstance(frame, bytes) and parse_moof(frame).keys[0] for frame in frames)
    assert len(rig.hub.channel("lobby").subscribers) == 1, "it is a viewer like the other"
    whole.close()
    keys.close()


async def test_a_camera_that_is_lost_and_back(rig: Rig) -> None:
    feed(rig.hub, "lobby", pictures(), range(12))
    viewer = rig.relay.view(rig.path, "lobby")
    await take(viewer, 4)
    rig.hub.lost("lobby", "cable cut")
    (told,) = await take(viewer, 1)
    assert json.loads(told) == {"lost": "cable cut"}
    feed(rig.hub, "lobby", pictures(), range(15, 25))
    feed(rig.hub, "lobby", pictures(), [30])
    found = await take(viewer, 6)
    assert isinstance(found[0], bytes) and parse_moof(found[0]).keys[0]


async def test_an_unknown_camera_is_told_so(rig: Rig) -> None:
    viewer = rig.relay.view(rig.path, "other")
    (told,) = await take(viewer, 1)
    assert json.loads(told) == {"lost": "there is no such camera"}
    viewer.close()


async def test_a_slow_viewer_loses_whole_groups_only(rig: Rig) -> None:
    feed(rig.hub, "lobby", pictures(), range(10))
    viewer = rig.relay.view(rig.path, "lobby")
    await take(viewer, 12)
    total = sum(len(unit.nals[-1]) for unit in pictures().units)
    rounds = 2 * VIEWER_BYTES // total
    for number in range(10, 10 + int(rounds) * 100, 100):
        feed(rig.hub, "lobby", pictures(), range(number, number + 100))
        await asyncio.sleep(0)
    while not viewer.dropped:
        feed(rig.hub, "lobby", pictures(), range(number, number + 100))
        number += 100
        await asyncio.sleep(0.01)
    frames = [parse_moof(item) for item in await take(viewer, 30) if isinstance(item, bytes) and item[4:8] == b"moof"]
    for earlier, later in itertools.pairwise(frames):
        assert later.keys[0] or later.sequence == earlier.sequence + 1


async def test_a_media_worker_that_restarts_is_dialled_again(rig: Rig) -> None:
    feed(rig.hub, "lobby", pictures(), range(10))
    viewer = rig.relay.view(rig.path, "lobby")
    await take(viewer, 12)
    await rig.server.close()
    rig.hub = Hub(SystemClock())
    rig.server = LiveServer(rig.hub, lambda camera: True)
    await rig.server.start(rig.net, rig.path)
    feed(rig.hub, "lobby", pictures(), range(10))
    found = await take(viewer, 2)
    assert isinstance(found[0], bytes) and found[0][4:8] == b"ftyp"
    assert isinstance(found[1], bytes) and parse_moof(found[1]).keys[0]


@given(st.lists(st.tuples(st.integers(0, 4), st.binary(max_size=50)), max_size=10), st.lists(st.integers(0, 400)))
def test_messages_cut_anywhere(sent: list[tuple[int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(message(kind, body) + body for kind, body in sent)
    found: list[tuple[int, bytes]] = []
    reader = Messages(lambda kind, body: found.append((kind, body)))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for first, last in itertools.pairwise(edges):
        reader.feed(stream[first:last])
    assert found == sent


@pytest.mark.parametrize("hostile", [b"\xff\xff\xff\xff\x01", b"\x00\x00\x00\x01\x09a"])
def test_impossible_messages_are_refused(hostile: bytes) -> None:
    with pytest.raises(LiveError):
        Messages(lambda kind, body: None).feed(hostile)


class Pipe:
    """A sink of bounded room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.got: list[bytes] = []
        self.on_open: Callable[[], None] | None = None

    @property
    def open(self) -> bool:
        return self.room > 0

    def write(self, framed: bytes) -> None:
        self.room -= len(framed)
        self.got.append(framed)

    def read(self, room: int) -> None:
        self.room = room
        if self.on_open is not None:
            self.on_open()


async def test_a_sink_gets_the_same_frames_as_everybody(rig: Rig) -> None:
    feed(rig.hub, "lobby", pictures(), range(10))
    first, second = Pipe(1 << 30), Pipe(1 << 30)
    viewer = rig.relay.view(rig.path, "lobby")
    poured = [rig.relay.view(rig.path, "lobby", sink=sink) for sink in (first, second)]
    items = await take(viewer, 12)
    feed(rig.hub, "lobby", pictures(), range(10, 20))
    items += await take(viewer, 10)
    frames = [Frame(Opcode.TEXT, item.encode()) if isinstance(item, str) else Frame(Opcode.BINARY, item) for item in items]
    assert first.got == [one.serialize(mask=False) for one in frames]
    assert all(one is other for one, other in zip(first.got, second.got, strict=True)), "each frame is made once"
    for one in poured:
        one.close()
        await one.pour(1.0)


async def test_what_a_sink_does_not_take_waits_and_stays_bounded(rig: Rig) -> None:
    feed(rig.hub, "lobby", pictures(), range(10))
    sink = Pipe(1)
    viewer = rig.relay.view(rig.path, "lobby", sink=sink)
    ahead = rig.relay.view(rig.path, "lobby")
    await take(ahead, 12)
    number = 10
    while not viewer.dropped:
        feed(rig.hub, "lobby", pictures(), range(number, number + 100))
        await take(ahead, 100)
        number += 100
    assert len(sink.got) == 1
    sink.read(1 << 30)
    frames = [parse_moof(one[one.index(b"moof") - 4 :]) for one in sink.got if b"moof" in one[:20]]
    assert sink.got[1][2:].endswith(viewer._relay._streams[rig.path, "lobby", "video"][0].init.body)  # type: ignore[union-attr, arg-type]
    assert frames[0].keys[0]
    for earlier, later in itertools.pairwise(frames):
        assert later.keys[0] or later.sequence == earlier.sequence + 1


async def test_a_sink_that_takes_nothing_is_given_up(rig: Rig) -> None:
    feed(rig.hub, "lobby", pictures(), range(10))
    sink = Pipe(1)
    viewer = rig.relay.view(rig.path, "lobby", sink=sink)
    with pytest.raises(TimeoutError):
        await viewer.pour(0.2)
    assert len(sink.got) == 1
