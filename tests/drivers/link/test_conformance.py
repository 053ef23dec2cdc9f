"""Our own server and our own controller hold every rule of the conformance suite; broken ones are found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.domain.access.model import Controller
from sitewarden.drivers.link import device
from sitewarden.link.conformance_controller import examine_controller
from sitewarden.link.conformance_parts import Finding
from sitewarden.link.conformance_server import examine_server, join
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller import direct
from sitewarden.nodes.controller.settings import DirectSettings
from sitewarden.wire import controller as wire
from tests.drivers.link.site import Core, demo, running_controller, running_core
from tests.drivers.link.test_direct import listening


@pytest.fixture
async def core(netns: bool, host: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with running_core(tmp_path, "127.0.0.1" if netns else host) as core:
        await core.put(*demo(), Controller(id="conformance", name="Conformance", matching="server"))
        yield core


async def try_server(core: Core) -> list[Finding]:
    network = LocalNetwork(Settings.for_test(core.host, core.data / "suite"), "controller", core.data / "suite/run")
    assert core.access.pairing is not None
    code = core.access.pairing.desk.new_code("conformance").code
    try:
        key = await join(network, core.host, 1480, "conformance", code, core.data / "suite/identity")
        return await examine_server(network, core.host, 1480, "conformance", key)
    finally:
        await network.close()


async def try_controller(core: Core) -> list[Finding]:
    network = LocalNetwork(Settings.for_test(core.host, core.data / "suite"), "cli", core.data / "suite/run")
    async with running_controller(core, "front"):
        pass
    async with running_controller(core, "front", ready=False, direct=DirectSettings()) as sim:
        await listening(sim)
        try:
            return await examine_controller(network, core.host, 1470, sim.node.commissioning.code, orders=True)
        finally:
            await network.close()


def broken(findings: list[Finding]) -> list[str]:
    return [f"{one.rule} {one.detail}" for one in findings if not one.ok]


async def test_our_server_holds_every_rule(core: Core) -> None:
    findings = await try_server(core)
    assert broken(findings) == []
    assert len(findings) == 14


async def test_our_controller_holds_every_rule(core: Core) -> None:
    findings = await try_controller(core)
    assert broken(findings) == []
    assert len(findings) == 11


async def test_a_server_that_forgets_and_miscounts_is_found(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device.Device, "_confirmed", lambda self, epoch: 0)
    part = wire.RulesPart

    def damaged(*fields: object) -> wire.RulesPart:
        made = part(*fields)  # type: ignore[arg-type]
        return part(made.version, "0" * 64, made.size, made.offset, made.data, made.base)

    monkeypatch.setattr(wire, "RulesPart", damaged)
    found = broken(await try_server(core))
    assert any(one.startswith("On the next link") for one in found)
    assert any("digest" in one for one in found)


async def test_a_controller_that_lets_everyone_in_is_found(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct.DirectPort, "_demand_free", lambda self, session: None)
    found = broken(await try_controller(core))
    assert any(one.startswith("While one peer holds it") for one in found)
