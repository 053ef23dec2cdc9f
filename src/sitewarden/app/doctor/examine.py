"""All checks, one after the other. A check that cannot look says so, and keeps no other from looking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sitewarden.app.doctor import (
    announcement,
    backups,
    buffers,
    certificates,
    clock,
    database,
    disk,
    exposure,
    multicast,
    paths,
    ports,
    roles,
    volumes,
)
from sitewarden.app.doctor.facts import Facts
from sitewarden.domain.errors import Refusal
from sitewarden.services.surface.doctor import Finding

Check = Callable[[Facts], list[Finding]]

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("ports", ports.check),
    ("multicast", multicast.check),
    ("announcement", announcement.check),
    ("buffers", buffers.check),
    ("clock", clock.check),
    ("database", database.check),
    ("disk", disk.check),
    ("volumes", volumes.check),
    ("backup", backups.check),
    ("certificates", certificates.check),
    ("names", paths.names),
    ("path", paths.sizes),
    ("TLS", exposure.check),
    ("roles", roles.check),
)


def examine(facts: Facts) -> list[Finding]:
    """Look at everything. Blocks some seconds."""
    found: list[Finding] = []
    for name, check in CHECKS:
        try:
            found += check(facts)
        except (OSError, Refusal) as fault:
            found.append(
                Finding(
                    level="warning",
                    check=name,
                    what=f"this could not be looked at: {fault}",
                    why="what doctor cannot see, nobody watches.",
                    remedy="Run `sitewarden doctor` as the user that the node runs as.",
                )
            )
    return found
