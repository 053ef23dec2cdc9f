"""The PTZ service of the simulated camera: moves and presets. No I/O."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sitewarden.drivers.onvif.mapping import show_moment
from sitewarden.wire.soap import SoapFault
from sitewarden.wire.soap import element as el
from sitewarden.wire.xmltree import Element

GENERIC: Final = "http://www.onvif.org/ver10/tptz"
SPACE_NAMES: Final = (
    ("AbsolutePanTiltPositionSpace", "PanTiltSpaces/PositionGenericSpace", -1, True),
    ("AbsoluteZoomPositionSpace", "ZoomSpaces/PositionGenericSpace", 0, False),
    ("RelativePanTiltTranslationSpace", "PanTiltSpaces/TranslationGenericSpace", -1, True),
    ("RelativeZoomTranslationSpace", "ZoomSpaces/TranslationGenericSpace", -1, False),
    ("ContinuousPanTiltVelocitySpace", "PanTiltSpaces/VelocityGenericSpace", -1, True),
    ("ContinuousZoomVelocitySpace", "ZoomSpaces/VelocityGenericSpace", -1, False),
)
MOST_TOURS: Final = 4
SPEED: Final = 0.5
"""Of the whole range in a second at full velocity."""


class Head:
    """Where the camera looks, how it moves, what it remembers. Methods named as requests are their answers."""

    def __init__(self, profiles: frozenset[str]) -> None:
        self.profiles = profiles
        self.keeps_timeout = False
        """True stops a continuous movement after the timeout that came with it; many cameras do not."""
        self.position = {"pan": 0.0, "tilt": 0.0, "zoom": 0.0}
        self.velocity = {"pan": 0.0, "tilt": 0.0, "zoom": 0.0}
        self._moved = time.monotonic()
        self._move_ends: float | None = None
        self.presets: dict[str, tuple[str, dict[str, float]]] = {
            "1": ("Gate", {"pan": -0.5, "tilt": 0.1, "zoom": 0.2}),
            "2": ("Car park", {"pan": 0.6, "tilt": -0.2, "zoom": 0.0}),
        }
        self.home: dict[str, float] | None = {"pan": 0.0, "tilt": 0.0, "zoom": 0.0}
        self.going: Callable[[], None] = lambda: None
        """Called before it is told where the head is: a tour may have moved it."""

    @property
    def moving(self) -> bool:
        """True while a continuous movement goes on."""
        self.advance()
        return any(self.velocity.values())

    def advance(self) -> None:
        """Move on to now."""
        self.going()
        now = time.monotonic()
        until = now if self._move_ends is None else min(now, self._move_ends)
        for axis, speed in self.velocity.items():
            least = 0.0 if axis == "zoom" else -1.0
            moved = self.position[axis] + speed * SPEED * max(0.0, until - self._moved)
            self.position[axis] = min(1.0, max(least, moved))
        self._moved = now
        if self._move_ends is not None and now >= self._move_ends:
            self.halt()

    def halt(self) -> None:
        """Stop."""
        self.velocity = dict.fromkeys(self.velocity, 0.0)
        self._move_ends = None

    def ptz_GetNodes(self, asked: Element, host: str) -> str:
        def span(tag: str, least: int) -> str:
            return el(f"tt:{tag}", el("tt:Min", text=least), el("tt:Max", text=1))

        spaces = "".join(
            el(f"tt:{name}", el("tt:URI", text=f"{GENERIC}/{uri}"), span("XRange", least), span("YRange", least) if two else "")
            for name, uri, least, two in SPACE_NAMES
        )
        tours = el("tt:MaximumNumberOfPresetTours", text=MOST_TOURS)
        tours += "".join(el("tt:PTZPresetTourOperation", text=word) for word in ("Start", "Stop", "Pause"))
        return el(
            "tptz:PTZNode",
            el("tt:Name", text="node"),
            el("tt:SupportedPTZSpaces", spaces),
            el("tt:MaximumNumberOfPresets", text=16),
            el("tt:HomeSupported", text="true"),
            el("tt:Extension", el("tt:SupportedPresetTour", tours)),
            attributes={"token": "node"},
        )

    def at_profile(self, asked: Element) -> None:
        """Refuse a profile that there is not; move on to now."""
        if asked.said("ProfileToken") not in self.profiles:
            raise SoapFault(("Sender", "InvalidArgVal", "NoProfile"), "Profile does not exist")
        self.advance()

    def ptz_GetStatus(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        busy = "MOVING" if any(self.velocity.values()) else "IDLE"
        status = el("tt:MoveStatus", el("tt:PanTilt", text=busy), el("tt:Zoom", text=busy))
        return el(
            "tptz:PTZStatus",
            vector("tt:Position", self.position),
            status,
            el("tt:UtcTime", text=show_moment(round(time.time() * 1e6))),
        )

    def ptz_ContinuousMove(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        self.velocity = {**dict.fromkeys(self.velocity, 0.0), **read_vector(asked.child("Velocity"))}
        said = asked.said("Timeout")
        kept = self.keeps_timeout and said.startswith("PT") and said.endswith("S")
        self._move_ends = time.monotonic() + float(said[2:-1]) if kept else None
        return ""

    def ptz_AbsoluteMove(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        self.halt()
        self.position |= read_vector(asked.child("Position"))
        return ""

    def ptz_RelativeMove(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        self.halt()
        for axis, distance in read_vector(asked.child("Translation")).items():
            self.position[axis] = min(1.0, max(-1.0, self.position[axis] + distance))
        return ""

    def ptz_Stop(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        self.halt()
        return ""

    def ptz_GotoHomePosition(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        if self.home is None:
            raise SoapFault(("Receiver", "Action", "NoHomePosition"), "No Home Position")
        self.halt()
        self.position = dict(self.home)
        return ""

    def ptz_SetHomePosition(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        self.home = dict(self.position)
        return ""

    def ptz_GetPresets(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        return "".join(
            el("tptz:Preset", el("tt:Name", text=name), vector("tt:PTZPosition", place), attributes={"token": token})
            for token, (name, place) in self.presets.items()
        )

    def _preset(self, asked: Element) -> str:
        self.at_profile(asked)
        token = asked.said("PresetToken")
        if token not in self.presets:
            raise SoapFault(("Sender", "InvalidArgVal", "NoToken"), "The requested preset token does not exist")
        return token

    def ptz_GotoPreset(self, asked: Element, host: str) -> str:
        token = self._preset(asked)
        self.halt()
        self.position = dict(self.presets[token][1])
        return ""

    def ptz_RemovePreset(self, asked: Element, host: str) -> str:
        del self.presets[self._preset(asked)]
        return ""

    def ptz_SetPreset(self, asked: Element, host: str) -> str:
        self.at_profile(asked)
        token = self._preset(asked) if asked.said("PresetToken") else str(max((int(key) for key in self.presets), default=0) + 1)
        self.presets[token] = (asked.said("PresetName") or f"Preset {token}", dict(self.position))
        return el("tptz:PresetToken", text=token)


def vector(name: str, place: dict[str, float]) -> str:
    """Return a position."""
    pan_tilt = el("tt:PanTilt", attributes={"x": place["pan"], "y": place["tilt"], "space": f"{GENERIC}/{SPACE_NAMES[0][1]}"})
    return el(name, pan_tilt, el("tt:Zoom", attributes={"x": place["zoom"], "space": f"{GENERIC}/{SPACE_NAMES[1][1]}"}))


def read_vector(element: Element | None) -> dict[str, float]:
    """Return the axes that a vector names."""
    found: dict[str, float] = {}
    if element is None:
        return found
    pan_tilt, zoom = element.child("PanTilt"), element.child("Zoom")
    if pan_tilt is not None:
        found |= {"pan": float(pan_tilt.attributes["x"]), "tilt": float(pan_tilt.attributes["y"])}
    if zoom is not None:
        found["zoom"] = float(zoom.attributes["x"])
    return found
