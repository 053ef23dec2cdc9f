"""Sums of the events by minute and hour, so that counts over a year read no event."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table, and count what the log holds."""
    # A row of the running minute and hour is rewritten with nearly every transaction, in place.
    op.execute(
        "CREATE TABLE event_tallies (month integer NOT NULL, level smallint NOT NULL, step bigint NOT NULL,"
        " type integer NOT NULL, severity smallint NOT NULL, n bigint NOT NULL,"
        " PRIMARY KEY (level, step, type, severity, month)) WITH (fillfactor = 50)"
    )
    op.execute(
        "INSERT INTO event_tallies SELECT to_char(to_timestamp(stored / 1000000) AT TIME ZONE 'UTC', 'YYYYMM')::integer,"
        " level, time / length, type, severity, count(*)"
        " FROM events CROSS JOIN (VALUES (0::smallint, 60000000), (1::smallint, 3600000000)) AS levels (level, length)"
        " GROUP BY 1, 2, 3, 4, 5"
    )
