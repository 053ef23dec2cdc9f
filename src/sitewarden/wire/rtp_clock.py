"""Wall time of RTP timestamps: the server's clock, refined by the sender's reports, never going backward.

A camera's own clock may be wrong by years, and its first sender report may contradict the arrival times, so reports count
only while they agree with the arrivals, and every correction is slewed.
"""

from __future__ import annotations

from typing import Final

TRUST: Final = 2_000_000
"""Microseconds by which a sender's clock may differ from ours and still be followed."""
JUMP: Final = 5_000_000
"""Microseconds between expected and real arrival that mean a new timeline of the sender."""
SLEW: Final = 0.02
"""Greatest correction, as a share of the time that passed."""
LEAK: Final = 0.005
"""Share by which the least delay seen is forgotten per frame, so that drift is followed."""


def unwrap(last: int, timestamp: int) -> int:
    """Return the 32-bit `timestamp` as the whole number nearest to `last`."""
    difference = (timestamp - last) & 0xFFFFFFFF
    return last + (difference - 0x1_0000_0000 if difference >= 0x8000_0000 else difference)


class WallClock:
    """Maps unwrapped RTP time to microseconds since 1970 UTC for one stream."""

    def __init__(self, clock_rate: int = 90000) -> None:
        self._scale = 1_000_000 / clock_rate
        self._offset: float | None = None
        self._least = 0.0
        self._report: float | None = None
        self._last_rtp = 0
        self._last_wall = 0
        self.jumps = 0
        """How often the sender began a new timeline."""

    def report(self, rtp_time: int, wall: int) -> None:
        """Take a sender report: the unwrapped RTP time of its timestamp, and the wall time that it states."""
        self._report = wall - rtp_time * self._scale

    @property
    def skew(self) -> float | None:
        """Microseconds from the sender's clock to ours; None before its first report."""
        return None if self._report is None or self._offset is None else self._offset - self._report

    def wall(self, rtp_time: int, arrival: int) -> int:
        """Return the wall time of a frame that arrived at `arrival`.

        It is greater than the last one given, but where a new timeline begins (the sender's, or a step of our own clock).
        """
        media = rtp_time * self._scale
        seen = arrival - media
        if self._offset is None or abs(seen - self._offset) > JUMP:
            self.jumps += self._offset is not None
            self._offset = self._least = seen
            self._last_wall = int(media + seen) - 1
        self._least = min(seen, self._least + (seen - self._least) * LEAK)
        target = self._least
        if self._report is not None and abs(self._report - seen) < TRUST:
            target = self._report
        room = max(0.0, (rtp_time - self._last_rtp) * self._scale) * SLEW
        self._offset += max(-room, min(room, target - self._offset))
        self._last_rtp = rtp_time
        wall = max(int(media + self._offset), self._last_wall + 1)
        self._last_wall = wall
        return wall


class CompanionClock:
    """Wall time of a stream beside another (sound beside a picture): as far from it as the sender's reports of both say.

    The sender's clock may be wrong by years; what counts is that it is one clock. Before both streams have a report, and
    where they contradict the arrivals, the least delay seen decides. Times may step, in either direction.
    """

    def __init__(self, leader: WallClock, clock_rate: int) -> None:
        self._leader = leader
        self._scale = 1_000_000 / clock_rate
        self._least: float | None = None
        self._report: float | None = None

    def report(self, rtp_time: int, wall: int) -> None:
        """Take a sender report, as `WallClock.report` does."""
        self._report = wall - rtp_time * self._scale

    def wall(self, rtp_time: int, arrival: int) -> int:
        """Return the wall time of what arrived at `arrival`."""
        media = rtp_time * self._scale
        seen = arrival - media
        if self._least is None or abs(seen - self._least) > JUMP:
            self._least = seen
        self._least = min(seen, self._least + (seen - self._least) * LEAK)
        skew = self._leader.skew
        if skew is not None and self._report is not None and abs(self._report + skew - seen) < TRUST:
            return int(media + self._report + skew)
        return int(media + self._least)
