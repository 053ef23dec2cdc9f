"""The verb: one hold from the dialling to its end, with its orders and its relay."""

from __future__ import annotations

import asyncio
import getpass
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from msgspec import Struct

from sitewarden.app.direct.holder import Holder, Rows
from sitewarden.app.direct.keyboard import Keyboard
from sitewarden.app.direct.relay import Relay
from sitewarden.app.direct.screen import Screen
from sitewarden.app.endpoints import host_and_port
from sitewarden.app.probe.remote import Api
from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid, Refusal, Unreachable
from sitewarden.domain.refs import is_id
from sitewarden.kit.clock import SystemClock
from sitewarden.link import LinkSession
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.net.probing.names import addresses
from sitewarden.wire import controller as wire
from sitewarden.wire.pairing import Code, parse_code

TAIL = 20
"""Records of the log that are shown at first."""


class Options(Struct, frozen=True, kw_only=True):
    """What the command line gives."""

    address: str
    code: str = ""
    name: str = ""
    reader: bool = False
    orders: tuple[str, ...] = ()
    seconds: float = 0.0
    server: str = ""
    token: str = ""
    user: str = ""
    password: str | None = None
    ca: Path | None = None
    bind: str = "0.0.0.0"  # noqa: S104
    json: bool = False


def run(options: Options) -> int:
    """Hold the controller until Ctrl-C, the end of the hold, or for `seconds`; return 1 where an order was refused."""
    name = options.name or f"laptop-{socket.gethostname().partition('.')[0].lower()}"[:63]
    if not is_id(name):
        raise Invalid(f"{name!r} is no name.", where="--name", remedy="Lower-case letters, digits and hyphens.")
    code = _code(options.code)
    with tempfile.TemporaryDirectory(prefix="sitewarden-") as folder, asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_hold(options, name, code, Path(folder)))


async def _hold(options: Options, name: str, code: Code, folder: Path) -> int:
    host, number = host_and_port(options.address)
    network = LocalNetwork(Settings(bind=options.bind, data_dir=str(folder)), "cli", folder / "run")
    screen = Screen(json=options.json)
    api = await _signed_in(options)
    hold = Hold(Relay(api, screen.problem) if api is not None else None, screen)
    holder = Holder(
        network,
        SystemClock(),
        folder / "key",
        name=name,
        code=code,
        said=screen.hello,
        doors=hold.door,
        log=hold.log,
        resume=hold.resume,
    )
    hold.holder = holder
    try:
        session = await holder.open(host, number or (1471 if options.reader else 1470))
        return await hold.run(session, options)
    finally:
        if api is not None:
            await api.sign_out()
        await network.close()


class Hold:
    """What happens while the controller is held."""

    def __init__(self, relay: Relay | None, screen: Screen) -> None:
        self.holder: Holder | None = None
        self._relay, self._screen = relay, screen
        self._refused = False

    async def run(self, session: LinkSession, options: Options) -> int:
        """Stay until the end; return the exit status, or raise why the link ended."""
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if options.seconds:
            loop.call_later(options.seconds, stop.set)
        keyboard = Keyboard()
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait(), name="stop")]
        tasks.append(asyncio.create_task(self._obey(options, keyboard, stop), name="orders"))
        if self._relay is not None:
            tasks.append(asyncio.create_task(self._relay.run(), name="relay"))
        try:
            await asyncio.wait((session.closed, tasks[0]), return_when=asyncio.FIRST_COMPLETED)
            ended = session.closed.result() if session.closed.done() else None
        finally:
            keyboard.close()
            session.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if ended is not None:
            raise ended
        return 1 if self._refused else 0

    def door(self, report: wire.DoorReport) -> None:
        """Take how a door is now."""
        if self._relay is not None:
            self._relay.door(report)
        self._screen.door(report)

    async def resume(self, hello: wire.Hello) -> int:
        """Return the index after which the log is wanted: what the server lacks, at least the last records."""
        tail = max(0, hello.last - TAIL)
        if self._relay is None or self.holder is None:
            return tail
        try:
            return min(tail, await self._relay.begin(self.holder.controller, hello.epoch))
        except Refusal as refusal:
            self._screen.problem(f"Nothing is relayed: {refusal}")
            self._relay = None
            return tail

    async def log(self, epoch: int, rows: Rows) -> None:
        """Take records in their order."""
        for index, body in rows:
            self._screen.record(index, body)
        if self._relay is not None:
            await self._relay.take(epoch, rows)

    async def _obey(self, options: Options, keyboard: Keyboard, stop: asyncio.Event) -> None:
        """Carry out the orders of the command line, then what is typed; orders without a keyboard or a time end the hold."""
        for order in options.orders:
            await self._order(order)
        while (line := await keyboard.line()) is not None:
            match line.split():
                case []:
                    continue
                case ["quit" | "exit" | "q"]:
                    stop.set()
                    return
                case ["doors"]:
                    self._screen.doors()
                case _:
                    await self._order(line)
        if options.orders and not options.seconds:
            stop.set()

    async def _order(self, line: str) -> None:
        verb, _, door = line.strip().partition(" ")
        try:
            if self.holder is None or not door.strip():
                raise Invalid(f"{line!r} is no order.", where="order", remedy="Such as: release main-entrance.")
            report = await self.holder.order(door.strip(), verb)
            self._screen.done(line, report)
        except Refusal as refusal:
            self._refused = True
            self._screen.problem(str(refusal))


async def _signed_in(options: Options) -> Api | None:
    if not options.server:
        return None
    host, number = host_and_port(options.server.removeprefix("https://").removeprefix("http://").rstrip("/"))
    found = await asyncio.to_thread(addresses, host)
    if not found:
        raise Unreachable(f"{host} has no address.", where="--server", remedy="Check the name, or give the address.")
    api = Api(host, found[0], number or 8600, ca=options.ca, timeout=10.0)
    if options.token:
        api.use_token(options.token)
    elif options.user:
        password = options.password
        if password is None:
            password = await asyncio.to_thread(getpass.getpass, f"Password of {options.user} on the server: ")
        await api.sign_in(options.user, password)
    else:
        raise Invalid("The server takes nothing from strangers.", where="--server", remedy="Give --token, or --user.")
    return api


def _code(given: str) -> Code:
    if not given.strip() and sys.stdin.isatty():
        given = getpass.getpass("Commissioning code of the controller: ")
    if not given.strip():
        raise Invalid(
            "Who holds a controller proves its commissioning code.",
            where="code",
            remedy="Type it when asked, or set SITEWARDEN_COMMISSIONING_CODE; it is on the controller's label.",
        )
    try:
        return parse_code(given)
    except Invalid:
        raise Invalid(
            "This is not a commissioning code.",
            where="code",
            remedy="Type all 20 characters of the controller's label; U never is one.",
        ) from None
