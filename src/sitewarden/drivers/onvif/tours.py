"""A camera's preset tours (ONVIF PTZ Service Specification clause 5.9): what is asked, what it answers. Pure."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from sitewarden.domain.video.control import Place, TourStop
from sitewarden.drivers.onvif.mapping import LONGEST, MOST, number, plain, token, truth
from sitewarden.drivers.onvif.wire import Ask, Axes, in_profile, request, vector
from sitewarden.drivers.onvif.wire import number as said
from sitewarden.wire.soap import element as el
from sitewarden.wire.xmltree import Element

MOST_STOPS: Final = 64
"""Stops that are taken of one tour."""
LONGEST_STAY: Final = 3600.0
"""Seconds."""
IDLE: Final = "Idle"
_DURATION: Final = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,7}(?:\.\d{1,9})?)S)?)?$", re.ASCII)
_CONDITIONS: Final = {"RecurringTime": r"\d{1,9}$", "RecurringDuration": r"P[0-9DTHMS.]{1,30}$", "Direction": r"[A-Za-z]{1,20}$"}
"""What a tour's starting condition may hold, in the schema's order."""


class PresetTour(Struct, frozen=True, kw_only=True):
    """A tour as the camera has it."""

    token: str
    name: str = ""
    state: str = ""
    auto_start: bool = False
    stops: tuple[TourStop, ...] = ()
    whole: bool = True
    """False where it has stops that cannot be told here: writing it anew would lose them."""
    condition: tuple[tuple[str, str], ...] = ()
    """How it repeats, as the camera says it."""
    shuffled: bool = False

    def told(self) -> dict[str, Any]:
        """Return what a person is told of it."""
        stops = [msgspec.to_builtins(stop) for stop in self.stops]
        return {
            "token": self.token,
            "name": self.name,
            "state": self.state,
            "auto_start": self.auto_start,
            "stops": stops,
            "whole": self.whole,
        }


def get_tours(profile: str) -> Ask:
    """Ask for the preset tours."""
    return request("ptz", "tptz", "GetPresetTours", in_profile(profile))


def operate_tour(profile: str, tour: str, operation: Literal["Start", "Stop", "Pause"]) -> Ask:
    """Ask to start, stop or pause a preset tour."""
    inside = (el("tptz:PresetTourToken", text=tour), el("tptz:Operation", text=operation))
    return request("ptz", "tptz", "OperatePresetTour", in_profile(profile), *inside)


def create_tour(profile: str) -> Ask:
    """Ask for a new tour, which is empty."""
    return request("ptz", "tptz", "CreatePresetTour", in_profile(profile))


def modify_tour(profile: str, tour: PresetTour, *, pan_tilt: bool, zoom: bool) -> Ask:
    """Ask to make a tour this one."""
    named = el("tt:Name", text=tour.name) if tour.name else ""
    condition = el(
        "tt:StartingCondition",
        *(el(f"tt:{name}", text=value) for name, value in tour.condition),
        attributes={"RandomPresetOrder": "true"} if tour.shuffled else None,
    )
    body = el(
        "tptz:PresetTour",
        named,
        el("tt:Status", el("tt:State", text=IDLE)),
        el("tt:AutoStart", text=str(tour.auto_start).lower()),
        condition,
        *(_spot(stop, pan_tilt=pan_tilt, zoom=zoom) for stop in tour.stops),
        attributes={"token": tour.token},
    )
    return request("ptz", "tptz", "ModifyPresetTour", in_profile(profile), body)


def remove_tour(profile: str, tour: str) -> Ask:
    """Ask to forget a tour."""
    return request("ptz", "tptz", "RemovePresetTour", in_profile(profile), el("tptz:PresetTourToken", text=tour))


def read_tours(answer: Element) -> tuple[PresetTour, ...]:
    """Return the tours of GetPresetTours."""
    found = []
    for entry in answer.every("PresetTour")[:MOST]:
        held = token(entry.attributes.get("token", ""))
        if not held:
            continue
        state, condition = entry.at("Status", "State"), entry.child("StartingCondition")
        spots = entry.every("TourSpot")
        stops = [stop for stop in map(_stop, spots[:MOST_STOPS]) if stop is not None]
        found.append(
            PresetTour(
                token=held,
                name=plain(entry.said("Name")),
                state=plain(state.text) if state is not None else "",
                auto_start=truth(entry.said("AutoStart")) is True,
                stops=tuple(stops),
                whole=len(stops) == len(spots),
                condition=_condition(condition) if condition is not None else (),
                shuffled=condition is not None and truth(condition.attributes.get("RandomPresetOrder", "")) is True,
            )
        )
    return tuple(found)


def read_duration(text: str) -> float | None:
    """Return an xs:duration without years and months in seconds; None for anything else."""
    match = _DURATION.match(text.strip()[:LONGEST])
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _condition(element: Element) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, element.said(name)) for name, pattern in _CONDITIONS.items() if re.match(pattern, element.said(name), re.ASCII)
    )


def _spot(stop: TourStop, *, pan_tilt: bool, zoom: bool) -> str:
    if stop.preset:
        where = el("tt:PresetToken", text=stop.preset)
    elif stop.home:
        where = el("tt:Home", text="true")
    else:
        where = el("tt:PTZPosition", vector(_axes(stop.place or Place())))
    speed: Axes = {"pan": stop.speed, "tilt": stop.speed} if pan_tilt else {}
    if zoom:
        speed["zoom"] = stop.speed
    return el(
        "tt:TourSpot",
        el("tt:PresetDetail", where),
        el("tt:Speed", vector(speed)) if stop.speed and speed else "",
        el("tt:StayTime", text=f"PT{said(stop.stay)}S"),
    )


def _stop(spot: Element) -> TourStop | None:
    detail = spot.child("PresetDetail")
    if detail is None:
        return None
    preset = token(detail.said("PresetToken"))
    home = truth(detail.said("Home")) is True
    position = detail.child("PTZPosition")
    place = _place(position) if position is not None else None
    stay = read_duration(spot.said("StayTime")) or 0.0
    if (not preset and not home and place is None) or stay > LONGEST_STAY:
        return None
    speed = spot.child("Speed")
    shares = (
        [number(axis.attributes.get(name, "")) for axis in speed.children for name in ("x", "y")] if speed is not None else []
    )
    return TourStop(
        preset=preset,
        home=home and not preset,
        place=place if not preset and not home else None,
        stay=stay,
        speed=min(1.0, max(shares, default=0.0)),
    )


def _place(position: Element) -> Place | None:
    pan_tilt, zoom = position.child("PanTilt"), position.child("Zoom")

    def share(axis: Element | None, name: str) -> float | None:
        return number(axis.attributes.get(name, "")) if axis is not None else None

    found = Place(pan=share(pan_tilt, "x"), tilt=share(pan_tilt, "y"), zoom=share(zoom, "x"))
    axes = _axes(found).values()
    # A place in another space than the generic one cannot be told.
    return found if axes and all(-1 <= value <= 1 for value in axes) else None


def _axes(place: Place) -> Axes:
    return {name: value for name, value in msgspec.to_builtins(place).items() if value is not None}
