"""The form of a backup, version 1: pieces, what a backup holds, and who can open it. Pure; docs/backup.md specifies it.

Each backup is sealed to the X25519 key of its repository: whoever writes backups needs no secret that opens them. The private
key lies in the repository, sealed by a passphrase (scrypt), or with a person alone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import zlib
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Struct

from sitewarden.domain.errors import Forbidden, Invalid

FORMAT: Final = "sitewarden-backup-1"
MAGIC: Final = b"SWBACK1\n"
"""First bytes of a backup's file."""
CONTEXT: Final = b"sitewarden backup 1\0"
"""Stands before the head in what is signed."""
PIECE: Final = 1 << 20
"""Bytes of a piece, at most, of whatever is no recording."""
FILM_PIECE: Final = 8 << 20
"""Bytes of a piece of a recording, at most."""
MAX_PIECE: Final = FILM_PIECE + 1024
"""Bytes of a stored piece, at most."""
MAX_BACKUP: Final = 1 << 30
MAX_CONTENTS: Final = 4 << 30
ID: Final = 32
_NONCE: Final = 12
_CHECK: Final = 16
"""Bytes of SHA-256 at the end of a stored piece, by which anybody finds damage."""
_SCRYPT: Final = (1 << 17, 8, 1)
_MOST_SCRYPT: Final = 1 << 20
_KEY_LINE: Final = "SITEWARDEN-BACKUP-KEY-1-"
_PUBLIC_LINE: Final = "sitewarden-backup-1-"
_WRAPPED: Final = 32 + 32 + 16


class Passphrase(Struct, frozen=True, kw_only=True, tag="passphrase"):
    """The private key, sealed under a passphrase by scrypt (RFC 7914) and AES-256-GCM."""

    n: int
    r: int
    p: int
    salt: bytes
    box: bytes


class KeyFile(Struct, frozen=True, kw_only=True, tag="key"):
    """The private key lies in no repository: a person keeps it."""


class Repository(Struct, frozen=True, kw_only=True):
    """The file `sitewarden-backup.json` of a destination."""

    format: str
    id: str
    public: bytes
    opens: Passphrase | KeyFile


class Piece(Struct, frozen=True, array_like=True):
    """A piece of a file: its id, the key that opens it, and its bytes."""

    id: bytes
    key: bytes
    size: int


class File(Struct, frozen=True, kw_only=True):
    """One file of a backup. `path` is relative to the data directory; of recordings `volume` says where they lay."""

    path: str
    mode: int
    size: int
    sha256: bytes
    pieces: list[Piece]
    kind: Literal["database", "file", "settings", "recording"] = "file"
    volume: str = ""


class Contents(Struct, frozen=True, kw_only=True):
    """What a backup holds. `events` and `audit` are the last event and audit entry in it."""

    files: list[File]
    events: int = 0
    audit: int = 0


class Head(Struct, frozen=True, kw_only=True):
    """What can be read of a backup without its key."""

    format: str
    id: str
    repository: str
    node: str
    version: str
    made: int
    """Microseconds since 1970 UTC: the moment that it shows."""
    files: int
    size: int
    """Bytes of all files together."""
    stored: int
    """Bytes that this backup added to the repository."""
    media: bool
    pieces: bytes
    """Ids of all its pieces, one after the other, sorted: what must stay while it stays."""
    wrapped: bytes
    """The contents' key, sealed to the repository's."""
    sealed_sha256: bytes


class Backup(Struct, frozen=True, array_like=True):
    """A backup's file after MAGIC: the head as msgpack, the contents sealed, and the node's signature over the head."""

    head: bytes
    sealed: bytes
    signature: bytes
    certificate: str
    authority: str


# -- who can open it ---------------------------------------------------------------------------------------------------------


def new_key() -> bytes:
    """Return a new private key."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """Return the public key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_text(private: bytes) -> str:
    """Return a private key as a line for a file, with a check against typing errors."""
    return _KEY_LINE + (private + hashlib.sha256(private).digest()[:4]).hex().upper()


def read_key(text: str) -> bytes:
    """Return the private key of a line. Raises Invalid."""
    key = _line(text, _KEY_LINE)
    if key is None:
        raise Invalid("This is no key of backups.", where="key", remedy="Give the file that `sitewarden backup key` wrote.")
    return key


def public_text(public: bytes) -> str:
    """Return a public key as a line for the settings."""
    return _PUBLIC_LINE + (public + hashlib.sha256(public).digest()[:4]).hex()


