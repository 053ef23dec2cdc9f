"""Points as Prometheus' metrics: the name by the unit, so that what is of one kind adds up; the point by its labels. Pure.

`point` is the point's id, so that a series always leads back to its point; all labels are those of now, also for old samples.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sitewarden.domain.points.model import Point

PREFIX: Final = "point_"
UNITS: Final = {
    "°C": "celsius", "℃": "celsius", "C": "celsius", "degC": "celsius", "°F": "fahrenheit", "K": "kelvin",
    "%": "percent", "%RH": "percent", "% RH": "percent", "‰": "permille", "ppm": "ppm", "ppb": "ppb",
    "W": "watts", "kW": "kilowatts", "MW": "megawatts", "VA": "voltamperes", "kVA": "kilovoltamperes", "var": "vars",
    "kvar": "kilovars", "Wh": "watthours", "kWh": "kilowatthours", "MWh": "megawatthours", "J": "joules", "kJ": "kilojoules",
    "V": "volts", "mV": "millivolts", "kV": "kilovolts", "A": "amperes", "mA": "milliamperes", "Ω": "ohms", "Hz": "hertz",
    "Pa": "pascals", "hPa": "hectopascals", "kPa": "kilopascals", "mbar": "millibars", "bar": "bars", "psi": "psi",
    "m": "meters", "mm": "millimeters", "cm": "centimeters", "km": "kilometers", "m/s": "meters_per_second",
    "km/h": "kilometers_per_hour", "m²": "square_meters", "m2": "square_meters", "m³": "cubic_meters", "m3": "cubic_meters",
    "m³/h": "cubic_meters_per_hour", "m3/h": "cubic_meters_per_hour", "m³/s": "cubic_meters_per_second", "l": "liters",
    "L": "liters", "l/s": "liters_per_second", "l/min": "liters_per_minute", "l/h": "liters_per_hour", "kg": "kilograms",
    "g": "grams", "t": "tonnes", "kg/h": "kilograms_per_hour", "g/m³": "grams_per_cubic_meter", "µg/m³":
    "micrograms_per_cubic_meter", "lx": "lux", "lux": "lux", "dB": "decibels", "dBm": "decibel_milliwatts", "rpm": "rpm",
    "1/min": "per_minute", "s": "seconds", "ms": "milliseconds", "min": "minutes", "h": "hours", "d": "days", "°": "degrees",
    "B": "bytes", "kB": "kilobytes", "MB": "megabytes", "bit/s": "bits_per_second",
}  # fmt: skip
"""Units as they are written at points to the words that Prometheus' naming asks for."""


def has_numbers(point: Point) -> bool:
    """Tell whether a point is a metric: a text is none."""
    return point.type != "string"


def metric_name(point: Point) -> str:
    """Return the name: "point_celsius"; "point_state" of a Boolean, "point_value" of a number without a unit."""
    if point.type == "boolean":
        return PREFIX + "state"
    unit = point.unit.strip()
    if not unit:
        return PREFIX + "value"
    known = UNITS.get(unit)
    return PREFIX + (known or re.sub(r"[^a-z0-9]+", "_", unit.lower()).strip("_") or "value")


def labels_of(point: Point, area: str | None, tags: Sequence[str]) -> dict[str, str]:
    """Return a point's labels; what is empty is left out. `area` and `tags` are its own and those of what it belongs to.

    `tags` is ",roof,hvac,", so that `tags=~".*,roof,.*"` finds one of several.
    """
    labels = {
        "__name__": metric_name(point),
        "point": point.id,
        "name": point.name,
        "device": point.device,
        "area": area or "",
        "unit": point.unit.strip(),
        "tags": f",{','.join(sorted(set(tags)))}," if tags else "",
    }
    return {name: value for name, value in labels.items() if value}


def help_of(point: Point) -> str:
    """Return what a metric is, for those who choose one from a list."""
    if point.type == "boolean":
        return "States of points: 1 is on, 0 is off"
    return f"Values of points in {point.unit.strip()}" if point.unit.strip() else "Values of points without a unit"
