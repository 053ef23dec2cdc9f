"""The steps of the database's schema (Alembic); released ones are never edited. `store.postgres.schema` runs them."""
