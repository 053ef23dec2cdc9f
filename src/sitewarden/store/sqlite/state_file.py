"""The state file through SQLAlchemy Core: load all, write a group of staged work, read outbox and audit log. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, NullPool, create_engine, delete, event, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError

from sitewarden.domain.errors import Unreachable
from sitewarden.domain.events import Event
from sitewarden.store import audit_chain
from sitewarden.store.held_state import Loaded
from sitewarden.store.interfaces import AuditRecord, Finding, Held
from sitewarden.store.sqlite.checkpoint import lay_out
from sitewarden.store.sqlite.connection import connect_writer, refusal, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.state_tables import SCHEMA, STORE
from sitewarden.store.state_tables import AUDIT, ENTITIES, META, OUTBOX
from sitewarden.store.state_work import Staged, decode, decode_event, rows_of

_CHECKPOINT_PAGES = 1024
_UPSERT = (
    "INSERT INTO entities (kind, id, revision, changed, data) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, changed = excluded.changed, data = excluded.data"
)


class StateFile:
    """The file and its two connections; `write` is called from one thread alone."""

    def __init__(self, path: Path, *, page_limit: int | None = None) -> None:
        self.path = path
        raw = connect_writer(path, page_limit=page_limit)
        try:
            migrate(raw, path, STORE, SCHEMA)
        finally:
            raw.close()
        self._page_limit = page_limit
        self._engine = self._make_engine(write=True)
        self._reading = self._make_engine(write=False)
        with self._refusing():
            self._writer: Connection = self._engine.connect()
            driver = self._writer.connection.driver_connection
            if isinstance(driver, sqlite3.Connection):
                lay_out(driver, path, _CHECKPOINT_PAGES)

    def _make_engine(self, *, write: bool) -> Engine:
        engine = create_engine(
            f"sqlite:///{self.path}", poolclass=NullPool, connect_args={"check_same_thread": False, "timeout": 10.0}
        )

        def connected(connection: sqlite3.Connection, _: Any) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten: a person's key that was destroyed is not left in a free page.
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            if not write:
                connection.execute("PRAGMA query_only = ON")
            elif self._page_limit is not None:
                connection.execute(f"PRAGMA max_page_count = {int(self._page_limit)}")

        def begun(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        event.listen(engine, "connect", connected)
        event.listen(engine, "begin", begun)
        return engine

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            with refusing(self.path):
                yield
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise refusal(self.path, error.orig) from error
            raise

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._refusing(), self._reading.connect() as connection:
            yield connection

    def load(self) -> Loaded:
        """Read all entities, the version and the head of the audit chain.

        Raises Unreachable where a document does not fit its model.
        """
        entities: dict[str, dict[str, Held]] = {}
        with self._read() as connection:
            version = int(connection.execute(select(META.c.value).where(META.c.name == "version")).scalar_one())
            for kind, id_, revision, changed, data in connection.execute(select(ENTITIES)):
                try:
                    entities.setdefault(kind, {})[id_] = Held(decode(kind, data), revision, changed)
                except (KeyError, msgspec.ValidationError) as error:
                    raise Unreachable(
                        f"{kind}:{id_} does not fit this version of Sitewarden: {error}.",
                        where=str(self.path),
                        remedy="Start the version that wrote it, or restore the backup that was made before the update.",
                    ) from error
            last = connection.execute(select(AUDIT.c.id, AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)).first()
        return Loaded(version, entities, (last[0], last[1]) if last else (0, audit_chain.ZERO))

    def write(self, parts: Sequence[Staged], version: int, head: tuple[int, bytes]) -> tuple[int, bytes]:
        """Write a group in one transaction; return the new head of the audit chain."""
        upserts, deletions, waiting, chain = rows_of(parts, head)
        events = [{"event": text} for text in waiting]
        with self._refusing(), self._writer.begin():
            connection = self._writer
            if upserts:
                # As text for the driver: of very many rows, most of the time would go into SQLAlchemy's parameters.
                connection.exec_driver_sql(_UPSERT, upserts)
            for start in range(0, len(deletions), 500):
                keys = tuple_(ENTITIES.c.kind, ENTITIES.c.id)
                connection.execute(delete(ENTITIES).where(keys.in_(deletions[start : start + 500])))
            if events:
                connection.execute(insert(OUTBOX), events)
            if chain:
                connection.execute(insert(AUDIT), [{"id": n, "entry": text, "hash": digest} for n, text, digest in chain])
                self._set(connection, "audit", f"{chain[-1][0]} {chain[-1][2].hex()}")
            if version:
                self._set(connection, "version", str(version))
        return (chain[-1][0], chain[-1][2]) if chain else head

    @staticmethod
    def _set(connection: Connection, name: str, value: str) -> None:
        statement = insert(META).values(name=name, value=value)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def outbox(self, limit: int) -> list[tuple[int, Event]]:
        """Return the oldest events that wait for the event log."""
        with self._read() as connection:
            rows = connection.execute(select(OUTBOX).order_by(OUTBOX.c.id).limit(limit)).all()
        return [(number, decode_event(text)) for number, text in rows]

    def clear_outbox(self, up_to: int) -> None:
        """Forget the events up to an id."""
        with self._refusing(), self._writer.begin():
            self._writer.execute(delete(OUTBOX).where(OUTBOX.c.id <= up_to))

    def waiting(self) -> int:
        """Return how many events wait for the event log."""
        with self._read() as connection:
            return int(connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one())

    def audit_page(self, before: int | None, limit: int) -> list[AuditRecord]:
        """Return audit entries from the newest down."""
        query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AUDIT.c.id < before)
        with self._read() as connection:
            return [audit_chain.record(*row) for row in connection.execute(query)]

    def verify_chain(self) -> list[Finding]:
        """Check the audit chain from its first entry."""
        with self._read() as connection:
            named = connection.execute(select(META.c.value).where(META.c.name == "audit")).scalar()
            rows = connection.execution_options(yield_per=1000).execute(select(AUDIT).order_by(AUDIT.c.id))
            return audit_chain.verify((tuple(row) for row in rows), audit_chain.named_head(named), str(self.path))

    def close(self) -> None:
        """Close both connections."""
        self._writer.close()
        self._engine.dispose()
        self._reading.dispose()
