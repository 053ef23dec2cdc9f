"""What a client of RTSP shows of itself, as a server reads it: Digest (RFC 7616) or Basic (RFC 7617). Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

from msgspec import Struct

from sitewarden.wire.rtsp_auth import STRENGTH, parameters

REALM: Final = "Sitewarden"
"""Part of what is kept of a token for Digest: it never changes."""
LONGEST: Final = 512
"""Characters of any one part."""


class Proof(Struct, frozen=True, kw_only=True):
    """A Digest response: that the client knows the password of `username`, for this request on this connection."""

    username: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    method: str
    qop: bool = False
    count: str = ""
    cnonce: str = ""

    def __repr__(self) -> str:
        return f"Proof({self.username!r})"


class Login(Struct, frozen=True, kw_only=True):
    """A name, and the password itself or the proof of it."""

    username: str
    password: str = ""
    proof: Proof | None = None

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


def demands(nonce: str, *, secure: bool, realm: str = REALM) -> list[tuple[str, str]]:
    """Return the headers of a 401: Basic, which shows the password, within TLS (`secure`); Digest elsewhere."""
    if secure:
        # Beside a Digest clients would never take it, and a user's own password, kept as argon2, fits no Digest.
        return [("WWW-Authenticate", f'Basic realm="{realm}", charset="UTF-8"')]
    # MD5 comes last: players that know it alone take the last Digest they read.
    return [
        ("WWW-Authenticate", f'Digest realm="{realm}", nonce="{nonce}", algorithm={name}, qop="auth"')
        for name in ("SHA-256", "MD5")
    ]


def read(header: str, method: str, *, secure: bool) -> Login | None:
    """Return what an Authorization header of a request shows; None where it shows nothing that counts."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "basic" and secure:
        return _basic(rest.strip())
    if scheme.lower() != "digest":
        return None
    given = parameters(rest)
    algorithm = given.get("algorithm", "MD5").upper()
    qop = given.get("qop", "").lower()
    wanted = ("username", "nonce", "uri", "response")
    if algorithm not in STRENGTH or qop not in ("", "auth") or not all(given.get(name) for name in wanted):
        return None
    if any(len(value) > LONGEST * 4 for value in given.values()) or len(given["username"]) > LONGEST:
        return None
    proof = Proof(
        username=given["username"],
        nonce=given["nonce"],
        uri=given["uri"],
        response=given["response"].lower(),
        algorithm=algorithm,
        method=method,
        qop=qop == "auth",
        count=given.get("nc", ""),
        cnonce=given.get("cnonce", ""),
    )
    return Login(username=proof.username, proof=proof)


def _basic(text: str) -> Login | None:
    try:
        name, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    if not colon or not name or not password or len(name) > LONGEST or len(password) > LONGEST:
        return None
    return Login(username=name, password=password)


def first_hash(algorithm: str, username: str, password: str, realm: str = REALM) -> str:
    """Return H(A1) in hexadecimal (RFC 7616, 3.4.2): all that a server needs of the password."""
    return _hash(algorithm, f"{username}:{realm}:{password}")


def agrees(proof: Proof, first: str) -> bool:
    """Tell whether the proof was made with the password that H(A1) `first` was made of; an empty one fits none."""
    if not first:
        return False
    second = _hash(proof.algorithm, f"{proof.method}:{proof.uri}")
    middle = f"{proof.nonce}:{proof.count}:{proof.cnonce}:auth" if proof.qop else proof.nonce
    wanted = _hash(proof.algorithm, f"{first}:{middle}:{second}")
    return hmac.compare_digest(proof.response.encode(), wanted.encode())


def _hash(algorithm: str, text: str) -> str:
    if algorithm == "SHA-256":
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
