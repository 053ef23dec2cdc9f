"""The one explicit table of entity kinds: what a site consists of. Each kind is a typed document with an id.

Kinds are stored, listed, exported and applied by the same mechanism; what differs is their model and their actions.
"""

from __future__ import annotations

from typing import Final

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, HolderGroup
from sitewarden.domain.access.rights import AccessProfile, AuthenticationProfile, Schedule, SpecialDayGroup
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    EntranceLimitZone,
    FireZone,
    FirstPersonZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
)
from sitewarden.domain.dashboards import Dashboard
from sitewarden.domain.entity import Entity
from sitewarden.domain.history import SavedSearch
from sitewarden.domain.identity.model import ApiToken, Group, Role, User
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.domain.network.node import Node
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.remote_write import RemoteWrite
from sitewarden.domain.site import Site
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.views import Bookmark, Layout, Tour

KINDS: Final[dict[str, type[Entity]]] = {
    "site": Site,
    "area": Area,
    "network": NamedNetwork,
    "node": Node,
    "role": Role,
    "group": Group,
    "user": User,
    "token": ApiToken,
    "special-day-group": SpecialDayGroup,
    "schedule": Schedule,
    "camera": Camera,
    "endpoint": Endpoint,
    "device": Device,
    "point": Point,
    "remote-write": RemoteWrite,
    "controller": Controller,
    "authentication-profile": AuthenticationProfile,
    "card-format": CardFormat,
    "door": Door,
    "access-point": AccessPoint,
    "access-profile": AccessProfile,
    "holder-group": HolderGroup,
    "credential-holder": CredentialHolder,
    "credential": Credential,
    "antipassback-zone": AntipassbackZone,
    "occupancy-zone": OccupancyZone,
    "interlock-zone": InterlockZone,
    "entrance-limit-zone": EntranceLimitZone,
    "first-person-zone": FirstPersonZone,
    "fire-zone": FireZone,
    "intrusion-zone": IntrusionZone,
    "bookmark": Bookmark,
    "layout": Layout,
    "tour": Tour,
    "saved-search": SavedSearch,
    "dashboard": Dashboard,
}
"""Kind to model, in the order in which a site file applies them (what is referred to comes first)."""
