"""Users and API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Settings, app

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
app.add_typer(users, name="user")
roles = typer.Typer(help="Roles: what users may do.", no_args_is_help=True)
app.add_typer(roles, name="role")
tokens = typer.Typer(help="API tokens for programs.", no_args_is_help=True)
app.add_typer(tokens, name="token")


@users.command("list")
def user_list(settings: Settings = None, json: AsJson = False) -> None:
    """List the users."""
    from sitewarden.app.people import list_users

    list_users(settings, json=json)


@users.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="Sign-in name: lower-case letters, digits and hyphens.")],
    settings: Settings = None,
    display_name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", "-r", help="A role; may be given again.")] = None,
    json: AsJson = False,
) -> None:
    """Add a user; a password is made and printed once."""
    from sitewarden.app.people import add_user

    add_user(settings, name, display_name or name, tuple(role or ("viewer",)), json=json)


@users.command("password")
def user_password(
    name: Annotated[str, typer.Argument(help="Sign-in name.")], settings: Settings = None, json: AsJson = False
) -> None:
    """Give a user a new password, made and printed once."""
    from sitewarden.app.people import reset_password

    reset_password(settings, name, json=json)


@users.command("remove")
def user_remove(name: Annotated[str, typer.Argument(help="Sign-in name.")], settings: Settings = None) -> None:
    """Remove a user."""
    from sitewarden.app.people import remove

    remove(settings, "user", name)


@roles.command("list")
def role_list(settings: Settings = None, json: AsJson = False) -> None:
    """List the roles and what each may do."""
    from sitewarden.app.people import list_roles

    list_roles(settings, json=json)


@roles.command("grant")
def role_grant(
    role: Annotated[str, typer.Argument(help="The role's id.")],
    actions: Annotated[list[str], typer.Argument(help='What it may do beside, such as "door.release" or "zone.*".')],
    settings: Settings = None,
    on: Annotated[str, typer.Option("--on", help='On what: "*", "door:main", "area:lobby" or "tag:night".')] = "*",
    json: AsJson = False,
) -> None:
    """Add grants to a role, such as those that `sitewarden doctor` finds lacking."""
    from sitewarden.app.people import grant

    grant(settings, role, tuple(actions), on, json=json)


@tokens.command("list")
def token_list(settings: Settings = None, json: AsJson = False) -> None:
    """List the API tokens."""
    from sitewarden.app.people import list_tokens

    list_tokens(settings, json=json)


@tokens.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    user: Annotated[str, typer.Option("--user", "-u", help="The user that it acts as.")],
    settings: Settings = None,
    days: Annotated[int | None, typer.Option(help="Days until it expires.")] = None,
    json: AsJson = False,
) -> None:
    """Make an API token; it is printed once."""
    from sitewarden.app.people import add_token

    add_token(settings, name, user, days, json=json)


@tokens.command("remove")
def token_remove(token: Annotated[str, typer.Argument(help="The token's id.")], settings: Settings = None) -> None:
    """Revoke an API token."""
    from sitewarden.app.people import remove

    remove(settings, "token", token)
