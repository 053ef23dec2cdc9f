"""Recording: gaps and their reasons, recording on command, locks, privacy mode, storage; checking exports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Reason, Settings, app

recording = typer.Typer(
    help="What was recorded and why the rest was not; record now; hold recordings; privacy mode.", no_args_is_help=True
)
app.add_typer(recording, name="recording")

Camera = Annotated[str, typer.Argument(help="Id of the camera.")]
Moment = Annotated[str, typer.Option(help='A moment, "2026-03-01 07:15", in this machine\'s zone; or hours ago, "-6".')]


@recording.command("list")
def recording_list(
    camera: Camera, settings: Settings = None, start: Moment = "-24", end: Moment = "-0", json: AsJson = False
) -> None:
    """List what was recorded of a camera, and each gap with its reason."""
    from sitewarden.app.recording import list_recordings

    list_recordings(settings, camera, start, end, json=json)


@recording.command("now")
def recording_now(
    camera: Camera,
    settings: Settings = None,
    seconds: Annotated[int, typer.Option("--seconds", help="For so long; 0 takes the order back.", min=0, max=86_400)] = 300,
    reason: Reason = "",
) -> None:
    """Record a camera from now on, whatever its mode and its schedule."""
    from sitewarden.app.recording import record_now

    record_now(settings, camera, seconds, reason)


@recording.command("privacy")
def recording_privacy(
    camera: Camera,
    on: Annotated[bool, typer.Option("--on/--off", help="Neither recorded nor shown, or both again.")],
    reason: Reason = "",
    settings: Settings = None,
) -> None:
    """Switch a camera's privacy mode; it needs a reason."""
    from sitewarden.app.recording import privacy

    privacy(settings, camera, reason, on=on)


@recording.command("fill")
def recording_fill(camera: Camera, start: Moment, end: Moment, reason: Reason = "", settings: Settings = None) -> None:
    """Fill what is missing of a span from what the camera recorded itself (ONVIF profile G)."""
    from sitewarden.app.recording import fill

    fill(settings, camera, start, end, reason)


@recording.command("locks")
def recording_locks(camera: Annotated[str, typer.Argument()] = "", settings: Settings = None, json: AsJson = False) -> None:
    """List the recordings that nothing deletes, of a camera or of all."""
    from sitewarden.app.recording import list_locks

    list_locks(settings, camera, json=json)


@recording.command("lock")
def recording_lock(
    camera: Camera,
    start: Moment,
    end: Moment,
    reason: Reason = "",
    days: Annotated[float, typer.Option("--days", help="How long the lock holds; 0 until it is released.", min=0)] = 0,
    settings: Settings = None,
) -> None:
    """Hold recordings: neither their age nor a full disk deletes them. Needs a reason."""
    from sitewarden.app.recording import lock

    lock(settings, camera, start, end, reason, days)


@recording.command("release")
def recording_release(
    camera: Camera,
    lock: Annotated[str, typer.Argument(help="Id of the lock, as `locks` shows it.")],
    reason: Reason = "",
    settings: Settings = None,
) -> None:
    """Release a lock. Needs a reason."""
    from sitewarden.app.recording import release

    release(settings, camera, lock, reason)


@recording.command("exports")
def recording_exports(settings: Settings = None, json: AsJson = False) -> None:
    """List the exports of recordings that are written now, or were within a day."""
    from sitewarden.app.recording import list_exports

    list_exports(settings, json=json)


@recording.command("cancel-export")
def recording_cancel_export(
    export: Annotated[str, typer.Argument(help="Id of the export, as `exports` shows it.")], settings: Settings = None
) -> None:
    """Cancel an export that is being written; what was downloaded of it proves nothing."""
    from sitewarden.app.recording import cancel_export

    cancel_export(settings, export)


@app.command()
def storage(settings: Settings = None, json: AsJson = False) -> None:
    """Show what is kept of each camera and for how long, how full the disks are, and when they will be."""
    from sitewarden.app.recording import show_storage

    show_storage(settings, json=json)


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
