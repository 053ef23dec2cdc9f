"""Adding a camera by its address, user and password alone: it is asked over ONVIF what it is and where its streams are."""

from __future__ import annotations

import ipaddress
from typing import Any, Final
from urllib.parse import urlsplit

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Unreachable
from sitewarden.domain.identity.grants import Subject, rights
from sitewarden.domain.refs import ref, slug
from sitewarden.domain.video.model import Camera
from sitewarden.drivers.onvif.client import Unauthorised
from sitewarden.drivers.onvif.config import CameraConfig, read
from sitewarden.drivers.onvif.probe import Found, Stream, probe
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation
from sitewarden.net.interfaces import Network
from sitewarden.services.entities import Entities
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.cameras import AddCamera, AddedCamera, ProbeCamera, ProbedCamera, ProbedStream
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.store.interfaces import StateStore

SECONDS: Final = 18.0
"""Above what the driver gives a camera to answer."""
PREFERRED: Final = ("h264", "h265")
"""Codecs that are recorded, the one that every browser shows first."""


SUB_PIXELS: Final = 640 * 360
"""What a second stream has about: a tile of a wall, and little to decode."""


class CameraAdding:
    """The operations that ask a camera and add it. The password goes to the camera as a digest, and into state sealed."""

    def __init__(self, state: StateStore, clock: Clock, entities: Entities) -> None:
        self._state = state
        self._clock = clock
        self._entities = entities
        self._network: Network | None = None

    def attach(self, network: Network) -> None:
        """Give the network of the process that asks."""
        self._network = network

    def operations(self) -> list[Operation]:
        """Return the operations on cameras that are not in the site yet."""
        return [
            Operation(
                "cameras.probe",
                "camera.create",
                ProbeCamera,
                ProbedCamera,
                self._probe,
                filtered=True,
                detail=_detail,
                timeout=SECONDS,
            ),
            Operation(
                "cameras.add",
                "camera.create",
                AddCamera,
                AddedCamera,
                self.add,
                proposed=_proposed,
                own_audit=True,
                detail=_detail,
                timeout=SECONDS,
            ),
        ]

    async def _probe(self, caller: Caller, asked: ProbeCamera) -> ProbedCamera:
        config, found = await self._ask(asked)
        who = found.information
        chosen = _chosen(found, "")
        seen = self._cameras() if rights(caller.grants).everywhere("camera.get") else []
        return ProbedCamera(
            onvif=str(config.place),
            onvif_fingerprint=found.fingerprint,
            name=self._free_name(found, config),
            manufacturer=who.manufacturer,
            model=who.model,
            firmware=who.firmware,
            serial=who.serial,
            streams=tuple(
                ProbedStream(
                    profile=stream.profile.token,
                    name=stream.profile.name,
                    url=stream.url,
                    codec=stream.profile.codec,
                    width=stream.profile.width,
                    height=stream.profile.height,
                    fps=stream.profile.fps,
                )
                for stream in found.streams
            ),
            chosen=chosen.profile.token if chosen is not None else "",
            sub=sub.profile.token if chosen is not None and (sub := _second(found, chosen)) is not None else "",
            ptz=found.ptz is not None,
            presets=found.ptz is not None and found.ptz.presets > 0,
            relays=found.relays,
            inputs=found.inputs,
            events=found.events,
            clock_offset=found.clock_offset / 1_000_000,
            site=tuple(ref("camera", camera.id) for camera in seen if _host(camera) == config.place.host),
        )

    async def add(self, caller: Caller, asked: AddCamera) -> AddedCamera:
        """Ask a camera, and add it with what it tells."""
        config, found = await self._ask(asked, asked.fingerprint)
        stream = _chosen(found, asked.profile)
        if stream is None:
            if asked.profile:
                known = ", ".join(one.profile.token for one in found.streams) or "none"
                raise NotFound(f"the camera has no profile {asked.profile!r}", where="profile", remedy=f"It has: {known}.")
            raise Conflict(
                "the camera tells no stream that can be recorded",
                where="address",
                remedy="Set H.264 for one of its profiles, or add it by the address of its stream.",
            )
        second = _second(found, stream)
        if asked.sub is not None:
            second = next((one for one in found.streams if one.profile.token == asked.sub), None)
            if asked.sub and second is None:
                raise NotFound(
                    f"the camera has no profile {asked.sub!r}", where="sub", remedy="Leave it out: the one that fits is taken."
                )
        who = found.information
        told = " ".join(filter(None, (who.manufacturer, who.model))) or "Camera"
        serial = f", serial number {who.serial}" if who.serial else ""
        body: dict[str, Any] = {
            "name": asked.name or self._free_name(found, config),
            "description": f"{told}{serial}.",
            "url": stream.url,
            "sub_url": second.url if second is not None else "",
            "username": asked.username,
            "area": asked.area,
            "onvif": str(config.place),
            "onvif_fingerprint": found.fingerprint,
        }
        if asked.password:
            body["password"] = asked.password
        if not slug(body["name"]):
            body["id"] = f"camera-{slug(config.place.host)}"
        reply = await self._entities.create("camera", caller, MESSAGES["camera"].input(**body))
        return AddedCamera(entity=ref("camera", reply.value.id), name=reply.value.name, url=reply.value.url)

    async def _ask(self, asked: ProbeCamera, fingerprint: str = "") -> tuple[CameraConfig, Found]:
        if self._network is None:
            raise Unreachable("the server does not run, and it is what asks the camera", remedy="Start it first.")
        try:
            config = read(
                {
                    "address": address_of(asked.address),
                    "username": asked.username,
                    "password": asked.password,
                    "fingerprint": fingerprint,
                },
                "",
            )
            return config, await probe(self._network, self._clock, config)
        except Unauthorised as error:
            raise Invalid(str(error), where="password", remedy="Use an account that the camera has for ONVIF.") from None
        except Misconfigured as error:
            raise Invalid(str(error), where="address") from None
        except PeerViolation as error:
            raise Conflict(
                f"what answers there is no ONVIF camera: {error}",
                where="address",
                remedy="Switch ONVIF on at the camera, or add it by the address of its stream.",
            ) from None
        except DriverError as error:
            raise Unreachable(
                str(error), where="address", remedy="Is it on, is ONVIF switched on, and is the port right?"
            ) from None

    def _cameras(self) -> list[Camera]:
        return [held.entity for held in self._state.list("camera") if isinstance(held.entity, Camera)]

    def _free_name(self, found: Found, config: CameraConfig) -> str:
        who = found.information
        told = " ".join(filter(None, (who.manufacturer, who.model))) or f"Camera {config.place.host}"
        taken = {camera.name for camera in self._cameras()}
        if told not in taken:
            return told[:120]
        numbered = (f"{told[:110]} {number}" for number in range(2, len(taken) + 3))
        return next(name for name in numbered if name not in taken)


