"""The base of every entity."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from sitewarden.domain.refs import ID_PATTERN

Id = Annotated[str, Meta(pattern=ID_PATTERN, description="Lower-case letters, digits and hyphens, 1 to 63 characters.")]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Text = Annotated[str, Meta(max_length=2000)]
Tag = Annotated[str, Meta(min_length=1, max_length=60)]


class Entity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """A thing of the site with an id of its own. `area` names the area that it stands in."""

    id: Id
    name: Name
    description: Text = ""
    area: Id | None = None
    tags: tuple[Tag, ...] = ()


KEPT: Final = "(kept)"
"""Stands for a secret that the server holds, in a site file and in settings as they are read; written back, it stays."""


class Secret(Struct, frozen=True, tag=False):
    """A secret as it stands in state: a sealed box, never the clear text. Exports leave it out."""

    sealed: str
