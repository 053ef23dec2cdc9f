"""`docs/generated/events.md`: every type of event, from the catalogue. Pure."""

from __future__ import annotations

import string

from sitewarden.domain.catalogue import CATALOGUE

SEVERITIES = ("information", "notice", "warning", "alarm")

HEAD = """\
# Events

Every type of event that the product records. The text is filled from the event's data; the names in braces are its fields.
Made from `src/sitewarden/domain/catalogue.py` by `make docs`. A filter takes a type, or a prefix such as `door.*`.
"""


def events_page() -> str:
    """Return the page: a table for each family of types."""
    out, family = HEAD, ""
    for name, event in CATALOGUE.items():
        first = name.partition(".")[0]
        if first != family:
            family = first
            out += f"\n## {family}\n\n| type | severity | text | data |\n|---|---|---|---|\n"
        fields = dict.fromkeys(field for _, field, _, _ in string.Formatter().parse(event.text) if field)
        out += f"| `{name}` | {SEVERITIES[event.severity]} | {event.text} | {', '.join(f'`{each}`' for each in fields)} |\n"
    return out
