"""Direct mode: one peer holds the controller, others are told who; the server alone confirms; a hold expires; joining a site."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from sim.controller import SimController
from sim.demo_access import card_of
from sitewarden.app.direct.holder import Holder, Rows
from sitewarden.config import Settings
from sitewarden.domain.access.model import Controller
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import Conflict, Forbidden, NotFound, Refusal
from sitewarden.kit.clock import SystemClock
from sitewarden.link import dial_link
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import link_client_context
from sitewarden.nodes.controller.settings import DirectSettings
from sitewarden.wire import controller as wire
from sitewarden.wire.link import Hello
from sitewarden.wire.pairing import make_code
from tests.drivers.link.site import Core, demo, running_controller, running_core

PATIENCE = 20.0


@pytest.fixture
async def core(netns: bool, host: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with running_core(tmp_path, "127.0.0.1" if netns else host) as core:
        await core.put(*demo())
        yield core


class Laptop:
    """A technician's computer."""

    def __init__(self, core: Core, sim: SimController, name: str) -> None:
        self.core, self.sim, self.name = core, sim, name
        self.hello: wire.Hello | None = None
        self.rows: Rows = []
        self.doors: dict[str, wire.DoorReport] = {}
        self.resume_from = 0
        self.came = asyncio.Event()

    @asynccontextmanager
    async def holding(self, code: object = None) -> AsyncIterator[Holder]:
        folder = self.core.data / f"laptop-{self.name}-{secrets.token_hex(4)}"
        network = LocalNetwork(Settings.for_test(self.core.host, folder), "cli", folder / "run")
        holder = Holder(
            network,
            SystemClock(),
            folder / "key",
            name=self.name,
            code=code or self.sim.node.commissioning.code,  # type: ignore[arg-type]
            said=self._said,
            doors=lambda report: self.doors.__setitem__(report.door, report),
            log=self._log,
            resume=self._resume,
        )
        await listening(self.sim)
        try:
            await holder.open(self.core.host, 1470)
            yield holder
        finally:
            if holder.session is not None:
                holder.session.close()
                await asyncio.wait_for(asyncio.shield(holder.session.closed), PATIENCE)
            await network.close()

    def _said(self, hello: wire.Hello) -> None:
        self.hello = hello

    async def _resume(self, hello: wire.Hello) -> int:
        return self.resume_from

    async def _log(self, epoch: int, rows: Rows) -> None:
        self.rows += rows
        self.came.set()


async def until(condition: Callable[[], object], hint: Callable[[], object] = lambda: "") -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, hint()
        await asyncio.sleep(0.01)


async def listening(sim: SimController) -> None:
    assert sim.node.direct is not None
    await asyncio.wait_for(sim.node.direct.ready.wait(), PATIENCE)


def direct_of(core: Core, *, commissioning: str = "") -> Controller:
    held = core.state.get("controller", "front")
    assert held is not None and isinstance(held.entity, Controller)
    sealed = core.secrets.seal(commissioning, "controller:front/commissioning") if commissioning else None
    return msgspec.structs.replace(held.entity, mode="direct", address=core.host, commissioning=sealed)


async def refused(opening: Callable[[], Awaitable[object]], kind: type[Refusal]) -> Refusal:
    with pytest.raises(kind) as refusal:
        await opening()
    return refusal.value


async def test_the_server_holds_it_and_a_laptop_is_told_who_and_since_when(core: Core) -> None:
    await core.put(direct_of(core))
    async with running_controller(core, "front", direct=DirectSettings()) as sim:
        status = core.statuses["controller:front"]
        assert (status.state, status.data["mode"], status.data["temporary"]) == ("online", "direct", True)
        assert status.data["held_until"] - status.data["held_since"] == 3600 * 1_000_000
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "granted"
        (granted,) = await core.wait_events(1, "access.granted")
        assert granted.event.data["explanation"]["decided_by"] == "server"
        assert (await core.hub.command(Command(id="1", name="door.unlock", entity="door:main-entrance", issuer="user:a"))).ok
        await until(lambda: sim.node.journal.confirmed >= granted.event.data.get("index", 1))
        said = await refused(Laptop(core, sim, "anna").holding().__aenter__, Conflict)
        assert "held by server server" in said.what and "since 20" in said.what and "until" in said.what
        assert sim.node.presence._described(bytes(8)).holder == "server server"


