"""Controllers on a bridge, each a computer of its own: found, moved and restarted over UDP 51110; strangers get nowhere."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.nearby.asking import Answer, Asker
from sitewarden.wire import device_udp as wire
from sitewarden.wire.pairing import parse_code
from tests.e2e.site import ENVIRONMENT
from tests.lan import Computer, lan

T = TypeVar("T")
NAMES = ("one", "two", "three")


class Board:
    """A simulated controller running as a process on a computer of the lan."""

    def __init__(self, computer: Computer, name: str, data: Path) -> None:
        self.computer, self.name = computer, name
        self.file = data / f"{name}.toml"
        self.file.write_text(f'node = "{name}"\ndata = "{data / name}"\n')
        assert tomllib.loads(self.file.read_text())
        command = [sys.executable, "-m", "sim.controller", "--config", self.file, "--interface", "field", "--address",
                   f"{computer.address}/24"]  # fmt: skip
        self.process = computer.popen(
            command, env={**ENVIRONMENT, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.line("runs")
        found = re.search(r"commissioning code of \S+: (\S+)", self.line("commissioning code"))
        assert found
        self.key = wire.key_of(parse_code(found[1]), name)

    def line(self, containing: str) -> str:
        """Return the next line that holds a text."""
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if containing in line:
                return line
        raise AssertionError(f"{self.name} ended: {''.join(said)}")


class Place:
    """A network of controllers and an office computer that asks."""

    def __init__(self, office: Computer, boards: dict[str, Board], data: Path) -> None:
        self.office, self.boards, self._data = office, boards, data

    def ask(self, work: Callable[[Asker], Any], bind: str = "0.0.0.0") -> Any:
        """Run `work` with an asker on the office computer."""

        async def run() -> Any:
            network = LocalNetwork(Settings.for_test("0.0.0.0", self._data), "core", self._data / "run")
            try:
                return await work(Asker(network, bind))
            finally:
                await network.close()

        with self.office.inside(), asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(run())

    def search(self, **how: Any) -> dict[str, Answer]:
        found = self.ask(lambda asker: asker.search(1.0, **how))
        return {answer.found.device: answer for answer in found}

    @contextmanager
    def raw(self, port: int = wire.PORT) -> Iterator[socket.socket]:
        """A bare socket on the office computer, as an attacker has it."""
        with self.office.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((self.office.address, port))
            sock.settimeout(60)
            yield sock

    def found(self, name: str) -> wire.Found:
        """Search with a bare socket and return what one controller says."""
        with self.raw() as sock:
            return found_by(sock, self.boards[name])


def found_by(sock: socket.socket, board: Board) -> wire.Found:
    nonce = secrets.token_bytes(8)
    sock.sendto(wire.encode(wire.Search(nonce)), (board.computer.address, wire.PORT))
    while True:
        message = wire.decode(sock.recv(2048)).message
        if isinstance(message, wire.Found) and message.nonce == nonce:
            return message


def exchange(sock: socket.socket, board: Board, data: bytes) -> wire.Message:
    sock.sendto(data, (board.computer.address, wire.PORT))
    return wire.decode(sock.recv(2048)).message


def stamp_for(found: wire.Found, device: str = "", later: int = 0) -> wire.Stamp:
    return wire.Stamp(device or found.device, found.boot, found.uptime + later, secrets.token_bytes(16))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("place")
    with lan({"field": ["office", *NAMES]}) as site:
        boards = {name: Board(site[name], name, data) for name in NAMES}
        yield Place(site["office"], boards, data)


def test_a_broadcast_finds_all_and_each_proves_itself_to_whoever_has_its_code(place: Place) -> None:
    found = place.search()
    assert sorted(found) == sorted(NAMES)
    for name, answer in found.items():
        board = place.boards[name]
        assert answer.datagram.proven(board.key)
        assert not answer.datagram.proven(place.boards["one" if name != "one" else "two"].key)
        assert answer.sender == answer.found.network.address == board.computer.address
        assert answer.found.network.prefix == 24
        assert answer.found.mode == "server" and answer.found.server == "" and not answer.found.paired
        assert re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", answer.found.hardware)


def test_one_can_be_asked_by_id_or_by_address(place: Place) -> None:
    assert list(place.search(device="two")) == ["two"]
    assert list(place.search(address=place.boards["three"].computer.address)) == ["three"]
    assert place.search(device="nobody") == {}
    with pytest.raises(Invalid):
        place.search(address="224.0.0.1")


def test_answers_come_from_51110_and_only_to_51110(place: Place) -> None:
    question = wire.encode(wire.Search(b"n" * 8))
    board = place.boards["one"]
    with place.raw() as sock:
        sock.sendto(question, (board.computer.address, wire.PORT))
        data, sender = sock.recvfrom(2048)
        assert sender == (board.computer.address, wire.PORT)
        assert len(data) <= len(question)
    with place.raw(51111) as sock:
        sock.settimeout(0.5)
        sock.sendto(question, (board.computer.address, wire.PORT))
        with pytest.raises(TimeoutError):
            sock.recv(2048)


def test_searches_that_come_too_fast_are_dropped(place: Place) -> None:
    board, asked, answered = place.boards["three"], 400, 0
    with place.raw() as sock:
        for number in range(asked):
            sock.sendto(wire.encode(wire.Search(number.to_bytes(8))), (board.computer.address, wire.PORT))
        sock.settimeout(0.5)
        try:
            while sock.recv(2048):
                answered += 1
        except TimeoutError:
            pass
    assert 20 <= answered < asked / 2


def test_a_reset_starts_it_anew(place: Place) -> None:
    board = place.boards["one"]
    before = place.found("one")
    assert place.ask(lambda asker: asker.reset("one", board.key)) is True
    board.line("runs")
    after = place.found("one")
    assert after.boot != before.boot and after.uptime < before.uptime + 20_000


def test_a_wrong_code_does_nothing_and_is_told_so(place: Place) -> None:
    before = place.found("two")
    with pytest.raises(Forbidden, match="code is not that of two"):
        place.ask(lambda asker: asker.reset("two", place.boards["one"].key))
    with place.raw() as sock:
        refused = exchange(sock, place.boards["two"], wire.encode(wire.Reset(stamp_for(before)), b"wrong" * 6))
    assert isinstance(refused, wire.Refused) and refused.code == Forbidden.code
    assert place.found("two").boot == before.boot


def test_a_replay_an_old_order_and_one_of_another_start_are_refused(place: Place) -> None:
    board = place.boards["two"]
    with place.raw() as sock:
        now = found_by(sock, board)
        wanted = wire.Ipv4(False, "10.0.0.0", 24)
        replayed = wire.encode(wire.Confirm(stamp_for(now)), board.key)
        assert isinstance(exchange(sock, board, replayed), wire.Done)
        again = exchange(sock, board, replayed)
        assert isinstance(again, wire.Refused) and again.code == Conflict.code and "before" in again.what
        for stamp in (stamp_for(now, later=2 * wire.WINDOW), wire.Stamp("two", b"x" * 8, now.uptime, b"n" * 16)):
            answer = exchange(sock, board, wire.encode(wire.Reset(stamp), board.key))
            assert isinstance(answer, wire.Refused) and "another time" in answer.what
        answer = exchange(sock, board, wire.encode(wire.SetNetwork(stamp_for(now), wanted), board.key))
        assert isinstance(answer, wire.Refused) and answer.code == Invalid.code
        assert found_by(sock, board).boot == now.boot


def test_an_order_for_another_device_is_passed_over(place: Place) -> None:
    board = place.boards["two"]
    with place.raw() as sock:
        now = found_by(sock, board)
        sock.sendto(wire.encode(wire.Reset(stamp_for(now, "three")), board.key), (board.computer.address, wire.PORT))
        sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            sock.recv(2048)
        sock.settimeout(60)
        assert found_by(sock, board).boot == now.boot


def test_new_settings_are_confirmed_at_the_new_address_and_outlive_a_restart(place: Place) -> None:
    board = place.boards["three"]
    old = board.computer.address
    wanted = wire.Ipv4(False, "10.91.1.77", 24, "10.91.1.1")
    assert place.ask(lambda asker: asker.set_network("three", board.key, wanted)) == ("10.91.1.77", True)
    found = place.search(device="three")["three"]
    assert (found.found.network, found.sender, found.found.trial) == (wanted, "10.91.1.77", False)
    assert "10.91.1.77/24" in board.computer.do("ip -4 -o address show dev field")
    assert old not in board.computer.do("ip -4 -o address show dev field").split("/")[0]
    assert place.ask(lambda asker: asker.reset("three", board.key)) is True
    assert place.search(device="three")["three"].found.network == wanted
    back = wire.Ipv4(False, old, 24)
    assert place.ask(lambda asker: asker.set_network("three", board.key, back)) == (old, True)


def test_a_device_of_a_foreign_network_is_still_found_and_brought_home(place: Place) -> None:
    board = place.boards["one"]
    home = board.computer.address
    board.computer.do("ip address flush dev field scope global")
    board.computer.do("ip address add 192.168.0.10/24 brd + dev field")

    def seen() -> Answer | None:
        return place.search(device="one").get("one")

    found = next(answer for answer in (seen() for _ in range(10)) if answer is not None)
    assert found.sender == "192.168.0.10"
    assert place.ask(lambda asker: asker.set_network("one", board.key, wire.Ipv4(False, home, 24))) == (home, True)


def test_who_is_not_there_is_named(place: Place) -> None:
    with pytest.raises(NotFound, match=r"No controller nobody answers on 10\.91\.1\.0/24"):
        place.ask(lambda asker: asker.reset("nobody", b"k" * 32))


def test_the_port_is_open_only_while_somebody_asks(place: Place) -> None:
    async def work(asker: Asker) -> tuple[int, int, int]:
        def open_ports() -> int:
            return sum(entry.port == "device-udp" for entry in asker._port._network.ledger())

        before = open_ports()
        async with asyncio.TaskGroup() as group:
            group.create_task(asker.search(0.4))
            group.create_task(asker.search(0.6, device="two"))
            await asyncio.sleep(0.1)
            during = open_ports()
        return before, during, open_ports()

    before, during, after = place.ask(work)
    assert (before, after) == (0, 0)
    assert during > 0


def test_settings_that_reach_no_computer_are_refused_before_anything_is_sent(place: Place) -> None:
    with pytest.raises(Refusal):
        place.ask(lambda asker: asker.set_network("one", b"k" * 32, wire.Ipv4(False, "10.1.1.255", 24)))
