"""Doors, zones, roll call."""

from __future__ import annotations

from typing import Annotated

import typer

from sitewarden.cli.options import AsJson, Reason, Settings, Zone, app

doors = typer.Typer(help="The site's doors: how they are now, and commands for one, an area or the site.", no_args_is_help=True)
app.add_typer(doors, name="door")
zones = typer.Typer(help="The site's zones: who is in them, and what an operator does to them.", no_args_is_help=True)
app.add_typer(zones, name="zone")
musters = typer.Typer(help="Roll call: who is inside, and who of them is safe.", no_args_is_help=True)
app.add_typer(musters, name="muster")


@doors.command("list")
def door_list(
    settings: Settings = None,
    area: Annotated[str, typer.Option("--area", "-a", help="Only doors that stand in this area, or in one within it.")] = "",
    json: AsJson = False,
) -> None:
    """List the doors as they are now: mode, what holds it, contact, lock, alarm."""
    from sitewarden.app.doors import list_doors

    list_doors(settings, area, json=json)


@doors.command("command")
def door_command(
    door: Annotated[str, typer.Argument(help="Id of the door.")],
    command: Annotated[
        str,
        typer.Argument(
            help="release, lock, unlock, block, double-lock, normal, lockdown, release-lockdown, lock-open, release-lock-open,"
            " fire-release or end-fire-release."
        ),
    ],
    settings: Settings = None,
    reason: Reason = "",
    extended: Annotated[bool, typer.Option("--extended", help="Release for the door's extended times.")] = False,
    json: AsJson = False,
) -> None:
    """Command one door, and show what it is afterwards."""
    from sitewarden.app.doors import command_door

    command_door(settings, door, command, reason, extended=extended, json=json)


@doors.command("all")
def door_all(
    command: Annotated[str, typer.Argument(help="lockdown, release-lockdown, fire-release or end-fire-release.")],
    settings: Settings = None,
    area: Annotated[
        str, typer.Option("--area", "-a", help="Only doors in, into or out of this area; the site unless given.")
    ] = "",
    reason: Reason = "",
    json: AsJson = False,
) -> None:
    """Command all doors of an area or the site at once. Exit status 1: some did not do it; they are listed."""
    from sitewarden.app.doors import command_all

    raise typer.Exit(command_all(settings, command, area, reason, json=json))


@zones.command("list")
def zone_list(settings: Settings = None, json: AsJson = False) -> None:
    """List the zones as they are now: who holds them, how many are inside, what is armed or burns."""
    from sitewarden.app.zones import list_zones

    list_zones(settings, json=json)


@zones.command("show")
def zone_show(zone: Zone, settings: Settings = None, json: AsJson = False) -> None:
    """Show who is in a zone, since when, and through which door they came."""
    from sitewarden.app.zones import show_zone

    show_zone(settings, zone, json=json)


@zones.command("forgive")
def zone_forgive(
    zone: Zone,
    holder: Annotated[str, typer.Argument(help="Id of the person.")],
    settings: Settings = None,
    reason: Reason = "",
    json: AsJson = False,
) -> None:
    """Forgive one person once: where they are is forgotten, and from their next passage on it is kept again."""
    from sitewarden.app.zones import order

    order(settings, zone, "forgive", reason, holder=holder, json=json)


@zones.command("reset")
def zone_reset(zone: Zone, settings: Settings = None, reason: Reason = "", json: AsJson = False) -> None:
    """Forget where everybody is, such as after an evacuation through open doors."""
    from sitewarden.app.zones import order

    order(settings, zone, "reset", reason, json=json)


@zones.command("arm")
def zone_arm(zone: Zone, settings: Settings = None, reason: Reason = "", json: AsJson = False) -> None:
    """Arm an intrusion zone."""
    from sitewarden.app.zones import order

    order(settings, zone, "arm", reason, json=json)


@zones.command("disarm")
def zone_disarm(zone: Zone, settings: Settings = None, reason: Reason = "", json: AsJson = False) -> None:
    """Disarm an intrusion zone."""
    from sitewarden.app.zones import order

    order(settings, zone, "disarm", reason, json=json)


@musters.command("list")
def muster_list(
    settings: Settings = None,
    area: Annotated[str, typer.Option("--area", "-a", help="Only this area and what lies in it; the site unless given.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV, to print or to hand on.")] = False,
    json: AsJson = False,
) -> None:
    """List who is inside as far as the zones know, the missing first."""
    from sitewarden.app.muster import roll_call

    roll_call(settings, area, csv=csv, json=json)


@musters.command("mark")
def muster_mark(
    holder: Annotated[str, typer.Argument(help="Id of the person.")],
    settings: Settings = None,
    reason: Reason = "",
    json: AsJson = False,
) -> None:
    """Mark somebody as safe who was seen but showed no card at a muster point."""
    from sitewarden.app.muster import mark

    mark(settings, holder, reason, json=json)
