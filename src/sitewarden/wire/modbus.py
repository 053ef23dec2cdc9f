"""Modbus TCP on the wire, for both sides: frames, requests, responses. Pure.

MODBUS Application Protocol V1.1b3 (clause 6, function codes 1 to 6, 15, 16, 22 and 23; clause 7, exceptions) and MODBUS
Messaging on TCP/IP V1.0b (clause 3.1.3, the MBAP header). Addresses are those of the PDU, from 0.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

MAX_ADU: Final = 260
MAX_READ_REGISTERS: Final = 125
MAX_READ_BITS: Final = 2000
MAX_WRITE_REGISTERS: Final = 123
MAX_WRITE_BITS: Final = 1968
MAX_READ_WRITE: Final = 121
"""Registers that function 23 writes at most."""

_HEADER = Struct(">HHHB")
_TWO = Struct(">BHH")
_MULTIPLE = Struct(">BHHB")
_BOTH = Struct(">BHHHHB")


class Function(IntEnum):
    """The public function codes in use."""

    READ_COILS = 1
    READ_DISCRETE_INPUTS = 2
    READ_HOLDING_REGISTERS = 3
    READ_INPUT_REGISTERS = 4
    WRITE_SINGLE_COIL = 5
    WRITE_SINGLE_REGISTER = 6
    WRITE_MULTIPLE_COILS = 15
    WRITE_MULTIPLE_REGISTERS = 16
    MASK_WRITE_REGISTER = 22
    READ_WRITE_REGISTERS = 23


class ExceptionCode(IntEnum):
    """Clause 7."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_DATA_ADDRESS = 2
    ILLEGAL_DATA_VALUE = 3
    SERVER_DEVICE_FAILURE = 4
    ACKNOWLEDGE = 5
    SERVER_DEVICE_BUSY = 6
    MEMORY_PARITY_ERROR = 8
    GATEWAY_PATH_UNAVAILABLE = 10
    GATEWAY_TARGET_FAILED_TO_RESPOND = 11


class WireError(Exception):
    """The bytes are not Modbus TCP, or do not answer what was asked."""


class DeviceException(Exception):
    """The device answered with an exception; `code` is its number, which need not be one of clause 7."""

    def __init__(self, function: int, code: int) -> None:
        try:
            name = ExceptionCode(code).name.lower().replace("_", " ")
        except ValueError:
            name = "unknown"
        super().__init__(f"the device refused function {function}: {name} (exception {code})")
        self.function = function
        self.code = code


class Frame(NamedTuple):
    """One ADU without its length."""

    transaction: int
    unit: int
    pdu: bytes


class Request(NamedTuple):
    """A request as a server sees it. `data` is what is written: registers big-endian, bits packed lowest first, or both masks."""

    function: int
    address: int
    quantity: int
    data: bytes = b""
    read: tuple[int, int] = (0, 0)
    """Address and quantity that function 23 reads after its write."""


class Framer:
    """Cuts a TCP stream into frames; whatever is no Modbus TCP raises WireError, after which the stream is lost."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes."""
        if self._rest:
            data = self._rest + data
        frames: list[Frame] = []
        at, end = 0, len(data)
        while end - at >= 7:
            transaction, protocol, length, unit = _HEADER.unpack_from(data, at)
            if protocol != 0:
                raise WireError(f"protocol identifier {protocol} is not Modbus's 0")
            if not 2 <= length <= MAX_ADU - 6:
                raise WireError(f"length {length} is outside 2 to {MAX_ADU - 6}")
            if end - at < 6 + length:
                break
            frames.append(Frame(transaction, unit, data[at + 7 : at + 6 + length]))
            at += 6 + length
        self._rest = data[at:]
        return frames


def frame(transaction: int, unit: int, pdu: bytes) -> bytes:
    """Return the ADU of a PDU."""
    return _HEADER.pack(transaction, 0, len(pdu) + 1, unit) + pdu


def read(function: int, address: int, count: int) -> bytes:
    """Return the PDU that reads `count` bits (codes 1, 2) or registers (3, 4)."""
    return _TWO.pack(function, address, count)


def write_coil(address: int, value: bool) -> bytes:
    """Return the PDU of function 5."""
    return _TWO.pack(Function.WRITE_SINGLE_COIL, address, 0xFF00 if value else 0)


def write_register(address: int, data: bytes) -> bytes:
    """Return the PDU of function 6; `data` is two bytes, big-endian."""
    return _TWO.pack(Function.WRITE_SINGLE_REGISTER, address, int.from_bytes(data, "big"))


def write_coils(address: int, values: list[bool]) -> bytes:
    """Return the PDU of function 15."""
    data = pack_bits(values)
    return _MULTIPLE.pack(Function.WRITE_MULTIPLE_COILS, address, len(values), len(data)) + data


