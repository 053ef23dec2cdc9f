"""The stores on SQLite. Blocking work runs in threads of each store; only `app` imports this.

A process pays for the stores that it opens: each is imported with its first use (SQLAlchemy alone takes 0.4 s).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
_MODULES = {
    "Outbox": "outbox",
    "SqliteEventLog": "event_log",
    "SqliteFills": "fills",
    "SqliteSampleReader": "sample_reader",
    "SqliteSampleStore": "sample_store",
    "SqliteSegmentIndex": "segment_index",
    "SqliteSends": "sends",
    "SqliteStateStore": "state_store",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{module}"), name)
