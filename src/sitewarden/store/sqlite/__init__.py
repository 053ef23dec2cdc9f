"""The stores on SQLite. Blocking work runs in threads of each store; only `app` imports this."""

from sitewarden.store.sqlite.event_log import SqliteEventLog
from sitewarden.store.sqlite.fills import SqliteFills
from sitewarden.store.sqlite.outbox import Outbox
from sitewarden.store.sqlite.sample_reader import SqliteSampleReader
from sitewarden.store.sqlite.sample_store import SqliteSampleStore
from sitewarden.store.sqlite.segment_index import SqliteSegmentIndex
from sitewarden.store.sqlite.sends import SqliteSends
from sitewarden.store.sqlite.state_store import SqliteStateStore

__all__ = [
    "Outbox",
    "SqliteEventLog",
    "SqliteFills",
    "SqliteSampleReader",
    "SqliteSampleStore",
    "SqliteSegmentIndex",
    "SqliteSends",
    "SqliteStateStore",
]
