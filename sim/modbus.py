"""`python -m sim.modbus`: the demo plant, or a fleet of busy units for the bench, as a Modbus TCP server."""

from __future__ import annotations

import argparse
import asyncio
import time
from array import array
from contextlib import suppress

from sim.machine import Plant
from sim.modbus_server import Bank, ModbusServer
from sitewarden.wire.modbus import DeviceException, ExceptionCode, Request, respond

STEP = 0.1
"""Seconds between two steps of the plant."""
RAMP = array("H", range(512))
"""What the fleet answers from, at another place each time."""
RAMP.byteswap()


class FleetBank(Bank):
    """A unit whose 125 input registers all change with every read."""

    def __init__(self, unit: int) -> None:
        super().__init__()
        self._reads = unit

    def answer(self, request: Request) -> bytes:
        end = request.address + request.quantity
        if request.function != 4 or end > 125:
            raise DeviceException(request.function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
        self._reads += 1
        return respond(request, RAMP[(self._reads & 0xFF) + request.address :][: request.quantity].tobytes())


def fleet(units: int) -> ModbusServer:
    """Return a server of `units` (1 to 247) busy units."""
    return ModbusServer({unit: FleetBank(unit) for unit in range(1, units + 1)})


async def serve(host: str, port: int, units: int) -> None:
    """Serve the plant, or a fleet where `units` is not 0, until cancelled."""
    plant = Plant()
    server = fleet(units) if units else plant.server
    number = await server.start(host, port)
    print(f"listening on {host}:{number}", flush=True)  # noqa: T201
    try:
        last = time.monotonic()
        while True:
            await asyncio.sleep(STEP)
            now = time.monotonic()
            if not units:
                plant.step(now - last)
            last = now
    finally:
        await server.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="sim.modbus", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5020)
    parser.add_argument("--fleet", type=int, default=0, metavar="UNITS", help="serve this many busy units instead of the plant")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options.host, options.port, options.fleet))


if __name__ == "__main__":
    main()
