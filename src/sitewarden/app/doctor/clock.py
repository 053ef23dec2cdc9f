"""The clock: kept by a time service, as the kernel itself says. No packet is sent."""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime

from sitewarden.app.doctor.facts import Facts
from sitewarden.app.places import Places
from sitewarden.services.surface.doctor import Finding

UNSYNCHRONISED = 0x40
"""STA_UNSYNC of sys/timex.h."""
TIME_ERROR = 5
FAR = 1.0
"""Seconds of possible error that are told."""
WHY = "events, recordings and controllers' logs are put in order by their times; certificates and sign-ins expire by them."


class _Timex(ctypes.Structure):
    """struct timex of sys/timex.h on 64-bit Linux."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 30),
    )


def check(facts: Facts) -> list[Finding]:
    """Ask the kernel whether its clock is kept, and compare it with what this node wrote last."""
    found = []
    newest = _newest(facts)
    if newest > time.time() + 60:
        found.append(
            Finding(
                level="error",
                check="clock",
                what=f"the clock stands before the last event that was written ({_text(newest)})",
                why=WHY,
                remedy="Let a time service set it, or set it with `date -s`; then start the node again.",
                command="timedatectl set-ntp true",
            )
        )
    timex = _Timex()
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.byref(timex))
    if state < 0:
        return found
    return [*found, judge(state, timex.status, timex.maxerror / 1e6)]


def judge(state: int, status: int, error: float) -> Finding:
    """Return the finding on what adjtimex(2) returned, its status bits, and the greatest possible error in seconds."""
    if state == TIME_ERROR or status & UNSYNCHRONISED:
        return Finding(
            level="warning",
            check="clock",
            what="no time service keeps this computer's clock",
            why=WHY,
            remedy="Turn the time service on, or install chrony; `timedatectl timesync-status` then shows its server.",
            command="timedatectl set-ntp true",
        )
    if error > FAR:
        return Finding(
            level="warning",
            check="clock",
            what=f"the clock is kept, and may still be {error:.1f} s off",
            why=WHY,
            remedy="Name a nearer time server; this shows those in use.",
            command="chronyc sources",
        )
    return Finding(level="ok", check="clock", what=f"the clock is kept; it is right within {error * 1000:.0f} ms")


def _newest(facts: Facts) -> float:
    """Return when the event log was last written, in seconds; 0 where there is none."""
    places = Places.of(facts.settings)
    times = [path.stat().st_mtime for path in (places.events, places.state) if path.exists()]
    return max(times, default=0.0)


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
