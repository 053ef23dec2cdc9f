"""A BACnet device made by bacpypes3, as a process: `python -m tests.interop.bacpypes_device --address 127.0.0.1/8:47808 ...`.

Each line on its input sets a value ("analog-input,1 21.5"); the end of its input ends it.
"""

from __future__ import annotations

import asyncio
import sys

from bacpypes3.app import Application
from bacpypes3.argparse import SimpleArgumentParser
from bacpypes3.local.analog import AnalogInputObject, AnalogOutputObject
from bacpypes3.local.binary import BinaryInputObject
from bacpypes3.local.multistate import MultiStateValueObject


async def main() -> None:
    """Serve until the input ends."""
    app = Application.from_args(SimpleArgumentParser().parse_args())
    held = {
        "analog-input,1": AnalogInputObject(
            objectIdentifier="analog-input,1", objectName="Supply", presentValue=18.0, units="degreesCelsius", covIncrement=0.5
        ),
        "analog-output,1": AnalogOutputObject(
            objectIdentifier="analog-output,1", objectName="Fan", presentValue=50.0, units="percent", covIncrement=0.5
        ),
        "binary-input,1": BinaryInputObject(
            objectIdentifier="binary-input,1", objectName="Frost", presentValue="inactive", polarity="normal"
        ),
        "multi-state-value,1": MultiStateValueObject(
            objectIdentifier="multi-state-value,1",
            objectName="Mode",
            presentValue=2,
            numberOfStates=3,
            stateText=["Off", "Heating", "Cooling"],
        ),
        **{
            f"analog-input,{number}": AnalogInputObject(
                objectIdentifier=f"analog-input,{number}",
                objectName=f"Value {number}",
                presentValue=float(number),
                units="noUnits",
                covIncrement=1.0,
            )
            for number in range(100, 140)
        },
    }
    for one in held.values():
        app.add_object(one)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", flush=True)  # noqa: T201
    while line := await reader.readline():
        name, value = line.decode().split()
        held[name].presentValue = value if name.startswith("binary") else float(value)
    app.close()


if __name__ == "__main__":
    asyncio.run(main())
