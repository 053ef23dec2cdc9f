"""What is served without TLS because the settings say so."""

from __future__ import annotations

from sitewarden.app.doctor.facts import Facts
from sitewarden.config import Settings
from sitewarden.services.surface.doctor import Finding


def check(facts: Facts) -> list[Finding]:
    """Name each network that may use the HTTP API, or publish by RTMP, in clear."""
    return [*_api(facts.settings), *_rtmp(facts.settings)]


def _api(settings: Settings) -> list[Finding]:
    return [
        Finding(
            level="warning",
            check="TLS",
            what=f"clients in {network} may use the HTTP API without TLS",
            why="passwords and video cross that network in clear.",
            remedy="Take the network out of http_api_plain_networks once its clients speak TLS.",
        )
        for network in settings.http_api_plain_networks
    ]


def _rtmp(settings: Settings) -> list[Finding]:
    return [
        Finding(
            level="warning",
            check="TLS",
            what=f"cameras and encoders in {network} may publish by RTMP without TLS",
            why="stream keys and video cross that network in clear.",
            remedy="Take the network out of rtmp_plain_networks once its encoders publish by rtmps://.",
        )
        for network in settings.rtmp_plain_networks
    ]
