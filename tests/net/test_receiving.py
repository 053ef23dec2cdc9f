"""Many datagrams in one call: whole, in order, by their sender, and never at the cost of other sockets of the loop."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.net import receiving
from sitewarden.net.network import LocalNetwork
from sitewarden.net.receiving import BATCH, TURNS, BurstTransport

LIMIT = 60.0


class Taker(asyncio.DatagramProtocol):
    """Takes batches, and counts for itself."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[bytes], tuple[str, int]]] = []
        self.faults: list[Exception] = []
        self.bytes_in = 0
        self.arrived = asyncio.Event()
        self.lost = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.datagrams_received([data], addr)

    def datagrams_received(self, batch: list[bytes], addr: tuple[str, int]) -> None:
        self.batches.append((batch, addr[:2]))
        self.bytes_in += sum(map(len, batch))
        self.arrived.set()

    def error_received(self, exc: Exception) -> None:
        self.faults.append(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()

    @property
    def all(self) -> list[bytes]:
        return [data for batch, _ in self.batches for data in batch]

    async def count(self, wanted: int) -> None:
        async with asyncio.timeout(LIMIT):
            while len(self.all) < wanted:
                self.arrived.clear()
                await self.arrived.wait()


def sender(host: str, to: tuple[str, int]) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((host, 0))
    made.connect(to)
    return made


@pytest.fixture
async def net(tmp_path: Path, host: str) -> AsyncIterator[LocalNetwork]:
    made = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    yield made
    await made.close()


async def pair(net: LocalNetwork) -> tuple[list[Taker], list[asyncio.DatagramTransport], tuple[str, int]]:
    takers = [Taker(), Taker()]
    left = list(reversed(takers))
    transports, even = await net.pair("media-input", left.pop, receive_buffer=1 << 20)
    return takers, list(transports), (net.settings.bind, even)


@pytest.fixture(params=["batches", "one by one"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the kernel's call, and as where the C library has none."""
    if request.param == "one by one":
        monkeypatch.setattr(receiving, "_recvmmsg", None)
    return str(request.param)


async def test_all_sizes_come_whole_and_in_order(net: LocalNetwork, host: str, way: str) -> None:
    (taker, _), (transport, _), place = await pair(net)
    assert isinstance(transport, BurstTransport) == (way == "batches")
    # Nothing, one byte, a usual packet, the largest that IPv4 has.
    sent = [b"", b"a", b"b" * 1400, b"c" * 65_507, b"", b"d" * 1400]
    with sender(host, place) as far:
        for data in sent:
            far.send(data)
        await taker.count(len(sent))
        assert taker.all == sent and {addr for _, addr in taker.batches} == {far.getsockname()}
    if way == "batches":
        assert len(taker.batches) == 1
    line = next(line for line in net.ledger() if line.local.endswith(f":{place[1]}"))
    assert line.bytes_in == sum(map(len, sent))


async def test_each_sender_has_its_own_batch(net: LocalNetwork, host: str, way: str) -> None:
    (taker, _), _, place = await pair(net)
    with sender(host, place) as one, sender(host, place) as other:
        for far, data in ((one, b"1"), (one, b"2"), (other, b"x"), (one, b"3"), (other, b"y"), (other, b"z")):
            far.send(data)
        await taker.count(6)
        heard = [(data, addr) for batch, addr in taker.batches for data in batch]
        names = {far.getsockname(): name for far, name in ((one, "one"), (other, "other"))}
    assert [(data, names[addr]) for data, addr in heard] == [
        (b"1", "one"), (b"2", "one"), (b"x", "other"), (b"3", "one"), (b"y", "other"), (b"z", "other"),
    ]  # fmt: skip


async def test_a_flood_leaves_the_loop_its_turns(net: LocalNetwork, host: str) -> None:
    (flooded, beside), _, place = await pair(net)
    most = BATCH * TURNS
    seen: list[int] = []
    with sender(host, place) as far, sender(host, (place[0], place[1] + 1)) as other:
        for number in range(2 * most):
            far.send(number.to_bytes(4, "big"))
        other.send(b"now")
        took = beside.datagrams_received

        def note(batch: list[bytes], addr: tuple[str, int]) -> None:
            seen.append(len(flooded.all))
            took(batch, addr)

        beside.datagrams_received = note  # type: ignore[method-assign]
        await beside.count(1)
        await flooded.count(2 * most)
    assert seen[0] <= most and max(len(batch) for batch, _ in flooded.batches) == BATCH
    assert flooded.all == [number.to_bytes(4, "big") for number in range(2 * most)]


async def test_what_is_closed_hears_no_more(net: LocalNetwork, host: str) -> None:
    (taker, control), (transport, other), place = await pair(net)
    took = taker.datagrams_received

    def close_at_once(batch: list[bytes], addr: tuple[str, int]) -> None:
        took(batch, addr)
        transport.close()

    taker.datagrams_received = close_at_once  # type: ignore[method-assign]
    with sender(host, place) as one, sender(host, place) as two:
        one.send(b"first")
        two.send(b"second")
        await taker.count(1)
        async with asyncio.timeout(LIMIT):
            await taker.lost.wait()
    assert taker.all == [b"first"] and transport.is_closing()
    transport.close()
    transport.sendto(b"late", place)
    assert len(net.ledger()) == 1
    other.sendto(b"x" * 70_000, place)
    assert isinstance(control.faults[0], OSError) and control.faults[0].errno == errno.EMSGSIZE


async def test_an_answer_reaches_who_asked(net: LocalNetwork, host: str, way: str) -> None:
    (taker, _), (transport, _), place = await pair(net)
    with sender(host, place) as far:
        far.settimeout(LIMIT)
        far.send(b"question")
        await taker.count(1)
        transport.sendto(b"answer", taker.batches[0][1])
        assert await asyncio.to_thread(far.recv, 100) == b"answer"


async def test_a_fault_of_the_network_is_told(net: LocalNetwork, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    (taker, _), (transport, _), place = await pair(net)
    assert isinstance(transport, BurstTransport)

    def fails(*_: Any) -> int:
        import ctypes

        ctypes.set_errno(errno.ENOMEM)
        return -1

    monkeypatch.setattr(receiving, "_recvmmsg", fails)
    with sender(host, place) as far:
        far.send(b"x")
        async with asyncio.timeout(LIMIT):
            while not taker.faults:
                await asyncio.sleep(0.01)
    assert isinstance(taker.faults[0], OSError) and taker.faults[0].errno == errno.ENOMEM


async def test_ipv6_has_its_own_addresses(tmp_path: Path) -> None:
    net = LocalNetwork(Settings.for_test("::1"), "media-0", tmp_path / "run")
    try:
        (taker, _), _, place = await pair(net)
    except OSError:
        await net.close()
        pytest.skip("this computer has no IPv6")
    with sender("::1", place) as far:
        far.send(b"six")
        far.send(b"more")
        await taker.count(2)
        assert {addr for _, addr in taker.batches} == {far.getsockname()[:2]}
    await net.close()
