"""A session's figures as its status tells them, taken every few seconds: nothing here runs for a packet."""

from __future__ import annotations

from typing import Any

from sitewarden.domain.clock import SECOND
from sitewarden.drivers.rtsp.session import Session


class Figures:
    """Takes the difference of a session's counters from one telling to the next."""

    def __init__(self, session: Session, transport: str, now: float) -> None:
        """`now` is the monotonic clock, seconds."""
        self._session, self._transport = session, transport
        self._at = now
        self._bytes = self._units = self._packets = self._lost = 0

    def take(self, now: float) -> dict[str, Any]:
        """Return the data of the camera's status."""
        session = self._session
        passed = max(now - self._at, 1e-3)
        rate, fps = (session.bytes - self._bytes) / passed, (session.units - self._units) / passed
        lost, packets = max(0, session.missing - self._lost), max(0, session.packets - self._packets)
        self._at, self._bytes, self._units = now, session.bytes, session.units
        self._lost, self._packets = session.missing, session.packets
        video, skew, jitter = session.video, session.skew, session.jitter
        return {
            "bitrate": round(rate * 8),
            "fps": round(fps, 1),
            "codec": video.codec if video else "",
            "width": video.width if video else 0,
            "height": video.height if video else 0,
            "audio": session.sound or session.client.silent,
            "transport": self._transport,
            "losses": session.lost,
            "lost": session.missing,
            "loss": round(100 * lost / (lost + packets), 2) if lost else 0.0,
            "reordered": session.reordered,
            "jitter": None if jitter is None else round(jitter * 1000, 1),
            "gop_frames": session.group[0],
            "gop_seconds": round(session.group[1], 2),
            "clock_offset": None if skew is None else round(-skew / SECOND, 3),
            "key_requests": session.asked,
        }
