"""The event log: events and whom they concern in partitions of a month, which retention drops whole."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the event log; the partitions come as months begin."""
    for statement in (
        "CREATE TABLE event_names (id integer PRIMARY KEY, name text NOT NULL UNIQUE)",
        # A unique index over the partitions would need the month in it; the one writer holds the lock and looks keys up.
        "CREATE TABLE events (seq bigint NOT NULL, stored bigint NOT NULL, time bigint NOT NULL, type integer NOT NULL,"
        " severity smallint NOT NULL, origin integer NOT NULL, epoch bigint NOT NULL, idx bigint NOT NULL, body text NOT NULL,"
        " PRIMARY KEY (seq, stored)) PARTITION BY RANGE (stored)",
        "CREATE INDEX events_key ON events (origin, epoch, idx)",
        "CREATE INDEX events_type ON events (type, seq)",
        "CREATE INDEX events_severe ON events (severity, seq) WHERE severity >= 2",
        "CREATE TABLE event_concerns (entity integer NOT NULL, first bigint NOT NULL, last bigint NOT NULL,"
        " stored bigint NOT NULL, places bytea NOT NULL, PRIMARY KEY (entity, first, stored)) PARTITION BY RANGE (stored)",
        "CREATE INDEX event_concerns_last ON event_concerns USING brin (last)",
        # Rewritten with nearly every transaction, in place: half of each page is left for that.
        "CREATE TABLE event_blocks (block bigint PRIMARY KEY, earliest bigint NOT NULL, latest bigint NOT NULL,"
        " bytes bigint NOT NULL) WITH (fillfactor = 50)",
        "CREATE TABLE event_confirms (device text PRIMARY KEY, epoch bigint NOT NULL, idx bigint NOT NULL)"
        " WITH (fillfactor = 50)",
        "CREATE TABLE event_meta (name text PRIMARY KEY, value bigint NOT NULL)",
        "INSERT INTO event_meta VALUES ('floor', 0)",
    ):
        op.execute(statement)
