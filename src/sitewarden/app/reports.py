"""Reports, and one event with all that is known of it, from the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from sitewarden.app import show
from sitewarden.app.history import Search
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.app.roster import fetch
from sitewarden.domain.catalogue import describe
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.events import StoredEvent

SEVERITIES: Final = ("information", "notice", "warning", "ALARM")


def events(
    settings_path: Path | None,
    output: Path | None,
    form: str,
    *,
    search: Search,
) -> None:
    """Write a report of events."""

    async def work(ask: Ask) -> Path:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        return Path((await ask("report.events", form=form, **search.given(zone)))["path"])

    _written(settings_path, work, output, form)


def rights(settings_path: Path | None, output: Path | None, form: str, *, door: str, person: str) -> None:
    """Write a report of access rights."""

    async def work(ask: Ask) -> Path:
        return Path((await ask("report.rights", form=form, door=door, holder=person))["path"])

    _written(settings_path, work, output, form)


def event(settings_path: Path | None, seq: int, *, json: bool) -> None:
    """Show one event, and why a decision fell as it did."""

    async def work(ask: Ask) -> tuple[StoredEvent, ZoneInfo]:
        zone = ZoneInfo((await ask("site.get"))["timezone"])
        page = await ask("events.list", after=seq - 1, limit=1)
        found = msgspec.convert(page["items"], list[StoredEvent])
        if not found or found[0].seq != seq:
            raise NotFound(f"There is no event {seq}.", remedy="`sitewarden events` lists them with their numbers.")
        return found[0], zone

    stored, zone = with_platform(settled(settings_path), work)
    if json:
        show.as_json(stored)
        return
    one = stored.event
    rows: list[tuple[str, str]] = [
        ("what", one.text or describe(one.type, one.data)),
        ("when", show.moment(one.time, zone)),
        ("stored", show.moment(stored.stored, zone)),
        ("severity", SEVERITIES[one.severity]),
        ("type", one.type),
        ("entity", one.entity),
        ("related", ", ".join(one.related)),
    ]
    rows += [(f"why: {name.replace('_', ' ')}", value) for name, value in _why(one.data)]
    rows += [
        (name, _shown(value)) for name, value in one.data.items() if name not in ("explanation", "explanation_text", "reason")
    ]
    show.table([{"name": name, "value": value} for name, value in rows if value], (("name", ""), ("value", f"event {seq}")))


def _why(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the explanation of a decision: the reason, the line for the operator, then the rest."""
    explanation = data.get("explanation")
    if not isinstance(explanation, dict):
        return [("reason", str(data["reason"]))] if data.get("reason") else []
    first = [("reason", str(data.get("reason") or "")), ("text", str(explanation.get("text", "")))]
    return first + [(name, _shown(value)) for name, value in explanation.items() if name != "text"]


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _written(settings_path: Path | None, work: Any, output: Path | None, form: str) -> None:
    if output is None and form == "pdf":
        output = Path(f"report-{datetime.now():%Y%m%d-%H%M%S}.pdf")
    if form not in ("csv", "pdf"):
        raise Invalid(f"{form!r} is no form of a report.", where="--format", remedy="Write csv or pdf.")
    fetch(with_platform(settled(settings_path), work), output)