def read_public(text: str) -> bytes:
    """Return the public key of a line. Raises Invalid."""
    public = _line(text, _PUBLIC_LINE)
    if public is None:
        raise Invalid(
            "This is no public key of backups.",
            where="backup.public_key",
            remedy="Give the line that `sitewarden backup key` printed.",
        )
    return public


def _line(text: str, prefix: str) -> bytes | None:
    line = text.strip()
    try:
        data = bytes.fromhex(line.removeprefix(prefix)) if line.startswith(prefix) else b""
    except ValueError:
        return None
    return data[:32] if len(data) == 36 and hashlib.sha256(data[:32]).digest()[:4] == data[32:] else None


def new_repository(*, passphrase: str = "", public: bytes = b"") -> Repository:
    """Return a new repository that a passphrase opens, or the private key of `public`."""
    id_ = secrets.token_hex(8)
    if public:
        return Repository(format=FORMAT, id=id_, public=public, opens=KeyFile())
    private, salt = new_key(), secrets.token_bytes(16)
    n, r, p = _SCRYPT
    nonce = secrets.token_bytes(_NONCE)
    box = nonce + AESGCM(_stretched(passphrase, salt, n, r, p)).encrypt(nonce, private, id_.encode())
    return Repository(format=FORMAT, id=id_, public=public_of(private), opens=Passphrase(n=n, r=r, p=p, salt=salt, box=box))


def read_repository(data: bytes) -> Repository:
    """Return a repository of its file. Raises Invalid."""
    try:
        found = msgspec.json.decode(data, type=Repository)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Invalid(
            f"The repository's file cannot be read: {error}.", remedy="Give the folder of `sitewarden backup`."
        ) from None
    if found.format != FORMAT or len(found.public) != 32:
        raise Invalid(f"The repository is of the form {found.format[:40]!r}.", remedy="Take a newer Sitewarden.")
    if isinstance(found.opens, Passphrase) and not (
        0 < found.opens.n <= _MOST_SCRYPT and found.opens.r <= 32 and found.opens.p <= 16
    ):
        raise Invalid(
            "The repository asks for more work than a passphrase needs.", remedy="It was changed: take another copy of it."
        )
    return found


def private_key(repository: Repository, *, passphrase: str = "", key: bytes = b"") -> bytes:
    """Return the private key of a repository. Raises Forbidden where the passphrase or the key is not the right one."""
    opens = repository.opens
    if key:
        if public_of(key) != repository.public:
            raise Forbidden("This key is not the one of these backups.", where="key", remedy="Give the one that belongs to them.")
        return key
    if isinstance(opens, KeyFile):
        raise Forbidden("These backups are opened by a key, not by a passphrase.", where="key", remedy="Give it with --key FILE.")
    try:
        kek = _stretched(passphrase, opens.salt, opens.n, opens.r, opens.p)
        private = AESGCM(kek).decrypt(opens.box[:_NONCE], opens.box[_NONCE:], repository.id.encode())
    except (InvalidTag, ValueError):
        raise Forbidden(
            "The passphrase is wrong.", where="passphrase", remedy="Try again; nobody can open them without it."
        ) from None
    if public_of(private) != repository.public:
        raise Invalid("The repository's keys do not belong together.", remedy="It was changed: take another copy of it.")
    return private


def _stretched(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())


# -- pieces ------------------------------------------------------------------------------------------------------------------


def piece_of(secret: bytes, data: bytes) -> Piece:
    """Return the name and key of a piece; the same data has the same ones under the node's secret of the repository."""
    digest = hashlib.sha256(data).digest()
    return Piece(hmac.digest(secret, b"id\0" + digest, "sha256"), hmac.digest(secret, b"key\0" + digest, "sha256"), len(data))


def seal_piece(piece: Piece, data: bytes, *, squeeze: bool) -> bytes:
    """Return a piece as it is stored: nonce, sealed data, and the check that anybody can make."""
    body = b"\0" + data
    if squeeze and len(squeezed := zlib.compress(data, 1)) < len(data):
        body = b"\1" + squeezed
    nonce = secrets.token_bytes(_NONCE)
    stored = nonce + AESGCM(piece.key).encrypt(nonce, body, piece.id)
    return stored + hashlib.sha256(stored).digest()[:_CHECK]


def is_whole(stored: bytes) -> bool:
    """Tell, without a key, whether a stored piece is as it was written."""
    return len(stored) > _NONCE + _CHECK and hashlib.sha256(stored[:-_CHECK]).digest()[:_CHECK] == stored[-_CHECK:]


