"""The roles that every site begins with. All but administrator may be changed."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.access.door_commands import COMMANDS
from sitewarden.domain.access.zones import ZONE_KINDS
from sitewarden.domain.identity.model import Grant, Role

ADMINISTRATOR: Final = Role(
    id="administrator",
    name="Administrator",
    description="May do everything.",
    grants=(Grant(action="*"),),
    ptz_priority=80,
)

_SEEN: Final = ("area", "camera", "device", "point", "controller", "door", "access-point", "schedule", "special-day-group")
_VIEWS: Final = ("bookmark", "layout", "tour", "saved-search", "dashboard")
_RIGHTS: Final = ("credential-holder", "credential", "holder-group", "access-profile", "authentication-profile", "card-format")
_VIEW: Final = (
    *(f"{kind}.{verb}" for kind in (*_SEEN, *_VIEWS) for verb in ("list", "get")),
    "site.get",
    "status.list",
    "event.read",
    "point.read",
    "camera.live",
    "camera.playback",
)

_OPERATE: Final = (
    *(f"{kind}.{verb}" for kind in (*_RIGHTS, *ZONE_KINDS, "node") for verb in ("list", "get")),
    *(f"door.{command}" for command in COMMANDS),
    *(f"camera.{verb}" for verb in ("ptz", "preset", "imaging", "relay", "talk")),
    *(f"zone.{verb}" for verb in ("read", "forgive", "reset", "arm", "disarm")),
    *(f"{kind}.{verb}" for kind in _VIEWS for verb in ("create", "update", "delete")),
    "muster.read",
    "muster.mark",
    "door.rights",
    "credential-holder.rights",
    "camera.multicast",
    "camera.export",
    "camera.record",
    "camera.privacy",
    "camera.lock",
    "point.write",
    "system.get",
    "network.read",
)

_MANAGED: Final = (*_RIGHTS, "schedule", "special-day-group")
_MANAGE: Final = (
    *(f"{kind}.{verb}" for kind in ("area", "controller", "door", "access-point") for verb in ("list", "get")),
    *(f"{kind}.{verb}" for kind in _MANAGED for verb in ("list", "get", "create", "update", "delete")),
    "people.import",
    "people.export",
    "door.rights",
    "credential-holder.rights",
    "access.what-if",
    "controller.scan",
    *(f"saved-search.{verb}" for verb in ("list", "get", "create", "update", "delete")),
    "site.get",
    "status.list",
    "event.read",
)

VIEWER: Final = Role(
    id="viewer",
    name="Viewer",
    description="Sees doors, cameras, values and events; changes nothing.",
    grants=tuple(Grant(action=action) for action in _VIEW),
)

OPERATOR: Final = Role(
    id="operator",
    name="Operator",
    description="Sees the site, commands doors, moves cameras and sets points.",
    grants=tuple(Grant(action=action) for action in (*_VIEW, *_OPERATE)),
)

PEOPLE_MANAGER: Final = Role(
    id="people-manager",
    name="People manager",
    description="Manages people, credentials, access profiles and schedules, and tries changes first; commands no door.",
    grants=tuple(Grant(action=action) for action in _MANAGE),
)

BUILT_IN: Final = (ADMINISTRATOR, OPERATOR, PEOPLE_MANAGER, VIEWER)
