"""The node, its events and audit, and the site file."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import history, system
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.identity import Nothing

SYSTEM: Final = [
    Route("GET", "/system", "system.get", Nothing, system.SystemInfo, "getSystem", "system", "How the node is"),
    Route("GET", "/status", "status.list", system.StatusQuery, system.Statuses, "listStatus", "status", "How things are now"),
    Route("GET", "/events", "events.list", history.EventQuery, history.EventPage, "listEvents", "events", "Read the event log"),
    Route(
        "GET",
        "/events/counts",
        "events.count",
        history.EventCountQuery,
        history.EventCounts,
        "countEvents",
        "events",
        "Count events over time",
    ),
    Route(
        "GET",
        "/events/export",
        "events.export",
        history.EventExport,
        bytes,
        "exportEvents",
        "events",
        "A search as CSV or JSON Lines, with a signed manifest",
        form="file",
    ),
    Route("GET", "/audit", "audit.list", system.AuditQuery, system.AuditPage, "listAudit", "events", "Read the audit log"),
    Route(
        "POST",
        "/setup/finish",
        "setup.finish",
        system.SetupFinish,
        MESSAGES["site"].view,
        "finishSetup",
        "site",
        "Turn the demo off and start the real site",
        command=True,
    ),
    Route(
        "GET", "/site/export", "site.export", Nothing, str, "exportSite", "site", "The site as YAML, without secrets", form="yaml"
    ),
    Route(
        "POST", "/site/plan", "site.plan", system.SiteFile, system.SitePlan, "planSite", "site", "What a site file would change"
    ),
    Route("POST", "/site/apply", "site.apply", system.SiteFile, system.SitePlan, "applySite", "site", "Make a site file so"),
]
