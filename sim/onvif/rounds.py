"""The preset tours of the simulated camera: kept, changed, run. No I/O."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sim.onvif.ptz import MOST_TOURS, Head, read_vector, vector
from sitewarden.drivers.onvif.tours import read_duration
from sitewarden.wire.soap import SoapFault
from sitewarden.wire.soap import element as el
from sitewarden.wire.xmltree import Element

STATES = {"Start": "Touring", "Pause": "Paused", "Stop": "Idle"}


@dataclass
class Spot:
    """One stop: where, for how long."""

    preset: str = ""
    home: bool = False
    place: dict[str, float] = field(default_factory=dict)
    stay: float = 0.0
    speed: dict[str, float] = field(default_factory=dict)


@dataclass
class Round:
    """One tour."""

    name: str = ""
    state: str = "Idle"
    auto_start: bool = False
    recurring: str = ""
    spots: list[Spot] = field(default_factory=list)
    began: float = 0.0


class Rounds:
    """The tours of a head. Methods named as requests are their answers."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self.tours: dict[str, Round] = {
            "tour-1": Round("Rounds", recurring="3", spots=[Spot(preset="1", stay=5), Spot(preset="2", stay=5)])
        }
        self._made = 1
        head.going = self.go

    def go(self) -> None:
        """Look where the tour that runs has come to."""
        for tour in self.tours.values():
            if tour.state != "Touring" or not tour.spots:
                continue
            whole = sum(spot.stay for spot in tour.spots)
            at = (time.monotonic() - tour.began) % whole if whole else 0.0
            for spot in tour.spots:
                if at < spot.stay or spot is tour.spots[-1]:
                    kept = self._head.presets.get(spot.preset)
                    self._head.position |= kept[1] if kept else (self._head.home or {}) if spot.home else spot.place
                    break
                at -= spot.stay

    def _tour(self, asked: Element, token: str) -> Round:
        self._head.at_profile(asked)
        if token not in self.tours:
            raise SoapFault(("Sender", "InvalidArgVal", "NoToken"), "The requested preset tour token does not exist")
        return self.tours[token]

    def ptz_GetPresetTours(self, asked: Element, host: str) -> str:
        self._head.at_profile(asked)
        return "".join(_said(token, tour) for token, tour in self.tours.items())

    def ptz_OperatePresetTour(self, asked: Element, host: str) -> str:
        tour = self._tour(asked, asked.said("PresetTourToken"))
        if asked.said("Operation") == "Start" and not tour.spots:
            raise SoapFault(("Receiver", "Action", "ActivationFailed"), "An empty tour cannot be started")
        if asked.said("Operation") == "Start" and tour.state == "Idle":
            for other in self.tours.values():
                other.state = "Idle"
            tour.began = time.monotonic()
        tour.state = STATES[asked.said("Operation")]
        return ""

    def ptz_CreatePresetTour(self, asked: Element, host: str) -> str:
        self._head.at_profile(asked)
        if len(self.tours) >= MOST_TOURS:
            raise SoapFault(("Receiver", "Action", "TooManyPresetTours"), "There is not enough space for another preset tour")
        self._made += 1
        self.tours[f"tour-{self._made}"] = Round()
        return el("tptz:PresetTourToken", text=f"tour-{self._made}")

    def ptz_ModifyPresetTour(self, asked: Element, host: str) -> str:
        said = asked.child("PresetTour")
        token = said.attributes.get("token", "") if said is not None else ""
        tour = self._tour(asked, token)
        assert said is not None
        spots = [self._spot(spot) for spot in said.every("TourSpot")]
        condition = said.child("StartingCondition")
        if condition is None or said.at("Status", "State") is None or tour.state != "Idle":
            raise SoapFault(("Sender", "InvalidArgVal", "InvalidPresetTour"), "The preset tour includes an invalid parameter")
        tour.name, tour.auto_start, tour.spots = said.said("Name"), said.said("AutoStart") == "true", spots
        tour.recurring = condition.said("RecurringTime")
        return ""

    def ptz_RemovePresetTour(self, asked: Element, host: str) -> str:
        token = asked.said("PresetTourToken")
        self._tour(asked, token)
        del self.tours[token]
        return ""

    def _spot(self, said: Element) -> Spot:
        detail = said.child("PresetDetail")
        stay = read_duration(said.said("StayTime"))
        preset = detail.said("PresetToken") if detail is not None else ""
        if detail is None or stay is None or stay > 600 or (preset and preset not in self._head.presets):
            raise SoapFault(("Sender", "InvalidArgVal", "InvalidPresetTour"), "The preset tour includes an invalid parameter")
        place = read_vector(detail.child("PTZPosition"))
        return Spot(preset, detail.said("Home") == "true", place, stay, read_vector(said.child("Speed")))


def _said(token: str, tour: Round) -> str:
    condition = el("tt:RecurringTime", text=tour.recurring) if tour.recurring else ""
    return el(
        "tptz:PresetTour",
        el("tt:Name", text=tour.name),
        el("tt:Status", el("tt:State", text=tour.state)),
        el("tt:AutoStart", text=str(tour.auto_start).lower()),
        el("tt:StartingCondition", condition),
        *map(_spot_said, tour.spots),
        attributes={"token": token},
    )


def _spot_said(spot: Spot) -> str:
    if spot.preset:
        where = el("tt:PresetToken", text=spot.preset)
    elif spot.home:
        where = el("tt:Home", text="true")
    else:
        where = vector("tt:PTZPosition", {"pan": 0.0, "tilt": 0.0, "zoom": 0.0} | spot.place)
    speed = vector("tt:Speed", {"pan": 0.0, "tilt": 0.0, "zoom": 0.0} | spot.speed) if spot.speed else ""
    return el("tt:TourSpot", el("tt:PresetDetail", where), speed, el("tt:StayTime", text=f"PT{spot.stay:g}S"))
