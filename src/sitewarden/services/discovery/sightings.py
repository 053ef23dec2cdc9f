"""What answered, kept and put together: one row a device, whichever way it was found. No I/O.

Nothing that a device says is proven, so an answer speaks only for the address that it came from: rows never span addresses.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec
from msgspec import Struct

from sitewarden.services.surface.devices import FoundDevice, How, Suggestion
from sitewarden.wire.httpplace import HttpPlace, PlaceError, read_place
from sitewarden.wire.plain import plain
from sitewarden.wire.upnp_description import Description
from sitewarden.wire.wsdiscovery import DEVICE, TRANSMITTER, Target

MOST: Final = 2000
"""Sightings kept; the one that was seen longest ago goes first."""
PER_ADDRESS: Final = 32
"""Sightings kept of one address; further ones are not taken, so that one liar pushes nobody out."""
CAMERA_WORDS: Final = ("network camera", "ip camera", "ipcamera", "digitalsecuritycamera", "netcam", "surveillance camera")
DOOR_PROFILES: Final = ("/profile/a", "/profile/c", "/profile/d")
"""ONVIF profiles of access control, as scopes end."""


class Sighting(Struct, frozen=True, kw_only=True):
    """One device as one way of searching shows it. Times are microseconds since 1970 UTC."""

    how: How
    address: str
    uuid: str
    first: int
    last: int
    server: str = ""
    """The SERVER header of SSDP: system and product."""
    location: HttpPlace | None = None
    """Where the UPnP description lies; None where it names none on its own address."""
    description: Description | None = None
    target: Target | None = None
    problem: str = ""
    """Why its description was not taken."""

    @property
    def id(self) -> str:
        """An id that stays the same from search to search."""
        told = f"{self.how} {self.address} {self.uuid}".encode()
        return f"found-{hashlib.blake2s(told, digest_size=8).hexdigest()}"


class Sightings:
    """All sightings since the node started."""

    def __init__(self) -> None:
        self._held: dict[str, Sighting] = {}
        self._count: Counter[str] = Counter()
        """Sightings by address."""

    def __len__(self) -> int:
        return len(self._held)

    def put(self, sighting: Sighting) -> bool:
        """Take a sighting; what it does not tell stays as it was told before. False where its address has too many."""
        key = sighting.id
        before = self._held.pop(key, None)
        if before is not None:
            description = sighting.description or before.description
            sighting = msgspec.structs.replace(
                sighting,
                first=before.first,
                server=sighting.server or before.server,
                location=sighting.location or before.location,
                description=description,
                target=sighting.target or before.target,
                problem="" if description is not None else sighting.problem or before.problem,
            )
        elif self._count[sighting.address] >= PER_ADDRESS:
            return False
        else:
            self._count[sighting.address] += 1
        self._held[key] = sighting
        if len(self._held) > MOST:
            self._drop(next(iter(self._held)))
        return True

    def forget(self, how: How, address: str, uuid: str) -> None:
        """Drop a device that said goodbye; only its own address may say so."""
        self._drop(Sighting(how=how, address=address, uuid=uuid, first=0, last=0).id)

    def _drop(self, key: str) -> None:
        gone = self._held.pop(key, None)
        if gone is not None:
            self._count[gone.address] -= 1
            if not self._count[gone.address]:
                del self._count[gone.address]

    def rows(self, site: Mapping[str, Sequence[str]]) -> list[FoundDevice]:
        """Return one row a device, cameras first, then by address. `site` is what `_known` takes."""
        by_address: dict[str, list[Sighting]] = {}
        for sighting in self._held.values():
            by_address.setdefault(sighting.address, []).append(sighting)
        rows = [_row(group, site) for seen in by_address.values() for group in _devices(seen)]
        order = {"camera": 0, "access": 1, "other": 2}
        return sorted(rows, key=lambda row: (order[row.kind], _order(row.address), row.name, row.id))

    def row(self, id_: str, site: Mapping[str, Sequence[str]]) -> FoundDevice | None:
        """Return the row that a sighting of this id is part of."""
        sighting = self._held.get(id_)
        if sighting is None:
            return None
        seen = [each for each in self._held.values() if each.address == sighting.address]
        group = next(group for group in _devices(seen) if sighting in group)
        return _row(group, site)


def _devices(seen: list[Sighting]) -> list[list[Sighting]]:
    """Part the sightings of one address into devices: the same UUID, or the only one of either way."""
    groups: dict[str, list[Sighting]] = {}
    for sighting in seen:
        groups.setdefault(sighting.uuid, []).append(sighting)
    alone: dict[How, list[str]] = {"upnp": [], "onvif": []}
    for uuid, group in groups.items():
        if len(group) == 1:
            alone[group[0].how].append(uuid)
    if len(groups) == 2 and len(alone["upnp"]) == 1 and len(alone["onvif"]) == 1:
        return [seen]
    return list(groups.values())


def _row(group: Iterable[Sighting], site: Mapping[str, Sequence[str]]) -> FoundDevice:
    seen = sorted(group, key=lambda each: each.how)
    address = seen[0].address
    described = next((each.description for each in seen if each.description is not None), None) or Description()
    target = next((each.target for each in seen if each.target is not None), None) or Target()
    kind = _kind(described, target, " ".join(each.server for each in seen))
    maker = described.maker or plain(target.scope("manufacturer") or target.scope("mfr"))
    model = described.model or plain(target.scope("hardware"))
    name = plain(target.scope("name")) or described.name or " ".join(filter(None, (maker, model)))
    location = next((each.location for each in seen if each.location is not None), None)
    services = tuple(filter(None, (_own(place, address, None) for place in target.places)))
    return FoundDevice(
        id=seen[0].id,
        kind=kind,
        address=address,
        maker=maker,
        model=model,
        name=name,
        serial=described.serial,
        location=plain(target.scope("location")),
        found=tuple(each.how for each in seen),
        first=min(each.first for each in seen),
        last=max(each.last for each in seen),
        page=_own(described.page, address, location) if described.page else "",
        services=services,
        site=_known(services, address, site),
        known=any(service in site for service in services),
        problems=tuple(dict.fromkeys(each.problem for each in seen if each.problem)),
        suggestion=suggest(address, name, onvif=bool(services) or any(each.how == "onvif" for each in seen)),
    )


def _known(services: Iterable[str], address: str, site: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return what stands in the site of a device; `site` gives references by host, and by the address of ONVIF services.

    Several cameras may share a host (a recorder, an address translation): one that is known by its services is no other.
    """
    exact = [reference for service in services for reference in site.get(service, ())]
    if exact:
        return tuple(dict.fromkeys(exact))
    here = site.get(address, ())
    if not services:
        return tuple(here)
    others = {reference for key, references in site.items() if "://" in key for reference in references}
    return tuple(reference for reference in here if reference not in others)


