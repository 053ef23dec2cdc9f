"""A site is backed up while it changes, restored elsewhere and compared; what is wrong, cut off or changed is refused."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from sitewarden.app import backup, restore
from sitewarden.app.homes import open_homes, server_of
from sitewarden.app.places import Places
from sitewarden.app.platform import Platform
from sitewarden.config import BackupSettings, Database, Settings
from sitewarden.domain.clock import DAY
from sitewarden.domain.entities import KINDS
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.video.model import Segment
from sitewarden.kit.clock import SystemClock
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import Authority
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.store.backup.repository import Repo
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.postgres import PostgresSampleStore
from sitewarden.store.postgres.schema import prepare
from sitewarden.store.sqlite import SqliteSampleReader, SqliteSegmentIndex
from sitewarden.store.sqlite.fsck import check_all
from sitewarden.wire import backup as form
from tests.e2e.site import ENVIRONMENT
from tests.store.samples_of import samples

WORDS = "four words of mine"
CAMERA, AREA, TOKEN = MESSAGES["camera"], MESSAGES["area"], MESSAGES["token"]


class Site:
    """A node's platform in a directory, and where its backups go."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=str(folder / "data"), bind="127.0.0.1")
        self.file = folder / "sitewarden.toml"
        self.file.write_text(f'node = "server"\ndata_dir = "{folder / "data"}"\n')
        self.destination = folder / "backups"
        self.words = folder / "words"
        self.words.touch(mode=0o600)
        self.words.write_text(WORDS)

    def take(self, **changes: Any) -> Any:
        given = {"media": False, "passphrase_file": self.words, **changes}
        return backup.take(self.settings, self.file, self.destination, **given)

    def restore(self, target: Path, **changes: Any) -> int:
        given = {"recordings": True, "passphrase_file": self.words, "key_file": None, "ca": None, "json": True, **changes}
        return restore.restore(self.destination, target, given.pop("id", ""), **given)

    def verify(self, **changes: Any) -> int:
        given = {"deep": False, "passphrase_file": self.words, "key_file": None, "ca": None, "json": True, **changes}
        return restore.verify(self.destination, "", **given)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(form, "_SCRYPT", (1 << 10, 8, 1))
    return Site(tmp_path)


def door_event(number: int) -> Event:
    return Event(key=f"gate/1/{number}", type="door.opened", entity="door:gate", time=number + 1, related=("camera:yard",))


async def ask(platform: Platform, operation: str, **params: Any) -> Any:
    found = platform.operations.get(operation)
    assert found is not None
    return (await platform.local.invoke(operation, found.params(**params), Credentials(), "cli", "")).value


