"""Streams that FFmpeg fetches in a child: from a web server (a transport stream, HLS) and from an RTMP server, unit for unit."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from sitewarden.codec import children, demuxing
from sitewarden.config import Settings
from sitewarden.domain.status import Status
from sitewarden.drivers.libav import driver
from sitewarden.drivers.libav.driver import DRIVER
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import DriverError, Misconfigured, Unavailable
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.nal import split_annex_b
from tests.drivers.rtsp.support import Sink, context

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")

LIMIT = 120.0
PICTURES = 50


def ffmpeg(options: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *options.split()], check=True, timeout=LIMIT)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two seconds of film as a transport stream, as HLS and bare."""
    folder = tmp_path_factory.mktemp("films")
    sources = f"-f lavfi -i testsrc2=size=320x240:rate=25 -f lavfi -i sine=sample_rate=44100 -frames:v {PICTURES} -shortest"
    coded = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -x264-params aud=0:slices=1 -pix_fmt yuv420p -c:a aac -ac 1"
    ffmpeg(f"{sources} {coded} {folder}/film.mp4")
    ffmpeg(f"-i {folder}/film.mp4 -map 0:v -c copy -bsf:v h264_mp4toannexb -f h264 {folder}/film.h264")
    ffmpeg(f"-i {folder}/film.mp4 -c copy -f mpegts {folder}/film.ts")
    ffmpeg(f"-i {folder}/film.mp4 -c copy -f hls -hls_time 1 -hls_playlist_type vod {folder}/film.m3u8")
    return folder


class Web:
    """A small web server of a folder; `user` and `password` are asked for where they are set, and it may never answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = ""
        self.dumb = False
        self.asked: list[str] = []

    async def start(self, host: str) -> None:
        self._server = await asyncio.start_server(self._serve, host, 8080)

    async def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split()[1].lstrip("/")
            self.asked.append(path)
            while self.dumb:
                if not await reader.read(1):
                    break
            body = (self.folder / path).read_bytes()
            if self.secret and self.secret not in head:
                writer.write(b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="a"\r\nContent-Length: 0\r\n\r\n')
            else:
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()


class Rig:
    def __init__(self, net: LocalNetwork, host: str, web: Web) -> None:
        self.net, self.host, self.web = net, host, web
        self.sink = Sink()
        self.statuses: list[Status] = []

    async def run(self, url: str, **config: Any) -> DriverError:
        """Run the endpoint once; return what it ended with."""
        spec = EndpointSpec(id="lobby", name="Lobby", config={"url": url, "audio": True, **config}, ref="camera:lobby")
        with pytest.raises(DriverError) as ended:
            async with asyncio.timeout(LIMIT):
                await DRIVER.endpoint(spec).run(context(self.net, self.sink, self.statuses))
        return ended.value


@pytest.fixture
async def rig(tmp_path: Path, host: str, films: Path) -> AsyncIterator[Rig]:
    net, web = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run"), Web(films)
    await web.start(host)
    yield Rig(net, host, web)
    await web.stop()
    assert not net.ledger()
    await net.close()


def slices(films: Path) -> list[bytes]:
    return [nal for nal in split_annex_b((films / "film.h264").read_bytes()) if nal[0] & 0x1F in (1, 5, 6)]


@pytest.mark.parametrize("name", ["film.ts", "film.m3u8"])
async def test_a_web_servers_film_arrives_unit_for_unit(rig: Rig, films: Path, name: str) -> None:
    ended = await rig.run(f"http://{rig.host}:8080/{name}")
    assert isinstance(ended, Unavailable) and "ended" in str(ended)
    assert [nal for unit, *_ in rig.sink.units for nal in unit] == slices(films)
    assert len(rig.sink.units) == PICTURES and [unit[3] for unit in rig.sink.units] == [n % 25 == 0 for n in range(PICTURES)]
    assert rig.sink.audio is not None and (rig.sink.audio.encoding, rig.sink.audio.rate) == ("AAC", 44100)
    assert len(rig.sink.sounds) > 60 and {duration for _, duration, *_ in rig.sink.sounds} == {1024}
    assert rig.sink.losses == [str(ended)]
    if name == "film.m3u8":
        assert len(rig.web.asked) > 2
        # Its pieces come at once, and are let go in their own time.
        assert rig.statuses[-1].data["transport"] == "hls"
        walls = [unit[2] for unit in rig.sink.units]
        assert max(walls) - min(walls) > 1_500_000


async def test_an_rtmp_servers_film_arrives_unit_for_unit(rig: Rig, films: Path) -> None:
    command = f"ffmpeg -v error -re -i {films}/film.mp4 -c copy -f flv -listen 1 rtmp://{rig.host}:1935/live/film"
    server = await asyncio.create_subprocess_exec(*command.split())
    try:
        async with asyncio.timeout(LIMIT):
            while not rig.sink.units:
                await rig.run(f"rtmp://{rig.host}/live/film")
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        await server.wait()
    assert [nal for unit, *_ in rig.sink.units for nal in unit] == slices(films)


async def test_a_refused_password_stops(rig: Rig) -> None:
    rig.web.secret = "Authorization: Basic dXNlcjpyaWdodA=="
    refused = await rig.run(f"http://{rig.host}:8080/film.ts", username="user", password="wrong")
    assert isinstance(refused, Misconfigured) and str(refused) == "the user or the password is refused"
    await rig.run(f"http://{rig.host}:8080/film.ts", username="user", password="right")
    assert len(rig.sink.units) == PICTURES


async def test_a_server_that_never_answers_costs_its_child(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.web.dumb = True
    monkeypatch.setattr(driver, "FIRST_PICTURE", 1.0)
    pids: list[int] = []
    begin: Callable[..., Any] = demuxing.Demuxing.__aenter__

    async def noted(self: demuxing.Demuxing) -> demuxing.Demuxing:
        made: demuxing.Demuxing = await begin(self)
        pids.append(made.pid)
        return made

    monkeypatch.setattr(demuxing.Demuxing, "__aenter__", noted)
    assert "no picture came for 1 s" in str(await rig.run(f"http://{rig.host}:8080/film.ts"))
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


async def test_what_a_playlist_may_not_name(rig: Rig, films: Path) -> None:
    (films / "hostile.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    assert isinstance(await rig.run(f"http://{rig.host}:8080/hostile.m3u8"), Unavailable)
    assert not rig.sink.units


async def test_without_the_extra_it_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "installed", lambda: False)
    refused = await rig.run(f"http://{rig.host}:8080/film.ts")
    assert isinstance(refused, Misconfigured) and "sitewarden[pictures]" in str(refused)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "udp://10.0.0.1:5000", "http://user:secret@10.0.0.1/a.ts", "http:///a", "a b"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"address|user"):
        DRIVER.endpoint(EndpointSpec(id="lobby", name="Lobby", config={"url": url}))
