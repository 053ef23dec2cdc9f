"""A board on a network of its own, and what it told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sim.osdp_reader import OsdpReader
from sitewarden.config import Settings
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.board.board import Board, board_of
from sitewarden.nodes.controller.hardware import ReaderNews
from sitewarden.nodes.controller.settings import ControllerSettings, load

KEY = bytes(range(16))
PATIENCE = 60.0


class Told:
    """Implements `Events`."""

    def __init__(self) -> None:
        self.all: list[tuple[Any, ...]] = []

    def card(self, reader: int, bits: int, value: int) -> None:
        self.all.append(("card", reader, f"{bits}:{value:x}"))

    def pin(self, reader: int, digits: str) -> None:
        self.all.append(("pin", reader, digits))

    def input(self, number: int, active: bool) -> None:
        self.all.append(("input", number, active))

    def reader(self, reader: int, news: ReaderNews, detail: str) -> None:
        self.all.append((news, reader, detail))

    def kinds(self) -> list[str]:
        return [one[0] for one in self.all]


async def until(done: Callable[[], Any], what: str) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.005)
    assert done(), what


@contextmanager
def reader(host: str, **options: Any) -> Iterator[tuple[OsdpReader, int]]:
    """Run a reader over TCP; yield it and its port."""
    one = OsdpReader(options.pop("key", KEY), **options)
    try:
        yield one, one.listen(host)
    finally:
        one.close()


def settings_of(folder: Path, text: str) -> ControllerSettings:
    """Read settings as the controller does."""
    path = folder / "controller.toml"
    path.write_text(f'node = "edge"\ndata = "{folder}/data"\n{text}')
    return load(path)


def key_file(folder: Path, key: bytes = KEY) -> Path:
    """Write a key as an integrator would."""
    path = folder / "reader.key"
    path.write_text(key.hex() + "\n")
    path.chmod(0o600)
    return path


@asynccontextmanager
async def running(folder: Path, settings: ControllerSettings) -> AsyncIterator[tuple[Board, Told]]:
    """Run a board until the end of the block."""
    network = LocalNetwork(Settings.for_test("127.0.0.1"), "controller", folder / "run")
    board, told = board_of(settings, network), Told()
    board.start(told)
    try:
        yield board, told
    finally:
        board.close()
        await network.close()