def open_piece(piece: Piece, stored: bytes) -> bytes:
    """Return the data of a stored piece. Raises Invalid for one that is damaged, changed or another."""
    where = f"piece {piece.id.hex()}"
    remedy = "Take an older backup, or another copy of the repository."
    if not is_whole(stored):
        raise Invalid("A piece is damaged.", where=where, remedy=remedy)
    try:
        body = AESGCM(piece.key).decrypt(stored[:_NONCE], stored[_NONCE:-_CHECK], piece.id)
        data = _inflated(body[1:], piece.size) if body[:1] == b"\1" else body[1:]
    except (InvalidTag, zlib.error, ValueError):
        raise Invalid("A piece was changed.", where=where, remedy=remedy) from None
    if len(data) != piece.size:
        raise Invalid("A piece has not its length.", where=where, remedy=remedy)
    return data


def _inflated(data: bytes, most: int) -> bytes:
    """Return what was compressed; raises zlib.error where it is longer than `most` or goes on after its end."""
    stream = zlib.decompressobj()
    found = stream.decompress(data, most + 1)
    if not stream.eof or stream.unused_data:
        raise zlib.error("not what was compressed")
    return found


# -- a backup ----------------------------------------------------------------------------------------------------------------


def seal_contents(repository: Repository, id_: str, contents: Contents) -> tuple[bytes, bytes]:
    """Return (the key wrapped for the repository, the contents sealed)."""
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, zlib.compress(msgspec.msgpack.encode(contents), 6), id_.encode())
    once = X25519PrivateKey.generate()
    shared = once.exchange(X25519PublicKey.from_public_bytes(repository.public))
    mine = once.public_key().public_bytes_raw()
    return mine + AESGCM(_wrapping(shared, mine, repository.public)).encrypt(bytes(_NONCE), key, id_.encode()), sealed


def digest_of(sealed: bytes) -> bytes:
    """Return what a head says of the sealed contents."""
    return hashlib.sha256(sealed).digest()


def open_contents(private: bytes, head: Head, sealed: bytes) -> Contents:
    """Return what a backup holds. Raises Invalid where it was changed."""
    try:
        if len(head.wrapped) != _WRAPPED or hashlib.sha256(sealed).digest() != head.sealed_sha256:
            raise ValueError("not as it was written")
        theirs = head.wrapped[:32]
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(theirs))
        kek = _wrapping(shared, theirs, public_of(private))
        key = AESGCM(kek).decrypt(bytes(_NONCE), head.wrapped[32:], head.id.encode())
        plain = _inflated(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], head.id.encode()), MAX_CONTENTS)
        found = msgspec.msgpack.decode(plain, type=Contents)
    except (InvalidTag, ValueError, zlib.error, msgspec.MsgspecError):
        raise Invalid("The backup was changed.", where=head.id, remedy="Take another backup, or another copy of it.") from None
    for one in found.files:
        _check(one)
    return found


def _wrapping(shared: bytes, theirs: bytes, public: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=theirs + public, info=b"sitewarden backup 1").derive(shared)


def _check(file: File) -> None:
    """Refuse a file that would lie elsewhere than within the data directory."""
    parts = file.path.split("/")
    if (
        file.path.startswith("/")
        or any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts)
        or file.mode & ~0o777
    ):
        raise Invalid(f"The backup names the file {file.path[:80]!r}.", remedy="It was made by somebody else; take another.")
    if any(len(one.id) != ID or len(one.key) != 32 or not 0 < one.size <= FILM_PIECE for one in file.pieces):
        raise Invalid(f"The pieces of {file.path[:80]!r} do not fit.", remedy="Take another backup.")


def write_backup(backup: Backup) -> bytes:
    """Return a backup's file."""
    return MAGIC + msgspec.msgpack.encode(backup)


def read_backup(data: bytes) -> tuple[Head, Backup]:
    """Return a backup of its file; its contents stay sealed and its signature is not checked. Raises Invalid."""
    try:
        if not data.startswith(MAGIC):
            raise ValueError("no backup")
        backup = msgspec.msgpack.decode(data[len(MAGIC) :], type=Backup)
        head = msgspec.msgpack.decode(backup.head, type=Head)
    except (ValueError, msgspec.MsgspecError):
        raise Invalid("This is no whole backup.", remedy="It was cut off or changed; take another one.") from None
    if head.format != FORMAT:
        raise Invalid(f"The backup is of the form {head.format[:40]!r}.", remedy="Take a newer Sitewarden.")
    if hashlib.sha256(backup.sealed).digest() != head.sealed_sha256 or len(head.pieces) % ID:
        raise Invalid("The backup is damaged.", where=head.id[:80], remedy="Take another backup, or another copy of it.")
    return head, backup
