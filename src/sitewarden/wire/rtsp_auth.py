"""Basic and Digest authentication for RTSP (RFC 2617, RFC 7616 for SHA-256, RFC 2326 clause 14)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

_PARAMETER = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_SCHEME = re.compile(r"(?:^|,)\s*(Basic|Digest)\s+(?![=,])", re.IGNORECASE)

STRENGTH: Final = {"SHA-256": 3, "MD5": 2}
"""Digest algorithms that are spoken, the better one greater."""


class Challenge(Struct, frozen=True, kw_only=True):
    """One way in which the server lets itself be convinced."""

    scheme: str
    """"basic" or "digest"."""
    realm: str = ""
    nonce: str = ""
    algorithm: str = "MD5"
    qop: bool = False
    """True where the server knows qop=auth."""
    opaque: str | None = None
    stale: bool = False


def challenges(values: Sequence[str]) -> list[Challenge]:
    """Return the challenges of WWW-Authenticate headers, the strongest first; what is not spoken is left out."""
    found: list[Challenge] = []
    for value in values:
        marks = list(_SCHEME.finditer(value))
        for number, mark in enumerate(marks):
            end = marks[number + 1].start() if number + 1 < len(marks) else len(value)
            given = parameters(value[mark.end() : end])
            algorithm = given.get("algorithm", "MD5").upper()
            scheme = mark.group(1).lower()
            if scheme == "digest" and (algorithm not in STRENGTH or "nonce" not in given):
                continue
            found.append(
                Challenge(
                    scheme=scheme,
                    realm=given.get("realm", ""),
                    nonce=given.get("nonce", ""),
                    algorithm=algorithm,
                    qop="auth" in [part.strip() for part in given.get("qop", "").split(",")],
                    opaque=given.get("opaque"),
                    stale=given.get("stale", "").lower() == "true",
                )
            )
    return sorted(found, key=lambda one: STRENGTH[one.algorithm] if one.scheme == "digest" else 1, reverse=True)


def parameters(text: str) -> dict[str, str]:
    """Return the name="value" pairs of a challenge or of credentials; names in lower case."""
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(text):
        found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
    return found


def authorization(challenge: Challenge, method: str, url: str, username: str, password: str, count: int, cnonce: str) -> str:
    """Return the Authorization header's value. `count` is how often this nonce was used, from 1 on."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
    nc = f"{count:08x}"
    response = digest(challenge, method, url, username, password, nc, cnonce)
    parts = [
        f"username={_quote(username)}",
        f"realm={_quote(challenge.realm)}",
        f"nonce={_quote(challenge.nonce)}",
        f"uri={_quote(url)}",
        f'response="{response}"',
    ]
    # Old cameras refuse parameters that RFC 2069 does not know, so only what the challenge spoke of is sent.
    if challenge.algorithm != "MD5":
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.opaque is not None:
        parts.append(f"opaque={_quote(challenge.opaque)}")
    if challenge.qop:
        parts += ["qop=auth", f"nc={nc}", f'cnonce="{cnonce}"']
    return "Digest " + ", ".join(parts)


def digest(challenge: Challenge, method: str, url: str, username: str, password: str, nc: str, cnonce: str) -> str:
    """Return the hexadecimal response of RFC 7616, clause 3.4."""
    first = _hash(challenge.algorithm, f"{username}:{challenge.realm}:{password}")
    second = _hash(challenge.algorithm, f"{method}:{url}")
    middle = f"{challenge.nonce}:{nc}:{cnonce}:auth" if challenge.qop else challenge.nonce
    return _hash(challenge.algorithm, f"{first}:{middle}:{second}")


def verify(header: str, challenge: Challenge, method: str, username: str, password: str) -> bool:
    """Tell whether an Authorization header answers `challenge` for this user; for the server's side."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != challenge.scheme:
        return False
    if challenge.scheme == "basic":
        expected = base64.b64encode(f"{username}:{password}".encode())
        return hmac.compare_digest(rest.strip().encode(), expected)
    given = parameters(rest)
    if given.get("username") != username or given.get("nonce") != challenge.nonce:
        return False
    wanted = digest(challenge, method, given.get("uri", ""), username, password, given.get("nc", ""), given.get("cnonce", ""))
    return hmac.compare_digest(given.get("response", "").encode(), wanted.encode())


def _hash(algorithm: str, text: str) -> str:
    if algorithm == "SHA-256":
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
