"""The event log from the command line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from sitewarden.app import show
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.app.roster import fetch
from sitewarden.domain.access.roster.cells import moment
from sitewarden.domain.catalogue import describe
from sitewarden.domain.errors import Invalid
from sitewarden.domain.events import StoredEvent
from sitewarden.kit.clock import SystemClock

_AGO: Final = re.compile(r"(\d{1,5})([hdw])").fullmatch
_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}
LEVELS: Final = ("information", "notice", "warning", "alarm")

ROUNDS = 60
"""Pages asked for at most; a search that needs more says how far it came."""
SEVERITIES = ("", "notice", "warning", "ALARM")
PAGE = 1000
FOLLOW_SECONDS = 0.5


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What the options of a search say."""

    types: tuple[str, ...] = ()
    entity: str | None = None
    area: str = ""
    person: str = ""
    source: str = ""
    severity: int = 0
    start: str = ""
    end: str = ""
    text: str = ""

    def given(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return the parameters of the operations that search; times are of the site's zone."""
        return {
            "type": list(self.types),
            "entity": self.entity,
            "area": self.area,
            "holder": self.person,
            "source": self.source,
            "severity": self.severity,
            "start": when(self.start, zone, end=False),
            "end": when(self.end, zone, end=True),
            "q": self.text,
        }


def when(text: str, zone: ZoneInfo, *, end: bool) -> int | None:
    """Return a moment of "2026-03-01", "2026-03-01 08:00", or "7d" ago (h, d, w); None of nothing."""
    if not text:
        return None
    ago = _AGO(text)
    if ago is not None:
        return SystemClock().now() - int(timedelta(**{_UNITS[ago[2]]: int(ago[1])}).total_seconds() * 1e6)
    return moment(text, zone, end=end)


def export(settings_path: Path | None, search: Search, form: str, output: Path | None, *, reason: str) -> None:
    """Write what a search finds as a ZIP with a signed manifest."""
    if form not in ("csv", "jsonl"):
        raise Invalid(f"{form!r} is no form of an export.", where="--format", remedy="Write csv or jsonl.")

    async def work(ask: Ask) -> tuple[Path, str]:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        ticket = await ask("events.export", form=form, reason=reason, **search.given(zone))
        return Path(ticket["path"]), ticket["name"]

    path, name = with_platform(settled(settings_path), work)
    fetch(path, output or Path(name))


def counts(settings_path: Path | None, search: Search, by: str, steps: int, *, json: bool) -> None:
    """Show how many events there were over time."""

    async def work(ask: Ask) -> tuple[dict[str, Any], ZoneInfo]:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        return await ask("events.count", by=by, steps=steps, **search.given(zone)), zone

    if by not in ("severity", "type"):
        raise Invalid(f"Counts cannot be told apart by {by!r}.", where="--by", remedy="Write severity or type.")
    found, zone = with_platform(settled(settings_path), work)
    if json:
        show.as_json(found)
        return
    names = {one["name"]: LEVELS[int(one["name"])] if by == "severity" else one["name"] or "others" for one in found["series"]}
    rows = []
    for number in range((found["end"] - found["start"]) // found["step"]):
        row = {one["name"]: one["counts"][number] for one in found["series"]}
        if any(row.values()):
            rows.append({"from": show.moment(found["start"] + number * found["step"], zone), **row})
    show.table(rows, (("from", "from"), *names.items()), empty="No events.")
    show.out.print(f"{found['total']} events, in steps of {timedelta(microseconds=found['step'])}.")
    if found["reached"]:
        show.out.print(f"There was time to count back to {show.moment(found['reached'], zone)} only: narrow the search.")


def events(
    settings_path: Path | None,
    *,
    search: Search,
    limit: int,
    before: int | None,
    follow: bool,
    json: bool,
) -> None:
    """Show the newest events, oldest of them first, and go on with new ones when asked to."""
    settings = settled(settings_path)

    async def work(ask: Ask) -> None:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        which = search.given(zone)
        found: list[StoredEvent] = []
        at, cut = before, None
        for _ in range(ROUNDS):
            page = await ask("events.list", **which, before=at, limit=min(PAGE, limit - len(found)))
            found += msgspec.convert(page["items"], list[StoredEvent])
            at, cut = page["next"], page["searched"]
            if at is None or len(found) >= limit:
                break
        found.reverse()
        if cut is not None and len(found) < limit and not json:
            show.err.print(f"Searched back to {show.moment(cut, zone)}; go on with --before {at}.", soft_wrap=True)
        _print(found, zone, json)
        last = found[-1].seq if found else 0
        while follow:
            page = await ask("events.list", **{**which, "end": None}, after=last, limit=PAGE)
            fresh = msgspec.convert(page["items"], list[StoredEvent])
            _print(fresh, zone, json)
            last = page["next"] or (fresh[-1].seq if fresh else last)
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
