"""Keys of readers' secure channels (SCBK, 128 bits). Reads and writes files: `<data>/readers`, mode 0700.

A key that installing made is sealed (AES-256-GCM, bound to its reader) under `seal`, a key of this directory alone: a copy of
single files is of no use, a copy of the whole directory is. A key file that a person gives is read as it is. No key is logged.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.nodes.controller.board.settings import ReaderSettings

LENGTH: Final = 16
_NONCE: Final = 12


class HeldKey(Struct, frozen=True):
    """A reader's key. `settled` tells that the reader has it; until then it may still be in its install mode."""

    key: bytes | None
    settled: bool

    def __repr__(self) -> str:
        return f"HeldKey({'a key' if self.key else 'none'}, settled={self.settled})"


class KeyStore:
    """The keys under one directory, which is made when the first key is."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def key_of(self, reader: ReaderSettings) -> HeldKey:
        """Return the key that a reader's settings ask for, made where they say "install"; raises Refusal."""
        if reader.security == "none":
            return HeldKey(None, True)
        if reader.key_file:
            return HeldKey(_read_given(Path(reader.key_file), reader.reader), True)
        for path, settled in ((self._settled(reader.reader), True), (self._pending(reader.reader), False)):
            if path.exists():
                return HeldKey(self._open(path, reader.reader), settled)
        if reader.security == "secure":
            raise Invalid(
                f"reader {reader.reader} has no key",
                where="osdp.readers.security",
                remedy='Give its key_file, or put the reader into its install mode and set security = "install" here.',
            )
        key = secrets.token_bytes(LENGTH)
        # Kept before the reader gets it: a crash in between must not leave a reader with a key that nobody has.
        self._seal(self._pending(reader.reader), key, reader.reader)
        return HeldKey(key, False)

    def settle(self, reader: int) -> None:
        """Note that the reader has the key that was made for it."""
        self._pending(reader).replace(self._settled(reader))

    def _settled(self, reader: int) -> Path:
        return self._directory / f"{reader}.key"

    def _pending(self, reader: int) -> Path:
        return self._directory / f"{reader}.pending"

    def _seal(self, path: Path, key: bytes, reader: int) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        nonce = secrets.token_bytes(_NONCE)
        _write(path, nonce + AESGCM(self._sealing()).encrypt(nonce, key, _place(reader)))

    def _open(self, path: Path, reader: int) -> bytes:
        box = path.read_bytes()
        try:
            return AESGCM(self._sealing()).decrypt(box[:_NONCE], box[_NONCE:], _place(reader))
        except (InvalidTag, ValueError):
            raise Refusal(
                f"The key of reader {reader} cannot be opened.",
                where=str(path),
                remedy=f"Put the directory back from a backup, or remove the file, reset reader {reader} and install it again.",
            ) from None

    def _sealing(self) -> bytes:
        path = self._directory / "seal"
        if not path.exists():
            _write(path, AESGCM.generate_key(256))
        return path.read_bytes()


def _read_given(path: Path, reader: int) -> bytes:
    where = f"osdp.readers.key_file of reader {reader}"
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except OSError as error:
        raise Invalid(
            f"{path} cannot be read: {error.strerror}", where=where, remedy="Give the path of the key's file."
        ) from None
    except UnicodeDecodeError:
        text = ""
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Invalid(f"others may read {path}", where=where, remedy=f"Run: chmod 600 {path}")
    digits = "".join(text.split())
    if len(digits) != 2 * LENGTH or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise Invalid(f"{path} holds no key", where=where, remedy="Write 32 hexadecimal digits into it.")
    return bytes.fromhex(digits)


def _place(reader: int) -> bytes:
    return f"osdp/reader/{reader}".encode()


def _write(path: Path, data: bytes) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
