"""Multicast distribution of live video."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Reason, Settings, app

multicast = typer.Typer(
    help="Live video to many viewers at once: which camera is sent to which port, and having it sent.", no_args_is_help=True
)
app.add_typer(multicast, name="multicast")

Camera = Annotated[str, typer.Argument(help="Id of the camera.")]
Second = Annotated[bool, typer.Option("--second", help="The camera's second stream, where it has one.")]
Rtp = Annotated[bool, typer.Option("--rtp", help="In RTP; bare MPEG transport packets unless given.")]


@multicast.command("list")
def multicast_list(settings: Settings = None, json: AsJson = False) -> None:
    """List what is sent: camera, address that a player opens, viewers, until when."""
    from sitewarden.app.multicast import list_streams

    list_streams(settings, json=json)


@multicast.command("start")
def multicast_start(
    camera: Camera,
    settings: Settings = None,
    minutes: Annotated[float, typer.Option("--minutes", help="How long it is sent.", min=0.1, max=7 * 24 * 60)] = 60.0,
    second: Second = False,
    rtp: Rtp = False,
    sdp: Annotated[bool, typer.Option("--sdp", help="Print the SDP alone, for a file that a player opens.")] = False,
    reason: Reason = "",
    json: AsJson = False,
) -> None:
    """Have a camera's live picture sent to the group, and print what a player such as VLC opens."""
    from sitewarden.app.multicast import start

    start(settings, camera, minutes, reason, second=second, rtp=rtp, sdp=sdp, json=json)


@multicast.command("stop")
def multicast_stop(
    camera: Camera, settings: Settings = None, second: Second = False, rtp: Rtp = False, reason: Reason = ""
) -> None:
    """Give up what `start` asked for on this computer; the stream goes on while others hold it."""
    from sitewarden.app.multicast import stop

    stop(settings, camera, reason, second=second, rtp=rtp)


@app.command("viewer")
def viewer(
    server: Annotated[str, typer.Argument(help="Address of the server: https://server:8600.")],
    ca: Annotated[
        Path | None, typer.Option("--ca", help="The site's CA (PEM), where this computer does not trust it yet.")
    ] = None,
    port: Annotated[
        int, typer.Option("--port", help="Port on loopback for this computer's browser.", min=1024, max=65535)
    ] = 8690,
    interface: Annotated[
        str, typer.Option("--interface", help="Address of the interface to join on; as the routing table says unless given.")
    ] = "",
) -> None:
    """Show the console on this workstation with live video from multicast: the network carries each stream once for all."""
    from sitewarden.app.viewer import run

    run(server, ca, port, interface)
