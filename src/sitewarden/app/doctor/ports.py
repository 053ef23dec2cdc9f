"""The node's ports: free, permitted, and out of the kernel's way."""

from __future__ import annotations

from sitewarden.app.doctor.facts import Facts
from sitewarden.net.preflight import ephemeral, preflight
from sitewarden.services.surface.doctor import Finding

TAKEN = "a service that cannot open its port does not start."
EPHEMERAL = "another program's outgoing connection may sit on the port just when the service starts, and it then cannot open it."


def check(facts: Facts) -> list[Finding]:
    """Try the ports of this node's roles; where the node runs, it holds them itself and they are not tried."""
    settings = facts.settings
    if facts.running:
        found = ephemeral(settings)
        fine = "the node runs and holds its ports; the network page shows each"
    else:
        found = preflight(settings)
        fine = "every port of this node's roles is free and permitted"
    items = [
        Finding(
            level=item.level,
            check="ports",
            what=item.what.rstrip("."),
            why=EPHEMERAL if not item.port else TAKEN,
            remedy=item.remedy,
        )
        for item in found
    ]
    if not any(item.level == "error" for item in items):
        items.append(Finding(level="ok", check="ports", what=fine))
    return items
