"""Everything at once: streams recorded, points polled and stored, TLS viewers, an export, and a door that must not wait.

The cameras, the machine and the controller are simulated in processes of their own on the same two cores as the server.
A swipe is timed at the controller's board, from the card shown until the lock is driven; the server decides it.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import httpx
import msgspec
import tomli_w
from websockets.asyncio.client import connect

from bench._rig import HOST, Rig, beside
from bench.harness import Row, percentile, workspace
from sim import demo_points
from sitewarden.domain.access.cards import encode_h10301, format_card
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.entity import Entity
from sitewarden.domain.video.model import Camera
from sitewarden.net.tls import Authority, NodeKey
from sitewarden.nodes.controller.settings import ControllerSettings, LockSettings, ServerSettings

TITLE = "combined: 64 streams, 20,000 points/s, 20 TLS viewers, an export, and a door matched by the server"
STREAMS = int(os.environ.get("SITEWARDEN_BENCH_STREAMS", "64"))
UNITS = int(os.environ.get("SITEWARDEN_BENCH_UNITS", "160"))
VIEWERS = int(os.environ.get("SITEWARDEN_BENCH_VIEWERS", "20"))
SECONDS = float(os.environ.get("SITEWARDEN_BENCH_SECONDS", "30"))
SWIPE_EVERY = 0.2
RTSP, MODBUS = 8554, 5020
CARD = format_card(26, encode_h10301(7, 4711))
SECOND = 1_000_000


def entities() -> list[Entity]:
    """Return the site: cameras, the fleet's points, one door matched by the server."""
    cameras = [Camera(id=f"cam-{n}", name=f"Camera {n}", url=f"rtsp://{HOST}:{RTSP}/cam-{n}") for n in range(STREAMS)]
    door: list[Entity] = [
        Controller(id="bench", name="Bench", matching="server"),
        Door(id="door", name="Door", controller="bench", output=0, release_time=0.05),
        AccessPoint(id="in", name="In", door="door", reader=0),
        Schedule(id="always", name="Always"),
        AccessProfile(id="all", name="All", policies=(AccessPolicy(schedule="always", access_point="in"),)),
        CredentialHolder(id="ada", name="Ada"),
        Credential(id="card", name="Card", holder="ada", card=CARD, profiles=(CredentialProfile(profile="all"),)),
    ]
    return [*cameras, *demo_points.fleet(HOST, MODBUS, units=UNITS), *door]


def controller(rig: Rig, data: Path) -> tuple[list[str], Path]:
    """Pair the controller; return its command and its control socket."""
    made = ControllerSettings(
        node="bench",
        data=str(data / "bench"),
        server=ServerSettings(host=HOST),
        locks=(LockSettings(output=0),),
        readers=(0,),
    )
    key = NodeKey(data / "bench" / "identity")
    authority = Authority.open(rig.places.tls)
    key.accept(authority.sign(key.request("bench"), "bench"), authority.pem)
    file, socket = data / "bench.toml", data / "bench.sock"
    document = {name: value for name, value in msgspec.to_builtins(made).items() if value is not None}
    document["locks"] = [{name: value for name, value in lock.items() if value is not None} for lock in document["locks"]]
    file.write_text(tomli_w.dumps(document))
    return ["sim.controller", "--config", str(file), "--control", str(socket)], socket


class Load:
    """What was counted while everything ran."""

    def __init__(self) -> None:
        self.swipes: list[float] = []
        self.refused = 0
        self.fragments = 0
        self.exported = 0

    async def swipe(self, socket: Path, until: float) -> None:
        """Show the card again once the lock has fallen."""
        reader, writer = await asyncio.open_unix_connection(str(socket))
        order = json.dumps({"op": "swipe", "reader": 0, "card": CARD}).encode() + b"\n"
        while time.monotonic() < until:
            writer.write(order)
            said = json.loads(await reader.readline())
            if said.get("released_after") is None:
                self.refused += 1
            else:
                self.swipes.append(said["released_after"] * 1000)
            await asyncio.sleep(SWIPE_EVERY)
        writer.close()

    async def watch(self, rig: Rig, camera: str, cookie: str, until: float) -> None:
        """Look at a camera live over TLS."""
        url = f"{rig.url.replace('https', 'wss')}/api/v1/cameras/{camera}/live"
        headers = {"Cookie": cookie}
        async with connect(
            url,
            ssl=rig.tls(),
            additional_headers=headers,
            origin=rig.url,
            compression=None,
            max_size=1 << 24,  # type: ignore[arg-type]
        ) as live:
            while time.monotonic() < until:
                await live.recv()
                self.fragments += 1

    async def export(self, rig: Rig, cookie: str, until: float) -> None:
        """Download recordings without a pause."""
        async with httpx.AsyncClient(
            base_url=f"{rig.url}/api/v1", headers={"Cookie": cookie}, verify=rig.tls(), timeout=60
        ) as client:
            while time.monotonic() < until:
                now = time.time_ns() // 1000
                span = {"start": now - 30 * SECOND, "end": now}
                async with client.stream("GET", "/cameras/cam-0/playback.mp4", params=span) as answer:
                    async for piece in answer.aiter_bytes(1 << 16):
                        self.exported += len(piece)
                        if time.monotonic() > until:
                            return


