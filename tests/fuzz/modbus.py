"""Any bytes, from either side, are a frame that repeats itself when written, or a WireError or DeviceException; nothing else."""

from __future__ import annotations

from sitewarden.wire import modbus as wire
from sitewarden.wire.modbus import DeviceException, Framer, WireError

SEEDS = [
    wire.frame(1, 1, wire.read(3, 0, 10)) + wire.frame(2, 1, wire.read(1, 7, 20)),
    wire.frame(3, 255, wire.write_registers(10, bytes(range(20)))),
    wire.frame(4, 0, wire.write_coils(3, [True, False, True] * 9)) + wire.frame(5, 2, wire.refuse(3, 2)),
    wire.frame(6, 1, b"\x03\x14" + bytes(20)),
    wire.frame(7, 1, wire.read_write_registers(3, 4, 10, bytes(8))),
]


def check(data: bytes) -> None:
    framer = Framer()
    try:
        for frame in framer.feed(data[: len(data) // 2]) + framer.feed(data[len(data) // 2 :]):
            again = Framer().feed(wire.frame(*frame))
            assert again == [frame]
            _server(frame.pdu)
            _client(frame.pdu)
    except WireError:
        pass


def _server(pdu: bytes) -> None:
    try:
        request = wire.parse_request(pdu)
    except DeviceException as refusal:
        assert len(wire.refuse(refusal.function, refusal.code)) == 2
        return
    count = request.read[1] if request.function == 23 else request.quantity
    size = (count + 7) // 8 if request.function <= 2 else count * 2
    given = bytes(size if request.function <= 4 or request.function == 23 else 0)
    assert wire.answer(pdu, wire.respond(request, given)) == given


def _client(pdu: bytes) -> None:
    for request in (wire.read(3, 0, 10), wire.read(1, 7, 20), wire.write_coil(1, True)):
        try:
            assert len(wire.answer(request, pdu)) <= 250
        except (WireError, DeviceException):
            continue