async def test_a_laptop_sees_and_orders_but_confirms_nothing_and_the_server_is_told_who_holds_it(core: Core) -> None:
    async with running_controller(core, "front") as sim:
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "granted"
        await core.wait_events(1, "access.granted")
        await until(lambda: sim.node.journal.confirmed == sim.node.journal.last)
    async with running_controller(core, "front", ready=False, direct=DirectSettings()) as sim:
        anna = Laptop(core, sim, "anna")
        confirmed = sim.node.journal.confirmed
        async with anna.holding() as holder:
            report = await holder.order("main-entrance", "unlock")
            assert report.mode == "unlocked" and sim.board.outputs[0]
            assert (await sim.board.swipe(0, card_of("hugo"))).signal == "granted"
            await until(lambda: [index for index, _ in anna.rows] == list(range(1, sim.node.journal.last + 1)))
            assert anna.hello is not None and anna.hello.hold is not None
            assert sim.node.journal.confirmed == confirmed, "only the server advances the confirmed index"
            assert holder.session is not None
            with pytest.raises(NotFound):
                await holder.session.request(wire.RULES, wire.encode(wire.RulesPart(9, "0" * 64, 1, 0, b"x")))
            await core.put(direct_of(core))
            await until(lambda: "held by laptop anna" in core.statuses["controller:front"].detail)
        await sim.wait_ready()
        await core.wait_events(2, "access.granted")
        await until(lambda: sim.node.journal.confirmed == sim.node.journal.last > confirmed)
        unlocked = await core.wait_events(1, "door.command")
        assert unlocked[0].event.data["actor"] == "laptop:anna"


async def test_a_hold_expires_and_the_same_peer_waits_its_turn(core: Core) -> None:
    async with running_controller(core, "front", ready=False, direct=DirectSettings(hold=0.01)) as sim:
        async with Laptop(core, sim, "anna").holding() as holder:
            assert holder.session is not None
            ended = await asyncio.wait_for(asyncio.shield(holder.session.closed), PATIENCE)
            assert ended is not None and "hold" in ended.what
        said = await refused(Laptop(core, sim, "anna").holding().__aenter__, Conflict)
        assert "others get a turn" in said.what
        async with Laptop(core, sim, "ben").holding():
            assert sim.node.direct is not None and str(sim.node.direct.holder) == "laptop ben"


async def test_only_who_knows_the_code_or_is_the_server_comes_in(core: Core) -> None:
    async with running_controller(core, "front", ready=False, direct=DirectSettings()) as sim:
        wrong = make_code(b"thirteen byte")
        code = type(wrong)(sim.node.commissioning.code.label, wrong.secret)
        await refused(Laptop(core, sim, "anna").holding(code).__aenter__, Forbidden)
        sim.node.identity.pin("server")
        said = await refused(Laptop(core, sim, "server").holding().__aenter__, Conflict)
        assert "name of another node" in said.what


async def test_another_node_of_the_site_is_no_server(core: Core) -> None:
    core_identity = core.authority.node("inner")
    async with running_controller(core, "front", ready=False, direct=DirectSettings()) as sim:
        sim.node.identity.pin("server")
        await listening(sim)
        folder = core.data / "rogue"
        network = LocalNetwork(Settings.for_test(core.host, folder), "core", folder / "run")
        said = await refused(
            lambda: dial_link(
                network,
                "device-direct-station",
                core.host,
                tls=link_client_context(core.authority.file, core_identity),
                hello=Hello(1, 1, "inner", "server"),
            ),
            Forbidden,
        )
        assert "not the server" in said.what
        await network.close()


async def test_a_new_controller_joins_the_site_by_its_commissioning_code(core: Core) -> None:
    async with running_controller(core, "front", ready=False, paired=False, direct=DirectSettings()) as sim:
        assert not sim.node.identity.paired
        await core.put(direct_of(core, commissioning=str(sim.node.commissioning.code)))
        async with asyncio.timeout(PATIENCE):
            await sim.wait_ready()
            await sim.wait_rules()
        assert sim.node.identity.paired and sim.node.identity.server == "server"
        (paired,) = await core.wait_events(1, "controller.paired")
        held = core.state.get("controller", "front")
        assert held is not None and isinstance(held.entity, Controller)
        assert held.entity.fingerprint == paired.event.data["fingerprint"]
        assert (await sim.board.swipe(0, card_of("hugo"))).signal == "granted"
        await core.wait_events(1, "access.granted")
        told = {record.type for _, record in sim.node.journal.records()}
        assert {"controller.joined", "controller.held", "controller.let-go"} <= told


async def test_a_wrong_commissioning_code_stops_and_says_so(core: Core) -> None:
    async with running_controller(core, "front", ready=False, paired=False, direct=DirectSettings()) as sim:
        wrong = make_code(b"thirteen byte")
        code = type(wrong)(sim.node.commissioning.code.label, wrong.secret)
        await core.put(direct_of(core, commissioning=str(code)))
        await until(lambda: "not this controller's" in core.statuses["controller:front"].detail)
        assert core.statuses["controller:front"].data["error"] == "misconfigured"
