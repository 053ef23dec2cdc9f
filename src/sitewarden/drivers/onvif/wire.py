"""What is asked of a camera, as ONVIF's services define it: the body of each request, its action, and its answer's name. Pure."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from sitewarden.wire.soap import element as el

Service = Literal["device", "media", "media2", "ptz", "imaging", "events", "deviceio", "search", "replay"]

SPACES: Final[dict[Service, str]] = {
    "device": "http://www.onvif.org/ver10/device/wsdl",
    "media": "http://www.onvif.org/ver10/media/wsdl",
    "media2": "http://www.onvif.org/ver20/media/wsdl",
    "ptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "imaging": "http://www.onvif.org/ver20/imaging/wsdl",
    "events": "http://www.onvif.org/ver10/events/wsdl",
    "deviceio": "http://www.onvif.org/ver10/deviceIO/wsdl",
    "search": "http://www.onvif.org/ver10/search/wsdl",
    "replay": "http://www.onvif.org/ver10/replay/wsdl",
}
SCHEMA: Final = "http://www.onvif.org/ver10/schema"
NOTIFICATION: Final = "http://docs.oasis-open.org/wsn/b-2"
MANAGER: Final = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager"
PREFIXES: Final[dict[str, str]] = {
    "tds": SPACES["device"],
    "trt": SPACES["media"],
    "tr2": SPACES["media2"],
    "tptz": SPACES["ptz"],
    "timg": SPACES["imaging"],
    "tev": SPACES["events"],
    "tmd": SPACES["deviceio"],
    "tse": SPACES["search"],
    "trp": SPACES["replay"],
    "tt": SCHEMA,
    "wsnt": NOTIFICATION,
    "wsa": "http://www.w3.org/2005/08/addressing",
    "ter": "http://www.onvif.org/ver10/error",
    "tns1": "http://www.onvif.org/ver10/topics",
}

Axes = dict[str, float]
"""Of "pan", "tilt" and "zoom" those that are meant, −1 to 1."""


class Ask(Struct, frozen=True, kw_only=True):
    """One request. `addressed` needs WS-Addressing headers (the event services do)."""

    service: Service
    body: str
    action: str
    answer: str
    addressed: bool = False


def request(service: Service, prefix: str, name: str, *inside: str) -> Ask:
    """Return the request `name` of a service, with `inside` it."""
    return Ask(
        service=service,
        body=el(f"{prefix}:{name}", *inside),
        action=f"{SPACES[service]}/{name}",
        answer=f"{name}Response",
    )


# -- device -----------------------------------------------------------------------------------------------------------


def get_time() -> Ask:
    """Ask for the camera's clock; every camera answers it without a password."""
    return request("device", "tds", "GetSystemDateAndTime")


def get_information() -> Ask:
    """Ask for maker, model, firmware, serial number."""
    return request("device", "tds", "GetDeviceInformation")


def get_services() -> Ask:
    """Ask for the services and where they answer."""
    return request("device", "tds", "GetServices", el("tds:IncludeCapability", text="false"))


def get_capabilities() -> Ask:
    """Ask the same as older cameras know it."""
    return request("device", "tds", "GetCapabilities", el("tds:Category", text="All"))


def get_relays() -> Ask:
    """Ask for the relay outputs."""
    return request("device", "tds", "GetRelayOutputs")


def set_relay(token: str, *, active: bool) -> Ask:
    """Ask to switch a relay output."""
    state = el("tds:LogicalState", text="active" if active else "inactive")
    return request("device", "tds", "SetRelayOutputState", el("tds:RelayOutputToken", text=token), state)


def get_inputs() -> Ask:
    """Ask for the digital inputs."""
    return request("deviceio", "tmd", "GetDigitalInputs")


# -- media ------------------------------------------------------------------------------------------------------------


def get_profiles(service: Literal["media", "media2"]) -> Ask:
    """Ask for the media profiles, by the service of profile S or of profile T."""
    if service == "media":
        return request("media", "trt", "GetProfiles")
    return request("media2", "tr2", "GetProfiles", el("tr2:Type", text="All"))


def get_stream(service: Literal["media", "media2"], profile: str) -> Ask:
    """Ask for the RTSP address of a profile."""
    if service == "media2":
        return request("media2", "tr2", "GetStreamUri", el("tr2:Protocol", text="RTSP"), el("tr2:ProfileToken", text=profile))
    transport = el("tt:Transport", el("tt:Protocol", text="RTSP"))
    setup = el("trt:StreamSetup", el("tt:Stream", text="RTP-Unicast"), transport)
    return request("media", "trt", "GetStreamUri", setup, el("trt:ProfileToken", text=profile))


