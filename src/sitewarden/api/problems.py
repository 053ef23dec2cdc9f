"""Refusals as RFC 9457 problem documents. No I/O."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.domain.errors import Invalid, Refusal

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:sitewarden:error:"


class Problem(Struct, frozen=True, kw_only=True):
    """Why a request was refused, and what to do (RFC 9457)."""

    type: str
    """"urn:sitewarden:error:<code>"."""
    title: str
    status: int
    detail: str
    """What is wrong."""
    where: str
    """The field, file or entity; empty where it is the whole request."""
    remedy: str
    """What to do; empty where nothing can be said."""


def problem(refusal: Refusal) -> Problem:
    """Return the problem document of a refusal."""
    return Problem(
        type=TYPE_PREFIX + refusal.code,
        title=refusal.code.replace("-", " ").capitalize(),
        status=refusal.status,
        detail=refusal.what,
        where=refusal.where,
        remedy=refusal.remedy,
    )


def encode(refusal: Refusal) -> bytes:
    """Return the problem document of a refusal as JSON."""
    return msgspec.json.encode(problem(refusal))


def invalid(error: msgspec.ValidationError | msgspec.DecodeError, part: str) -> Invalid:
    """Return the refusal for content that msgspec refused; `part` names where it stood ("body", "query")."""
    what, _, path = str(error).partition(" - at `")
    where = path.rstrip("`").replace("$", part, 1) if path else part
    return Invalid(what, where=where, remedy="See /openapi.json for what is expected.")
