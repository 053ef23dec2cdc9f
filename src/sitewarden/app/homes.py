"""Where core's stores are kept: files in the data directory, or a PostgreSQL database, as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sitewarden.app.places import Places
from sitewarden.config import Settings
from sitewarden.config.database import is_postgres
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.net.interfaces import Network
from sitewarden.store.held_state import HeldStateStore
from sitewarden.store.interfaces import EventLog

if TYPE_CHECKING:
    from sitewarden.store.postgres import Server

ROW: Final = "postgresql"
MOVED: Final = ".moved-"
"""What follows the name of a file whose content was moved to a database, before the day."""


@dataclass(frozen=True, slots=True)
class Homes:
    """The open stores of core."""

    log: EventLog
    state: HeldStateStore
    away: Callable[[], str]
    """Why the database does not answer; empty where it does, and for files."""


def sqlite_homes(settings: Settings, clock: Clock) -> Homes:
    """Open the files; refuse where their content was moved away, since new ones would be an empty site."""
    # Other processes know where things are kept without opening them.
    from sitewarden.store.sqlite import SqliteEventLog, SqliteStateStore

    places = Places.of(settings)
    if is_postgres(settings.database.url):
        raise RuntimeError("a database is opened with open_homes")
    if not places.state.exists() and (left := moved_files(places.state)):
        raise Refusal(
            f"The content of this file was moved to a database on {left[-1].name.rpartition(MOVED)[2]}.",
            where=str(places.state),
            remedy="Set database.url to that database again, and use `sitewarden migrate-database --to sqlite` to come back.",
        )
    log = SqliteEventLog.open(places.events, now=clock.now)
    return Homes(log, SqliteStateStore.open(places.state, clock), lambda: "")


async def open_homes(settings: Settings, network: Network, clock: Clock) -> Homes:
    """Open the stores that the settings name; raise a Refusal that says what stands in the way."""
    if not is_postgres(settings.database.url):
        return sqlite_homes(settings, clock)
    # A second of imports, which only a site with a database pays for.
    from sitewarden.store.postgres import PostgresEventLog, PostgresStateStore
    from sitewarden.store.postgres.schema import moved, prepare

    server = server_of(settings, network)
    await prepare(server)
    if where := await moved(server):
        raise Refusal(
            f"The content of this database was moved to {where}.",
            where=server.where,
            remedy="Set database.url to that again, and use `sitewarden migrate-database` to come back.",
        )
    async with AsyncExitStack() as undo:
        log = await PostgresEventLog.open(server, Places.of(settings).journal, now=clock.now)
        undo.push_async_callback(log.close)
        state = await PostgresStateStore.open(server, clock)
        undo.pop_all()
    return Homes(log, state, lambda: log.away or state.home.away)


def server_of(settings: Settings, network: Network) -> Server:
    """Return the database of the settings, reached through the network's row."""
    from sitewarden.store.postgres import Server

    return Server(settings.database, partial(network.permit, ROW))


def moved_files(path: Path) -> list[Path]:
    """Return what is left of a file whose content was moved, oldest first."""
    return sorted(path.parent.glob(f"{path.name}{MOVED}*"))


def put_away(path: Path) -> None:
    """Keep a file whose content is somewhere else now under another name, so that nobody takes it for the site's."""
    if path.exists():
        day = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
        path.replace(path.with_name(f"{path.name}{MOVED}{day}"))
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
