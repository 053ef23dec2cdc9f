"""The columns of a table of people: a row is a credential with its holder; a holder without credentials has a row too."""

from __future__ import annotations

from typing import Final

HOLDER: Final = (
    "holder",
    "name",
    "kind",
    "host",
    "company",
    "groups",
    "enabled",
    "valid_from",
    "valid_to",
    "antipassback_exempt",
    "area",
    "tags",
    "description",
)
"""Of the person; `holder` is the id."""
CREDENTIAL: Final = (
    "credential",
    "credential_name",
    "card",
    "identifiers",
    "pin",
    "credential_enabled",
    "disabled_reason",
    "credential_valid_from",
    "credential_valid_to",
    "extended_grant_time",
    "profiles",
)
"""Of what the person carries; `pin` is read and never written."""
CUSTOM: Final = "custom:"
"""Begins the name of a column that holds a field of the site's own."""
READ: Final = (*HOLDER, *CREDENTIAL)
WRITTEN: Final = tuple(name for name in READ if name != "pin")
MAX_COLUMNS: Final = 80
