"""From a card at an OSDP reader to the controller, and from a signal to the reader; beside libosdp's own Python wrapper."""

from __future__ import annotations

import asyncio
import random
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import osdp
import osdp_sys

from bench.harness import Row, percentile, workspace
from sim.osdp_reader import OsdpReader
from sitewarden.config import Settings
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.board.board import board_of
from sitewarden.nodes.controller.settings import load

TITLE = "One OSDP reader (libosdp's peripheral device, stepped every millisecond) over TCP on loopback, secure channel on"
HOST = "127.0.0.1"
KEY = bytes(range(16))
CARDS = 100
PATIENCE = 20.0


class Events:
    """Takes the time of each card."""

    def __init__(self) -> None:
        self.online = asyncio.Event()
        self.card_at: asyncio.Future[float] | None = None

    def card(self, reader: int, bits: int, value: int) -> None:
        if self.card_at is not None and not self.card_at.done():
            self.card_at.set_result(time.perf_counter())

    def pin(self, reader: int, digits: str) -> None: ...

    def input(self, number: int, active: bool) -> None: ...

    def reader(self, reader: int, news: str, detail: str) -> None:
        if news == "online":
            self.online.set()


@contextmanager
def far_reader() -> Iterator[tuple[OsdpReader, int]]:
    reader = OsdpReader(KEY)
    try:
        yield reader, reader.listen(HOST)
    finally:
        reader.close()


def shown_at(reader: OsdpReader, before: int) -> bool:
    return any(one["command"] == osdp_sys.CMD_LED for one in reader.commands[before:])


async def ours(folder: Path) -> tuple[list[float], list[float]]:
    """Return seconds from card to event, and from signal to reader."""
    with far_reader() as (reader, port):
        (folder / "key").write_text(KEY.hex())
        (folder / "key").chmod(0o600)
        (folder / "controller.toml").write_text(
            f'node = "bench"\ndata = "{folder}"\n[[osdp]]\nname = "bench"\nhost = "{HOST}"\nport = {port}\n'
            f'[[osdp.readers]]\nreader = 1\nkey_file = "{folder}/key"\n'
        )
        network = LocalNetwork(Settings.for_test(HOST), "controller", folder / "run")
        board, events, loop = board_of(load(folder / "controller.toml"), network), Events(), asyncio.get_running_loop()
        board.start(events)
        await asyncio.wait_for(events.online.wait(), PATIENCE)
        cards, signals = [], []
        for _ in range(CARDS):
            await asyncio.sleep(random.uniform(0.05, 0.1))
            events.card_at = loop.create_future()
            shown = reader.card("26:2a6f3b1")
            cards.append(await asyncio.wait_for(events.card_at, PATIENCE) - shown)
        for _ in range(CARDS):
            await asyncio.sleep(random.uniform(0.05, 0.1))
            before, began = len(reader.commands), time.perf_counter()
            board.signal(1, "granted")
            while not shown_at(reader, before):
                await asyncio.sleep(0.0005)
            signals.append(time.perf_counter() - began)
        board.close()
        await network.close()
    return cards, signals


class SocketChannel(osdp.Channel):
    """The channel as the wrapper's own examples have it."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._socket = socket.create_connection((HOST, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)

    def read(self, max_bytes: int) -> bytes:
        try:
            return self._socket.recv(max_bytes)
        except BlockingIOError:
            return b""

    def write(self, buf: bytes) -> int:
        return self._socket.send(buf)

    def flush(self) -> None:
        while self.read(4096):
            pass

    def close(self) -> None:
        self._socket.close()


def plain() -> tuple[list[float], list[float]]:
    """Do the same with the wrapper's ControlPanel and its thread."""
    with far_reader() as (reader, port):
        arrived: list[float] = []

        def handler(_: int, event: dict[str, Any]) -> int:
            if event["event"] == osdp.Event.CardRead:
                arrived.append(time.perf_counter())
            return 0

        channel = SocketChannel(port)
        info = osdp.PDInfo(0, channel, scbk=KEY, flags=[osdp.LibFlag.EnforceSecure])
        panel = osdp.ControlPanel([info], log_level=osdp.LogLevel.Emergency, event_handler=handler)
        panel.start()
        cards, signals = [], []
        try:
            if not panel.sc_wait_all(PATIENCE):
                raise RuntimeError("the wrapper's panel does not get the reader online")
            for _ in range(CARDS):
                time.sleep(random.uniform(0.05, 0.1))
                arrived.clear()
                shown = reader.card("26:2a6f3b1")
                while not arrived:
                    time.sleep(0.0005)
                cards.append(arrived[0] - shown)
            led = {
                "command": osdp.Command.LED, "reader": 0, "led_number": 0, "temporary": True, "control_code": 2,
                "on_color": 2, "off_color": 0, "on_count": 30, "off_count": 0, "timer_count": 30,
            }  # fmt: skip
            for _ in range(CARDS):
                time.sleep(random.uniform(0.05, 0.1))
                before, began = len(reader.commands), time.perf_counter()
                panel.submit_command(0, led)
                while not shown_at(reader, before):
                    time.sleep(0.0005)
                signals.append(time.perf_counter() - began)
        finally:
            panel.teardown()
            channel.close()
    return cards, signals


def run() -> list[Row]:
    """Measure both."""
    with workspace("osdp") as folder, asyncio.Runner(loop_factory=new_event_loop) as runner:
        cards, signals = runner.run(ours(folder))
    plain_cards, plain_signals = plain()
    name = "libosdp's Python wrapper, whose thread sleeps 20 ms between two steps"
    figures = (("card to hardware event", cards, plain_cards), ("signal to the reader's LED", signals, plain_signals))
    return [
        Row(
            name=what,
            value=statistics.median(mine) * 1000,
            unit="ms, p50",
            better="lower",
            plain=statistics.median(theirs) * 1000,
            plain_name=name,
            note=f"p99 {percentile(mine, 0.99) * 1000:.1f} against {percentile(theirs, 0.99) * 1000:.1f} ms",
        )
        for what, mine, theirs in figures
    ]
