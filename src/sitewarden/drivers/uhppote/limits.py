"""What a board cannot keep, gathered: one limit for each rule and text, with the first of those whom it concerns. Pure."""

from __future__ import annotations

from sitewarden.domain.access.limits import NAMED, Limit


class Limits:
    """Limits as they are found."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[str, dict[str, None], list[int]]] = {}

    def add(self, rule: str, text: str, entity: str, *, notice: bool = False) -> None:
        """Note that an entity is concerned by a limit."""
        severity = "notice" if notice else "warning"
        _, named, count = self._found.setdefault((rule, text), (severity, {}, [0]))
        if entity not in named:
            count[0] += 1
            if len(named) < NAMED:
                named[entity] = None

    def all(self) -> tuple[Limit, ...]:
        """Return the limits, the warnings first."""
        made = [
            Limit(
                rule=rule,
                severity="notice" if severity == "notice" else "warning",
                text=text,
                count=count[0],
                entities=tuple(named),
            )
            for (rule, text), (severity, named, count) in self._found.items()
        ]
        return tuple(sorted(made, key=lambda limit: (limit.severity != "warning", limit.rule)))
