"""The event log from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.domain.catalogue import describe
from sitewarden.domain.events import StoredEvent

SEVERITIES = ("", "notice", "warning", "ALARM")
PAGE = 1000
FOLLOW_SECONDS = 0.5


def events(
    settings_path: Path | None,
    *,
    types: tuple[str, ...],
    entity: str | None,
    severity: int,
    limit: int,
    follow: bool,
    json: bool,
) -> None:
    """Show the newest events, oldest of them first, and go on with new ones when asked to."""
    settings = settled(settings_path)
    which = {"type": list(types), "entity": entity, "severity": severity}

    async def work(ask: Ask) -> None:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        found: list[StoredEvent] = []
        before: int | None = None
        while len(found) < limit:
            page = await ask("events.list", **which, before=before, limit=min(PAGE, limit - len(found)))
            found += msgspec.convert(page["items"], list[StoredEvent])
            before = page["next"]
            if before is None:
                break
        found.reverse()
        _print(found, zone, json)
        last = found[-1].seq if found else 0
        while follow:
            page = await ask("events.list", **which, after=last, limit=PAGE)
            fresh = msgspec.convert(page["items"], list[StoredEvent])
            _print(fresh, zone, json)
            last = fresh[-1].seq if fresh else last
            if not fresh:
                await asyncio.sleep(FOLLOW_SECONDS)

    try:
        with_platform(settings, work)
    except KeyboardInterrupt:
        return


def _print(found: Sequence[StoredEvent], zone: ZoneInfo, json: bool) -> None:
    for stored in found:
        if json:
            show.out.out(msgspec.json.encode(stored).decode(), highlight=False)
            continue
        event = stored.event
        mark = SEVERITIES[event.severity]
        text = event.text or describe(event.type, event.data)
        show.out.out(
            f"{stored.seq:>8}  {show.moment(event.time, zone)}  {mark:<7}  {event.type:<24} {event.entity:<28} {text}",
            highlight=False,
        )
