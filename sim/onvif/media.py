"""The media and imaging services of the simulated camera: two profiles, and how the picture is set. No I/O."""

from __future__ import annotations

from typing import Final

from sitewarden.drivers.onvif.wire import SPACES
from sitewarden.wire.soap import SoapFault
from sitewarden.wire.soap import element as el
from sitewarden.wire.xmltree import Element

SIZES: Final = (("main", 640, 360, 12), ("sub", 320, 180, 6))
"""Profiles: token, width, height, frames a second."""


class Picture:
    """What it sends and how that is set. Methods named as requests are their answers."""

    def __init__(self, name: str, rtsp: str, *, ptz: bool) -> None:
        self._name, self._rtsp, self._ptz = name, rtsp, ptz
        self.imaging: dict[str, str] = {"Brightness": "50", "Contrast": "50", "IrCutFilter": "AUTO", "Focus": "AUTO"}
        self.imaging |= {"Exposure": "AUTO", "Iris": "0"}
        self.focus_speed = 0.0
        self.synchronised: list[str] = []
        """Profiles of which a key frame was asked for."""

    def media_GetProfiles(self, asked: Element, host: str) -> str:
        if asked.space == SPACES["media2"]:
            return self._profiles2()
        return "".join(
            el(
                "trt:Profiles",
                el("tt:Name", text=name),
                _video_source("tt:VideoSourceConfiguration"),
                el(
                    "tt:VideoEncoderConfiguration",
                    el("tt:Name", text=name),
                    el("tt:UseCount", text=1),
                    el("tt:Encoding", text="H264"),
                    _size(width, height),
                    el("tt:Quality", text=5),
                    el(
                        "tt:RateControl",
                        el("tt:FrameRateLimit", text=fps),
                        el("tt:EncodingInterval", text=1),
                        el("tt:BitrateLimit", text=1024),
                    ),
                    el("tt:H264", el("tt:GovLength", text=fps), el("tt:H264Profile", text="Main")),
                    _multicast(),
                    el("tt:SessionTimeout", text="PT60S"),
                    attributes={"token": f"encoder-{name}"},
                ),
                self._ptz_configuration("tt:PTZConfiguration"),
                attributes={"token": name, "fixed": "true"},
            )
            for name, width, height, fps in SIZES
        )

    def _profiles2(self) -> str:
        return "".join(
            el(
                "tr2:Profiles",
                el("tr2:Name", text=name),
                el(
                    "tr2:Configurations",
                    _video_source("tr2:VideoSource"),
                    el(
                        "tr2:VideoEncoder",
                        el("tt:Name", text=name),
                        el("tt:UseCount", text=1),
                        el("tt:Encoding", text="H264"),
                        _size(width, height),
                        el(
                            "tt:RateControl",
                            el("tt:FrameRateLimit", text=fps),
                            el("tt:BitrateLimit", text=1024),
                            attributes={"ConstantBitRate": "false"},
                        ),
                        _multicast(),
                        el("tt:Quality", text=5),
                        attributes={"token": f"encoder-{name}", "GovLength": fps, "Profile": "Main"},
                    ),
                    self._ptz_configuration("tr2:PTZ"),
                ),
                attributes={"token": name, "fixed": "true"},
            )
            for name, width, height, fps in SIZES
        )

    def media_GetStreamUri(self, asked: Element, host: str) -> str:
        token = asked.said("ProfileToken")
        if token not in {name for name, *_ in SIZES}:
            raise SoapFault(("Sender", "InvalidArgVal", "NoProfile"), "Profile does not exist")
        path = self._name if token == SIZES[0][0] else f"{self._name}-sub"
        url = f"{self._rtsp}/{path}"
        if asked.space == SPACES["media2"]:
            return el("tr2:Uri", text=url)
        rest = (("InvalidAfterConnect", "false"), ("InvalidAfterReboot", "false"), ("Timeout", "PT60S"))
        return el("trt:MediaUri", el("tt:Uri", text=url), *(el(f"tt:{name}", text=value) for name, value in rest))

    def media_SetSynchronizationPoint(self, asked: Element, host: str) -> str:
        token = asked.said("ProfileToken")
        if token not in {name for name, *_ in SIZES}:
            raise SoapFault(("Sender", "InvalidArgVal", "NoProfile"), "Profile does not exist")
        self.synchronised.append(token)
        return ""

    def _ptz_configuration(self, name: str) -> str:
        if not self._ptz:
            return ""
        inside = el("tt:Name", text="ptz") + el("tt:UseCount", text=2) + el("tt:NodeToken", text="node")
        return el(name, inside, attributes={"token": "ptz"})

    def imaging_GetImagingSettings(self, asked: Element, host: str) -> str:
        held = self.imaging
        return el(
            "timg:ImagingSettings",
            el("tt:Brightness", text=held["Brightness"]),
            el("tt:Contrast", text=held["Contrast"]),
            el("tt:Exposure", el("tt:Mode", text=held["Exposure"]), el("tt:Iris", text=held["Iris"])),
            el("tt:Focus", el("tt:AutoFocusMode", text=held["Focus"])),
            el("tt:IrCutFilter", text=held["IrCutFilter"]),
        )

    def imaging_GetOptions(self, asked: Element, host: str) -> str:
        span = el("tt:Min", text=0) + el("tt:Max", text=100)
        iris = el("tt:Min", text=-20) + el("tt:Max", text=0)
        return el(
            "timg:ImagingOptions",
            el("tt:Brightness", span),
            el("tt:Contrast", span),
            el("tt:Exposure", *(el("tt:Mode", text=word) for word in ("AUTO", "MANUAL")), el("tt:Iris", iris)),
            el("tt:Focus", *(el("tt:AutoFocusModes", text=word) for word in ("AUTO", "MANUAL"))),
            *(el("tt:IrCutFilterModes", text=word) for word in ("ON", "OFF", "AUTO")),
        )

    def imaging_SetImagingSettings(self, asked: Element, host: str) -> str:
        settings = asked.child("ImagingSettings")
        for name in ("Brightness", "Contrast"):
            if settings is not None and settings.said(name):
                if not 0 <= float(settings.said(name)) <= 100:
                    raise SoapFault(("Sender", "InvalidArgVal", "SettingsInvalid"), "The requested settings are incorrect")
                self.imaging[name] = settings.said(name)
        if settings is not None and settings.said("IrCutFilter"):
            self.imaging["IrCutFilter"] = settings.said("IrCutFilter")
        exposure = settings.child("Exposure") if settings is not None else None
        if exposure is not None:
            self.imaging["Exposure"] = exposure.said("Mode")
            self.imaging["Iris"] = exposure.said("Iris") or self.imaging["Iris"]
        focus = settings.at("Focus", "AutoFocusMode") if settings is not None else None
        if focus is not None:
            self.imaging["Focus"] = focus.text
        return ""

    def imaging_Move(self, asked: Element, host: str) -> str:
        speed = asked.at("Focus", "Continuous", "Speed")
        self.focus_speed = float(speed.text) if speed is not None else 0.0
        return ""

    def imaging_Stop(self, asked: Element, host: str) -> str:
        self.focus_speed = 0.0
        return ""


def _video_source(name: str) -> str:
    inside = el("tt:Name", text="source") + el("tt:UseCount", text=2) + el("tt:SourceToken", text="source")
    bounds = el("tt:Bounds", attributes={"x": 0, "y": 0, "width": 640, "height": 360})
    return el(name, inside, bounds, attributes={"token": "source"})


def _size(width: int, height: int) -> str:
    return el("tt:Resolution", el("tt:Width", text=width), el("tt:Height", text=height))


def _multicast() -> str:
    address = el("tt:Address", el("tt:Type", text="IPv4"), el("tt:IPv4Address", text="0.0.0.0"))  # noqa: S104
    return el("tt:Multicast", address, el("tt:Port", text=0), el("tt:TTL", text=1), el("tt:AutoStart", text="false"))
