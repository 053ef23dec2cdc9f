"""What a camera does when something happens: goes to a preset, runs a tour, is recorded. Pure.

A plain setting of the camera, for the usual case: the door's camera looks at the door.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Final

from msgspec import Meta, Struct

from sitewarden.domain.events import Event

ALARM: Final = 3
"""Severity of an alarm."""
RULE_PRIORITY: Final = -1
"""Of a reaction to what is no alarm: below everybody, so that it takes a camera from nobody, and everybody from it."""
ALARM_PRIORITY: Final = 60
"""Of a reaction to an alarm: above operators, below administrators, as the built-in roles have them."""
OWN: Final = ("camera.moved", "camera.taken-over", "camera.locked", "camera.unlocked", "camera.reacted", "camera.not-reacted")
"""Events that moving cameras makes: to react to them would never end."""


class Reaction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an event happens, do this."""

    on: Annotated[
        str, Meta(pattern=r"^[a-z][a-z0-9.-]{0,98}(\.\*)?$", description='A type of event, or "door.*"; "alarm": any alarm.')
    ]
    at: Annotated[
        str,
        Meta(
            pattern=r"^([a-z][a-z-]{0,40}:[a-z0-9-]{1,63})?$",
            description='Where it has to happen, such as "door:main". Empty: at this camera, or a door that it shows.',
        ),
    ] = ""
    preset: Annotated[str, Meta(max_length=200, description="Preset to go to, by its token. Empty: none.")] = ""
    tour: Annotated[str, Meta(max_length=200, description="Tour to start, by its token, where there is no preset.")] = ""
    record_seconds: Annotated[int, Meta(ge=0, le=3600, description="Record for so long, whatever the mode; 0: as it is.")] = 0


def priority(event: Event) -> int:
    """Return with which priority a camera is moved for an event."""
    return ALARM_PRIORITY if event.severity >= ALARM else RULE_PRIORITY


def applies(reaction: Reaction, event: Event, near: Collection[str]) -> bool:
    """Tell whether an event is meant; `near` are the references of the camera, its doors and their access points."""
    if event.type in OWN or event.type.startswith("video."):
        return False
    on = reaction.on
    if on == "alarm":
        meant = event.severity >= ALARM
    else:
        meant = event.type.startswith(on[:-1]) if on.endswith(".*") else event.type == on
    concerned = {event.entity, *event.related}
    return meant and (reaction.at in concerned if reaction.at else not concerned.isdisjoint(near))
