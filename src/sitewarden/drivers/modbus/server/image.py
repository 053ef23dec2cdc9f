"""A unit's tables as masters see them: values become registers, requests become answers or writes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import nan
from typing import Final, NamedTuple

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import is_bad
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.modbus.mapping import Decoder, encode, merge_bits
from sitewarden.drivers.modbus.server.config import DeviceConfig, RegisterConfig
from sitewarden.kit.house import Reading, Source
from sitewarden.wire.modbus import DeviceException, ExceptionCode, Function, Request, pack_bits, unpack_bits

TABLES: Final[dict[int, str]] = {
    1: "coil",
    2: "discrete-input",
    3: "holding",
    4: "input",
    5: "coil",
    6: "holding",
    15: "coil",
    16: "holding",
    22: "holding",
    23: "holding",
}


class Write(NamedTuple):
    """A point that a master writes."""

    ref: str
    value: Value
    register: RegisterConfig


class _Entry:
    """One register's value as it stands, and the point that our mapping takes it for."""

    def __init__(self, config: RegisterConfig) -> None:
        self.config = config
        whole = config.kind not in ("float32", "float64", "bit", "string") and (config.scale, config.offset) == (1.0, 0.0)
        kind = "string" if config.kind == "string" else "boolean" if config.kind == "bit" else "integer" if whole else "number"
        self.point = Point(
            id=config.of.partition(":")[2],
            name=config.of,
            device="modbus-server",
            type=kind,  # type: ignore[arg-type]
            scale=config.scale,
            offset=config.offset,
        )
        self.source = Source(config.of, config.member)


