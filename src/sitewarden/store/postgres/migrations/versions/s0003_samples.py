"""Points' samples: the journal, chunks, rollups and the last values, as `store.chunks` packs them."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of the samples."""
    for statement in (
        "CREATE TABLE sample_names (id integer PRIMARY KEY, name text NOT NULL UNIQUE)",
        "CREATE TABLE sample_journal (id bigint PRIMARY KEY, count integer NOT NULL, body bytea NOT NULL)",
        "CREATE TABLE sample_chunks (point integer NOT NULL, start bigint NOT NULL, stop bigint NOT NULL, count integer NOT NULL,"
        " numbers integer NOT NULL, low double precision, high double precision, total double precision,"
        " opening double precision, closing double precision, worst bigint NOT NULL, body bytea NOT NULL,"
        " PRIMARY KEY (point, start))",
        "CREATE TABLE sample_rolls (point integer NOT NULL, width bigint NOT NULL, start bigint NOT NULL, stop bigint NOT NULL,"
        " count integer NOT NULL, backed smallint NOT NULL, body bytea NOT NULL, PRIMARY KEY (point, width, start))",
        "CREATE TABLE sample_damaged (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, point integer NOT NULL,"
        " start bigint NOT NULL, stop bigint NOT NULL, count integer NOT NULL, body bytea NOT NULL)",
        "CREATE TABLE sample_lasts (id integer PRIMARY KEY, body bytea NOT NULL)",
        "CREATE TABLE sample_meta (name text PRIMARY KEY, value bigint NOT NULL)",
        "INSERT INTO sample_meta VALUES ('generation', 0), ('sealed', 0)",
    ):
        op.execute(statement)
    for table in ("journal", "chunks", "rolls", "damaged", "lasts"):
        # Bodies are packed already: the server would try to pack each again, and gain nothing.
        op.execute(f"ALTER TABLE sample_{table} ALTER COLUMN body SET STORAGE EXTERNAL")
