"""An edge controller, and the site's controllers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from sitewarden.cli.options import AsJson, Code, Controller, Reason, Settings, app

controllers = typer.Typer(
    help="An edge controller on this computer (--config), and the site's controllers: pairing, revocation, cards.",
    invoke_without_command=True,
)
app.add_typer(controllers, name="controller")


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
    code: Annotated[str, typer.Argument(help="Commissioning code of its label; not needed where the site holds it.")] = "",
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


@app.command("conformance")
def conformance(
    address: Annotated[
        str,
        typer.Argument(
            metavar="HOST[:PORT]", help="Whom to try: 1480 unless given, 1470 of a controller; IPv6 as [ADDRESS]:PORT."
        ),
    ],
    as_: Annotated[
        Literal["link", "server", "controller"],
        typer.Option("--as", help='What it is: any listener of the "link", a "server", or a "controller" in direct mode.'),
    ] = "link",
    code: Annotated[
        str,
        typer.Option(
            envvar="SITEWARDEN_CONFORMANCE_CODE",
            help="A server's pairing code for the controller that it is tried as; a controller's commissioning code.",
        ),
    ] = "",
    node: Annotated[
        str, typer.Option(help="Id of the controller that a server is tried as, its own in the site.")
    ] = "conformance",
    identity: Annotated[
        Path | None, typer.Option(help="Folder that keeps the certificate of pairing, for runs without a code.")
    ] = None,
    orders: Annotated[bool, typer.Option("--orders", help="Let doors of a controller be moved.")] = False,
    json: AsJson = False,
) -> None:
    """Try a server or a controller of any make against the link protocol, and say which rules it breaks.

    Without --as it needs nothing and changes nothing. What a server is sent as a controller's log stays in its log.
    Exit status: 0 where every rule holds, 1 where one is broken, 2 where it could not be tried.
    """
    from sitewarden.app.conformance.verb import Trial, run

    raise typer.Exit(run(Trial(address=address, role=as_, code=code, node=node, identity=identity, orders=orders), json=json))
