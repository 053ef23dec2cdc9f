"""Cameras: asked, added, moved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Reason, Settings, app

cameras = typer.Typer(help="The site's cameras: add one by its address, move it, switch its relays.", no_args_is_help=True)
app.add_typer(cameras, name="camera")

Address = Annotated[
    str, typer.Argument(help="IP address or name, with a port where it is not 80; or http://host/path of its ONVIF service.")
]
User = Annotated[str, typer.Option("--user", "-u", help="User that the camera has for ONVIF.")]
Password = Annotated[
    str | None, typer.Option(envvar="SITEWARDEN_CAMERA_PASSWORD", help="Its password; asked for where a user is given without.")
]
Camera = Annotated[str, typer.Argument(help="Id of the camera.")]
Tour = Annotated[str, typer.Argument(help="Token of the tour, as `camera tours` shows it.")]
Axis = Annotated[float, typer.Option(min=-1, max=1, help="-1 to 1; right, up and in are positive.")]


@cameras.command("list")
def camera_list(settings: Settings = None, json: AsJson = False) -> None:
    """List the cameras as they are now: stream, ONVIF, who moves them."""
    from sitewarden.app.cameras import list_cameras

    list_cameras(settings, json=json)


@cameras.command("health")
def camera_health(camera: Camera, settings: Settings = None, json: AsJson = False) -> None:
    """Show how well a camera's streams arrive: bitrate, loss, jitter, key frames, clock, and what interrupted them."""
    from sitewarden.app.camera_health import health

    health(settings, camera, json=json)


@cameras.command("probe")
def camera_probe(
    address: Address, settings: Settings = None, user: User = "", password: Password = None, json: AsJson = False
) -> None:
    """Ask a camera over ONVIF what it is and which streams it has; nothing is added."""
    from sitewarden.app.cameras import probe_camera

    probe_camera(settings, address, user, _password(user, password), json=json)


@cameras.command("publisher")
def camera_publisher(
    name: Annotated[str, typer.Argument(help="Name of the new camera.")],
    settings: Settings = None,
    area: Annotated[str, typer.Option("--area", "-a", help="Id of the area that it stands in.")] = "",
    json: AsJson = False,
) -> None:
    """Add a camera or encoder that publishes to this server by RTMP; prints its address and its stream key, this once."""
    from sitewarden.app.publishing import add

    add(settings, name, area, json=json)


@cameras.command("key")
def camera_key(camera: Camera, settings: Settings = None, json: AsJson = False) -> None:
    """Give a camera that publishes a new stream key, and print it, this once; the old one is void."""
    from sitewarden.app.publishing import renew

    renew(settings, camera, json=json)


@cameras.command("files")
def camera_files(settings: Settings = None, json: AsJson = False) -> None:
    """List the recordings in the server's folder that a camera may play."""
    from sitewarden.app.footage import list_files

    list_files(settings, json=json)


@cameras.command("play")
def camera_play(
    name: Annotated[str, typer.Argument(help="Name of the new camera.")],
    file: Annotated[str, typer.Argument(help="The recording, as `camera files` shows it.")],
    settings: Settings = None,
    area: Annotated[str, typer.Option("--area", "-a", help="Id of the area that it stands in.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Play it once; again and again unless given.")] = False,
    json: AsJson = False,
) -> None:
    """Add a camera that plays a recording of the server's disk in its own time."""
    from sitewarden.app.footage import play

    play(settings, name, file, area, once=once, json=json)


@cameras.command("add")
def camera_add(
    address: Address,
    settings: Settings = None,
    user: User = "",
    password: Password = None,
    name: Annotated[str, typer.Option(help="Name; what the camera says of itself unless given.")] = "",
    area: Annotated[str, typer.Option("--area", "-a", help="Id of the area that it stands in.")] = "",
    profile: Annotated[str, typer.Option(help="Media profile to record; the largest unless given.")] = "",
    fingerprint: Annotated[str, typer.Option(help="SHA-256 of its certificate; another one is refused (https alone).")] = "",
    json: AsJson = False,
) -> None:
    """Add a camera by its address, user and password."""
    from sitewarden.app.cameras import add_camera

    extra = {"name": name, "area": area, "profile": profile, "fingerprint": fingerprint}
    add_camera(settings, address, user, _password(user, password), extra, json=json)


@cameras.command("move")
def camera_move(
    camera: Camera,
    settings: Settings = None,
    pan: Axis = 0.0,
    tilt: Axis = 0.0,
    zoom: Axis = 0.0,
    seconds: Annotated[float, typer.Option(min=0.1, max=5, help="It stops by itself after that.")] = 1.0,
) -> None:
    """Move a camera for a moment."""
    from sitewarden.app.cameras import order

    order(settings, "move", camera, pan=pan, tilt=tilt, zoom=zoom, seconds=seconds)


