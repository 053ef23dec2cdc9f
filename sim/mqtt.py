"""`python -m sim.mqtt`: a broker with people counters, a lamp and a Sparkplug B press behind it, or a flood for the bench.

Faults: `--delay` seconds before a packet is looked at, `--drop` and `--restart` every so many seconds, `--wrong` share of
readings that are nonsense, `--refuse` code of CONNACK.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import time
from contextlib import suppress
from typing import Final, cast

from sim.mqtt_broker import Broker
from sitewarden.wire.mqtt import Connack, Connect, Ping, Publish, Reader, Suback, Subscribe, Type, write
from sitewarden.wire.sparkplug import SEQUENCE, Kind, Metric, Payload, decode, encode

STEP: Final = 1.0
"""Seconds between two readings."""
COUNTERS: Final = ("main", "yard")
GROUP, NODE, PRESS = "plant", "hall", "press"
CHUNKS: Final = 64
"""Different rounds of a flood, so that every value changes."""


class Machines:
    """What publishes at the broker, and what it does with what is written."""

    def __init__(self, broker: Broker, *, wrong: float = 0.0, seed: int = 1) -> None:
        self.broker = broker
        self.people = dict.fromkeys(COUNTERS, 0)
        self.level = 0
        self.speed = 40.0
        self.strokes = 0
        self._wrong = wrong
        self._random = random.Random(seed)
        self._seq = 0
        self._birth = 0
        self._now = 0.0
        broker.written = self.written

    def begin(self) -> None:
        """Tell that all are there."""
        for name in COUNTERS:
            self._say(f"counter/{name}/there", "online", retain=True)
        self._say("lamp/state", json.dumps({"state": "OFF", "level": self.level}), retain=True)
        self.born()

    def step(self, seconds: float) -> None:
        """Let time pass, and publish readings."""
        self._now += seconds
        for name in COUNTERS:
            self.people[name] += self._random.randrange(3)
            document = {"in": self.people[name], "out": max(0, self.people[name] - 5), "at": round(time.time(), 3)}
            nonsense = self._random.random() < self._wrong
            self._say(f"counter/{name}/state", "\N{SNOWMAN}" if nonsense else json.dumps(document))
        self._say("climate/temperature", f"{21 + 2 * math.sin(self._now / 60):.2f}")
        self.strokes += round(self.speed * seconds / 60)
        self._tell("DDATA", [Metric(alias=2, kind=Kind.INT64, value=self.strokes)], PRESS)

    def written(self, message: Publish) -> None:
        """Do as a client says."""
        if message.topic == "lamp/set":
            with suppress(ValueError, TypeError):
                self.level = max(0, min(100, int(json.loads(message.payload)["level"])))
            state = {"state": "ON" if self.level else "OFF", "level": self.level}
            self._say("lamp/state", json.dumps(state), retain=True)
        elif message.topic == f"spBv1.0/{GROUP}/NCMD/{NODE}":
            self.born()
        elif message.topic == f"spBv1.0/{GROUP}/DCMD/{NODE}/{PRESS}":
            for metric in decode(message.payload).metrics:
                if metric.alias == 1 and isinstance(metric.value, float):
                    self.speed = metric.value
                    self._tell("DDATA", [Metric(alias=1, kind=Kind.DOUBLE, value=self.speed)], PRESS)

    def born(self) -> None:
        """Tell the births of node and press."""
        self._seq = 0
        self._birth += 1
        self._tell("NBIRTH", [Metric(name="bdSeq", kind=Kind.INT64, value=self._birth)])
        speed = Metric(name="speed", alias=1, kind=Kind.DOUBLE, value=self.speed)
        self._tell("DBIRTH", [speed, Metric(name="strokes", alias=2, kind=Kind.INT64, value=self.strokes)], PRESS)

    def died(self) -> None:
        """Tell the node's death, as its last will does."""
        death = Payload(metrics=[Metric(name="bdSeq", kind=Kind.INT64, value=self._birth)])
        self.broker.publish(Publish(f"spBv1.0/{GROUP}/NDEATH/{NODE}", encode(death), 1))

    def _tell(self, kind: str, metrics: list[Metric], device: str = "") -> None:
        now = time.time_ns() // 1_000_000
        topic = f"spBv1.0/{GROUP}/{kind}/{NODE}" + (f"/{device}" if device else "")
        self.broker.publish(Publish(topic, encode(Payload(time=now, seq=self._seq, metrics=metrics)), 1))
        self._seq = (self._seq + 1) % SEQUENCE

    def _say(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self.broker.publish(Publish(topic, payload.encode(), 1, retain))


class Flood(asyncio.Protocol):
    """Stands for a broker of a busy site: who subscribes gets readings of all topics, as fast as they are taken, or at a rate."""

    def __init__(self, topics: int, rate: float) -> None:
        self._topics, self._rate = topics, rate
        self._reader = Reader()
        self._free = asyncio.Event()
        self._free.set()
        self._feeding: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        for packet in self._reader.feed(data):
            match packet:
                case Connect():
                    self._transport.write(write(Connack(), self._reader.version))
                case Subscribe():
                    answer = Suback(type=Type.SUBACK, id=packet.id, codes=(0,) * len(packet.filters))
                    self._transport.write(write(answer, self._reader.version))
                    if self._feeding is None:
                        self._feeding = asyncio.create_task(self._feed())
                case Ping():
                    self._transport.write(write(Ping(Type.PINGRESP), self._reader.version))
                case _:
                    pass

    def pause_writing(self) -> None:
        self._free.clear()

    def resume_writing(self) -> None:
        self._free.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._feeding is not None:
            self._feeding.cancel()

    async def _feed(self) -> None:
        version = self._reader.version
        rounds = [
            b"".join(
                write(Publish(f"fleet/{number}", b'{"v":%d,"q":"ok"}' % (place * 7 + number)), version)
                for number in range(self._topics)
            )
            for place in range(CHUNKS)
        ]
        begun, sent = time.monotonic(), 0
        while True:
            for chunk in rounds:
                await self._free.wait()
                # Also without a rate: other subscriptions are to be answered meanwhile.
                await asyncio.sleep(max(0.0, begun + sent / self._rate - time.monotonic()) if self._rate else 0.0)
                self._transport.write(chunk)
                sent += self._topics


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled."""
    if options.flood:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Flood(options.flood, options.rate), options.host, options.port)
        print(f"listening on {options.host}:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201
        await server.serve_forever()
    broker = Broker()
    broker.faults.delay, broker.faults.code = options.delay, options.refuse
    machines = Machines(broker, wrong=options.wrong)
    machines.begin()
    number = await broker.start(options.host, options.port)
    print(f"listening on {options.host}:{number}", flush=True)  # noqa: T201
    due = {"drop": options.drop, "restart": options.restart}
    last = begun = time.monotonic()
    try:
        while True:
            await asyncio.sleep(STEP)
            now = time.monotonic()
            machines.step(now - last)
            last = now
            if due["drop"] and now - begun >= due["drop"]:
                due["drop"] += options.drop
                broker.drop()
            if due["restart"] and now - begun >= due["restart"]:
                due["restart"] += options.restart
                await broker.stop(forget=True)
                machines.begin()
                await broker.start(options.host, number)
    finally:
        await broker.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="sim.mqtt", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="look at packets this much later")
    parser.add_argument("--drop", type=float, default=0.0, metavar="SECONDS", help="cut all connections every so often")
    parser.add_argument(
        "--restart", type=float, default=0.0, metavar="SECONDS", help="begin anew, with nothing kept, every so often"
    )
    parser.add_argument("--wrong", type=float, default=0.0, metavar="SHARE", help="share of readings that are nonsense")
    parser.add_argument("--refuse", type=int, default=0, metavar="CODE", help="refuse greetings with this code")
    parser.add_argument("--flood", type=int, default=0, metavar="TOPICS", help="flood who subscribes, instead of the machines")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second of a flood; 0 for as many as are taken")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
