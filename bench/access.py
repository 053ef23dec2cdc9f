"""Decisions a second, and how long a card waits for its lock."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

from bench.harness import Row, percentile, workspace
from sim.demo_access import OFFICE_HOURS, card_of, provision, settings
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.clock import HOUR
from tests.drivers.link.site import Core, demo

TITLE = "decisions, and swipe to lock through the real link (TLS 1.3, loopback)"

CREDENTIALS = 100_000
DOORS = 1_000
SWIPES = 1_500
HOST = "127.77.251.1"
ROOT = Path(__file__).resolve().parent.parent


def site() -> dict[str, Any]:
    """A site of 100,000 credentials, 1,000 access points and 10,000 policies."""
    draw = random.Random(7)
    schedules = [Schedule(id=f"s{n}", name=f"S{n}", icalendar=OFFICE_HOURS if n else "") for n in range(20)]
    profiles = [
        AccessProfile(
            id=f"p{n}",
            name=f"P{n}",
            policies=tuple(
                AccessPolicy(schedule=f"s{draw.randrange(20)}", access_point=f"a{point}")
                for point in draw.sample(range(DOORS), 50)
            ),
        )
        for n in range(200)
    ]
    return {
        "controllers": [Controller(id="c", name="C")],
        "doors": [Door(id=f"d{n}", name=f"D{n}", controller="c") for n in range(DOORS)],
        "access_points": [AccessPoint(id=f"a{n}", name=f"A{n}", door=f"d{n}") for n in range(DOORS)],
        "schedules": schedules,
        "profiles": profiles,
        "holders": [CredentialHolder(id=f"h{n}", name=f"H{n}") for n in range(CREDENTIALS)],
        "credentials": [
            Credential(
                id=f"k{n}",
                name=f"K{n}",
                holder=f"h{n}",
                card=f"26:{n:x}",
                profiles=tuple(CredentialProfile(profile=f"p{draw.randrange(200)}") for _ in range(3)),
            )
            for n in range(CREDENTIALS)
        ],
    }


def engine() -> list[Row]:
    """Compile, and decide on one core."""
    entities = site()
    started = time.perf_counter()
    snapshot = compile(version=1, zone="Europe/Berlin", **entities)
    rules = Rules(snapshot)
    compiled = time.perf_counter() - started
    packed = rules.packed()
    draw = random.Random(3)
    now = time.time_ns() // 1000
    asked = [
        (
            Request(access_point=f"a{draw.randrange(DOORS)}", card=f"26:{draw.randrange(CREDENTIALS + 5000):x}"),
            now + draw.randrange(HOUR),
        )
        for _ in range(100_000)
    ]
    door = DoorContext()
    for request, at in asked[:20_000]:
        decide(rules, request, door, at)
    started = time.perf_counter()
    for request, at in asked:
        decide(rules, request, door, at)
    taken = time.perf_counter() - started
    single = []
    for request, at in asked[:20_000]:
        begun = time.perf_counter()
        decide(rules, request, door, at)
        single.append((time.perf_counter() - begun) * 1e6)
    return [
        Row(
            name="decisions, one core",
            value=len(asked) / taken,
            unit="1/s",
            note="100,000 credentials, 10,000 policies, 20 schedules, each decision with its explanation",
        ),
        Row(name="decision p99", value=percentile(single, 0.99), unit="µs", better="lower"),
        Row(name="compile and load", value=compiled, unit="s", better="lower", note="100,000 credentials"),
        Row(name="rules as they travel", value=len(packed.data) / 1e6, unit="MB", better="lower", note="compressed"),
    ]


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
        return [*engine(), *uvloop.run(link(folder))]
