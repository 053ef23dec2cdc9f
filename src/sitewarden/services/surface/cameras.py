"""Messages of adding, moving and switching cameras."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id, Name
from sitewarden.domain.video import control
from sitewarden.domain.video.holds import LONGEST, Hold
from sitewarden.services.surface.access import Reason
from sitewarden.services.surface.entities import SecretText

Address = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        description="IP address or name, with a port where it is not 80; or http://host/path of its ONVIF device service.",
    ),
]


class ProbeCamera(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask a camera over ONVIF what it is, before it is added."""

    address: Address
    username: Annotated[str, Meta(max_length=120)] = ""
    password: SecretText = ""


class ProbedStream(Struct, frozen=True, kw_only=True):
    """One media profile of a camera."""

    profile: str
    name: str
    url: str
    codec: str
    """"h264", "h265", "jpeg"; empty where the camera does not say."""
    width: int
    height: int
    fps: float


class ProbedCamera(Struct, frozen=True, kw_only=True):
    """What a camera says of itself. Nothing of it is proven."""

    onvif: str
    """Address of its device service."""
    onvif_fingerprint: str
    """SHA-256 of its certificate where no authority signed it: compare it before adding the camera."""
    name: str
    """A name for it that is free."""
    manufacturer: str
    model: str
    firmware: str
    serial: str
    streams: tuple[ProbedStream, ...]
    """The largest picture first."""
    chosen: str
    """Profile that would be recorded."""
    sub: str
    """Profile that would be the second stream, for small pictures; empty where none fits."""
    ptz: bool
    presets: bool
    relays: int
    inputs: int
    events: bool
    clock_offset: float
    """Seconds by which its clock is ahead."""
    site: tuple[str, ...]
    """Cameras of the site at this address."""


class AddCamera(ProbeCamera, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Add a camera by its address, user and password; what is left out is taken from what it says."""

    name: Name | None = None
    area: Id | None = None
    profile: Annotated[str, Meta(max_length=200, description="Profile to record; empty: the largest that can be.")] = ""
    sub: Annotated[
        Annotated[str, Meta(max_length=200)] | None,
        Meta(description="Profile of the second stream; empty: none. None: the one that fits."),
    ] = None
    fingerprint: Annotated[
        str, Meta(pattern="^([0-9a-f]{64})?$", description="Refuse a camera whose certificate has another SHA-256.")
    ] = ""


class AddedCamera(Struct, frozen=True, kw_only=True):
    """The camera that was made."""

    entity: str
    """Its reference, "camera:hall"."""
    name: str
    url: str


class CameraAsk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which camera."""

    id: Id


class CameraMove(control.Move, frozen=True, kw_only=True):
    """Move a camera; ask again before `seconds` are over to go on."""

    id: Id


class CameraPlace(control.Place, frozen=True, kw_only=True):
    """Point a camera at a place, or by so much from where it looks."""

    id: Id
    relative: bool = False


class CameraHome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Go home, or make the present position home."""

    id: Id
    set: bool = False


class CameraPreset(control.Preset, frozen=True, kw_only=True):
    """A preset of a camera."""

    id: Id


class CameraDropPreset(control.Preset, frozen=True, kw_only=True):
    """A preset that a camera is to forget."""

    id: Id


class CameraKeepPreset(control.KeepPreset, frozen=True, kw_only=True):
    """Keep where a camera looks as a preset."""

    id: Id


class CameraTour(control.Tour, frozen=True, kw_only=True):
    """A preset tour of a camera."""

    id: Id


class CameraKeepTour(control.KeepTour, frozen=True, kw_only=True):
    """Keep a preset tour of a camera: its stops in order, how long it looks at each."""

    id: Id


class CameraDropTour(control.DropTour, frozen=True, kw_only=True):
    """A preset tour that a camera is to forget."""

    id: Id


class CameraImaging(control.Imaging, frozen=True, kw_only=True):
    """How a camera's picture is to be set."""

    id: Id


class CameraFocus(control.Focus, frozen=True, kw_only=True):
    """Move a camera's focus."""

    id: Id


class CameraRelay(control.Relay, frozen=True, kw_only=True):
    """Switch a relay output of a camera."""

    id: Id
    reason: Reason = ""


class CameraLock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keep a camera for oneself."""

    id: Id
    seconds: Annotated[float, Meta(ge=5, le=LONGEST)] = 60.0
    reason: Reason = ""


class CameraSay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of speech for a camera's loudspeaker; the next is sent before it is over."""

    id: Id
    audio: Annotated[bytes, Meta(min_length=2, max_length=16_000)]
    """Samples of 16 bits, little-endian, 8,000 a second, one channel: a second at most."""


class CameraSpeech(Struct, frozen=True, kw_only=True):
    """Until when the loudspeaker is the caller's, microseconds since 1970 UTC; each piece prolongs it."""

    until: int


class CameraHold(Struct, frozen=True, kw_only=True):
    """Who moves a camera now; null where nobody does."""

    hold: Hold | None


class NamedPlace(Struct, frozen=True, kw_only=True):
    """A preset."""

    token: str
    name: str


class Presets(Struct, frozen=True, kw_only=True):
    """What a camera remembers."""

    items: tuple[NamedPlace, ...]


class PresetTour(Struct, frozen=True, kw_only=True):
    """A preset tour, as the camera has it; `state` as the camera says it: Idle, Touring, Paused, Extended."""

    token: str
    name: str
    state: str
    auto_start: bool
    stops: tuple[control.TourStop, ...]
    whole: Annotated[bool, Meta(description="False where it has stops that cannot be told here; it cannot be changed then.")]


class PresetTours(Struct, frozen=True, kw_only=True):
    """A camera's preset tours."""

    items: tuple[PresetTour, ...]


class KeptTour(Struct, frozen=True, kw_only=True):
    """The tour that was made or changed."""

    tour: str


class KeptPreset(Struct, frozen=True, kw_only=True):
    """The preset that was made."""

    preset: str


class ImagingState(Struct, frozen=True, kw_only=True):
    """How a picture is set, and [least, most] or the words of what can be set."""

    settings: dict[str, Any]
    options: dict[str, Any]
