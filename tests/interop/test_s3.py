"""A bucket as a volume, against a server that is not ours: moto's, a mock of S3 that speaks its HTTP."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitewarden.app.volumes import contents, place_of, volumes
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Refusal
from sitewarden.domain.video.model import Segment
from sitewarden.domain.video.volumes import Remote, VolumeSpec
from sitewarden.kit.clock import SystemClock
from sitewarden.media import archive, marker
from sitewarden.media.arrival import sweep
from sitewarden.media.hub import Hub
from sitewarden.media.moving import Mover
from sitewarden.media.plan import Plan
from sitewarden.media.playback import stream
from sitewarden.media.retention import Keep
from sitewarden.media.survey import survey
from sitewarden.services.secrets import SecretBox
from sitewarden.store.sqlite.fsck import check_all
from tests.media.support import camera, feed, pictures
from tests.media.volume_rig import EVER, SECOND, Rig

pytestmark = pytest.mark.interop
DAY = 86_400 * SECOND
SECRET = "kS5tRZ0wJ8hYpQ2mVfXn"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = importlib.import_module("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    boto3 = importlib.import_module("boto3")
    keys = tmp_path / "s3.toml"
    keys.write_text(f'access_key_id = "AKIAEXAMPLE"\nsecret_access_key = "{SECRET}"\n')
    keys.chmod(0o600)
    name = f"site-{tmp_path.name.replace('_', '-')}"[:60].strip("-").lower()
    boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    ).create_bucket(Bucket=name)
    return Remote(endpoint=endpoint, bucket=name, region="us-east-1", prefix="hq/video", credentials=str(keys))


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path)
    yield made
    await made.index.close()


def spec(bucket: Remote, **more: Any) -> VolumeSpec:
    return VolumeSpec(id="cloud", path=f"{bucket.endpoint}/{bucket.bucket}", tier="archive", remote=bucket, **more)


async def recorded(rig: Rig, bucket: Remote) -> tuple[Mover, list[Segment], bytes]:
    """Record three files three days ago; return what moves them, and what they play as."""
    recorder = await rig.start(rig.spec("disk", keep_days=2), spec(bucket))
    recorder.configure([camera("hall")])
    feed(rig.hub, "hall", pictures(), range(150), wall=SystemClock().now() - 3 * DAY)
    await rig.stop()
    segments = await rig.index.find("hall", *EVER)
    assert {one.volume for one in segments} == {"disk"}, "nothing is recorded on a bucket"
    played = play(rig, segments)
    rig.hub = Hub(SystemClock())
    recorder = await rig.start(rig.spec("disk", keep_days=2), spec(bucket))
    recorder.configure([camera("hall")])
    await rig.hold()
    return recorder.upkeep.mover, segments, played


def play(rig: Rig, segments: list[Segment]) -> bytes:
    volumes = rig.recorder.volumes
    plan = Plan(
        roots=volumes.roots(),
        remotes=volumes.remotes(),
        start=segments[0].start,
        end=segments[-1].end,
        segments=tuple(segments),
    )
    return b"".join(stream(plan))


async def test_what_is_old_moves_to_the_bucket_plays_from_there_and_is_deleted_there(rig: Rig, bucket: Remote) -> None:
    mover, before, played = await recorded(rig, bucket)
    content = {one.path: (rig.root("disk") / one.path).read_bytes() for one in before}
    assert await mover.step() == 3
    after = await rig.index.find("hall", *EVER)
    assert [one.volume for one in after] == ["cloud"] * 3 and rig.files("disk") == []
    store = archive.archive(bucket)
    kept = dict(store.list())
    assert kept.pop(marker.NAME) and kept == {path: len(data) for path, data in content.items()}
    assert b"".join(store.read(before[0].path, before[0].bytes)) == content[before[0].path]
    assert play(rig, after) == play(rig, before) == played
    cloud = next(one for one in (await survey(rig.recorder)).volumes if one.id == "cloud")
    assert (cloud.state, cloud.held, cloud.tier) == ("ok", sum(map(len, content.values())), "archive")
    silent = check_all(rig.folder, {"disk": rig.root("disk")}, listed={"cloud": dict(store.list())})
    assert silent == []
    short = {path: size for path, size in store.list() if path != before[1].path} | {"hall/2020-01-01/1.mp4": 5}
    found = [one.what for one in check_all(rig.folder, {"disk": rig.root("disk")}, listed={"cloud": short})]
    assert len(found) == 2 and "missing on the volume cloud" in found[0] and "in no index" in found[1]
    retention = rig.recorder.upkeep.retention
    await retention.by_age({"hall": Keep(days=1.0)}, SystemClock().now())
    assert [path for path, _ in store.list()] == [marker.NAME] and await rig.index.find("hall", *EVER) == []
    await rig.stop()


async def test_a_copy_that_reads_back_differently_stays_where_it_was(
    rig: Rig, bucket: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    mover, before, _ = await recorded(rig, bucket)
    real = archive.Archive.read

    def rotten(self: archive.Archive, key: str, size: int) -> Iterator[bytes]:
        yield from (data[:-1] + b"?" for data in real(self, key, size))

    monkeypatch.setattr(archive.Archive, "read", rotten)
    assert await mover.step() == 0
    monkeypatch.undo()
    assert await rig.index.find("hall", *EVER) == before and len(rig.files("disk")) == 3
    assert [path for path, _ in archive.archive(bucket).list()] == [marker.NAME]
    await rig.until("system.volume.stays")
    await rig.stop()


async def test_a_server_that_is_gone_is_told_and_no_secret_with_it(
    rig: Rig, bucket: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    lost = Remote(endpoint="http://127.0.0.1:9", bucket="b", region="us-east-1", credentials=bucket.credentials, prefix=SECRET)
    recorder = await rig.start(rig.spec("disk"), spec(lost))
    recorder.configure([camera("hall")])
    feed(rig.hub, "hall", pictures(), range(60))
    await rig.until("system.volume.gone")
    cloud = recorder.volumes.disks["cloud"]
    assert cloud.gone and not recorder.full, "recording goes on without it"
    row = Segment(id="hall/1", camera="hall", path="hall/2025-01-01/1.mp4", start=1, end=2, bytes=5, codec="avc1", volume="cloud")
    _, gaps = recorder.volumes.readable([row])
    assert gaps[0].reason == "volume-gone"
    await rig.stop()
    told = caplog.text + "".join(str(one) for one in rig.log.events)
    assert "cloud" in told and SECRET not in told


async def test_what_a_bucket_does_not_delete_is_kept_as_a_leftover_told_and_tried_again(
    rig: Rig, bucket: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    mover, before, _ = await recorded(rig, bucket)
    assert await mover.step() == 3
    store = archive.archive(bucket)
    real, tried, barred = archive.Archive.delete, [], {before[0].path, before[1].path}

    def refuse(self: archive.Archive, keys: list[str]) -> None:
        tried.extend(keys)
        if barred & set(keys):
            raise OSError(f"the bucket {bucket.bucket}: AccessDenied")
        real(self, keys)

    monkeypatch.setattr(archive.Archive, "delete", refuse)
    upkeep = rig.recorder.upkeep
    await upkeep.retention.by_age({"hall": Keep(days=1.0)}, SystemClock().now())
    assert await rig.index.find("hall", *EVER) == [], "nobody sees them any more"
    assert await rig.index.leftovers("cloud") == sorted(barred)
    assert sorted(path for path, _ in store.list()) == sorted([marker.NAME, *barred])
    cloud = rig.recorder.volumes.disks["cloud"]
    for _ in range(3):
        await sweep(cloud, rig.index)
    await rig.until("system.volume.undeleted")
    state = next(one for one in (await survey(rig.recorder)).volumes if one.id == "cloud")
    assert state.undeleted == 2 and "AccessDenied" in state.undeleted_detail
    assert check_all(rig.folder, {"disk": rig.root("disk")}, listed={"cloud": dict(store.list())}) == []
    # One that can be deleted is, though another is not; and a process that begins anew knows of both.
    barred.remove(before[0].path)
    await rig.stop()
    rig.hub = Hub(SystemClock())
    recorder = await rig.start(rig.spec("disk", keep_days=2), spec(bucket))
    cloud = recorder.volumes.disks["cloud"]
    await sweep(cloud, rig.index)
    assert await rig.index.leftovers("cloud") == [before[1].path]
    barred.clear()
    await sweep(cloud, rig.index)
    await rig.until("system.volume.deleted")
    assert [path for path, _ in store.list()] == [marker.NAME] and await rig.index.leftovers("cloud") == []
    assert rig.log.types().count("system.volume.undeleted") == 2 and not cloud.left
    await rig.stop()


async def test_a_process_that_ends_between_index_and_bucket_leaves_nothing_behind(
    rig: Rig, bucket: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    mover, _, _ = await recorded(rig, bucket)
    assert await mover.step() == 3

    class Killed(BaseException):
        pass

    def killed(self: archive.Archive, keys: list[str]) -> None:
        raise Killed

    monkeypatch.setattr(archive.Archive, "delete", killed)
    with pytest.raises(Killed):
        await rig.recorder.upkeep.retention.by_age({"hall": Keep(days=1.0)}, SystemClock().now())
    monkeypatch.undo()
    assert len(await rig.index.leftovers("cloud")) == 3 and await rig.index.find("hall", *EVER) == []
    await sweep(rig.recorder.volumes.disks["cloud"], rig.index)
    assert [path for path, _ in archive.archive(bucket).list()] == [marker.NAME]
    await rig.stop()


async def test_another_bucket_is_not_taken_for_this_one(bucket: Remote) -> None:
    first = archive.look(spec(bucket), None)
    assert not first.problem and not archive.look(spec(bucket), first.known).problem
    assert "another one" in archive.look(spec(bucket), marker.Known(mark="x", own=True)).problem
    other = VolumeSpec(id="other", path="s3", tier="archive", remote=bucket)
    assert "marked as the volume cloud" in archive.look(other, None).problem
    assert "marked as the volume cloud" in archive.asked(other) and archive.asked(spec(bucket)) == ""
    assert contents([other])[1]["other"].endswith(f"({marker.NAME})") and list(contents([spec(bucket)])[0]) == ["cloud"]
    archive.archive(bucket).delete([marker.NAME])
    assert "bears no mark" in archive.look(spec(bucket), first.known).problem


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ('access_key_id = "a"\nsecret_access_key = "b"', 0o644, "read by other users"),
        ('access_key_id = "a"', 0o600, "must say access_key_id and secret_access_key"),
        ('access_key_id = "a"\nsecret_access_key = "b"\nx = "c"', 0o600, "must say"),
        ("{", 0o600, "is not TOML"),
    ],
)
def test_credentials_that_cannot_be_used_are_refused(tmp_path: Path, text: str, mode: int, told: str) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(OSError, match=told):
        archive.credentials(str(file))


def test_keys_stand_in_the_environment(bucket: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    with pytest.raises(OSError, match=r"neither SITEWARDEN_S3_CLOUD_2_ACCESS_KEY_ID and .* nor AWS_"):
        archive.credentials("env:cloud-2")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "all")
    with pytest.raises(OSError, match="AWS_SECRET_ACCESS_KEY is not set"):
        archive.credentials("env:cloud-2")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "t")
    whole = {"access_key_id": "all", "secret_access_key": SECRET, "session_token": "t"}
    assert archive.credentials("env:cloud-2") == whole
    monkeypatch.setenv("SITEWARDEN_S3_CLOUD_2_ACCESS_KEY_ID", "own")
    monkeypatch.setenv("SITEWARDEN_S3_CLOUD_2_SECRET_ACCESS_KEY", "k")
    assert archive.credentials("env:cloud-2") == {"access_key_id": "own", "secret_access_key": "k"}
    store = archive.Archive(msgspec.structs.replace(bucket, credentials="env:cloud-2"))
    assert store.write_mark("cloud-2") == store.mark()


def node(tmp_path: Path, bucket: Remote, *lines: str, **environ: str) -> Settings:
    """The settings of a node with this bucket, whose credentials are these lines."""
    file = tmp_path / "sitewarden.toml"
    about = ['tier = "archive"', f'bucket = "{bucket.bucket}"', f'endpoint = "{bucket.endpoint}"', *lines]
    file.write_text("\n".join(['data_dir = "data"', "[volumes.cloud]", *about]))
    return load(file, environ)


def test_a_key_in_the_settings_is_sealed_for_its_node_and_its_volume(tmp_path: Path, bucket: Remote) -> None:
    keys = tmp_path / "data" / "keys"
    keys.mkdir(parents=True)
    box = SecretBox.load(keys / "secrets.key")
    sealed = box.seal(SECRET, place_of("cloud")).sealed
    settings = node(tmp_path, bucket, 'access_key_id = "AKIA"', f'secret_access_key = "{sealed}"')
    cloud = next(one for one in volumes(settings) if one.id == "cloud")
    assert cloud.remote is not None and cloud.remote.credentials == "sealed:cloud" and SECRET not in repr((settings, cloud))
    assert archive.credentials("sealed:cloud") == {"access_key_id": "AKIA", "secret_access_key": SECRET}
    store = archive.Archive(cloud.remote)
    assert store.write_mark("cloud") == store.mark()
    moved = box.seal(SECRET, place_of("other")).sealed
    volumes(node(tmp_path, bucket, 'access_key_id = "AKIA"', f'secret_access_key = "{moved}"'))
    with pytest.raises(OSError, match=r"cannot be opened with this node's key. \(volumes.cloud.secret_access_key\)"):
        archive.credentials("sealed:cloud")


def test_credentials_are_one_sort_and_never_in_clear(tmp_path: Path, bucket: Remote) -> None:
    settings = node(tmp_path, bucket, 'credentials = "environment"', SITEWARDEN_S3_CLOUD_ACCESS_KEY_ID="x")
    (cloud,) = [one.remote for one in volumes(settings) if one.remote is not None]
    assert cloud.credentials == "env:cloud"
    for lines, told in (
        ((), "no credentials"),
        (('access_key_id = "a"',), "no credentials"),
        (('credentials = "x.toml"', 'access_key_id = "a"'), "two sorts of credentials"),
        (('access_key_id = "a"', f'secret_access_key = "{SECRET}"'), "is not sealed"),
    ):
        with pytest.raises(Refusal, match=told) as refused:
            node(tmp_path, bucket, *lines)
        assert SECRET not in f"{refused.value} {refused.value.remedy}"
