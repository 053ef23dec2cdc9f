"""The echo of a probe over real sockets: whom it answers, how often, how long, and what it never disturbs."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sitewarden.config import Settings
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, TooMany
from sitewarden.net.network import LocalNetwork
from sitewarden.net.probing.udp import Asker, Echo
from sitewarden.services.operations import Caller
from sitewarden.services.probe import ANSWERS, SESSIONS, Probes, UdpRow
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.probe import CloseEcho, EchoOpened, OpenEcho, ProbeReport, ProbeReports, ProbeVerdict
from sitewarden.wire import probe
from tests.services.memory import TestClock

MEDIA = UdpRow(name="media-input", first=3000, last=5000, shared=False)
SHARED = UdpRow(name="device-udp", first=51110, last=51110, shared=True)
ADA = Caller(actor="user:ada", remote="127.0.0.1")


class Rig:
    def __init__(self, host: str, directory: Path) -> None:
        self.host = host
        self.network = LocalNetwork(Settings.for_test(host, directory), "core", directory)
        self.rows = [MEDIA]
        self.listening = {("server", 8600)}
        self.probes = Probes(TestClock(), host, lambda: self.rows, lambda: self.listening)
        self.probes.attach(self.network)
        self._by_name = {operation.name: operation.handler for operation in self.probes.operations()}

    async def open(self, **more: object) -> EchoOpened:
        opened: EchoOpened = await self._by_name["network.probe.open"](ADA, OpenEcho(**more))  # type: ignore[arg-type]
        return opened

    async def close(self, id_: str, *verdicts: ProbeVerdict) -> ProbeReport:
        report: ProbeReport = await self._by_name["network.probe.close"](ADA, CloseEcho(id=id_, verdicts=verdicts))
        return report

    async def reports(self) -> ProbeReports:
        found: ProbeReports = await self._by_name["network.probe.list"](ADA, Nothing())
        return found


@pytest.fixture
async def rig(host: str, tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(host, tmp_path)
    yield made
    await made.network.close()


async def answers(to: tuple[str, int], datagrams: list[bytes], source: str = "127.0.0.1") -> int:
    """Send datagrams and return how many came back before a last one to a port of our own proved that all were handled."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.bind((source, 0))
        for data in datagrams:
            sock.sendto(data, to)
        count = 0
        try:
            while True:
                await asyncio.wait_for(loop.sock_recv(sock, 2048), 0.3)
                count += 1
        except TimeoutError:
            return count


def question(opened: EchoOpened, number: int, nonce: bytes | None = None) -> bytes:
    session, token = probe.read_key(opened.key)
    return probe.seal("Q", token, number, session, nonce or os.urandom(16))


async def test_it_answers_the_one_who_asked_for_it(rig: Rig) -> None:
    opened = await rig.open()
    assert [(port.number, port.state) for port in opened.ports] == [(3000, "echo"), (4000, "echo"), (5000, "echo")]
    assert opened.address == "127.0.0.1"
    session, token = probe.read_key(opened.key)
    asker = Asker(rig.host)
    outcome = await asker.ask(3000, 5.0, Echo(session=session, token=token))
    asker.close()
    assert outcome.verdict == "open"
    report = await rig.close(opened.id, ProbeVerdict(row="media-input", transport="udp", number=3000, verdict="open"))
    assert [(port.number, port.heard, port.answered) for port in report.ports] == [(3000, 1, 1), (4000, 0, 0), (5000, 0, 0)]
    assert (await rig.reports()).items == (report,)
    assert opened.key not in str(report)


async def test_a_report_holds_both_sides_of_each_port(rig: Rig) -> None:
    opened = await rig.open()
    tcp = ProbeVerdict(row="server", transport="tcp", number=8600, verdict="filtered", detail="nothing came back")
    closed = ProbeVerdict(row="web", transport="tcp", number=80, verdict="other")
    udp = ProbeVerdict(row="media-input", transport="udp", number=3000, verdict="filtered")
    foreign = ProbeVerdict(row="upnp", transport="udp", number=8660, verdict="unproven")
    report = await rig.close(opened.id, tcp, closed, udp, foreign)
    assert [(seen.inside, seen.verdict, seen.judgement) for seen in report.verdicts] == [
        ("open", "filtered", "blocked"),
        ("closed", "other", "stranger"),
        ("echo", "filtered", "blocked"),
        ("", "unproven", "unproven"),
    ]
    assert report.verdicts[0].detail == "nothing came back"


