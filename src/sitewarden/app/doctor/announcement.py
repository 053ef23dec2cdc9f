"""What was heard of other servers: none may send its live media to this server's group."""

from __future__ import annotations

from sitewarden.app.doctor.facts import Facts
from sitewarden.services.surface.doctor import Finding


def check(facts: Facts) -> list[Finding]:
    """Name each server that uses the same media group."""
    if not facts.settings.announcement.enabled:
        return [Finding(level="ok", check="announcement", what="announcements are turned off; other servers are not looked for")]
    if facts.collisions is None:
        return []
    if not facts.collisions:
        return [Finding(level="ok", check="announcement", what="no other server was heard to use this server's media group")]
    return [
        Finding(
            level="error",
            check="announcement",
            what=f"{each.name} ({each.address}) sends its live multicast to {each.group}, the group of this server",
            why="clients of either server receive the video of both, and show neither.",
            remedy=f'Set multicast_group = "{each.offer}" in sitewarden.toml and restart this server, or change the other one.',
        )
        for each in facts.collisions
    ]
