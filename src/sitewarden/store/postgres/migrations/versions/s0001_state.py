"""The state: entities, the events that wait for the log, the audit log. `store.state_tables` says it as SQLAlchemy Core."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of the state."""
    for statement in (
        "CREATE TABLE entities (kind text NOT NULL, id text NOT NULL, revision integer NOT NULL, changed bigint NOT NULL,"
        " data text NOT NULL, PRIMARY KEY (kind, id))",
        "CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event text NOT NULL)",
        "CREATE TABLE audit (id bigint NOT NULL PRIMARY KEY, entry text NOT NULL, hash bytea NOT NULL)",
        "CREATE TABLE meta (name text NOT NULL PRIMARY KEY, value text NOT NULL)",
        "INSERT INTO meta VALUES ('version', '0')",
    ):
        op.execute(statement)
