"""`python -m sim.bacnet`: an air-handling unit as its BACnet controller shows it, with faults; or a busy fleet of values."""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from contextlib import suppress
from typing import Any

from sim.bacnet_device import BacnetDevice
from sitewarden.wire.bacnet import names, tags
from sitewarden.wire.bacnet.apdu import Confirmed, Request
from sitewarden.wire.bacnet.objects import PRESENT_VALUE
from sitewarden.wire.bacnet.services import Refused

CELSIUS, PERCENT, PASCAL, PPM, FLOW, NONE = 62, 98, 53, 96, 135, 95
STEP = 0.5
VARIANTS = 7
MODES = ("Off", "Heating", "Cooling", "Fan only")


class AirHandler:
    """The machine: its supply air follows the set point, its fan the command; `step` moves it on."""

    def __init__(self, instance: int = 1001) -> None:
        self.device = device = BacnetDevice(instance, "AHU roof west")
        self.supply, self.returned, self.fan, self._seconds = 18.0, 21.5, 70.0, 0.0
        add = device.add
        add("analog-input,1", "Outdoor temperature", 8.0, units=CELSIUS, step=0.2)
        add("analog-input,2", "Supply air temperature", 18.0, units=CELSIUS, step=0.1)
        add("analog-input,3", "Return air temperature", 21.5, units=CELSIUS, step=0.1)
        add("analog-input,4", "Filter pressure", 120.0, units=PASCAL, step=2.0)
        add("analog-input,5", "Return air CO2", 620.0, units=PPM, step=5.0)
        add("analog-output,1", "Heating valve", 0.0, units=PERCENT, step=1.0)
        add("analog-output,2", "Fan speed", 70.0, units=PERCENT, step=1.0)
        add("analog-value,1", "Supply set point", 21.0, units=CELSIUS)
        add("binary-input,1", "Frost guard", 0, texts=("Normal", "Frost"))
        add("binary-input,2", "Filter dirty", 0, texts=("Clean", "Dirty"))
        add("binary-value,1", "Enable", 1, texts=("Off", "On"))
        add("multi-state-value,1", "Mode", 2, texts=MODES)
        self.step(0.0)

    def _held(self, object_: str) -> Any:
        number = names.object_from(object_)
        array = self.device.priorities[number]
        return next((one for one in array if one is not None), self.device.defaults[number])

    def step(self, seconds: float) -> None:
        """Go on by some seconds."""
        put = self.device.put
        self._seconds += seconds
        on, target = self._held("binary-value,1"), self._held("analog-value,1")
        outdoor = 8.0 + 5.0 * math.sin(self._seconds / 600.0)
        self.supply += ((target if on else self.returned) - self.supply) * min(1.0, seconds / 8.0)
        self.returned += (20.5 + (self.supply - 20.5) * 0.5 - self.returned) * min(1.0, seconds / 120.0)
        fan = self._held("analog-output,2") if on else 0.0
        put("analog-input,1", outdoor)
        put("analog-input,2", self.supply)
        put("analog-input,3", self.returned)
        put("analog-input,4", 40.0 + 80.0 * (fan / 70.0) ** 2)
        put("analog-input,5", 620.0 + 90.0 * math.sin(self._seconds / 45.0))
        put("binary-input,1", int(self.supply < 4.0))


class Fleet(BacnetDevice):
    """A device with many analog inputs. Unless it tells changes, its answers are of a few that it made when first asked."""

    def __init__(self, instance: int, objects: int, *, telling: bool) -> None:
        super().__init__(instance, f"Fleet {instance}")
        self.count = objects
        self._telling = telling
        self._made: dict[bytes, list[bytes]] = {}
        self._turn = 0
        for number in range(objects):
            self.add(f"analog-input,{number}", f"Value {number}", float(number), units=NONE)

    def read(self, request: Request) -> bytes | Refused:
        """Return an answer with other values each time."""
        if self._telling or request.service != Confirmed.READ_PROPERTY_MULTIPLE:
            return super().read(request)
        made = self._made.get(request.data)
        if made is None:
            made = self._made[request.data] = []
            for turn in range(VARIANTS):
                for number in range(self.count):
                    self.objects.put(number, PRESENT_VALUE, [(tags.REAL, float(turn * self.count + number))])
                found = super().read(request)
                if isinstance(found, tuple):
                    return found
                made.append(found)
        self._turn = (self._turn + 1) % VARIANTS
        return made[self._turn]


async def serve(options: argparse.Namespace) -> None:
    """Serve the unit, or the fleet, until cancelled."""
    unit = AirHandler(options.instance)
    device = Fleet(options.instance, options.fleet, telling=bool(options.changes)) if options.fleet else unit.device
    faults = device.faults
    faults.delay, faults.drop, faults.other = options.delay, options.drop, options.wrong
    faults.error = (1, options.error) if options.error else None
    number = await device.start(options.host, options.port, announce=True)
    print(f"listening on {options.host}:{number}", flush=True)  # noqa: T201
    last = restarted = time.monotonic()
    told = 0
    try:
        while True:
            await asyncio.sleep(1 / options.changes if options.changes else STEP)
            now = time.monotonic()
            if options.changes:
                due = round((now - last) * options.changes)
                for _ in range(due):
                    told += 1
                    device.put(f"analog-input,{told % options.fleet}", float(told))
                last += due / options.changes
            elif not options.fleet:
                unit.step(now - last)
                last = now
            if options.restart and now - restarted >= options.restart:
                restarted = now
                await device.stop()
                await asyncio.sleep(options.restart / 10)
                await device.start(options.host, number, announce=True)
    finally:
        await device.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="sim.bacnet", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=47808)
    parser.add_argument("--instance", type=int, default=1001)
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="answer that much later")
    parser.add_argument("--drop", type=float, default=0.0, metavar="SHARE", help="lose this share of the requests")
    parser.add_argument("--error", type=int, default=0, metavar="CODE", help="answer everything with this error code")
    parser.add_argument("--wrong", action="store_true", help="answer with objects that nobody asked for")
    parser.add_argument("--restart", type=float, default=0.0, metavar="SECONDS", help="restart that often")
    parser.add_argument("--fleet", type=int, default=0, metavar="OBJECTS", help="serve this many values instead of the unit")
    parser.add_argument("--changes", type=float, default=0.0, metavar="RATE", help="of the fleet, so many changes a second")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
