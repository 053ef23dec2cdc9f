"""The command line: one verb a function, no logic. `main` turns a refusal into one clear sentence and exit status 1."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sitewarden import __version__
from sitewarden.domain.errors import Refusal

app = typer.Typer(
    name="sitewarden",
    help=(
        "The server that a site's doors, cameras and machines run on.\n\n"
        "Begin with `sitewarden demo`, or `sitewarden init` for a real site."
    ),
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
users = typer.Typer(help="People who sign in.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens for programs.", no_args_is_help=True)
discover = typer.Typer(help="What is on the network around this computer.", no_args_is_help=True)
ports = typer.Typer(
    help="List every port of this node, write firewall rules and access lists for it, or compare with what is loaded.",
    invoke_without_command=True,
)
devices = typer.Typer(
    help="Controllers beside this computer, by UDP 51110: search, network settings, reset. Works with no server at all.",
    no_args_is_help=True,
)
controllers = typer.Typer(
    help="An edge controller on this computer (--config), and the site's controllers: pairing, revocation, cards.",
    invoke_without_command=True,
)
people = typer.Typer(help="People who pass doors, and what they carry: import and export.", no_args_is_help=True)
access = typer.Typer(help="Who may pass which door, when.", no_args_is_help=True)
history = typer.Typer(help="The event log.", invoke_without_command=True)
reports = typer.Typer(help="Reports of events and rights, as CSV or PDF.", no_args_is_help=True)
doors = typer.Typer(help="The site's doors: how they are now, and commands for one, an area or the site.", no_args_is_help=True)
zones = typer.Typer(help="The site's zones: who is in them, and what an operator does to them.", no_args_is_help=True)
musters = typer.Typer(help="Roll call: who is inside, and who of them is safe.", no_args_is_help=True)
app.add_typer(history, name="events")
app.add_typer(reports, name="report")
app.add_typer(people, name="people")
app.add_typer(access, name="access")
app.add_typer(ports, name="ports")
app.add_typer(users, name="user")
app.add_typer(tokens, name="token")
app.add_typer(discover, name="discover")
app.add_typer(devices, name="device")
app.add_typer(controllers, name="controller")
app.add_typer(doors, name="door")
app.add_typer(zones, name="zone")
app.add_typer(musters, name="muster")

Settings = Annotated[
    Path | None,
    typer.Option("--settings", "-s", envvar="SITEWARDEN_SETTINGS", help="Settings file; ./sitewarden.toml unless given."),
]
Controller = Annotated[str, typer.Argument(help="Id of the controller, as the search shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; goes into the audit log of the node that runs here.")]
Code = Annotated[
    str,
    typer.Option(
        envvar="SITEWARDEN_COMMISSIONING_CODE",
        help="Commissioning code of the controller's label; asked for unless given. A node that runs here may know it.",
    ),
]
Zone = Annotated[str, typer.Argument(help='The zone as "kind:id", as the list shows it: antipassback-zone:site.')]
Bind = Annotated[str, typer.Option("--bind", help="Ask from this address of this computer alone, and not through its node.")]
Alone = Annotated[bool, typer.Option("--alone", help="Ask from this computer even where a node runs on it.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write; standard output unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of a table.")]


@app.command()
def init(
    settings: Settings = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where all data lies.")] = None,
    bind: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 for this machine only.")] = None,
    site_name: Annotated[str | None, typer.Option(help="The site's name.")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA zone of the site, such as Europe/Berlin.")] = None,
    timeseries_port: Annotated[int | None, typer.Option(help="Port of the time-series service.")] = None,
    database: Annotated[str | None, typer.Option(help='"sqlite", the stores in the data directory.')] = None,
    admin: Annotated[str | None, typer.Option(help="Sign-in name of the first administrator.")] = None,
    admin_password: Annotated[
        str | None,
        typer.Option(envvar="SITEWARDEN_ADMIN_PASSWORD", help="Their password; made and printed once unless given."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take the defaults for what is not given.")] = False,
    json: AsJson = False,
) -> None:
    """Set up a node: ask what an installer decides, check it on the spot, and make the first administrator."""
    from sitewarden.app.setup import init as run

    run(
        settings,
        {
            "data_dir": data_dir,
            "bind": bind,
            "site_name": site_name,
            "timezone": timezone,
            "timeseries_port": timeseries_port,
            "database": database,
            "admin": admin,
            "admin_password": admin_password,
        },
        ask=not yes and sys.stdin.isatty(),
        json=json,
    )


@app.command()
def run(settings: Settings = None) -> None:
    """Start the server and keep it running until Ctrl-C."""
    from sitewarden.app.node import run as start

    raise typer.Exit(start(settings))


@app.command()
def demo(
    data_dir: Annotated[Path, typer.Option(help="Where the demo keeps its data.", envvar="SITEWARDEN_DATA_DIR")] = Path("data"),
    bind: Annotated[str, typer.Option(help="Address to listen on.", envvar="SITEWARDEN_BIND")] = "127.0.0.1",
) -> None:
    """Start the server with a living demo site: two cameras, a machine, two controllers with doors."""
    from sitewarden.app.demo import run as start

    raise typer.Exit(start(data_dir, bind))


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


@app.command()
def doctor(settings: Settings = None, json: AsJson = False) -> None:
    """Check this machine: ports, multicast, buffers, clock, disk, certificates, names, paths. Exit status 1: mend something."""
    from sitewarden.app.doctor.verb import run as check

    raise typer.Exit(check(settings, json=json))


@app.command()
def direct(
    host: Annotated[str, typer.Argument(help="Address of the controller, with :PORT where it is not 1470.")],
    reader: Annotated[bool, typer.Option("--reader", help="A controller of the reader family: port 1471.")] = False,
    code: Code = "",
    name: Annotated[
        str, typer.Option(help="How the controller tells others who holds it; this computer's name unless given.")
    ] = "",
    order: Annotated[
        list[str] | None,
        typer.Option("--order", "-o", help='An order at once, such as "release main-entrance"; may be given again.'),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0, help="Let go after so many seconds; 0: at Ctrl-C or `quit`.")] = 0.0,
    server: Annotated[str, typer.Option(help="Relay state and log to this server: HOST or HOST:PORT.")] = "",
    token: Annotated[str, typer.Option(envvar="SITEWARDEN_TOKEN", help="API token of the server.")] = "",
    user: Annotated[str, typer.Option("--user", "-u", help="Sign in on the server as this user instead of with a token.")] = "",
    password: Annotated[str | None, typer.Option(envvar="SITEWARDEN_PASSWORD", help="Asked for unless given.")] = None,
    ca: Annotated[Path | None, typer.Option(help="The site's CA certificate, from http://HOST/ca.crt.")] = None,
    json: AsJson = False,
) -> None:
    """Hold a controller in direct mode from this computer, for a while: see it live, order its doors, relay to the server."""
    from sitewarden.app.direct.verb import Options
    from sitewarden.app.direct.verb import run as hold

    options = Options(
        address=host,
        reader=reader,
        code=code,
        name=name,
        orders=tuple(order or ()),
        seconds=seconds,
        server=server,
        token=token,
        user=user,
        password=password,
        ca=ca,
        json=json,
    )
    raise typer.Exit(hold(options))


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


@app.command()
def export(
    settings: Settings = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; standard output unless given.")] = None,
) -> None:
    """Write the whole site as YAML. Secrets are left out."""
    from sitewarden.app.sitefile import export as write

    write(settings, output)


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A site as YAML, as `sitewarden export` writes it.")],
    settings: Settings = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would change.")] = False,
    json: AsJson = False,
) -> None:
    """Make the site as the file says, in one transaction."""
    from sitewarden.app.sitefile import apply as change

    raise typer.Exit(change(settings, file, plan=plan, json=json))


@app.command()
def fsck(settings: Settings = None, json: AsJson = False) -> None:
    """Check all stores: databases, event order, the audit chain, recordings against their index."""
    from sitewarden.app.fsck import fsck as check

    raise typer.Exit(check(settings, json=json))


@app.command()
def version(json: AsJson = False) -> None:
    """Print the version."""
    from sitewarden.app import show

    if json:
        show.as_json({"version": __version__, "python": sys.version.split()[0]})
    else:
        show.out.print(f"sitewarden {__version__}")


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


@users.command("list")
def user_list(settings: Settings = None, json: AsJson = False) -> None:
    """List the users."""
    from sitewarden.app.people import list_users

    list_users(settings, json=json)


@users.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="Sign-in name: lower-case letters, digits and hyphens.")],
    settings: Settings = None,
    display_name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", "-r", help="A role; may be given again.")] = None,
    json: AsJson = False,
) -> None:
    """Add a user; a password is made and printed once."""
    from sitewarden.app.people import add_user

    add_user(settings, name, display_name or name, tuple(role or ("viewer",)), json=json)


@users.command("password")
def user_password(
    name: Annotated[str, typer.Argument(help="Sign-in name.")], settings: Settings = None, json: AsJson = False
) -> None:
    """Give a user a new password, made and printed once."""
    from sitewarden.app.people import reset_password

    reset_password(settings, name, json=json)


@users.command("remove")
def user_remove(name: Annotated[str, typer.Argument(help="Sign-in name.")], settings: Settings = None) -> None:
    """Remove a user."""
    from sitewarden.app.people import remove

    remove(settings, "user", name)


@tokens.command("list")
def token_list(settings: Settings = None, json: AsJson = False) -> None:
    """List the API tokens."""
    from sitewarden.app.people import list_tokens

    list_tokens(settings, json=json)


@tokens.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    user: Annotated[str, typer.Option("--user", "-u", help="The user that it acts as.")],
    settings: Settings = None,
    days: Annotated[int | None, typer.Option(help="Days until it expires.")] = None,
    json: AsJson = False,
) -> None:
    """Make an API token; it is printed once."""
    from sitewarden.app.people import add_token

    add_token(settings, name, user, days, json=json)


@tokens.command("remove")
def token_remove(token: Annotated[str, typer.Argument(help="The token's id.")], settings: Settings = None) -> None:
    """Revoke an API token."""
    from sitewarden.app.people import remove

    remove(settings, "token", token)


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


@controllers.callback()
def controller(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", envvar="SITEWARDEN_CONTROLLER", help="Settings file of the controller.")
    ] = None,
    code: Annotated[
        str,
        typer.Option(
            envvar="SITEWARDEN_PAIRING_CODE", help="Pairing code that the server made; pairs it anew where it was paired."
        ),
    ] = "",
) -> None:
    """Run an edge controller on this computer until Ctrl-C: `sitewarden controller --config FILE`."""
    if context.invoked_subcommand is not None:
        return
    if config is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)
    from sitewarden.app.controller import run as start

    raise typer.Exit(start(config, code))


@controllers.command("init")
def controller_init(
    config: Annotated[Path, typer.Option("--config", "-c", help="File to write.")] = Path("controller.toml"),
    node: Annotated[
        str, typer.Option(help="Id of the controller, as the site knows it; this computer's name unless given.")
    ] = "",
    data: Annotated[Path, typer.Option(help="Where it keeps its log, rules and keys.")] = Path("/var/lib/sitewarden-controller"),
    server: Annotated[str, typer.Option(help="HOST or HOST:PORT of the server that it dials.")] = "",
    direct: Annotated[bool, typer.Option("--direct", help="Direct mode: it waits to be dialled, for commissioning.")] = False,
    family: Annotated[str, typer.Option(help='In direct mode: "station" listens on 1470, "reader" on 1471.')] = "station",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a commented settings file for a controller."""
    from sitewarden.app.controller import init as write

    write(config, node=node, data=data, server=server, direct=direct, family=family, force=force)


