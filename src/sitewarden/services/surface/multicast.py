"""Messages of multicast distribution."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id

Form = Annotated[
    Literal["mpegts", "rtp"],
    Meta(description='"mpegts": bare transport packets in UDP. "rtp": the same in RTP (RFC 2250), reports on the same port.'),
]
Which = Annotated[
    Literal["main", "sub"],
    Meta(description='Which of its streams; "sub" is the main one where the camera has no second, and takes a moment to open.'),
]
Holder = Annotated[
    str,
    Meta(
        pattern=r"^[a-zA-Z0-9._-]{0,60}$", description="Tells apart several viewers of one user; each holds the stream by itself."
    ),
]


class MulticastStart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Have a camera's live picture sent to the group."""

    id: Id
    stream: Which = "main"
    form: Form = "mpegts"
    seconds: Annotated[
        int, Meta(ge=5, le=7 * 86_400, description="How long it is sent, unless it is asked for again or stopped.")
    ] = 3600
    holder: Holder = ""


class MulticastHold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One viewer's hold on a stream."""

    id: Id
    stream: Which = "main"
    form: Form = "mpegts"
    holder: Holder = ""


class MulticastRenew(MulticastHold, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Go on receiving a stream that is sent."""

    seconds: Annotated[int, Meta(ge=5, le=300)] = 30


class MulticastStream(Struct, frozen=True, kw_only=True):
    """A stream on its way, and how a player joins it."""

    camera: str
    stream: str
    """"main" or "sub"."""
    name: str
    form: str
    group: str
    port: int
    ttl: int
    address: str
    """What a player opens: "udp://@225.5.10.1:1025"."""
    sdp: str
    holders: int
    until: int
    """When the last hold runs out, microseconds since 1970 UTC."""
    bytes: int
    dropped: int


class MulticastStreams(Struct, frozen=True, kw_only=True):
    """Which stream goes to which port."""

    group: str
    items: list[MulticastStream]


class MulticastList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameters."""
