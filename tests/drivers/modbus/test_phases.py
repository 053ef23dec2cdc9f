"""Blocks of one period are read at once when the connection begins, and spread over the period from then on."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sitewarden.domain.points.model import Point
from sitewarden.drivers.modbus import poller as module
from sitewarden.drivers.modbus.config import EndpointConfig
from sitewarden.drivers.modbus.unit import Unit
from sitewarden.kit.driver import DeviceSpec
from sitewarden.kit.freshness import Freshness
from tests.kit.fakes import Recorder

UNITS = 40
PERIOD = 10.0


class Loop:
    """A loop whose time a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Any]] = []
        self._count = 0

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, work: Callable[[], None]) -> Any:
        handle = SimpleNamespace(live=True, work=work)
        handle.cancel = lambda: setattr(handle, "live", False)
        self._count += 1
        heappush(self._due, (when, self._count, handle))
        return handle

    def run(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            when, _, handle = heappop(self._due)
            self.now = max(self.now, when)
            if handle.live:
                handle.work()
        self.now = until


class Session:
    """A machine that answers everything a moment later."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.asked: list[tuple[float, int]] = []

    def send(self, unit: int, request: bytes, done: Callable[[bytes], None]) -> None:
        self.asked.append((self.loop.now, unit))
        self.loop.call_at(self.loop.now + 0.001, lambda: done(b"\x03\x02\x00\x07"))


async def test_what_has_one_period_is_not_read_in_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop()
    session = Session(loop)
    monkeypatch.setattr(module, "asyncio", SimpleNamespace(get_running_loop=lambda: loop))
    units = [
        Unit(
            DeviceSpec(
                id=f"u{number}",
                name="U",
                config={"unit": number},
                points=(Point(id=f"p{number}", name="P", device=f"u{number}", period=PERIOD, address={"register": 0}),),
            ),
            30.0,
        )
        for number in range(1, UNITS + 1)
    ]
    freshness = Freshness(30.0)
    config = EndpointConfig(host="127.0.0.1")
    poller = module.Poller(Recorder().context(), "endpoint:plc", config, units, freshness, cast("Any", session))
    poller.start()
    loop.run(1.0)
    assert len({unit for _, unit in session.asked}) == UNITS, "all are read at once"
    loop.run(3 * PERIOD + 1.0)
    later = [(when, unit) for when, unit in session.asked if when > PERIOD]
    seconds = Counter(int(when) for when, _ in later if when < 2 * PERIOD)
    assert set(seconds) == set(range(10, 20))
    assert max(seconds.values()) <= UNITS / PERIOD + 3
    for number in range(1, UNITS + 1):
        times = [when for when, unit in later if unit == number]
        assert len(times) >= 2
        assert all(abs(b - a - PERIOD) < 0.1 for a, b in itertools.pairwise(times)), "each keeps its period"
