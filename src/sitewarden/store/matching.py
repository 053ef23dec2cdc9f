"""Whether an event is one that a filter asks for: what the databases' indexes answer, for events in memory. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sitewarden.domain.events import Event, StoredEvent
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.prepared import prepare


def matches(which: EventFilter, event: Event) -> bool:
    """Tell whether an event fits a filter, its cursors aside."""
    return (
        event.severity >= which.severity
        and (which.start is None or event.time >= which.start)
        and (which.end is None or event.time < which.end)
        and (not which.types or any(fits_type(event.type, one) for one in which.types))
        and (which.entity is None or which.entity == event.entity or which.entity in event.related)
        and (not which.text or which.text.lower() in prepare(event).body.lower())
    )


def fits_type(type_: str, wanted: str) -> bool:
    """Tell whether a type is the one, or of the family ("access.*"), that is asked for."""
    return type_.startswith(wanted[:-1]) if wanted.endswith(".*") else type_ == wanted


def select(which: EventFilter, events: Iterable[StoredEvent]) -> list[StoredEvent]:
    """Return what a filter finds among events in order of seq, in the filter's direction."""
    found = [
        one
        for one in events
        if (which.after is None or one.seq > which.after)
        and (which.before is None or one.seq < which.before)
        and matches(which, one.event)
    ]
    return (found if which.after is not None else found[::-1])[: which.limit]
