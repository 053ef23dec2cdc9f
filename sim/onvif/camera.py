"""The simulated camera: what it is, who may ask, what is wrong with it. No I/O."""

from __future__ import annotations

import time
from collections import deque
from typing import Final, Literal

from sim.onvif.edge import Card
from sim.onvif.media import SIZES, Picture
from sim.onvif.properties import Properties, Subscription, said
from sim.onvif.ptz import Head
from sim.onvif.rounds import Rounds
from sitewarden.drivers.onvif.mapping import read_moment, show_moment
from sitewarden.drivers.onvif.wire import PREFIXES, SPACES
from sitewarden.wire.soap import SoapFault, fault, read_message, token_created
from sitewarden.wire.soap import element as el
from sitewarden.wire.xmltree import Element

WINDOW: Final = 30.0
"""Seconds by which a user name token may differ from the camera's own clock."""
OPEN: Final = frozenset({"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetServiceCapabilities"})
"""Requests that need no password (ONVIF Core Specification clause 5.9.4.3, access class PRE_AUTH)."""
SERVICES: Final[dict[str, str]] = {
    SPACES["device"]: "/onvif/device_service",
    SPACES["media"]: "/onvif/media_service",
    SPACES["media2"]: "/onvif/media2_service",
    SPACES["ptz"]: "/onvif/ptz_service",
    SPACES["imaging"]: "/onvif/imaging_service",
    SPACES["events"]: "/onvif/event_service",
    SPACES["deviceio"]: "/onvif/deviceio_service",
    SPACES["search"]: "/onvif/search_service",
    SPACES["replay"]: "/onvif/replay_service",
}