async def test_a_site_that_changes_is_backed_up_restored_and_the_same(site: Site, tmp_path: Path) -> None:
    platform = Platform(site.settings)
    await platform.identity.prepare()
    await platform.identity.create_first_administrator("ada", "correct horse battery")
    relay = asyncio.create_task(platform.state.run())
    await ask(platform, "camera.create", body=CAMERA.input(name="Yard", url="rtsp://192.0.2.1/", password="s3cret-of-yard"))
    token = (await ask(platform, "token.create", body=TOKEN.input(name="Panel", user="ada"))).token
    (Places.of(site.settings).pictures).mkdir()
    (Places.of(site.settings).pictures / "ada.bin").write_bytes(os.urandom(3_000_000))
    stop = asyncio.Event()

    async def live() -> None:
        number = 0
        while not stop.is_set():
            await ask(platform, "area.create", body=AREA.input(name=f"Area {number}", id=f"a{number}"))
            await platform.bus.emit([door_event(n) for n in range(number * 20, number * 20 + 20)])
            number += 1

    living = asyncio.create_task(live())
    try:
        heads = [await asyncio.to_thread(site.take) for _ in range(3)]
    finally:
        stop.set()
        await living
    await platform.state.deliver(platform.bus.emit)
    every = {one.seq: one for one in await platform.log.read(EventFilter(after=0, limit=10_000))}
    audit = {one.id: one.hash for one in await platform.state.audit_page(limit=10_000)}
    documents = {(kind, held.entity.id): held for kind in KINDS for held in platform.state.list(kind)}
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    await platform.close()
    assert heads[0].stored > 3_000_000 > 1_000_000 > heads[1].stored, "only what is new"

    for head in heads:
        target = tmp_path / "elsewhere" / head.id
        target.parent.mkdir(exist_ok=True)
        assert site.restore(target, id=head.id) == 0
        assert check_all(target) == []
        assert str(target) in (target / "sitewarden.toml").read_text()
        assert (target / "pictures" / "ada.bin").read_bytes() == (site.settings.data / "pictures" / "ada.bin").read_bytes()
        new = Platform(Settings(data_dir=str(target), bind="127.0.0.1"))
        try:
            await new.identity.prepare()
            found = await new.log.read(EventFilter(after=0, limit=10_000))
            assert found and all(every[one.seq] == one for one in found), "events up to the moment, as they were"
            assert not await new.state.verify_chain()
            number, digest = new.state.audit_head()
            assert audit[number] == digest
            held = {(kind, one.entity.id): one for kind in KINDS for one in new.state.list(kind)}
            assert all(documents[key].entity == one.entity for key, one in held.items() if key[0] != "role")
            areas = sum(kind == "area" for kind, _ in held)
            await new.state.deliver(new.bus.emit)
            log = await new.log.read(EventFilter(types=("config.created",), limit=10_000))
            assert sum(one.event.entity.startswith("area:") for one in log) == areas, "each change has its event, once"
            camera = new.state.get("camera", "yard")
            assert camera is not None
            assert new.secrets.open(camera.entity.password, "camera:yard/password") == "s3cret-of-yard"  # type: ignore[attr-defined]
            assert (await new.identity.authenticate(Credentials(token=token), "192.0.2.7")).actor == "user:ada"
            assert new.authority.fingerprint == platform.authority.fingerprint
        finally:
            await new.close()


@pytest_asyncio.fixture
async def stored(site: Site) -> Site:
    platform = Platform(site.settings)
    await platform.bus.emit([door_event(n) for n in range(3000)])
    await platform.close()
    return site


