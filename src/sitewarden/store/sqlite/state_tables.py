"""The steps of the state file's schema; `store.state_tables` says their sum as SQLAlchemy Core."""

from __future__ import annotations

from typing import Final

STORE: Final = "state"

SCHEMA: Final = (
    """
    CREATE TABLE entities (
        kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, changed BIGINT NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (kind, id)) WITHOUT ROWID;
    CREATE TABLE outbox (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);
    CREATE TABLE audit (id INTEGER NOT NULL PRIMARY KEY, entry TEXT NOT NULL, hash BLOB NOT NULL);
    CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('version', '0')
    """,
    # What a door waited for became a zone, which names who counts and may hold several doors.
    """
    INSERT OR IGNORE INTO entities SELECT 'first-person-zone', id, 1, changed, json_object(
        'id', id, 'name', json_extract(data, '$.name'), 'doors', json_array(id),
        'schedule', json_extract(data, '$.unlock_schedule'))
        FROM entities WHERE kind = 'door' AND json_extract(data, '$.first_person');
    UPDATE entities SET data = json_remove(data, '$.first_person') WHERE kind = 'door'
    """,
)
"""Steps are never edited once released; a change is a new step, and `store.state_tables` says the sum."""
