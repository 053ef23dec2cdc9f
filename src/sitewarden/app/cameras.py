"""`sitewarden camera`: add a camera by its address, and move one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.errors import Invalid

PAGE: Final = 1000
COLUMNS: Final = (
    ("id", "camera"),
    ("name", "name"),
    ("stream", "stream"),
    ("onvif", "ONVIF"),
    ("model", "model"),
    ("held", "moved by"),
    ("url", "stream address"),
)
STREAMS: Final = (
    ("profile", "profile"),
    ("name", "name"),
    ("codec", "codec"),
    ("size", "size"),
    ("fps", "frames/s"),
    ("url", "address"),
    ("recorded", ""),
)


def list_cameras(settings_path: Path | None, *, json: bool) -> None:
    """Show the cameras."""

    async def work(ask: Ask) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = await ask("camera.list", limit=PAGE, offset=len(found))
            found += page["items"]
            if len(found) >= page["total"] or not page["items"]:
                break
        statuses = {one["ref"]: one for one in (await ask("status.list"))["items"]}

        def row(camera: dict[str, Any]) -> dict[str, Any]:
            stream, onvif, hold = (
                statuses.get(f"{kind}:{camera['id']}", {}) for kind in ("camera", "camera-control", "camera-hold")
            )
            return {
                "id": camera["id"],
                "name": camera["name"],
                "url": camera["url"],
                "stream": stream.get("state", "unknown"),
                "onvif": onvif.get("state", "unknown") if camera["onvif"] else "",
                "model": onvif.get("data", {}).get("model", ""),
                "held": hold.get("data", {}).get("name", "") if hold.get("state") == "held" else "",
            }

        return [row(camera) for camera in found]

    rows = with_platform(settled(settings_path), work)
    if json:
        show.as_json(rows)
    else:
        show.table(rows, COLUMNS, empty="No camera. Find some with `sitewarden discover devices`.")


def probe_camera(settings_path: Path | None, address: str, user: str, password: str, *, json: bool) -> None:
    """Ask a camera, and show what it says."""

    async def work(ask: Ask) -> Any:
        return await ask("cameras.probe", address=address, username=user, password=password)

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    who = " ".join(filter(None, (found["manufacturer"], found["model"]))) or "A camera that does not say what it is"
    has = [
        *(["PTZ"] if found["ptz"] else []),
        *(["events"] if found["events"] else []),
        f"{found['relays']} relays",
        f"{found['inputs']} inputs",
    ]
    show.out.print(f"{who}, firmware {found['firmware'] or '?'}, serial number {found['serial'] or '?'}: {', '.join(has)}.")
    if abs(found["clock_offset"]) > 5:
        show.out.print(f"Its clock is {abs(found['clock_offset']):.0f} s {'ahead' if found['clock_offset'] > 0 else 'behind'}.")
    if found["onvif_fingerprint"]:
        show.out.print(f"No authority signed its certificate; SHA-256 {found['onvif_fingerprint']}.", soft_wrap=True)
    if found["site"]:
        show.out.print(f"In the site already: {', '.join(found['site'])}.")
    streams = [
        {
            **stream,
            "size": f"{stream['width']}×{stream['height']}",
            "fps": f"{stream['fps']:g}",
            "recorded": "would be recorded" if stream["profile"] == found["chosen"] else "",
        }
        for stream in found["streams"]
    ]
    show.table(streams, STREAMS, empty="It tells no stream.")


def add_camera(settings_path: Path | None, address: str, user: str, password: str, extra: dict[str, str], *, json: bool) -> None:
    """Add a camera."""

    async def work(ask: Ask) -> Any:
        given = {name: value for name, value in extra.items() if value}
        return await ask("cameras.add", address=address, username=user, password=password, **given)

    added = with_platform(settled(settings_path), work)
    if json:
        show.as_json(added)
    else:
        id_ = added["entity"].partition(":")[2]
        show.out.print(f"{added['name']} is added as {id_}: {added['url']}. `sitewarden camera list` shows it.", soft_wrap=True)


def order(settings_path: Path | None, what: str, camera: str, **args: Any) -> None:
    """Tell a camera to do something, and who has it then."""

    async def work(ask: Ask) -> Any:
        return await ask(f"cameras.{what}", id=camera, **args)

    hold = with_platform(settled(settings_path), work)["hold"]
    until = f", held by {hold['name']} until {show.moment(hold['until'])}" if hold else ""
    show.out.print(f"{camera} has done it{until}.")


def presets(settings_path: Path | None, camera: str, *, json: bool) -> None:
    """Show a camera's presets."""

    async def work(ask: Ask) -> Any:
        return (await ask("cameras.presets", id=camera))["items"]

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
    else:
        show.table(found, (("token", "preset"), ("name", "name")), empty="It has no presets.")


def tours(settings_path: Path | None, camera: str, *, json: bool) -> None:
    """Show a camera's preset tours."""

    async def work(ask: Ask) -> Any:
        return (await ask("cameras.tours", id=camera))["items"]

    found = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    rows = [{**one, "stops": " > ".join(map(_stop_said, one["stops"]))} for one in found]
    show.table(rows, (("token", "tour"), ("name", "name"), ("state", "state"), ("stops", "stops")), empty="It has no tours.")


def keep_tour(settings_path: Path | None, camera: str, tour: str, name: str, stops: list[str], *, auto_start: bool) -> None:
    """Make a preset tour at a camera, or change one."""
    read = [read_stop(stop) for stop in stops]

    async def work(ask: Ask) -> Any:
        return await ask("cameras.keep-tour", id=camera, tour=tour, name=name, stops=read, auto_start=auto_start)

    show.out.print(f"{camera} keeps the tour {with_platform(settled(settings_path), work)['tour']}.")


def remove_tour(settings_path: Path | None, camera: str, tour: str) -> None:
    """Make a camera forget a preset tour."""

    async def work(ask: Ask) -> Any:
        return await ask("cameras.remove-tour", id=camera, tour=tour)

    with_platform(settled(settings_path), work)
    show.out.print(f"{camera} has forgotten the tour {tour}.")


def read_stop(said: str) -> dict[str, Any]:
    """Return a stop of a tour from "PRESET", "PRESET,SECONDS" or "PRESET,SECONDS,SPEED"; the preset "home" is home."""
    preset, *numbers = said.split(",")
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        values = [0.0] * 3
    if not preset or len(values) > 2:
        raise Invalid(
            f"{said!r} is no stop of a tour", where="stop", remedy="Say PRESET,SECONDS,SPEED, such as 1,15,0.5 or home,5."
        )
    where: dict[str, Any] = {"home": True} if preset == "home" else {"preset": preset}
    return where | dict(zip(("stay", "speed"), values, strict=False))


def _stop_said(stop: dict[str, Any]) -> str:
    where = stop["preset"] or ("home" if stop["home"] else "a place")
    return f"{where} ({stop['stay']:g} s)"


def switch_relay(settings_path: Path | None, camera: str, relay: str, state: str, reason: str) -> None:
    """Switch a relay output."""
    if state not in ("on", "off"):
        raise Invalid(f"a relay is not {state!r}", where="state", remedy="Say on or off.")

    async def work(ask: Ask) -> Any:
        return await ask("cameras.relay", id=camera, relay=relay, active=state == "on", reason=reason)

    with_platform(settled(settings_path), work)
    show.out.print(f"{relay} of {camera} is {state}.")
