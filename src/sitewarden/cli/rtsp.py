"""The addresses of RTSP out."""

from __future__ import annotations

from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Settings, app


@app.command()
def rtsp(
    camera: Annotated[str, typer.Argument(help="Id of the camera.")], settings: Settings = None, json: AsJson = False
) -> None:
    """Print the addresses under which recorders, video walls and players pull a camera, live and recorded (RTSP out)."""
    from sitewarden.app.rtsp import addresses

    addresses(settings, camera, json=json)
