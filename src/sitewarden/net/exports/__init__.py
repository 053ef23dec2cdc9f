"""The manifest of one node as text: tables for people, rules for firewalls, inventory for auditors; and the site's matrix. Pure.

`render("nftables", settings, plan=plan)` is what `sitewarden ports --format nftables` and the API give out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal, get_args

from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.net.exports import firewalld, inventory, matrix, nftables, routers, tables, ufw, windows
from sitewarden.net.exports.difference import Difference, compare
from sitewarden.net.exports.lines import Line, lines
from sitewarden.net.exports.matrix import MatrixFormat, flows
from sitewarden.net.exports.plan import Plan, Profile

Format = Literal["table", "json", "csv", "markdown", "inventory", "inventory-csv", "nftables", "ufw", "firewalld", "windows"]
FORMATS: tuple[str, ...] = get_args(Format)
FIREWALLS = frozenset({"nftables", "ufw", "firewalld", "windows"})
MATRIX_FORMATS: tuple[str, ...] = get_args(MatrixFormat)
PROFILES: tuple[str, ...] = get_args(Profile)
Rows = Literal["auto", "used", "built", "all"]
"""Which rows: "used" by the site, "built" whether used or not, "all" those that are planned too; "auto" is used for rules, all
for lists."""

_RENDERERS: dict[str, Callable[[Settings, list[Line]], str]] = {
    "table": tables.table,
    "json": tables.json,
    "csv": tables.csv,
    "markdown": tables.markdown,
    "inventory": inventory.markdown,
    "inventory-csv": inventory.csv,
    "nftables": nftables.rules,
    "ufw": ufw.rules,
    "firewalld": firewalld.rules,
    "windows": windows.rules,
}
_MATRICES: dict[str, Callable[[list[matrix.Flow]], str]] = {
    "table": matrix.table,
    "json": matrix.json,
    "csv": matrix.csv,
    "markdown": matrix.markdown,
}
_ROUTERS: dict[str, Callable[[list[matrix.Flow], list[matrix.Place]], str]] = {"ios": routers.ios, "nftables": routers.nftables}


def render(
    format: str,
    settings: Settings,
    *,
    plan: Plan | None = None,
    profile: Profile = "strict",
    rows: Collection[str] | None = None,
    planned: bool | None = None,
    unused: bool | None = None,
    deny_outgoing: bool = False,
) -> str:
    """Return the manifest of this node's roles and addresses in one of FORMATS. Raises Refusal for another format.

    `plan` is what the site uses; without it every row of the roles counts as used. `rows` keeps these rows alone. `planned`
    keeps rows that are not built yet, `unused` those that nothing uses; None keeps them in lists and leaves them out of rules.
    `deny_outgoing` is for nftables alone.
    """
    renderer = _RENDERERS.get(format)
    if renderer is None:
        raise Refusal(f"{format} is not a format.", where="format", remedy=f"Take one of {', '.join(FORMATS)}.")
    _check_profile(profile)
    listed = format not in FIREWALLS
    keep_planned = listed if planned is None else planned
    keep_unused = listed if unused is None else unused
    chosen = [line for line in lines(settings, plan, profile) if rows is None or line.name in rows]
    chosen = [line for line in chosen if (keep_planned or not line.planned) and (keep_unused or line.used)]
    if format == "nftables":
        return nftables.rules(settings, chosen, deny_outgoing=deny_outgoing)
    if deny_outgoing:
        raise Refusal(
            f"{format} does not deny what goes out.", where="deny_outgoing", remedy="Take the format nftables, or leave it out."
        )
    return renderer(settings, chosen)


def render_matrix(format: str, settings: Settings, plan: Plan, profile: Profile = "strict") -> str:
    """Return the flows between the site's networks in one of MATRIX_FORMATS. Raises Refusal for another format."""
    if format not in _MATRICES and format not in _ROUTERS:
        raise Refusal(
            f"{format} is not a format of the matrix.", where="format", remedy=f"Take one of {', '.join(MATRIX_FORMATS)}."
        )
    _check_profile(profile)
    found = flows(settings, plan, profile)
    if format in _ROUTERS:
        return _ROUTERS[format](found, matrix.places(plan, found))
    return _MATRICES[format](found)


def differences(
    settings: Settings, plan: Plan | None, profile: Profile, loaded: bytes, *, deny_outgoing: bool = False
) -> list[Difference]:
    """Compare what `nft -j list ruleset` gave with the rules of this node; empty where they agree."""
    _check_profile(profile)
    expected = nftables.ruleset(line for line in lines(settings, plan, profile) if opened(line))
    return compare(expected, nftables.policies(deny_outgoing=deny_outgoing), loaded)


def opened(line: Line) -> bool:
    """Tell whether a firewall shall know the line: it is built, and the site uses it."""
    return line.used and not line.planned


def _check_profile(profile: str) -> None:
    if profile not in PROFILES:
        raise Refusal(f"{profile} is not a profile.", where="profile", remedy=f"Take one of {', '.join(PROFILES)}.")


__all__ = [
    "FIREWALLS",
    "FORMATS",
    "MATRIX_FORMATS",
    "PROFILES",
    "Difference",
    "Format",
    "Line",
    "MatrixFormat",
    "Plan",
    "Profile",
    "Rows",
    "differences",
    "lines",
    "opened",
    "render",
    "render_matrix",
]
