"""`python -m sim.snmp`: a UPS as its network card shows it (UPS-MIB, RFC 1628), with mains that can fail; or a busy fleet."""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from contextlib import suppress
from typing import Any

from sim.snmp_agent import Mib, Notifier, SnmpAgent
from sitewarden.wire.snmp import ber, community, pdu
from sitewarden.wire.snmp.ber import GAUGE32, INTEGER, OCTETS, OID, TIMETICKS
from sitewarden.wire.snmp.community import V2C
from sitewarden.wire.snmp.pdu import Kind, Varbind
from sitewarden.wire.snmp.usm import User

SYSTEM, UPS, TRAPS = "1.3.6.1.2.1.1", "1.3.6.1.2.1.33.1", "1.3.6.1.2.1.33.2"
ON_BATTERY = f"{TRAPS}.1"
FULL = 30.0
"""Minutes that a full battery carries the load."""
STEP = 0.5
VARIANTS = 7
NORMAL, LOW = 2, 3
"""upsBatteryStatus."""
MAINS, BATTERY = 3, 5
"""upsOutputSource."""


class Ups:
    """The machine: mains, battery and load; `step` moves it on, `mains` is what a test switches."""

    def __init__(self) -> None:
        self.mib = Mib()
        self.mains = True
        self.charge = 100.0
        self.load = 40.0
        self._on_battery = 0.0
        self._seconds = 0.0
        put = self.mib.put
        put(f"{SYSTEM}.1.0", OCTETS, "Simulated UPS, network card 1.0")
        put(f"{SYSTEM}.2.0", OID, ber.oid("1.3.6.1.2.1.33"))
        put(f"{SYSTEM}.4.0", OCTETS, "facility@example.net")
        put(f"{SYSTEM}.5.0", OCTETS, "ups-1")
        put(f"{SYSTEM}.6.0", OCTETS, "Server room")
        put(f"{UPS}.1.1.0", OCTETS, "Sitewarden")
        put(f"{UPS}.1.2.0", OCTETS, "Sim 3000")
        put(f"{UPS}.9.8.0", INTEGER, 2)
        put(f"{UPS}.8.5.0", INTEGER, 1)
        put(f"{UPS}.8.2.0", INTEGER, -1)
        for number in (f"{SYSTEM}.4.0", f"{SYSTEM}.5.0", f"{SYSTEM}.6.0"):
            self.mib.allow(number, lambda value: isinstance(value, bytes) and len(value) <= 255)
        self.mib.allow(f"{UPS}.9.8.0", lambda value: value in (1, 2, 3))
        self.mib.allow(f"{UPS}.8.5.0", lambda value: value in (1, 2))
        self.mib.allow(f"{UPS}.8.2.0", lambda value: isinstance(value, int) and value >= -1)
        self.step(0.0)

    def step(self, seconds: float) -> bool:
        """Go on by some seconds; return whether the battery has just taken over."""
        before = self._on_battery
        self._seconds += seconds
        if self.mains:
            self._on_battery = 0.0
            self.charge = min(100.0, self.charge + seconds * 0.05)
        else:
            self._on_battery += max(seconds, 0.001)
            self.charge = max(0.0, self.charge - seconds * 100 / (FULL * 60) * self.load / 40)
        self.load = 40 + 5 * math.sin(self._seconds / 30)
        minutes = round(self.charge / 100 * FULL * 40 / self.load)
        put = self.mib.put
        put(f"{SYSTEM}.3.0", TIMETICKS, int(self._seconds * 100) & 0xFFFFFFFF)
        put(f"{UPS}.2.1.0", INTEGER, NORMAL if self.charge > 20 else LOW)
        put(f"{UPS}.2.2.0", INTEGER, int(self._on_battery))
        put(f"{UPS}.2.3.0", INTEGER, minutes)
        put(f"{UPS}.2.4.0", INTEGER, round(self.charge))
        put(f"{UPS}.2.5.0", INTEGER, round(480 + self.charge * 0.7))
        put(f"{UPS}.2.7.0", INTEGER, 24)
        put(f"{UPS}.3.2.0", INTEGER, 1)
        put(f"{UPS}.3.3.1.2.1", INTEGER, 500 if self.mains else 0)
        put(f"{UPS}.3.3.1.3.1", INTEGER, 231 if self.mains else 0)
        put(f"{UPS}.4.1.0", INTEGER, MAINS if self.mains else BATTERY)
        put(f"{UPS}.4.2.0", INTEGER, 500)
        put(f"{UPS}.4.4.1.2.1", INTEGER, 230)
        put(f"{UPS}.4.4.1.5.1", INTEGER, round(self.load))
        put(f"{UPS}.6.1.0", GAUGE32, 0 if self.mains else 1)
        return not before and self._on_battery > 0

    def battery(self) -> list[Varbind]:
        """Return what upsTrapOnBattery carries."""
        names = (f"{UPS}.2.3.0", f"{UPS}.2.2.0")
        return [Varbind(ber.oid(name), *self.mib.held[ber.oid(name)]) for name in names]


