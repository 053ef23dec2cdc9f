"""People and rights: import, export, who may open what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Output, Settings, app

people = typer.Typer(help="People who pass doors, and what they carry: import and export.", no_args_is_help=True)
app.add_typer(people, name="people")
access = typer.Typer(help="Who may pass which door, when.", no_args_is_help=True)
app.add_typer(access, name="access")


@people.command("import")
def people_import(
    file: Annotated[Path, typer.Argument(help="A table of people: CSV in UTF-8, columns as `people export` writes them.")],
    settings: Settings = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
    mode: Annotated[
        str,
        typer.Option(
            "--mode",
            help='Of who is there already: "keep" them, "overwrite" what the file has columns for, "merge" what it gives.',
        ),
    ] = "merge",
    reason: Annotated[str, typer.Option("--reason", help="Why; goes into the audit log.")] = "",
    json: AsJson = False,
) -> None:
    """Add and change people from a table, all of it or nothing. Nobody is removed. Exit status 1: the table has errors."""
    from sitewarden.app.roster import import_people

    raise typer.Exit(import_people(settings, file, mode, plan=plan, reason=reason, json=json))


@people.command("export")
def people_export(
    settings: Settings = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; standard output unless given.")] = None,
    group: Annotated[str, typer.Option("--group", help="Only the members of this group, by id.")] = "",
) -> None:
    """Write people with what they carry as a table. PINs are left out."""
    from sitewarden.app.roster import export_people

    export_people(settings, output, group)


@people.command("report")
def people_report(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the import, as its entry in the audit log says.")],
    settings: Settings = None,
    output: Output = None,
) -> None:
    """Write what an import did, line by line, as CSV."""
    from sitewarden.app.roster import import_report

    import_report(settings, import_id, output)


@access.command("who")
def access_who(
    door: Annotated[str, typer.Argument(help="Id of the door.")],
    settings: Settings = None,
    state: Annotated[
        str, typer.Option("--state", help='"all", "can" only who may now, "cannot" only who may not and why.')
    ] = "all",
    query: Annotated[str, typer.Option("--query", "-q", help="Part of the person's name or id.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 100,
    json: AsJson = False,
) -> None:
    """Show who can open a door, when, and which profile gives it; or why not."""
    from sitewarden.app.rights import who

    who(settings, door, state=state, query=query, limit=limit, json=json)


@access.command("what")
def access_what(
    person: Annotated[str, typer.Argument(help="Id of the person (credential holder).")],
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Show what a person can open, when, and which profile gives it; or why not."""
    from sitewarden.app.rights import what

    what(settings, person, json=json)


@access.command("what-if")
def access_what_if(
    file: Annotated[Path, typer.Option("--file", "-f", help="The draft: YAML of what changes; see docs/people.md.")],
    settings: Settings = None,
    days: Annotated[int, typer.Option("--days", "-d", min=1, max=366, help="How many days of requests.")] = 7,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, max=1000, help="Differences to print.")] = 50,
    json: AsJson = False,
) -> None:
    """Try a draft change on the requests of the last days: who would be let in or kept out by it. Nothing is changed."""
    from sitewarden.app.what_if import what_if

    what_if(settings, file, days, limit, json=json)
