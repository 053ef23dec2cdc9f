"""Exports: what is in the ZIP plays, is what was recorded, and each change of it is found without a server."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from sitewarden.app.verify import examine, verify
from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid
from sitewarden.domain.video.export import CONTEXT, AuditMark, Manifest
from sitewarden.kit.clock import SystemClock
from sitewarden.media.export import Bundle
from sitewarden.media.plan import Plan
from sitewarden.media.recorder import RecorderSettings
from sitewarden.media.worker import Find, MediaWorker
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import Authority, NodeKey, Signer
from sitewarden.net.tls.files import Pair, write_pair
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.media.support import BEGIN, Log, camera, feed, pictures, probe, volume_at

SECOND = 1_000_000
PEM_END = "-----END CERTIFICATE-----\n"


def identity(folder: Path, node: str = "server") -> tuple[Authority, Pair]:
    """Make a site's authority and the identity of one of its nodes."""
    authority = Authority.open(folder)
    key = NodeKey(folder / "node")
    pair = Pair(folder / "node.pem", folder / "node.key")
    write_pair(pair, authority.sign(key.request(node), node), key.pair.key.read_bytes())
    return authority, pair


async def recorded(folder: Path, host: str) -> Plan:
    """Record two stretches with a gap of 3.6 s between them; return what playback would have of both."""
    net = LocalNetwork(Settings.for_test(host), "media-0", folder / "run")
    index, log = SqliteSegmentIndex.open(folder / "segments.db"), Log()
    settings = RecorderSettings(segment_seconds=2.0, min_free_bytes=0)
    worker = MediaWorker(
        net, SystemClock(), index, volume_at(folder / "media"), log.emit, socket=folder / "run" / "live.sock", settings=settings
    )
    task = asyncio.create_task(worker.run())
    await worker.started.wait()
    worker.configure([camera()])
    feed(worker.hub, "lobby", pictures(), range(110))
    worker.hub.lost("lobby", "cable")
    feed(worker.hub, "lobby", pictures(), range(200, 310))
    worker.hub.lost("lobby", "cable")
    while log.types().count("video.segment.sealed") < 6:
        await asyncio.sleep(0.02)
    found = await worker.find(msgspec.msgpack.encode(Find(camera="lobby", start=BEGIN, end=BEGIN + 60 * SECOND)))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await index.close()
    await net.close()
    return msgspec.msgpack.decode(found, type=Plan)


def written(path: Path, plan: Plan, authority: Authority, pair: Pair, node: str = "server") -> Manifest:
    bundle = Bundle()
    certificate = pair.certificate.read_text().partition(PEM_END)[0] + PEM_END

    def parts() -> Iterator[bytes]:
        yield from bundle.recordings("lobby", "Lobby", plan)
        made = Manifest(
            id="1-a", site="Site", node=node, made=BEGIN, by="user:ada", reason="Theft", start=plan.start, end=plan.end,
            cameras=("lobby",), files=tuple(bundle.files), audit=AuditMark(id=7, hash="ab"),
        )  # fmt: skip
        data = msgspec.json.encode(made)
        yield from bundle.finish(data, Signer(pair).sign(CONTEXT + data), certificate, authority.pem.decode())

    path.write_bytes(b"".join(parts()))
    with zipfile.ZipFile(path) as archive:
        return msgspec.json.decode(archive.read("manifest.json"), type=Manifest)


async def test_pieces_play_and_the_gap_is_between_them(tmp_path: Path, host: str) -> None:
    plan = await recorded(tmp_path, host)
    authority, pair = identity(tmp_path / "tls")
    path = tmp_path / "export.zip"
    manifest = written(path, plan, authority, pair)
    assert [round((one.start - BEGIN) / SECOND, 1) for one in manifest.files] == [0.0, 8.0]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    for file in manifest.files:
        found = probe(tmp_path / "out" / file.name)
        assert len(found["frames"]) == 110
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    assert verify(path, tmp_path / "ca.pem", json=False) == 0
    assert verify(path, None, json=True) == 0


def changed(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Write the export anew with other content, as a forger would."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def other_reason(members: dict[str, bytes]) -> None:
    members["manifest.json"] = members["manifest.json"].replace(b"Theft", b"Delft")


def other_picture(members: dict[str, bytes]) -> None:
    name = next(one for one in members if one.endswith(".mp4"))
    data = bytearray(members[name])
    data[-5] ^= 1
    members[name] = bytes(data)


def one_missing(members: dict[str, bytes]) -> None:
    del members[next(one for one in members if one.endswith(".mp4"))]


def one_more(members: dict[str, bytes]) -> None:
    members["lobby/extra.mp4"] = b"x"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (other_reason, "not as it was signed"),
        (other_picture, "SHA-256 is another"),
        (one_missing, "missing"),
        (one_more, "not in its manifest"),
    ],
)
async def test_each_change_is_found(tmp_path: Path, host: str, change: Callable[[dict[str, bytes]], None], what: str) -> None:
    plan = await recorded(tmp_path, host)
    written(tmp_path / "export.zip", plan, *identity(tmp_path / "tls"))
    changed(tmp_path / "export.zip", tmp_path / "forged.zip", change)
    with zipfile.ZipFile(tmp_path / "forged.zip") as archive:
        told = examine(archive, None)
    assert not told["ok"] and any(what in line for line in told["wrong"]), told["wrong"]
    assert verify(tmp_path / "forged.zip", None, json=True) == 1


async def test_who_signs_with_an_authority_of_his_own_is_found_by_the_sites(tmp_path: Path, host: str) -> None:
    plan = await recorded(tmp_path, host)
    written(tmp_path / "forged.zip", plan, *identity(tmp_path / "forger"))
    site, _ = identity(tmp_path / "site")
    (tmp_path / "ca.pem").write_bytes(site.pem)
    with zipfile.ZipFile(tmp_path / "forged.zip") as archive:
        assert examine(archive, None)["ok"]
        told = examine(archive, tmp_path / "ca.pem")
    assert told["wrong"] == ["the certificate is not by the authority that was given, or has run out"]
    written(tmp_path / "other.zip", plan, *identity(tmp_path / "site"), node="another")
    with zipfile.ZipFile(tmp_path / "other.zip") as archive:
        assert "says that it is by another" in examine(archive, tmp_path / "ca.pem")["wrong"][0]


def test_what_is_no_export_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"nothing")
    with pytest.raises(Invalid, match="cannot be read"):
        verify(tmp_path / "a.zip", None, json=False)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("x", b"y")
    with pytest.raises(Invalid, match=r"no manifest\.json"):
        verify(tmp_path / "b.zip", None, json=False)
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 1000)
    with pytest.raises(Invalid, match=r"no manifest\.json"):
        verify(tmp_path / "c.zip", None, json=False)
