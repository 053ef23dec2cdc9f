"""The event log and reports."""

from __future__ import annotations

from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Output, Settings, app

history = typer.Typer(help="The event log.", invoke_without_command=True)
app.add_typer(history, name="events")
reports = typer.Typer(help="Reports of events and rights, as CSV or PDF.", no_args_is_help=True)
app.add_typer(reports, name="report")


@history.callback()
def events(
    context: typer.Context,
    settings: Settings = None,
    type_: Annotated[list[str] | None, typer.Option("--type", "-t", help='Type or prefix, such as "door.*".')] = None,
    entity: Annotated[str | None, typer.Option("--entity", "-e", help='Only of this entity, such as "door:main".')] = None,
    severity: Annotated[int, typer.Option(min=0, max=3, help="At least: 1 notice, 2 warning, 3 alarm.")] = 0,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10000)] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new events as they happen.")] = False,
    json: AsJson = False,
) -> None:
    """Show what happened, newest last."""
    if context.invoked_subcommand is not None:
        return
    from sitewarden.app.history import events as show

    show(settings, types=tuple(type_ or ()), entity=entity, severity=severity, limit=limit, follow=follow, json=json)


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
    start: Annotated[
        str, typer.Option("--from", help='Beginning: "2026-03-01", "2026-03-01 08:00", or "7d" ago (h, d, w).')
    ] = "",
    end: Annotated[str, typer.Option("--to", help="End, likewise; a day counts whole.")] = "",
    type_: Annotated[list[str] | None, typer.Option("--type", "-t", help='Type or prefix, such as "door.*".')] = None,
    entity: Annotated[
        str | None, typer.Option("--entity", "-e", help='Only of this door or person, such as "door:main".')
    ] = None,
    severity: Annotated[int, typer.Option(min=0, max=3, help="At least: 1 notice, 2 warning, 3 alarm.")] = 0,
) -> None:
    """Write a report of events, oldest first, times in the site's zone."""
    from sitewarden.app.reports import events as write

    write(settings, output, form, start=start, end=end, types=tuple(type_ or ()), entity=entity, severity=severity)


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
