"""Reports of events and rights."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import reports

REPORTS: Final = [
    Route(
        "GET",
        "/reports/events",
        "report.events",
        reports.EventReport,
        bytes,
        "reportEvents",
        "reports",
        "Events as a file: CSV or PDF",
        form="file",
    ),
    Route(
        "GET",
        "/reports/rights",
        "report.rights",
        reports.RightsReport,
        bytes,
        "reportRights",
        "reports",
        "Access rights by door or person as a file: CSV or PDF",
        form="file",
    ),
]
