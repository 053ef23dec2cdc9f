"""A whole controller on real readers: a card opens the door, the reader shows it, and what happens to readers is in the log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import osdp_sys

from sim.demo_access import card_of
from sitewarden.config import Settings
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.packing import pack
from sitewarden.kit.clock import SystemClock
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.board.board import board_of
from sitewarden.nodes.controller.controller import Controller
from sitewarden.nodes.controller.journal import Journal
from sitewarden.wire.controller import Record
from tests.nodes.controller.board.rig import key_file, reader, settings_of, until
from tests.sim.test_controller import rules

WIRED = """
[[locks]]
output = 0
contact = 0
[[osdp]]
name = "hall"
host = "{host}"
port = {port}
[[osdp.readers]]
reader = 0
key_file = "{key}"
outputs = [0]
inputs = [0]
"""


async def test_a_card_opens_the_door_and_the_reader_shows_it(tmp_path: Path, host: str) -> None:
    with reader(host) as (far, port):
        settings = settings_of(tmp_path, WIRED.format(host=host, port=port, key=key_file(tmp_path)))
        settings = type(settings)(node="front", data=settings.data, locks=settings.locks, osdp=settings.osdp)
        Path(settings.data).mkdir()
        network = LocalNetwork(Settings.for_test("127.0.0.1"), "controller", tmp_path / "run")
        journal = Journal.open(Path(settings.data) / "controller.db", SystemClock())
        board = board_of(settings, network)
        controller = Controller(settings, board, journal, SystemClock())
        controller.start()
        writing = asyncio.create_task(journal.run())
        snapshot = rules()
        packed = pack(snapshot, Rules(snapshot).digest)
        await controller.take_rules(packed.digest, packed.data)
        try:
            await until(lambda: board.statuses()[0].online, "online")
            far.card(card_of("hugo"))
            await until(
                lambda: (5, 0) in told(far.commands, osdp_sys.CMD_OUTPUT, "control_code", "output_no"), "the lock is driven"
            )
            await until(lambda: (2, True) in told(far.commands, osdp_sys.CMD_LED, "on_color", "temporary"), "green")
            far.inputs(True, False)
            await until(lambda: controller.doors["main-entrance"].machine.is_open, "the door opens")
            far.local(tamper=True)
            await until(lambda: board.statuses()[0].tamper, "tamper")
            far.hang_up()
            await until(lambda: board.statuses()[0].online is False, "cut")
        finally:
            controller.close()
            await journal.flush()
            records = [record for _, record in journal.records()]
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await journal.close()
            await network.close()
    types = [record.type for record in records]
    assert types.index("controller.reader-online") < types.index("access.granted") < types.index("controller.reader-tamper")
    assert types.index("access.granted") < types.index("door.opened")
    (lost,) = [record for record in records if record.type == "controller.reader-offline"]
    assert (lost.door, lost.access_point) == ("main-entrance", point_of(records))
    assert lost.data["reader"] == 0
    assert "ended" in lost.data["detail"]


def told(commands: list[dict[str, int]], kind: int, *fields: str) -> list[tuple[int, ...]]:
    return [tuple(one[field] for field in fields) for one in commands if one["command"] == kind]


def point_of(records: list[Record]) -> str:
    return next(record.access_point for record in records if record.type == "access.granted")
