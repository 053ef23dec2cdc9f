"""A node from start to stop: preflight, its processes, the address to open, Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sitewarden.app import show
from sitewarden.app.places import Places
from sitewarden.app.supervisor import Child, Supervisor, python
from sitewarden.app.uses import kept
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Refusal
from sitewarden.net.preflight import preflight

READY_SECONDS = 60.0
MAIN_PORT = "server"


def run(settings_path: Path | None) -> int:
    """Run the node of a settings file until Ctrl-C; return the exit status."""
    settings = load(settings_path)
    places = Places.of(settings)
    if not places.set_up:
        raise Refusal(
            "this node is not set up yet",
            where=str(places.data),
            remedy="Run `sitewarden init` first, or `sitewarden demo` to look.",
        )
    return serve(settings, settings_path or Path("sitewarden.toml"), ())


def serve(settings: Settings, settings_path: Path, more: Sequence[Child]) -> int:
    """Start the node's processes, and the demo's machines (`more`) beside them; return when all have ended."""
    check_ports(settings)
    return asyncio.run(_serve(settings, settings_path, more))


def check_ports(settings: Settings) -> None:
    """Say which ports this node cannot have and what to do; refuse to start only without the port that people come through."""
    plan = kept(Places.of(settings).uses)
    findings = [finding for finding in preflight(settings, plan) if finding.level == "error"]
    missing = next((finding for finding in findings if finding.port == MAIN_PORT), None)
    if missing is not None:
        raise Refusal(missing.what, where=f"port {missing.port}", remedy=missing.remedy)
    for finding in findings:
        show.err.print(f"Goes on without port {finding.port}: {finding.what} {finding.remedy}", soft_wrap=True)


def children(settings: Settings, settings_path: Path) -> list[Child]:
    """Return the processes of a node in the order of their start."""
    places = Places.of(settings)
    names = ["core"]
    names += [f"media-{number}" for number in range(settings.processes.media)] if "media" in settings.roles else []
    names += ["iot"] if "iot" in settings.roles else []
    names += [f"web-{number}" for number in range(settings.processes.web)] if "web" in settings.roles else []
    return [
        Child(
            name=name,
            role=name.partition("-")[0],
            command=python("sitewarden.app.process", name, "--settings", str(settings_path.resolve())),
            output=places.logs / f"{name}.log",
        )
        for name in names
    ]


async def _serve(settings: Settings, settings_path: Path, more: Sequence[Child]) -> int:
    places = Places.of(settings)
    own = children(settings, settings_path)
    for child in own:
        places.ready(child.name).unlink(missing_ok=True)
    places.demo_over.unlink(missing_ok=True)
    supervisor = Supervisor([*more, *own], places.processes, report=lambda line: show.err.print(line, soft_wrap=True))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, supervisor.stop)
    running = asyncio.create_task(supervisor.run())
    starting = asyncio.create_task(_ready(places, [child.name for child in own]))
    ending = asyncio.create_task(_demo_over(places, supervisor, [child.name for child in more]))
    await asyncio.wait({running, starting}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        if starting.result():
            show.out.print(f"Ready: [bold]{address(settings)}[/]   (Ctrl-C stops it)")
        else:
            show.err.print(f"Not ready after {READY_SECONDS:.0f} s. The logs are in {places.logs}.")
        sys.stdout.flush()
    starting.cancel()
    await running
    ending.cancel()
    show.out.print("Stopped.")
    return 0


async def _demo_over(places: Places, supervisor: Supervisor, machines: Sequence[str]) -> None:
    """Stop the demo's machines once the site is no demo any more."""
    while machines:
        if places.demo_over.exists():
            await asyncio.gather(*(supervisor.drop(name) for name in machines))
            return
        await asyncio.sleep(1.0)


async def _ready(places: Places, names: Sequence[str]) -> bool:
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if all(places.ready(name).exists() for name in names):
            return True
        await asyncio.sleep(0.02)
    return False


def address(settings: Settings) -> str:
    """Return the address of the console for a person at this machine."""
    from sitewarden.ports import number_of

    number = number_of(MAIN_PORT, settings.ports)
    host = "127.0.0.1" if settings.bind in ("0.0.0.0", "::") else settings.bind  # noqa: S104 -- a comparison, nothing is bound
    scheme = "http" if settings.loopback and settings.tls.mode != "always" else "https"
    return f"{scheme}://{host}:{number}"
