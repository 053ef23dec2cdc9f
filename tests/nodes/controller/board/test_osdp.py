"""Readers over OSDP, with libosdp's own peripheral device as the peer, over TCP and over a serial line."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import osdp_sys
import pytest

from sim.osdp_reader import OsdpReader
from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Refusal
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.board.board import board_of
from tests.nodes.controller.board.rig import KEY, Told, key_file, reader, running, settings_of, until


def bus(folder: Path, host: str, port: int, more: str = "", *, key: bytes | None = KEY) -> str:
    held = f'key_file = "{key_file(folder, key)}"' if key is not None else ""
    return f'[[osdp]]\nname = "hall"\nhost = "{host}"\nport = {port}\n[[osdp.readers]]\nreader = 3\n{held}\n{more}\n'


async def test_cards_and_pins_arrive_through_the_secure_channel(tmp_path: Path, host: str) -> None:
    with reader(host) as (far, port):
        async with running(tmp_path, settings_of(tmp_path, bus(tmp_path, host, port))) as (board, told):
            await until(lambda: "online" in told.kinds(), "online")
            assert far.secure
            assert board.statuses()[0].secure
            far.card("26:2a6f3b1")
            await until(lambda: ("card", 3, "26:2a6f3b1") in told.all, "card")
            far.card("37:1f00000001")
            await until(lambda: ("card", 3, "37:1f00000001") in told.all, "37 bits")
            far.keys("12*47")
            far.keys("11#")
            await until(lambda: ("pin", 3, "4711") in told.all, "pin")
            assert told.kinds() == ["online", "card", "card", "pin"]


async def test_the_reader_shows_what_came_of_it(tmp_path: Path, host: str) -> None:
    with reader(host) as (far, port):
        async with running(tmp_path, settings_of(tmp_path, bus(tmp_path, host, port))) as (board, told):
            await until(lambda: "online" in told.kinds(), "online")
            for signal, colour in (("granted", 2), ("denied", 1), ("pin", 3), ("busy", 3)):
                far.commands.clear()
                board.signal(3, signal)  # type: ignore[arg-type]
                await until(lambda: any(one["command"] == osdp_sys.CMD_BUZZER for one in far.commands), signal)
                leds = [one["on_color"] for one in far.commands if one["command"] == osdp_sys.CMD_LED and one["temporary"]]
                assert leds == [colour]


@pytest.mark.parametrize("far_key", [bytes(16), None], ids=["another", "install mode"])
async def test_a_wrong_key_is_refused_and_said(
    tmp_path: Path, host: str, far_key: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with reader(host, key=far_key) as (far, port):
        async with running(tmp_path, settings_of(tmp_path, bus(tmp_path, host, port))) as (board, told):
            await until(lambda: "offline" in told.kinds(), "offline")
            (status,) = board.statuses()
            assert (status.online, status.secure, status.cause) == (False, False, "key")
            assert "its key is not the one that is held here" in status.detail
            assert not far.secure
    assert told.kinds() == ["offline"]
    assert KEY.hex() not in caplog.text
    assert str(list(KEY)) not in caplog.text


async def test_a_reader_speaks_in_clear_only_where_the_settings_say_so(tmp_path: Path, host: str) -> None:
    with reader(host, key=None) as (far, port):
        settings = settings_of(tmp_path, bus(tmp_path, host, port, 'security = "none"', key=None))
        async with running(tmp_path, settings) as (_, told):
            await until(lambda: "online" in told.kinds(), "online")
            assert "in clear" in told.all[0][2]
            far.card("26:1")
            await until(lambda: ("card", 3, "26:1") in told.all, "card")


async def test_installing_gives_the_reader_a_key_that_is_demanded_from_then_on(tmp_path: Path, host: str) -> None:
    with reader(host, key=None) as (far, port):
        settings = settings_of(tmp_path, bus(tmp_path, host, port, 'security = "install"', key=None))
        async with running(tmp_path, settings) as (_, told):
            await until(lambda: "online" in told.kinds(), "online")
            assert told.kinds() == ["key", "online"]
        given = far.key
    assert given not in (None, KEY, bytes(16))
    files = list((tmp_path / "data" / "readers").iterdir())
    assert {file.name for file in files} == {"3.key", "seal"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert all(given not in file.read_bytes() and given.hex().encode() not in file.read_bytes() for file in files)
    settings = settings_of(tmp_path, bus(tmp_path, host, port, key=None))
    with reader(host, key=given) as (far, port):
        settings = settings_of(tmp_path, bus(tmp_path, host, port, key=None))
        async with running(tmp_path, settings) as (board, told):
            await until(lambda: "online" in told.kinds(), "online with the kept key")
            assert board.statuses()[0].secure


async def test_a_reader_that_is_installed_elsewhere_stays_out(tmp_path: Path, host: str) -> None:
    with reader(host, key=KEY) as (far, port):
        settings = settings_of(tmp_path, bus(tmp_path, host, port, 'security = "install"', key=None))
        async with running(tmp_path, settings) as (board, told):
            await until(lambda: "offline" in told.kinds(), "offline")
            assert board.statuses()[0].cause == "key"
            assert far.key == KEY


async def test_a_connection_that_is_cut_is_told_once_and_comes_back(tmp_path: Path, host: str) -> None:
    with reader(host) as (far, port):
        async with running(tmp_path, settings_of(tmp_path, bus(tmp_path, host, port))) as (board, told):
            await until(lambda: told.kinds() == ["online"], "online")
            far.hang_up()
            await until(lambda: told.kinds()[-1] == "offline", "offline")
            assert board.statuses()[0].cause == "line"
            await until(lambda: told.kinds()[-1] == "online", "back")
            far.card("26:5")
            await until(lambda: ("card", 3, "26:5") in told.all, "card")
            assert told.kinds() == ["online", "offline", "online", "card"]


async def test_a_reader_that_falls_silent_is_told_once_and_comes_back(tmp_path: Path, host: str) -> None:
    with reader(host) as (far, port):
        async with running(tmp_path, settings_of(tmp_path, bus(tmp_path, host, port))) as (board, told):
            await until(lambda: told.kinds() == ["online"], "online")
            far.plugged = False
            await until(lambda: told.kinds()[-1] == "offline", "offline")
            assert board.statuses()[0].cause == "silent"
            assert "does not answer" in told.all[-1][2]
            far.plugged = True
            await until(lambda: told.kinds()[-1] == "online", "back")
            assert told.kinds() == ["online", "offline", "online"]


async def test_tamper_power_inputs_and_outputs_of_a_reader(tmp_path: Path, host: str) -> None:
    more = "inputs = [10, 11]\noutputs = [20]"
    lock = "[[locks]]\noutput = 20\ncontact = 10\nexit = 11\n"
    with reader(host) as (far, port):
        settings = settings_of(tmp_path, bus(tmp_path, host, port, more) + lock)
        async with running(tmp_path, settings) as (board, told):
            await until(lambda: "online" in told.kinds(), "online")
            far.local(tamper=True)
            await until(lambda: "tamper" in told.kinds(), "tamper")
            far.local(tamper=True, power_failed=True)
            await until(lambda: "power-failed" in told.kinds(), "power")
            assert (board.statuses()[0].tamper, board.statuses()[0].power_failed) == (True, True)
            far.local()
            await until(lambda: "power-restored" in told.kinds(), "restored")
            far.inputs(True, False)
            await until(lambda: ("input", 10, True) in told.all, "input")
            assert ("input", 11, False) in told.all

            def outputs() -> list[tuple[int, int]]:
                return [
                    (one["control_code"], one["timer_count"]) for one in far.commands if one["command"] == osdp_sys.CMD_OUTPUT
                ]

            board.set_output(20, True)
            await until(lambda: (5, 100) in outputs(), "released for a while")
            await until(lambda: outputs().count((5, 100)) > 1, "asked for again")
            board.set_output(20, False)
            await until(lambda: outputs()[-1] == (1, 0), "locked")


async def test_a_command_that_a_reader_refuses_is_not_sent_again(tmp_path: Path, host: str) -> None:
    with reader(host, mute=(osdp_sys.CMD_BUZZER,)) as (far, port):
        async with running(tmp_path, settings_of(tmp_path, bus(tmp_path, host, port))) as (board, told):
            await until(lambda: "online" in told.kinds(), "online")
            board.signal(3, "granted")
            await until(lambda: any(one["command"] == osdp_sys.CMD_BUZZER for one in far.commands), "beep")
            far.card("26:7")
            await until(lambda: ("card", 3, "26:7") in told.all, "it goes on")
            beeps = sum(one["command"] == osdp_sys.CMD_BUZZER for one in far.commands)
            shown = len(far.commands)
            board.signal(3, "denied")
            await until(lambda: len(far.commands) > shown, "LED")
            far.card("26:8")
            await until(lambda: ("card", 3, "26:8") in told.all, "card")
            assert sum(one["command"] == osdp_sys.CMD_BUZZER for one in far.commands) == beeps
            assert told.kinds() == ["online", "card", "card"]


async def test_a_serial_line(tmp_path: Path) -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    text = f'[[osdp]]\nname = "hall"\nserial = "{path}"\nbaud = 115200\n'
    text += f'[[osdp.readers]]\nreader = 3\nkey_file = "{key_file(tmp_path)}"\n'
    far = OsdpReader(KEY)
    try:
        settings = settings_of(tmp_path, text)
        async with running(tmp_path, settings) as (board, told):
            far.attach(master)
            await until(lambda: "online" in told.kinds(), "online")
            far.card("26:2a6f3b1")
            await until(lambda: ("card", 3, "26:2a6f3b1") in told.all, "card")
            network = board._buses[0]._network
            (entry,) = network.ledger()
            assert (entry.port, entry.transport, entry.local, entry.direction) == ("osdp", "serial", path, "both")
            assert entry.bytes_in > 0
            with pytest.raises(Conflict, match="is held by controller"):
                network.serial("osdp", asyncio.Protocol(), path, baud=9600)
    finally:
        far.close()
        os.close(master)
        os.close(slave)


async def test_a_line_that_is_not_there_is_said(tmp_path: Path) -> None:
    text = (
        f'[[osdp]]\nname = "hall"\nserial = "{tmp_path}/none"\n[[osdp.readers]]\nreader = 3\nkey_file = "{key_file(tmp_path)}"\n'
    )
    async with running(tmp_path, settings_of(tmp_path, text)) as (board, told):
        await until(lambda: "offline" in told.kinds(), "offline")
        assert "cannot be opened: No such file" in board.statuses()[0].detail


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no hardware is named"),
        ('[[osdp]]\nname = "a"\nserial = "/dev/x"\n[[osdp.readers]]\nreader = 3\n', "reader 3 has no key"),
        (
            '[[osdp]]\nname = "a"\nserial = "/dev/x"\n[[osdp.readers]]\nreader = 3\nkey_file = "/none"\n',
            "/none cannot be read",
        ),
    ],
)
def test_what_is_missing_is_said_at_the_start(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        board_of(settings_of(tmp_path, text), None)  # type: ignore[arg-type]


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    path.chmod(0o644)
    text = f'[[osdp]]\nname = "a"\nserial = "/dev/x"\n[[osdp.readers]]\nreader = 3\nkey_file = "{path}"\n'
    with pytest.raises(Refusal, match="chmod 600"):
        board_of(settings_of(tmp_path, text), None)  # type: ignore[arg-type]


async def test_two_readers_on_one_line_and_one_of_them_dead(tmp_path: Path) -> None:
    """The dead one holds nobody up for long, and the wire is shared: each hears what is said to the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings = settings_of(
        tmp_path,
        f'[[osdp]]\nname = "hall"\nhost = "127.0.0.1"\nport = {port}\n'
        f'[[osdp.readers]]\nreader = 3\naddress = 5\nkey_file = "{key_file(tmp_path)}"\n'
        f'[[osdp.readers]]\nreader = 4\naddress = 9\nkey_file = "{key_file(tmp_path)}"\n',
    )
    far = OsdpReader(KEY, address=5)
    accepted: list[socket.socket] = []
    thread = threading.Thread(target=lambda: accepted.append(listener.accept()[0]))
    thread.start()
    try:
        async with running(tmp_path, settings) as (board, told):
            await asyncio.to_thread(thread.join)
            far.attach(accepted[0].fileno())
            await until(lambda: {"online", "offline"} <= set(told.kinds()), "one lives, one is dead")
            assert [(status.reader, status.online, status.cause) for status in board.statuses()] == [
                (3, True, None),
                (4, False, "silent"),
            ]
            far.card("26:9")
            await until(lambda: ("card", 3, "26:9") in told.all, "card")
    finally:
        far.close()
        for one in accepted:
            one.close()
        listener.close()


