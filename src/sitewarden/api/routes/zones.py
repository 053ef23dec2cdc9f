"""Zones, and the roll call of those inside."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import muster, zones
from sitewarden.services.surface.identity import Nothing

ZONES: Final = [
    Route(
        "GET", "/muster", "muster.list", muster.RollCallQuery, muster.RollCall, "getRollCall", "zones", "Who is inside, and safe"
    ),
    Route(
        "GET",
        "/muster/export",
        "muster.export",
        muster.RollCallExport,
        str,
        "exportRollCall",
        "zones",
        "The roll call as CSV",
        form="text",
    ),
    Route(
        "POST",
        "/muster/safe",
        "muster.mark",
        muster.MarkSafe,
        muster.MarkedSafe,
        "markSafe",
        "zones",
        "Mark somebody as safe who was seen",
        command=True,
    ),
    Route("GET", "/zones", "zones.list", Nothing, zones.Zones, "listZones", "zones", "All zones as they are now"),
    Route(
        "GET",
        "/zones/{kind}/{id}",
        "zones.get",
        zones.ZoneRef,
        zones.ZoneDetail,
        "getZone",
        "zones",
        "A zone as it is now, and who is in it",
    ),
    Route(
        "POST",
        "/zones/{kind}/{id}/forgive",
        "zones.forgive",
        zones.ForgiveHolder,
        zones.ZoneNow,
        "forgiveHolder",
        "zones",
        "Forget where a holder is, and what they broke, once",
        command=True,
    ),
    *(
        Route(
            "POST",
            f"/zones/{{kind}}/{{id}}/{action}",
            f"zones.{action}",
            params,
            zones.ZoneNow,
            f"{action}Zone",
            "zones",
            summary,
            command=True,
        )
        for action, params, summary in (
            ("reset", zones.ResetZone, "Forget where everybody is"),
            ("arm", zones.ArmZone, "Arm an intrusion zone"),
            ("disarm", zones.DisarmZone, "Disarm an intrusion zone"),
        )
    ),
]