class Image:
    """One unit. `put` what the house tells; `read` and `writes` for the requests of masters."""

    def __init__(self, config: DeviceConfig) -> None:
        self._zero = config.gaps == "zero"
        self._entries = [_Entry(one) for one in config.registers]
        self._of: dict[Source, list[_Entry]] = defaultdict(list)
        self._cells: dict[str, dict[int, int]] = {table: {} for table in TABLES.values()}
        self._lost: dict[str, dict[int, set[int]]] = {table: defaultdict(set) for table in TABLES.values()}
        """Table to address to the entries (by place) whose value there is Bad."""
        self._at: dict[tuple[str, int], list[_Entry]] = defaultdict(list)
        for place, entry in enumerate(self._entries):
            self._of[entry.source].append(entry)
            config_ = entry.config
            for address in range(config_.register, config_.register + config_.size):
                self._cells[config_.table][address] = 0
                self._lost[config_.table][address].add(place)
                self._at[config_.table, address].append(entry)
        self._place = {id(entry): place for place, entry in enumerate(self._entries)}

    @property
    def sources(self) -> list[Source]:
        """All that stands in the unit."""
        return list(self._of)

    def put(self, news: Sequence[tuple[Source, Reading]]) -> None:
        """Take how sources are now."""
        for source, reading in news:
            for entry in self._of.get(source, ()):
                self._take(entry, reading)

    def read(self, request: Request) -> bytes:
        """Return the data of a read (functions 1 to 4, and what 23 reads); raise DeviceException where it is refused."""
        table = TABLES[request.function]
        span = range(request.address, request.address + request.quantity)
        cells, lost = self._cells[table], self._lost[table]
        if lost and any(address in lost for address in span):
            raise DeviceException(request.function, ExceptionCode.SERVER_DEVICE_FAILURE)
        try:
            words = [cells.get(address, 0) for address in span] if self._zero else [cells[address] for address in span]
        except KeyError:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS) from None
        if table in ("coil", "discrete-input"):
            return pack_bits([word != 0 for word in words])
        return b"".join(word.to_bytes(2, "big") for word in words)

    def writes(self, request: Request) -> list[Write]:
        """Return what a write (5, 6, 15, 16, 22, 23) asks for; raise DeviceException where any of it cannot be."""
        table = TABLES[request.function]
        if table == "coil":
            bits = unpack_bits(request.data, request.quantity)
            return [self._whole(request, table, request.address + at, b"\x01" if bit else b"\x00") for at, bit in enumerate(bits)]
        data = request.data
        if request.function == Function.MASK_WRITE_REGISTER:
            held = self._cells[table].get(request.address, 0)
            kept, given = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big")
            data = (held & kept | given & ~kept & 0xFFFF).to_bytes(2, "big")
        found: list[Write] = []
        address, end = request.address, request.address + request.quantity
        while address < end:
            at = (address - request.address) * 2
            size, writes = self._register(request, table, address, end, data[at:])
            found += writes
            address += size
        return found

    def _register(self, request: Request, table: str, address: int, end: int, data: bytes) -> tuple[int, list[Write]]:
        """Return how many registers the value at `address` takes, and what is written to it."""
        entries = self._at.get((table, address), [])
        first = entries[0].config if entries else None
        if first is None or first.register != address:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
        if address + first.size > end:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_VALUE)
        if first.bit is None:
            return first.size, [self._whole(request, table, address, data[: first.size * 2])]
        held = self._cells[table][address]
        new = int.from_bytes(data[:2], "big")
        changed = [one for one in entries if (held ^ new) & _mask(one.config)]
        return 1, [self._write(request, one, data[:2]) for one in changed]

    def _whole(self, request: Request, table: str, address: int, data: bytes) -> Write:
        entries = self._at.get((table, address), [])
        if not entries or entries[0].config.register != address:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
        return self._write(request, entries[0], data)

    def _write(self, request: Request, entry: _Entry, data: bytes) -> Write:
        config = entry.config
        if not config.writable:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
        values, _ = Decoder([(entry.point, config)], config.register).decode(data)
        value = values[0]
        if value is None:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_VALUE)
        if config.words and isinstance(value, (int, float)):
            named = next((word for word, number in config.words.items() if number == value), None)
            if named is None:
                raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_VALUE)
            value = named
        return Write(config.of, value, config)

    def _take(self, entry: _Entry, reading: Reading) -> None:
        config = entry.config
        value: Value = reading.value
        bad = is_bad(reading.quality)
        if config.what == "quality":
            value, bad = reading.quality, False
        elif isinstance(value, str) and config.kind != "string":
            value = config.words.get(value)
            bad = bad or value is None
        elif config.kind == "string" and value is not None and not isinstance(value, str):
            value = str(value)
        if (bad or value is None) and config.when_lost == "last" and self._known(entry):
            return
        if bad or value is None:
            if config.when_lost != "nan":
                self._mark(entry, lost=True)
                return
            value = nan
        self._store(entry, value)

    def _store(self, entry: _Entry, value: Value) -> None:
        config = entry.config
        cells = self._cells[config.table]
        try:
            data = _nan(entry) if value != value else encode(entry.point, config, value)
        except Invalid:
            self._mark(entry, lost=True)
            return
        if config.bits:
            cells[config.register] = data[0]
        elif config.bit is not None:
            register = cells[config.register].to_bytes(2, "big")
            cells[config.register] = int.from_bytes(merge_bits(config, register, data), "big")
        else:
            for at in range(config.size):
                cells[config.register + at] = data[at * 2] << 8 | data[at * 2 + 1]
        self._mark(entry, lost=False)

    def _mark(self, entry: _Entry, *, lost: bool) -> None:
        config, place = entry.config, self._place[id(entry)]
        where = self._lost[config.table]
        for address in range(config.register, config.register + config.size):
            if lost:
                where[address].add(place)
            elif address in where:
                where[address].discard(place)
                if not where[address]:
                    del where[address]

    def _known(self, entry: _Entry) -> bool:
        """Tell whether it ever had a value."""
        return self._place[id(entry)] not in self._lost[entry.config.table].get(entry.config.register, ())


def _mask(config: RegisterConfig) -> int:
    mask = ((1 << (config.length or 1)) - 1) << (config.bit or 0)
    return mask if config.byte_order == "big" else (mask & 0xFF) << 8 | mask >> 8


def _nan(entry: _Entry) -> bytes:
    """Return the registers of a quiet NaN (IEEE 754), which our own writes never are."""
    size = entry.config.size * 2
    canonical = (b"\x7f\xc0" if size == 4 else b"\x7f\xf8").ljust(size, b"\0")
    words = [canonical[at : at + 2] for at in range(0, size, 2)]
    if entry.config.word_order == "little":
        words.reverse()
    return b"".join(word[::-1] if entry.config.byte_order == "little" else word for word in words)