def sync_picture(service: Literal["media", "media2"], profile: str) -> Ask:
    """Ask for a key frame (ONVIF Media 2 clause 5.3.3, Media clause 5.16.1)."""
    prefix = "trt" if service == "media" else "tr2"
    return request(service, prefix, "SetSynchronizationPoint", el(f"{prefix}:ProfileToken", text=profile))


# -- PTZ --------------------------------------------------------------------------------------------------------------


def in_profile(token: str) -> str:
    """Return the element that names the profile which moves the camera."""
    return el("tptz:ProfileToken", text=token)


def vector(axes: Axes) -> str:
    """Return the inside of a position, a distance or a velocity."""
    inside = []
    if "pan" in axes or "tilt" in axes:
        inside.append(el("tt:PanTilt", attributes={"x": number(axes.get("pan", 0)), "y": number(axes.get("tilt", 0))}))
    if "zoom" in axes:
        inside.append(el("tt:Zoom", attributes={"x": number(axes["zoom"])}))
    return "".join(inside)


def number(value: float) -> str:
    """Return a number as XML Schema writes it."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def get_nodes() -> Ask:
    """Ask what the PTZ units can do."""
    return request("ptz", "tptz", "GetNodes")


def ptz_status(profile: str) -> Ask:
    """Ask where the camera looks."""
    return request("ptz", "tptz", "GetStatus", in_profile(profile))


def continuous_move(profile: str, axes: Axes, seconds: int) -> Ask:
    """Ask to move with a velocity until told to stop, or for `seconds` where the camera keeps them."""
    velocity = el("tptz:Velocity", vector(axes))
    return request("ptz", "tptz", "ContinuousMove", in_profile(profile), velocity, el("tptz:Timeout", text=f"PT{seconds}S"))


def absolute_move(profile: str, axes: Axes) -> Ask:
    """Ask to look at a place."""
    return request("ptz", "tptz", "AbsoluteMove", in_profile(profile), el("tptz:Position", vector(axes)))


def relative_move(profile: str, axes: Axes) -> Ask:
    """Ask to move by so much."""
    return request("ptz", "tptz", "RelativeMove", in_profile(profile), el("tptz:Translation", vector(axes)))


def ptz_stop(profile: str) -> Ask:
    """Ask to stop every movement."""
    return request("ptz", "tptz", "Stop", in_profile(profile), el("tptz:PanTilt", text="true"), el("tptz:Zoom", text="true"))


def go_home(profile: str) -> Ask:
    """Ask to go to the home position."""
    return request("ptz", "tptz", "GotoHomePosition", in_profile(profile))


def set_home(profile: str) -> Ask:
    """Ask to make the present position home."""
    return request("ptz", "tptz", "SetHomePosition", in_profile(profile))


def get_presets(profile: str) -> Ask:
    """Ask for the presets."""
    return request("ptz", "tptz", "GetPresets", in_profile(profile))


def go_to_preset(profile: str, preset: str) -> Ask:
    """Ask to go to a preset."""
    return request("ptz", "tptz", "GotoPreset", in_profile(profile), el("tptz:PresetToken", text=preset))


def set_preset(profile: str, name: str, preset: str) -> Ask:
    """Ask to keep the present position: as a new preset, or instead of `preset`."""
    inside = [el("tptz:PresetName", text=name)] if name else []
    if preset:
        inside.append(el("tptz:PresetToken", text=preset))
    return request("ptz", "tptz", "SetPreset", in_profile(profile), *inside)


def remove_preset(profile: str, preset: str) -> Ask:
    """Ask to forget a preset."""
    return request("ptz", "tptz", "RemovePreset", in_profile(profile), el("tptz:PresetToken", text=preset))


# -- imaging ----------------------------------------------------------------------------------------------------------


def _source(token: str) -> str:
    return el("timg:VideoSourceToken", text=token)


def get_imaging(source: str) -> Ask:
    """Ask how the picture is set."""
    return request("imaging", "timg", "GetImagingSettings", _source(source))


def get_imaging_options(source: str) -> Ask:
    """Ask how the picture can be set."""
    return request("imaging", "timg", "GetOptions", _source(source))


def set_imaging(source: str, values: dict[str, float | str]) -> Ask:
    """Ask to set "brightness", "saturation", "contrast", "sharpness", "iris" (numbers), "ir_cut", "focus", "exposure" (words)."""
    inside = []
    # The schema wants them in this order.
    for name, tag in (("brightness", "Brightness"), ("saturation", "ColorSaturation"), ("contrast", "Contrast")):
        if name in values:
            inside.append(el(f"tt:{tag}", text=values[name]))
    if "exposure" in values or "iris" in values:
        mode = el("tt:Mode", text=values.get("exposure", "MANUAL"))
        inside.append(el("tt:Exposure", mode, el("tt:Iris", text=values["iris"]) if "iris" in values else ""))
    if "focus" in values:
        inside.append(el("tt:Focus", el("tt:AutoFocusMode", text=values["focus"])))
    if "ir_cut" in values:
        inside.append(el("tt:IrCutFilter", text=values["ir_cut"]))
    if "sharpness" in values:
        inside.append(el("tt:Sharpness", text=values["sharpness"]))
    return request("imaging", "timg", "SetImagingSettings", _source(source), el("timg:ImagingSettings", *inside))


def move_focus(source: str, speed: float) -> Ask:
    """Ask to move the focus, −1 (near) to 1 (far), until told to stop."""
    focus = el("timg:Focus", el("tt:Continuous", el("tt:Speed", text=number(speed))))
    return request("imaging", "timg", "Move", _source(source), focus)


def stop_focus(source: str) -> Ask:
    """Ask to stop the focus."""
    return request("imaging", "timg", "Stop", _source(source))


# -- events -----------------------------------------------------------------------------------------------------------


def create_subscription(seconds: int) -> Ask:
    """Ask for a pull point that lives so long unless it is renewed."""
    return Ask(
        service="events",
        body=el("tev:CreatePullPointSubscription", el("tev:InitialTerminationTime", text=f"PT{seconds}S")),
        action=f"{SPACES['events']}/EventPortType/CreatePullPointSubscriptionRequest",
        answer="CreatePullPointSubscriptionResponse",
        addressed=True,
    )


def pull_messages(seconds: int, limit: int) -> Ask:
    """Ask for what happened; the camera answers at once where something did, after `seconds` otherwise."""
    return Ask(
        service="events",
        body=el("tev:PullMessages", el("tev:Timeout", text=f"PT{seconds}S"), el("tev:MessageLimit", text=limit)),
        action=f"{SPACES['events']}/PullPointSubscription/PullMessagesRequest",
        answer="PullMessagesResponse",
        addressed=True,
    )


def sync_events() -> Ask:
    """Ask a pull point to tell the present state of all properties (ONVIF Core clause 9.4)."""
    return Ask(
        service="events",
        body=el("tev:SetSynchronizationPoint"),
        action=f"{SPACES['events']}/PullPointSubscription/SetSynchronizationPointRequest",
        answer="SetSynchronizationPointResponse",
        addressed=True,
    )


def renew(seconds: int) -> Ask:
    """Ask to keep a pull point."""
    return Ask(
        service="events",
        body=el("wsnt:Renew", el("wsnt:TerminationTime", text=f"PT{seconds}S")),
        action=f"{MANAGER}/RenewRequest",
        answer="RenewResponse",
        addressed=True,
    )


def unsubscribe() -> Ask:
    """Ask to drop a pull point."""
    return Ask(
        service="events",
        body=el("wsnt:Unsubscribe"),
        action=f"{MANAGER}/UnsubscribeRequest",
        answer="UnsubscribeResponse",
        addressed=True,
    )


# -- recordings at the edge (profile G) ---------------------------------------------------------------------------------


def get_summary() -> Ask:
    """Ask since when the camera has recordings, and until when."""
    return request("search", "tse", "GetRecordingSummary")


def find_recordings(limit: int, seconds: int) -> Ask:
    """Ask to look for all recordings; the search is kept for `seconds` between two questions."""
    alive = el("tse:KeepAliveTime", text=f"PT{seconds}S")
    return request("search", "tse", "FindRecordings", el("tse:Scope"), el("tse:MaxMatches", text=limit), alive)


def get_found(search: str, limit: int, seconds: int) -> Ask:
    """Ask what a search found; the camera answers at once where something is there, after `seconds` otherwise."""
    inside = (
        el("tse:SearchToken", text=search),
        el("tse:MinResults", text=1),
        el("tse:MaxResults", text=limit),
        el("tse:WaitTime", text=f"PT{seconds}S"),
    )
    return request("search", "tse", "GetRecordingSearchResults", *inside)


def end_search(search: str) -> Ask:
    """Ask to forget a search."""
    return request("search", "tse", "EndSearch", el("tse:SearchToken", text=search))


def get_replay(recording: str) -> Ask:
    """Ask for the RTSP address of a recording."""
    transport = el("tt:Transport", el("tt:Protocol", text="RTSP"))
    setup = el("trp:StreamSetup", el("tt:Stream", text="RTP-Unicast"), transport)
    return request("replay", "trp", "GetReplayUri", setup, el("trp:RecordingToken", text=recording))
