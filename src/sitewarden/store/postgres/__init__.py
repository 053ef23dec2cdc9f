"""The stores on PostgreSQL, through asyncpg on the event loop; only `app` imports this. A journal on local disk is SQLite's."""

from sitewarden.store.postgres.event_log import PostgresEventLog
from sitewarden.store.postgres.sample_reader import PostgresSampleReader
from sitewarden.store.postgres.sample_store import PostgresSampleStore
from sitewarden.store.postgres.server import Away, Server
from sitewarden.store.postgres.state_store import PostgresStateStore

__all__ = ["Away", "PostgresEventLog", "PostgresSampleReader", "PostgresSampleStore", "PostgresStateStore", "Server"]
