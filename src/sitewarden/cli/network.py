"""Ports, firewall rules, found devices and servers, controllers beside this computer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sitewarden.cli.options import Alone, AsJson, Bind, Code, Controller, Reason, Settings, app

ports = typer.Typer(
    help="List every port of this node, write firewall rules and access lists for it, or compare with what is loaded.",
    invoke_without_command=True,
)
app.add_typer(ports, name="ports")
discover = typer.Typer(help="What is on the network around this computer.", no_args_is_help=True)
app.add_typer(discover, name="discover")
devices = typer.Typer(
    help="Controllers beside this computer, by UDP 51110: search, network settings, reset. Works with no server at all.",
    no_args_is_help=True,
)
app.add_typer(devices, name="device")


@ports.callback()
def ports_list(
    context: typer.Context,
    settings: Settings = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="table, json, csv, markdown, inventory, inventory-csv, nftables, ufw, firewalld or windows; with --matrix"
            " table, json, csv, markdown, ios or nftables.",
        ),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(
            "--profile", help='Ports of controllers: "strict" what their modes use, "seed" 1470, 1471, 1480 and UDP 51110.'
        ),
    ] = "strict",
    rows: Annotated[
        str,
        typer.Option(
            "--rows",
            help='"used" by the site, "built" used or not, "all" planned too; "auto" is used for rules and all for lists.',
        ),
    ] = "auto",
    matrix: Annotated[bool, typer.Option("--matrix", help="The flows between the site's named networks.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Compare with what nftables has loaded; exit status 1 where it differs.")
    ] = False,
    ruleset: Annotated[str, typer.Option("--ruleset", help='With --diff: a file written by `nft -j list ruleset`, or "-".')] = "",
    deny_outgoing: Annotated[
        bool, typer.Option("--deny-outgoing", help="nftables: drop what goes out, too, unless a rule takes it.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List every port of this node, write firewall rules and access lists for it, or compare with what is loaded."""
    if context.invoked_subcommand is not None:
        return
    from sitewarden.app import firewall

    form = "json" if json else format_ or "table"
    if diff:
        raise typer.Exit(firewall.diff(settings, ruleset, profile, deny_outgoing=deny_outgoing, json=json))
    if matrix:
        firewall.matrix(settings, form, profile)
    else:
        firewall.ports(settings, form, profile, rows, deny_outgoing=deny_outgoing)


