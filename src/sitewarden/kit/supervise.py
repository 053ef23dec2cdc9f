"""Runs endpoints and keeps them running: the one place that retries, backs off and reports health.

An endpoint's `run` returns or raises. Unavailable and PeerViolation are tried again with back-off; Misconfigured waits
for a changed configuration; LocalMisuse stops the endpoint and is reported loudly. Here alone stands `except Exception`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import NotFound, Refusal, Unreachable
from sitewarden.domain.points.samples import PointRun, Samples
from sitewarden.domain.status import Status
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.context import Context
from sitewarden.kit.driver import Ageing, Driver, Endpoint, EndpointSpec, Receiving, Reconfigurable
from sitewarden.kit.errors import DriverError, LocalMisuse, Misconfigured, PeerViolation, Unavailable
from sitewarden.kit.health import Health

log = logging.getLogger(__name__)

STEADY: Final = 10.0
"""Seconds online after which the back-off begins anew."""
GRACE: Final = 5.0
"""Seconds that an endpoint has to end once it is cancelled."""
DEFECT_PAUSE: Final = 30.0
"""Seconds until an endpoint that failed with an unforeseen error is tried again."""


class Supervisor:
    """The endpoints of one process, held to what is configured."""

    def __init__(
        self, ctx: Context, load: Callable[[str], Driver], *, backoff: Callable[[], Backoff] = Backoff, steady: float = STEADY
    ) -> None:
        """`load` gives a driver by name, as `drivers.registry.load` does."""
        self._ctx = ctx
        self._load = load
        self._backoff = backoff
        self._steady = steady
        self._running: dict[str, _Supervised] = {}
        self._owners: dict[str, _Supervised] = {}
        self._wake = asyncio.Event()
        self._health = Health(ctx.clock, ctx.status, self._wake.set)
        self._teller: asyncio.Task[None] | None = None

    async def reconcile(self, wanted: Sequence[tuple[str, EndpointSpec]]) -> None:
        """Run exactly these (driver, endpoint): leave the unchanged alone, restart the changed, stop the rest."""
        if self._teller is None:
            self._teller = asyncio.create_task(self._tell(), name="health events")
        specs = {spec.reference: (driver, spec) for driver, spec in wanted}
        await asyncio.gather(*(self._stop(ref) for ref in self._running.keys() - specs.keys()))
        for ref, (driver, spec) in specs.items():
            running = self._running.get(ref)
            if running is not None and (running.driver, running.spec) == (driver, spec):
                continue
            if running is not None and running.driver == driver and running.take(spec):
                continue
            if running is not None:
                await self._stop(ref, forget=False)
            supervised = _Supervised(self._ctx, self._health, driver, spec, self._load, self._backoff(), self._steady)
            self._running[ref] = supervised
            supervised.start()
            if running is not None:
                for entity in running.served - supervised.served:
                    self._health.forget(entity)
        self._owners = {entity: one for one in self._running.values() for entity in one.spec.owned()}

    def entities(self) -> list[str]:
        """Return the references of all entities whose commands end here, for `bus.claim`."""
        return list(self._owners)

    async def execute(self, command: Command) -> Result:
        """Give a command to the endpoint that owns its entity; every failure comes back as a Result."""
        owner = self._owners.get(command.entity)
        if owner is None:
            return Result(
                ok=False, code="not-found", what=f"{command.entity} is not served here", remedy="Is its device enabled?"
            )
        return await owner.execute(command)

    def receive(self, ref: str, runs: Sequence[PointRun]) -> Samples:
        """Give what others sent for an endpoint to it, and return what is to be stored; raise Unreachable or NotFound."""
        supervised = self._running.get(ref)
        if supervised is None:
            raise NotFound(f"{ref} is not served here", where=ref, remedy="Is it enabled, with an enabled device?")
        return supervised.receive(runs)

    async def close(self) -> None:
        """Stop all endpoints; health events that wait are handed over first."""
        await asyncio.gather(*(self._stop(ref, forget=False) for ref in list(self._running)))
        self._owners = {}
        if self._teller is not None:
            self._teller.cancel()
            await asyncio.gather(self._teller, return_exceptions=True)
            self._teller = None

    async def _stop(self, ref: str, *, forget: bool = True) -> None:
        supervised = self._running.pop(ref)
        await supervised.stop()
        if forget:
            for entity in supervised.served:
                self._health.forget(entity)

    async def _tell(self) -> None:
        pending = self._health.pending
        while True:
            await self._wake.wait()
            self._wake.clear()
            while pending:
                batch = [pending.popleft() for _ in range(len(pending))]
                try:
                    await self._ctx.emit(batch)
                except Exception:
                    log.exception("health events could not be stored; trying again")
                    pending.extendleft(reversed(batch))
                    await asyncio.sleep(1.0)


class _Supervised:
    """One endpoint under supervision."""

    def __init__(
        self,
        ctx: Context,
        health: Health,
        driver: str,
        spec: EndpointSpec,
        load: Callable[[str], Driver],
        backoff: Backoff,
        steady: float,
    ) -> None:
        self.driver = driver
        self.spec = spec
        self._health = health
        self._load = load
        self._backoff = backoff
        self._steady = steady
        self._online_at: float | None = None
        self._endpoint: Endpoint | None = None
        self._task: asyncio.Task[None] | None = None
        self._error = "it is not running"
        self._ctx = replace(ctx, status=self._report)
        self.served: set[str] = set()
        """References whose health is told from here; empty while there is no device to serve."""

    def start(self) -> None:
        """Make the endpoint and run it in a task of its own."""
        try:
            driver = self._load(self.driver)
            if driver.manifest.devices and not self.spec.devices:
                return
            self._name_all()
            self._endpoint = driver.endpoint(self.spec)
        except Exception as error:
            self._name_all()
            self._failed(error)
            return
        self._task = asyncio.create_task(self._serve(self._endpoint), name=f"{self.driver} {self.spec.reference}")

    def take(self, spec: EndpointSpec) -> bool:
        """Give a running endpoint its changed spec; False when it must be restarted."""
        if self._task is None or self._task.done() or not spec.devices or not isinstance(self._endpoint, Reconfigurable):
            return False
        try:
            taken = self._endpoint.reconfigure(spec)
        except Misconfigured:
            return False
        except Exception:
            log.exception("%s could not take its changed configuration; it is restarted", self.spec.reference)
            return False
        if taken:
            before, self.spec = self.served, spec
            self._name_all()
            for entity in before - self.served:
                self._health.forget(entity)
        return taken

    async def stop(self) -> None:
        """Cancel the endpoint and wait until it has ended."""
        if self._task is None:
            return
        self._task.cancel()
        done, _ = await asyncio.wait([self._task], timeout=GRACE)
        if not done:
            log.error("%s did not end within %.0f s of being cancelled; a defect of driver %s", self.spec.id, GRACE, self.driver)

    def receive(self, runs: Sequence[PointRun]) -> Samples:
        """Give the endpoint what others sent for it."""
        if not isinstance(self._endpoint, Receiving) or self._task is None or self._task.done():
            raise Unreachable(f"{self.spec.name} takes nothing: {self._error}", where=self.spec.reference)
        try:
            return self._endpoint.receive(runs)
        except DriverError as error:
            raise Unreachable(str(error), where=self.spec.reference, remedy="Try again.") from None

    async def execute(self, command: Command) -> Result:
        """Carry out a command within its time limit."""
        if self._endpoint is None or self._task is None or self._task.done():
            return _refused("unreachable", f"{self.spec.name} is stopped: {self._error}", "Correct its configuration.")
        try:
            async with asyncio.timeout(command.timeout):
                return await self._endpoint.execute(command)
        except TimeoutError:
            return _refused("timed-out", f"{self.spec.name} did not answer within {command.timeout:g} s", "Is the device on?")
        except Refusal as error:
            return _refused(error.code, error.what, error.remedy)
        except Misconfigured as error:
            return _refused("invalid", str(error), "Correct its configuration.")
        except (Unavailable, PeerViolation) as error:
            return _refused("unreachable", str(error), "Try again when it is back.")
        except Exception:
            log.exception("%s failed to execute %s", self.spec.reference, command.name)
            return _refused("defect", f"{command.name} failed for an unforeseen reason", "See the server's log.")

    async def _serve(self, endpoint: Endpoint) -> None:
        while True:
            self._online_at = None
            try:
                await endpoint.run(self._ctx)
                pause = self._failed(Unavailable("the connection ended"))
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                pause = self._failed(RuntimeError("something that it awaited was cancelled"))
            except Exception as error:
                pause = self._failed(error)
            await self._wait(endpoint, pause)

    def _failed(self, error: Exception) -> float | None:
        """Report an end of `run`; return the seconds until the next try, None for never."""
        if self._online_at is not None and self._ctx.clock.monotonic() - self._online_at >= self._steady:
            self._backoff.reset()
        detail, kind, pause = str(error) or type(error).__name__, "unavailable", None
        match error:
            case Misconfigured():
                kind = "misconfigured"
            case LocalMisuse():
                kind = "defect"
                log.critical("%s stopped: driver %s has a defect", self.spec.reference, self.driver, exc_info=error)
            case PeerViolation():
                kind, pause = "peer-violation", self._backoff.next()
            case DriverError() | Refusal():
                pause = self._backoff.next()
            case _:
                kind, pause = "defect", DEFECT_PAUSE
                detail = f"unforeseen {type(error).__name__}: {detail}"
                log.error("%s failed unforeseen in driver %s", self.spec.reference, self.driver, exc_info=error)
        self._error = detail
        now = self._ctx.clock.now()
        for device in self.spec.devices:
            lost = Status(ref=device.reference, state="offline", detail=f"{self.spec.name} is not connected", since=now)
            self._health.report(lost, quiet=True)
        self._health.report(
            Status(ref=self.spec.reference, state="offline", detail=detail, since=now, data={"error": kind}),
            event="misconfigured" if kind == "misconfigured" else "",
        )
        return pause

    async def _wait(self, endpoint: Endpoint, pause: float | None) -> None:
        """Sleep for `pause` seconds, or for good; what ages meanwhile is looked after."""
        clock = self._ctx.clock
        end = None if pause is None else clock.monotonic() + pause
        while True:
            left = None if end is None else end - clock.monotonic()
            if left is not None and left <= 0:
                return
            due = self._age(endpoint)
            steps = [seconds for seconds in (left, due) if seconds is not None]
            await asyncio.sleep(max(min(steps), 0.01) if steps else 3600.0)

    def _age(self, endpoint: Endpoint) -> float | None:
        try:
            return endpoint.age(self._ctx) if isinstance(endpoint, Ageing) else None
        except Exception:
            log.exception("%s could not age its values", self.spec.reference)
            return None

    def _report(self, status: Status) -> None:
        if status.ref == self.spec.reference and status.state == "online" and self._online_at is None:
            self._online_at = self._ctx.clock.monotonic()
        self._health.report(status)

    def _name_all(self) -> None:
        self._health.name(self.spec.reference, self.spec.name, self.spec.subject)
        for device in self.spec.devices:
            self._health.name(device.reference, device.name)
        self.served = {self.spec.reference, *(device.reference for device in self.spec.devices)}


def _refused(code: str, what: str, remedy: str) -> Result:
    return Result(ok=False, code=code, what=what, remedy=remedy)