def address_of(text: str) -> str:
    """Return what a person gives as an address ("10.1.0.5", "10.1.0.5:8000", "cam.local/onvif/x") as one with a scheme."""
    text = text.strip()
    if "://" in text:
        return text
    try:
        if ipaddress.ip_address(text.strip("[]")).version == 6:
            return f"http://[{text.strip('[]')}]"
    except ValueError:
        pass
    return f"http://{text}"


def _chosen(found: Found, profile: str) -> Stream | None:
    """Return the stream to record: the one that was asked for, or the largest of the first codec that it has."""
    if profile:
        return next((one for one in found.streams if one.profile.token == profile), None)
    for codec in PREFERRED:
        for one in found.streams:
            if one.profile.codec == codec:
                return one
    return None


def _second(found: Found, chosen: Stream) -> Stream | None:
    """Return the smaller stream of the same picture that is nearest to SUB_PIXELS, H.264 first; None where there is none."""

    def pixels(one: Stream) -> int:
        return one.profile.width * one.profile.height

    smaller = [
        one
        for one in found.streams
        if one.profile.codec in PREFERRED
        and one.profile.source == chosen.profile.source
        and one.url != chosen.url
        and 0 < pixels(one) < pixels(chosen)
    ]
    return min(smaller, key=lambda one: (PREFERRED.index(one.profile.codec), abs(pixels(one) - SUB_PIXELS)), default=None)


def _host(camera: Camera) -> str:
    return urlsplit(camera.onvif or camera.url).hostname or ""


def _proposed(asked: AddCamera) -> Subject:
    return Subject(ref("camera", slug(asked.name or "") or "-"), asked.area)


def _detail(asked: ProbeCamera) -> dict[str, Any]:
    return {"address": asked.address, "username": asked.username}
