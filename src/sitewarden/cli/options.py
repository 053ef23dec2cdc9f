"""What every command takes: the application itself, and options of the same meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="sitewarden",
    help=(
        "The server that a site's doors, cameras and machines run on.\n\n"
        "Begin with `sitewarden demo`, or `sitewarden init` for a real site."
    ),
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Settings = Annotated[
    Path | None,
    typer.Option("--settings", "-s", envvar="SITEWARDEN_SETTINGS", help="Settings file; ./sitewarden.toml unless given."),
]
Controller = Annotated[str, typer.Argument(help="Id of the controller, as the search shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; goes into the audit log of the node that runs here.")]
Code = Annotated[
    str,
    typer.Option(
        envvar="SITEWARDEN_COMMISSIONING_CODE",
        help="Commissioning code of the controller's label; asked for unless given. A node that runs here may know it.",
    ),
]
Zone = Annotated[str, typer.Argument(help='The zone as "kind:id", as the list shows it: antipassback-zone:site.')]
Bind = Annotated[str, typer.Option("--bind", help="Ask from this address of this computer alone, and not through its node.")]
Alone = Annotated[bool, typer.Option("--alone", help="Ask from this computer even where a node runs on it.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write; standard output unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of a table.")]
