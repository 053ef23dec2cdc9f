"""`sitewarden controller`: an edge controller on this computer, run until it is told to stop; and its first settings file."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.app import show
from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Invalid
from sitewarden.domain.refs import is_id
from sitewarden.net import Network
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.board.board import board_of
from sitewarden.nodes.controller.hardware import Hardware
from sitewarden.nodes.controller.node import ControllerNode
from sitewarden.nodes.controller.settings import ControllerSettings, load
from sitewarden.nodes.controller.unwired import Unwired

PORTS: Final = {"station": 1470, "reader": 1471}


def run(config: Path, code: str) -> int:
    """Run the controller until SIGTERM or Ctrl-C; a reset over the network starts it anew."""
    settings = load(config)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    try:
        Path(settings.data).mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Invalid(
            f"It cannot be made: {error.strerror}.", where=settings.data, remedy="Choose another data directory."
        ) from None
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        while runner.run(_once(settings, code)):
            settings, code = load(config), ""
    return 0


async def _once(settings: ControllerSettings, code: str) -> bool:
    """Run it once; True where it is to start again."""
    data = Path(settings.data)
    network = LocalNetwork(Settings(bind=settings.bind, data_dir=str(data)), "controller", data / "run")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        node = ControllerNode(settings, hardware(settings, network), network, code=code)
        running = asyncio.create_task(node.run(), name="controller")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        starting = asyncio.create_task(node.started.wait(), name="start")
        await asyncio.wait((running, starting), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            _announce(settings, node)
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in (running, stopping, starting):
            if not task.done():
                task.cancel()
        results = await asyncio.gather(running, stopping, starting, return_exceptions=True)
        failed = next((one for one in results if isinstance(one, Exception)), None)
        if failed is not None:
            raise failed
        return node.restarting.is_set() and not stop.is_set()
    finally:
        await network.close()


def hardware(settings: ControllerSettings, network: Network) -> Hardware:
    """Return the board that the settings name: OSDP readers and GPIO lines; without either, one that nothing is wired to."""
    if not settings.osdp and settings.gpio is None:
        return Unwired()
    return board_of(settings, network)


def _announce(settings: ControllerSettings, node: ControllerNode) -> None:
    if settings.direct is not None:
        port = settings.direct.port or PORTS[settings.direct.family]
        where = f"direct mode, which is temporary: waits on {port}"
    elif settings.server is not None:
        where = f"dials {settings.server.host}:{settings.server.port}"
    else:
        where = "decides alone: its settings name no server"
    show.out.print(f"Controller {settings.node} runs; {where}.", soft_wrap=True)
    if settings.server is not None and settings.direct is None and not node.identity.paired:
        show.out.print(
            "It is not paired yet: approve it on the server with its commissioning code, or start it once with --code and a code "
            "that the server made.",
            soft_wrap=True,
        )
    if node.commissioning.fresh:
        show.out.print(
            f"Commissioning code (shown this once, keep it with the device): {node.commissioning.code}", soft_wrap=True
        )
    sys.stdout.flush()


def init(config: Path, *, node: str, data: Path, server: str, direct: bool, family: str, force: bool) -> None:
    """Write a commented settings file; refuse to overwrite one unless told so."""
    if not is_id(node := node or _own_name()):
        raise Invalid(
            f"{node!r} is no id.",
            where="--node",
            remedy="Lower-case letters, digits and hyphens, as the site knows the controller.",
        )
    if config.exists() and not force:
        raise Conflict("There is a settings file already.", where=str(config), remedy="Edit it, or overwrite it with --force.")
    text = document(node, str(data), server, direct=direct, family=family)
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid(f"It cannot be written: {error.strerror}.", where=str(config), remedy="Choose another --config.") from None
    load(config)
    show.out.print(f"Wrote {config}. Next: sitewarden controller --config {config}", soft_wrap=True)


def _own_name() -> str:
    return socket.gethostname().partition(".")[0].lower()


def document(node: str, data: str, server: str, *, direct: bool, family: str) -> str:
    """Return the settings file as an installer edits it."""
    host, port = _address(server)
    quoted = {name: msgspec.json.encode(value).decode() for name, value in {"node": node, "data": data, "host": host}.items()}
    off_server = "" if server and not direct else "# "
    off_direct = "" if direct else "# "
    return f"""# Settings of a Sitewarden controller. Start it: sitewarden controller --config THIS-FILE
# Unknown keys are refused, so a typing error never goes unnoticed.

# Id of the controller, as the site knows it: lower-case letters, digits, hyphens.
node = {quoted["node"]}

# Directory of its log, rules and keys. Only its own user may read it.
data = {quoted["data"]}

# Address of this computer that it is found at, and dialled at in direct mode; 0.0.0.0 is all.
# bind = "0.0.0.0"

# Interface that systemd-networkd manages, whose address may be changed over UDP 51110. Without it, it is only shown.
# interface = "eth0"

# Records that the log keeps; then the oldest go, and the gap is recorded.
# log_records = 1000000

# Seconds from the card to the end of the PIN.
# pin_time = 15.0

# Numbers of readers that no [[osdp]] names; the site's access points name them.
readers = []

# Server mode: it dials the server, uploads its log, and decides by itself while the server is away.
{off_server}[server]
{off_server}host = {quoted["host"]}
{off_server}port = {port}
# Seconds that the server has to decide, where the site lets it decide.
# match_timeout = 1.0

# Direct mode, for commissioning and diagnosis: it waits to be dialled on 1470 (station) or 1471 (reader) and is held by one
# peer at a time. While this section stands the server is not dialled: remove it when you are done.
{off_direct}[direct]
{off_direct}family = "{family}"
# Minutes after which a hold expires.
# hold = 60.0

# One section for each door: its relay, and its inputs where they are wired. The site's door names the same output.
# [[locks]]
# output = 0
# contact = 0
# exit = 1
# tamper = 2

# The hardware: [[osdp]] for readers, [gpio] for locks and contacts; docs/controller.md has an example of both.
"""


def _address(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    if not colon:
        return server or "sitewarden.example", 1480
    if not port.isdecimal() or not 1 <= int(port) <= 65535 or not host:
        raise Invalid(f"{server!r} is no address.", where="--server", remedy="Write HOST, or HOST:PORT.")
    return host.strip("[]"), int(port)
