"""What a camera answers, as values. Pure.

Cameras leave out what they should say, use other prefixes, and name hosts that are not reachable from here: what is missing
becomes empty, prefixes do not matter, and of every address the path alone is believed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from sitewarden.domain.clock import SECOND, from_datetime, to_datetime
from sitewarden.drivers.onvif.wire import SPACES, Service
from sitewarden.wire.httpplace import HttpPlace, PlaceError, read_place
from sitewarden.wire.xmltree import Element

MOST: Final = 64
"""Profiles, presets, tours, relays or inputs that are taken of one camera."""
LONGEST: Final = 200
"""Characters of a name or token."""
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$", re.ASCII)
_OLD_NAMES: Final[dict[str, Service]] = {
    "Device": "device",
    "Media": "media",
    "PTZ": "ptz",
    "Imaging": "imaging",
    "Events": "events",
    "DeviceIO": "deviceio",
    "Search": "search",
    "Replay": "replay",
}


class Information(Struct, frozen=True, kw_only=True):
    """Who a camera says that it is."""

    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""


class Profile(Struct, frozen=True, kw_only=True):
    """A media profile: one way in which the camera sends a picture."""

    token: str
    name: str
    service: Literal["media", "media2"]
    codec: str = ""
    """"h264", "h265", "jpeg" or what the camera says, in lower case; empty where it says nothing."""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    bitrate: int = 0
    """kbit/s at most; 0 where it says nothing."""
    source: str = ""
    """Token of the video source that imaging is set on."""
    ptz: bool = False
    node: str = ""
    """Token of its PTZ node; version 2 of the media service does not always say it."""


class Abilities(Struct, frozen=True, kw_only=True):
    """What a PTZ node can do."""

    node: str = ""
    continuous: bool = False
    absolute: bool = False
    relative: bool = False
    zoom: bool = False
    pan_tilt: bool = False
    home: bool = False
    presets: int = 0
    tours: int = 0


class Named(Struct, frozen=True, kw_only=True):
    """A preset, a tour, a relay or an input."""

    token: str
    name: str = ""
    state: str = ""


# -- device -----------------------------------------------------------------------------------------------------------


def read_time(answer: Element) -> int | None:
    """Return the camera's UTC clock, microseconds since 1970; None where it tells none."""
    said = answer.at("SystemDateAndTime", "UTCDateTime")
    date, time = (said.child("Date"), said.child("Time")) if said is not None else (None, None)
    if date is None or time is None:
        return None
    return _moment([_int(date.said(name)) for name in ("Year", "Month", "Day")] + [_int(time.said(n)) for n in _CLOCK])


_CLOCK: Final = ("Hour", "Minute", "Second")


def read_information(answer: Element) -> Information:
    """Return who the camera is."""
    return Information(
        manufacturer=plain(answer.said("Manufacturer")),
        model=plain(answer.said("Model")),
        firmware=plain(answer.said("FirmwareVersion")),
        serial=plain(answer.said("SerialNumber")),
    )


def read_services(answer: Element, base: HttpPlace) -> dict[Service, HttpPlace]:
    """Return where the services answer, of GetServices or GetCapabilities."""
    found: dict[Service, HttpPlace] = {}
    by_space = {space: name for name, space in SPACES.items()}
    for entry in answer.every("Service"):
        service = by_space.get(entry.said("Namespace"))
        if service is not None:
            found[service] = local(entry.said("XAddr"), base)
    capabilities = answer.child("Capabilities")
    if capabilities is not None:
        entries = [*capabilities.children]
        extension = capabilities.child("Extension")
        entries += extension.children if extension is not None else []
        for entry in entries:
            older = _OLD_NAMES.get(entry.name)
            if older is not None and entry.said("XAddr"):
                found.setdefault(older, local(entry.said("XAddr"), base))
    return found


def local(address: str, base: HttpPlace) -> HttpPlace:
    """Return an address that a camera names, on the host where it is really reached: cameras do not know how we reach them."""
    try:
        place = read_place(address, base)
    except PlaceError:
        return base
    same = place.host == base.host
    return HttpPlace(base.secure, base.host, place.port if same and place.secure == base.secure else base.port, place.target)


