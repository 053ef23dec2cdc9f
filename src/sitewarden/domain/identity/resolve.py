"""From a user to what they may do: roles of their own and of their groups. Pure."""

from __future__ import annotations

from collections.abc import Callable

from sitewarden.domain.identity.model import Grant, Group, Role, User


def grants_of(user: User, group: Callable[[str], Group | None], role: Callable[[str], Role | None]) -> tuple[Grant, ...]:
    """Return the grants of a user without repeats; groups and roles that do not exist give none, a disabled user has none."""
    if not user.enabled:
        return ()
    names = dict.fromkeys(user.roles)
    for name in user.groups:
        found = group(name)
        if found is not None:
            names.update(dict.fromkeys(found.roles))
    grants: dict[Grant, None] = {}
    for name in names:
        held = role(name)
        if held is not None:
            grants.update(dict.fromkeys(held.grants))
    return tuple(grants)


def is_administrator(grants: tuple[Grant, ...]) -> bool:
    """Tell whether the grants include everything."""
    return any(grant.action == "*" and grant.selector == "*" for grant in grants)
