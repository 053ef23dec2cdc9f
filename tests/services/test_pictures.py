"""Pictures of people: read as they were sent, noise on disk, gone with their key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.access.people import CredentialHolder
from sitewarden.domain.access.pictures import MAX_PICTURE
from sitewarden.domain.errors import Invalid, NotFound, Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.services.access.pictures import Pictures
from sitewarden.services.operations import system
from sitewarden.services.secrets import SecretBox
from sitewarden.store.interfaces import Change
from tests.services.test_access import Bench

JPEG = bytes.fromhex("ffd8 ffe0 0004 0000 ffc0 000b 08 0320 0258 01 011100") + b"ada's face " * 50
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes.fromhex("00000040 00000030 08020000 00") + b"ben's face " * 50


def png(width: int, height: int) -> bytes:
    return PNG[:16] + width.to_bytes(4) + height.to_bytes(4) + PNG[24:]


class Album:
    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench, self.folder = bench, folder
        self.pictures = Pictures(bench.state, SystemClock(), SecretBox(bytes(32)), folder)

    async def call(self, verb: str, **params: Any) -> Any:
        operation = next(one for one in self.pictures.operations() if one.name == f"pictures.{verb}")
        return await operation.handler(system("test"), operation.params(**params))

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def holder(self) -> CredentialHolder:
        held = self.bench.state.get("credential-holder", "ada")
        assert held is not None
        assert isinstance(held.entity, CredentialHolder)
        return held.entity


@pytest.fixture
async def album(tmp_path: Path) -> AsyncIterator[Album]:
    bench = Bench(tmp_path)
    await bench.put(CredentialHolder(id="ada", name="Ada"), CredentialHolder(id="ada-2", name="Ada"))
    yield Album(bench, tmp_path / "pictures")
    await bench.hub.close()
    await bench.state.close()
    await bench.log.close()


async def test_a_picture_is_read_as_it_was_sent_and_is_noise_on_disk(album: Album) -> None:
    await album.call("set", id="ada", content=JPEG)
    shown = await album.call("get", id="ada")
    assert (shown.media_type, shown.width, shown.height, shown.content) == ("image/jpeg", 600, 800, JPEG)
    (file,) = album.files()
    assert b"ada's" not in file.read_bytes()
    assert album.holder().picture in file.name


async def test_each_person_has_a_key_and_keeps_it_with_the_next_picture(album: Album) -> None:
    await album.call("set", id="ada", content=JPEG)
    await album.call("set", id="ada-2", content=JPEG)
    first = album.holder().picture_key
    await album.call("set", id="ada", content=PNG)
    assert (await album.call("get", id="ada")).media_type == "image/png"
    assert album.holder().picture_key == first
    assert len(album.files()) == 2, "the one before is gone"
    boxes = {path.parent.name: path for path in album.files()}
    boxes["ada"].write_bytes(boxes["ada-2"].read_bytes())
    with pytest.raises(Unreachable):
        await album.call("get", id="ada")


@pytest.mark.parametrize("how", ["remove", "delete"])
async def test_who_goes_takes_picture_and_key_along(album: Album, how: str) -> None:
    await album.call("set", id="ada", content=JPEG)
    await album.call("set", id="ada-2", content=PNG)
    if how == "remove":
        await album.call("remove", id="ada")
        assert (album.holder().picture, album.holder().picture_key) == ("", None)
    else:
        await album.bench.state.apply([Change(kind="credential-holder", id="ada", entity=None)])
    assert [path.parent.name for path in album.files()] == ["ada-2"]
    with pytest.raises(NotFound):
        await album.call("get", id="ada")


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + bytes(20),
        b"<svg>" + bytes(20),
        PNG[:30],
        JPEG[:12],
        png(15, 400),
        png(4097, 400),
        png(2**31, 2**31),
        b"\xff\xd8\xff\xda" + bytes(20),
    ],
)
async def test_what_is_no_picture(album: Album, content: bytes) -> None:
    with pytest.raises(Invalid) as told:
        await album.call("set", id="ada", content=content)
    assert told.value.remedy
    assert not album.files()


async def test_nobody_has_none(album: Album) -> None:
    for verb in ("get", "remove", "set"):
        with pytest.raises(NotFound):
            await album.call(verb, id="nobody", **({"content": JPEG} if verb == "set" else {}))


async def test_a_picture_of_the_largest_size_is_taken_and_a_byte_more_is_not(album: Album) -> None:
    await album.call("set", id="ada", content=JPEG.ljust(MAX_PICTURE, b"x"))
    with pytest.raises(Invalid):
        await album.call("set", id="ada", content=JPEG.ljust(MAX_PICTURE + 1, b"x"))