def suggest(address: str, name: str, *, onvif: bool) -> Suggestion:
    """Return how a device would be added as a camera. Where its stream is, it or a person tells: it is never guessed."""
    note = (
        "Give a user and a password that the camera has for ONVIF: it is asked for its streams."
        if onvif
        else "It did not answer over ONVIF. Switch that on at the device, or give the address of its stream, from its manual."
    )
    return Suggestion(name=name or f"Camera {address}", onvif=onvif, note=note)


def _kind(described: Description, target: Target, server: str) -> Literal["camera", "access", "other"]:
    scopes = [each.lower().rstrip("/") for each in target.scopes]
    if TRANSMITTER in target.types or any(each.endswith(("/type/video_encoder", "/profile/streaming")) for each in scopes):
        return "camera"
    if any(each.endswith(DOOR_PROFILES) for each in scopes):
        return "access"
    told = " ".join((described.device_type, described.name, described.model, described.model_description, server)).lower()
    if any(word in told for word in CAMERA_WORDS):
        return "camera"
    # What speaks ONVIF and names no profile is more often a camera than anything else.
    return "camera" if DEVICE in target.types and not any("/profile/" in each for each in scopes) else "other"


def _own(text: str, address: str, base: HttpPlace | None) -> str:
    """Return an address that a device names, where it leads to the device itself; empty otherwise."""
    try:
        place = read_place(text, base)
    except PlaceError:
        return ""
    return str(place) if place.host == address else ""


def _order(address: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in address.split("."))
