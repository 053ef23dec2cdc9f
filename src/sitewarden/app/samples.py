"""Where points' history is kept and read: a file in the data directory, or a PostgreSQL database, as the settings say."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sitewarden.app.homes import put_away, server_of
from sitewarden.app.places import Places
from sitewarden.config import Settings
from sitewarden.config.database import is_postgres
from sitewarden.net import Network
from sitewarden.net.network import LocalNetwork
from sitewarden.store.interfaces import SampleReader, SampleStore
from sitewarden.store.sqlite import SqliteSampleReader, SqliteSampleStore

if TYPE_CHECKING:
    from sitewarden.store.postgres import Server

log = logging.getLogger(__name__)


async def open_samples(settings: Settings, network: Network) -> SampleStore:
    """Open the store for its one writer. A database that is away is none that stands in the way."""
    places = Places.of(settings)
    if not is_postgres(settings.database.url):
        return SqliteSampleStore.open(places.samples)
    # Half a second of imports, which only a site with a database pays for.
    from sitewarden.store.postgres import PostgresSampleStore

    server = server_of(settings, network)
    if places.samples.exists():
        await _adopt(server, places.samples)
    return await PostgresSampleStore.open(server, places.samples_journal)


async def _adopt(server: Server, path: Path) -> None:
    """Take over the file in which an older version kept the samples of a site whose events are in a database."""
    from sitewarden.store.postgres.sample_transfer import adopt
    from sitewarden.store.sqlite.sample_transfer import SqliteSamples

    source = SqliteSamples(path)
    try:
        log.warning("%s: its samples move to %s", path, server.where)
        taken = await adopt(server, source)
    finally:
        source.close()
    if taken:
        put_away(path)
    else:
        log.warning("%s: its samples stay there, since %s has others", path, server.where)


def sample_reader(settings: Settings, network: Network) -> SampleReader:
    """Return a reader of the samples, for a process that does not write them. Close it at the end."""
    if is_postgres(settings.database.url):
        from sitewarden.store.postgres import PostgresSampleReader

        return PostgresSampleReader(server_of(settings, network))
    return SqliteSampleReader(Places.of(settings).samples)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[SampleReader]:
    """Give a reader to a verb of the command line."""
    network = LocalNetwork(settings, "core")
    reader = sample_reader(settings, network)
    try:
        yield reader
    finally:
        await reader.close()
        await network.close()
