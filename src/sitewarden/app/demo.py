"""`sitewarden demo`: a node with the demo site, its simulated machines started beside it.

The machines speak their real protocols over loopback; the server does not know that they are simulated.
"""

from __future__ import annotations

import ipaddress
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from sitewarden.app import show
from sitewarden.app.local import Ask, with_platform
from sitewarden.app.node import serve
from sitewarden.app.places import Places
from sitewarden.app.setup import create, local_timezone, make_settings
from sitewarden.app.supervisor import Child
from sitewarden.config import Settings, load, write_settings
from sitewarden.domain.errors import Refusal

ADMIN = "admin"
SETTINGS = "sitewarden.toml"


def run(data_dir: Path, bind: str) -> int:
    """Make the demo site where there is none yet, and run it until Ctrl-C; return the exit status."""
    site = _simulation()
    for taken in ("SITEWARDEN_DATA_DIR", "SITEWARDEN_BIND"):
        # The processes of the node read the file that is written here; a flag must not be undone by the environment.
        os.environ.pop(taken, None)
    path = data_dir / SETTINGS
    if path.exists():
        settings = load(path, flags={"bind": bind})
        write_settings(path, settings)
        show.out.print(f"Forgot the password? sitewarden user password {ADMIN} --settings {path}", soft_wrap=True)
    else:
        settings = _begin(data_dir, bind, path, site)
    running = with_platform(settings, _is_demo)
    machines = site.machines(Places.of(settings).data, _machine_host(settings)) if running else []
    more = [
        Child(
            name=machine.name,
            role="sim",
            command=machine.command,
            environment={"PYTHONPATH": os.pathsep.join(filter(None, (str(site.ROOT), os.environ.get("PYTHONPATH"))))},
            output=Places.of(settings).logs / f"{machine.name}.log",
        )
        for machine in machines
    ]
    return serve(settings, path, more)


def _begin(data_dir: Path, bind: str, path: Path, site: Any) -> Settings:
    show.out.print("Making the demo site …")
    settings = make_settings(data_dir, bind)
    password = create(settings, "Demo site", local_timezone(), ADMIN, None, demo=True)

    async def fill(ask: Ask) -> None:
        for kind, document in site.documents(_machine_host(settings)):
            await ask(f"{kind}.create", body=document)

    with_platform(settings, fill)
    write_settings(path, settings)
    show.out.print(f"Sign in as [bold]{ADMIN}[/] with password: [bold]{password}[/]   (shown this once)", soft_wrap=True)
    return settings


async def _is_demo(ask: Ask) -> bool:
    return bool((await ask("site.get"))["demo"])


def _machine_host(settings: Settings) -> str:
    """Return a loopback address for the machines: the node's own where it is one."""
    return settings.bind if ipaddress.ip_address(settings.bind).is_loopback else "127.0.0.1"


def _simulation() -> Any:
    try:
        return import_module("sim.demo")
    except ModuleNotFoundError as error:
        raise Refusal(
            f"the simulated machines are not installed ({error.name} is missing)",
            where="sitewarden demo",
            remedy="Run it from the source tree with `make run`; it installs them.",
        ) from None
