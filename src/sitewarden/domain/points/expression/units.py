"""Units that `convert` knows: each with its kind, and how it becomes the kind's own. Pure."""

from __future__ import annotations

from typing import Final

UNITS: Final[dict[str, tuple[str, float, float]]] = {
    "°C": ("temperature", 1.0, 0.0),
    "°F": ("temperature", 5 / 9, -160 / 9),
    "K": ("temperature", 1.0, -273.15),
    "W": ("power", 1.0, 0.0),
    "kW": ("power", 1e3, 0.0),
    "MW": ("power", 1e6, 0.0),
    "J": ("energy", 1.0, 0.0),
    "Wh": ("energy", 3.6e3, 0.0),
    "kWh": ("energy", 3.6e6, 0.0),
    "MWh": ("energy", 3.6e9, 0.0),
    "Pa": ("pressure", 1.0, 0.0),
    "kPa": ("pressure", 1e3, 0.0),
    "bar": ("pressure", 1e5, 0.0),
    "mbar": ("pressure", 1e2, 0.0),
    "psi": ("pressure", 6894.757293168, 0.0),
    "m3/h": ("flow", 1 / 3600, 0.0),
    "l/s": ("flow", 1e-3, 0.0),
    "l/min": ("flow", 1e-3 / 60, 0.0),
    "m3/s": ("flow", 1.0, 0.0),
    "s": ("time", 1.0, 0.0),
    "min": ("time", 60.0, 0.0),
    "h": ("time", 3600.0, 0.0),
    "m": ("length", 1.0, 0.0),
    "cm": ("length", 1e-2, 0.0),
    "mm": ("length", 1e-3, 0.0),
    "km": ("length", 1e3, 0.0),
    "ft": ("length", 0.3048, 0.0),
    "m/s": ("speed", 1.0, 0.0),
    "km/h": ("speed", 1 / 3.6, 0.0),
    "l": ("volume", 1e-3, 0.0),
    "m3": ("volume", 1.0, 0.0),
    "kg": ("mass", 1.0, 0.0),
    "t": ("mass", 1e3, 0.0),
    "g": ("mass", 1e-3, 0.0),
}
"""Unit to kind, factor and offset: value * factor + offset is the value in the kind's own unit."""


def between(given: str, wanted: str) -> tuple[float, float]:
    """Return factor and offset from one unit to another; raises ValueError with what is wrong."""
    for unit in (given, wanted):
        if unit not in UNITS:
            raise ValueError(f"there is no unit {unit!r}; known are {', '.join(UNITS)}")
    kind, factor, offset = UNITS[given]
    other, into, beyond = UNITS[wanted]
    if kind != other:
        raise ValueError(f"{given} is a {kind}, {wanted} a {other}")
    return factor / into, (offset - beyond) / into