@ports.command("set")
def ports_set(
    row: Annotated[str, typer.Argument(help="Row of the port manifest, such as server or web.")],
    number: Annotated[int, typer.Argument(min=1, max=65535, help="The new number.")],
    settings: Settings = None,
    reason: Reason = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep it once it is reached from this machine; a firewall is not seen from here.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Change a port. A running node tries it for 60 s beside the old one, and goes back unless it is kept.

    A stopped node has it written to its settings at once, after the same checks.
    """
    from sitewarden.app.setport import change

    raise typer.Exit(change(settings, row, number, reason=reason, keep=keep, json=json))


@discover.command("devices")
def discover_devices(
    settings: Settings = None,
    interface: Annotated[
        list[str] | None,
        typer.Option("--interface", "-i", help="Name (eth0) or IPv4 address of an interface; may be given again. All otherwise."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=30, help="How long answers are taken.")] = 4.0,
    json: AsJson = False,
) -> None:
    """Search for cameras and other devices (UPnP, ONVIF): by the server where it runs, by this computer otherwise."""
    from sitewarden.app.find_devices import devices

    devices(settings, tuple(interface or ()), seconds, json=json)


@discover.command("servers")
def discover_servers(
    settings: Settings = None,
    interface: Annotated[
        list[str] | None,
        typer.Option("--interface", "-i", help="With no server: name or address of an interface; may be given again."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=120, help="With no server: how long is listened.")] = 7.0,
    json: AsJson = False,
) -> None:
    """List the servers, analytics and LPR nodes that announce themselves: as the server here hears them, or this computer."""
    from sitewarden.app.find_servers import servers

    servers(settings, tuple(interface or ()), seconds, json=json)


@devices.command("search")
def device_search(
    settings: Settings = None,
    controller: Annotated[str, typer.Option("--id", help="Only this controller.")] = "",
    address: Annotated[str, typer.Option(help="Ask only this address, which may lie behind a router.")] = "",
    seconds: Annotated[float, typer.Option(min=0.2, max=8.0, help="How long answers are awaited.")] = 2.0,
    bind: Bind = "",
    alone: Alone = False,
    json: AsJson = False,
) -> None:
    """List the controllers that answer on the local networks, even those with a wrong address."""
    from sitewarden.app.nearby import search

    search(settings, seconds=seconds, controller=controller, address=address, bind=bind, alone=alone, json=json)


@devices.command("limits")
def device_limits(
    controller: Annotated[str, typer.Argument(help="Only this controller; all of other makes unless given.")] = "",
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """List what controllers of other makes cannot keep of the site's rules."""
    from sitewarden.app.limits import limits

    raise typer.Exit(limits(settings, controller, json=json))


@devices.command("set-network")
def device_set_network(
    controller: Controller,
    settings: Settings = None,
    address: Annotated[str, typer.Option(help="New address, such as 192.168.1.20/24.")] = "",
    gateway: Annotated[str, typer.Option(help="Default gateway; none unless given.")] = "",
    dhcp: Annotated[bool, typer.Option("--dhcp", help="Take the address from the network.")] = False,
    reason: Reason = "",
    code: Code = "",
    bind: Bind = "",
    alone: Alone = False,
    json: AsJson = False,
) -> None:
    """Change a controller's network settings. It goes back by itself unless it can be reached by the new ones."""
    from sitewarden.app.nearby import set_network, wanted

    network = wanted(address, gateway, dhcp=dhcp)
    raise typer.Exit(set_network(settings, controller, network, reason=reason, code=code, bind=bind, alone=alone, json=json))


@devices.command("reset")
def device_reset(
    controller: Controller,
    settings: Settings = None,
    reason: Reason = "",
    code: Code = "",
    bind: Bind = "",
    alone: Alone = False,
    json: AsJson = False,
) -> None:
    """Restart a controller. Its relays are at rest meanwhile."""
    from sitewarden.app.nearby import reset

    raise typer.Exit(reset(settings, controller, reason=reason, code=code, bind=bind, alone=alone, json=json))


@app.command()
def probe(
    host: Annotated[str | None, typer.Argument(help="The computer to probe: a name or an address.")] = None,
    as_: Annotated[str, typer.Option("--as", help="What it is: server, device (a controller) or node.")] = "server",
    token: Annotated[
        str | None, typer.Option(envvar="SITEWARDEN_TOKEN", help="API token of the server: it says what is open, and echoes UDP.")
    ] = None,
    user: Annotated[str | None, typer.Option("--user", "-u", help="Sign in as this user instead of with a token.")] = None,
    password: Annotated[str | None, typer.Option(envvar="SITEWARDEN_PASSWORD", help="Asked for unless given.")] = None,
    ca: Annotated[Path | None, typer.Option(help="The site's CA certificate, from http://HOST/ca.crt.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The server's port for clients.")] = 8600,
    key: Annotated[str | None, typer.Option(help="Key of an echo that `sitewarden probe --open` opened on the server.")] = None,
    open_: Annotated[
        str | None, typer.Option("--open", help="On the server: open a UDP echo for the computer with this address.")
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="On the server: the last probes, as both sides saw them.")] = False,
    source_port: Annotated[int, typer.Option(min=0, max=65535, help="UDP port that questions come from; 0 is any.")] = 0,
    multicast: Annotated[
        bool, typer.Option("--multicast", help="On two machines at once: prove the switches on both multicast groups.")
    ] = False,
    interface: Annotated[str, typer.Option(help="Interface of the multicast, by name or address; the first unless given.")] = "",
    ttl: Annotated[int, typer.Option(min=1, max=255, help="TTL of the multicast: routers that it may cross.")] = 16,
    seconds: Annotated[
        int | None, typer.Option(min=5, max=3600, help="How long the echo stands (60), or the multicast is proven (360).")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.2, max=30, help="Seconds of silence that count as filtered.")] = 3.0,
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Try every port of another computer from here: open, closed, filtered, or answered by something else."""
    from sitewarden.app.probe import command

    given = command.Given(
        host=host or "",
        computer=as_,
        token=token or "",
        user=user or "",
        password=password,
        ca=ca,
        number=port,
        key=key or "",
        open=open_ or "",
        last=last,
        source_port=source_port,
        seconds=seconds,
        timeout=timeout,
        settings=settings,
        multicast=multicast,
        interface=interface,
        ttl=ttl,
    )
    raise typer.Exit(command.run(given, json=json))
