"""Alembic's entry: runs the steps on the connection that `store.postgres.schema` hands over, all in its one transaction."""

from alembic import context

from sitewarden.store.postgres.server import SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA)
with context.begin_transaction():
    context.run_migrations()
