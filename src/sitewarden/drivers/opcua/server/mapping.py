"""A value of the house as a node tells it, and a client's value as the house takes it. Pure."""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.opcua.server.config import NodeConfig

TYPE_MISMATCH: Final = 0x80740000
OUT_OF_RANGE: Final = 0x803C0000
ACCESS_DENIED: Final = 0x801F0000
NODE_UNKNOWN: Final = 0x80340000
TIMEOUT: Final = 0x800A0000
BUSY: Final = 0x80EE0000
"""BadServerTooBusy."""
CODES: Final[dict[str, int]] = {
    "invalid": OUT_OF_RANGE,
    "not-found": NODE_UNKNOWN,
    "denied": ACCESS_DENIED,
    "timed-out": TIMEOUT,
    "too-many": BUSY,
    "unreachable": Quality.BAD_NO_COMMUNICATION,
}
"""Code of a refused write to what its client is answered; any other is BadDeviceFailure."""
_INT64: Final = 2**63


def told(config: NodeConfig, value: Value, quality: int) -> tuple[Value, int]:
    """Return a node's value and StatusCode; what is none of its type is Bad, and never a number."""
    if is_bad(quality) or value is None:
        return None, quality if is_bad(quality) else int(Quality.BAD_NO_COMMUNICATION)
    if config.kind == "string":
        return (str(value).lower() if isinstance(value, bool) else str(value)), quality
    if isinstance(value, str):
        return None, TYPE_MISMATCH
    if config.kind == "boolean":
        return value != 0, quality
    if config.kind == "integer":
        whole = round(value) if isfinite(value) else _INT64
        return (whole, quality) if -_INT64 <= whole < _INT64 else (None, TYPE_MISMATCH)
    return float(value), quality


def taken(config: NodeConfig, value: Any) -> Value:
    """Return what a client writes as the house takes it; raises ValueError where it is none of the node's type."""
    if config.kind == "string":
        if not isinstance(value, str) or len(value) > 4096:
            raise ValueError("no text")
        return value
    if not isinstance(value, (bool, int, float)) or value != value:
        raise ValueError("no number")
    if config.kind == "boolean":
        if value not in (0, 1):
            raise ValueError("neither 0 nor 1")
        return bool(value)
    if config.kind == "integer":
        if value != int(value):
            raise ValueError("no whole number")
        return int(value)
    return float(value)
