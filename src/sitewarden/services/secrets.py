"""Secrets at rest: AES-256-GCM under a key file of the node, bound to the place where each secret stands. Reads files."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Refusal

_VERSION: Final = "v1."
_NONCE: Final = 12


class SecretBox:
    """Seals and opens secrets. `place` ("camera:front/password") is authenticated, so that boxes cannot be swapped."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def derive(self, purpose: str) -> bytes:
        """Return a key of 32 bytes for another purpose, the same at every start (HKDF-SHA256, RFC 5869)."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(self._key)

    @classmethod
    def load(cls, path: Path) -> SecretBox:
        """Read the key file, or make it (mode 0600). Refuses a file that others may read, or of the wrong length."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
                file.flush()
                os.fsync(file.fileno())
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Refusal("Others may read the key of the secrets.", where=str(path), remedy=f"Run: chmod 600 {path}")
        key = path.read_bytes()
        if len(key) != 32:
            raise Refusal(
                f"The key of the secrets has {len(key)} bytes instead of 32.",
                where=str(path),
                remedy="Put the file back from a backup; without it the stored passwords cannot be read.",
            )
        return cls(key)

    def seal(self, text: str, place: str) -> Secret:
        """Return `text` as a sealed box that opens only at `place`."""
        nonce = secrets.token_bytes(_NONCE)
        box = nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())
        return Secret(sealed=_VERSION + base64.urlsafe_b64encode(box).decode())

    def open(self, secret: Secret, place: str) -> str:
        """Return the clear text; refuses a box that was changed, moved, or sealed with another key."""
        remedy = "Enter the secret again."
        if not secret.sealed.startswith(_VERSION):
            raise Refusal("The sealed secret has a form that is not known.", where=place, remedy=remedy)
        try:
            box = base64.b64decode(secret.sealed[len(_VERSION) :], altchars=b"-_", validate=True)
            return self._cipher.decrypt(box[:_NONCE], box[_NONCE:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Refusal("The sealed secret cannot be opened with this node's key.", where=place, remedy=remedy) from None
