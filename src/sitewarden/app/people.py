"""Users and API tokens from the command line."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.clock import DAY
from sitewarden.domain.refs import slug
from sitewarden.kit.clock import SystemClock

USER_COLUMNS = (("id", "sign-in name"), ("name", "name"), ("roles", "roles"), ("groups", "groups"), ("enabled", "enabled"))
ROLE_COLUMNS = (("id", "id"), ("name", "name"), ("may", "may"))
TOKEN_COLUMNS = (
    ("id", "id"),
    ("name", "for"),
    ("user", "acts as"),
    ("created", "made"),
    ("expires", "expires"),
    ("enabled", "valid"),
)


def list_users(settings_path: Path | None, *, json: bool) -> None:
    """Show the users."""
    users = with_platform(settled(settings_path), lambda ask: _all(ask, "user"))
    show.as_json(users) if json else show.table(users, USER_COLUMNS)


def add_user(settings_path: Path | None, name: str, display_name: str, roles: tuple[str, ...], *, json: bool) -> None:
    """Add a user with a new password and show it once."""
    password = secrets.token_urlsafe(12)

    async def work(ask: Ask) -> Any:
        return await ask("user.create", body={"id": name, "name": display_name, "roles": list(roles), "password": password})

    user = with_platform(settled(settings_path), work)
    _once({**user, "password": password} if json else {"user": name, "password": password}, json=json)


def reset_password(settings_path: Path | None, name: str, *, json: bool) -> None:
    """Give a user a new password and show it once."""
    password = secrets.token_urlsafe(12)

    async def work(ask: Ask) -> Any:
        return await ask("user.update", id=name, body={"password": password})

    with_platform(settled(settings_path), work)
    _once({"user": name, "password": password}, json=json)


def remove(settings_path: Path | None, kind: str, name: str) -> None:
    """Remove a user or revoke a token."""

    async def work(ask: Ask) -> Any:
        return await ask(f"{kind}.delete", id=name)

    with_platform(settled(settings_path), work)
    show.out.print(f"{kind} {name} was removed.")


def list_tokens(settings_path: Path | None, *, json: bool) -> None:
    """Show the API tokens, without their text."""
    tokens = with_platform(settled(settings_path), lambda ask: _all(ask, "token"))
    if json:
        show.as_json(tokens)
        return
    rows = [{**token, "created": show.moment(token["created"]), "expires": show.moment(token["expires"])} for token in tokens]
    show.table(rows, TOKEN_COLUMNS, empty="No tokens. Make one: sitewarden token add NAME --user USER")


def add_token(settings_path: Path | None, name: str, user: str, days: int | None, *, json: bool) -> None:
    """Make an API token and show it once."""
    expires = None if days is None else SystemClock().now() + days * DAY

    async def work(ask: Ask) -> Any:
        return await ask("token.create", body={"id": slug(name), "name": name, "user": user, "expires": expires})

    made = with_platform(settled(settings_path), work)
    _once(made if json else {"id": made["id"], "token": made["token"]}, json=json)


async def _all(ask: Ask, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = await ask(f"{kind}.list", limit=1000, offset=len(found))
        found += page["items"]
        if len(found) >= page["total"] or not page["items"]:
            return found


def list_roles(settings_path: Path | None, *, json: bool) -> None:
    """Show the roles with what each may do."""
    roles = with_platform(settled(settings_path), lambda ask: _all(ask, "role"))
    shown = [{**role, "may": ", ".join(_said(grant) for grant in role["grants"])} for role in roles]
    show.as_json(roles) if json else show.table(shown, ROLE_COLUMNS)


def grant(settings_path: Path | None, role: str, actions: tuple[str, ...], selector: str, *, json: bool) -> None:
    """Add grants to a role; those that it has already stay as they are."""

    async def work(ask: Ask) -> Any:
        held = await ask("role.get", id=role)
        grants = [*held["grants"]]
        grants += [one for action in actions if (one := {"action": action, "selector": selector}) not in grants]
        return await ask("role.update", id=role, body={"grants": grants}, revision=held["revision"])

    changed = with_platform(settled(settings_path), work)
    if json:
        show.as_json(changed)
    else:
        show.out.print(f"{role} may now: {', '.join(_said(one) for one in changed['grants'])}", soft_wrap=True, markup=False)


def _said(grant: dict[str, Any]) -> str:
    return str(grant["action"]) + ("" if grant["selector"] == "*" else f" on {grant['selector']}")


def _once(values: dict[str, Any], *, json: bool) -> None:
    if json:
        show.as_json(values)
        return
    for name, value in values.items():
        show.out.print(f"{name}: {value}", soft_wrap=True)
    show.out.print("It is shown this once only.")
