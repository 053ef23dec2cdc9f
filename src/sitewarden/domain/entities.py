"""The one explicit table of entity kinds: what a site consists of. Each kind is a typed document with an id.

Kinds are stored, listed, exported and applied by the same mechanism; what differs is their model and their actions.
"""

from __future__ import annotations

from typing import Final

from sitewarden.domain.access.model import (
    AccessPoint,
    AccessProfile,
    Area,
    Controller,
    Credential,
    CredentialHolder,
    Door,
    Schedule,
)
from sitewarden.domain.entity import Entity
from sitewarden.domain.identity.model import ApiToken, Group, Role, User
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.domain.network.node import Node
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.site import Site
from sitewarden.domain.video.model import Camera

KINDS: Final[dict[str, type[Entity]]] = {
    "site": Site,
    "area": Area,
    "network": NamedNetwork,
    "node": Node,
    "role": Role,
    "group": Group,
    "user": User,
    "token": ApiToken,
    "camera": Camera,
    "endpoint": Endpoint,
    "device": Device,
    "point": Point,
    "controller": Controller,
    "door": Door,
    "access-point": AccessPoint,
    "schedule": Schedule,
    "access-profile": AccessProfile,
    "credential-holder": CredentialHolder,
    "credential": Credential,
}
"""Kind to model, in the order in which a site file applies them (what is referred to comes first)."""
