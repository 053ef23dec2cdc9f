"""What a driver is given: its only way to the rest of the house."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sitewarden.domain.clock import Clock
from sitewarden.domain.events import Confirm, Event
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.kit.house import House
from sitewarden.link import LinkSession
from sitewarden.net import Network
from sitewarden.net.interfaces import Tls
from sitewarden.net.tls import Application
from sitewarden.wire.formats import AudioFormat, VideoFormat


class MediaSink(Protocol):
    """Where an ingest puts encoded video and sound; synchronous, never blocks, drops whole groups of pictures when full.

    A channel is one stream: a camera's id, or "camera/sub" for a second one. It has one track of pictures and at most one of
    sound. A track is announced before its first data, and again when its format changes.
    """

    def video_track(self, channel: str, video: VideoFormat) -> None:
        """Announce or change the pictures."""
        ...

    def audio_track(self, channel: str, audio: AudioFormat | None) -> None:
        """Announce or change the sound; None where there is none."""
        ...

    def access_unit(self, channel: str, data: Sequence[memoryview | bytes], rtp_time: int, wall: int, key: bool) -> None:
        """Take one access unit: NAL units without start codes, or the parts of one JPEG file.

        `rtp_time` is the unwrapped 90 kHz clock, `wall` microseconds since 1970 UTC.
        """
        ...

    def sound(self, channel: str, frames: Sequence[bytes], duration: int, rtp_time: int, wall: int) -> None:
        """Take coded frames of sound of `duration` clock units each; times are the first one's, `wall` by the pictures' clock."""
        ...

    def wanted(self, channel: str) -> bool:
        """Tell whether anybody looks at the channel, or records it."""
        ...

    async def demand(self, channel: str) -> None:
        """Wait until somebody does."""
        ...

    def starved(self, channel: str) -> None:
        """Only a key frame helps after a loss, and the far end takes no request for one on the stream's own way."""
        ...

    def lost(self, channel: str, reason: str) -> None:
        """The stream ended; the open segment is sealed."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a driver may use. A member that a kind of driver does not need is None in it."""

    net: Network
    clock: Clock
    emit: Callable[..., Awaitable[None]]
    """`await emit(events, confirm=None)`: returns when the events are durable (Sequence[Event], Confirm | None)."""
    samples: Callable[[Samples], None]
    """Hand over a batch; never blocks."""
    status: Callable[[Status], None]
    """Tell how an endpoint, a device or a camera is now; repeats of the same state are dropped by the receiver."""
    media: MediaSink | None = None
    inquire: Callable[[str, Any], Awaitable[Any]] | None = None
    """Ask a service for an answer that a device waits for: ("access.match", request) gives a decision."""
    confirmed: Callable[[str], tuple[int, int] | None] | None = None
    """(epoch, index) up to which a device's log is stored."""
    tls: Tls = None
    """Context of a link listener: TLS 1.3, this node's certificate, asks for the peer's."""
    dial_tls: Tls = None
    """Context of a link dialler: TLS 1.3, this node's certificate, pinned to the site's CA."""
    face_tls: Callable[[], Tls] | None = None
    """Makes the context of a listener for people and programs, with this server's certificate; None where it serves plain."""
    own_tls: Callable[[], ssl.SSLContext] | None = None
    """Makes the same context wherever it serves, for a listener that is to speak TLS by its own settings."""
    application: Callable[[], Application] | None = None
    """Give this node's RSA certificate and key, for protocols that secure themselves (OPC UA); made at the first use, blocks."""
    house: House | None = None
    """What a driver that serves other systems tells them."""
    node: str = ""
    """Id of this node, as in its certificate."""
    strangers: Callable[[LinkSession], None] | None = None
    """Answer `pair.*` on the link of a peer that is not proven (`link.pairing.PairingDesk.admit`)."""
    files: str = ""
    """The folder of recordings that cameras may play (`kit.footage`); empty: none."""


__all__ = ["Confirm", "Context", "Event", "MediaSink", "Status"]
