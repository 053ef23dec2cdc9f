"""Controllers of a made-up site in one process: each the real edge controller on a simulated board, with people at its doors.

Each has an address of its own on loopback (127.80.0.1 and up), as controllers have on a network: a search finds them all.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sim.access.campus import LOCKS, READERS, Campus, controller_id, reader
from sim.access.days import DAY_SECONDS, Deed, day
from sim.access.faults import NONE, Faults, Relay, RunningClock
from sim.controller import SimController
from sitewarden.config import Settings
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.clock import SECOND
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.settings import ControllerSettings, ServerSettings

AT_ONCE: Final = 4096
"""People who are at doors at the same time; more are counted as missed."""
WAITS: Final = 20_000
"""Last swipes whose times are kept."""
OPENS_AFTER: Final = 0.3
BUTTON_SECONDS: Final = 0.3
TAMPER_SECONDS: Final = 5.0
LEAVE_SECONDS: Final = 5.0
"""What people have at the end to finish what they do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the fleet runs."""

    data: Path
    server: tuple[str, int] | None = None
    """None: each decides alone."""
    faults: Faults = NONE
    speed: float = 1.0
    """Seconds of the day in a second."""
    begin: datetime
    """First moment of the first day that is played, in the site's zone."""
    seed: int = 0


class Station:
    """One controller: started, reset, tampered with."""

    def __init__(self, number: int, plan: Plan, counts: Counter[str]) -> None:
        self.number, self._plan, self._counts = number, plan, counts
        self._random = random.Random(f"{plan.seed}/station/{number}")
        self.address = f"127.80.{number // 250}.{number % 250 + 1}"
        self.sim: SimController | None = None
        self.ready = asyncio.Event()
        """Set while it runs."""
        self._restart = asyncio.Event()
        self._relay: Relay | None = None
        self.rules: Rules | None = None
        """What it decides by where no server brings it; one object for the whole fleet."""

    async def run(self) -> None:
        """Run until cancelled."""
        if self._plan.server is not None and self._plan.faults.between:
            self._relay = Relay(self._plan.faults, self._plan.server, self._random.getrandbits(32))
            await self._relay.start(self.address)
        faults = [asyncio.create_task(work) for work in (self._resets(), self._tampers())]
        try:
            while True:
                await self._once()
        finally:
            for task in faults:
                task.cancel()
            await asyncio.gather(*faults, return_exceptions=True)
            if self._relay is not None:
                await self._relay.close()

    async def pulse(self, line: int, seconds: float) -> None:
        """Set an input for so long, where nobody else does and the controller runs."""
        sim = self.sim
        if sim is None or sim.board.inputs[line]:
            return
        sim.board.set_input(line, True)
        await asyncio.sleep(seconds)
        if sim is self.sim:
            sim.board.set_input(line, False)

    async def _once(self) -> None:
        """Run until it is reset."""
        settings = self._settings()
        network = LocalNetwork(Settings.for_test(self.address, settings.data), "controller", Path(settings.data) / "run")
        sim = SimController(settings, network, clock=self._clock())
        running = asyncio.create_task(sim.run())
        try:
            await sim.node.started.wait()
            if self.rules is not None:
                sim.node.controller.decide_by(self.rules.digest, self.rules)
            self.sim = sim
            self.ready.set()
            self._restart.clear()
            told = asyncio.create_task(self._restart.wait())
            await asyncio.wait((running, told), return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if running.done():
                running.result()
        finally:
            self.ready.clear()
            self.sim = None
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await network.close()

    def _settings(self) -> ControllerSettings:
        server = None
        if self._plan.server is not None:
            host, port = (self.address, self._relay.port) if self._relay is not None else self._plan.server
            server = ServerSettings(host=host, port=port)
        name = controller_id(self.number)
        return ControllerSettings(
            node=name,
            data=str(self._plan.data / name),
            bind=self.address,
            server=server,
            locks=LOCKS,
            readers=READERS,
            log_records=100_000,
        )

    def _clock(self) -> RunningClock:
        rate = 1 + self._random.uniform(-1, 1) * self._plan.faults.drift / 1e6
        if self._plan.server is not None:
            return RunningClock(rate)
        # Without a server to set it, they keep the time of the days that are played.
        return RunningClock(rate * self._plan.speed, round(self._plan.begin.timestamp() * SECOND))

    async def _resets(self) -> None:
        while self._plan.faults.resets:
            await asyncio.sleep(self._random.expovariate(self._plan.faults.resets / 3600))
            self._counts["resets"] += 1
            self._restart.set()

    async def _tampers(self) -> None:
        while self._plan.faults.tamper:
            await asyncio.sleep(self._random.expovariate(self._plan.faults.tamper / 3600))
            line = self._random.choice([lock.tamper for lock in LOCKS if lock.tamper is not None])
            self._counts["tampers"] += 1
            await self.pulse(line, TAMPER_SECONDS)


class Fleet:
    """All controllers, and the people. `counts` says what happened so far, `waits` how long cards took (seconds)."""

    def __init__(self, campus: Campus, plan: Plan, rules: Rules | None = None) -> None:
        self.campus, self.plan = campus, plan
        self.counts: Counter[str] = Counter()
        self.waits: deque[float] = deque(maxlen=WAITS)
        self.stations = [Station(number, plan, self.counts) for number in range(campus.controllers)]
        for station in self.stations:
            station.rules = rules
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self, days: float = float("inf")) -> None:
        """Run until cancelled, or until so many days were played."""
        running = [asyncio.create_task(station.run()) for station in self.stations]
        playing = asyncio.create_task(self._play(days))
        try:
            await asyncio.wait((playing, *running), return_when=asyncio.FIRST_COMPLETED)
            for task in (playing, *running):
                if task.done():
                    task.result()
        finally:
            for task in (playing, *running, *self._busy):
                task.cancel()
            await asyncio.gather(playing, *running, *self._busy, return_exceptions=True)

    async def started(self) -> None:
        """Return once every controller runs."""
        for station in self.stations:
            await station.ready.wait()

    @property
    def connected(self) -> int:
        """How many controllers have their server now."""
        uplinks = [station.sim.node.uplink for station in self.stations if station.sim is not None]
        return sum(uplink is not None and uplink.ready.is_set() for uplink in uplinks)

    @property
    def waiting(self) -> int:
        """How many records the server has not confirmed."""
        journals = [station.sim.node.journal for station in self.stations if station.sim is not None]
        return sum(journal.last - journal.confirmed for journal in journals)

    async def _play(self, days: float) -> None:
        await self.started()
        loop = asyncio.get_running_loop()
        begun, begin = loop.time(), self.plan.begin
        for deed, at in deeds(self.campus, begin, self.plan.seed):
            if at >= days * DAY_SECONDS:
                break
            left = begun + at / self.plan.speed - loop.time()
            if left > 0:
                await asyncio.sleep(left)
            if len(self._busy) >= AT_ONCE:
                self.counts["missed"] += 1
                continue
            task = asyncio.create_task(self._do(deed))
            self._busy.add(task)
            task.add_done_callback(self._done)
        if self._busy:
            await asyncio.wait(list(self._busy), timeout=LEAVE_SECONDS)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        if not task.cancelled() and task.exception() is not None:
            task.result()

    async def _do(self, deed: Deed) -> None:
        station = self.stations[deed.door // 2]
        sim = station.sim
        if sim is None:
            self.counts["out of service"] += 1
            return
        lock = LOCKS[deed.door % 2]
        self.counts[deed.kind] += 1
        assert lock.contact is not None and lock.exit is not None
        if deed.card:
            answer = await sim.board.swipe(reader(deed.door, deed.side), deed.card)
            self.counts[answer.signal] += 1
            self.waits.append(answer.signalled - answer.shown)
            if answer.signal != "granted":
                return
        elif deed.kind == "exit":
            await station.pulse(lock.exit, BUTTON_SECONDS)
        await asyncio.sleep(OPENS_AFTER)
        await station.pulse(lock.contact, deed.stays)


def deeds(campus: Campus, begin: datetime, seed: int) -> Iterator[tuple[Deed, float]]:
    """Yield what people do from `begin` on, day after day, each with the seconds since `begin`."""
    first: date = begin.date()
    midnight = datetime(first.year, first.month, first.day, tzinfo=begin.tzinfo)
    skipped = (begin - midnight).total_seconds()
    number = 0
    while True:
        for deed in day(campus, first + timedelta(days=number), seed):
            at = number * DAY_SECONDS + deed.at - skipped
            if at >= 0:
                yield deed, at
        number += 1


def begin_of(text: str, zone: str) -> datetime:
    """Return the moment that the command line names: "now", or "2026-03-02T07:00"; raises ValueError."""
    if text == "now":
        return datetime.now(ZoneInfo(zone))
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
