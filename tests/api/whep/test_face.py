"""WebRTC out over real sockets, with a viewer of the tests' own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sitewarden.api.whep import session as session_module
from sitewarden.domain.identity.model import Grant
from sitewarden.wire import stun
from sitewarden.wire.h264 import Depacketiser
from sitewarden.wire.rtp import SenderReport
from tests.api.whep.player import Player, until
from tests.api.whep.rig import PORT, Rig, playing
from tests.media.support import FPS
from tests.services.house import House

VIDEO, SOUND = 102, 8


@pytest.fixture
async def rig(netns: bool, host: str, house: House, tmp_path: Path, console: Path) -> AsyncIterator[Rig]:
    async with playing(house, tmp_path, host, console) as made:
        yield made


@pytest.fixture
async def player(rig: Rig) -> AsyncIterator[Player]:
    made = Player()
    answer = await made.ask(rig.offers, rig.token)
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == "application/sdp"
    await made.connect()
    await until(lambda: len(made.packets) > 30)
    yield made
    made.close()


def pictures(player: Player) -> list[tuple[int, int, bytes, bool]]:
    return [
        (packet.sequence, packet.timestamp, payload, packet.marker)
        for packet, payload in player.packets
        if packet.payload_type == VIDEO
    ]


async def test_it_begins_with_a_key_frame_and_goes_on_in_order(rig: Rig, player: Player) -> None:
    await until(lambda: len([one for one in pictures(player) if one[3]]) > 2 * FPS)
    found = pictures(player)
    sets = rig.hub.channel("lobby").track
    assert sets is not None
    assert all(one in found[0][2] for one in sets.video.parameter_sets)
    first = found[0][0]
    assert first < 0x8000
    assert [one[0] for one in found] == [first + number for number in range(len(found))]
    shown = list(dict.fromkeys(one[1] for one in found))
    steps = [(after - before) & 0xFFFFFFFF for before, after in itertools.pairwise(shown)]
    # The group that waited is hurried through, then a picture is shown each 40 ms.
    assert all(0 < step < 90_000 // 4 for step in steps)
    assert all(abs(step - 90_000 // FPS) < 900 for step in steps[-20:])
    assert any(isinstance(one, SenderReport) for one in player.reports)
    assert rig.house.memory.audited[-1].action == "camera.live"


async def test_pictures_and_sound_arrive_as_they_were_coded(rig: Rig, player: Player) -> None:
    await until(lambda: any(packet.payload_type == SOUND for packet, _ in player.packets))
    units: list[tuple[list[bytes], bool]] = []
    reader = Depacketiser(lambda nals, time, key, *rest: units.append((list(nals), key)), lambda found: None)
    for number, (_, timestamp, payload, marker) in enumerate(pictures(player)):
        reader.push(payload, 0, len(payload), marker, timestamp, number == 0)
    sent = {bytes(nal) for unit in rig.made.units for nal in unit.nals}
    assert units and all(nal in sent for nals, _ in units for nal in nals)
    sound = next(payload for packet, payload in player.packets if packet.payload_type == SOUND)
    assert len(set(sound)) <= 6 and len(sound) >= 320


async def test_what_was_lost_is_sent_again_once_it_is_asked_for(player: Player) -> None:
    packet = next(one for one, _ in reversed(player.packets) if one.payload_type == VIDEO)
    before = sum(one.sequence == packet.sequence for one, _ in player.packets)
    body = (1).to_bytes(4, "big") + packet.ssrc.to_bytes(4, "big") + packet.sequence.to_bytes(2, "big") + b"\0\0"
    player.tell(b"\x81\xcd\x00\x03" + body)
    await until(lambda: sum(one.sequence == packet.sequence for one, _ in player.packets) == before + 1)


async def test_a_viewer_that_lost_the_picture_gets_the_group_from_its_key_frame(rig: Rig, player: Player) -> None:
    rig.held = True
    await asyncio.sleep(0)
    count = len(pictures(player))
    ssrc = player.packets[0][0].ssrc
    sets = rig.hub.channel("lobby").track
    assert sets is not None
    player.tell(b"\x81\xce\x00\x02" + (1).to_bytes(4, "big") + ssrc.to_bytes(4, "big"))
    await until(lambda: any(sets.video.parameter_sets[0] in one[2] for one in pictures(player)[count:]))
    times = [one[1] for one in pictures(player)]
    assert all((after - before) & 0xFFFFFFFF < 1 << 31 for before, after in itertools.pairwise(times))


async def test_delete_ends_it_for_whoever_began_it_alone(rig: Rig, player: Player) -> None:
    other = await rig.house.person("guard", Grant(action="camera.live", selector="area:lab"))
    url = rig.url + player.location
    async with httpx.AsyncClient(timeout=60) as client:
        headers = {"X-Sitewarden": "1", "Cookie": f"sitewarden_session={other.session}"}
        assert (await client.delete(url, headers=headers)).status_code == 404
        assert (await client.delete(url)).status_code == 401
        mine = {"Authorization": f"Bearer {rig.token}"}
        assert (await client.patch(url, headers=mine)).status_code == 405
        assert rig.face.sessions
        assert (await client.delete(url, headers=mine)).status_code == 204
        assert (await client.delete(url, headers=mine)).status_code == 404
    await until(lambda: player.ended)
    assert not rig.face.sessions and not rig.face._by_address and not rig.face._by_ufrag


async def test_who_does_not_check_any_more_is_let_go(rig: Rig, player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "CONSENT", 0.3)
    await until(lambda: not rig.face.sessions)


async def test_a_viewer_may_move_to_another_address(player: Player) -> None:
    moved = Player()
    moved.answer, moved.dtls = player.answer, player.dtls
    await moved.open()
    moved._keys, moved._inbound = player._keys, player._inbound
    moved.check(nominate=True)
    await until(lambda: len(moved.packets) > 5)
    moved.close()


async def test_what_is_not_signed_gets_no_answer(rig: Rig) -> None:
    player = Player()
    await player.ask(rig.offers, rig.token)
    await player.open()
    player.check(password="x" * 32)
    player.send(b"\x00\x01", b"\x16\xfe\xfd", b"\x80\xc9", b"\xff", player.dtls.step()[0])
    player.check(more=[(stun.ICE_CONTROLLED, bytes(8))])
    await until(lambda: bool(player.answers))
    assert [one.kind for one in player.answers] == [stun.ERROR]
    player.check()
    await until(lambda: len(player.answers) == 2)
    assert player.answers[1].kind == stun.SUCCESS
    assert not player.dtls.done
    player.close()


async def test_who_never_connects_is_let_go(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "CONNECT", 0.2)
    assert (await Player().ask(rig.offers, rig.token)).status_code == 201
    assert rig.face.sessions
    await until(lambda: not rig.face.sessions)


async def test_offers_that_cannot_be_taken_are_refused_with_a_reason(rig: Rig) -> None:
    found = await Player("H263").ask(rig.offers, rig.token)
    assert (found.status_code, found.json()["detail"]) == (422, "the offer takes no H264, which this camera sends")
    assert (await Player().ask(rig.offers, "wrong")).status_code == 401
    async with httpx.AsyncClient(timeout=60, headers={"Authorization": f"Bearer {rig.token}"}) as client:
        plain = await client.post(rig.offers, content="v=0", headers={"Content-Type": "text/plain"})
        assert (plain.status_code, plain.json()["where"]) == (422, "Content-Type")
        broken = await client.post(rig.offers, content=b"\xff\xfe", headers={"Content-Type": "application/sdp"})
        assert (broken.status_code, broken.json()["where"]) == (422, "offer")
        large = await client.post(rig.offers, content=b"v=0\n" * 40000, headers={"Content-Type": "application/sdp"})
        assert large.status_code == 413
    assert not rig.face.sessions


async def test_who_may_not_watch_gets_nothing_and_is_audited(rig: Rig) -> None:
    guard = await rig.house.person("guard", Grant(action="camera.live", selector="area:yard"))
    headers = {"X-Sitewarden": "1", "Cookie": f"sitewarden_session={guard.session}", "Content-Type": "application/sdp"}
    async with httpx.AsyncClient(timeout=60) as client:
        assert (await client.post(rig.offers, content=Player().offer, headers=headers)).status_code == 403
        del headers["X-Sitewarden"]
        assert (await client.post(rig.offers, content=Player().offer, headers=headers)).status_code == 403
    assert rig.house.memory.audited[-1].outcome == "refused: forbidden"


async def test_no_more_viewers_than_the_setting_says(netns: bool, host: str, house: House, tmp_path: Path, console: Path) -> None:
    async with playing(house, tmp_path, host, console, viewers=1) as rig:
        assert (await Player().ask(rig.offers, rig.token)).status_code == 201
        assert (await Player().ask(rig.offers, rig.token)).status_code == 429
        (line,) = [one for one in rig.web.ledger() if one.port == "whep"]
        assert (line.transport, line.local) == ("udp", f"{host}:{PORT}")