async def measure(rig: Rig, socket: Path, cookie: str) -> Load:
    """Run the load for the time of the bench."""
    load = Load()
    until = time.monotonic() + SECONDS
    viewers = [load.watch(rig, f"cam-{number % STREAMS}", cookie, until) for number in range(VIEWERS)]
    await asyncio.gather(load.swipe(socket, until), load.export(rig, cookie, until), *viewers)
    return load


def connected(socket: Path) -> bool:
    """Tell whether the controller is connected to the server."""

    async def ask() -> bool:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        writer.write(b'{"op": "state"}\n')
        said = json.loads(await reader.readline())
        writer.close()
        return bool(said["connected"])

    try:
        return asyncio.run(ask())
    except OSError:
        return False


def wait(condition: object, seconds: float, what: str) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.5)


def recorded(rig: Rig) -> int:
    """Return the bytes of all recordings."""
    return sum(path.stat().st_size for path in rig.places.media.rglob("*") if path.is_file())


def run() -> list[Row]:
    """Return the figures."""
    with workspace("combined") as base:
        data = base / "data"
        rig = Rig(data, tls=True)
        rig.put(entities())
        swiper, socket = controller(rig, base)
        fleet = ["sim.camera_fleet", "--host", HOST, "--port", str(RTSP), "--count", str(STREAMS)]
        machine = ["sim.modbus", "--host", HOST, "--port", str(MODBUS), "--fleet", str(UNITS)]
        with beside(fleet, machine):
            rig.start()
            try:
                with beside(swiper), rig.client() as client:
                    wait(lambda: connected(socket), 30, "the controller")
                    wait(lambda: online(client, "camera") == STREAMS, 90, "every camera")
                    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
                    time.sleep(10)
                    bytes_before, used_before, begun = recorded(rig), rig.processor_seconds(), time.monotonic()
                    load = asyncio.run(measure(rig, socket, cookie))
                    taken = time.monotonic() - begun
                    written, used = recorded(rig) - bytes_before, rig.processor_seconds()
                    fresh = fresh_points(client)
            finally:
                rig.stop()
    shares = ", ".join(f"{name} {100 * (used[name] - used_before[name]) / taken:.0f}" for name in sorted(used_before))
    return [
        Row(
            name="swipe to lock, p50",
            value=percentile(load.swipes, 0.5),
            unit="ms",
            better="lower",
            note=f"{len(load.swipes)} swipes",
        ),
        Row(name="swipe to lock, p99", value=percentile(load.swipes, 0.99), unit="ms", better="lower", note="aim: 10 ms or less"),
        Row(name="swipes not released", value=load.refused, unit="swipes", better="lower"),
        Row(name="recorded", value=written * 8 / taken / 1e6, unit="Mbit/s", note=f"{STREAMS} streams sent at 4 Mbit/s each"),
        Row(name="points fresh", value=100 * fresh, unit="%", note=f"of {UNITS * 125:,} polled each second: age under 3 s"),
        Row(name="live to TLS viewers", value=load.fragments / taken, unit="frames/s", note=f"{VIEWERS} viewers at 30 frames/s"),
        Row(name="export", value=load.exported * 8 / taken / 1e6, unit="Mbit/s"),
        Row(
            name="processor, all processes",
            value=sum(100 * (used[n] - used_before[n]) / taken for n in used_before),
            unit="% of a core",
            better="lower",
            note=shares,
        ),
    ]


def online(client: httpx.Client, kind: str) -> int:
    """Count the entities of a kind that are online."""
    return sum(item["state"] == "online" for item in client.get("/status", params={"kind": kind}).json()["items"])


def fresh_points(client: httpx.Client) -> float:
    """Return the share of points whose last value is younger than three seconds."""
    now = time.time_ns() // 1000
    found = client.get("/points/values").json()["items"]
    return sum(now - item["source_time"] < 3 * SECOND for item in found) / max(1, UNITS * 125)
