"""Whether a camera shall be recorded at a moment, and if not, why. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sitewarden.domain.events import Event
from sitewarden.domain.video.model import Camera, GapReason

Why = tuple[GapReason, str]
"""Why nothing is recorded: the reason, and its detail for people."""
ALARM = 3
"""Severity of an alarm."""
MOTION = "camera.motion"
"""A camera sees motion, whatever finds it: the camera itself, over ONVIF or else, or the server."""
STILL = "camera.motion-ended"
OWN = ("video.segment.", "video.recording.", "video.lock.", "video.gap.")
"""Events that recording itself makes; they start none."""


def off(camera: Camera) -> Why | None:
    """Return why nothing of a camera is taken in for recording at all; None where it may be."""
    if camera.privacy:
        return "privacy", camera.privacy_reason
    if not camera.enabled:
        return "off", "the camera is switched off"
    if not camera.record:
        return "off", "recording of this camera is switched off"
    return None


def wish(
    camera: Camera, *, holds: bool, schedule: str, ordered: bool, event: bool, disk: Why | None
) -> tuple[Why | None, Why | None]:
    """Return (blocked, waiting), as `Recording.allow` takes them, of a camera that is not off.

    A person's order records at any time, whatever the schedule; an event only while the schedule holds.
    """
    if disk is not None:
        return disk, None
    if ordered:
        return None, None
    if not holds:
        return ("schedule", f"outside of the schedule {schedule}"), None
    if camera.record_mode == "continuous" or (camera.record_mode == "events" and event):
        return None, None
    if camera.record_mode == "manual":
        return None, ("on-command", "recorded on command only")
    return None, ("no-event", "")


def starts(camera: Camera, event: Event, near: Iterable[str]) -> bool:
    """Tell whether an event starts a recording of a camera; `near` are references of the doors that it shows."""
    if camera.record_mode != "events" or event.type.startswith(OWN):
        return False
    concerned = {event.entity, *event.related}
    if f"camera:{camera.id}" not in concerned and concerned.isdisjoint(near):
        return False
    if not camera.record_on:
        return event.severity >= ALARM or event.type == MOTION
    return any(event.type.startswith(one[:-1]) if one.endswith(".*") else event.type == one for one in camera.record_on)
