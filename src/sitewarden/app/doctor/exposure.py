"""What is served without TLS because the settings say so."""

from __future__ import annotations

from sitewarden.app.doctor.facts import Facts
from sitewarden.services.surface.doctor import Finding


def check(facts: Facts) -> list[Finding]:
    """Name each network whose clients may use the HTTP API in clear."""
    return [
        Finding(
            level="warning",
            check="TLS",
            what=f"clients in {network} may use the HTTP API without TLS",
            why="passwords and video cross that network in clear.",
            remedy="Take the network out of http_api_plain_networks once its clients speak TLS.",
        )
        for network in facts.settings.http_api_plain_networks
    ]