def write_registers(address: int, data: bytes) -> bytes:
    """Return the PDU of function 16; `data` is registers, big-endian."""
    return _MULTIPLE.pack(Function.WRITE_MULTIPLE_REGISTERS, address, len(data) // 2, len(data)) + data


def mask_register(address: int, and_mask: bytes, or_mask: bytes) -> bytes:
    """Return the PDU of function 22: the register becomes (register AND and_mask) OR (or_mask AND NOT and_mask)."""
    return bytes((Function.MASK_WRITE_REGISTER,)) + address.to_bytes(2, "big") + and_mask + or_mask


def read_write_registers(read: int, count: int, address: int, data: bytes) -> bytes:
    """Return the PDU of function 23: write `data` (registers, big-endian) at `address`, then read `count` registers at `read`."""
    return _BOTH.pack(Function.READ_WRITE_REGISTERS, read, count, address, len(data) // 2, len(data)) + data


def answer(request: bytes, pdu: bytes) -> bytes:
    """Return what `pdu` answers to `request`: the data of a read, empty for a write.

    Raises DeviceException for an exception, WireError for anything that does not answer the request.
    """
    function = request[0]
    if not pdu:
        raise WireError("an empty answer")
    if pdu[0] == function | 0x80:
        if len(pdu) != 2:
            raise WireError("an exception is two bytes")
        raise DeviceException(function, pdu[1])
    if pdu[0] != function:
        raise WireError(f"function {pdu[0]} answers function {function}")
    if function <= Function.READ_INPUT_REGISTERS or function == Function.READ_WRITE_REGISTERS:
        count = request[3] << 8 | request[4]
        size = count * 2 if function >= Function.READ_HOLDING_REGISTERS else (count + 7) // 8
        if len(pdu) != size + 2 or pdu[1] != size:
            raise WireError(f"{len(pdu) - 2} bytes answer a read of {size}")
        return pdu[2:]
    if pdu != (request if function == Function.MASK_WRITE_REGISTER else request[:5]):
        raise WireError("the answer to a write does not repeat it")
    return b""


def parse_request(pdu: bytes) -> Request:
    """Return a request as the server reads it; raise DeviceException with the code that a server answers."""
    function = pdu[0] if pdu else 0
    if function in (1, 2, 3, 4, 5, 6):
        if len(pdu) != 5:
            raise DeviceException(function, ExceptionCode.ILLEGAL_DATA_VALUE)
        _, address, count = _TWO.unpack(pdu)
        if function <= 4:
            limit = MAX_READ_BITS if function <= 2 else MAX_READ_REGISTERS
            return _bounded(Request(function, address, count), limit)
        if function == Function.WRITE_SINGLE_REGISTER:
            return Request(function, address, 1, pdu[3:])
        if count not in (0, 0xFF00):
            raise DeviceException(function, ExceptionCode.ILLEGAL_DATA_VALUE)
        return Request(function, address, 1, b"\x01" if count else b"\x00")
    if function in (15, 16):
        if len(pdu) < 6:
            raise DeviceException(function, ExceptionCode.ILLEGAL_DATA_VALUE)
        _, address, count, size = _MULTIPLE.unpack_from(pdu)
        wanted = count * 2 if function == 16 else (count + 7) // 8
        if size != wanted or len(pdu) != 6 + size:
            raise DeviceException(function, ExceptionCode.ILLEGAL_DATA_VALUE)
        return _bounded(Request(function, address, count, pdu[6:]), MAX_WRITE_REGISTERS if function == 16 else MAX_WRITE_BITS)
    if function == Function.MASK_WRITE_REGISTER:
        if len(pdu) != 7:
            raise DeviceException(function, ExceptionCode.ILLEGAL_DATA_VALUE)
        return Request(function, pdu[1] << 8 | pdu[2], 1, pdu[3:])
    if function == Function.READ_WRITE_REGISTERS:
        return _read_write(pdu)
    raise DeviceException(function, ExceptionCode.ILLEGAL_FUNCTION)


def respond(request: Request, data: bytes = b"") -> bytes:
    """Return the PDU that answers `request`; `data` is what a read gives."""
    if request.function <= Function.READ_INPUT_REGISTERS or request.function == Function.READ_WRITE_REGISTERS:
        return bytes((request.function, len(data))) + data
    if request.function == Function.WRITE_SINGLE_COIL:
        return write_coil(request.address, request.data[0] != 0)
    if request.function == Function.WRITE_SINGLE_REGISTER:
        return write_register(request.address, request.data)
    if request.function == Function.MASK_WRITE_REGISTER:
        return mask_register(request.address, request.data[:2], request.data[2:])
    return _TWO.pack(request.function, request.address, request.quantity)


def refuse(function: int, code: int) -> bytes:
    """Return the PDU of an exception."""
    return bytes(((function | 0x80) & 0xFF, code))


def pack_bits(values: list[bool]) -> bytes:
    """Return bits packed lowest first, as Modbus carries them."""
    packed = sum(1 << place for place, value in enumerate(values) if value)
    return packed.to_bytes((len(values) + 7) // 8, "little")


def unpack_bits(data: bytes, count: int) -> list[bool]:
    """Return the first `count` bits of `data`."""
    packed = int.from_bytes(data, "little")
    return [bool(packed >> place & 1) for place in range(count)]


def _read_write(pdu: bytes) -> Request:
    if len(pdu) < 10:
        raise DeviceException(pdu[0], ExceptionCode.ILLEGAL_DATA_VALUE)
    function, read, wanted, address, count, size = _BOTH.unpack_from(pdu)
    if size != count * 2 or len(pdu) != 10 + size:
        raise DeviceException(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    _bounded(Request(function, read, wanted), MAX_READ_REGISTERS)
    return _bounded(Request(function, address, count, pdu[10:], (read, wanted)), MAX_READ_WRITE)


def _bounded(request: Request, limit: int) -> Request:
    if not 1 <= request.quantity <= limit:
        raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_VALUE)
    if request.address + request.quantity > 65536:
        raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
    return request