@controllers.command("pending")
def controller_pending(settings: Settings = None, json: AsJson = False) -> None:
    """List the controllers that ask the server to join, and wait for their code."""
    from sitewarden.app.pairing import pending

    pending(settings, json=json)


@controllers.command("code")
def controller_code(
    controller: Annotated[str, typer.Argument(help="Id of the controller that it is for; empty lets the device choose.")] = "",
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Make a pairing code on the server, to be typed in at a controller within 15 minutes."""
    from sitewarden.app.pairing import make_code

    make_code(settings, controller, json=json)


@controllers.command("approve")
def controller_approve(
    controller: Controller,
    code: Annotated[str, typer.Argument(help="Commissioning code of the waiting controller, on its label.")],
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Let a waiting controller join, with the commissioning code of its label."""
    from sitewarden.app.pairing import approve

    approve(settings, controller, code, json=json)


@controllers.command("revoke")
def controller_revoke(controller: Controller, settings: Settings = None, reason: Reason = "", json: AsJson = False) -> None:
    """Void a controller's pairing: its link is dropped at once, and it is refused until it is paired again."""
    from sitewarden.app.pairing import revoke

    revoke(settings, controller, reason, json=json)


@controllers.command("scan")
def controller_scan(
    controller: Controller,
    reader: Annotated[int, typer.Option("--reader", "-r", min=0, max=255, help="Number of the reader.")] = 0,
    seconds: Annotated[float, typer.Option(min=1, max=60, help="How long a card is waited for.")] = 30.0,
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Wait for a card at a reader and print it, for enrolment. The card opens no door."""
    from sitewarden.app.pairing import scan

    scan(settings, controller, reader, seconds, json=json)


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


def main() -> None:
    """Run the command line. What it writes is this user's alone."""
    os.umask(0o077)
    try:
        app()
    except Refusal as problem:
        from sitewarden.app import show

        show.refusal(problem)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
