"""How long a card waits for its lock, through the real link."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import uvloop

from bench.harness import Row, percentile, workspace
from sim.demo_access import card_of, provision, settings
from tests.drivers.link.site import Core, demo

TITLE = "swipe to lock through the real link (TLS 1.3, loopback)"

SWIPES = 1_500
HOST = "127.77.251.1"
ROOT = Path(__file__).resolve().parent.parent


async def link(folder: Path) -> list[Row]:
    """Swipe at controllers that are processes of their own; the core is this process."""
    core = Core(folder, HOST)
    await core.start()
    await core.put(*demo())
    processes: list[asyncio.subprocess.Process] = []
    try:
        front = await _controller(core, "front", processes)
        inner = await _controller(core, "inner", processes)
        matched = await _swipes(front, 0)
        core.emit_gate = lambda: asyncio.sleep(0.2)
        slow = await _swipes(front, 0)
        core.emit_gate = None
        local = await _swipes(inner, 0)
    finally:
        for process in processes:
            process.terminate()
            await process.wait()
        await core.stop()
    return [
        Row(name="swipe to lock, server decides, p50", value=percentile(matched, 0.5), unit="ms", better="lower"),
        Row(name="swipe to lock, server decides, p99", value=percentile(matched, 0.99), unit="ms", better="lower"),
        Row(
            name="the same, every append to the log 200 ms late, p99",
            value=percentile(slow, 0.99),
            unit="ms",
            better="lower",
        ),
        Row(
            name="swipe to lock, controller decides, p99",
            value=percentile(local, 0.99),
            unit="ms",
            better="lower",
            plain=percentile(matched, 0.99),
            plain_name="asking the server",
        ),
    ]


async def _controller(core: Core, name: str, processes: list[asyncio.subprocess.Process]) -> Any:
    data = core.data / "sim"
    provision(core.authority, name, data)
    config, socket = data / f"{name}.toml", str(data / f"{name}.sock")
    found = settings(name, data, HOST)
    locks = "".join(f"[[locks]]\noutput = {lock.output}\n" for lock in found.locks)
    config.write_text(
        f'node = "{name}"\ndata = "{found.data}"\nreaders = [0, 1, 2]\n[server]\nhost = "{HOST}"\nport = 1480\n{locks}'
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sim.controller", "--config", str(config), "--control", socket,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    )  # fmt: skip
    processes.append(process)
    assert process.stdout is not None
    await process.stdout.readline()
    reader, writer = await asyncio.open_unix_connection(socket)
    while not (state := await _ask(reader, writer, op="state"))["connected"] or not state["rules"]:
        await asyncio.sleep(0.02)
    return reader, writer


async def _swipes(controller: Any, reader: int) -> list[float]:
    """Milliseconds from the card to the reader's answer, which the lock precedes."""
    source, writer = controller
    waits = []
    for number in range(SWIPES):
        answer = await _ask(source, writer, op="swipe", reader=reader, card=card_of("hugo"))
        assert answer["signal"] == "granted"
        if number >= 100:
            waits.append(answer["answered_after"] * 1000)
        await asyncio.sleep(0.001)
    return waits


async def _ask(source: asyncio.StreamReader, sink: asyncio.StreamWriter, **asked: Any) -> dict[str, Any]:
    sink.write(json.dumps(asked).encode() + b"\n")
    said: dict[str, Any] = json.loads(await source.readline())
    return said


def run() -> list[Row]:
    """Measure all."""
    with workspace("access") as folder:
        return uvloop.run(link(folder))
