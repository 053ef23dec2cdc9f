"""Cameras, segments of recording, and why a camera was not recorded."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Id, Secret
from sitewarden.domain.video.reaction import Reaction

RecordMode = Literal["continuous", "events", "manual"]
StreamDriver = Literal["rtsp", "mjpeg", "rtmp", "libav"]
Priority = Literal["low", "normal", "high"]
GapReason = Literal[
    "camera-lost",
    "starting",
    "disk-full",
    "disk-failed",
    "disk-slow",
    "volume-gone",
    "off",
    "removed",
    "privacy",
    "schedule",
    "no-event",
    "on-command",
    "server-down",
    "clock",
    "deleted",
    "unknown",
]
Tier = Literal["fast", "large", "archive"]
EventPattern = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9.-]{0,98}(\.\*)?$", description='A type of event, or "door.*".')]
PRIORITIES: Final[tuple[Priority, ...]] = ("low", "normal", "high")
"""In the order in which recordings go where room is short."""


TIERS: Final[tuple[Tier, ...]] = ("fast", "large", "archive")
"""In the order in which recordings move from one to the next."""
FETCHED: Final = (".m3u8", ".ts")
"""Ends of addresses over HTTP that are no Motion JPEG."""
FILE: Final = "file:"
"""How the address of a recording of this server's disk begins."""
MAIN: Final = "main"
"""The volume in the data directory, which every site has."""


