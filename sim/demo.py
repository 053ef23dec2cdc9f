"""The demo site: what its simulated machines are, how they are started, and the entities with which a site sees them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from sim import demo_access, demo_points
from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity
from sitewarden.net.tls import Authority

CAMERA_USER = "viewer"
CAMERA_PASSWORD = "demo-camera"  # noqa: S105 -- of a simulated camera on loopback
MODBUS_PORT = 5020
DOOR_CAMERAS = {"main-entrance": "lobby", "staff-entrance": "yard"}
SOUND = {"lobby": "aac"}
"""Cameras that hear, and what they send."""
PEOPLE_A_MINUTE = 8.0
"""Swipes a minute at each controller."""
CAMERAS = (("lobby", "Lobby camera", 8554), ("yard", "Yard camera", 8555))
ONVIF_PORTS = {"yard": 8001}
"""Cameras that speak ONVIF too, with PTZ and events, and where."""
REPLAY_PORT = 8655
"""Where such a camera replays what it recorded itself."""
MOTION_SECONDS = 45.0
"""Between two changes of what such a camera tells of motion."""


@dataclass(frozen=True)
class Machine:
    """A simulated machine: a process of its own that speaks a real protocol."""

    name: str
    command: list[str]


def machines(data: Path, host: str) -> list[Machine]:
    """Return the cameras and the plant of the demo site, listening on `host`; they keep what they must under `data`."""
    cameras = [_camera(name, port, host) for name, _, port in CAMERAS]
    controllers = [_controller(name, data / "controllers", host) for name in demo_access.CONTROLLERS]
    return [
        *cameras,
        *controllers,
        Machine(name="sim-plant", command=_python("sim.modbus", "--host", host, "--port", str(MODBUS_PORT))),
    ]


def documents(host: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (kind, document) of the demo's areas, cameras and points, in the order in which they can be made."""
    areas = [
        ("area", {"id": id_, "name": name, "tags": ["demo"]}) for id_, name in (("building", "Building"), ("plant", "Plant room"))
    ]
    cameras = [
        (
            "camera",
            {
                "id": name,
                "name": title,
                "area": "building",
                "tags": ["demo"],
                "url": f"rtsp://{host}:{port}/{name}",
                "username": CAMERA_USER,
                "password": CAMERA_PASSWORD,
                "audio": name in SOUND,
                "onvif": f"http://{host}:{ONVIF_PORTS[name]}/onvif/device_service" if name in ONVIF_PORTS else "",
                "retention_days": 7.0,
            },
        )
        for name, title, port in CAMERAS
    ]
    points = [(_kind(entity), msgspec.to_builtins(entity)) for entity in demo_points.entities(host, MODBUS_PORT, area="plant")]
    doors = [
        (kind, {**document, "camera": DOOR_CAMERAS.get(document["id"])} if kind == "door" else document)
        for kind, document in demo_access.documents("building")
    ]
    # Nobody is refused by it: it counts, so that zones and roll call have somebody to show.
    zone = {"id": "office-count", "name": "People in the offices", "areas": ["offices"], "limit": 100, "tags": ["demo"]}
    return [*areas, *cameras, *points, *doors, ("occupancy-zone", zone)]


def _camera(name: str, port: int, host: str) -> Machine:
    who = ("--host", host, "--name", name, "--user", CAMERA_USER, "--password", CAMERA_PASSWORD)
    if name in ONVIF_PORTS:
        places = ("--port", str(ONVIF_PORTS[name]), "--rtsp-port", str(port), "--replay-port", str(REPLAY_PORT))
        command = _python("sim.onvif", *who, *places, "--motion", str(MOTION_SECONDS))
    else:
        sound = ("--audio", SOUND[name], "--speaker", "PCMU") if name in SOUND else ()
        command = _python("sim.camera", *who, "--port", str(port), *sound)
    return Machine(name=f"sim-camera-{name}", command=command)


def _controller(name: str, data: Path, host: str) -> Machine:
    settings = demo_access.settings(name, data, host)
    file = data / f"{name}.toml"
    data.mkdir(parents=True, exist_ok=True)
    file.write_text(tomli_w.dumps(_without_none(msgspec.to_builtins(settings))), encoding="utf-8")
    demo_access.provision(Authority.open(data.parent / "tls"), name, data)
    control = data / f"{name}.sock"
    command = _python("sim.controller", "--config", str(file), "--control", str(control), "--rate", str(PEOPLE_A_MINUTE))
    command += ["--address", demo_access.ADDRESSES[name]]
    return Machine(name=f"sim-controller-{name}", command=command)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


def _kind(entity: Entity) -> str:
    return next(kind for kind, model in KINDS.items() if type(entity) is model)


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


ROOT = Path(__file__).resolve().parent.parent
"""Directory that holds the package `sim`."""
