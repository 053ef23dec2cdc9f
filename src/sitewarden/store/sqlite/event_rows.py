"""Events as rows of the file: the schema."""

from __future__ import annotations

from typing import Final

from sitewarden.store.sqlite.concerns import FROM_PAIRS, RECENT
from sitewarden.store.sqlite.event_tallies import FILL
from sitewarden.store.sqlite.event_tallies import TABLE as TALLIES

BLOCK: Final = 4096
"""Events whose times are summed up in one row of `blocks`."""

COUNTS: Final = f"""
    {TALLIES};
    {FILL};
    ALTER TABLE blocks ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
    UPDATE blocks SET deleted = max(0, min((SELECT value FROM meta WHERE name = 'floor'), block * {BLOCK} + {BLOCK - 1})
        - max(1, block * {BLOCK}) + 1 - (SELECT count(*) FROM events WHERE seq BETWEEN block * {BLOCK}
        AND min((SELECT value FROM meta WHERE name = 'floor'), block * {BLOCK} + {BLOCK - 1})))
    """  # noqa: S608
"""The step that counts events by time, and what retention took of each block."""

SCHEMA: Final = (
    """
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, stored INTEGER NOT NULL, time INTEGER NOT NULL, type INTEGER NOT NULL,
        severity INTEGER NOT NULL, origin INTEGER NOT NULL, epoch INTEGER NOT NULL, idx INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE UNIQUE INDEX events_key ON events (origin, epoch, idx);
    CREATE INDEX events_type ON events (type);
    CREATE INDEX events_severe ON events (severity) WHERE severity >= 2;
    CREATE TABLE concerns (entity INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (entity, seq)) WITHOUT ROWID;
    CREATE TABLE blocks (block INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER NOT NULL);
    CREATE TABLE confirms (device TEXT PRIMARY KEY, epoch INTEGER NOT NULL, idx INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('floor', 0)
    """,
    FROM_PAIRS,
    COUNTS,
    RECENT,
)
