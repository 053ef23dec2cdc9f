"""Users, groups, roles, grants and API tokens."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Id


class Grant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A right: `action` on the entities that `selector` names.

    `action` is "<kind>.<verb>" with "*" for a whole part: "door.release", "door.*", "*".
    `selector` is "*", a reference "door:main", "area:<id>" for all that stands in the area, or "tag:<tag>".
    """

    action: Annotated[str, Meta(pattern=r"^(\*|[a-z-]+\.(\*|[a-z-]+))$")]
    selector: Annotated[str, Meta(min_length=1, max_length=140)] = "*"


class Role(Entity, frozen=True, kw_only=True):
    """A named set of grants."""

    grants: tuple[Grant, ...] = ()
    ptz_priority: Annotated[
        int, Meta(ge=0, le=100, description="Of those who want to move a camera, the one with the higher priority does.")
    ] = 50


class Group(Entity, frozen=True, kw_only=True):
    """Users who share roles."""

    roles: tuple[Id, ...] = ()


class User(Entity, frozen=True, kw_only=True):
    """A person who signs in; `id` is the sign-in name."""

    roles: tuple[Id, ...] = ()
    groups: tuple[Id, ...] = ()
    enabled: bool = True
    password_hash: str = ""
    """argon2id in PHC form; never leaves the server. Empty: no password sign-in."""
    language: str = "en"


class ApiToken(Entity, frozen=True, kw_only=True):
    """A token for programs. It acts as its user, within `actions` when that is not empty. The token is shown once."""

    user: Id
    token_hash: str = ""
    """SHA-256 of the token, hex."""
    digest_hashes: str = ""
    """Sealed H(A1) of user and token by algorithm, for Digest (RFC 7616, 3.4.2). Empty: made before there was any."""
    actions: tuple[str, ...] = ()
    created: int = 0
    expires: int | None = None
    enabled: bool = True
