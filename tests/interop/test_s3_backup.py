"""Backups in a bucket, against a server that is not ours: moto's, a mock of S3 that speaks its HTTP."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from sitewarden.app import backup, restore
from sitewarden.app.backup_place import HELD, LOCK, SEALED, Bucket, Held, opened, remote, shelf
from sitewarden.app.places import Places
from sitewarden.app.platform import Platform
from sitewarden.config import BackupSettings, load
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, Unreachable
from sitewarden.media.archive import Archive
from sitewarden.services.secrets import SecretBox
from sitewarden.store.sqlite.fsck import check_all
from sitewarden.store.sqlite.sends import SqliteSends
from sitewarden.wire import backup as form
from tests.app.test_backup import Site, door_event

pytestmark = pytest.mark.interop
SECRET = "kS5tRZ0wJ8hYpQ2mVfXn"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = importlib.import_module("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Cloud(Site):
    """A node whose backups go to a bucket."""

    def __init__(self, folder: Path, endpoint: str, name: str) -> None:
        super().__init__(folder)
        self.where = f"s3://{name}/hq/backups"
        own = BackupSettings(destination=self.where + "/", endpoint=endpoint)
        self.settings = msgspec.structs.replace(self.settings, backup=own)
        self.archive = Archive(remote(self.where, self.settings))

    def take(self, **changes: Any) -> Any:
        return backup.take(self.settings, self.file, self.where, **{"media": False, "passphrase_file": self.words, **changes})

    async def taken(self) -> Any:
        return await asyncio.to_thread(self.take)

    def objects(self) -> dict[str, int]:
        return dict(self.archive.list())


@pytest_asyncio.fixture
async def site(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(form, "_SCRYPT", (1 << 10, 8, 1))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.chdir(tmp_path.parent)
    boto3 = importlib.import_module("boto3")
    name = f"b-{tmp_path.name.replace('_', '-')}"[:60].strip("-").lower()
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=name)
    made = Cloud(tmp_path, endpoint, name)
    platform = Platform(made.settings)
    await platform.bus.emit([door_event(n) for n in range(3000)])
    await platform.close()
    sends = SqliteSends.open(Places.of(made.settings).sends)
    await sends.begin("mimir", 7)
    await sends.sent("mimir", {"flow": 4711})
    await sends.close()
    return made


async def test_a_site_goes_to_a_bucket_and_comes_back_on_a_bare_machine(
    site: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = Places.of(site.settings).pictures
    pictures.mkdir()
    (pictures / "ada.bin").write_bytes(os.urandom(3_000_000))
    first, second = await site.taken(), await site.taken()
    assert first.stored > 3_000_000 > 100_000 > second.stored, "only what is new"
    assert sum(name.startswith("pieces/") for name in site.objects()) == len(set(_pieces(first)) | set(_pieces(second)))
    assert LOCK not in site.objects()
    capsys.readouterr()
    # Nothing but the environment is known here.
    assert backup.listed(site.where, json=True) == 0
    # In one second they stand in no order.
    assert {one["id"] for one in json.loads(capsys.readouterr().out)} == {first.id, second.id}
    given: dict[str, Any] = {"passphrase_file": site.words, "key_file": None, "ca": None, "json": True}
    assert restore.verify(site.where, "", deep=True, **given) == 0
    target = tmp_path / "bare"
    assert restore.restore(site.where, target, "", recordings=True, **given) == 0
    assert check_all(target) == []
    assert (target / "pictures" / "ada.bin").read_bytes() == (pictures / "ada.bin").read_bytes()
    sends = SqliteSends.open(target / "sends.db")
    assert await sends.cursors("mimir") == {"flow": 4711} and await sends.begin("mimir", 99) == 7
    await sends.close()

    piece = max((size, name) for name, size in site.objects().items() if name.startswith("pieces/"))[1]
    whole = site.archive.whole(piece, 1 << 24)
    assert whole
    site.archive.write(piece, whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    assert restore.verify(site.where, "", deep=False, **given) == 1
    with pytest.raises(Invalid):
        restore.restore(site.where, tmp_path / "none", "", recordings=True, **given)
    assert not (tmp_path / "none").exists()
    site.archive.write(piece, whole)
    own = msgspec.structs.replace(site.settings.backup, keep_days=1, keep_weeks=0, keep_months=0)
    assert backup.prune(msgspec.structs.replace(site.settings, backup=own), site.where) > 0
    assert opened(site.where, None).ids() == [second.id]
    assert restore.verify(site.where, "", deep=True, **given) == 0


async def test_what_fails_on_its_way_leaves_the_older_whole_and_the_next_goes_on(
    site: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await site.taken()
    (site.settings.data / "pictures").mkdir()
    (site.settings.data / "pictures" / "x.bin").write_bytes(os.urandom(12 << 20))
    real, sent = Archive.write, []

    def failing(self: Archive, key: str, data: bytes, *, new: bool = False) -> None:
        if key.startswith("pieces/"):
            sent.append(key)
            if len(sent) > 6:
                raise OSError("connection reset")
        real(self, key, data, new=new)

    with monkeypatch.context() as patched:
        patched.setattr(Archive, "write", failing)
        with pytest.raises(Unreachable, match="connection reset"):
            await site.taken()
    assert LOCK not in site.objects()
    repo = opened(site.where, None)
    assert repo.ids() == [first.id] and repo.damage([first.id]) == []
    second = await site.taken()
    assert 0 < second.stored < 10 << 20, "what was sent is not sent again"
    assert opened(site.where, None).damage([second.id]) == []


async def test_one_process_writes_at_a_time_and_a_killed_one_is_not_waited_for_for_ever(site: Cloud) -> None:
    await site.taken()
    held = msgspec.json.encode(Held("another", time.time() + HELD))
    site.archive.write(LOCK, held)
    with pytest.raises(Conflict, match="Another backup"):
        await site.taken()
    assert site.archive.whole(LOCK, 4096) == held
    site.archive.write(LOCK, msgspec.json.encode(Held("another", time.time() - 1)))
    await site.taken()
    assert LOCK not in site.objects() and len(opened(site.where, None).ids()) == 2
    place = shelf(site.where, site.settings)
    assert isinstance(place, Bucket)
    with place.writing():
        place.write("pieces/00/00", b"data")
        site.archive.write(LOCK, held)
        with pytest.raises(Conflict, match="took the bucket over"):
            place.sync()
    assert site.archive.whole(LOCK, 4096) == held, "the lock of another stays"


async def test_keys_are_sealed_in_the_settings_and_refusals_name_none(
    site: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = SecretBox.load(Places.of(site.settings).secrets).seal(SECRET, SEALED).sealed
    own = site.settings.backup
    text = (
        f'data_dir = "{site.settings.data_dir}"\n[backup]\ndestination = "{site.where}"\nendpoint = "{own.endpoint}"\n'
        f'access_key_id = "AKIAEXAMPLE"\nsecret_access_key = "SECRET"\n'
    )
    file = tmp_path / "site.toml"
    file.write_text(text.replace("SECRET", sealed))
    settings = load(file)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    head = await asyncio.to_thread(backup.take, settings, file, site.where, media=False, passphrase_file=site.words)
    assert backup.listed(site.where, file, json=True) == 0
    assert opened(site.where, file).ids() == [head.id]
    with pytest.raises(Unreachable, match="ACCESS_KEY_ID") as missing:
        opened(site.where, None)
    for wrong in (text, text.replace('access_key_id = "AKIAEXAMPLE"\n', "")):
        file.write_text(wrong)
        with pytest.raises(Refusal) as refused:
            load(file)
        assert SECRET not in str(refused.value)
    with pytest.raises(NotFound):
        opened(site.where + "/elsewhere", _write(file, text.replace("SECRET", sealed)))
    with pytest.raises(Unreachable, match="404"):
        await asyncio.to_thread(
            backup.take, settings, file, "s3://no-such-bucket-here/x", media=False, passphrase_file=site.words
        )
    assert sealed not in str(missing.value)


def _write(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


def _pieces(head: form.Head) -> list[bytes]:
    return [head.pieces[at : at + form.ID] for at in range(0, len(head.pieces), form.ID)]
