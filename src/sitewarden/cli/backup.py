"""Backups, restore, and the archive of old events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sitewarden.cli.options import AsJson, Settings, app


class _RunUnlessNamed(TyperGroup):
    """`sitewarden backup DEST` is `sitewarden backup run DEST`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["run", *args]
        return super().parse_args(ctx, args)


backups = typer.Typer(help="Back the site up while it runs: `sitewarden backup DEST` is `backup run DEST`.", cls=_RunUnlessNamed)
app.add_typer(backups, name="backup")

Source = Annotated[str, typer.Argument(help="Folder of the backups, or s3://BUCKET/FOLDER.")]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File with the passphrase; asked for unless given.")
]
KeyFile = Annotated[Path | None, typer.Option("--key", help="File of the key that `sitewarden backup key` made.")]
Ca = Annotated[Path | None, typer.Option("--ca", help="The site's ca.pem: refuse what no node of that site signed.")]
Chosen = Annotated[str, typer.Option("--id", help="Which backup, as the list shows it; the last unless given.")]


@backups.command("run")
def backup_run(
    destination: Annotated[
        str | None,
        typer.Argument(metavar="DEST", help="Folder for the backups, or s3://BUCKET/FOLDER; that of the settings unless given."),
    ] = None,
    settings: Settings = None,
    media: Annotated[bool, typer.Option("--media", help="Recordings, too.")] = False,
    passphrase_file: PassphraseFile = None,
    public_key: Annotated[str, typer.Option("--public-key", help="Seal to this key in place of a passphrase.")] = "",
    json: AsJson = False,
) -> None:
    """Back the site up, running or not: what is new since the last time is stored, encrypted."""
    from sitewarden.app.backup import run

    raise typer.Exit(run(settings, destination, media=media, passphrase_file=passphrase_file, public=public_key, json=json))


@backups.command("list")
def backup_list(source: Source, settings: Settings = None, json: AsJson = False) -> None:
    """Show the backups of a folder or bucket; needs no passphrase."""
    from sitewarden.app.backup import listed

    raise typer.Exit(listed(source, settings, json=json))


@backups.command("verify")
def backup_verify(
    source: Source,
    id_: Annotated[str, typer.Option("--id", help="Only this backup; all unless given.")] = "",
    deep: Annotated[bool, typer.Option("--deep", help="Open every file, too: needs the passphrase or key.")] = False,
    passphrase_file: PassphraseFile = None,
    key: KeyFile = None,
    ca: Ca = None,
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Check that everything that backups need is there and undamaged, and who signed them."""
    from sitewarden.app.restore import verify

    raise typer.Exit(
        verify(
            source,
            id_,
            deep=deep,
            passphrase_file=passphrase_file,
            key_file=key,
            ca=ca,
            json=json,
            settings_path=settings,
        )
    )


@backups.command("key")
def backup_key(output: Annotated[Path, typer.Argument(help="New file for the key that opens the backups.")]) -> None:
    """Make a key, so that the server holds nothing that opens its backups; prints the public half for the settings."""
    from sitewarden.app.backup import key

    raise typer.Exit(key(output))


@app.command()
def restore(
    source: Source,
    data: Annotated[Path, typer.Option("--data", help="Empty or new directory for the site's data.")],
    id_: Chosen = "",
    media: Annotated[bool, typer.Option("--media/--no-media", help="Recordings, too, where the backup has them.")] = True,
    passphrase_file: PassphraseFile = None,
    key: KeyFile = None,
    ca: Ca = None,
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Put a backup into an empty directory of this machine: whole and checked, or not at all."""
    from sitewarden.app.restore import restore as put_back

    raise typer.Exit(
        put_back(
            source,
            data,
            id_,
            recordings=media,
            passphrase_file=passphrase_file,
            key_file=key,
            ca=ca,
            json=json,
            settings_path=settings,
        )
    )


archive = typer.Typer(help="Events that retention deleted, as Parquet files by month.", no_args_is_help=True)
app.add_typer(archive, name="archive")


@archive.command("list")
def archive_list(settings: Settings = None, json: AsJson = False) -> None:
    """Show the months that are archived."""
    from sitewarden.app.event_retention import listed

    raise typer.Exit(listed(settings, json=json))


@archive.command("verify")
def archive_verify(settings: Settings = None, json: AsJson = False) -> None:
    """Check every month's file against its manifest: size, SHA-256, rows."""
    from sitewarden.app.event_retention import verify

    raise typer.Exit(verify(settings, json=json))
