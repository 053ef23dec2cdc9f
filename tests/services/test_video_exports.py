"""Who may export recordings and have them multicast; what is signed is what was allowed, by whom it was allowed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sitewarden.codec import children
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.video.export import Converted, ExportedFile, Manifest
from sitewarden.domain.video.model import Segment
from sitewarden.media.multicast import Cast
from sitewarden.media.plan import Plan
from sitewarden.media.worker import Hold
from sitewarden.services.export_queue import KEPT, SILENT
from sitewarden.services.multicast import Multicast
from sitewarden.services.surface.exports import ExportedBytes, ExportQuery, ExportRef, ExportSign, VideoExport
from sitewarden.services.surface.multicast import MulticastHold, MulticastRenew, MulticastStart
from sitewarden.services.video_export import OPEN, VideoExports
from tests.media.support import camera
from tests.services.busses import MemoryBus
from tests.services.house import ADDRESS, House

HOUR = 3_600_000_000


class Site:
    def __init__(self, house: House) -> None:
        self.house = house
        self.bus: Any = MemoryBus()
        self.recorded = True
        self.held: list[Hold] = []
        self.signed: list[bytes] = []
        house.state.audit_head = lambda: (7, "ab")  # type: ignore[method-assign,assignment]
        exports = VideoExports(
            house.state, self.bus, house.subjects, house.clock,
            node="server", site=lambda: "Site", sign=self._sign, certificate="C", authority="A",
        )  # fmt: skip
        house.operations.add(exports.operations())
        multicast = Multicast(house.state, self.bus, house.board, house.subjects, "225.5.10.1", "127.0.0.1")
        house.operations.add(multicast.operations())
        for name in ("yard", "vault"):
            self.bus.serve(f"video.find/{name}", self._find)
            self.bus.serve(f"video.multicast/{name}", self._hold)

    def _sign(self, data: bytes) -> bytes:
        self.signed.append(data)
        return b"s" * 64

    async def _find(self, body: bytes) -> bytes:
        asked = msgspec.msgpack.decode(body)
        one = Segment(
            id="s", camera=asked["camera"], path="x", start=asked["start"], end=asked["end"], bytes=1, codec="avc1.64001f"
        )
        segments = (one,) if self.recorded else ()
        return msgspec.msgpack.encode(Plan(roots={"main": "/"}, start=asked["start"], end=asked["end"], segments=segments))

    async def _hold(self, body: bytes) -> bytes:
        asked = msgspec.msgpack.decode(body, type=Hold)
        self.held.append(asked)
        return msgspec.msgpack.encode(
            Cast(
                camera=asked.camera,
                stream=asked.stream,
                form=asked.form,
                group="225.5.10.1",
                port=1025,
                ttl=1,
                holders=1,
                until=5,
                bytes=0,
                dropped=0,
            )
        )

    async def ask(self, name: str, params: Any, who: Any = None) -> Any:
        return (await self.house.dispatcher.invoke(name, params, who or self.house.ada, ADDRESS)).value


@pytest.fixture
async def site(house: House) -> Site:
    await house.memory.put("camera", camera("yard", area="lab"), camera("vault"))
    return Site(house)


def export(*cameras: str, **changes: Any) -> VideoExport:
    return VideoExport(**{"camera": cameras or ("yard",), "start": 0, "end": HOUR, "reason": "Theft", **changes})


def piece(camera_: str = "yard", start: int = 0, end: int = HOUR) -> ExportedFile:
    return ExportedFile(name="a.mp4", camera=camera_, camera_name="A", start=start, end=end, bytes=1, sha256="00")


async def test_what_was_written_is_signed_and_each_camera_has_its_entries(site: Site) -> None:
    ticket = await site.ask("video.export", export("yard", "vault", "yard"))
    assert [one.camera for one in ticket.cameras] == ["yard", "vault"]
    proof = await site.ask("video.export-sign", ExportSign(id=ticket.id, files=(piece(), piece("vault"))))
    manifest = msgspec.json.decode(proof.manifest, type=Manifest)
    assert (manifest.by, manifest.reason, manifest.cameras, manifest.audit.id) == ("user:ada", "Theft", ("yard", "vault"), 7)
    assert site.signed == [b"sitewarden export 1\0" + proof.manifest]
    told = [entry for entry in site.house.memory.audited if entry.action == "camera.export"]
    assert [entry.entity for entry in told] == ["camera:yard", "camera:vault"] * 2
    assert all(entry.reason == "Theft" for entry in told) and "manifest_sha256" in told[-1].detail
    with pytest.raises(NotFound, match="not being written"):
        await site.ask("video.export-sign", ExportSign(id=ticket.id, files=()))


async def test_one_camera_without_the_right_refuses_the_whole(site: Site) -> None:
    guest = await site.house.person("guest", Grant(action="camera.export", selector="area:lab"))
    assert (await site.ask("video.export", export("yard"), guest)).cameras
    with pytest.raises(Forbidden, match="vault"):
        await site.ask("video.export", export("yard", "vault"), guest)
    nobody = await site.house.person("nobody", Grant(action="camera.playback"))
    with pytest.raises(Forbidden):
        await site.ask("video.export", export("yard"), nobody)


async def test_only_who_began_it_signs_and_only_what_was_allowed(site: Site) -> None:
    ticket = await site.ask("video.export", export("yard"))
    other = await site.house.person("other", Grant(action="camera.export"))
    with pytest.raises(NotFound):
        await site.ask("video.export-sign", ExportSign(id=ticket.id, files=(piece(),)), other)
    for wrong in (piece("vault"), piece(end=HOUR + 1), piece(start=5, end=5)):
        with pytest.raises(Invalid, match="not of this export"):
            await site.ask("video.export-sign", ExportSign(id=ticket.id, files=(wrong,)))
    assert site.signed == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"end": 0}, Invalid),
        ({"end": 8 * 24 * HOUR}, TooLarge),
        ({"reason": "  "}, Invalid),
        ({"camera": ("nowhere",)}, NotFound),
    ],
)
async def test_what_cannot_be_exported_is_refused(site: Site, changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        await site.ask("video.export", export(**changes))


async def test_an_empty_span_is_refused_and_cut_downloads_block_nobody(site: Site) -> None:
    site.recorded = False
    with pytest.raises(NotFound, match="nothing is recorded"):
        await site.ask("video.export", export())
    site.recorded = True
    first = await site.ask("video.export", export())
    for _ in range(OPEN):
        last = await site.ask("video.export", export())
    with pytest.raises(NotFound):
        await site.ask("video.export-sign", ExportSign(id=first.id, files=()))
    assert await site.ask("video.export-sign", ExportSign(id=last.id, files=()))


async def test_a_hold_is_its_users_own_and_needs_its_own_right(site: Site) -> None:
    told = await site.ask("multicast.start", MulticastStart(id="yard", holder="wall"))
    assert told.address == "udp://@225.5.10.1:1025" and "m=video 1025" in told.sdp
    await site.ask("multicast.renew", MulticastRenew(id="yard", holder="wall"))
    await site.ask("multicast.stop", MulticastHold(id="yard", holder="wall"))
    assert [(one.holder, one.seconds, one.begin) for one in site.held] == [
        ("user:ada/wall", 3600, True),
        ("user:ada/wall", 30, False),
        ("user:ada/wall", 0, True),
    ]
    assert {one.stream for one in site.held} == {"main"}
    told_of = [entry.action for entry in site.house.memory.audited if entry.entity == "camera:yard"]
    assert told_of == ["camera.multicast"] * 2, "that a viewer goes on is not told"
    plain = await site.ask("multicast.start", MulticastStart(id="yard", stream="sub"))
    assert plain.stream == site.held[-1].stream == "main", "it has no second stream"
    viewer = await site.house.person("viewer", Grant(action="camera.live"))
    with pytest.raises(Forbidden):
        await site.ask("multicast.start", MulticastStart(id="yard"), viewer)
    with pytest.raises(NotFound):
        await site.ask("multicast.start", MulticastStart(id="nowhere"))


async def test_masks_and_a_watermark_reach_the_ticket_and_nothing_else_is_signed(site: Site) -> None:
    asked = export("yard", "vault", mask=("yard:10:20:30:40.5", "yard:0:0:5:5"), watermark=True)
    ticket = await site.ask("video.export", asked)
    yard, vault = (one.look for one in ticket.cameras)
    masks = ((10.0, 20.0, 30.0, 40.5), (0.0, 0.0, 5.0, 5.0))
    assert (yard.masks, vault.masks) == (masks, ())
    assert yard.mark.left == "Yard" and yard.mark.right.startswith("Site · ")
    plain = (piece(), piece("vault"))
    bare = msgspec.structs.replace(piece(), converted=Converted(masks=masks))
    for wrong in (plain, (bare,)):
        with pytest.raises(Invalid, match="has not the masks"):
            await site.ask("video.export-sign", ExportSign(id=ticket.id, files=wrong))
    done = msgspec.structs.replace(piece(), converted=Converted(masks=masks, watermark="Yard · Site"))
    proof = await site.ask("video.export-sign", ExportSign(id=ticket.id, files=(done,)))
    signed = msgspec.json.decode(proof.manifest, type=Manifest).files[0].converted
    assert signed is not None and signed.masks == masks


@pytest.mark.parametrize("mask", ["vault:0:0:5:5", "yard:90:0:20:5", "yard:0:0:0:5"])
async def test_a_mask_that_cannot_be_is_refused(site: Site, mask: str) -> None:
    with pytest.raises(Invalid, match="mask"):
        await site.ask("video.export", export("yard", mask=(mask,)))


async def test_without_the_extra_masks_are_refused_before_anything_is_written(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "installed", lambda: False)
    with pytest.raises(Unreachable, match="extra"):
        await site.ask("video.export", export("yard", watermark=True))
    assert (await site.ask("video.export", export("yard"))).cameras[0].look is None


async def test_the_queue_shows_how_far_ones_exports_are_and_forgets_them(site: Site) -> None:
    ticket = await site.ask("video.export", export("yard", "vault", end=HOUR))
    (job,) = (await site.ask("export.list", ExportQuery())).items
    assert (job.id, job.by, job.cameras) == (ticket.id, "user:ada", ("yard", "vault"))
    assert (job.state, job.bytes, job.total) == ("writing", 0, 2)
    assert (await site.ask("export.progress", ExportedBytes(id=ticket.id, bytes=0))).go
    await site.ask("video.export-sign", ExportSign(id=ticket.id, files=(piece(),)))
    (job,) = (await site.ask("export.list", ExportQuery())).items
    assert (job.state, job.bytes, job.forgotten) == ("done", 1, job.ended + KEPT)
    site.house.clock.seconds += KEPT / 1_000_000 + 1
    site.house.ada = await site.house.sign_in("ada")
    await site.ask("video.export", export("yard"))
    assert len((await site.ask("export.list", ExportQuery())).items) == 1


async def test_a_cancelled_export_stops_and_is_never_signed(site: Site) -> None:
    ticket = await site.ask("video.export", export("yard"))
    assert (await site.ask("export.cancel", ExportRef(id=ticket.id))).state == "cancelled"
    assert not (await site.ask("export.progress", ExportedBytes(id=ticket.id, bytes=5))).go
    with pytest.raises(Conflict, match="cancelled"):
        await site.ask("video.export-sign", ExportSign(id=ticket.id, files=(piece(),)))
    with pytest.raises(Conflict, match="it is cancelled"):
        await site.ask("export.cancel", ExportRef(id=ticket.id))
    assert site.signed == []
    entry = next(entry for entry in site.house.memory.audited if entry.detail == {"export": ticket.id})
    assert (entry.actor, entry.outcome) == ("user:ada", "done")


async def test_exports_of_others_need_their_right(site: Site) -> None:
    guest = await site.house.person("guest", Grant(action="camera.export"))
    ticket = await site.ask("video.export", export("yard"), guest)
    other = await site.house.person("other", Grant(action="camera.export"))
    assert (await site.ask("export.list", ExportQuery(all=True), other)).items == []
    with pytest.raises(NotFound):
        await site.ask("export.cancel", ExportRef(id=ticket.id), other)
    assert (await site.ask("export.list", ExportQuery())).items == []
    assert [one.by for one in (await site.ask("export.list", ExportQuery(all=True))).items] == ["user:guest"]
    await site.ask("export.cancel", ExportRef(id=ticket.id))


async def test_a_download_of_which_nothing_is_heard_is_cut(site: Site) -> None:
    ticket = await site.ask("video.export", export("yard"))
    site.house.clock.seconds += SILENT / 1_000_000 + 1
    assert [one.state for one in (await site.ask("export.list", ExportQuery())).items] == ["cut"]
    assert (await site.ask("export.progress", ExportedBytes(id=ticket.id, bytes=7))).go
    assert [one.state for one in (await site.ask("export.list", ExportQuery())).items] == ["writing"]
