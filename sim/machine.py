"""The demo plant: an air handling unit (unit 1) and a generator (unit 2), as physics in small steps over register banks.

The air handling unit, unit 1. Input registers: 0 outdoor, 1 supply, 2 return temperature (int16, 0.1 degrees Celsius), 3 fan
speed (rpm), 4 filter pressure (Pa), 5-6 air flow (float32, m3/h), 7 CO2 (ppm), 8 status (bit 0 running, 1 heating, 2 cooling, 3
filter dirty). Holding registers: 0 supply set point (int16, 0.1), 1 fan set point (%), 10-17 the name (16 characters). Coils: 0
enable, 1 filter replaced. Discrete inputs: 0 frost guard, 1 fan proven.

The generator, unit 2. Input registers: 0-1 power (float32, low word first, kW), 2-5 energy (uint64, Wh), 6 frequency (0.01 Hz), 7
voltage (0.1 V), 8 coolant temperature (int16, 0.1), 9 oil pressure (0.01 bar), 10 fuel (0.1 %), 11-12 run time (uint32, s).
Holding registers: 0 power set point (kW). Coils: 0 run. Discrete inputs: 0 running, 1 fuel low.

Holding registers 65000 to 65002 of both units ask for faults: delay in ms, exception code, connections to cut.
"""

from __future__ import annotations

import math
import random
import struct

from sim.modbus_server import Bank, ModbusServer

FAULTS = 65000


def _signed(value: float) -> int:
    return round(value) & 0xFFFF


class AirHandler:
    """Unit 1. Its supply air follows the set point, its fan the fan set point, its room the people in it."""

    def __init__(self, seed: int = 1) -> None:
        self._draw = random.Random(seed)
        self.bank = bank = Bank()
        self.outdoor, self.supply, self.returned = 8.0, 18.0, 21.5
        self.fan, self.dirt, self.co2 = 0.0, 0.35, 620.0
        self._time = 0.0
        bank.holding |= {0: 210, 1: 70}
        bank.put(bank.holding, 10, b"AHU roof east   ")
        bank.coils |= {0: True, 1: False}
        bank.discrete |= {0: False, 1: False}
        self.step(0.0)

    def step(self, seconds: float) -> None:
        """Move time on by `seconds` and put the new values into the registers."""
        self._time += seconds
        bank, noise = self.bank, self._draw.gauss
        on = bank.coils[0]
        if bank.coils[1]:
            bank.coils[1], self.dirt = False, 0.05
        setpoint = struct.unpack(">h", bank.take(0, 1))[0] / 10
        self.outdoor = 8.0 + 5.0 * math.sin(self._time / 600.0) + noise(0.0, 0.02)
        wanted_fan = bank.holding[1] / 100 * 1450 if on else 0.0
        self.fan += (wanted_fan - self.fan) * min(1.0, seconds / 4.0)
        target = setpoint if on else self.returned
        self.supply += (target - self.supply) * min(1.0, seconds / 8.0) + noise(0.0, 0.03) * bool(seconds)
        share = self.fan / 1450
        self.returned += ((20.5 + (self.supply - 20.5) * 0.5 * share) - self.returned) * min(1.0, seconds / 120.0)
        self.co2 += (450.0 + 700.0 * (1.0 - share) + 90.0 * math.sin(self._time / 45.0) - self.co2) * min(1.0, seconds / 60.0)
        self.dirt = min(1.0, self.dirt + seconds * share / 40_000)
        flow = 12_000 * share * (1.0 - 0.2 * self.dirt)
        pressure = 60 + 340 * self.dirt * share**2 + noise(0.0, 1.0) * bool(seconds)
        status = (
            on | (on and self.supply < setpoint - 0.3) << 1 | (on and self.supply > setpoint + 0.3) << 2 | (self.dirt > 0.8) << 3
        )
        bank.input |= {
            0: _signed(self.outdoor * 10),
            1: _signed(self.supply * 10),
            2: _signed(self.returned * 10),
            3: round(self.fan),
            4: max(0, round(pressure)),
            7: round(self.co2),
            8: int(status),
        }
        bank.put(bank.input, 5, struct.pack(">f", flow))
        bank.discrete |= {0: self.supply < 5.0, 1: self.fan > 100}


class Generator:
    """Unit 2. It runs up, takes the load that is set, burns fuel and counts energy."""

    def __init__(self, seed: int = 2) -> None:
        self._draw = random.Random(seed)
        self.bank = bank = Bank()
        self.power = self.speed = self.energy = self.run_time = 0.0
        self.coolant, self.fuel = 24.0, 83.0
        bank.holding |= {0: 120}
        bank.coils |= {0: True}
        self.step(0.0)

    def step(self, seconds: float) -> None:
        """Move time on by `seconds` and put the new values into the registers."""
        bank, noise = self.bank, self._draw.gauss
        on = bank.coils[0] and self.fuel > 0
        self.speed += ((1.0 if on else 0.0) - self.speed) * min(1.0, seconds / 3.0)
        wanted = min(bank.holding[0], 400) if on and self.speed > 0.9 else 0.0
        self.power += (wanted - self.power) * min(1.0, seconds / 5.0) + noise(0.0, 0.4) * bool(on and seconds)
        self.power = max(0.0, self.power)
        self.energy += self.power * 1000 * seconds / 3600
        self.run_time += seconds if on else 0.0
        self.coolant += ((24.0 + 58.0 * self.speed + self.power / 40) - self.coolant) * min(1.0, seconds / 90.0)
        self.fuel = max(0.0, self.fuel - self.power * seconds / 400_000)
        running = self.speed > 0.9
        bank.put(bank.input, 0, struct.pack(">HH", *reversed(struct.unpack(">HH", struct.pack(">f", self.power)))))
        bank.put(bank.input, 2, struct.pack(">Q", int(self.energy)))
        bank.put(bank.input, 11, struct.pack(">I", int(self.run_time)))
        bank.input |= {
            6: round(5000 * self.speed + noise(0.0, 1.5) * running),
            7: round(4000 * self.speed + noise(0.0, 6.0) * running),
            8: _signed(self.coolant * 10),
            9: round(420 * self.speed),
            10: round(self.fuel * 10),
        }
        bank.discrete |= {0: running, 1: self.fuel < 15}


class Plant:
    """Both machines behind one gateway, with the registers that ask for faults."""

    def __init__(self) -> None:
        self.air = AirHandler()
        self.generator = Generator()
        self.server = ModbusServer({1: self.air.bank, 2: self.generator.bank})
        for bank in self.server.units.values():
            bank.holding |= dict.fromkeys(range(FAULTS, FAULTS + 3), 0)
            bank.written = self._written

    def step(self, seconds: float) -> None:
        """Move both machines on."""
        self.air.step(seconds)
        self.generator.step(seconds)

    def _written(self, table: str, address: int, count: int) -> None:
        if table != "holding" or address + count <= FAULTS:
            return
        for bank in self.server.units.values():
            for place in range(max(address, FAULTS), address + count):
                value = bank.holding[place]
                if value and place == FAULTS + 2:
                    self.server.faults.drop, bank.holding[place] = value, 0
        asked = [bank.holding for bank in self.server.units.values()]
        self.server.faults.delay = max(held[FAULTS] for held in asked) / 1000
        self.server.faults.exception = max(held[FAULTS + 1] for held in asked)