def fleet(objects: int) -> Mib:
    """Return a card with this many gauges below 1.3.6.1.4.1.99999.1."""
    mib = Mib()
    for place in range(objects):
        mib.put(f"1.3.6.1.4.1.99999.1.{place}.0", GAUGE32, place)
    return mib


class FleetAgent(SnmpAgent):
    """Answers a GET of version 2c from what it made when it was first asked, with other values each time."""

    def __init__(self, mib: Mib, **more: Any) -> None:
        super().__init__(mib, **more)
        self._made: dict[bytes, list[bytes]] = {}
        self._turn = 0

    def answer(self, data: bytes) -> bytes:
        """Return the answer; anything but a GET of version 2c costs what it costs every agent."""
        try:
            at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
            version, at = ber.integer(data, at, end)
            if version != V2C:
                return super().answer(data)
            name, at = ber.octets(data, at, end)
            kind, at, end = ber.header(data, at, end)
            if kind != Kind.GET or name != self.community:
                return super().answer(data)
            id_, at = ber.integer(data, at, end)
        except ber.WireError:
            return b""
        asked = data[at + 6 :]
        made = self._made.get(asked)
        if made is None:
            start, stop = ber.expect(asked, 0, len(asked), ber.SEQUENCE)
            names = [binding.name for binding in pdu.read_varbinds(asked, start, stop)]
            made = self._made[asked] = [
                pdu.write_varbinds(Varbind(name, GAUGE32, turn * 1_000_000 + place) for place, name in enumerate(names))
                for turn in range(1, VARIANTS + 1)
            ]
        self._turn = (self._turn + 1) % VARIANTS
        return community.write(V2C, name, pdu.write_pdu(Kind.RESPONSE, id_, 0, 0, made[self._turn]))


async def serve(options: argparse.Namespace) -> None:
    """Serve the UPS, or a fleet's card, until cancelled."""
    user = User(options.user, "sha256", options.password, "aes128", options.password) if options.user else None
    ups = Ups()
    agent = FleetAgent(fleet(options.fleet), user=user, most=60000) if options.fleet else SnmpAgent(ups.mib, user=user)
    agent.faults.delay, agent.faults.drop = options.delay, options.drop
    agent.faults.error, agent.faults.other = options.error, options.wrong
    number = await agent.start(options.host, options.port)
    print(f"listening on {options.host}:{number}", flush=True)  # noqa: T201
    notifier: Notifier | None = None
    if options.traps_to:
        host, _, port = options.traps_to.rpartition(":")
        notifier = Notifier(user=user)
        await notifier.start(options.host, (host, int(port)))
    try:
        last = begun = restarted = time.monotonic()
        while True:
            await asyncio.sleep(STEP)
            now = time.monotonic()
            if options.outage:
                ups.mains = (now - begun) % options.outage < options.outage / 2
            if not options.fleet and ups.step(now - last) and notifier is not None:
                await notifier.inform(ON_BATTERY, *ups.battery(), tries=3)
            if options.restart and now - restarted >= options.restart:
                restarted = now
                await agent.stop()
                await asyncio.sleep(options.restart / 10)
                await agent.start(options.host, number)
            last = now
    finally:
        await agent.stop()
        if notifier is not None:
            notifier.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="sim.snmp", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1161)
    parser.add_argument("--user", default="", help="speak version 3 too, with SHA-256 and AES-128")
    parser.add_argument("--password", default="simulated", help="both passwords of that user")
    parser.add_argument("--traps-to", default="", metavar="HOST:PORT", help="send an inform there when the mains fail")
    parser.add_argument(
        "--outage", type=float, default=0.0, metavar="SECONDS", help="the mains fail once in this time, for half of it"
    )
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="answer that much later")
    parser.add_argument("--drop", type=float, default=0.0, metavar="SHARE", help="lose this share of the requests")
    parser.add_argument("--error", type=int, default=0, metavar="STATUS", help="answer everything with this error status")
    parser.add_argument("--wrong", action="store_true", help="answer with objects that nobody asked for")
    parser.add_argument("--restart", type=float, default=0.0, metavar="SECONDS", help="restart that often")
    parser.add_argument("--fleet", type=int, default=0, metavar="OBJECTS", help="serve this many gauges instead of the UPS")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
