"""`sitewarden fsck`: check every store of a node, with progress, and say what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sitewarden.app import show
from sitewarden.app.local import settled
from sitewarden.app.places import Places
from sitewarden.app.volumes import contents, present, volumes
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
    if json:
        show.as_json(findings)
    elif findings:
        rows = [{"where": item.where, "what": item.what, "remedy": item.remedy} for item in findings]
        show.table(rows, (("where", "where"), ("what", "what is wrong"), ("remedy", "what to do")))
    else:
        show.out.print(f"All stores under {places.data} are whole.")
    return 1 if findings else 0
