"""What a camera can be told: the arguments of the commands "camera.ptz.move", "camera.preset.goto" and so on. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=-1, le=1)]
Token = Annotated[str, Meta(min_length=1, max_length=200)]
LONGEST_HOLD = 5.0
"""Seconds that a movement goes on at most without being asked for again."""


class Control(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the arguments."""


class Nothing(Control, frozen=True, kw_only=True):
    """No arguments."""


class Move(Control, frozen=True, kw_only=True):
    """Move with these velocities, −1 to 1: right, up and in are positive.

    The movement stops by itself after `seconds`: who goes on moving asks again before that.
    """

    pan: Share = 0.0
    tilt: Share = 0.0
    zoom: Share = 0.0
    seconds: Annotated[float, Meta(ge=0.1, le=LONGEST_HOLD)] = 1.5


class Place(Control, frozen=True, kw_only=True):
    """A place, or a distance, in the camera's generic spaces, −1 to 1 (zoom 0 to 1 where it is a place). Null: leave it."""

    pan: Share | None = None
    tilt: Share | None = None
    zoom: Share | None = None


class Preset(Control, frozen=True, kw_only=True):
    """A preset by its token."""

    preset: Token


class KeepPreset(Control, frozen=True, kw_only=True):
    """Keep the present position under a name; `preset` names the one that it replaces."""

    name: Annotated[str, Meta(max_length=64)] = ""
    preset: Annotated[str, Meta(max_length=200)] = ""


class Tour(Control, frozen=True, kw_only=True):
    """Start, stop or pause a preset tour."""

    tour: Token
    operation: Literal["start", "stop", "pause"]


class TourStop(Control, frozen=True, kw_only=True):
    """One stop of a preset tour: a preset, home, or a place, exactly one of them."""

    preset: Annotated[str, Meta(max_length=200)] = ""
    home: bool = False
    place: Place | None = None
    stay: Annotated[float, Meta(ge=0, le=3600, description="Seconds that it looks there.")] = 10.0
    speed: Annotated[float, Meta(ge=0, le=1, description="On the way there, of the greatest; 0: the camera's own.")] = 0.0


class KeepTour(Control, frozen=True, kw_only=True):
    """Keep a preset tour; `tour` names the one that it replaces, empty: a new one."""

    tour: Annotated[str, Meta(max_length=200)] = ""
    name: Annotated[str, Meta(max_length=64)] = ""
    stops: Annotated[tuple[TourStop, ...], Meta(min_length=1, max_length=64)]
    auto_start: Annotated[bool, Meta(description="It begins by itself when the camera starts.")] = False


class DropTour(Control, frozen=True, kw_only=True):
    """A preset tour that is to be forgotten."""

    tour: Token


class Imaging(Control, frozen=True, kw_only=True):
    """How the picture is to be set; what is left out stays. The numbers are the camera's own."""

    brightness: float | None = None
    contrast: float | None = None
    saturation: float | None = None
    sharpness: float | None = None
    ir_cut: Literal["ON", "OFF", "AUTO"] | None = None
    focus: Literal["AUTO", "MANUAL"] | None = None
    exposure: Literal["AUTO", "MANUAL"] | None = None
    iris: float | None = None
    """It sets the exposure to MANUAL unless that is said too."""


class Focus(Control, frozen=True, kw_only=True):
    """Move the focus, −1 (near) to 1 (far). It stops by itself after `seconds`."""

    speed: Share
    seconds: Annotated[float, Meta(ge=0.1, le=LONGEST_HOLD)] = 1.5


class Relay(Control, frozen=True, kw_only=True):
    """Switch a relay output."""

    relay: Token
    active: bool


class EdgeSpan(Control, frozen=True, kw_only=True):
    """What the camera recorded itself in [start, end), microseconds since 1970 UTC by our clock."""

    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]


class Sync(Control, frozen=True, kw_only=True):
    """Send a key frame of the stream at this address."""

    url: Annotated[str, Meta(max_length=500)]


COMMANDS: dict[str, type[Control]] = {
    "camera.ptz.move": Move,
    "camera.ptz.stop": Nothing,
    "camera.ptz.absolute": Place,
    "camera.ptz.relative": Place,
    "camera.ptz.home": Nothing,
    "camera.ptz.set-home": Nothing,
    "camera.ptz.status": Nothing,
    "camera.preset.list": Nothing,
    "camera.preset.goto": Preset,
    "camera.preset.set": KeepPreset,
    "camera.preset.remove": Preset,
    "camera.tour.list": Nothing,
    "camera.tour.operate": Tour,
    "camera.tour.set": KeepTour,
    "camera.tour.remove": DropTour,
    "camera.imaging.get": Nothing,
    "camera.imaging.set": Imaging,
    "camera.focus.move": Focus,
    "camera.focus.stop": Nothing,
    "camera.relay.set": Relay,
    "camera.edge.find": EdgeSpan,
    "camera.picture.sync": Sync,
}
"""Command to its arguments. Presets, tours, positions, imaging and recordings come back in `Result.value`."""
