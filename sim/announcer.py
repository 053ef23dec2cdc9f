"""A node that announces itself and answers on its port. `python -m sim.announcer --role analytics --data DIRECTORY`.

It speaks with the product's own announcer, as of a site of its own in DIRECTORY, and serves nothing but its port's TLS handshake.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from sitewarden.config import Settings
from sitewarden.config.model import SERVER_ROLES
from sitewarden.kit.clock import SystemClock
from sitewarden.net.announcing import AnnouncementPort, Speaker, teller
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import Authority, Signer, link_server_context

PROCESS = {"server": ("web", "core"), "analytics": ("analytics", "analytics"), "lpr": ("lpr", "lpr")}
"""Role to the process roles that listen on its port, and that announce."""


async def serve(settings: Settings, role: str) -> None:
    """Listen and announce until cancelled."""
    authority = Authority.open(settings.data / "tls")
    identity = authority.node(settings.node)
    listening, announcing = (LocalNetwork(settings, process) for process in PROCESS[role])
    try:
        await listening.listen(role, asyncio.Protocol, tls=link_server_context(identity, authority.file))
        port = AnnouncementPort(announcing, settings, lambda data, host, place: None)
        own = teller(settings, bytes.fromhex(authority.fingerprint.replace(":", "")), identity.certificate)
        speaker = Speaker(port, Signer(identity), SystemClock(), own, os.urandom(8))
        print("announces itself", flush=True)  # noqa: T201
        await speaker.run()
    finally:
        await listening.close()
        await announcing.close()


def main() -> None:
    """Run until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A node that announces itself and answers on its port.")
    parser.add_argument("--role", choices=sorted(PROCESS), default="analytics")
    parser.add_argument("--data", type=Path, required=True, help="Directory of its keys; made where it is not there.")
    parser.add_argument("--bind", default="0.0.0.0")  # noqa: S104
    parser.add_argument("--node", default="sim-node")
    parser.add_argument("--name", default="Simulated node")
    parser.add_argument("--group", default="225.5.10.1", help="Multicast group of a server's live media.")
    given = parser.parse_args()
    settings = Settings.for_test(
        given.bind,
        given.data,
        node=given.node,
        name=given.name,
        roles=SERVER_ROLES if given.role == "server" else (given.role,),
        multicast_group=given.group,
    )

    async def run() -> None:
        work: asyncio.Task[Any] = asyncio.ensure_future(serve(settings, given.role))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        await asyncio.gather(work, return_exceptions=True)
        if not work.cancelled() and (error := work.exception()) is not None:
            raise error

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(run())


if __name__ == "__main__":
    main()
