"""A thousand controllers on one server: cards decided by it while their logs come in, and all of them back after a restart.

The server is a whole node. The controllers are one further process (`bench/_fleet.py`) that speaks the link over TLS 1.3, each
from an address of its own. A swipe is timed there: from the question to the decision, on which the lock is driven. After each the
record of it is uploaded and stored. For the restart the node is stopped, each controller has its records waiting, and the node is
started.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench._fleet import CARD
from bench._rig import ENVIRONMENT, HOST, Rig
from bench.harness import Row, percentile, workspace
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.entity import Entity
from sitewarden.net.tls import Authority, NodeKey
from sitewarden.net.tls.files import Pair, write_pair

TITLE = "1,000 controllers over TLS on loopback: server-matched swipes, and a restart with full logs"
COUNT = int(os.environ.get("SITEWARDEN_BENCH_CONTROLLERS", "1000"))
RECORDS = int(os.environ.get("SITEWARDEN_BENCH_RECORDS", "1000"))
RATE = float(os.environ.get("SITEWARDEN_BENCH_SWIPES", "500"))
SECONDS = float(os.environ.get("SITEWARDEN_BENCH_SECONDS", "20"))


def entities() -> list[Entity]:
    """Return a controller, a door and an access point for each of the fleet, and one person who may pass all."""
    every: list[Entity] = [
        Schedule(id="always", name="Always"),
        AccessProfile(
            id="all",
            name="All",
            policies=tuple(AccessPolicy(schedule="always", access_point=f"a{n}") for n in range(COUNT)),
        ),
        CredentialHolder(id="ada", name="Ada"),
        Credential(id="card", name="Card", holder="ada", card=CARD, profiles=(CredentialProfile(profile="all"),)),
    ]
    for n in range(COUNT):
        every.append(Controller(id=f"c{n}", name=f"Controller {n}", matching="server"))
        every.append(Door(id=f"d{n}", name=f"Door {n}", controller=f"c{n}"))
        every.append(AccessPoint(id=f"a{n}", name=f"Door {n}, in", door=f"d{n}"))
    return every


def provision(rig: Rig, folder: Path) -> None:
    """Give each controller a key and the site's certificate."""
    authority = Authority.open(rig.places.tls)
    (folder / "ca.pem").write_bytes(authority.pem)
    key = NodeKey(folder / "key")
    for n in range(COUNT):
        chain = authority.sign(key.request(f"c{n}"), f"c{n}")
        write_pair(Pair(folder / f"c{n}.pem", folder / f"c{n}.key"), chain, key.pair.key.read_bytes())


class Driver:
    """The fleet's process."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench._fleet", str(folder), HOST, str(COUNT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
            text=True,
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order and wait for what comes of it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)


def run() -> list[Row]:
    """Measure."""
    with workspace("controllers") as base:
        rig = Rig(base / "data", tls=True)
        rig.put(entities())
        folder = base / "fleet"
        folder.mkdir()
        provision(rig, folder)
        fleet = Driver(folder)
        try:
            rig.start()
            begun = time.monotonic()
            fleet.ask(do="connect")
            connected = time.monotonic() - begun
            fleet.ask(do="swipe", rate=RATE, seconds=3)
            fleet.ask(do="drained")
            before = rig.processor_seconds()["core"]
            swiped = fleet.ask(do="swipe", rate=RATE, seconds=SECONDS)
            used = (rig.processor_seconds()["core"] - before) / SECONDS
            fleet.ask(do="drained")
            rig.stop()
            total = fleet.ask(do="buffer", records=RECORDS)["total"]
            begun = time.monotonic()
            rig.start()
            ready = time.monotonic()
            stored = fleet.ask(do="drained")["at"]
            memory, spent = rig.memory()["core"], rig.processor_seconds()["core"]
        finally:
            fleet.stop()
            rig.stop()
        kept, distinct = count(rig.places.events)
    waits = [1000 * wait for wait in swiped["waits"]]
    per = f"{COUNT:,} controllers connected, {RATE:g} swipes/s for {SECONDS:g} s, each also logged and stored"
    return [
        Row(name="connect all, with hello, log and rules", value=connected, unit="s", better="lower"),
        Row(name="swipe to decision, server decides, p50", value=percentile(waits, 0.5), unit="ms", better="lower", note=per),
        Row(name="the same, p99", value=percentile(waits, 0.99), unit="ms", better="lower", note="aim: 10 ms or less"),
        Row(name="swipes that failed", value=swiped["failed"], unit="swipes", better="lower"),
        Row(name="processor of core meanwhile", value=100 * used, unit="% of a core", better="lower"),
        Row(
            name=f"restart: {COUNT * RECORDS:,} buffered records confirmed",
            value=stored - ready,
            unit="s",
            better="lower",
            note=f"after the node was ready, {stored - begun:.0f} s after its start; aim: 60 s or less",
        ),
        Row(
            name="processor of core for it",
            value=spent,
            unit="s",
            better="lower",
            note="since its start: 1,000 handshakes and rules among it; what a machine that is shared stretches",
        ),
        Row(name="records lost", value=total - distinct, unit="records", better="lower", note=f"of {total:,}"),
        Row(name="records doubled", value=kept - distinct, unit="records", better="lower"),
        Row(name="memory of core", value=memory, unit="MiB", better="lower"),
    ]


def count(path: Path) -> tuple[int, int]:
    """Return how many events came from the fleet, and how many different (controller, index) they have."""
    with sqlite3.connect(path) as db:
        kept, distinct = db.execute(
            "SELECT count(*), count(DISTINCT origin || '/' || idx) FROM events WHERE epoch = 1"
        ).fetchone()
    return int(kept), int(distinct)
