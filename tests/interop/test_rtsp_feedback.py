"""GStreamer's server as a camera on another computer that multicasts, and as one that takes requests for key frames."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.drivers.rtsp.driver import DRIVER
from sitewarden.drivers.rtsp.session import Session
from sitewarden.net.network import LocalNetwork
from tests.drivers.rtsp.support import Sink, context
from tests.interop.gstreamer import SOURCE, gstreamer, need_gstreamer, record, spec
from tests.interop.test_rtsp_codecs import PICTURES, pipeline, same, sent, steps
from tests.lan import Lan, lan
from tests.media.support import samples

pytestmark = pytest.mark.interop

RARE = (
    SOURCE + "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=9999 ! rtph264pay pt=96 ! "
    "capsfilter caps=application/x-rtp,rtcp-fb-{offer}=true name=pay0"
)
"""One key frame, and no other unless somebody asks for it."""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    need_gstreamer()


@pytest.fixture
def site() -> Iterator[Lan]:
    """A server, in which the test runs, and a camera beside it."""
    with lan({"cameras": ["server", "camera"]}) as made, made["server"].inside():
        yield made


async def test_what_is_multicast_is_recorded_as_it_was_sent(site: Lan, tmp_path: Path) -> None:
    camera = site["camera"]
    net = LocalNetwork(Settings.for_test(site["server"].address), "media-0", tmp_path / "run")
    options = ("multicast=cameras",)
    async with gstreamer(pipeline("h264", "aac"), folder=tmp_path, options=options, on=camera) as port:
        recorded = asyncio.create_task(record(net, tmp_path, port, 60, host=camera.address, transport="multicast", audio=True))
        while len(opened := {line.local for line in net.ledger() if line.port == "camera-multicast"}) < 4:
            assert not recorded.done(), recorded.exception()
            await asyncio.sleep(0.05)
        (segment,), channel = await recorded
    assert all(local.startswith("239.77.1.") for local in opened)
    pictures, sounds = samples(tmp_path / "media" / segment.path)
    assert len(pictures) == channel.frames >= 60 and len(sounds) > 10
    assert same(pictures, sent(tmp_path / "sent0"), PICTURES["h264"])
    assert steps(sounds, b"".join(sent(tmp_path / "sent1"))) <= 2
    assert not net.ledger()
    await net.close()


@pytest.mark.parametrize(("transport", "offer"), [("udp", "nack-pli"), ("tcp", "ccm-fir")])
async def test_a_loss_costs_no_more_than_the_way_to_the_camera_and_back(
    tmp_path: Path, transport: str, offer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Session] = []
    connected = Session.connection_made

    def connection_made(self: Session, to: asyncio.BaseTransport) -> None:
        made.append(self)
        connected(self, to)

    monkeypatch.setattr(Session, "connection_made", connection_made)
    net = LocalNetwork(Settings.for_test("127.0.0.1"), "media-0", tmp_path / "run")
    sink = Sink()
    async with gstreamer(RARE.format(offer=offer), options=("avpf",)) as port:
        running = asyncio.create_task(DRIVER.endpoint(spec(port, transport=transport)).run(context(net, sink, [])))
        async with asyncio.timeout(60):
            await sink.count(10)
            receiver = made[0]._receiver
            assert receiver is not None
            receiver._expected = (receiver._expected - 100) & 0xFFFF
            keys = sum(unit[3] for unit in sink.units)
            while sum(unit[3] for unit in sink.units) == keys:
                assert not running.done(), running.exception()
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert made[0].asked >= 1 and receiver.lost == 100
    await net.close()
