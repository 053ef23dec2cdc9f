"""`sitewarden migrate-database`: move a stopped site's events, state and samples between the files and a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sitewarden.app import show
from sitewarden.app.doctor.facts import running
from sitewarden.app.homes import put_away, server_of
from sitewarden.app.local import settled
from sitewarden.app.places import Places
from sitewarden.app.setup import DEFAULT_FILE
from sitewarden.config import Database, Settings, SettingsFile
from sitewarden.config.checks import check
from sitewarden.config.database import EXAMPLE, is_postgres
from sitewarden.domain.errors import Conflict, Refusal
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.store.postgres import PostgresEventLog, PostgresSampleStore
from sitewarden.store.postgres.transfer import PostgresSide
from sitewarden.store.sqlite.transfer import SqliteSide
from sitewarden.store.transfer import Side, compare, copy

T = TypeVar("T")
RATE: Final = 10_000
"""Events a second that are copied and compared on a small machine; for the estimate alone."""
SAMPLE_BYTES: Final = 3000
"""Bytes of samples that are moved in the time of an event."""
JOURNAL_SECONDS: Final = 600.0
FRESH: Final = ".filling"
"""What follows the name of a file that is being filled."""


def migrate_database(settings_path: Path | None, target: Database, *, json: bool) -> None:
    """Copy everything, compare everything, then change the settings; what stops it before that leaves the site as it was."""
    settings = settled(settings_path)
    file = SettingsFile(settings_path or DEFAULT_FILE)
    changed = msgspec.structs.replace(settings, database=target)
    check(changed, lambda key: key)
    to_files = not is_postgres(target.url)
    if to_files != is_postgres(settings.database.url):
        there = "in files" if to_files else "in a PostgreSQL database; moving from one to another goes through files"
        raise Conflict(
            f"The site is already {there}.", where=settings.database.url, remedy=f'Name the other: "sqlite", or "{EXAMPLE}".'
        )
    told = {name: value for name, value in msgspec.structs.asdict(target).items() if value != getattr(Database(), name)}
    file.demand_database(told)
    if running(settings):
        raise Conflict(
            "The server runs, and goes on changing what is to be moved.",
            where=settings.data_dir,
            remedy=f"Stop it for as long as it takes: {estimate(settings)} Doors that have controllers go on deciding.",
        )
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeRemainingColumn())
    with Progress(*columns, console=show.err, transient=True, disable=json) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        counts, digest = _run(_move(settings, changed, to_files, lambda: file.set_database(told), progress))
    if json:
        show.as_json({"database": target.url, "rows": counts, "sha256": digest})
        return
    show.out.print(f"Moved and compared: {', '.join(f'{count:,} {table}' for table, count in counts.items())}.")
    show.out.print(f"SHA-256 of all of it: {digest}", soft_wrap=True)
    show.out.print(f"The settings now say {target.url}. Start the server with: sitewarden run", soft_wrap=True)


def estimate(settings: Settings) -> str:
    """Say how long the move takes, from the size of what is there."""
    places = Places.of(settings)
    try:
        events = places.events.stat().st_size // 500
    except OSError:
        return f"about a minute for each {RATE * 60:,} events."
    if places.samples.exists():
        events += places.samples.stat().st_size // SAMPLE_BYTES
    minutes = events // (RATE * 60)
    return "less than a minute." if not minutes else f"about {minutes + 1} minutes."


def _run(work: Awaitable[T]) -> T:
    async def wait() -> T:
        return await work

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(wait())


async def _move(
    settings: Settings, changed: Settings, to_files: bool, switch: Callable[[], None], progress: Callable[[str, int, int], None]
) -> tuple[Mapping[str, int], str]:
    network = LocalNetwork(settings, "core")
    places = Places.of(settings)
    server = server_of(settings if to_files else changed, network)
    try:
        if to_files:
            await _empty_journal(settings, network)
        database = await PostgresSide.open(server)
        try:
            held = (places.events, places.state, places.samples)
            fresh = [path.with_name(path.name + FRESH) for path in held]
            if to_files:
                for path in fresh:
                    _delete(path)
                files = SqliteSide(*fresh)
            else:
                files = SqliteSide(*held)
            source: Side = database if to_files else files
            target: Side = files if to_files else database
            try:
                if not to_files:
                    await database.begin()
                await copy(source, target, progress)
                digest = await compare(source, target, progress)
                counts = await source.counts()
            finally:
                await files.close()
            if to_files:
                for new, path in zip(fresh, held, strict=True):
                    put_away(path)
                    new.replace(path)
                switch()
                await database.leave(str(places.data))
            else:
                await database.finish()
                switch()
                for path in held:
                    put_away(path)
            return counts, digest
        finally:
            await database.close()
    finally:
        await network.close()


async def _empty_journal(settings: Settings, network: LocalNetwork) -> None:
    """Give the database what the journals hold, so that it has everything."""
    places = Places.of(settings)
    server = server_of(settings, network)
    if await asyncio.to_thread(places.journal.exists):
        await _emptied(await PostgresEventLog.open(server, places.journal), places.journal, settings)
    if await asyncio.to_thread(places.samples_journal.exists):
        await _emptied(await PostgresSampleStore.open(server, places.samples_journal), places.samples_journal, settings)


async def _emptied(log: PostgresEventLog | PostgresSampleStore, path: Path, settings: Settings) -> None:
    try:
        async with asyncio.timeout(JOURNAL_SECONDS):
            while await asyncio.to_thread(path.exists):
                if log.away:
                    raise Refusal(log.away, where=settings.database.url)
                await asyncio.sleep(0.05)
    finally:
        await log.close()


def _delete(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