async def test_it_is_no_reflector(rig: Rig) -> None:
    opened = await rig.open()
    to = (rig.host, 3000)
    _, token = probe.read_key(opened.key)
    other = probe.seal("Q", token, 3000, b"another!", bytes(16))
    assert await answers(to, [b"", b"x" * 64, os.urandom(64), other, question(opened, 4000)]) == 0
    assert await answers(to, [question(opened, 3000)], source="127.0.0.9") == 0, "it answered another address"
    same = question(opened, 3000, b"n" * 16)
    assert await answers(to, [same, same, same]) == 1, "a nonce was answered twice"
    assert await answers(to, [question(opened, 3000) for _ in range(ANSWERS * 3)]) == ANSWERS - 1
    await rig.close(opened.id)
    assert await answers(to, [question(opened, 3000)]) == 0
    with pytest.raises(NotFound):
        await rig.close(opened.id)


async def test_an_answer_is_as_long_as_its_question(rig: Rig) -> None:
    opened = await rig.open()
    asked = question(opened, 3000)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.bind(("127.0.0.1", 0))
        sock.sendto(asked, (rig.host, 3000))
        assert len(await asyncio.wait_for(loop.sock_recv(sock, 2048), 60)) == len(asked)


async def test_it_ends_by_itself_and_gives_its_ports_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[Callable[[], object]] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later
    monkeypatch.setattr(loop, "call_later", lambda s, f, *a: (ends.append(lambda: f(*a)), call_later(s, lambda: None))[1])
    await rig.open(seconds=5)
    monkeypatch.undo()
    assert len(rig.network.ledger()) == 3
    ends[-1]()
    await asyncio.sleep(0)
    assert rig.network.ledger() == []
    assert (await rig.reports()).items[0].ended is not None
    assert [port.number for port in (await rig.open()).ports] == [3000, 4000, 5000]


async def test_a_camera_keeps_its_port_and_the_next_one_is_proven(rig: Rig) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as camera:
        camera.bind((rig.host, 3000))
        assert [port.number for port in (await rig.open()).ports] == [3001, 4000, 5000]


async def test_a_shared_port_in_use_is_proven_beside_its_service(rig: Rig) -> None:
    rig.rows = [SHARED]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
        service.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        service.bind((rig.host, 51110))
        service.settimeout(60)
        busy = (await rig.open()).ports[0]
        assert (busy.state, "51110" in busy.reason) == ("busy", True)
        asker = Asker(rig.host)
        opened = await rig.open(source_port=asker.port)
        session, token = probe.read_key(opened.key)
        assert (await asker.ask(51110, 5.0, Echo(session=session, token=token))).verdict == "open"
        asker.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(b"for the service", (rig.host, 51110))
        assert service.recv(100) == b"for the service"


async def test_refusals(rig: Rig, tmp_path: Path) -> None:
    for address in ("nobody", "0.0.0.0", "239.1.1.1", "255.255.255.255", "::1"):
        with pytest.raises(Invalid):
            await rig.open(address=address)
    for _ in range(SESSIONS):
        await rig.open()
    with pytest.raises(TooMany):
        await rig.open()
    with pytest.raises(Conflict, match="running node"):
        await Probes(TestClock(), rig.host, lambda: rig.rows)._open(ADA, OpenEcho())
    with pytest.raises(Refusal, match="is no UDP row that this node listens on"):
        await rig.network.echo("dns", asyncio.DatagramProtocol, 53)
    with pytest.raises(Refusal):
        await rig.network.echo("media-input", asyncio.DatagramProtocol, 8600)