async def test_an_output_that_is_set_before_the_start_is_not_forgotten(tmp_path: Path, host: str) -> None:
    """A door that its mode holds open is driven before the readers are there."""
    with reader(host) as (far, port):
        settings = settings_of(tmp_path, bus(tmp_path, host, port, "outputs = [20]") + "[[locks]]\noutput = 20\n")
        network = LocalNetwork(Settings.for_test("127.0.0.1"), "controller", tmp_path / "run")
        board, told = board_of(settings, network), Told()
        board.set_output(20, True)
        board.start(told)
        await until(lambda: any(one["command"] == osdp_sys.CMD_OUTPUT for one in far.commands), "driven")
        assert [one["control_code"] for one in far.commands if one["command"] == osdp_sys.CMD_OUTPUT] == [5]
        (entry,) = network.ledger()
        assert (entry.port, entry.transport, entry.remote) == ("osdp-tcp", "tcp", f"{host}:{port}")
        board.close()
        await network.close()


def test_without_the_libraries_the_controller_starts_and_hardware_is_refused(tmp_path: Path) -> None:
    key = key_file(tmp_path)
    program = f"""
import sys
sys.modules["osdp_sys"] = sys.modules["gpiod"] = None
from pathlib import Path
import sitewarden.nodes.controller.node
from sitewarden.domain.errors import Refusal
from sitewarden.nodes.controller.board.board import board_of
from sitewarden.nodes.controller.board.settings import *
from sitewarden.nodes.controller.settings import ControllerSettings
reader = ReaderSettings(reader=1, key_file="{key}")
for more in ({{"gpio": GpioSettings()}}, {{"osdp": (BusSettings(name="a", serial="/dev/x", readers=(reader,)),)}}):
    try:
        board_of(ControllerSettings(node="edge", data="{tmp_path}", **more), None)
    except Refusal as refusal:
        print(refusal)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout.splitlines() == [
        "gpio: the library gpiod is not installed. Run: pip install 'sitewarden[controller]'",
        "osdp: the library osdp_sys is not installed. Run: pip install 'sitewarden[controller]'",
    ], done.stderr
