"""The stores of a database as files, as of one moment, so that a backup of either home has one form and is restored alike."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sitewarden.app import show
from sitewarden.app.homes import server_of
from sitewarden.app.places import Places
from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, StorageFull
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.store.postgres.transfer import Snapshot
from sitewarden.store.sqlite.transfer import SqliteSide
from sitewarden.store.transfer import compare, copy

SPARE: Final = 64 << 20


def copy_database(settings: Settings, folder: Path) -> list[Path]:
    """Write the database's stores to files in a folder, compared row by row; return their paths.

    Raises Conflict while the database has not taken everything of the time that it was away, StorageFull where the files have
    no room.
    """
    places = Places.of(settings)
    for journal in (places.journal, places.samples_journal):
        if journal.exists():
            raise Conflict(
                "The database has not taken everything yet of the time that it was away.",
                where=str(journal),
                remedy="Make the backup once that file is gone; it goes by itself.",
            )
    paths = [folder / path.name for path in (places.events, places.state, places.samples)]

    async def work() -> None:
        network = LocalNetwork(settings, "core")
        try:
            source = await Snapshot.hold(server_of(settings, network))
            try:
                _room(folder, await source.size())
                target = SqliteSide(*paths)
                try:
                    await copy(source, target, lambda what, done, of: None)
                    await compare(source, target, lambda what, done, of: None)
                finally:
                    await target.close()
            finally:
                await source.close()
        finally:
            await network.close()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(work())
    return paths


def tops(folder: Path) -> tuple[int, int]:
    """Return the last event and the last audit entry that copies show."""
    found = []
    for name, query in (("events.db", "SELECT max(seq) FROM events"), ("state.db", "SELECT max(id) FROM audit")):
        with closing(sqlite3.connect(folder / name)) as connection:
            found.append(int(connection.execute(query).fetchone()[0] or 0))
    return found[0], found[1]


def _room(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < need + SPARE:
        raise StorageFull(
            f"Copies of the database take {show.size(need + SPARE)}, and {show.size(free)} are free.",
            where=str(folder),
            remedy="Free space on the disk of the data directory while the backup is made.",
        )