def read_named(answer: Element, entry: str, names: tuple[str, ...] = ("Name",)) -> tuple[Named, ...]:
    """Return the entries with a token: presets, tours, relay outputs, digital inputs."""
    found = []
    for each in answer.every(entry)[:MOST]:
        held = token(each.attributes.get("token", ""))
        if held:
            state = each.at("Status", "State")
            name = next((each.said(name) for name in names if each.said(name)), "")
            found.append(Named(token=held, name=plain(name), state=plain(state.text) if state is not None else ""))
    return tuple(found)


# -- media ------------------------------------------------------------------------------------------------------------


def read_profiles(answer: Element, service: Literal["media", "media2"]) -> tuple[Profile, ...]:
    """Return the profiles that send a picture, the largest first."""
    found = []
    for entry in answer.every("Profiles")[:MOST]:
        parts = entry.child("Configurations") if service == "media2" else entry
        suffix = "" if service == "media2" else "Configuration"
        held = token(entry.attributes.get("token", ""))
        if parts is None or not held:
            continue
        encoder, source = parts.child(f"VideoEncoder{suffix}"), parts.child(f"VideoSource{suffix}")
        ptz = parts.child(f"PTZ{suffix}")
        if encoder is None and source is None:
            continue
        size = encoder.child("Resolution") if encoder is not None else None
        pace = encoder.child("RateControl") if encoder is not None else None
        found.append(
            Profile(
                token=held,
                name=plain(entry.said("Name")) or held,
                service=service,
                codec=_codec(encoder.said("Encoding")) if encoder is not None else "",
                width=_int(size.said("Width")) if size is not None else 0,
                height=_int(size.said("Height")) if size is not None else 0,
                fps=number(pace.said("FrameRateLimit")) if pace is not None else 0.0,
                bitrate=_int(pace.said("BitrateLimit")) if pace is not None else 0,
                source=token(source.said("SourceToken")) if source is not None else "",
                ptz=ptz is not None,
                node=token(ptz.said("NodeToken")) if ptz is not None else "",
            )
        )
    return tuple(sorted(found, key=lambda one: -one.width * one.height))


def read_stream(answer: Element, base: HttpPlace) -> str:
    """Return the RTSP address without user and password, on the host where the camera is reached; empty where there is none."""
    said = answer.said("Uri") or next((each.said("Uri") for each in answer.children if each.said("Uri")), "")
    if len(said) > 500 or any(not "!" <= character <= "~" for character in said):
        return ""
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("rtsp", "rtsps"):
        return ""
    host = f"[{base.host}]" if ":" in base.host else base.host
    return urlunsplit((parts.scheme, f"{host}:{port}" if port else host, parts.path or "/", parts.query, ""))


def _codec(said: str) -> str:
    return {"H264": "h264", "H265": "h265", "HEVC": "h265", "JPEG": "jpeg"}.get(said.upper(), plain(said).lower())


# -- PTZ --------------------------------------------------------------------------------------------------------------


def read_nodes(answer: Element) -> tuple[Abilities, ...]:
    """Return what the PTZ nodes can do."""
    found = []
    for entry in answer.every("PTZNode")[:MOST]:
        spaces = entry.child("SupportedPTZSpaces")
        names = {each.name for each in spaces.children} if spaces is not None else set()
        tours = entry.at("Extension", "SupportedPresetTour", "MaximumNumberOfPresetTours")
        found.append(
            Abilities(
                node=token(entry.attributes.get("token", "")),
                continuous=bool(names & {"ContinuousPanTiltVelocitySpace", "ContinuousZoomVelocitySpace"}),
                absolute=bool(names & {"AbsolutePanTiltPositionSpace", "AbsoluteZoomPositionSpace"}),
                relative=bool(names & {"RelativePanTiltTranslationSpace", "RelativeZoomTranslationSpace"}),
                pan_tilt=any("PanTilt" in name for name in names),
                zoom=any("Zoom" in name for name in names),
                home=truth(entry.said("HomeSupported")) is True,
                presets=_int(entry.said("MaximumNumberOfPresets")),
                tours=_int(tours.text) if tours is not None else 0,
            )
        )
    return tuple(found)


