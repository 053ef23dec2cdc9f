"""A bucket of an S3 server as a volume: whole files are put, compared, read by ranges and deleted. Blocks; for threads.

The one importer of obstore, which is loaded when the first bucket is used. Its connections are its own: `app` declares them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sitewarden.domain.video.volumes import Remote, VolumeSpec
from sitewarden.media.copying import Pace
from sitewarden.media.marker import LARGEST, NAME, Known, Look, Mark

if TYPE_CHECKING:
    from obstore.store import S3Store

RANGE: Final = 4 * 1024 * 1024
"""Bytes of one request."""
PLENTY: Final = 1 << 60
"""What counts as free in a bucket, whose end nobody knows."""
FIELDS: Final = frozenset({"access_key_id", "secret_access_key", "session_token"})


class Archive:
    """One bucket. Every failure is an OSError that names no secret."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._hidden: tuple[str, ...] = ()
        self._store: S3Store | None = None

    def _open(self) -> Any:
        if self._store is not None:
            return self._store
        try:
            from obstore.exceptions import BaseError
            from obstore.store import S3Store
        except ImportError:
            raise OSError("the library obstore is not installed: pip install 'sitewarden[s3]'") from None
        remote = self._remote
        keys = credentials(remote.credentials)
        self._hidden = tuple(keys.values())
        options: dict[str, Any] = {"timeout": "60s", "connect_timeout": "5s"}
        if remote.endpoint.startswith("http://"):
            options["allow_http"] = True
        if remote.authority:
            options["root_certificate"] = Path(remote.authority).read_bytes()
        try:
            self._store = S3Store(
                remote.bucket,
                prefix=remote.prefix or None,
                config={**keys, "endpoint": remote.endpoint, "region": remote.region},  # type: ignore[arg-type]
                client_options=options,  # type: ignore[arg-type]
                retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
            )
        except (BaseError, ValueError) as error:
            raise OSError(self._said(error)) from None
        return self._store

    def _said(self, error: BaseException) -> str:
        text = str(error).partition("\n")[0]
        for hidden in self._hidden:
            text = text.replace(hidden, "…")
        return f"the bucket {self._remote.bucket}: {text[:200]}"

    @contextmanager
    def _told(self) -> Iterator[Any]:
        store = self._open()
        from obstore.exceptions import BaseError, NotFoundError

        try:
            yield store
        except (NotFoundError, FileNotFoundError):
            raise FileNotFoundError(2, f"it is not in the bucket {self._remote.bucket}") from None
        except (BaseError, ValueError) as error:
            raise OSError(self._said(error)) from None

    def put(self, source: Path, key: str, pace: Pace) -> int:
        """Send a file, read it back by ranges and compare; return its bytes. Raises OSError, also where it differs."""
        import obstore

        wanted, size = hashlib.sha256(), source.stat().st_size

        def pieces() -> Iterator[bytes]:
            with source.open("rb", buffering=0) as file:
                while data := file.read(RANGE):
                    pace.spend(len(data))
                    wanted.update(data)
                    yield data

        with self._told() as store:
            obstore.put(store, key, pieces(), chunk_size=2 * RANGE, max_concurrency=2)
        found = hashlib.sha256()
        for data in self.read(key, size):
            pace.spend(len(data))
            found.update(data)
        if found.digest() != wanted.digest():
            self.delete([key])
            raise OSError(f"what was read back of {key} from the bucket {self._remote.bucket} differs")
        return size

    def read(self, key: str, size: int) -> Iterator[bytes]:
        """Yield an object's bytes, a range at a time."""
        import obstore

        for start in range(0, size, RANGE):
            with self._told() as store:
                yield bytes(obstore.get_range(store, key, start=start, end=min(size, start + RANGE)))

    def fetch(self, key: str, size: int) -> int:
        """Return a descriptor of a file without a name that holds an object; it is gone when it is closed."""
        with tempfile.TemporaryFile() as file:
            for data in self.read(key, size):
                file.write(data)
            file.flush()
            return os.dup(file.fileno())

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are not there are no error."""
        import obstore

        for key in keys:
            try:
                with self._told() as store:
                    obstore.delete(store, key)
            except FileNotFoundError:
                continue

    def list(self, under: str = "") -> Iterator[tuple[str, int]]:
        """Yield (key, bytes) of all objects below the prefix, or below a folder there."""
        import obstore

        with self._told() as store:
            for page in obstore.list(store, under or None, chunk_size=1000):
                for one in page:
                    yield str(one["path"]), int(one["size"])

    def write(self, key: str, data: bytes, *, new: bool = False) -> None:
        """Put an object in one request, whose signature has the digest of what is sent.

        Raises FileExistsError where it is to be `new` and is there; a server that knows no conditions puts it all the same.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        with self._told() as store:
            if new:
                try:
                    obstore.put(store, key, data, mode="create", use_multipart=False)
                except (AlreadyExistsError, PreconditionError):
                    raise FileExistsError(17, f"{key} is in the bucket {self._remote.bucket} already") from None
                except BaseError:
                    obstore.put(store, key, data, use_multipart=False)
                return
            obstore.put(store, key, data, use_multipart=False)

    def whole(self, key: str, most: int) -> bytes | None:
        """Return an object; None where it has more than `most` bytes."""
        import obstore

        with self._told() as store:
            found = obstore.get(store, key)
            return bytes(found.bytes()) if found.meta["size"] <= most else None

    def mark(self) -> Mark | None:
        """Return the bucket's mark; None where it has none."""
        import obstore

        try:
            with self._told() as store:
                return msgspec.json.decode(bytes(obstore.get_range(store, NAME, start=0, end=LARGEST)), type=Mark)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError:
            raise OSError(f"the mark {NAME} in the bucket is damaged") from None

    def write_mark(self, volume: str) -> Mark:
        """Mark the bucket."""
        import obstore

        mark = Mark(volume=volume, mark=secrets.token_hex(16))
        from obstore.exceptions import AlreadyExistsError, BaseError

        data = msgspec.json.encode(mark)
        with self._told() as store:
            try:
                obstore.put(store, NAME, data, mode="create")
            except AlreadyExistsError:
                # Another process was first.
                return self.mark() or mark
            except BaseError:
                obstore.put(store, NAME, data, use_multipart=False)
        return mark


