"""Asks a camera: finds out its clock, proves the password in its time, and reads the answer.

A camera takes a user name token, HTTP Digest, or both; a token is only good near the camera's own time, which is often wrong.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.drivers.onvif import mapping, wire
from sitewarden.drivers.onvif.config import CameraConfig
from sitewarden.drivers.onvif.http import Answer, Certificate, post
from sitewarden.drivers.onvif.wire import Ask, Service
from sitewarden.kit.errors import Misconfigured, PeerViolation, Unavailable
from sitewarden.net import Network
from sitewarden.wire.httpplace import HttpPlace
from sitewarden.wire.rtsp_auth import Challenge, authorization, challenges
from sitewarden.wire.soap import CONTENT_TYPE, SoapError, SoapFault, element, envelope, read_answer, username_token
from sitewarden.wire.xmltree import Element

SECONDS: Final = 10.0
"""For one request with its answer."""
NOT_AUTHORIZED: Final = ("NotAuthorized", "FailedAuthentication", "FailedCheck", "InvalidSecurityToken", "MessageExpired")
"""Faults that say: wrong user, wrong password, or a token of a wrong time."""
CLOCK_JUMP: Final = 2_000_000
"""Microseconds by which the camera's clock must have been set before a refused password is tried once more."""


class Unauthorised(Misconfigured):
    """The camera does not take the user and the password."""


class Client:
    """The ONVIF services of one camera. `certificate` tells what is expected of its TLS certificate."""

    def __init__(self, net: Network, clock: Clock, config: CameraConfig, certificate: Certificate | None = None) -> None:
        self._net = net
        self._clock = clock
        self._config = config
        self.certificate = certificate or Certificate(config.fingerprint)
        self._challenge: Challenge | None = None
        self._count = 0
        self.offset = 0
        """Microseconds by which the camera's clock is ahead of ours."""
        self.base = config.place
        self.services: dict[Service, HttpPlace] = {"device": self.base}

    async def learn(self) -> mapping.Information:
        """Find out the camera's clock, its services, and who it is; raise a DriverError."""
        await self.read_clock()
        try:
            found = mapping.read_services(await self.call(wire.get_services()), self.base)
        except SoapFault:
            # Cameras from before ONVIF 2.1 know GetCapabilities alone.
            found = {}
        if not found.keys() & {"media", "media2"}:
            try:
                older = mapping.read_services(await self.call(wire.get_capabilities()), self.base)
            except SoapFault as fault:
                raise PeerViolation(f"the camera does not name its services: {fault}") from fault
            found = {**older, **found}
        self.services = {**found, "device": self.base}
        try:
            return mapping.read_information(await self.call(wire.get_information()))
        except SoapFault as fault:
            raise PeerViolation(f"the camera does not say what it is: {fault}") from fault

    async def read_clock(self) -> None:
        """Take the camera's time; one that tells none is taken to have ours."""
        before = self._clock.now()
        try:
            theirs = mapping.read_time(await self._ask(wire.get_time(), self.base, "", token=False))
        except (SoapFault, Unauthorised):
            theirs = None
        self.offset = theirs - (before + self._clock.now()) // 2 if theirs is not None else 0

    async def call(self, ask: Ask, place: HttpPlace | None = None, references: str = "", seconds: float = SECONDS) -> Element:
        """Return the answer; raise SoapFault where the camera refuses, a DriverError where it cannot be asked."""
        where = place or self.services.get(ask.service)
        if where is None:
            raise SoapFault(("ActionNotSupported",), f"the camera has no {ask.service} service")
        headers = references
        if ask.addressed:
            headers += element("wsa:Action", text=ask.action) + element("wsa:To", text=where)
            headers += element("wsa:MessageID", text=f"urn:uuid:{uuid.uuid4()}")
        try:
            return await self._ask(ask, where, headers, seconds=seconds)
        except Unauthorised:
            # A camera that was restarted may have another time now.
            before = self.offset
            await self.read_clock()
            if abs(self.offset - before) < CLOCK_JUMP:
                raise
            return await self._ask(ask, where, headers, seconds=seconds)

    async def _ask(self, ask: Ask, place: HttpPlace, headers: str, *, token: bool = True, seconds: float = SECONDS) -> Element:
        config = self._config
        proof = ""
        if token and config.username:
            created = mapping.show_moment(self._clock.now() + self.offset)
            proof = username_token(config.username, config.password, secrets.token_bytes(16), created)
        body = envelope(ask.body, headers + proof, wire.PREFIXES)
        answer = await self._post(ask, place, body, seconds)
        try:
            return read_answer(bytes(answer.body), ask.answer)
        except SoapFault as fault:
            if fault.says(*NOT_AUTHORIZED) or answer.status == 401:
                raise self._refused() from fault
            raise
        except SoapError as error:
            if answer.status == 401:
                raise self._refused() from error
            if answer.status == 404:
                raise Misconfigured(f"nothing answers ONVIF at {place}; look up the path in the camera's manual") from error
            if answer.status >= 500:
                raise Unavailable(f"the camera answers with status {answer.status}") from error
            raise PeerViolation(f"the camera's answer to {ask.action.rpartition('/')[2]} cannot be read: {error}") from error

    async def _post(self, ask: Ask, place: HttpPlace, body: bytes, seconds: float) -> Answer:
        head = {"Content-Type": f'{CONTENT_TYPE}; action="{ask.action}"'}
        answer = await post(self._net, place, self.certificate, head | self._proof(place), body, seconds)
        if answer.status == 401 and self._config.username:
            # The nonce was used up, or the camera asks for Digest for the first time.
            found = [one for one in challenges(answer.challenges) if one.scheme == "digest"]
            if found and (self._challenge is None or found[0].nonce != self._challenge.nonce):
                self._challenge, self._count = found[0], 0
                answer = await post(self._net, place, self.certificate, head | self._proof(place), body, seconds)
        return answer

    def _proof(self, place: HttpPlace) -> dict[str, str]:
        if self._challenge is None:
            return {}
        self._count += 1
        config = self._config
        told = authorization(
            self._challenge, "POST", place.target, config.username, config.password, self._count, secrets.token_hex(8)
        )
        return {"Authorization": told}

    def _refused(self) -> Unauthorised:
        if not self._config.username:
            return Unauthorised("the camera asks for a user and a password; set them")
        return Unauthorised(f"the camera refuses the user {self._config.username!r} or the password; correct them")


