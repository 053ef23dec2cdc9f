"""Reading a request of the integration API: case-insensitive path and arguments, masks, credentials. Pure."""

from __future__ import annotations

import base64
import binascii
import fnmatch
from typing import Final
from urllib.parse import parse_qsl

from sitewarden.api.digifort.replies import Format
from sitewarden.domain.errors import Invalid
from sitewarden.services.invoke import Credentials

_FORMATS: Final[dict[str, Format]] = {"text": "Text", "xml": "XML", "json": "JSON"}
_LONGEST: Final = 16_384
_COUNT: Final = 200


def arguments(query: bytes) -> dict[str, str]:
    """Return the arguments by lower-case name; empty pairs are skipped, unknown ones are nobody's concern."""
    if len(query) > _LONGEST:
        raise Invalid("The query is too long.", where="query")
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_COUNT, errors="strict")
    except ValueError as error:
        raise Invalid("The query is not percent-encoded UTF-8.", where="query") from error
    return {name.lower(): value for name, value in pairs if name}


def response_format(given: dict[str, str]) -> Format:
    """Return the format that was asked for; XML where none was, as clients rely on."""
    return _FORMATS.get(given.get("responseformat", "xml").strip().lower(), "XML")


def credentials(given: dict[str, str], authorization: str) -> tuple[Credentials | None, bool]:
    """Return what the request shows, and whether it stood in the header; parameters go before it."""
    if "authuser" in given:
        return Credentials(username=given["authuser"], password=given.get("authpass", "")), False
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None, True
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, True
    return (Credentials(username=user, password=password) if user and colon else None), True


def truth(given: dict[str, str], name: str) -> bool | None:
    """Return a boolean argument; None where it is absent."""
    value = given.get(name.lower(), "").strip().lower()
    if not value:
        return None
    if value in ("true", "1"):
        return True
    if value in ("false", "0"):
        return False
    raise Invalid("It is neither TRUE nor FALSE.", where=name)


def fits(mask: str | None, name: str) -> bool:
    """Tell whether a name fits a mask: comma separated patterns of `*`, `?`, `[a-z]` and `[!a-z]`, in any case."""
    if mask is None or mask.casefold() == name.casefold():
        return True
    parts = (part.strip().casefold() for part in mask.split(","))
    return any(fnmatch.fnmatchcase(name.casefold(), part) for part in parts if part)


def chosen(given: dict[str, str]) -> frozenset[str] | None:
    """Return the lower-case names of the fields that were asked for; None for all."""
    text = given.get("fields", "")
    names = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    return names or None
