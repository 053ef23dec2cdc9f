"""Points' history from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Settings, app


@app.command()
def query(
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="PromQL, such as 'avg by (area) (point_celsius)'.")],
    settings: Settings = None,
    time: Annotated[
        str,
        typer.Option(
            "--time", "-t", help='Moment: "2026-03-01 08:00" in the site\'s zone, or seconds since 1970. Now unless given.'
        ),
    ] = "",
    range_: Annotated[str, typer.Option("--range", "-r", help="Show the course over this span before the moment: 1h, 7d.")] = "",
    step: Annotated[str, typer.Option("--step", help="Between two values of the course; a 200th of it unless given.")] = "",
    json: AsJson = False,
) -> None:
    """Ask points' history by PromQL: one value a series, or its course. Works whether the node runs or not."""
    from sitewarden.app.query import query as ask

    ask(settings, expression, moment=time, span=range_, step=step, json=json)
