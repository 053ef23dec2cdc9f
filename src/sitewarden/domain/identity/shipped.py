"""Whether a stored built-in role is as the product made it, in this version or in an earlier one. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from sitewarden.domain.identity.model import Grant, Role
from sitewarden.domain.identity.roles import ADMINISTRATOR, BUILT_IN

SHIPPED: Final[dict[str, frozenset[str]]] = {
    "administrator": frozenset({"bbf3efc5d45a105d"}),
    "operator": frozenset(
        {
            "b00266e02ed827d3", "ce988123277a1ae5", "0e95437fdf812d30", "3e8dcfc803d88ed2", "25dfbc003f06b967",
            "e647ae0e1af3325f", "0df357d4738c9262", "93ef10ea867b6633", "0aaca84f6a2b748f", "6b24223bb9c0038d",
            "2b4d8225d2e6b644", "8dc557fcde4e90b4", "0de28b89805f31d9", "ab814b9aba6bc5af", "dd117fe9b3b15e80",
            "6766f4a60a949396", "6f058c82385c56bb", "d4369206e2e0e1f7",
        }
    ),
    "people-manager": frozenset({"81c2af74b44de654", "64a2979656e63089"}),
    "viewer": frozenset({"d2b8b0f9d4e761ce", "af022499b46175f8", "c2d2ed228401ddb1", "bfba74040bc7b8ea"}),
}  # fmt: skip
"""Fingerprints of the grants that each built-in role was ever made with; a changed default adds its own."""

_DEFAULTS: Final = {role.id: role for role in BUILT_IN}


def fingerprint(grants: Iterable[Grant]) -> str:
    """Return what tells sets of grants apart, whatever their order."""
    lines = sorted({f"{grant.action} {grant.selector}" for grant in grants})
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def default_of(role: Role) -> Role | None:
    """Return the built-in role of this version; None for a role of the site's own."""
    return _DEFAULTS.get(role.id)


def outdated(role: Role) -> bool:
    """Tell whether a built-in role is as an earlier version made it: nobody changed its grants, and they are not today's.

    The administrator's role, which nobody can change, is today's or outdated.
    """
    default = default_of(role)
    if default is None:
        return False
    if role.id == ADMINISTRATOR.id:
        return (role.grants, role.ptz_priority) != (default.grants, default.ptz_priority)
    if fingerprint(role.grants) == fingerprint(default.grants):
        return False
    return fingerprint(role.grants) in SHIPPED[role.id]


def lacking(role: Role) -> tuple[str, ...]:
    """Return the actions that today's built-in role may do everywhere and the stored one may not, in the default's order."""
    default = default_of(role)
    if default is None:
        return ()
    held = {grant.action for grant in role.grants if grant.selector == "*"}
    return tuple(
        grant.action for grant in default.grants if not held & {grant.action, f"{grant.action.partition('.')[0]}.*", "*"}
    )
