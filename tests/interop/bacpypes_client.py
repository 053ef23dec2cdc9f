"""A BACnet client made by bacpypes3, as a process: asks our device, and prints what it found as JSON, a line for each step."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bacpypes3.apdu import ErrorRejectAbortNack
from bacpypes3.app import Application
from bacpypes3.argparse import SimpleArgumentParser
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import ObjectIdentifier


def say(step: str, found: Any) -> None:
    """Print a step."""
    print(json.dumps([step, found], default=str), flush=True)  # noqa: T201


async def main() -> None:
    """Go through the steps, with a line of input between reading and what changes."""
    parser = SimpleArgumentParser()
    parser.add_argument("target")
    options = parser.parse_args()
    app, target = Application.from_args(options), Address(options.target)
    heard = await app.who_is(7, 7, target)
    say("i-am", [[str(one.iAmDeviceIdentifier), int(one.maxAPDULengthAccepted)] for one in heard])
    say("name", await app.read_property(target, "device,7", "object-name"))
    say("list", len(await app.read_property(target, "device,7", "object-list")))
    for place in (0, 1):
        say("element", await app.read_property(target, "device,7", "object-list", array_index=place))
    several = await app.read_property_multiple(
        target, ["analog-value,1", ["present-value", "status-flags", "units"], "multi-state-input,1", ["all"]]
    )
    say("several", {f"{one},{property_}": str(value) for one, property_, _, value in several})
    async with app.change_of_value(target, ObjectIdentifier("analog-value,1"), 3, True, 60) as told:
        say("first", [str(one) for one in await told.get_value()])
        say("second", [str(one) for one in await told.get_value()])
        while True:
            property_, value = await told.get_value()
            if str(property_) == "present-value":
                say("told", value)
                if float(value) == 55.0:
                    break
    try:
        say("written", await app.write_property(target, "analog-value,1", "present-value", 66.0))
        await app.write_property(target, "multi-state-input,1", "present-value", 1)
    except ErrorRejectAbortNack as error:
        say("refused", str(error))
    app.close()


if __name__ == "__main__":
    asyncio.run(main())
    sys.exit(0)
