"""The controller by itself: readers, inputs, what it does while it asks, and its settings file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.board import Board
from sim.demo_access import card_of, settings
from sitewarden.domain.access.decision import Decision, Explanation
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.nodes.controller.controller import Controller
from sitewarden.nodes.controller.journal import Journal
from sitewarden.nodes.controller.settings import load
from sitewarden.wire.controller import MatchRequest, Order, Record
from tests.sim.test_controller import rules


class Bench:
    """A controller on a board, with the demo's rules and no link."""

    def __init__(self, name: str, folder: Path) -> None:
        self.settings = settings(name, folder, "127.0.0.1")
        self.journal = Journal.open(folder / "controller.db", SystemClock())
        self.board = Board(self.settings.locks)
        self.controller = Controller(self.settings, self.board, self.journal, SystemClock())

    async def rules(self) -> None:
        packed = Rules(rules()).packed()
        await self.controller.take_rules(packed.digest, packed.data)

    async def told(self) -> list[Record]:
        await self.journal.flush()
        return [record for _, record in self.journal.records()]


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Bench]:
    async with _running("front", tmp_path) as bench:
        yield bench


@pytest.fixture
async def inner(tmp_path: Path) -> AsyncIterator[Bench]:
    async with _running("inner", tmp_path) as bench:
        yield bench


class _running:
    def __init__(self, name: str, folder: Path) -> None:
        self.bench = Bench(name, folder)

    async def __aenter__(self) -> Bench:
        self.bench.controller.start()
        self.task = asyncio.create_task(self.bench.journal.run())
        await self.bench.rules()
        return self.bench

    async def __aexit__(self, *_: object) -> None:
        self.bench.controller.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.bench.journal.close()


async def test_without_rules_no_door_opens(tmp_path: Path) -> None:
    bench = Bench("front", tmp_path)
    bench.controller.start()
    assert (await bench.board.swipe(0, card_of("hugo"))).signal == "denied"
    assert not any(bench.board.outputs.values())
    bench.controller.close()
    await bench.journal.close()


async def test_the_lock_is_driven_before_anything_is_recorded(front: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    add, drive = front.journal.add, front.board.set_output
    monkeypatch.setattr(front.journal, "add", lambda record: order.append(record.type) or add(record))
    monkeypatch.setattr(front.board, "set_output", lambda number, active: order.append("lock") or drive(number, active))
    await front.board.swipe(0, card_of("hugo"))
    assert order[:2] == ["lock", "access.granted"]


async def test_a_second_card_while_the_server_is_asked_is_told_to_wait(front: Bench) -> None:
    asked: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()

    async def match(question: MatchRequest) -> Decision:
        return await asked

    front.controller.match = match
    first = front.board.swipe(0, card_of("hugo"))
    second = front.board.swipe(0, card_of("hugo"))
    assert (await second).signal == "busy"
    assert not first.done()
    asked.cancel()


async def test_a_door_that_is_shut_while_the_server_decides_stays_shut(front: Bench) -> None:
    async def match(question: MatchRequest) -> Decision:
        front.controller.order(Order("1", "main-entrance", "lockdown"))
        return Decision(granted=True, explanation=Explanation(rule="granted", text="the server said so"))

    front.controller.match = match
    assert (await front.board.swipe(0, card_of("hugo"))).signal == "denied"
    assert not front.board.outputs.get(0)
    denied = [record for record in await front.told() if record.type == "access.denied"]
    assert denied[0].data["reason"] == "door-locked-down"


async def test_a_link_that_breaks_while_it_asks_falls_back(front: Bench) -> None:
    async def match(question: MatchRequest) -> Decision:
        raise Unreachable("The link ended.")

    front.controller.match = match
    assert (await front.board.swipe(0, card_of("hugo"))).signal == "granted"
    granted = next(record for record in await front.told() if record.type == "access.granted")
    assert granted.data["explanation"]["decided_by"] == "controller (server did not answer)"


async def test_request_to_exit_releases_and_masks_forced(inner: Bench) -> None:
    inner.board.set_input(1, True)
    assert inner.board.outputs[0]
    inner.board.set_input(0, True)
    inner.board.set_input(1, False)
    told = [record.type for record in await inner.told()]
    assert "door.opened" in told
    assert "door.forced" not in told


async def test_another_card_forgets_the_one_that_waits_for_its_pin(inner: Bench) -> None:
    assert (await inner.board.swipe(2, card_of("hugo"))).signal == "pin"
    assert (await inner.board.swipe(2, card_of("ben"))).signal == "denied"
    assert (await inner.board.enter(2, "9753")).signal == "denied"


async def test_guessing_a_pin_closes_the_reader_for_a_while(inner: Bench) -> None:
    for _ in range(5):
        assert (await inner.board.swipe(2, card_of("hugo"))).signal == "pin"
        assert (await inner.board.enter(2, "0000")).signal == "denied"
    before = len(await inner.told())
    assert (await inner.board.swipe(2, card_of("hugo"))).signal == "pin"
    assert (await inner.board.enter(2, "9753")).signal == "denied"
    assert len(await inner.told()) == before, "it was not even looked at"
    inner.controller._pin_closed.clear()
    assert (await inner.board.swipe(2, card_of("hugo"))).signal == "pin"
    assert (await inner.board.enter(2, "9753")).signal == "granted"


@pytest.mark.parametrize(
    ("before", "command", "refusal"),
    [("lockdown", "unlock", Conflict), ("lockdown", "release", Conflict), ("block", "release", Conflict)],
)
async def test_orders_that_the_mode_forbids(front: Bench, before: str, command: str, refusal: type[Exception]) -> None:
    front.controller.order(Order("1", "main-entrance", before))  # type: ignore[arg-type]
    with pytest.raises(refusal):
        front.controller.order(Order("2", "main-entrance", command))  # type: ignore[arg-type]


async def test_a_door_that_is_not_wired_here(front: Bench) -> None:
    with pytest.raises(NotFound):
        front.controller.order(Order("1", "server-room", "release"))


async def test_rules_that_are_not_what_was_announced_are_refused_and_the_old_stay(front: Bench) -> None:
    packed = Rules(rules()).packed()
    with pytest.raises(Invalid):
        await front.controller.take_rules("0" * 64, packed.data)
    with pytest.raises(Invalid):
        await front.controller.take_rules(packed.digest, packed.data[:-1])
    assert (await front.board.swipe(0, card_of("hugo"))).signal == "granted"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("node = ", "is no TOML"),
        ('nodes = "a"\ndata = "b"', 'Did you mean "node"?'),
        ('node = "A b"\ndata = "b"', "node"),
        ('node = "a"\ndata = "b"\nreaders = [300]', "readers"),
        ('node = "a"\ndata = "b"\n[[locks]]\ncontact = 1', "is missing"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "controller.toml"
    file.write_text(text)
    with pytest.raises(Invalid) as refusal:
        load(file)
    assert said in str(refusal.value)


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        load(tmp_path / "nothing.toml")
