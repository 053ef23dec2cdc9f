"""Built-in roles that a person changed: what this version would let them do beside."""

from __future__ import annotations

from sitewarden.app.doctor.facts import Facts
from sitewarden.services.surface.doctor import Finding


def check(facts: Facts) -> list[Finding]:
    """Name each changed built-in role with the grants that it lacks."""
    return [
        Finding(
            level="warning",
            check="roles",
            what=f"the role {role} was changed on this site, and lacks what this version gives it: {', '.join(actions)}",
            why="its users are refused what the documentation says that they may.",
            remedy="Add the grants, unless they were left out on purpose: a role that a person changed is left as it is.",
            command=f"sitewarden role grant {role} {' '.join(actions)}",
        )
        for role, actions in facts.lacking.items()
    ]
