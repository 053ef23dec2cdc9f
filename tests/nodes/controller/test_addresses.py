"""A change of network settings that nobody confirms goes back; what a Linux board writes; boards that change nothing."""

from __future__ import annotations

import asyncio
import ipaddress
import stat
from pathlib import Path

import pytest

from sim.wiring import SimWiring
from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.addresses import FixedNetwork, NetworkdNetwork, gateway_of, unit
from sitewarden.nodes.controller.commissioning import Commissioning
from sitewarden.nodes.controller.presence import Identity, Presence
from sitewarden.services.nearby.asking import Asker
from sitewarden.wire.device_udp import Ipv4

KEY = b"k" * 32
FIRST = Ipv4(False, "127.0.0.41", 8)


class Silent(SimWiring):
    """Takes new settings, and is then found nowhere: a cable in the wrong network."""

    def bound(self) -> list[ipaddress.IPv4Interface]:
        return super().bound() if self.current() == FIRST else []


def change(tmp_path: Path, board: SimWiring, *, confirm_at_once: bool) -> tuple[list[str], Ipv4]:
    """Ask a presence in this process for another address; return what it noted, and its settings at the end."""

    async def run() -> tuple[list[str], Ipv4]:
        noted: asyncio.Queue[str] = asyncio.Queue()
        device = LocalNetwork(Settings.for_test("127.0.0.41", tmp_path / "d"), "controller", tmp_path / "d")
        server = LocalNetwork(Settings.for_test("127.0.0.1", tmp_path / "s"), "core", tmp_path / "s")
        presence = Presence(
            Identity("front", "model", "1", "server", "", lambda: True),
            KEY,
            board,
            device,
            SystemClock(),
            on_reset=lambda: None,
            note=lambda type_, data: noted.put_nowait(type_),
            on_move=lambda: presence.confirm() if confirm_at_once else None,
            confirm_seconds=0.3,
        )
        task = asyncio.create_task(presence.run())
        await presence.ready.wait()
        asking = asyncio.create_task(Asker(server, "127.0.0.1").set_network("front", KEY, Ipv4(False, "127.0.0.42", 8)))
        said = [await asyncio.wait_for(noted.get(), 60)]
        for each in (asking, task):
            each.cancel()
        await asyncio.gather(asking, task, return_exceptions=True)
        await device.close()
        await server.close()
        return said, board.current()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(run())


def test_what_nobody_confirms_goes_back(tmp_path: Path, netns: bool) -> None:
    if not netns:
        pytest.skip("no network namespaces here, and 51110 may be in use")
    board = Silent(tmp_path / "network.json", FIRST)
    assert change(tmp_path, board, confirm_at_once=False) == (["controller.network-undone"], FIRST)
    assert not (tmp_path / "network.json").exists()


def test_the_server_s_link_from_the_new_address_confirms_it(tmp_path: Path, netns: bool) -> None:
    if not netns:
        pytest.skip("no network namespaces here, and 51110 may be in use")
    board = Silent(tmp_path / "network.json", FIRST)
    moved = Ipv4(False, "127.0.0.42", 8)
    assert change(tmp_path, board, confirm_at_once=True) == (["controller.network"], moved)
    assert SimWiring(tmp_path / "network.json", FIRST).current() == moved


def test_the_unit_of_systemd_networkd() -> None:
    fixed = unit("eth0", Ipv4(False, "10.0.0.5", 24, "10.0.0.1"))
    assert fixed == "[Match]\nName=eth0\n\n[Network]\nDHCP=no\nAddress=10.0.0.5/24\nGateway=10.0.0.1\n"
    assert unit("eth0", Ipv4(True)) == "[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\n"


def test_a_linux_board_tries_keeps_and_undoes(tmp_path: Path) -> None:
    run, etc, calls = tmp_path / "run", tmp_path / "etc", tmp_path / "calls"
    run.mkdir()
    etc.mkdir()
    control = tmp_path / "networkctl"
    control.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    control.chmod(0o755)
    board = NetworkdNetwork("eth0", run=run, etc=etc, networkctl=str(control))
    trial, kept = run / "05-sitewarden-eth0.network", etc / "06-sitewarden-eth0.network"

    async def work() -> None:
        board.check(Ipv4(True))
        await board.apply(Ipv4(False, "10.0.0.5", 24))
        assert "10.0.0.5/24" in trial.read_text() and not kept.exists()
        await board.undo()
        assert not trial.exists() and not kept.exists()
        await board.apply(Ipv4(True))
        await board.keep()
        assert "DHCP=ipv4" in kept.read_text() and not trial.exists()
        assert board.current().dhcp

    asyncio.run(work())
    assert calls.read_text().splitlines() == ["reload", "reconfigure eth0"] * 3
    control.write_text("#!/bin/sh\necho no right >&2; exit 1\n")
    with pytest.raises(Refusal, match="no right"):
        asyncio.run(board.apply(Ipv4(True)))
    with pytest.raises(Invalid):
        NetworkdNetwork("../eth0")
    with pytest.raises(Refusal, match="does not run here"):
        NetworkdNetwork("eth0", run=tmp_path / "none").check(Ipv4(True))


def test_a_board_whose_system_sets_the_network_says_so() -> None:
    with pytest.raises(Refusal, match="operating system"):
        FixedNetwork("127.0.0.1").check(Ipv4(True))
    assert FixedNetwork("127.0.0.1").current().address == "127.0.0.1"


def test_the_gateway_is_read_from_the_kernel_s_table(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text("Iface\tDestination\tGateway\tFlags\neth0\t0000000A\t00000000\t0001\neth0\t00000000\t0100000A\t0003\n")
    assert gateway_of("eth0", table) == "10.0.0.1"
    assert gateway_of("eth1", table) == gateway_of("eth0", tmp_path / "none") == ""


def test_the_code_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    path = tmp_path / "data" / "commissioning-code"
    made = Commissioning.load(path)
    assert made.fresh and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Commissioning.load(path) == Commissioning(made.code)
    path.chmod(0o644)
    with pytest.raises(Refusal, match="Others may read"):
        Commissioning.load(path)
    path.chmod(0o600)
    path.write_text("scratched")
    with pytest.raises(Refusal, match="damaged"):
        Commissioning.load(path)
