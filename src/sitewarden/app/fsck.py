"""`sitewarden fsck`: check every store of a node, with progress, and say what is wrong and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sitewarden.app import show
from sitewarden.app.homes import server_of
from sitewarden.app.local import settled
from sitewarden.app.places import Places
from sitewarden.app.volumes import contents, present, volumes
from sitewarden.config import Settings
from sitewarden.config.database import is_postgres
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.store.interfaces import Finding
from sitewarden.store.sqlite.fsck import check_all


def fsck(settings_path: Path | None, *, json: bool) -> int:
    """Check the stores; return 0 where nothing was found, 1 otherwise."""
    settings = settled(settings_path)
    places = Places.of(settings)
    specs = volumes(settings)
    there, gone = present(specs)
    listed, silent = contents(specs)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeRemainingColumn())
    with Progress(*columns, console=show.err, transient=True, disable=json) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        findings = check_all(places.data, there, progress, gone=gone | silent, listed=listed)
        if is_postgres(settings.database.url):
            findings += _check_database(settings, progress)
    if json:
        show.as_json(findings)
    elif findings:
        rows = [{"where": item.where, "what": item.what, "remedy": item.remedy} for item in findings]
        show.table(rows, (("where", "where"), ("what", "what is wrong"), ("remedy", "what to do")))
    else:
        beside = f" and {settings.database.url}" if is_postgres(settings.database.url) else ""
        show.out.print(f"All stores under {places.data}{beside} are whole.")
    return 1 if findings else 0


def _check_database(settings: Settings, progress: Callable[[str, int, int], None]) -> list[Finding]:
    from sitewarden.store.postgres.fsck import check_database

    async def work() -> list[Finding]:
        network = LocalNetwork(settings, "core")
        try:
            return await check_database(server_of(settings, network), progress)
        finally:
            await network.close()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work())