class OnvifCamera:
    """One camera. `profile` "S" has the media service of profile S alone, "T" that of profile T too.

    With a `card` it has profile G, too.
    """

    def __init__(
        self,
        name: str,
        *,
        rtsp: str = "rtsp://127.0.0.1:554",
        user: str = "",
        password: str = "",
        profile: Literal["S", "T"] = "T",
        ptz: bool = True,
        clock_offset: float = 0.0,
        card: Card | None = None,
    ) -> None:
        self.name, self.user, self.password, self.profile, self.ptz = name, user, password, profile, ptz
        self.card = card
        self.clock_offset = clock_offset
        """Seconds by which its clock is wrong."""
        self.refused: set[str] = set()
        """Requests that are answered with "not supported"."""
        self.asked: deque[str] = deque(maxlen=2000)
        """Names of the requests so far."""
        self.head = Head(frozenset(token for token, *_ in SIZES))
        self.rounds = Rounds(self.head)
        self.picture = Picture(name, rtsp, ptz=ptz)
        self.properties = Properties(self.now)

    def now(self) -> int:
        """Return the camera's own clock, microseconds since 1970 UTC."""
        return round((time.time() + self.clock_offset) * 1e6)

    def answer(self, path: str, body: bytes, host: str, *, proven: bool) -> tuple[int, bytes, Subscription | None]:
        """Return status, answer, and the pull point to wait at where it has nothing yet. `proven`: HTTP Digest was right."""
        try:
            header, content = read_message(body)
            self.asked.append(content.name)
            self._authorise(header, content.name, proven=proven)
            if content.name in self.refused:
                raise SoapFault(("Receiver", "ActionNotSupported"), "Optional Action Not Implemented")
            return self._answer(path, content, host)
        except SoapFault as refused:
            code = refused.codes[0] if refused.codes[0] in ("Sender", "Receiver") else "Receiver"
            subcodes = tuple(f"ter:{name}" for name in refused.codes[1:])
            status = 400 if code == "Sender" else 500
            return status, fault(code, subcodes, refused.reason, PREFIXES), None

    def _authorise(self, header: Element | None, name: str, *, proven: bool) -> None:
        if not self.user or proven or name in OPEN:
            return
        created = token_created(header, self.user, self.password)
        moment = read_moment(created) if created else None
        if moment is None or abs(moment - self.now()) > WINDOW * 1e6:
            raise SoapFault(("Sender", "NotAuthorized"), "Sender not authorized")

    def _answer(self, path: str, content: Element, host: str) -> tuple[int, bytes, Subscription | None]:
        name = content.name
        if path.startswith("/onvif/pull/"):
            return self.properties.pull(path.rpartition("/")[2], content)
        method = f"{_service(content.space)}_{name}"
        parts = (self, self.picture, self.properties, *((self.head, self.rounds) if self.ptz else ()), self.card)
        handler = next((found for part in parts if (found := getattr(part, method, None)) is not None), None)
        if handler is None:
            raise SoapFault(("Receiver", "ActionNotSupported"), f"{name} is not implemented")
        prefix = next(prefix for prefix, space in PREFIXES.items() if space == content.space)
        return 200, said(f"{prefix}:{name}Response", handler(content, host)), None

    # -- device service ---

    def device_GetSystemDateAndTime(self, asked: Element, host: str) -> str:
        moment = show_moment(self.now())
        date, clock = moment[:-1].split("T")
        parts = [str(int(part)) for part in (*clock.split(":"), *date.split("-"))]
        told = el("tt:Time", *(el(f"tt:{n}", text=v) for n, v in zip(("Hour", "Minute", "Second"), parts[:3], strict=True)))
        told += el("tt:Date", *(el(f"tt:{n}", text=v) for n, v in zip(("Year", "Month", "Day"), parts[3:], strict=True)))
        zone = el("tt:TimeZone", el("tt:TZ", text="UTC0"))
        kind, summer = el("tt:DateTimeType", text="Manual"), el("tt:DaylightSavings", text="false")
        return el("tds:SystemDateAndTime", kind, summer, zone, el("tt:UTCDateTime", told))

    def device_GetDeviceInformation(self, asked: Element, host: str) -> str:
        values = (
            ("Manufacturer", "Sitewarden"),
            ("Model", f"Simulated camera {self.profile}"),
            ("FirmwareVersion", "1.0"),
            ("SerialNumber", f"SIM-{self.name}"),
            ("HardwareId", "sim"),
        )
        return "".join(el(f"tds:{name}", text=value) for name, value in values)

    def _offered(self) -> dict[str, str]:
        hidden = set() if self.profile == "T" else {SPACES["media2"]}
        if self.card is None:
            hidden |= {SPACES["search"], SPACES["replay"]}
        if not self.ptz:
            hidden.add(SPACES["ptz"])
        return {space: path for space, path in SERVICES.items() if space not in hidden}

    def device_GetServices(self, asked: Element, host: str) -> str:
        version = el("tds:Version", el("tt:Major", text=2), el("tt:Minor", text=60))
        return "".join(
            el("tds:Service", el("tds:Namespace", text=space), el("tds:XAddr", text=f"http://{host}{path}"), version)
            for space, path in self._offered().items()
        )

    def device_GetCapabilities(self, asked: Element, host: str) -> str:
        def place(space: str) -> str:
            return el("tt:XAddr", text=f"http://{host}{SERVICES[space]}")

        events = "".join(
            el(f"tt:{name}", text=value)
            for name, value in (
                ("WSSubscriptionPolicySupport", "false"),
                ("WSPullPointSupport", "true"),
                ("WSPausableSubscriptionManagerInterfaceSupport", "false"),
            )
        )
        rtp = "".join(el(f"tt:{name}", text="true") for name in ("RTPMulticast", "RTP_TCP", "RTP_RTSP_TCP"))
        io = el(
            "tt:DeviceIO",
            place(SPACES["deviceio"]),
            *(
                el(f"tt:{name}", text=count)
                for name, count in (
                    ("VideoSources", 1),
                    ("VideoOutputs", 0),
                    ("AudioSources", 0),
                    ("AudioOutputs", 0),
                    ("RelayOutputs", len(self.properties.relays)),
                )
            ),
        )
        card = (
            ()
            if self.card is None
            else (
                el("tt:Search", place(SPACES["search"]), el("tt:MetadataSearch", text="false")),
                el("tt:Replay", place(SPACES["replay"])),
            )
        )
        return el(
            "tds:Capabilities",
            el("tt:Device", place(SPACES["device"])),
            el("tt:Events", place(SPACES["events"]), events),
            el("tt:Imaging", place(SPACES["imaging"])),
            el("tt:Media", place(SPACES["media"]), el("tt:StreamingCapabilities", rtp)),
            el("tt:PTZ", place(SPACES["ptz"])) if self.ptz else "",
            el("tt:Extension", io, *card),
        )


def _service(space: str) -> str:
    """Return the service of a name space, as the methods here are named after it."""
    return space.partition("/ver")[2].split("/")[1].lower() if "/ver" in space else "none"
