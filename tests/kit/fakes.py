"""A driver that does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.events import Confirm, Event
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.status import Status
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec, Manifest
from sitewarden.kit.errors import Unavailable
from sitewarden.kit.house import UNHEARD, Changed, Reading, Source


class Scripted:
    """An endpoint whose runs take exceptions, or "serve", from a list; the last entry repeats."""

    def __init__(self, spec: EndpointSpec, script: list[Any]) -> None:
        self.spec = spec
        self.script = script
        self.runs = 0
        self.commands: list[Command] = []
        self.aged = 0

    async def run(self, ctx: Context) -> None:
        step = self.script[min(self.runs, len(self.script) - 1)]
        self.runs += 1
        if step == "return":
            return
        if isinstance(step, BaseException):
            raise step
        ctx.status(Status(ref=self.spec.reference, state="online", since=ctx.clock.now()))
        for device in self.spec.devices:
            ctx.status(Status(ref=device.reference, state="online", since=ctx.clock.now()))
        if step == "drop":
            raise Unavailable("gone")
        await asyncio.Event().wait()

    async def execute(self, command: Command) -> Result:
        self.commands.append(command)
        if isinstance(command.args.get("raise"), BaseException):
            raise command.args["raise"]
        if command.args.get("hang"):
            await asyncio.Event().wait()
        return Result(ok=True, value={"entity": command.entity})

    def age(self, ctx: Context) -> float | None:
        self.aged += 1
        return 0.01 if self.aged < 3 else None


class FakeDriver:
    """Makes scripted endpoints by endpoint id."""

    def __init__(self, scripts: dict[str, list[Any]], *, devices: bool = False) -> None:
        self.manifest = Manifest(name="fake", title="Fake", role="iot", ports=(), devices=devices)
        self.scripts = scripts
        self.made: list[Scripted] = []

    def endpoint(self, spec: EndpointSpec) -> Scripted:
        script = self.scripts[spec.id]
        if isinstance(script[0], type) and issubclass(script[0], BaseException):
            raise script[0]("bad settings")
        self.made.append(Scripted(spec, script))
        return self.made[-1]


class Recorder:
    """Keeps what endpoints tell, and lets a test await it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.statuses: list[Status] = []
        self.batches: list[Samples] = []
        self._changed = asyncio.Event()

    async def emit(self, events: Sequence[Event], confirm: Confirm | None = None) -> None:
        self.events.extend(events)
        self._changed.set()

    def status(self, status: Status) -> None:
        self.statuses.append(status)
        self._changed.set()

    def samples(self, samples: Samples) -> None:
        self.batches.append(samples)
        self._changed.set()

    async def until(self, condition: Callable[[], Any], within: float = 60.0) -> None:
        """Wait until `condition` holds; it is looked at after everything that is told, and now and then."""
        async with asyncio.timeout(within):
            while not condition():
                self._changed.clear()
                await asyncio.wait([asyncio.ensure_future(self._changed.wait())], timeout=0.02)
                self._changed.set()

    def context(self, net: Any = None) -> Context:
        return Context(net=net, clock=SystemClock(), emit=self.emit, samples=self.samples, status=self.status)


class FakeHouse:
    """A house whose values a test puts; what is written is kept, and answered with `answer`."""

    def __init__(self) -> None:
        self.now: dict[Source, Reading] = {}
        self.followers: list[tuple[Sequence[Source], Changed]] = []
        self.written: list[tuple[str, Value, str, str]] = []
        self.answer = Result(ok=True)

    def follow(self, sources: Sequence[Source], changed: Changed) -> Callable[[], None]:
        entry = (tuple(sources), changed)
        self.followers.append(entry)
        changed([(source, self.now.get(source, UNHEARD)) for source in sources])
        return lambda: self.followers.remove(entry)

    def put(self, source: Source, reading: Reading) -> None:
        self.now[source] = reading
        for sources, changed in self.followers:
            if source in sources:
                changed([(source, reading)])

    async def write(self, ref: str, value: Value, *, by: str, remote: str, reason: str) -> Result:
        self.written.append((ref, value, by, remote))
        return self.answer
