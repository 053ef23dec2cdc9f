"""The tables of the state file, as SQLAlchemy Core and as the schema's steps."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

STORE: Final = "state"

METADATA = MetaData()

ENTITIES = Table(
    "entities",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    sqlite_with_rowid=False,
)
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("event", Text, nullable=False),
    sqlite_autoincrement=True,
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
META = Table(
    "meta", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False), sqlite_with_rowid=False
)

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
"""Steps are never edited once released; a change is a new step, and the tables above say the sum."""
