"""Which store points' history is read from."""

from __future__ import annotations

from sitewarden.app.places import Places
from sitewarden.store.sqlite.sample_reader import SqliteSampleReader


def sample_reader(places: Places) -> SqliteSampleReader:
    """Return a reader of the samples, for a process that does not write them. Close it at the end."""
    return SqliteSampleReader(places.samples)
