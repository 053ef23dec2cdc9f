"""Key and certificate files: keys of mode 0600, every file replaced whole."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from sitewarden.domain.errors import Refusal


class Pair(Struct, frozen=True):
    """Files of a certificate chain and of its private key, both PEM."""

    certificate: Path
    key: Path

    def exists(self) -> bool:
        """Tell whether both files are there."""
        return self.certificate.is_file() and self.key.is_file()


def write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file whole; it never exists with another mode or half written."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


def write_pair(pair: Pair, certificate: bytes, key: bytes) -> None:
    """Write the key first, so that a certificate never stands without it."""
    write(pair.key, key, 0o600)
    write(pair.certificate, certificate, 0o644)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh ECDSA P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as PEM (PKCS 8)."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read one of our own private keys; refuse one that others may read, or that is not a P-256 key."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as fault:
        raise Refusal(
            f"the key cannot be read ({fault.strerror}).", where=str(path), remedy="Restore it from the backup."
        ) from None
    if mode & 0o077:
        raise Refusal(
            f"the key may be read by others (mode {mode:o}).",
            where=str(path),
            remedy=f"Run `chmod 600 {path}`; where others had access, make a new one.",
        )
    try:
        key = serialization.load_pem_private_key(content, None)
    except (ValueError, TypeError) as fault:
        raise Refusal(f"the key is damaged ({fault}).", where=str(path), remedy="Restore it from the backup.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refusal("the key is not an ECDSA key.", where=str(path), remedy="Restore the one that was made here.")
    return key


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the directory for this process, so that two never make the same key at once."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
