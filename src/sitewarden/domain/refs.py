"""Ids and references: an id is a short slug, a reference is "<kind>:<id>"."""

from __future__ import annotations

import re

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
"""Ids are lower-case letters, digits and hyphens, 1 to 63 characters, so that they fit in URLs and files as they are."""

_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """Tell whether `text` may be an id."""
    return _ID.match(text) is not None


def ref(kind: str, id_: str) -> str:
    """Return the reference of the entity `id_` of `kind`."""
    return f"{kind}:{id_}"


def split_ref(reference: str) -> tuple[str, str]:
    """Return (kind, id) of a reference; a text without a colon has an empty id."""
    kind, _, id_ = reference.partition(":")
    return kind, id_


def slug(text: str) -> str:
    """Return the nearest id to a name: "Main entrance" becomes "main-entrance"; empty when nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].rstrip("-")
