"""Multicast distribution: one port a stream, sent once, while somebody holds it; ffmpeg and VLC play it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes.util
import itertools
import json
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import MulticastSettings, Settings
from sitewarden.domain.errors import NotFound, TooMany
from sitewarden.kit.clock import SystemClock
from sitewarden.media import multicast
from sitewarden.media.hub import Hub
from sitewarden.media.multicast import DATAGRAM, Multicast, address, describe
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.mpegts_read import Demuxer
from tests.media.support import FPS, feed, pictures

GROUP = "225.5.10.1"
pytestmark = pytest.mark.usefixtures("netns")


class Rig:
    def __init__(self, tmp_path: Path, span: tuple[int, int] = (1025, 65534), **settings: Any) -> None:
        self.clock = SystemClock()
        self.hub = Hub(self.clock)
        self.net = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
        self.casts = Multicast(self.hub, self.net, self.clock, GROUP, MulticastSettings(**settings), span)
        self.fed = 0

    def show(self, count: int, camera: str = "lobby") -> None:
        """Have the camera send so many further frames."""
        feed(self.hub, camera, pictures(), range(self.fed, self.fed + count))
        self.fed += count


@pytest.fixture
def routed(netns: bool) -> None:
    """Have players that choose no interface join on the loopback one."""
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    subprocess.run(["ip", "route", "add", "224.0.0.0/4", "dev", "lo"], check=True)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    await made.net.close()


def joined(port: int) -> socket.socket:
    """Join as a viewer on this computer does."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind((GROUP, port))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1"))
    sock.setblocking(False)
    return sock


async def received(sock: socket.socket, count: int) -> list[bytes]:
    """Return datagrams until `count` frames' worth came or a second passed without one."""
    found: list[bytes] = []
    loop = asyncio.get_running_loop()
    demuxer, frames = Demuxer(), 0
    while frames < count:
        datagram = await asyncio.wait_for(loop.sock_recv(sock, 2048), 60)
        found.append(datagram)
        payload = datagram[12:] if datagram[0] == 0x80 else datagram if datagram[0] == 0x47 else b""
        frames += len(demuxer.feed(payload))
        if payload and len(payload) < DATAGRAM:
            frames += len(demuxer.flush())
    return found


