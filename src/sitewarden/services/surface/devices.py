"""Messages of the search for devices."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id, Name
from sitewarden.services.surface.entities import SecretText

How = Literal["upnp", "onvif"]


class SearchRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to search and for how long."""

    interfaces: Annotated[
        tuple[Annotated[str, Meta(max_length=45, description="Name (eth0) or IPv4 address of an interface.")], ...],
        Meta(max_length=32, description="Empty: every interface that the node's bind address covers."),
    ] = ()
    seconds: Annotated[float, Meta(ge=1, le=30, description="How long answers are taken.")] = 4.0


class SearchState(Struct, frozen=True, kw_only=True):
    """The present or last search. Times are microseconds since 1970 UTC, None where there was none yet."""

    running: bool
    started: int | None = None
    ended: int | None = None
    interfaces: tuple[str, ...] = ()
    """Where it searches, as "eth0 (192.0.2.5)"."""
    answers: int = 0
    """Datagrams that were understood."""
    refused: int = 0
    """Datagrams that were no answer, or came when a limit was reached."""
    problems: tuple[str, ...] = ()
    """What kept the search from being whole, in sentences."""


class Suggestion(Struct, frozen=True, kw_only=True):
    """How the device would be added."""

    name: str
    onvif: bool
    """True where it is asked over ONVIF for its streams; False where a person gives the address of one."""
    note: str
    """What is still to be done, in a sentence."""


class FoundDevice(Struct, frozen=True, kw_only=True):
    """A device that answered a search. What it says of itself is not proven by anything."""

    id: str
    kind: Literal["camera", "access", "other"]
    address: str
    maker: str = ""
    model: str = ""
    name: str = ""
    serial: str = ""
    location: str = ""
    """Where it stands, as its ONVIF scopes say."""
    found: tuple[How, ...]
    first: int
    last: int
    """First and last seen, microseconds since 1970 UTC."""
    page: str = ""
    """Its page for browsers; empty where it names none on its own address."""
    services: tuple[str, ...] = ()
    """Addresses of its ONVIF services, those on its own address."""
    site: tuple[str, ...] = ()
    """References of what stands in the site at this address ("camera:hall")."""
    known: bool = False
    """True where that is this device for certain: a camera with the same ONVIF services."""
    problems: tuple[str, ...] = ()
    """What of its answers was refused, in sentences."""
    suggestion: Suggestion


class FoundDevices(Struct, frozen=True, kw_only=True):
    """All devices found since the node started, cameras first."""

    search: SearchState
    items: tuple[FoundDevice, ...]


class AddDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Add a found device to the site as a camera: asked over ONVIF for its streams, or by the address of one."""

    id: Annotated[str, Meta(max_length=64, description="Id of the found device.")]
    name: Name | None = None
    url: (
        Annotated[str, Meta(max_length=500, description="Its stream, rtsp:// or rtsps://. None: it is asked over ONVIF.")] | None
    ) = None
    username: Annotated[str, Meta(max_length=120)] = ""
    password: SecretText = ""
    area: Id | None = None


class AddedDevice(Struct, frozen=True, kw_only=True):
    """The camera that was made."""

    entity: str
    """Its reference, "camera:hall"."""
    next: str
    """What is still to be done, in a sentence."""
