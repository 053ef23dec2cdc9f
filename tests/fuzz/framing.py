"""Any bytes, in any two pieces, are the same messages as in one, none longer than allowed, or a FramingError; and can be read."""

from __future__ import annotations

from collections.abc import Callable

from sitewarden.domain.points.model import Point
from sitewarden.drivers.tcp.config import AddressConfig, DeviceConfig
from sitewarden.drivers.tcp.mapping import Naming, readings
from sitewarden.wire.framing import Counted, Delimited, Fixed, Framer, FramingError

MOST = 64
READ = 6
"""Messages of each framing that are read, for a run to stay short."""
SEEDS = [
    b"S1 W=12.5 kg 2026-01-01T00:00:00\r\nS2 W=-3 kg\n",
    b"\x02S1 W=1\x03noise\x02S2 W=2 t=1700000000\x03",
    b"\x00\x05hello\x00\x00\x00\x03abc",
    b"S1 W=0x1f" + bytes(range(40)) + b"\n",
]
MAKERS: list[Callable[[], Framer]] = [
    lambda: Delimited(b"\n", MOST),
    lambda: Delimited(b"\x03", MOST, b"\x02"),
    lambda: Delimited(b"\r\n", MOST),
    lambda: Fixed(7),
    lambda: Counted(0, 2, "big", 0, MOST),
    lambda: Counted(1, 1, "little", -1, MOST),
]
NAMING = Naming(r"^(\w+) ")
READINGS = [
    reading
    for time in ("iso", "seconds", "milliseconds")
    for reading in readings(
        DeviceConfig(pattern=r"W=([^ ]*)(?: kg (?P<time>[^ ]*))?", time=time),  # type: ignore[arg-type]
        [
            (Point(id=f"{type_}-{form}", name="P", device="d", type=type_), AddressConfig(form=form))  # type: ignore[arg-type]
            for type_ in ("number", "integer", "boolean", "string")
            for form in ("text", "hex", "unsigned", "signed", "float")
        ],
    )
]


def check(data: bytes) -> None:
    for make in MAKERS:
        whole = _feed(make(), data)
        pieces = _feed(make(), data[: len(data) // 3], data[len(data) // 3 :])
        # A message that is too long is found out at the end of a piece, so pieces may give what stands before it.
        if whole is not None and pieces is not None:
            assert whole == pieces
        for message in (whole or [])[:READ]:
            assert 0 < len(message) <= MOST
            NAMING.of(message)
            for reading in READINGS:
                found = reading.read(message)
                assert found is None or len(found.values) == len(found.qualities) == 20


def _feed(framer: Framer, *pieces: bytes) -> list[bytes] | None:
    try:
        return [message for piece in pieces for message in framer.feed(piece)]
    except FramingError:
        return None