@cameras.command("stop")
def camera_stop(camera: Camera, settings: Settings = None) -> None:
    """Stop a camera."""
    from sitewarden.app.cameras import order

    order(settings, "stop", camera)


@cameras.command("presets")
def camera_presets(camera: Camera, settings: Settings = None, json: AsJson = False) -> None:
    """List a camera's presets, as it has them now."""
    from sitewarden.app.cameras import presets

    presets(settings, camera, json=json)


@cameras.command("goto")
def camera_goto(
    camera: Camera,
    preset: Annotated[str, typer.Argument(help='Token of the preset, as the list shows it; "home" goes home.')],
    settings: Settings = None,
) -> None:
    """Point a camera at one of its presets."""
    from sitewarden.app.cameras import order

    if preset == "home":
        order(settings, "home", camera)
    else:
        order(settings, "goto", camera, preset=preset)


@cameras.command("tours")
def camera_tours(camera: Camera, settings: Settings = None, json: AsJson = False) -> None:
    """List a camera's preset tours with their stops, as it has them now."""
    from sitewarden.app.cameras import tours

    tours(settings, camera, json=json)


@cameras.command("tour")
def camera_tour(
    camera: Camera,
    tour: Tour,
    operation: Annotated[str, typer.Argument(help="start, stop or pause.")],
    settings: Settings = None,
) -> None:
    """Start, stop or pause a preset tour."""
    from sitewarden.app.cameras import order

    order(settings, "tour", camera, tour=tour, operation=operation)


@cameras.command("keep-tour")
def camera_keep_tour(
    camera: Camera,
    stop: Annotated[
        list[str],
        typer.Option(help='PRESET, PRESET,SECONDS or PRESET,SECONDS,SPEED; "home" is home. Once for each stop.'),
    ],
    settings: Settings = None,
    name: Annotated[str, typer.Option(help="Its name.")] = "",
    tour: Annotated[str, typer.Option(help="Token of the tour that is changed; a new one is made without.")] = "",
    auto_start: Annotated[bool, typer.Option(help="It begins by itself when the camera starts.")] = False,
) -> None:
    """Make a preset tour at the camera, or change one."""
    from sitewarden.app.cameras import keep_tour

    keep_tour(settings, camera, tour, name, stop, auto_start=auto_start)


@cameras.command("remove-tour")
def camera_remove_tour(camera: Camera, tour: Tour, settings: Settings = None) -> None:
    """Make a camera forget a preset tour."""
    from sitewarden.app.cameras import remove_tour

    remove_tour(settings, camera, tour)


@cameras.command("lock")
def camera_lock(
    camera: Camera,
    settings: Settings = None,
    seconds: Annotated[float, typer.Option(min=5, max=3600, help="How long.")] = 60.0,
    reason: Reason = "",
) -> None:
    """Keep a camera, so that nobody of the same or a lower priority moves it."""
    from sitewarden.app.cameras import order

    order(settings, "lock", camera, seconds=seconds, reason=reason)


@cameras.command("unlock")
def camera_unlock(camera: Camera, settings: Settings = None) -> None:
    """Give a camera back."""
    from sitewarden.app.cameras import order

    order(settings, "unlock", camera)


@cameras.command("relay")
def camera_relay(
    camera: Camera,
    relay: Annotated[str, typer.Argument(help="Token of the relay output.")],
    state: Annotated[str, typer.Argument(help="on or off.")],
    settings: Settings = None,
    reason: Reason = "",
) -> None:
    """Switch a relay output of a camera."""
    from sitewarden.app.cameras import switch_relay

    switch_relay(settings, camera, relay, state, reason)


@app.command("snapshot")
def camera_snapshot(
    camera: Camera,
    output: Annotated[Path, typer.Option("--output", "-o", help="JPEG file to write.")],
    settings: Settings = None,
    at: Annotated[
        str | None,
        typer.Option(help='Recorded picture of a moment, "2026-03-01 07:15", in this machine\'s zone; now unless given.'),
    ] = None,
    width: Annotated[int, typer.Option(min=0, max=8192, help="Greatest width in pixels; 0: as it is.")] = 0,
) -> None:
    """Save a camera's picture of now, or a recorded one, as a JPEG file."""
    from sitewarden.app.snapshot import snapshot

    snapshot(settings, camera, at, width, output)


def _password(user: str, given: str | None) -> str:
    if given is None and user:
        return str(typer.prompt("Password of the camera", hide_input=True, err=True))
    return given or ""