async def test_every_frame_arrives_as_it_was_with_its_parameter_sets(rig: Rig) -> None:
    cast = rig.casts.hold("lobby", "mpegts", "ada", 30)
    with joined(cast.port) as sock:
        rig.show(25)
        datagrams = await received(sock, 25)
    assert {len(one) for one in datagrams[:-1]} <= {188 * n for n in range(1, 8)}
    demuxer = Demuxer()
    found = [pes for one in datagrams for pes in demuxer.feed(one)] + demuxer.flush()
    made = pictures()
    assert (demuxer.lost, demuxer.bad, len(found)) == (0, 0, 25)
    for number, pes in enumerate(found):
        nals = [nal for nal in pes.data.split(b"\0\0\0\1") if nal][1:]
        unit = made.units[number % len(made.units)]
        wanted = [nal for nal in unit.nals if nal[0] & 31 not in (7, 8)]
        assert [nal for nal in nals if nal[0] & 31 not in (7, 8)] == wanted
        assert ([nal[0] & 31 for nal in nals][:2] == [7, 8]) == unit.key == pes.random_access
    steps = {b.pts - a.pts for a, b in itertools.pairwise(found)}
    assert steps == {90_000 // FPS}


async def test_it_is_sent_once_and_ends_with_its_last_holder(rig: Rig) -> None:
    first = rig.casts.hold("lobby", "mpegts", "ada", 30)
    second = rig.casts.hold("lobby", "mpegts", "eve", 30)
    assert (first.port, second.port, second.holders) == (1025, 1025, 2)
    assert [line.remote for line in rig.net.ledger()] == [f"{GROUP}:1025"]
    rig.casts.hold("lobby", "mpegts", "ada", 0)
    assert rig.casts.casts("lobby")[0].holders == 1
    rig.casts.hold("lobby", "mpegts", "eve", 0)
    assert rig.casts.casts() == [] and rig.net.ledger() == []
    with pytest.raises(NotFound, match="not sent"):
        rig.casts.hold("lobby", "mpegts", "eve", 30, begin=False)


async def test_a_second_stream_has_a_port_of_its_own(rig: Rig) -> None:
    main = rig.casts.hold("lobby", "mpegts", "ada", 30)
    second = rig.casts.hold("lobby", "mpegts", "ada", 30, which="sub")
    assert [(one.camera, one.stream, one.port) for one in (main, second)] == [("lobby", "main", 1025), ("lobby", "sub", 1026)]
    assert rig.hub.wanted("lobby/sub"), "the driver opens it only while somebody wants it"
    with joined(main.port) as large, joined(second.port) as small:
        rig.show(12, "lobby/sub")
        assert len(await received(small, 12)) > 0
        with pytest.raises(BlockingIOError):
            large.recv(2048)
    assert len(rig.casts.casts("lobby")) == 2
    rig.casts.hold("lobby", "mpegts", "ada", 0, which="sub")
    assert not rig.hub.wanted("lobby/sub") and rig.casts.casts("lobby")[0].stream == "main"
    rig.casts.drop("lobby")
    assert rig.casts.casts() == []


async def test_a_hold_that_is_not_renewed_runs_out(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multicast, "SWEEP", 0.02)
    task = asyncio.create_task(rig.casts.run())
    rig.casts.hold("lobby", "mpegts", "ada", 0.2)
    rig.casts.hold("yard", "rtp", "ada", 60)
    while rig.casts.casts("lobby"):
        await asyncio.sleep(0.02)
    assert [cast.camera for cast in rig.casts.casts()] == ["yard"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert rig.net.ledger() == []


async def test_ports_count_up_skip_what_is_in_use_and_wrap(tmp_path: Path) -> None:
    rig = Rig(tmp_path, span=(65530, 65534))
    other = LocalNetwork(Settings.for_test("127.0.0.1"), "media-1", tmp_path / "run")
    taken = other.cast("media-multicast", 65532, group=GROUP)
    ports = [rig.casts.hold(f"c{number}", "mpegts", "ada", 60).port for number in range(3)]
    rig.casts.hold("c0", "mpegts", "ada", 0)
    ports += [rig.casts.hold(name, "mpegts", "ada", 60).port for name in ("c3", "c4")]
    assert ports == [65530, 65531, 65533, 65534, 65530]
    with pytest.raises(Exception, match="is held by media"):
        rig.casts.hold("c5", "mpegts", "ada", 60)
    taken.close()
    assert rig.casts.hold("c5", "mpegts", "ada", 60).port == 65532
    await rig.net.close()
    await other.close()


async def test_limits_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(tmp_path, streams=1)
    rig.casts.hold("a", "mpegts", "ada", 60)
    with pytest.raises(TooMany, match="streams"):
        rig.casts.hold("b", "mpegts", "ada", 60)
    monkeypatch.setattr(multicast, "HOLDERS", 1)
    with pytest.raises(TooMany, match="viewers"):
        rig.casts.hold("a", "mpegts", "eve", 60)
    assert rig.casts.hold("a", "mpegts", "ada", 60).holders == 1
    await rig.net.close()


async def test_rtp_has_its_header_and_reports_on_the_same_port(rig: Rig) -> None:
    cast = rig.casts.hold("lobby", "rtp", "ada", 30)
    with joined(cast.port) as sock:
        rig.show(12)
        datagrams = await received(sock, 12)
    rtp = [one for one in datagrams if one[1] & 0x7F == 33]
    reports = [one for one in datagrams if one[1] == 200]
    numbers = [struct.unpack_from(">H", one, 2)[0] for one in rtp]
    assert numbers == [(numbers[0] + place) & 0xFFFF for place in range(len(rtp))]
    assert len({one[8:12] for one in (*rtp, *[b"\0" * 4 + report for report in reports])}) == 1
    assert len(reports) == 1 and reports[0][28 + 1] == 202


async def test_a_key_frame_that_fills_many_datagrams_leaves_in_steps_and_whole(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multicast, "BURST", 2 * DATAGRAM)
    cast = rig.casts.hold("lobby", "mpegts", "ada", 30)
    with joined(cast.port) as sock:
        rig.show(15)
        assert rig.casts.casts("lobby")[0].bytes <= 2 * DATAGRAM
        datagrams = await received(sock, 15)
    demuxer = Demuxer()
    assert len([pes for one in datagrams for pes in demuxer.feed(one)] + demuxer.flush()) == 15
    assert demuxer.lost == 0


async def test_what_the_network_does_not_take_costs_whole_groups_of_pictures(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multicast, "BURST", DATAGRAM)
    monkeypatch.setattr(multicast, "MOST_WAITING", 3000)
    cast = rig.casts.hold("lobby", "mpegts", "ada", 30)
    datagrams: list[bytes] = []
    with joined(cast.port) as sock:
        for _ in range(4):
            rig.show(10)
            sent = -1
            while sent != (sent := rig.casts.casts("lobby")[0].bytes):
                await asyncio.sleep(0.1)
        with contextlib.suppress(BlockingIOError):
            while True:
                datagrams.append(sock.recv(2048))
    assert rig.casts.casts("lobby")[0].dropped == 4
    demuxer = Demuxer()
    found = [pes for one in datagrams for pes in demuxer.feed(one)] + demuxer.flush()
    assert [pes.random_access for pes in found].count(True) == 4
    assert 4 <= len(found) < 40 and demuxer.lost == 0


async def playing(rig: Rig, process: asyncio.subprocess.Process) -> str:
    """Feed frames at their pace until the player ends; return what it printed."""
    ended = asyncio.create_task(process.communicate())
    while not ended.done():
        rig.show(1)
        await asyncio.sleep(1 / FPS)
    out, complaints = await ended
    assert process.returncode == 0, complaints
    return out.decode()


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="Debian's ffmpeg is not installed")
@pytest.mark.parametrize(("form", "how"), [("mpegts", "address"), ("rtp", "address"), ("rtp", "sdp")])
async def test_ffprobe_joins(routed: None, rig: Rig, tmp_path: Path, form: Any, how: str) -> None:
    cast = rig.casts.hold("lobby", form, "ada", 60)
    place = f"{address(cast).replace('@', '')}?localaddr=127.0.0.1"
    if how == "sdp":
        place = str(tmp_path / "lobby.sdp")
        Path(place).write_text(describe(cast, "Lobby", "127.0.0.1"))
    process = await asyncio.create_subprocess_exec(
        *("ffprobe", "-v", "error", "-protocol_whitelist", "file,udp,rtp", "-show_streams", "-show_frames"),
        *("-read_intervals", "%+#20", "-of", "json", place),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    found = json.loads(await playing(rig, process))
    assert found["streams"][0]["codec_name"] == "h264" and found["streams"][0]["width"] == 320
    assert len(found["frames"]) >= 10


@pytest.mark.skipif(ctypes.util.find_library("vlc") is None, reason="Debian's libvlc5 is not installed")
async def test_vlc_plays_it(routed: None, rig: Rig) -> None:
    cast = rig.casts.hold("lobby", "mpegts", "ada", 60)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.interop.vlc_player", address(cast), "40", "20"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    found = json.loads(await playing(rig, process))
    assert found["displayed_pictures"] >= 20 and found["demux_corrupted"] == 0, found
