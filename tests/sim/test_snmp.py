"""The simulated UPS alone: its battery takes over, runs down, and comes back; as a program it answers, late and now and then."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from sim.snmp import UPS, Ups
from sitewarden.wire.snmp import ber, community, pdu
from sitewarden.wire.snmp.pdu import Kind, Pdu

ROOT = Path(__file__).parents[2]


def held(ups: Ups, place: str) -> object:
    return ups.mib.held[ber.oid(f"{UPS}.{place}")][1]


def test_the_battery_takes_over_and_runs_down() -> None:
    ups = Ups()
    assert (held(ups, "4.1.0"), held(ups, "2.4.0"), held(ups, "3.3.1.3.1")) == (3, 100, 231)
    ups.mains = False
    assert ups.step(1.0) and not ups.step(1.0)
    for _ in range(27):
        ups.step(60.0)
    assert held(ups, "4.1.0") == 5 and held(ups, "2.1.0") == 3 and held(ups, "3.3.1.3.1") == 0
    ups.mains = True
    assert not ups.step(1.0)
    assert held(ups, "2.2.0") == 0 and held(ups, "6.1.0") == 0


def test_it_runs_alone_with_faults(host: str) -> None:
    command = [sys.executable, "-m", "sim.snmp", "--host", host, "--port", "0", "--delay", "0.01", "--drop", "0.2"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
    ):
        assert process.stdout is not None
        try:
            number = int(process.stdout.readline().rsplit(":", 1)[1])
            sock.settimeout(0.5)
            sock.connect((host, number))
            answer = None
            for id_ in range(1, 121):
                asked = pdu.write_pdu(Kind.GET, id_, 0, 0, pdu.ask([ber.oid(f"{UPS}.2.4.0")]))
                sock.send(community.write(community.V2C, b"public", asked))
                try:
                    answer = community.read(sock.recv(2048)).pdu
                    break
                except TimeoutError:
                    continue
            assert isinstance(answer, Pdu) and answer.varbinds[0].value == 100
        finally:
            process.kill()
