"""Our own listener holds every rule of the conformance suite, and a broken one is found."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sitewarden.app.conformance.link import PORT, RULES, examine
from sitewarden.net import tls
from tests.link.test_network import World
from tests.net.running import Echo, run


def test_our_listener_holds_every_rule(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        listener = await world.listen()
        findings = await examine(world.device, host, 1480)
        assert [finding for finding in findings if not finding.ok] == []
        assert len(findings) == len(RULES) + 1
        await listener.close()

    run(main())


def test_a_listener_that_says_back_what_it_hears_is_found(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = World(host, tmp_path)
        context = tls.link_server_context(world.identity, world.ca.file)
        listener = await world.server.listen(PORT, Echo, tls=context)
        async with asyncio.timeout(25):
            findings = await examine(world.device, host, 1480)
        assert len([finding for finding in findings if not finding.ok]) >= len(RULES) - 1
        await listener.close()

    run(main())
