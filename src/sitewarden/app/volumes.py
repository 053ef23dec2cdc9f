"""The volumes of a node, from its settings: the one in the data directory, and those that are named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from sitewarden.app.places import Places
from sitewarden.config import Settings, VolumeSettings
from sitewarden.config.volumes import ENVIRONMENT
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Refusal
from sitewarden.domain.video.model import MAIN
from sitewarden.domain.video.volumes import Remote, VolumeSpec
from sitewarden.media import archive, marker
from sitewarden.net import Network
from sitewarden.services.secrets import SecretBox


def volumes(settings: Settings) -> list[VolumeSpec]:
    """Return all volumes, those of the settings first.

    The one in the data directory is among them whether it is named or not: what was recorded there before is still to be seen.
    Once others are named, and it is not, nothing more is recorded on it.
    """
    inner = Places.of(settings).media
    share = settings.processes.media
    found = []
    for id_, named in settings.volumes.items():
        if named.bucket:
            found.append(_bucket(id_, named, share))
            if named.secret_access_key:
                archive.know(f"sealed:{id_}", partial(_open, Places.of(settings), id_, named))
            continue
        path = Path(named.path) if named.path else inner
        found.append(
            VolumeSpec(
                id=id_,
                path=str(path),
                tier=named.tier,
                keep_days=named.keep_days,
                max_bytes=round(named.max_gigabytes * 1e9 / share),
                min_free=named.min_free_bytes or None,
                inner=path == inner,
                home=str(settings.data),
            )
        )
    if MAIN not in settings.volumes:
        found.append(
            VolumeSpec(
                id=MAIN,
                path=str(inner),
                records=all(one.remote is not None for one in found),
                inner=True,
                home=str(settings.data),
            )
        )
    return found


def _bucket(id_: str, named: VolumeSettings, share: int) -> VolumeSpec:
    endpoint = named.endpoint.rstrip("/")
    remote = Remote(
        endpoint=endpoint,
        bucket=named.bucket,
        region=named.region,
        prefix=named.prefix.strip("/"),
        credentials=_source(id_, named),
        authority=named.authority,
    )
    return VolumeSpec(
        id=id_,
        path="/".join(part for part in (endpoint, remote.bucket, remote.prefix) if part),
        tier=named.tier,
        max_bytes=round(named.max_gigabytes * 1e9 / share),
        remote=remote,
    )


def _source(id_: str, named: VolumeSettings) -> str:
    """Return where the keys of a bucket are, as `media.archive` looks for them."""
    if named.secret_access_key:
        return f"sealed:{id_}"
    return f"env:{id_}" if named.credentials == ENVIRONMENT else named.credentials


def place_of(id_: str) -> str:
    """Return the place for which the key of a bucket is sealed."""
    return f"volumes.{id_}/secret_access_key"


def _open(places: Places, id_: str, named: VolumeSettings) -> dict[str, str]:
    try:
        opened = SecretBox.load(places.secrets).open(Secret(sealed=named.secret_access_key), place_of(id_))
    except Refusal as refusal:
        raise OSError(f"{refusal.what} (volumes.{id_}.secret_access_key)") from None
    return {"access_key_id": named.access_key_id, "secret_access_key": opened}


def declare(specs: Sequence[VolumeSpec], network: Network) -> None:
    """Declare the S3 servers that this process will speak to; they stand in the ledger as long as it runs."""
    for spec in specs:
        if spec.remote is not None:
            host, number = server(spec.remote)
            network.declare("s3", host, number)


def server(remote: Remote) -> tuple[str, int]:
    """Return the address and the port of a bucket's server."""
    url = urlsplit(remote.endpoint)
    return url.hostname or "", url.port or (80 if url.scheme == "http" else 443)


def present(specs: Sequence[VolumeSpec]) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the directories of the volumes that are there, and why the others are not. Reads their marks."""
    there: dict[str, Path] = {}
    gone: dict[str, str] = {}
    for spec in specs:
        if spec.remote is not None:
            continue
        root = Path(spec.path)
        try:
            mark = marker.read(root)
        except OSError as error:
            gone[spec.id] = error.strerror or str(error)
            continue
        if spec.inner or (mark is not None and mark.volume == spec.id):
            there[spec.id] = root
        elif mark is not None:
            gone[spec.id] = f"{root} is marked as the volume {mark.volume}"
        else:
            gone[spec.id] = f"{root} bears no mark of it ({marker.NAME})"
    return there, gone


def contents(specs: Sequence[VolumeSpec]) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Return what lies in the buckets, as path to bytes, and why the others cannot be asked. Blocks on the network."""
    listed: dict[str, dict[str, int]] = {}
    silent: dict[str, str] = {}
    for spec in specs:
        if spec.remote is None:
            continue
        try:
            bucket = archive.archive(spec.remote)
            mark = bucket.mark()
            if mark is None or mark.volume != spec.id:
                silent[spec.id] = f"{spec.path} bears no mark of it ({marker.NAME})"
            else:
                listed[spec.id] = dict(bucket.list())
        except OSError as error:
            silent[spec.id] = error.strerror or str(error)
    return listed, silent