class Camera(Entity, frozen=True, kw_only=True):
    """A camera by its stream address. The URL carries no user and no password."""

    driver: Annotated[
        StreamDriver,
        Meta(
            description="How its stream comes. rtsp: asked for at its address, by RTSP or as Motion JPEG over HTTP. rtmp: a "
            "camera or an encoder publishes it to this server by RTMP, with a stream key. libav: fetched by FFmpeg, in a "
            "child process, or played from a file of this server."
        ),
    ] = "rtsp"
    url: Annotated[
        str,
        Meta(
            pattern=r"^((rtsps?|https?|rtmps?)://[^@/]+(/.*)?|file:[^/].*)?$",
            max_length=500,
            description="rtsp:// or rtsps:// with a path; http:// or https:// for a camera that sends Motion JPEG over HTTP, "
            "or HLS (.m3u8); rtmp:// or rtmps:// for one that serves RTMP; file: and a name for a recording in the server's "
            "folder of recordings. Empty for one that publishes.",
        ),
    ] = ""
    repeat: Annotated[
        bool,
        Meta(description="A recording from the server's folder begins anew when it is over. Off: it is played once."),
    ] = True
    sub_url: Annotated[
        str,
        Meta(
            pattern=r"^(rtsps?://[^@/]+(/.*)?)?$",
            max_length=500,
            description="Address of a second, smaller stream (RTSP), for the live wall. Opened only while somebody looks at it. "
            "Empty: none.",
        ),
    ] = ""
    username: Annotated[str, Meta(max_length=120)] = ""
    password: Secret | None = None
    stream_key: Secret | None = None
    """What a camera or encoder that publishes proves itself by; at least 8 characters."""
    transport: Annotated[
        Literal["tcp", "udp", "multicast"],
        Meta(description="tcp: inside the RTSP connection. udp: to media-input ports. multicast: to the camera's own group."),
    ] = "tcp"
    onvif: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^@/\s]+(/\S*)?)?$",
            max_length=500,
            description="Where its ONVIF services answer, such as http://10.1.0.5/onvif/device_service. Empty: not asked.",
        ),
    ] = ""
    onvif_fingerprint: Annotated[
        str,
        Meta(pattern="^([0-9a-f]{64})?$", description="SHA-256 of its certificate, where no authority signed it; https alone."),
    ] = ""
    enabled: bool = True
    record: Annotated[bool, Meta(description="Off: this camera is never recorded, not even on command.")] = True
    record_mode: Annotated[
        RecordMode,
        Meta(description="continuous: always. events: from before to after what `record_on` names. manual: on command only."),
    ] = "continuous"
    record_schedule: Annotated[
        Id | None, Meta(description="Record only while this schedule holds; a command records at any time. None: always.")
    ] = None
    record_on: Annotated[
        tuple[EventPattern, ...],
        Meta(
            max_length=32,
            description="Events that start a recording, of this camera, of the doors that it shows and of their access points. "
            "Empty: motion, and every alarm.",
        ),
    ] = ()
    pre_seconds: Annotated[float, Meta(ge=0, le=60, description="Recorded from before an event, from the key frame before.")] = (
        5.0
    )
    post_seconds: Annotated[float, Meta(ge=1, le=3600, description="Recorded after the last event.")] = 15.0
    reactions: Annotated[
        tuple[Reaction, ...],
        Meta(max_length=16, description="What it does when something happens: goes to a preset, runs a tour, is recorded."),
    ] = ()
    edge_fill: Annotated[
        Literal["off", "manual", "auto"],
        Meta(
            description="Gaps filled from what the camera recorded itself (ONVIF profile G). auto: by themselves, after a loss "
            "of the camera, the server or the disk. manual: when somebody asks."
        ),
    ] = "auto"
    audio: Annotated[
        bool,
        Meta(description="Record the camera's sound, and let it be heard live. Off unless you mean it; the law may forbid it."),
    ] = False
    loss_limit: Annotated[
        float, Meta(ge=0, le=100, description="Packets that are missing, per cent, from which it is told; 0: never.")
    ] = 2.0
    jitter_limit: Annotated[
        float, Meta(ge=0, le=10_000, description="Jitter in milliseconds from which it is told; 0: never.")
    ] = 200.0
    frame_rate_limit: Annotated[
        float, Meta(ge=0, le=240, description="Pictures a second; it is told when there are fewer. 0: never.")
    ] = 2.0
    bitrate_drop: Annotated[
        float,
        Meta(
            ge=0,
            lt=100,
            description="Per cent by which the bit rate falls below its median of the last hour before it is told; 0: never.",
        ),
    ] = 90.0
    clock_limit: Annotated[
        float,
        Meta(ge=0, le=86_400, description="Seconds between the camera's clock and the server's from which it is told; 0: never."),
    ] = 10.0
    retention_days: Annotated[float, Meta(gt=0, le=3650)] = 30.0
    max_gigabytes: Annotated[
        float, Meta(ge=0, le=1_000_000, description="Recordings of this camera take so much at most, the oldest go; 0: no limit.")
    ] = 0.0
    priority: Annotated[
        Priority, Meta(description="Where the disk gets full, recordings of low priority go first, then normal, then high.")
    ] = "normal"
    volume: Annotated[
        Id | None,
        Meta(description="The volume of the settings that it is recorded on while that works. None: the server spreads cameras."),
    ] = None
    privacy: Annotated[
        bool, Meta(description="On: neither recorded nor shown, and not even asked for its picture. Switched by a command.")
    ] = False
    privacy_reason: Annotated[str, Meta(max_length=300)] = ""

    @property
    def watched(self) -> bool:
        """True where its stream is taken in at all."""
        return self.enabled and not self.privacy

    @property
    def stream_driver(self) -> StreamDriver:
        """The driver of its stream: its own, or the one that its address asks for."""
        if self.driver != "rtsp":
            return self.driver
        scheme, _, rest = self.url.partition("://")
        if scheme in ("rtmp", "rtmps") or self.plays:
            return "libav"
        if scheme in ("http", "https"):
            return "libav" if rest.partition("?")[0].endswith(FETCHED) else "mjpeg"
        return "rtsp"

    @property
    def plays(self) -> bool:
        """True where its stream is a recording of this server's disk."""
        return self.url.startswith(FILE)

    @property
    def publishes(self) -> bool:
        """True where it comes to us, so that it has a stream key in place of an address."""
        return self.driver == "rtmp"


class Segment(Struct, frozen=True, kw_only=True):
    """A sealed piece of recording: one fragmented-MP4 file that any player reads."""

    id: str
    camera: str
    path: str
    """Relative to the directory of its volume."""
    start: int
    """Microseconds since 1970 UTC of the first access unit."""
    end: int
    bytes: int
    codec: str
    """Codecs by RFC 6381, the pictures' first: "avc1.64001f", "hvc1.1.6.L93.B0,mp4a.40.2"."""
    width: int = 0
    height: int = 0
    sealed: bool = True
    volume: str = MAIN


class Gap(Struct, frozen=True, kw_only=True):
    """A span [start, end) in which a camera was not recorded, and why; `end` 0 while it lasts. Microseconds since 1970 UTC."""

    camera: str
    start: int
    end: int = 0
    reason: GapReason
    detail: str = ""


class Lock(Struct, frozen=True, kw_only=True):
    """A hold on a camera's recordings of [start, end): nothing deletes them before `until`, 0 for as long as it stands."""

    id: str
    camera: str
    start: int
    end: int
    until: int = 0
    reason: str
    by: str
    """Who set it, as a reference."""
    made: int


class Order(Struct, frozen=True, kw_only=True):
    """Somebody's order to record a camera until a moment."""

    camera: str
    until: int
    reason: str = ""
    by: str = ""