async def test_wrong_passphrases_and_changed_backups_are_refused_and_nothing_is_put_in_place(
    stored: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = stored.take()
    target, other = tmp_path / "new", tmp_path / "other"
    other.touch(mode=0o600)
    other.write_text("another passphrase")
    with pytest.raises(Forbidden, match="passphrase is wrong"):
        stored.restore(target, passphrase_file=other)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(Conflict, match="not empty"):
        stored.restore(tmp_path / "full")
    assert stored.verify() == stored.verify(deep=True) == 0
    pieces = sorted((stored.destination / "pieces").glob("??/*"), key=lambda path: path.stat().st_size)
    backup_file = next((stored.destination / "backups").glob("*.backup"))
    for path, damage in (
        (pieces[-1], lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:]),
        (pieces[-1], lambda data: data[:-1]),
        (pieces[-1], lambda data: pieces[0].read_bytes()),
        (pieces[0], lambda data: None),
        (backup_file, lambda data: data[: len(data) // 2]),
        (backup_file, lambda data: data.replace(b"server", b"sErver")),
    ):
        whole = path.read_bytes()
        changed = damage(whole)  # type: ignore[no-untyped-call]
        path.unlink() if changed is None else path.write_bytes(changed)
        with pytest.raises((Invalid, Forbidden)):
            stored.restore(target)
        assert stored.verify(deep=True) == 1
        assert not target.exists() and not list(tmp_path.glob("*.restoring")), "nothing is left of it"
        path.write_bytes(whole)
    strange = tmp_path / "strange.pem"
    strange.write_bytes(Authority.open(tmp_path / "strange-tls").pem)
    with pytest.raises(Refusal):
        stored.restore(target, ca=strange)
    assert stored.restore(target, ca=stored.settings.data / "tls" / "ca.pem", id=head.id) == 0
    capsys.readouterr()


async def test_a_killed_backup_leaves_the_older_whole_and_the_next_goes_on(stored: Site, tmp_path: Path) -> None:
    first = stored.take()
    (stored.settings.data / "pictures").mkdir()
    (stored.settings.data / "pictures" / "x.bin").write_bytes(os.urandom(12 << 20))
    script = f"""
import os, signal
from pathlib import Path
from sitewarden.app import backup
from sitewarden.config import Settings
from sitewarden.store.backup.repository import Repo
real, count = Repo.put, [0]
def put(self, piece, data, *, squeeze):
    count[0] += not self.has(piece.id)
    if count[0] == 7:
        (Path(self.where) / "pieces" / ".part-cut").write_bytes(data[:100])
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, piece, data, squeeze=squeeze)
Repo.put = put
settings = Settings(data_dir={str(stored.settings.data)!r}, bind="127.0.0.1")
backup.take(settings, None, Path({str(stored.destination)!r}), media=False)
"""
    killed = subprocess.run([sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    repo = Repo.open(stored.destination)
    assert repo.ids() == [first.id] and stored.verify(deep=True) == 0
    second = stored.take()
    assert 0 < second.stored < 10 << 20, "what the killed one stored is not stored again"
    assert not list(stored.destination.rglob(".part-*"))
    assert stored.restore(tmp_path / "new") == 0


async def test_recordings_come_along_on_request_and_are_gaps_otherwise(stored: Site, tmp_path: Path) -> None:
    media = stored.settings.data / "media"
    (media / "yard").mkdir(parents=True)
    index = SqliteSegmentIndex.open(stored.settings.data / "segments-0.db")
    segments = []
    for number in range(4):
        path = f"yard/{number}.mp4"
        (media / path).write_bytes(os.urandom(100_000))
        start = number * 60_000_000
        segments.append(
            Segment(
                id=f"s{number}",
                camera="yard",
                path=path,
                start=start,
                end=start + 60_000_000,
                bytes=100_000,
                codec="avc1.64001f",
                sealed=True,
            )
        )
    await index.add(segments)
    without, with_ = stored.take(), stored.take(media=True)
    again = stored.take(media=True)
    assert with_.stored > 400_000 and again.stored < 100_000
    await index.close()
    assert stored.restore(tmp_path / "a", id=with_.id) == 0
    assert (tmp_path / "a" / "media" / "yard" / "3.mp4").read_bytes() == (media / "yard" / "3.mp4").read_bytes()
    for name, given in (("b", {"id": without.id}), ("c", {"id": with_.id, "recordings": False})):
        assert stored.restore(tmp_path / name, **given) == 0
        restored = SqliteSegmentIndex.open(tmp_path / name / "segments-0.db")
        assert await restored.find("yard", 0, 1 << 60) == []
        (gap,) = await restored.gaps("yard", 0, 1 << 60)
        assert (gap.start, gap.end, gap.reason) == (0, 240_000_000, "deleted") and "backup" in gap.detail
        await restored.close()


async def test_a_key_in_place_of_a_passphrase_and_a_repository_that_was_changed(stored: Site, tmp_path: Path) -> None:
    key = tmp_path / "key"
    backup.key(key)
    public = form.public_text(form.public_of(form.read_key(key.read_text())))
    stored.take(passphrase_file=None, public=public)
    stored.take(passphrase_file=None)
    with pytest.raises(Forbidden):
        stored.restore(tmp_path / "new")
    assert stored.restore(tmp_path / "new", key_file=key, passphrase_file=None) == 0
    file = stored.destination / "sitewarden-backup.json"
    told = msgspec.json.decode(file.read_bytes(), type=form.Repository)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(told, public=form.public_of(form.new_key()))))
    with pytest.raises(Forbidden, match="somebody changed it"):
        stored.take(passphrase_file=None)


async def test_old_backups_go_and_the_others_stay_whole(stored: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 1_780_000_000_000_000
    for day in range(5):
        with monkeypatch.context() as clock:
            clock.setattr(backup.time, "time_ns", lambda day=day: (made + day * DAY) * 1000)
            (stored.settings.data / "pictures").mkdir(exist_ok=True)
            (stored.settings.data / "pictures" / "p.bin").write_bytes(os.urandom(1 << 20))
            stored.take()
    own = BackupSettings(destination=str(stored.destination), keep_days=2, keep_weeks=0, keep_months=0)
    freed = backup.prune(msgspec.structs.replace(stored.settings, backup=own), stored.destination)
    assert freed > 3 << 20
    assert len(Repo.open(stored.destination).ids()) == 2 and stored.verify(deep=True) == 0
    stored.destination = stored.settings.data / "backups"
    with pytest.raises(Invalid, match="lies in the data directory"):
        stored.take()
    stored.words.chmod(0o644)
    with pytest.raises(Refusal, match="Others may read"):
        backup.passphrase(stored.words)


async def test_a_site_in_a_database_is_backed_up_while_it_changes(site: Site, database: str, tmp_path: Path) -> None:
    site.settings = Settings(data_dir=str(tmp_path / "data"), bind="127.0.0.1", database=Database(url=database))
    site.file.write_text(site.file.read_text() + f'[database]\nurl = "{database}"\n')
    network = LocalNetwork(site.settings, "core")
    server = server_of(site.settings, network)
    await prepare(server)
    store = await PostgresSampleStore.open(server, Places.of(site.settings).samples_journal)
    platform = Platform(site.settings, None, await open_homes(site.settings, network, SystemClock()))
    await platform.identity.prepare()
    stop = asyncio.Event()

    async def live() -> None:
        number = 0
        while not stop.is_set():
            await ask(platform, "area.create", body=AREA.input(name=f"Area {number}", id=f"a{number}"))
            await platform.bus.emit([door_event(n) for n in range(number * 20, number * 20 + 20)])
            await store.append(samples(("flow", number, float(number)), ("level", number, number)))
            if number % 10 == 5:
                await store.seal(everything=True)
            number += 1

    living = asyncio.create_task(live())
    try:
        async with asyncio.timeout(60):
            while platform.log.head() < 60:
                await asyncio.sleep(0.02)
        heads = [await asyncio.to_thread(site.take) for _ in range(2)]
    finally:
        stop.set()
        await living
    every = {one.seq: one for one in await platform.log.read(EventFilter(after=0, limit=10_000))}
    documents = {(kind, held.entity.id): held for kind in KINDS for held in platform.state.list(kind)}
    flow = (await store.range("flow", 0, 1 << 60, 100_000)).values
    (tmp_path / "data" / "events-journal.db").touch()
    with pytest.raises(Conflict, match="has not taken everything"):
        await asyncio.to_thread(site.take)
    (tmp_path / "data" / "events-journal.db").unlink()
    await platform.close()
    await store.close()
    await network.close()
    for head in heads:
        target = tmp_path / head.id
        assert await asyncio.to_thread(site.restore, target, id=head.id) == 0
        assert check_all(target) == []
        assert "postgresql" not in (target / "sitewarden.toml").read_text()
        new = Platform(Settings(data_dir=str(target), bind="127.0.0.1"))
        try:
            found = await new.log.read(EventFilter(after=0, limit=10_000))
            assert found and all(every[one.seq] == one for one in found)
            assert not await new.state.verify_chain()
            held = {(kind, one.entity.id): one for kind in KINDS for one in new.state.list(kind)}
            assert held and all(documents[key].entity == one.entity for key, one in held.items())
        finally:
            await new.close()
        reader = SqliteSampleReader(target / "samples.db")
        values = (await reader.raw("flow", 0, 1 << 60, 100_000)).values
        assert values == flow[: len(values)]
        await reader.close()
