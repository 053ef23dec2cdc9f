"""A change of a port as the service decides it, with a clock that the test moves and listeners that only remember."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import cast

import msgspec
import pytest

from sitewarden import ports
from sitewarden.config import Settings, SettingsFile
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, StorageFull
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.portchange import Reach
from sitewarden.services.invoke import Credentials
from sitewarden.services.portchange import INTERRUPTS, MOVABLE, PortChanges, Trial
from sitewarden.services.surface.portchange import PortState
from sitewarden.store.interfaces import StateStore
from tests.services.house import House

NEW = 18700


class Remembered:
    """Listeners by row; `fault` refuses the next opening, `reach` None is a row on which nothing listens."""

    def __init__(self) -> None:
        self.on: dict[str, set[int]] = {"server": {18600}}
        self.reach: Reach | None = "console"
        self.fault: Refusal | None = None
        self.proof = ""

    async def open(self, row: str, number: int, proof: str) -> Reach | None:
        if self.fault is not None:
            raise self.fault
        if self.reach is not None:
            self.on.setdefault(row, set()).add(number)
        self.proof = proof
        return self.reach

    async def settle(self, row: str, number: int) -> None:
        self.on[row] = {number}


class Node:
    """The service with what core gives it, in a directory that a later life of core finds again."""

    def __init__(self, house: House, directory: Path, host: str) -> None:
        self.house, self.directory, self.host = house, directory, host
        self.file = directory / "sitewarden.toml"
        self.listeners = Remembered()
        self.begin({"server": 18600})

    def begin(self, numbers: dict[str, int], environ: dict[str, str] | None = None, *, attached: bool = True) -> None:
        self.settings = Settings.for_test(self.host, self.directory, ports=dict(numbers))
        self.changes = PortChanges(
            self.settings,
            SettingsFile(self.file, environ or {}),
            self.directory / "port-trial.json",
            cast("StateStore", self.house.memory),
            self.house.clock,
        )
        if attached:
            self.changes.attach(self.listeners)
        for operation in self.changes.operations():
            self.house.operations._by_name[operation.name] = operation

    async def ask(self, verb: str, row: str = "server", by: Credentials | None = None, **params: object) -> PortState:
        if verb == "change":
            params.setdefault("reason", "the proxy takes it")
        reply = await self.house.ask(f"network.port{verb and '.'}{verb}", by, row=row, **params)
        return cast("PortState", reply.value)

    def numbers(self) -> object:
        return tomllib.loads(self.file.read_text()).get("ports") if self.file.exists() else None

    def told(self) -> list[str]:
        return [event.type for event in self.house.memory.events]

    @property
    def record(self) -> Path:
        return self.directory / "port-trial.json"


@pytest.fixture
async def node(house: House, tmp_path: Path, host: str) -> Node:
    return Node(house, tmp_path, host)


async def refused(kind: type[Refusal], work: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        await work()  # type: ignore[misc]
    return str(caught.value)


async def test_the_new_number_is_kept_with_the_proof_that_it_gives(node: Node) -> None:
    node.file.write_text("# ours\n[ports]\nserver = 18600  # by the door\n")
    state = await node.ask("change", number=NEW)
    assert state.trial is not None and (state.trial.old, state.trial.new, state.trial.seconds) == (18600, NEW, 60.0)
    assert state.number == 18600 and node.listeners.on["server"] == {18600, NEW}
    assert node.numbers() == {"server": 18600} and node.record.exists()
    for guess in ("", "guess"):
        assert f"port {NEW}" in await refused(Forbidden, lambda guess=guess: node.ask("keep", proof=guess))  # type: ignore[misc]
    state = await node.ask("keep", proof=node.listeners.proof)
    assert (state.number, state.trial, state.last and state.last.outcome) == (NEW, None, "kept")
    assert node.file.read_text() == f"# ours\n[ports]\nserver = {NEW}  # by the door\n"
    assert node.listeners.on["server"] == {NEW} and node.changes.numbers["server"] == NEW
    assert node.told() == ["network.port-changed", "network.port-kept"] and not node.record.exists()
    entries = [entry for entry in node.house.memory.audited if entry.outcome == "done" and entry.action.startswith("network.")]
    assert [(entry.action, entry.actor, entry.reason) for entry in entries] == [
        ("network.change", "user:ada", "the proxy takes it"),
        ("network.keep", "user:ada", "the proxy takes it"),
    ]
    assert entries[0].detail == {"row": "server", "old": 18600, "new": NEW}


async def test_after_its_time_it_goes_back(node: Node) -> None:
    await node.ask("change", number=NEW)
    node.house.clock.seconds += 59.9
    await node.changes.tick()
    trial = (await node.ask("")).trial
    assert trial is not None and trial.seconds == pytest.approx(0.1)
    node.house.clock.seconds += 0.2
    await node.changes.tick()
    state = await node.ask("")
    assert state.trial is None and state.last is not None and state.last.why == "nobody kept it within 60 s"
    assert node.listeners.on["server"] == {18600} and node.numbers() is None
    assert node.told() == ["network.port-changed", "network.port-undone"]
    assert "went back to 18600: nobody kept it" in await refused(Conflict, lambda: node.ask("keep", proof=node.listeners.proof))


async def test_a_process_that_ends_ends_the_trial(node: Node) -> None:
    await node.changes.process_lost("web-0")
    assert node.told() == []
    await node.ask("change", number=NEW)
    await node.changes.process_lost("web-0")
    assert node.house.memory.events[-1].text == f"server is back on 18600, not {NEW}: process web-0 ended meanwhile"
    assert node.listeners.on["server"] == {18600} and not node.record.exists()


async def test_an_administrator_may_give_it_up(node: Node) -> None:
    await node.ask("change", number=NEW)
    state = await node.ask("undo")
    assert state.last is not None and state.last.why == "user:ada gave it up"
    await node.ask("change", number=NEW)


async def test_the_next_life_of_core_says_that_it_went_back(node: Node) -> None:
    await node.ask("change", number=NEW)
    node.begin({"server": 18600})
    await node.changes._recover()
    assert node.told()[-1] == "network.port-undone" and not node.record.exists()
    assert (await node.ask("")).number == 18600
    node.record.write_bytes(b"half a rec")
    await node.changes._recover()
    assert not node.record.exists()


async def test_the_next_life_of_core_says_that_it_was_kept(node: Node) -> None:
    """Core died between the settings and the record."""
    await node.ask("change", number=NEW)
    trial = msgspec.json.decode(node.record.read_bytes(), type=Trial)
    node.begin({"server": trial.new})
    await node.changes._recover()
    assert node.told()[-1] == "network.port-kept"


@pytest.mark.parametrize(
    ("row", "number", "kind", "said"),
    [
        ("http-api", 18601, Refusal, "http-api stays on 8601/tcp: it is fixed because third-party systems"),
        ("announcement", 18650, Refusal, "so that peers find it with no configuration"),
        ("device-udp", 18650, Refusal, "give this node an address of its own with `bind`"),
        ("modbus", 18502, Refusal, "modbus"),
        ("analytics", 18610, Refusal, "the other side listens on it"),
        ("opcua", 14840, Refusal, "it listens there only where a setting says so"),
        ("opcua-lds-udp", 14840, Refusal, "nothing of this version listens on opcua-lds-udp"),
        ("media-multicast", 18000, Refusal, "changes the group"),
        ("bus", 18000, Refusal, "bus has no port number"),
        ("server", 6000, Invalid, "no browser opens port 6000"),
        ("server", 18600, Invalid, "server is on 18600 already"),
        ("server", 8601, Refusal, "would both use 8601/tcp"),
        ("servr", 18700, NotFound, "Did you mean server?"),
    ],
)
async def test_a_row_or_number_that_cannot_be(node: Node, row: str, number: int, kind: type[Refusal], said: str) -> None:
    assert said in await refused(kind, lambda: node.ask("change", row, number=number))
    assert node.listeners.on == {"server": {18600}} and node.told() == []
    assert node.house.memory.audited[-1].outcome.startswith("refused")


async def test_a_second_trial_waits_for_the_first(node: Node) -> None:
    await node.ask("change", number=NEW)
    node.house.clock.seconds += 20
    assert f"server is being tried on {NEW}, for 40 s more" in await refused(
        Conflict, lambda: node.ask("change", "web", number=18080)
    )
    assert "No other number is being tried for web" in await refused(Conflict, lambda: node.ask("undo", "web"))


async def test_what_refuses_to_open_leaves_all_as_it_was(node: Node) -> None:
    node.listeners.fault = Conflict("it is taken.", remedy="Stop it.")
    assert "it is taken" in await refused(Conflict, lambda: node.ask("change", number=NEW))
    assert node.told() == [] and not node.record.exists()


async def test_a_full_disk_ends_the_trial_before_it_begins(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*args: object, **kwargs: object) -> int:
        raise StorageFull("no room.")

    monkeypatch.setattr(node.house.memory, "apply", full)
    await refused(StorageFull, lambda: node.ask("change", number=NEW))
    assert node.listeners.on["server"] == {18600}
    assert (await node.ask("")).trial is None


async def test_a_row_without_a_listener_is_changed_at_once(node: Node) -> None:
    node.listeners.reach = None
    state = await node.ask("change", "device-server", number=11490)
    assert (state.number, state.trial) == (11490, None)
    assert node.numbers() == {"device-server": 11490} and node.told() == ["network.port-kept"]


async def test_a_stopped_node_is_changed_at_once(node: Node) -> None:
    node.begin({"server": 18600}, attached=False)
    state = await node.ask("change", number=NEW)
    assert (state.number, node.numbers()) == (NEW, {"server": NEW})


async def test_the_environment_wins_and_is_named(node: Node) -> None:
    node.begin({"server": 18600}, {"SITEWARDEN_PORTS_SERVER": "18600"})
    assert "Change SITEWARDEN_PORTS_SERVER" in await refused(Refusal, lambda: node.ask("change", number=NEW))


async def test_who_may_not_change_ports_does_not(node: Node) -> None:
    watcher = await node.house.person("watcher", Grant(action="network.read"))
    assert (await node.ask("", by=watcher)).number == 18600
    for verb, params in (("change", {"number": NEW}), ("keep", {}), ("undo", {})):
        with pytest.raises(Forbidden):
            await node.ask(verb, by=watcher, **params)
    assert "Say why" in await refused(Invalid, lambda: node.ask("change", number=NEW, reason=" "))


def test_every_row_that_moves_says_what_is_cut() -> None:
    assert set(MOVABLE) == set(INTERRUPTS) == {"server", "web", "timeseries", "device-server"}
    assert all(isinstance(ports.row(name).default, int) for name in MOVABLE)
