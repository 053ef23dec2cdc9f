"""Exports of recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, app


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="An export of recordings: the ZIP as it was downloaded.")],
    ca: Annotated[
        Path | None, typer.Option("--ca", help="The site's CA (PEM), received on another way; that in the export unless given.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Check that an export is as the server wrote it; needs no server. Exit status 1: something is wrong."""
    from sitewarden.app import verify as work

    raise typer.Exit(work.verify(file, ca, json=json))
