"""A Modbus TCP server for simulated machines: banks of registers by unit, and faults on request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from sitewarden.wire.modbus import (
    DeviceException,
    ExceptionCode,
    Frame,
    Framer,
    Request,
    WireError,
    frame,
    pack_bits,
    parse_request,
    refuse,
    respond,
    unpack_bits,
)

TABLES = {
    1: "coil",
    2: "discrete-input",
    3: "holding",
    4: "input",
    5: "coil",
    6: "holding",
    15: "coil",
    16: "holding",
    22: "holding",
}


class Bank:
    """One unit's tables. Only addresses that were given a value exist; others are answered with exception 2."""

    def __init__(self) -> None:
        self.coils: dict[int, bool] = {}
        self.discrete: dict[int, bool] = {}
        self.input: dict[int, int] = {}
        self.holding: dict[int, int] = {}
        self.functions = frozenset(TABLES)
        """Function codes that the unit knows."""
        self.written: Callable[[str, int, int], None] = lambda _table, _address, _count: None
        """Told after a write: table, first address, count."""

    def put(self, table: dict[int, int], address: int, data: bytes) -> None:
        """Put big-endian bytes into registers from `address` on."""
        for place in range(0, len(data), 2):
            table[address + place // 2] = data[place] << 8 | data[place + 1]

    def take(self, address: int, count: int) -> bytes:
        """Return holding registers as big-endian bytes."""
        return b"".join(self.holding[address + place].to_bytes(2, "big") for place in range(count))

    def answer(self, request: Request) -> bytes:
        """Carry out a request and return the response's PDU; raise DeviceException where it is refused."""
        if request.function not in self.functions:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_FUNCTION)
        span = range(request.address, request.address + request.quantity)
        name = TABLES[request.function]
        try:
            if request.function in (1, 2):
                bits = self.coils if name == "coil" else self.discrete
                return respond(request, pack_bits([bits[address] for address in span]))
            if request.function in (3, 4):
                words = self.holding if name == "holding" else self.input
                return respond(request, b"".join(words[address].to_bytes(2, "big") for address in span))
        except KeyError:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS) from None
        known = self.coils if name == "coil" else self.holding
        if any(address not in known for address in span):
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
        if name == "coil":
            self.coils.update(zip(span, unpack_bits(request.data, request.quantity), strict=True))
        elif request.function == 22:
            kept, given = int.from_bytes(request.data[:2], "big"), int.from_bytes(request.data[2:], "big")
            self.holding[request.address] = self.holding[request.address] & kept | given & ~kept
        else:
            self.put(self.holding, request.address, request.data)
        self.written(name, request.address, request.quantity)
        return respond(request)


@dataclass
class Faults:
    """What goes wrong on purpose."""

    delay: float = 0.0
    """Seconds before each answer."""
    exception: int = 0
    """Code that answers every read; 0 for none."""
    silent: set[int] = field(default_factory=set)
    """Units that do not answer."""
    drop: int = 0
    """Connections to cut: each takes the next request and is closed instead of answering it."""


class ModbusServer:
    """Serves banks by unit; a unit that does not exist is answered as a gateway does, with exception 11."""

    def __init__(self, units: dict[int, Bank]) -> None:
        self.units = units
        self.faults = Faults()
        self.requests: list[tuple[int, Request]] = []
        """The last requests, for tests; not kept unless `record` is set."""
        self.record = False
        self.served = 0
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._server is not None:
            self._server.close()
            for connection in list(self._connections):
                connection.close()
            await self._server.wait_closed()
            self._server = None

    async def run(self, host: str, port: int) -> None:
        """Serve until cancelled."""
        await self.start(host, port)
        try:
            await asyncio.Event().wait()
        finally:
            await self.stop()

    def _reply(self, unit: int, pdu: bytes) -> bytes | None:
        self.served += 1
        if unit in self.faults.silent:
            return None
        bank = self.units.get(unit)
        try:
            if bank is None:
                raise DeviceException(pdu[0], ExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND)
            request = parse_request(pdu)
            if self.record:
                self.requests.append((unit, request))
            if self.faults.exception and request.function <= 4:
                raise DeviceException(request.function, self.faults.exception)
            return bank.answer(request)
        except DeviceException as refusal:
            return refuse(refusal.function, refusal.code)


class _Connection(asyncio.Protocol):
    def __init__(self, server: ModbusServer) -> None:
        self._server = server
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server._connections.discard(self)
        self._transport = None

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._framer.feed(data)
        except WireError:
            self.close()
            return
        for one in frames:
            if self._server.faults.drop:
                self._server.faults.drop -= 1
                self.close()
                return
            self._serve(one)

    def _serve(self, one: Frame) -> None:
        pdu = self._server._reply(one.unit, one.pdu)
        if pdu is None:
            return
        adu = frame(one.transaction, one.unit, pdu)
        if self._server.faults.delay:
            asyncio.get_running_loop().call_later(self._server.faults.delay, self._write, adu)
        else:
            self._write(adu)

    def _write(self, adu: bytes) -> None:
        if self._transport is not None:
            self._transport.write(adu)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
