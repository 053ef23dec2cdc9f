"""The simulated plant behaves: set points change it, and its fault registers do what they say."""

from __future__ import annotations

import struct

import pytest

from sim.demo_points import entities, fleet, specs
from sim.machine import FAULTS, Plant
from sim.modbus import fleet as fleet_server
from sitewarden.domain.points.model import Point
from sitewarden.drivers.registry import validate_config
from sitewarden.wire import modbus as wire
from sitewarden.wire.modbus import Request


def run(plant: Plant, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        plant.step(0.1)


def test_the_supply_air_follows_its_set_point_and_the_fan_its_own() -> None:
    plant = Plant()
    run(plant, 60)
    assert plant.air.supply == pytest.approx(21.0, abs=0.5) and plant.air.bank.input[3] == pytest.approx(1015, abs=10)
    plant.air.bank.answer(Request(16, 0, 2, struct.pack(">hH", 265, 30)))
    run(plant, 60)
    assert plant.air.supply == pytest.approx(26.5, abs=0.5) and plant.air.bank.input[3] == pytest.approx(435, abs=10)
    plant.air.bank.answer(Request(5, 0, 1, b"\x00"))
    run(plant, 60)
    assert plant.air.bank.input[3] == 0 and plant.air.bank.input[8] & 1 == 0


def test_the_generator_takes_load_burns_fuel_and_stops() -> None:
    plant = Plant()
    run(plant, 60)
    words = plant.generator.bank.input
    power = struct.unpack(">f", struct.pack(">HH", words[1], words[0]))[0]
    assert power == pytest.approx(120, abs=5) and words[6] == pytest.approx(5000, abs=10)
    assert plant.generator.fuel < 83.0 and plant.generator.energy > 1000
    plant.generator.bank.answer(Request(5, 0, 1, b"\x00"))
    run(plant, 60)
    assert plant.generator.power < 1 and plant.generator.bank.discrete[0] is False


def test_values_fit_their_registers_for_a_day() -> None:
    plant = Plant()
    for _ in range(24 * 60):
        plant.step(60.0)
    words = [word for bank in plant.server.units.values() for table in (bank.input, bank.holding) for word in table.values()]
    assert all(0 <= word <= 0xFFFF for word in words)
    assert plant.air.dirt == 1.0 and plant.air.bank.input[8] >> 3 == 1


def test_fault_registers_ask_for_faults() -> None:
    plant = Plant()
    plant.air.bank.answer(Request(16, FAULTS, 3, struct.pack(">HHH", 250, 4, 2)))
    assert (plant.server.faults.delay, plant.server.faults.exception, plant.server.faults.drop) == (0.25, 4, 2)
    plant.air.bank.answer(Request(16, FAULTS, 3, bytes(6)))
    assert (plant.server.faults.delay, plant.server.faults.exception) == (0.0, 0)


def test_a_fleet_changes_with_every_read() -> None:
    bank = fleet_server(3).units[2]
    ask = Request(4, 5, 120)
    first, second = (wire.answer(wire.read(4, 5, 120), bank.answer(ask)) for _ in range(2))
    assert all(first[at : at + 2] != second[at : at + 2] for at in range(0, 240, 2))
    with pytest.raises(wire.DeviceException):
        bank.answer(Request(4, 100, 100))


def test_the_entities_fit_the_driver() -> None:
    for one in (*entities(), *fleet("127.0.0.1", 5020, units=2)):
        if isinstance(one, Point):
            validate_config("modbus", "address", one.address, one.id)
    assert sum(len(d.points) for _, spec in specs(fleet("h", 1)) for d in spec.devices) == 20_000
