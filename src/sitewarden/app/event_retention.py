"""Old events go, class by class, and into the archive where the settings say so; `sitewarden archive` shows what is there."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.app import show
from sitewarden.app.local import settled
from sitewarden.app.places import Places
from sitewarden.config import Settings
from sitewarden.domain.clock import DAY, HOUR, Clock
from sitewarden.domain.retention import CLASSES, Class
from sitewarden.services.aside import Tell, aside
from sitewarden.store.event_archive import EventArchive, compact
from sitewarden.store.interfaces import EventLog

log = logging.getLogger(__name__)
COMPACT: Final = 12 * HOUR
"""Between two times that pending events go into Parquet."""
MOST: Final = {"video": 90, "platform": 180}
"""Days of classes that have none of their own, at most."""


def horizons(settings: Settings, now: int) -> dict[Class, int]:
    """Return for each class the moment before which its events are deleted."""
    own, usual = settings.retention, settings.limits.event_days
    said = {"alarm": own.alarm_days, "access": own.access_days, "video": own.video_days, "platform": own.platform_days}
    return {one: now - DAY * (said.get(one, 0) or min(usual, MOST.get(one, usual))) for one in CLASSES}


class Retention:
    """Deletes what is due, and keeps the archive."""

    def __init__(self, settings: Settings, events: EventLog, clock: Clock) -> None:
        self._settings = settings
        self._events = events
        self._clock = clock
        self._archive = EventArchive(Places.of(settings).archive)
        self._compacted = 0
        self._told = False

    async def once(self) -> None:
        """Delete what is due now; nothing that is to be archived and cannot be."""
        settings, now = self._settings, self._clock.now()
        archived = settings.retention.archive
        if archived and importlib.util.find_spec("pyarrow") is None:
            if not self._told:
                log.warning("old events stay: retention.archive is set, and pyarrow is not installed (sitewarden[archive])")
            self._told = True
            return
        archive = self._archive.take if archived else None
        await self._events.retain(classes=horizons(settings, now), max_bytes=settings.limits.event_bytes, archive=archive)
        if archived and now - self._compacted >= COMPACT:
            self._compacted = now
            for month in await asyncio.to_thread(self._archive.pending):
                await aside(lambda part: None, _compact, self._archive.folder, month)


def _compact(tell: Tell, folder: Path, month: str) -> int:
    return compact(folder, month)


def listed(settings_path: Path | None, *, json: bool) -> int:
    """Show the archived months."""
    archive = EventArchive(Places.of(settled(settings_path)).archive)
    months, pending = archive.months(), archive.pending()
    if json:
        show.as_json({"months": months, "pending": pending})
        return 0
    rows = [
        {**msgspec.to_builtins(one), "size": show.size(one.bytes), "from": show.moment(one.begin), "to": show.moment(one.end)}
        for one in months
    ]
    columns = (("month", "month"), ("rows", "events"), ("from", "from"), ("to", "to"), ("size", "size"), ("file", "file"))
    show.table(rows, columns, empty="Nothing is archived yet.")
    if pending:
        show.out.print(f"Not in Parquet yet: events of {', '.join(pending)}.")
    return 0


def verify(settings_path: Path | None, *, json: bool) -> int:
    """Check every archived month against its manifest; return 1 where one is not as it was written."""
    archive = EventArchive(Places.of(settled(settings_path)).archive)
    wrong = {one.month: what for one in archive.months() if (what := archive.wrong(one))}
    if json:
        show.as_json({"ok": not wrong, "wrong": wrong})
    elif wrong:
        for month, what in wrong.items():
            show.out.print(f"WRONG  {month}: {what}")
    else:
        show.out.print(f"{len(archive.months())} months are as they were written.")
    return 1 if wrong else 0