def sentence(fault: SoapFault) -> str:
    """Return what a fault means to a person, as the end of "the camera refuses: …"."""
    for code in reversed(fault.codes):
        # The innermost code says most.
        for names, meaning in _MEANINGS:
            if code in names:
                return meaning
    return fault.reason or "it gives no reason"


_MEANINGS: Final = (
    (("ActionNotSupported", "OptionalActionNotImplemented", "PTZNotSupported"), "it cannot do that"),
    (("NoSuchService",), "it has no such service"),
    (
        ("NoProfile", "NoPTZProfile", "NoEntity", "NoConfig"),
        "its media profiles have changed; it is read anew at its next connection",
    ),
    (("NoToken", "NoSource"), "it knows no such preset, tour or source"),
    (("RelayToken",), "it knows no such relay"),
    (("InvalidPosition", "InvalidTranslation", "InvalidVelocity", "InvalidSpeed", "InvalidArgVal"), "it takes no such value"),
    (("SpaceNotSupported",), "it does not move in this way"),
    (("NoHomePosition",), "it has no home position yet; set one first"),
    (("CannotOverwriteHome",), "its home position is fixed"),
    (("TooManyPresets",), "it has no room for another preset; remove one first"),
    (("TooManyPresetTours",), "it has no room for another tour; remove one first"),
    (("InvalidPresetTour", "EmptyTour"), "it does not take such a tour; look at its stops, their times and speeds"),
    (("PresetExist", "InvalidPresetName"), "it does not take this name for a preset"),
    (("MovingPTZ",), "it is moving; stop it first"),
    (("SettingsInvalid", "NoImagingForSource"), "it does not take these settings of the picture"),
    (("OperationProhibited", "ActionFailed"), "it may not do that now"),
)
"""Subcodes of ONVIF's services, and what they mean. An address of WSDL or a number helps nobody at night."""
