"""`python -m sim.controller --config front.toml`: the edge controller itself, on a simulated board with people at its doors.

With `--control PATH` it takes one JSON object a line on a Unix socket and answers with one: {"op": "swipe", "reader": 0, "card":
"26:2a6f3b1"}, {"op": "pin", "reader": 0, "digits": "2468"}, {"op": "input", "line": 0, "active": true}, {"op": "state"}.

It is found by a search on UDP 51110: with `--address 127.0.0.21/8` on loopback, with `--interface eth0` on a real network. Its
commissioning code is printed at its first start, as a label would show it.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from sim.board import Answer, Board, People
from sim.demo_access import CARDS
from sim.wiring import SimWiring
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.addresses import FixedNetwork
from sitewarden.nodes.controller.node import ControllerNode
from sitewarden.nodes.controller.settings import ControllerSettings, load
from sitewarden.wire.device_udp import Ipv4

LINE_LIMIT = 64 * 1024


class SimController:
    """A controller with its board, for tests and for the process."""

    def __init__(self, settings: ControllerSettings, network: LocalNetwork | None = None, **more: Any) -> None:
        """`more` goes to ControllerNode: code, executor, pair_every, board, confirm_seconds."""
        self.settings = settings
        data = Path(settings.data)
        data.mkdir(parents=True, exist_ok=True)
        self._own = network is None
        self.network = network or LocalNetwork(Settings.for_test("127.0.0.1", data), "controller", data / "run")
        self.board = Board(settings.locks)
        if more.get("board") is None and not settings.interface:
            more["board"] = FixedNetwork(self.network.settings.bind)
        self.node = ControllerNode(settings, self.board, self.network, **more)
        self.node.controller.on_rules = self._rules_came
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []

    async def run(self) -> None:
        """Run until cancelled."""
        try:
            await self.node.run()
        finally:
            if self._own:
                await self.network.close()

    async def wait_ready(self) -> None:
        """Return once the server takes its log."""
        uplink = self.node.uplink
        if uplink is None:
            raise RuntimeError("this controller has no server")
        await uplink.ready.wait()

    async def wait_rules(self, version: int = 1) -> None:
        """Return once it decides by rules of at least this version."""
        rules = self.node.controller.rules
        if rules is None or rules.version < version:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((version, waiter))
            await waiter

    def _rules_came(self, version: int) -> None:
        for wanted, waiter in self._waiters:
            if version >= wanted and not waiter.done():
                waiter.set_result(None)

    def state(self) -> dict[str, Any]:
        """Return how it is, JSON-like."""
        controller, uplink = self.node.controller, self.node.uplink
        return {
            "node": self.settings.node,
            "connected": uplink is not None and uplink.ready.is_set(),
            "rules": controller.rules.version if controller.rules is not None else 0,
            "zones": sorted(controller.rules.zone_at) if controller.rules is not None else [],
            "epoch": controller.journal.epoch,
            "last": controller.journal.last,
            "confirmed": controller.journal.confirmed,
            "outputs": self.board.outputs,
            "doors": [msgspec.to_builtins(msgspec.structs.asdict(report)) for report in controller.reports()],
        }

    async def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Carry out one line of the control socket."""
        match asked:
            case {"op": "swipe", "reader": int(reader), "card": str(card)}:
                return _said(await self.board.swipe(reader, card))
            case {"op": "pin", "reader": int(reader), "digits": str(digits)}:
                return _said(await self.board.enter(reader, digits))
            case {"op": "input", "line": int(line), "active": bool(active)}:
                self.board.set_input(line, active)
                return {"ok": True}
            case {"op": "state"}:
                return self.state()
        return {"error": f"not understood: {asked}"}


def _said(answer: Answer) -> dict[str, Any]:
    released = None if answer.released is None else answer.released - answer.shown
    return {"signal": answer.signal, "released_after": released, "answered_after": answer.signalled - answer.shown}


async def control(sim: SimController, path: str) -> asyncio.Server:
    """Serve the control socket."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                try:
                    said = await sim.answer(msgspec.json.decode(line, type=dict[str, Any]))
                except (msgspec.DecodeError, ValueError, Refusal) as error:
                    said = {"error": str(error)}
                writer.write(msgspec.json.encode(said) + b"\n")
                await writer.drain()
        except (ConnectionError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    await asyncio.to_thread(Path(path).unlink, missing_ok=True)
    return await asyncio.start_unix_server(serve, path, limit=LINE_LIMIT)


def wiring(arguments: argparse.Namespace, settings: ControllerSettings) -> SimWiring | None:
    """Return the network settings that the command line gives; None for those of the computer."""
    if not arguments.address and not arguments.interface:
        return None
    first = ipaddress.IPv4Interface(arguments.address or "0.0.0.0/0")
    file = Path(settings.data) / "network.json"
    return SimWiring(file, Ipv4(False, str(first.ip), first.network.prefixlen), arguments.interface)


async def main(arguments: argparse.Namespace) -> None:
    """Run one simulated controller until it is told to stop; a reset over the network starts it anew."""
    while await once(arguments):
        pass


async def once(arguments: argparse.Namespace) -> bool:
    """Run it once; True where it is to start again."""
    settings = load(Path(arguments.config))
    sim = SimController(settings, code=arguments.code, board=wiring(arguments, settings))
    tasks = [asyncio.create_task(sim.run())]
    server = await control(sim, arguments.control) if arguments.control else None
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await sim.node.started.wait()
    if arguments.rate > 0:
        people = People(sim.board, settings.locks, settings.readers, CARDS, arguments.seed)
        tasks.append(asyncio.create_task(people.run(arguments.rate)))
    print(f"controller {settings.node} runs", flush=True)  # noqa: T201
    if sim.node.commissioning.fresh:
        print(f"commissioning code of {settings.node}: {sim.node.commissioning.code}", flush=True)  # noqa: T201
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (waiting, *tasks):
        task.cancel()
    results = await asyncio.gather(waiting, *tasks, return_exceptions=True)
    if server is not None:
        server.close()
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
    return sim.node.restarting.is_set() and not stop.is_set()


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="sim.controller", description="An edge controller on a simulated board.")
    parser.add_argument("--config", required=True, help="settings of the controller (TOML)")
    parser.add_argument("--code", default="", help="pairing code, where it is not paired yet")
    parser.add_argument("--rate", type=float, default=0.0, help="people a minute; 0 for none")
    parser.add_argument("--seed", type=int, default=1, help="seed of the people's habits")
    parser.add_argument("--address", default="", help="its first address and network, such as 127.0.0.21/8")
    parser.add_argument("--interface", default="", help="interface of its own whose address may be changed")
    parser.add_argument("--control", default="", help="path of the control socket")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with suppress(KeyboardInterrupt):
        asyncio.run(main(parse()))
