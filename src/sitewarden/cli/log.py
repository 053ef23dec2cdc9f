"""The event log and reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Output, Settings, app

history = typer.Typer(help="The event log.", invoke_without_command=True)
app.add_typer(history, name="events")
reports = typer.Typer(help="Reports of events and rights, as CSV or PDF.", no_args_is_help=True)
app.add_typer(reports, name="report")


Types = Annotated[list[str] | None, typer.Option("--type", "-t", help='Type or prefix, such as "door.*".')]
Entity = Annotated[str | None, typer.Option("--entity", "-e", help='Only of this entity, such as "door:main".')]
Area = Annotated[str, typer.Option("--area", help="Only what stands in this area or within it, by id.")]
Person = Annotated[str, typer.Option("--person", help="Only what concerns this person, by id.")]
Source = Annotated[str, typer.Option("--source", help="Only what this told, such as the id of a controller.")]
Severity = Annotated[int, typer.Option(min=0, max=3, help="At least: 1 notice, 2 warning, 3 alarm.")]
Begin = Annotated[str, typer.Option("--from", help='Beginning: "2026-03-01", "2026-03-01 08:00", or "7d" ago (h, d, w).')]
End = Annotated[str, typer.Option("--to", help="End, likewise; a day counts whole.")]
Text = Annotated[str, typer.Option("--text", "-q", help="Text within the event's line or its values.")]


@history.callback()
def events(
    context: typer.Context,
    settings: Settings = None,
    type_: Types = None,
    entity: Entity = None,
    area: Area = "",
    person: Person = "",
    source: Source = "",
    severity: Severity = 0,
    start: Begin = "",
    end: End = "",
    text: Text = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10000)] = 50,
    before: Annotated[int | None, typer.Option("--before", min=1, help="Only below this number of an event.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new events as they happen.")] = False,
    json: AsJson = False,
) -> None:
    """Show what happened, newest last; search it, count it, export it."""
    if context.invoked_subcommand is not None:
        return
    from sitewarden.app.history import Search
    from sitewarden.app.history import events as show

    search = Search(
        types=tuple(type_ or ()),
        entity=entity,
        area=area,
        person=person,
        source=source,
        severity=severity,
        start=start,
        end=end,
        text=text,
    )
    show(settings, search=search, limit=limit, before=before, follow=follow, json=json)


@history.command("export")
def events_export(
    settings: Settings = None,
    type_: Types = None,
    entity: Entity = None,
    area: Area = "",
    person: Person = "",
    source: Source = "",
    severity: Severity = 0,
    start: Begin = "",
    end: End = "",
    text: Text = "",
    form: Annotated[str, typer.Option("--format", "-f", help="csv or jsonl.")] = "csv",
    reason: Annotated[str, typer.Option("--reason", help="Why; stands in the manifest and in the audit log.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; a name of its own unless given.")] = None,
) -> None:
    """Write a search as a ZIP with a signed manifest, which `sitewarden verify` checks anywhere."""
    from sitewarden.app.history import Search, export

    search = Search(
        types=tuple(type_ or ()),
        entity=entity,
        area=area,
        person=person,
        source=source,
        severity=severity,
        start=start,
        end=end,
        text=text,
    )
    export(settings, search, form, output, reason=reason)


@history.command("count")
def events_count(
    settings: Settings = None,
    type_: Types = None,
    entity: Entity = None,
    area: Area = "",
    person: Person = "",
    source: Source = "",
    severity: Severity = 0,
    start: Begin = "",
    end: End = "",
    text: Text = "",
    by: Annotated[str, typer.Option("--by", help="severity or type.")] = "severity",
    steps: Annotated[int, typer.Option("--steps", min=2, max=500, help="At most so many lines.")] = 31,
    json: AsJson = False,
) -> None:
    """Count events over time."""
    from sitewarden.app.history import Search, counts

    search = Search(
        types=tuple(type_ or ()),
        entity=entity,
        area=area,
        person=person,
        source=source,
        severity=severity,
        start=start,
        end=end,
        text=text,
    )
    counts(settings, search, by, steps, json=json)


@history.command("show")
def events_show(
    seq: Annotated[int, typer.Argument(min=1, help="Number of the event, as the list shows it first.")],
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Show one event with all that is known of it: why a request was refused, by which rule, profile and schedule."""
    from sitewarden.app.reports import event

    event(settings, seq, json=json)


@reports.command("events")
def report_events(
    settings: Settings = None,
    output: Output = None,
    form: Annotated[str, typer.Option("--format", "-f", help="csv or pdf.")] = "csv",
    type_: Types = None,
    entity: Entity = None,
    area: Area = "",
    person: Person = "",
    source: Source = "",
    severity: Severity = 0,
    start: Begin = "",
    end: End = "",
    text: Text = "",
) -> None:
    """Write a report of events, oldest first, times in the site's zone."""
    from sitewarden.app.history import Search
    from sitewarden.app.reports import events as write

    search = Search(
        types=tuple(type_ or ()),
        entity=entity,
        area=area,
        person=person,
        source=source,
        severity=severity,
        start=start,
        end=end,
        text=text,
    )
    write(settings, output, form, search=search)


@reports.command("rights")
def report_rights(
    settings: Settings = None,
    output: Output = None,
    form: Annotated[str, typer.Option("--format", "-f", help="csv or pdf.")] = "csv",
    door: Annotated[str, typer.Option("--door", help="Only this door, by id.")] = "",
    person: Annotated[str, typer.Option("--person", help="Only this person, by id.")] = "",
) -> None:
    """Write a report of who may pass which door, when, and what gives them the right."""
    from sitewarden.app.reports import rights as write

    write(settings, output, form, door=door, person=person)
