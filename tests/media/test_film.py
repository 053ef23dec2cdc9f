"""Exports with masks and a watermark: what is masked is black in every picture, the rest as it was; the export verifies."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import pytest

from sitewarden.app.verify import examine
from sitewarden.codec import children
from sitewarden.codec.messages import Mark
from sitewarden.domain.errors import Unreachable
from sitewarden.domain.video.export import CONTEXT, AuditMark, Manifest
from sitewarden.media.export import Bundle
from sitewarden.media.film import Look
from sitewarden.media.plan import Plan
from sitewarden.net.tls import Signer
from tests.media.support import BEGIN, probe
from tests.media.test_export import PEM_END, identity, recorded

SECOND = 1_000_000
MASK = (25.0, 10.0, 30.0, 40.0)
"""Of 320 × 180: 80, 18 to 176, 90."""
MARK = Mark(left="Lobby", right="Sitewarden demo · Ada Lovelace", zone="Europe/Berlin")


def pictures(data: bytes) -> list[Any]:
    with av.open(io.BytesIO(data)) as film:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]


def written(bundle: Bundle, plan: Plan, look: Look | None) -> bytes:
    """Write an export of one camera; its first pieces are the ZIP's."""
    return b"".join(bundle.recordings("lobby", "Lobby", plan, look))


async def test_masks_are_black_in_every_picture_and_the_export_verifies(tmp_path: Path, host: str) -> None:
    plan = msgspec.structs.replace(await recorded(tmp_path, host), start=BEGIN + SECOND, end=BEGIN + 9 * SECOND)
    authority, pair = identity(tmp_path / "tls")
    bundle = Bundle()
    data = await asyncio.to_thread(written, bundle, plan, Look(masks=(MASK,), mark=MARK))
    assert [(file.start - BEGIN, file.end - BEGIN) for file in bundle.files] == [
        (SECOND, 4_400_000),
        (8 * SECOND, 9 * SECOND),
    ]
    assert bundle.covered == 4_400_000
    made = bundle.files[0].converted
    assert made is not None and (made.masks, made.left_out) == ((MASK,), 0)
    assert made.watermark == "Lobby · Sitewarden demo · Ada Lovelace"
    manifest = Manifest(
        id="1-a", site="Site", node="server", made=BEGIN, by="user:ada", reason="Theft", start=plan.start, end=plan.end,
        cameras=("lobby",), files=tuple(bundle.files), audit=AuditMark(id=1, hash="ab"),
    )  # fmt: skip
    told = msgspec.json.encode(manifest)
    signature = Signer(pair).sign(CONTEXT + told)
    certificate = pair.certificate.read_text().partition(PEM_END)[0] + PEM_END
    data += b"".join(bundle.finish(told, signature, certificate, authority.pem.decode()))
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = examine(archive, tmp_path / "ca.pem")
        assert found["ok"], found["wrong"]
        first = archive.read(bundle.files[0].name)
    (tmp_path / "film.mp4").write_bytes(first)
    told_of = probe(tmp_path / "film.mp4")
    assert (told_of["streams"][0]["codec_name"], told_of["streams"][0]["width"]) == ("h264", 320)
    shown = pictures(first)
    assert len(shown) == len(told_of["frames"]) == 90, "from the key frame before the start to the end of the stretch"
    plain = Bundle()
    plain_data = await asyncio.to_thread(written, plain, plan, None)
    assert plain.files[0].converted is None
    plain_data += b"".join(plain.finish(b"{}", b"", "", ""))
    with zipfile.ZipFile(io.BytesIO(plain_data)) as archive:
        source = pictures(archive.read(plain.files[0].name))
    assert len(source) == len(shown)
    for mine, its in zip(shown, source, strict=True):
        assert mine[18:90, 80:176].max() < 30, "the mask is black"
        assert its[18:90, 80:176].max() > 60, "where there was something to see"
        beside = abs(mine[100:160] - its[100:160]).mean()
        assert beside < 6, "and the rest is the camera's picture"


async def test_the_watermark_is_in_the_picture_and_tells_the_time(tmp_path: Path, host: str) -> None:
    plan = msgspec.structs.replace(await recorded(tmp_path, host), start=BEGIN, end=BEGIN + 3 * SECOND)
    bundle = Bundle()
    data = await asyncio.to_thread(written, bundle, plan, Look(mark=MARK))
    data += b"".join(bundle.finish(b"{}", b"", "", ""))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shown = pictures(archive.read(bundle.files[0].name))
    strips = [one[-12:].mean(axis=2) for one in shown]
    assert all(strip.max() > 190 for strip in strips), "white letters"
    assert all(np.median(strip) < 110 for strip in strips), "on a darker ground"
    seconds = [abs(strips[number + 25] - strips[number]).max() for number in (0, 25, 50) if number + 25 < len(strips)]
    assert seconds and all(difference > 60 for difference in seconds), "another second, another text"


async def test_without_the_extra_nothing_is_written(tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = await recorded(tmp_path, host)
    monkeypatch.setattr(children, "installed", lambda: False)
    with pytest.raises(Unreachable, match="extra"):
        written(Bundle(), plan, Look(masks=(MASK,)))
