"""Our own server and our own controller hold every rule of the conformance suite; broken ones are found."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.controller import SimController
from sitewarden.app.conformance.controller import examine_controller
from sitewarden.app.conformance.link import RULES
from sitewarden.app.conformance.parts import Finding
from sitewarden.app.conformance.server import examine_server, join
from sitewarden.app.conformance.verb import Role, Trial, place
from sitewarden.config import Settings
from sitewarden.domain.access.model import Controller
from sitewarden.domain.errors import Invalid
from sitewarden.drivers.link import device
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller import direct
from sitewarden.nodes.controller.settings import DirectSettings
from sitewarden.wire import controller as wire
from sitewarden.wire.pairing import make_code
from tests.drivers.link.site import Core, demo, running_controller, running_core
from tests.drivers.link.test_direct import listening
from tests.e2e.site import ENVIRONMENT


async def kept(sim: SimController) -> None:
    """Return once its rules lie on its disk: it decides by them before."""
    while not sim.node.controller._kept.digest:
        await asyncio.sleep(0.02)


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
    async with running_controller(core, "front") as sim:
        await kept(sim)
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


async def verb(*arguments: str) -> tuple[int, str, str]:
    """Run `sitewarden conformance` as a person does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sitewarden.cli", "conformance", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=ENVIRONMENT,
    )  # fmt: skip
    async with asyncio.timeout(120):
        said, complained = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(), complained.decode()


async def test_the_verb_tries_our_server(core: Core, tmp_path: Path) -> None:
    assert core.access.pairing is not None
    code = str(core.access.pairing.desk.new_code("conformance").code)
    kept = ("--as", "server", "--identity", str(tmp_path / "kept"), "--json")
    status, said, complained = await verb(core.host, *kept, "--code", code)
    told = json.loads(said)
    assert (status, told["ok"], [one for one in told["rules"] if not one["ok"]]) == (0, True, []), complained
    assert len(told["rules"]) == len(RULES) + 1 + 14
    status, said, _ = await verb(f"{core.host}:1480")
    assert (status, said.splitlines()[-1]) == (0, f"All {len(RULES) + 1} rules hold.")


async def test_the_verb_tries_our_controller_and_finds_a_wrong_code(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        await kept(sim)
    async with running_controller(core, "front", ready=False, direct=DirectSettings()) as sim:
        await listening(sim)
        code = str(sim.node.commissioning.code)
        status, said, complained = await verb(core.host, "--as", "controller", "--code", code, "--orders")
        assert status == 0, said + complained
        assert said.splitlines()[-1] == f"All {len(RULES) + 1 + 11} rules hold."
        status, said, _ = await verb(core.host, "--as", "controller", "--code", str(make_code(b"another code!")), "--json")
        assert status != 0


async def test_the_verb_says_what_it_could_not_try(core: Core) -> None:
    status, _, complained = await verb(f"{core.host}:9")
    assert status == 2 and "cannot be reached" in complained
    status, _, complained = await verb(core.host, "--as", "server")
    assert status == 2 and "--identity FOLDER" in complained
    status, _, complained = await verb("a:b:c")
    assert status == 2 and "no address" in complained


@pytest.mark.parametrize(
    ("address", "role", "found"),
    [
        ("server.example", "link", ("server.example", 1480)),
        ("server.example:1481", "server", ("server.example", 1481)),
        ("10.1.0.9", "controller", ("10.1.0.9", 1470)),
        ("[::1]:1471", "controller", ("::1", 1471)),
        ("[fe80::1%eth0]", "link", ("fe80::1%eth0", 1480)),
        ("2001:db8::7", "controller", ("2001:db8::7", 1470)),
    ],
)
def test_where_a_peer_is(address: str, role: Role, found: tuple[str, int]) -> None:
    assert place(Trial(address=address, role=role)) == found


@pytest.mark.parametrize("address", ["", ":1480", "host:", "host:99999", "host:http", "[::1", "::g", "--json"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(Invalid, match="no address"):
        place(Trial(address=address))


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
