"""Byte tables from the Modbus specification drive the reader and the writer; hostile bytes never do more than be refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import modbus as wire
from sitewarden.wire.modbus import DeviceException, Framer, Request, WireError

# The examples of MODBUS Application Protocol V1.1b3, clause 6: request, response, the request as a server sees it, data.
TABLE = [
    ("01 0013 0013", "01 03 CD6B05", Request(1, 0x13, 0x13), "CD6B05"),
    ("02 00C4 0016", "02 03 ACDB35", Request(2, 0xC4, 0x16), "ACDB35"),
    ("03 006B 0003", "03 06 022B00000064", Request(3, 0x6B, 3), "022B00000064"),
    ("04 0008 0001", "04 02 000A", Request(4, 8, 1), "000A"),
    ("05 00AC FF00", "05 00AC FF00", Request(5, 0xAC, 1, b"\x01"), ""),
    ("06 0001 0003", "06 0001 0003", Request(6, 1, 1, b"\x00\x03"), ""),
    ("0F 0013 000A 02 CD01", "0F 0013 000A", Request(15, 0x13, 10, b"\xcd\x01"), ""),
    ("16 0004 00F2 0025", "16 0004 00F2 0025", Request(22, 4, 1, bytes.fromhex("00F20025")), ""),
    ("10 0001 0002 04 000A0102", "10 0001 0002", Request(16, 1, 2, b"\x00\x0a\x01\x02"), ""),
]


def _write(request: Request) -> bytes:
    match request.function:
        case 5:
            return wire.write_coil(request.address, request.data[0] != 0)
        case 6:
            return wire.write_register(request.address, request.data)
        case 15:
            return wire.write_coils(request.address, wire.unpack_bits(request.data, request.quantity))
        case 16:
            return wire.write_registers(request.address, request.data)
        case 22:
            return wire.mask_register(request.address, request.data[:2], request.data[2:])
        case _:
            return wire.read(request.function, request.address, request.quantity)


@pytest.mark.parametrize(("request_hex", "response_hex", "parsed", "data"), TABLE)
def test_the_specifications_examples(request_hex: str, response_hex: str, parsed: Request, data: str) -> None:
    request, response = bytes.fromhex(request_hex), bytes.fromhex(response_hex)
    assert _write(parsed) == request
    assert wire.parse_request(request) == parsed
    assert wire.respond(parsed, bytes.fromhex(data)) == response
    assert wire.answer(request, response) == bytes.fromhex(data)
    with pytest.raises(WireError):
        wire.answer(request, response + b"\0")


@pytest.mark.parametrize(("request_hex", "response_hex", "parsed", "data"), TABLE)
def test_an_exception_is_an_exception(request_hex: str, response_hex: str, parsed: Request, data: str) -> None:
    refused = wire.refuse(parsed.function, 2)
    assert refused == bytes((parsed.function + 0x80, 2))
    with pytest.raises(DeviceException, match="illegal data address") as caught:
        wire.answer(bytes.fromhex(request_hex), refused)
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        ("", 1),
        ("2B 0E", 1),
        ("03 0000 0000", 3),
        ("03 0000 007E", 3),
        ("03 FFFF 0002", 2),
        ("01 0000 07D1", 3),
        ("03 0000", 3),
        ("05 0000 0001", 3),
        ("10 0000 0002 04 0001", 3),
        ("10 0000 0001 04 00010002", 3),
        ("0F 0000 0009 01 FF", 3),
        ("10 0000", 3),
        ("16 0000 00F2", 3),
    ],
)
def test_a_server_refuses_with_the_code_of_the_specification(pdu: str, code: int) -> None:
    with pytest.raises(DeviceException) as caught:
        wire.parse_request(bytes.fromhex(pdu))
    assert caught.value.code == code


def test_a_frame_is_read_from_any_pieces() -> None:
    stream = wire.frame(1, 17, bytes.fromhex("0302022B")) + wire.frame(0xFFFF, 0, b"\x83\x02")
    assert stream == bytes.fromhex("0001 0000 0005 11 0302022B FFFF 0000 0003 00 8302")
    for size in range(1, len(stream) + 1):
        framer, frames = Framer(), []
        for at in range(0, len(stream), size):
            frames += framer.feed(stream[at : at + size])
        assert frames == [(1, 17, bytes.fromhex("0302022B")), (0xFFFF, 0, b"\x83\x02")]


@pytest.mark.parametrize("head", ["0001 0001 0005 11", "0001 0000 0001 11", "0001 0000 00FF 11", "GET / HTTP"])
def test_what_is_no_modbus_is_refused_at_once(head: str) -> None:
    data = head.encode() if "/" in head else bytes.fromhex(head)
    with pytest.raises(WireError):
        Framer().feed(data + b"\0")


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_a_hostile_stream_gives_frames_or_a_refusal(chunks: list[bytes]) -> None:
    framer = Framer()
    try:
        for chunk in chunks:
            for frame in framer.feed(chunk):
                assert 1 <= len(frame.pdu) <= 253
    except WireError:
        pass
    assert len(framer._rest) < 300


@given(st.binary(max_size=260), st.sampled_from([bytes.fromhex(row[0]) for row in TABLE]))
def test_a_hostile_answer_gives_data_or_a_refusal(pdu: bytes, request: bytes) -> None:
    try:
        data = wire.answer(request, pdu)
    except (WireError, DeviceException):
        return
    assert pdu == wire.respond(wire.parse_request(request), data)


@given(st.binary(max_size=260))
def test_a_hostile_request_is_parsed_or_refused(pdu: bytes) -> None:
    try:
        request = wire.parse_request(pdu)
    except DeviceException:
        return
    assert request.address + request.quantity <= 65536
    if request.function not in (15,):
        assert _write(request) == pdu


@given(st.lists(st.booleans(), max_size=200))
def test_bits_come_back(values: list[bool]) -> None:
    assert wire.unpack_bits(wire.pack_bits(values), len(values)) == values
