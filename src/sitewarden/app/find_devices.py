"""`sitewarden discover devices`: asked of the server where it runs, done by this computer where it does not."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.app import show
from sitewarden.app.doctor.facts import running
from sitewarden.app.local import Ask, with_platform
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Conflict, Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.net.interfaces_table import interfaces
from sitewarden.net.links import networks
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.discovery.search import Search, places
from sitewarden.services.discovery.sightings import Sightings
from sitewarden.services.surface.devices import FoundDevice, FoundDevices

POLL_SECONDS: Final = 0.25
KINDS: Final = {"camera": "camera", "access": "door controller", "other": "other"}
WAYS: Final = {"upnp": "UPnP", "onvif": "ONVIF"}


def devices(settings_path: Path | None, asked: tuple[str, ...], seconds: float, *, json: bool) -> None:
    """Search, and print what was found, cameras first."""
    settings = load(settings_path)
    if running(settings):
        found = with_platform(settings, lambda ask: _by_server(ask, asked, seconds))
    else:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            found = runner.run(_by_this_computer(settings, asked, seconds))
    if json:
        show.as_json(found)
        return
    for problem in found.search.problems:
        show.err.print(problem, soft_wrap=True, markup=False)
    show.table(
        [_line(each) for each in found.items],
        (
            ("kind", "kind"),
            ("address", "address"),
            ("name", "name"),
            ("maker", "maker"),
            ("model", "model"),
            ("found", "found by"),
            ("site", "in the site"),
            ("onvif", "ONVIF"),
        ),
        empty=f"No device answered on {', '.join(found.search.interfaces)}. Is multicast passed by the switches in between?",
    )


async def _by_server(ask: Ask, asked: tuple[str, ...], seconds: float) -> FoundDevices:
    try:
        await ask("network.search", interfaces=list(asked), seconds=seconds)
    except Conflict:
        show.err.print("A search runs already; its results follow.")
    while True:
        found = msgspec.convert(await ask("network.devices"), FoundDevices)
        if not found.search.running:
            return found
        await asyncio.sleep(POLL_SECONDS)


async def _by_this_computer(settings: Settings, asked: tuple[str, ...], seconds: float) -> FoundDevices:
    chosen, problems = places(asked, interfaces(), settings)
    if not chosen:
        raise Unreachable(problems[0], where="--interface")
    with tempfile.TemporaryDirectory(prefix="sitewarden-") as directory:
        network = LocalNetwork(settings, "cli", directory)
        try:
            sightings = Sightings()
            search = Search(network, SystemClock(), sightings, chosen, seconds, problems, networks())
            await search.run()
        finally:
            await network.close()
    return FoundDevices(search=search.state, items=tuple(sightings.rows({})))


def _line(device: FoundDevice) -> dict[str, str | list[str]]:
    return {
        "kind": KINDS[device.kind],
        "address": device.address,
        "name": device.name,
        "maker": device.maker,
        "model": device.model,
        "found": [WAYS[way] for way in device.found],
        "site": list(device.site),
        "onvif": list(device.services),
    }
