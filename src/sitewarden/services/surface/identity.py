"""Messages of signing in, sessions and tokens."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, defstruct

from sitewarden.domain.identity.model import Grant
from sitewarden.services.surface.entities import MESSAGES

Password = Annotated[str, Meta(max_length=1024)]


class Nothing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameters."""


class SignIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user's sign-in name and password."""

    username: Annotated[str, Meta(min_length=1, max_length=63)]
    password: Password


class PasswordChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own password: the old one as proof, and the new one."""

    old: Password
    new: Annotated[str, Meta(min_length=10, max_length=1024)]


class SignedInUser(Struct, frozen=True, kw_only=True):
    """Who is signed in."""

    id: str
    name: str
    language: str


class SiteSummary(Struct, frozen=True, kw_only=True):
    """What every signed-in person may know of the site."""

    name: str
    timezone: str
    demo: bool


class SessionInfo(Struct, frozen=True, kw_only=True):
    """Who is signed in, what they may do, and where they are."""

    user: SignedInUser
    grants: tuple[Grant, ...]
    site: SiteSummary
    version: str
    expires: int | None = None
    """Microseconds since 1970 UTC; None for an API token without an end."""


class Visible(Struct, frozen=True, kw_only=True):
    """What of a topic a caller may follow: everything, whole kinds, and single references."""

    all: bool = False
    kinds: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()


class Scope(Struct, frozen=True, kw_only=True):
    """What a caller may follow live, per topic."""

    status: Visible = Visible()
    points: Visible = Visible()
    events: Visible = Visible()
    people: bool = False
    """True where events of users, roles, groups, tokens and sessions are shown too."""
    network: bool = False


_token = MESSAGES["token"]
TokenCreated = defstruct(
    "TokenCreated",
    [(name, hint) for name, hint in _token.view.__annotations__.items()] + [("token", str)],
    module=__name__,
    kw_only=True,
    frozen=True,
    namespace={"__doc__": "The new token, with its text `token`, which is shown this once only."},
)
