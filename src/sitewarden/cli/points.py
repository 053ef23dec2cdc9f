"""Points from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Settings, app

Priority = Annotated[
    int | None,
    typer.Option(
        "--priority", min=1, max=16, help="1 goes first. Only where the device knows them (BACnet); else the point's own."
    ),
]

machines = typer.Typer(help="Machines: devices whose values are points.", no_args_is_help=True)
app.add_typer(machines, name="machine")


@app.command("history")
def point_history(
    points: Annotated[list[str], typer.Argument(metavar="POINT...", help="Ids of the points.")],
    settings: Settings = None,
    start: Annotated[
        str, typer.Option("--from", help='Beginning: "2026-03-01", "2026-03-01 08:00", or "2h" ago (s, min, h, d, w).')
    ] = "1h",
    end: Annotated[str, typer.Option("--to", help="End, likewise; a day counts whole. Now unless given.")] = "now",
    buckets: Annotated[int, typer.Option("--buckets", min=0, max=20000, help="At most so many spans of equal width.")] = 0,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write each sample as CSV; - for standard output.")] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", help="Write each sample as Parquet.")] = None,
    json: AsJson = False,
) -> None:
    """Show what points' values were, or write them to a file of any size. Works whether the node runs or not."""
    from sitewarden.app.point_history import history

    history(settings, points, start=start, end=end, buckets=buckets, csv=csv, parquet=parquet, json=json)


@app.command("mib")
def mib_names(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="MIB files, those that they import from too.")],
    find: Annotated[str, typer.Option("--find", help="Only what has this in its name or description.")] = "",
    json: AsJson = False,
) -> None:
    """Show what MIB files name, with the numbers that points of SNMP agents take."""
    from sitewarden.app.mib import names

    names(files, find, json=json)


@machines.command("browse")
def machine_browse(
    what: Annotated[str, typer.Argument(metavar="KIND:ID", help='"device:ups" or "endpoint:broker".')],
    under: Annotated[str, typer.Option("--under", help="Of a device: where to begin, such as 1.3.6.1.2.1.33.")] = "",
    topics: Annotated[
        str,
        typer.Option(
            "--filter", help='Of a broker: which topics, such as "site/#". Of an OPC UA server: the URL of one that it listed.'
        ),
    ] = "",
    seconds: Annotated[float, typer.Option("--seconds", min=0.2, max=20.0, help="Of a broker: how long to listen.")] = 3.0,
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """List what a device, broker or server has, with the addresses of points that would read it. The node must run."""
    from sitewarden.app.machines import browse

    browse(settings, what, under=under, topics=topics, seconds=seconds, json=json)


@machines.command("write")
def machine_write(
    point: Annotated[str, typer.Argument(help="Id of the point.")],
    value: Annotated[str, typer.Argument(help='What it is set to; "on" or "off" of a switch. Negative numbers go behind "--".')],
    settings: Settings = None,
    priority: Priority = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; goes into the audit log.")] = "",
    json: AsJson = False,
) -> None:
    """Set a point, and show what the device reads back. The node must run."""
    from sitewarden.app.machines import write

    write(settings, point, value, priority, reason=reason, json=json)


@machines.command("release")
def machine_release(
    point: Annotated[str, typer.Argument(help="Id of the point.")],
    settings: Settings = None,
    priority: Priority = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; goes into the audit log.")] = "",
    json: AsJson = False,
) -> None:
    """Give back the priority that a point was written at, so that what stands below it counts again. The node must run."""
    from sitewarden.app.machines import write

    write(settings, point, None, priority, reason=reason, json=json)


@machines.command("key")
def machine_key(
    device: Annotated[str, typer.Argument(help="Id of the device.")], settings: Settings = None, json: AsJson = False
) -> None:
    """Give a device that pushes by HTTP a new key, and print it, this once; the old one is void."""
    from sitewarden.app.machines import renew

    renew(settings, device, json=json)


@machines.command("import")
def machine_import(
    file: Annotated[Path, typer.Argument(help="A table (CSV) or YAML file, as `machine export` writes them, or an EDE file.")],
    settings: Settings = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
    mode: Annotated[
        str,
        typer.Option(
            "--mode",
            help='Of what is there already: "keep" it, "overwrite" what the file names, "merge" what it gives.',
        ),
    ] = "merge",
    endpoint: Annotated[str, typer.Option("--endpoint", help="Of an EDE file: the BACnet endpoint of its devices.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; goes into the audit log.")] = "",
    json: AsJson = False,
) -> None:
    """Add and change endpoints, devices and points, all or nothing. Nothing is removed. Exit status 1: the file has errors."""
    from sitewarden.app.machines import import_machines

    raise typer.Exit(import_machines(settings, file, mode, endpoint, plan=plan, reason=reason, json=json))


@machines.command("export")
def machine_export(
    settings: Settings = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write, .csv or .yaml; standard output unless given."),
    ] = None,
    form: Annotated[str, typer.Option("--form", help='"csv" or "yaml"; by the ending of the file unless given.')] = "",
    endpoint: Annotated[str, typer.Option("--endpoint", help="Only what is behind this endpoint.")] = "",
    device: Annotated[str, typer.Option("--device", help="Only this device and its points.")] = "",
) -> None:
    """Write endpoints, devices and points as a table (CSV) or YAML. Secrets stand in it as "(kept)"."""
    from sitewarden.app.machines import export_machines

    form = form or ("yaml" if output is not None and output.suffix in (".yaml", ".yml") else "csv")
    export_machines(settings, output, form=form, endpoint=endpoint, device=device)
