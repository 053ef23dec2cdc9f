"""The table of REST routes under /api/v1: each names an operation, its parameters and its result. No I/O.

A field of the parameters that stands in the path comes from there. Of the rest, GET and DELETE take theirs from the query;
the other methods take the field `body` as the whole body where there is one, and the fields as members of the body otherwise.
`revision` comes from If-Match. A route of the form "file" answers with the file of a FileTicket.
"""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.backups import BACKUPS
from sitewarden.api.routes.cameras import CAMERAS
from sitewarden.api.routes.controllers import CONTROLLERS
from sitewarden.api.routes.doors import DOORS
from sitewarden.api.routes.entities import of_kind
from sitewarden.api.routes.multicast import MULTICAST
from sitewarden.api.routes.network import NETWORK
from sitewarden.api.routes.people import PEOPLE
from sitewarden.api.routes.points import POINTS
from sitewarden.api.routes.recording import RECORDING
from sitewarden.api.routes.reports import REPORTS
from sitewarden.api.routes.route import PREFIX, Route
from sitewarden.api.routes.session import SESSION
from sitewarden.api.routes.system import SYSTEM
from sitewarden.api.routes.zones import ZONES
from sitewarden.services.surface.entities import MESSAGES

__all__ = ["PREFIX", "ROUTES", "Route"]

ROUTES: Final[tuple[Route, ...]] = (
    *SESSION,
    *SYSTEM,
    *NETWORK,
    *POINTS,
    *DOORS,
    *ZONES,
    *CONTROLLERS,
    *PEOPLE,
    *CAMERAS,
    *MULTICAST,
    *RECORDING,
    *REPORTS,
    *BACKUPS,
    *(route for messages in MESSAGES.values() for route in of_kind(messages)),
)
"""Every route, in the order in which OpenAPI lists them."""
