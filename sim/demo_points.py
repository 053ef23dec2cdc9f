"""The entities with which a site sees the simulated plant, and a fleet for the bench."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sitewarden.domain.entity import Entity
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.kit.driver import DeviceSpec, EndpointSpec


def _point(id_: str, name: str, device: str, unit: str, address: dict[str, Any], **more: Any) -> Point:
    return Point(id=f"{device}-{id_}", name=name, device=device, unit=unit, address=address, tags=("demo",), **more)


def entities(host: str = "127.0.0.1", port: int = 5020, *, area: str | None = None) -> list[Entity]:
    """Return endpoint, devices and points of the plant that `sim.modbus` serves at `host`:`port`."""
    return [
        Endpoint(
            id="plant", name="Plant gateway", driver="modbus", config={"host": host, "port": port}, area=area, tags=("demo",)
        ),
        Device(id="ahu", name="Air handling unit", endpoint="plant", config={"unit": 1}, area=area, tags=("demo",)),
        Device(id="genset", name="Generator", endpoint="plant", config={"unit": 2}, area=area, tags=("demo",)),
        *_air_handler(),
        *_generator(),
    ]


def _air_handler() -> list[Point]:
    def read(register: int, kind: str = "uint16", **more: Any) -> dict[str, Any]:
        return {"table": "input", "register": register, "type": kind, **more}

    return [
        _point("outdoor", "Outdoor temperature", "ahu", "°C", read(0, "int16"), scale=0.1, decimals=1),
        _point("supply", "Supply air temperature", "ahu", "°C", read(1, "int16"), scale=0.1, decimals=1),
        _point("return", "Return air temperature", "ahu", "°C", read(2, "int16"), scale=0.1, decimals=1),
        _point("fan-speed", "Fan speed", "ahu", "1/min", read(3), decimals=0),
        _point("filter-pressure", "Filter pressure", "ahu", "Pa", read(4), deadband=2.0, decimals=0),
        _point("flow", "Air flow", "ahu", "m³/h", read(5, "float32"), deadband=5.0, decimals=0),
        _point("co2", "Return air CO₂", "ahu", "ppm", read(7), decimals=0),
        _point("heating", "Heating", "ahu", "", read(8, "bit", bit=1), type="boolean"),
        _point("cooling", "Cooling", "ahu", "", read(8, "bit", bit=2), type="boolean"),
        _point("filter-dirty", "Filter dirty", "ahu", "", read(8, "bit", bit=3), type="boolean"),
        _point("frost", "Frost guard", "ahu", "", {"table": "discrete-input", "register": 0}, type="boolean"),
        _point(
            "setpoint",
            "Supply air set point",
            "ahu",
            "°C",
            {"table": "holding", "register": 0, "type": "int16"},
            scale=0.1,
            writable=True,
            minimum=14.0,
            maximum=30.0,
            decimals=1,
        ),
        _point(
            "fan-setpoint",
            "Fan set point",
            "ahu",
            "%",
            {"table": "holding", "register": 1},
            writable=True,
            minimum=0.0,
            maximum=100.0,
            decimals=0,
        ),
        _point("enable", "Enable", "ahu", "", {"table": "coil", "register": 0}, type="boolean", writable=True),
        _point("name", "Name plate", "ahu", "", {"register": 10, "type": "string", "length": 8}, type="string", period=60.0),
    ]


def _generator() -> list[Point]:
    def read(register: int, kind: str = "uint16", **more: Any) -> dict[str, Any]:
        return {"table": "input", "register": register, "type": kind, **more}

    return [
        _point("power", "Power", "genset", "kW", read(0, "float32", word_order="little"), deadband=0.2, decimals=1),
        _point("energy", "Energy", "genset", "kWh", read(2, "uint64"), scale=0.001, decimals=3, period=5.0),
        _point("frequency", "Frequency", "genset", "Hz", read(6), scale=0.01, decimals=2),
        _point("voltage", "Voltage", "genset", "V", read(7), scale=0.1, decimals=1),
        _point("coolant", "Coolant temperature", "genset", "°C", read(8, "int16"), scale=0.1, decimals=1),
        _point("oil-pressure", "Oil pressure", "genset", "bar", read(9), scale=0.01, decimals=2),
        _point("fuel", "Fuel", "genset", "%", read(10), scale=0.1, decimals=1, period=5.0),
        _point("run-time", "Run time", "genset", "h", read(11, "uint32"), scale=1 / 3600, decimals=2, period=5.0),
        _point("running", "Running", "genset", "", {"table": "discrete-input", "register": 0}, type="boolean"),
        _point(
            "power-setpoint",
            "Power set point",
            "genset",
            "kW",
            {"table": "holding", "register": 0},
            writable=True,
            minimum=0.0,
            maximum=400.0,
            decimals=0,
        ),
        _point("run", "Run", "genset", "", {"table": "coil", "register": 0}, type="boolean", writable=True),
    ]


def fleet(host: str, port: int, *, units: int = 160, points: int = 125, period: float = 1.0) -> list[Entity]:
    """Return entities for `sim.modbus --fleet`: `units` x `points` values every `period` seconds (20,000 by default)."""
    found: list[Entity] = [
        Endpoint(id="fleet", name="Fleet", driver="modbus", config={"host": host, "port": port, "in_flight": 8})
    ]
    for unit in range(1, units + 1):
        device = f"fleet-{unit}"
        found.append(Device(id=device, name=f"Unit {unit}", endpoint="fleet", config={"unit": unit}))
        found += [
            Point(
                id=f"{device}-{place}",
                name=f"Unit {unit} register {place}",
                device=device,
                address={"table": "input", "register": place},
                period=period,
            )
            for place in range(points)
        ]
    return found


def specs(found: Iterable[Entity]) -> list[tuple[str, EndpointSpec]]:
    """Return (driver, endpoint) for entities as above, for a worker or bench without a core."""
    found = list(found)
    points_of: dict[str, list[Point]] = {}
    devices_of: dict[str, list[DeviceSpec]] = {}
    for one in found:
        if isinstance(one, Point):
            points_of.setdefault(one.device, []).append(one)
    for one in found:
        if isinstance(one, Device):
            spec = DeviceSpec(id=one.id, name=one.name, config=one.config, points=tuple(points_of.get(one.id, ())))
            devices_of.setdefault(one.endpoint, []).append(spec)
    return [
        (one.driver, EndpointSpec(id=one.id, name=one.name, config=one.config, devices=tuple(devices_of.get(one.id, ()))))
        for one in found
        if isinstance(one, Endpoint)
    ]