@lru_cache(maxsize=16)
def archive(remote: Remote) -> Archive:
    """Return the bucket; one in each process."""
    return Archive(remote)


def look(spec: VolumeSpec, known: Known | None) -> Look:
    """Look whether a bucket answers and bears its mark; mark it where it was never used."""
    assert spec.remote is not None
    try:
        bucket = archive(spec.remote)
        mark = bucket.mark()
        if mark is None:
            if known is not None:
                return Look(problem=f"the bucket {spec.remote.bucket} bears no mark of it ({NAME})")
            mark = bucket.write_mark(spec.id)
    except OSError as error:
        return Look(problem=error.strerror or str(error))
    if mark.volume != spec.id:
        return Look(problem=f"the bucket {spec.remote.bucket} is marked as the volume {mark.volume}")
    if known is not None and known.mark != mark.mark:
        return Look(
            problem=f"the bucket {spec.remote.bucket} is another one than before; it is a new volume, with an id of its own"
        )
    return Look(known=Known(mark=mark.mark, own=True), free=PLENTY)


def asked(spec: VolumeSpec) -> str:
    """Return why a bucket does not answer, or is another's; empty where all is well, or nothing was written to it yet."""
    assert spec.remote is not None
    try:
        mark = Archive(spec.remote).mark()
    except OSError as error:
        return error.strerror or str(error)
    return f"the bucket is marked as the volume {mark.volume}" if mark is not None and mark.volume != spec.id else ""


_openers: dict[str, Callable[[], dict[str, str]]] = {}


def know(source: str, opener: Callable[[], dict[str, str]]) -> None:
    """Take what opens the keys of a source "sealed:<volume>", in this process; it raises OSError where it cannot."""
    _openers[source] = opener


def credentials(source: str) -> dict[str, str]:
    """Return the keys of a bucket; raises OSError, which names no secret, where they are missing or cannot be used."""
    kind, _, volume = source.partition(":")
    if kind == "sealed":
        return _openers[source]()
    return _from_environment(volume) if kind == "env" else _from_file(source)


def _from_environment(volume: str) -> dict[str, str]:
    """Return the keys of the volume's own variables, else of those that all programs for S3 know."""
    own = f"SITEWARDEN_S3_{volume.upper().replace('-', '_')}_"
    for prefix in (own, "AWS_"):
        found = {name: os.environ[prefix + name.upper()] for name in FIELDS if os.environ.get(prefix + name.upper())}
        if found:
            missing = [prefix + name.upper() for name in ("access_key_id", "secret_access_key") if name not in found]
            if missing:
                raise OSError(f"{' and '.join(missing)} is not set in the environment of the node")
            return found
    raise OSError(f"neither {own}ACCESS_KEY_ID and {own}SECRET_ACCESS_KEY nor AWS_… are set in the environment of the node")


def _from_file(path: str) -> dict[str, str]:
    """Read a credentials file (TOML)."""
    file = Path(path)
    if file.stat().st_mode & 0o077:
        raise OSError(f"{file} can be read by other users: chmod 600 it")
    try:
        found = tomllib.loads(file.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise OSError(f"{file} is not TOML") from None
    if not {"access_key_id", "secret_access_key"} <= found.keys() <= FIELDS or not all(
        isinstance(one, str) for one in found.values()
    ):
        raise OSError(f"{file} must say access_key_id and secret_access_key, and maybe session_token")
    return found
