"""Messages of questions about rights."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.access.questions import Verdict, Way
from sitewarden.domain.entity import Id
from sitewarden.services.surface.entities import Limit, Offset

RightsState = Annotated[
    Literal["all", "can", "cannot"],
    Meta(description="can: credential and holder may be used now. cannot: something is in the way; `why` says what."),
]


class WhoQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who can open this door?"""

    id: Id
    state: RightsState = "all"
    q: Annotated[str, Meta(max_length=200, description="Part of the person's name or id.")] = ""
    limit: Limit = 100
    offset: Offset = 0


class WhatQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can this person open?"""

    id: Id
    limit: Limit = 100
    offset: Offset = 0


class RightRow(Struct, frozen=True, kw_only=True):
    """A credential with its ways. `why` says what is in the way of the credential itself."""

    holder: str
    holder_name: str
    credential: str
    credential_name: str
    verdict: Verdict
    why: str
    ways: tuple[Way, ...]


class RightsPage(Struct, frozen=True, kw_only=True):
    """An answer as of `time`, from the rules of `version`."""

    items: tuple[RightRow, ...]
    total: int
    version: int
    time: int
