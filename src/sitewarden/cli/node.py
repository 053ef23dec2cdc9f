"""Set up and run a node, and look after it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sitewarden import __version__
from sitewarden.cli.options import AsJson, Settings, app


@app.command()
def init(
    settings: Settings = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where all data lies.")] = None,
    bind: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 for this machine only.")] = None,
    site_name: Annotated[str | None, typer.Option(help="The site's name.")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA zone of the site, such as Europe/Berlin.")] = None,
    timeseries_port: Annotated[int | None, typer.Option(help="Port of the time-series service.")] = None,
    database: Annotated[
        str | None, typer.Option(help='"sqlite", files in the data directory; or postgresql://user@host:5432/name.')
    ] = None,
    database_password_file: Annotated[
        Path | None, typer.Option(help="File with the database user's password on its first line.")
    ] = None,
    database_tls: Annotated[str | None, typer.Option(help="TLS to the database: auto, verify-full, require or off.")] = None,
    database_ca: Annotated[Path | None, typer.Option(help="File of the authority of the database server's certificate.")] = None,
    admin: Annotated[str | None, typer.Option(help="Sign-in name of the first administrator.")] = None,
    admin_password: Annotated[
        str | None,
        typer.Option(envvar="SITEWARDEN_ADMIN_PASSWORD", help="Their password; made and printed once unless given."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take the defaults for what is not given.")] = False,
    json: AsJson = False,
) -> None:
    """Set up a node: ask what an installer decides, check it on the spot, and make the first administrator."""
    from sitewarden.app.setup import init as run

    run(
        settings,
        {
            "data_dir": data_dir,
            "bind": bind,
            "site_name": site_name,
            "timezone": timezone,
            "timeseries_port": timeseries_port,
            "database": database,
            "database_password_file": database_password_file,
            "database_tls": database_tls,
            "database_ca": database_ca,
            "admin": admin,
            "admin_password": admin_password,
        },
        ask=not yes and sys.stdin.isatty(),
        json=json,
    )


@app.command()
def run(settings: Settings = None) -> None:
    """Start the server and keep it running until Ctrl-C."""
    from sitewarden.app.node import run as start

    raise typer.Exit(start(settings))


@app.command()
def demo(
    data_dir: Annotated[Path, typer.Option(help="Where the demo keeps its data.", envvar="SITEWARDEN_DATA_DIR")] = Path("data"),
    bind: Annotated[str, typer.Option(help="Address to listen on.", envvar="SITEWARDEN_BIND")] = "127.0.0.1",
) -> None:
    """Start the server with a living demo site: two cameras, a machine, two controllers with doors."""
    from sitewarden.app.demo import run as start

    raise typer.Exit(start(data_dir, bind))


@app.command()
def doctor(settings: Settings = None, json: AsJson = False) -> None:
    """Check this machine: ports, multicast, buffers, clock, disk, certificates, names, paths. Exit status 1: mend something."""
    from sitewarden.app.doctor.verb import run as check

    raise typer.Exit(check(settings, json=json))


@app.command()
def export(
    settings: Settings = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; standard output unless given.")] = None,
) -> None:
    """Write the whole site as YAML. Secrets are left out."""
    from sitewarden.app.sitefile import export as write

    write(settings, output)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A site as YAML, as `sitewarden export` writes it.")],
    settings: Settings = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
    json: AsJson = False,
) -> None:
    """Make the site as the file says, in one transaction."""
    from sitewarden.app.sitefile import apply as change

    raise typer.Exit(change(settings, file, plan=plan, json=json))


@app.command()
def fsck(settings: Settings = None, json: AsJson = False) -> None:
    """Check all stores: databases, event order, the audit chain, recordings against their index."""
    from sitewarden.app.fsck import fsck as check

    raise typer.Exit(check(settings, json=json))


@app.command("migrate-database")
def migrate_database(
    to: Annotated[
        str, typer.Option(help='Where to: postgresql://user@host:5432/name, or "sqlite" for files in the data directory.')
    ],
    settings: Settings = None,
    password_file: Annotated[Path | None, typer.Option(help="File with the database user's password on its first line.")] = None,
    tls: Annotated[str, typer.Option(help="TLS to the database: auto, verify-full, require or off.")] = "auto",
    ca: Annotated[Path | None, typer.Option(help="File of the authority of the database server's certificate.")] = None,
    json: AsJson = False,
) -> None:
    """Move a stopped site's events, state and samples to a PostgreSQL database or back, compare it, and change the settings."""
    from sitewarden.app.migrate_database import migrate_database as move
    from sitewarden.app.setup import database_of

    move(settings, database_of(to, password_file, tls, ca), json=json)


@app.command()
def seal(
    what: Annotated[str, typer.Argument(help="volumes.ID or backup, the bucket whose secret_access_key it is.")],
    settings: Settings = None,
) -> None:
    """Seal a secret of the settings for this node; prints the line to write there. The secret is asked for, never an argument."""
    from sitewarden.app import seal as work

    work.seal(settings, what, str(typer.prompt("Secret", hide_input=True, err=True)))


@app.command()
def version(json: AsJson = False) -> None:
    """Print the version."""
    from sitewarden.app import show

    if json:
        show.as_json({"version": __version__, "python": sys.version.split()[0]})
    else:
        show.out.print(f"sitewarden {__version__}")