def read_position(answer: Element) -> dict[str, float]:
    """Return where a camera looks: "pan", "tilt", "zoom", as far as it says."""
    position = answer.at("PTZStatus", "Position")
    found = {}
    pan_tilt = position.child("PanTilt") if position is not None else None
    zoom = position.child("Zoom") if position is not None else None
    if pan_tilt is not None:
        found = {"pan": number(pan_tilt.attributes.get("x", "")), "tilt": number(pan_tilt.attributes.get("y", ""))}
    if zoom is not None:
        found["zoom"] = number(zoom.attributes.get("x", ""))
    return found


# -- imaging ----------------------------------------------------------------------------------------------------------

_LEVELS: Final = (
    ("brightness", "Brightness"),
    ("contrast", "Contrast"),
    ("saturation", "ColorSaturation"),
    ("sharpness", "Sharpness"),
)


def read_imaging(answer: Element) -> dict[str, float | str]:
    """Return how the picture is set, as far as the camera says."""
    settings = answer.child("ImagingSettings")
    if settings is None:
        return {}
    found: dict[str, float | str] = {name: number(settings.said(tag)) for name, tag in _LEVELS if settings.said(tag)}
    if settings.said("IrCutFilter"):
        found["ir_cut"] = plain(settings.said("IrCutFilter"))
    focus = settings.at("Focus", "AutoFocusMode")
    if focus is not None:
        found["focus"] = plain(focus.text)
    exposure = settings.child("Exposure")
    if exposure is not None:
        found["exposure"] = plain(exposure.said("Mode"))
        if exposure.said("Iris"):
            found["iris"] = number(exposure.said("Iris"))
    return found


def read_imaging_options(answer: Element) -> dict[str, list[float] | list[str]]:
    """Return [least, most] of the levels and "iris", and the words of "ir_cut", "focus" and "exposure"."""
    options = answer.child("ImagingOptions")
    found: dict[str, list[float] | list[str]] = {}
    if options is None:
        return found
    for name, tag in _LEVELS:
        span = options.child(tag)
        if span is not None:
            found[name] = [number(span.said("Min")), number(span.said("Max"))]
    words = [plain(each.text) for each in options.every("IrCutFilterModes")[:MOST]]
    if words:
        found["ir_cut"] = words
    focus = options.child("Focus")
    if focus is not None:
        found["focus"] = [plain(each.text) for each in focus.every("AutoFocusModes")[:MOST]]
    exposure = options.child("Exposure")
    if exposure is not None:
        found["exposure"] = [plain(each.text) for each in exposure.every("Mode")[:MOST]]
        iris = exposure.child("Iris")
        if iris is not None:
            found["iris"] = [number(iris.said("Min")), number(iris.said("Max"))]
    return found


# -- words ---------------------------------------------------------------------------------------------------------------


def truth(said: str) -> bool | None:
    """Return True or False as cameras say it; None for anything else."""
    lowered = said.strip().lower()
    if lowered in ("true", "1", "active", "on"):
        return True
    return False if lowered in ("false", "0", "inactive", "off") else None


def read_moment(said: str) -> int | None:
    """Return an xs:dateTime as microseconds since 1970 UTC; None for anything else. A time without a zone is UTC."""
    match = _TIME.match(said.strip()[:40])
    if match is None:
        return None
    whole = _moment([int(part) for part in match.groups()[:6]])
    if whole is None:
        return None
    zone = match[8]
    if zone and zone != "Z":
        shift = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60 * SECOND
        whole += -shift if zone[0] == "+" else shift
    return whole + (round(float(match[7]) * SECOND) if match[7] else 0)


def show_moment(us: int) -> str:
    """Return microseconds since 1970 UTC as "2026-01-31T12:00:00Z", as tokens and cameras write it."""
    return to_datetime(us).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(parts: list[int]) -> int | None:
    year, month, day, hour, minute, second = parts
    try:
        # A leap second is the last second before it.
        return from_datetime(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC))
    except ValueError:
        return None


def plain(text: str) -> str:
    """Return a text on one line, without what cannot be shown."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:LONGEST]


def token(text: str) -> str:
    """Return a token as it is; empty for one that is too long, or that cannot be shown."""
    return text if len(text) <= LONGEST and text.isprintable() else ""


def _int(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def number(text: str) -> float:
    """Return a number; 0 for what is none."""
    try:
        value = float(text) if len(text) <= 30 else 0.0
    except ValueError:
        return 0.0
    return value if -1e9 < value < 1e9 else 0.0
