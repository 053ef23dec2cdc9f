"""Where backups lie: a folder, or a bucket ("s3://bucket/folder"), with its keys in the settings or in the environment."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.app.places import Places
from sitewarden.config import Settings, load
from sitewarden.config.volumes import ENVIRONMENT
from sitewarden.domain.backups import S3
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Conflict, Invalid, Refusal, TooLarge, Unreachable
from sitewarden.domain.video.volumes import Remote
from sitewarden.media import archive
from sitewarden.media.archive import Archive
from sitewarden.services.backups import place
from sitewarden.services.secrets import SecretBox
from sitewarden.store.backup.repository import Repo
from sitewarden.store.backup.shelf import Folder, Shelf

SEALED: Final = "backup/secret_access_key"
"""The place that the key of the bucket is sealed for."""
AT_ONCE: Final = 4
"""Files that are sent at once; as many wait in memory, of 8 MiB at most, and who brings another one waits."""
LOCK: Final = "writing.json"
HELD: Final = 900
"""Seconds for which a bucket is held; whoever writes on holds it anew."""
RENEW: Final = 120


class Held(msgspec.Struct):
    """Who writes to a bucket, and until when if nothing more is heard of it (seconds since 1970)."""

    by: str
    until: float


class Bucket:
    """`Shelf` in a bucket."""

    def __init__(self, where: str, archive: Archive) -> None:
        self._where = where
        self._archive = archive
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="backup")
        self._sent: list[Future[None]] = []
        self._token = secrets.token_hex(16)
        self._renewed: float | None = None
        """When the bucket was last held, on the monotonic clock; None where it is not."""

    @property
    def where(self) -> str:
        """Return its address."""
        return self._where

    def read(self, name: str, most: int) -> bytes:
        """Return a file, as `Shelf` says."""
        with self._told():
            found = self._archive.whole(name, most)
        if found is None:
            raise TooLarge("The file is too long.", where=f"{self._where}/{name}", remedy="It was changed; take another copy.")
        return found

    def write(self, name: str, data: bytes) -> None:
        """Begin to send a file, and wait while many are under way."""
        self._hold_on()
        while len(self._sent) >= 2 * AT_ONCE:
            self._settle(self._sent.pop(0))
        self._sent.append(self._pool.submit(self._archive.write, name, data))

    def sync(self) -> None:
        """Wait until all is there."""
        while self._sent:
            self._settle(self._sent.pop(0))
        self._hold_on(now=True)

    def names(self, under: str = "") -> Iterator[str]:
        """Yield the names of all files but that of the lock."""
        yield from (name for name in self._listed(under) if name != LOCK)

    def delete(self, names: Iterable[str]) -> int:
        """Delete files; return their bytes."""
        wanted = list(names)
        sizes = {
            one: size for folder in {name.partition("/")[0] for name in wanted} for one, size in self._listed(folder).items()
        }
        freed = 0
        for name in wanted:
            self._hold_on()
            with self._told():
                self._archive.delete([name])
            freed += sizes.get(name, 0)
        return freed

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the bucket: by an object in it, which a killed process leaves and nobody heeds after a quarter of an hour."""
        self._take()
        try:
            yield
        finally:
            for one in self._sent:
                one.cancel()
            self._pool.shutdown(cancel_futures=True)
            mine = self._mine()
            self._renewed = None
            if mine:
                with suppress(OSError):
                    self._archive.delete([LOCK])

    def _take(self) -> None:
        for _ in range(2):
            with self._told():
                try:
                    self._archive.write(LOCK, self._lock(), new=True)
                    self._renewed = time.monotonic()
                    return
                except FileExistsError:
                    pass
            held = self._holder()
            if held is not None and held.until > time.time():
                break
            with self._told():
                self._archive.delete([LOCK])
        raise Conflict(
            "Another backup is written here now.",
            where=self._where,
            remedy=f"Wait until it is done; one that was killed holds the bucket for {HELD // 60} minutes at most.",
        )

    def _hold_on(self, *, now: bool = False) -> None:
        if self._renewed is None or not (now or time.monotonic() - self._renewed > RENEW):
            return
        if not self._mine():
            raise Conflict("Another process took the bucket over.", where=self._where, remedy="Make the backup again.")
        with self._told():
            self._archive.write(LOCK, self._lock())
        self._renewed = time.monotonic()

    def _mine(self) -> bool:
        if self._renewed is None:
            return False
        with suppress(Refusal):
            held = self._holder()
            return held is not None and held.by == self._token
        return False

    def _holder(self) -> Held | None:
        try:
            return msgspec.json.decode(self.read(LOCK, 4096), type=Held)
        except (FileNotFoundError, TooLarge, msgspec.MsgspecError):
            return None

    def _lock(self) -> bytes:
        return msgspec.json.encode(Held(self._token, time.time() + HELD))

    def _listed(self, under: str) -> dict[str, int]:
        with self._told():
            return dict(self._archive.list(under))

    def _settle(self, one: Future[None]) -> None:
        with self._told():
            one.result()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, FileExistsError):
            raise
        except OSError as error:
            raise Unreachable(
                f"The bucket of backups cannot be used: {error.strerror or error}.",
                where=self._where,
                remedy="Check its address, its keys and the way to it.",
            ) from error


def shelf(text: str | Path, settings: Settings | None) -> Shelf:
    """Return the place that a person names. Raises Invalid."""
    where = place(str(text))
    if not where.startswith(S3):
        return Folder(Path(where))
    return Bucket(where, Archive(remote(where, settings)))


def opened(text: str | Path, settings_path: Path | None) -> Repo:
    """Open a repository to read from, on a node or on a bare machine."""
    found: Settings | None = None
    if str(text).startswith(S3) and (settings_path is not None or Path("sitewarden.toml").exists()):
        found = load(settings_path)
    return Repo.open(shelf(text, found))


def remote(where: str, settings: Settings | None) -> Remote:
    """Return the bucket of an address: as the settings of backups say where they name it, else as the environment does."""
    name, _, prefix = where.removeprefix(S3).partition("/")
    own = settings.backup if settings is not None else None
    if not name:
        raise Invalid("The address names no bucket.", where=where, remedy="Write s3://BUCKET/FOLDER.")
    if own is None or not own.destination.startswith(S3):
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or _amazon(region)
        return Remote(endpoint=endpoint, bucket=name, region=region, prefix=prefix, credentials="env:backup")
    source = own.credentials or ENVIRONMENT
    if own.secret_access_key:
        assert settings is not None
        source = "sealed:backup"
        archive.know(source, partial(_open, settings))
    return Remote(
        endpoint=own.endpoint.rstrip("/") or _amazon(own.region),
        bucket=name,
        region=own.region,
        prefix=prefix,
        credentials="env:backup" if source == ENVIRONMENT else source,
        authority=own.authority,
    )


def _amazon(region: str) -> str:
    return f"https://s3.{region}.amazonaws.com"


def _open(settings: Settings) -> dict[str, str]:
    own = settings.backup
    try:
        opened = SecretBox.load(Places.of(settings).secrets).open(Secret(sealed=own.secret_access_key), SEALED)
    except Refusal as refusal:
        raise OSError(f"{refusal.what} (backup.secret_access_key)") from None
    return {"access_key_id": own.access_key_id, "secret_access_key": opened}
