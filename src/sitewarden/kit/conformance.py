"""The kit's suite: what every driver does, tried on it. A breach is raised with the rule and what was seen.

`await conform(driver, models, sample)` with a sample that would work if its peer were there. No socket is opened: the
network that the driver gets refuses, or never answers.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Invalid, Refusal
from sitewarden.domain.events import Confirm, Event
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.config import Config, check
from sitewarden.kit.context import Context
from sitewarden.kit.driver import Driver, EndpointSpec
from sitewarden.kit.errors import DriverError, Misconfigured
from sitewarden.kit.supervise import Supervisor
from sitewarden.wire.formats import AudioFormat, VideoFormat

PATIENCE: Final = 5.0
"""Seconds within which a driver must have noticed that its peer refuses, or that it is cancelled."""
STRANGE: Final = "no-such-setting"


class Breach(AssertionError):
    """A driver does not keep a rule of the kit."""

    def __init__(self, rule: str, seen: str) -> None:
        super().__init__(f"{rule}: {seen}")


class AbsentNetwork:
    """A network where every peer refuses and every port is taken, or where nothing answers (`silent`); notes what was asked."""

    role = "conformance"

    def __init__(self, *, silent: bool = False) -> None:
        self.asked: list[str] = []
        self._silent = silent

    async def _refuse(self, what: str, refusal: Exception) -> Any:
        self.asked.append(what)
        if self._silent:
            await asyncio.Event().wait()
        raise refusal

    async def dial(self, port: str, *_: Any, **__: Any) -> Any:
        """Refuse."""
        return await self._refuse(f"dial {port}", ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"))

    async def listen(self, port: str, *_: Any, **__: Any) -> Any:
        """Refuse."""
        return await self._refuse(f"listen {port}", Conflict(f"the port of {port} is taken"))

    async def datagram(self, port: str, *_: Any, **__: Any) -> Any:
        """Refuse."""
        return await self._refuse(f"datagram {port}", Conflict(f"the port of {port} is taken"))

    async def pair(self, port: str, *_: Any, **__: Any) -> Any:
        """Refuse."""
        return await self._refuse(f"pair {port}", Conflict(f"the port of {port} is taken"))

    async def join(self, port: str, *_: Any, **__: Any) -> Any:
        """Refuse."""
        return await self._refuse(f"join {port}", Conflict(f"the port of {port} is taken"))

    def permit(self, port: str, *_: Any, **__: Any) -> Any:
        """Note it; the connection itself is then refused by the event loop."""
        self.asked.append(f"permit {port}")
        return nullcontext()

    def declare(self, port: str, *_: Any, **__: Any) -> Any:
        """Note it; what connects by itself does not begin, but where nothing answers."""
        self.asked.append(f"declare {port}")
        if not self._silent:
            raise Conflict(f"the peer of {port} is not there")
        return _Declared()

    def ledger(self) -> list[Any]:
        """Return nothing: nothing is open."""
        return []


class _Declared:
    """A peer that nothing connects to."""

    def close(self) -> None:
        """Nothing is open."""


class _Told:
    def __init__(self, net: AbsentNetwork, given: dict[str, Any]) -> None:
        self.events: list[Event] = []
        self.statuses: list[Status] = []
        self.context = Context(
            net=net,  # type: ignore[arg-type]
            clock=SystemClock(),
            emit=self._emit,
            samples=self._samples,
            status=self.statuses.append,
            media=_NoMedia(),
            confirmed=lambda _device: None,
            **given,
        )

    async def _emit(self, events: Sequence[Event], confirm: Confirm | None = None) -> None:
        self.events += events

    def _samples(self, samples: Samples) -> None:
        pass


class _NoMedia:
    def video_track(self, channel: str, video: VideoFormat) -> None:
        """Take nothing."""

    def audio_track(self, channel: str, audio: AudioFormat | None) -> None:
        """Take nothing."""

    def access_unit(self, channel: str, data: Sequence[memoryview | bytes], rtp_time: int, wall: int, key: bool) -> None:
        """Take nothing."""

    def sound(self, channel: str, frames: Sequence[bytes], duration: int, rtp_time: int, wall: int) -> None:
        """Take nothing."""

    def wanted(self, channel: str) -> bool:
        """Nobody looks."""
        return False

    async def demand(self, channel: str) -> None:
        """Nobody ever will."""
        await asyncio.Event().wait()

    def starved(self, channel: str) -> None:
        """Take nothing."""

    def lost(self, channel: str, reason: str) -> None:
        """Take nothing."""


async def conform(driver: Driver, models: dict[str, type[Struct]], sample: EndpointSpec, **given: Any) -> None:
    """Try all rules that need no peer; raise Breach at the first that is not kept.

    `given` are further members of the Context that the driver needs, such as `tls`.
    """
    _config_typed(driver, models, sample)
    _unknown_keys_refused(driver, models, sample)
    await _errors_mapped(driver, sample, given)
    await _cancels_cleanly(driver, sample, given)
    await _no_port_without_device(driver, sample, given)
    await _supervised(driver, sample, given)
    await _commands(driver, sample)


def _config_typed(driver: Driver, models: dict[str, type[Struct]], sample: EndpointSpec) -> None:
    for level, model in models.items():
        if level not in ("endpoint", "device", "address") or not issubclass(model, Config):
            raise Breach("config-typed", f"{level}: {model.__name__} is no kit.config.Config of a known level")
    try:
        driver.endpoint(sample)
    except DriverError as error:
        raise Breach("config-typed", f"the sample is refused: {error}") from error


def _unknown_keys_refused(driver: Driver, models: dict[str, type[Struct]], sample: EndpointSpec) -> None:
    for level, model in models.items():
        try:
            check(model, {STRANGE: 1}, level)
        except Invalid:
            continue
        raise Breach("unknown-keys-refused", f"{level} takes {STRANGE!r}")
    strange = msgspec.structs.replace(sample, config=sample.config | {STRANGE: 1})
    try:
        driver.endpoint(strange)
    except Misconfigured as error:
        if STRANGE not in str(error):
            raise Breach("unknown-keys-refused", f"the refusal does not name the setting: {error}") from error
    else:
        raise Breach("unknown-keys-refused", "the driver makes an endpoint with a setting that it does not know")


async def _errors_mapped(driver: Driver, sample: EndpointSpec, given: dict[str, Any]) -> None:
    if not driver.manifest.ports:
        # It opens nothing and is given what others send: nothing can refuse it.
        return
    told = _Told(AbsentNetwork(), given)
    run = asyncio.ensure_future(driver.endpoint(sample).run(told.context))
    done, _ = await asyncio.wait([run], timeout=PATIENCE)
    if not done:
        run.cancel()
        await asyncio.wait([run], timeout=PATIENCE)
        raise Breach("errors-mapped", "`run` goes on though its peer refuses; it leaves trying again to supervise")
    error = run.exception()
    if error is not None and not isinstance(error, (DriverError, Refusal)):
        raise Breach("errors-mapped", f"`run` raised {type(error).__name__}: {error}") from error
    strays = [name for name in told.context.net.asked if name.split()[1] not in driver.manifest.ports]  # type: ignore[attr-defined]
    if strays:
        raise Breach("manifest", f"it asked for ports that its manifest does not name: {strays}")


async def _cancels_cleanly(driver: Driver, sample: EndpointSpec, given: dict[str, Any]) -> None:
    net = AbsentNetwork(silent=True)
    run = asyncio.ensure_future(driver.endpoint(sample).run(_Told(net, given).context))
    for _ in range(50):
        await asyncio.sleep(0)
    run.cancel()
    done, _ = await asyncio.wait([run], timeout=1.0)
    if not done or not run.cancelled():
        seen = f"it ended with {run.exception()!r}" if done else "it goes on"
        raise Breach("cancels-cleanly", seen)


async def _no_port_without_device(driver: Driver, sample: EndpointSpec, given: dict[str, Any]) -> None:
    net = AbsentNetwork()
    supervisor = Supervisor(_Told(net, given).context, lambda _name: driver)
    empty = msgspec.structs.replace(sample, devices=())
    await supervisor.reconcile([(driver.manifest.name, empty)] if driver.manifest.devices else [])
    for _ in range(50):
        await asyncio.sleep(0)
    await supervisor.close()
    if net.asked:
        raise Breach("no-port-without-device", f"it asked for {net.asked}")


async def _supervised(driver: Driver, sample: EndpointSpec, given: dict[str, Any]) -> None:
    if not driver.manifest.ports:
        return
    net = AbsentNetwork()
    told = _Told(net, given)
    supervisor = Supervisor(told.context, lambda _name: driver, backoff=lambda: Backoff(0.001, 0.001))
    await supervisor.reconcile([(driver.manifest.name, sample)])
    for _ in range(int(PATIENCE / 0.01)):
        await asyncio.sleep(0.01)
        if len(net.asked) >= 3 and told.events:
            break
    await supervisor.close()
    if len(net.asked) < 3:
        raise Breach("reconnects", f"it asked for {net.asked} alone in {PATIENCE:g} s")
    offline = [event for event in told.events if event.entity == (sample.subject or sample.reference)]
    if len(offline) != 1:
        raise Breach("health-once-per-change", f"{[event.type for event in told.events]} for one loss")


async def _commands(driver: Driver, sample: EndpointSpec) -> None:
    endpoint = driver.endpoint(sample)
    entity = next(reversed(list(sample.owned())))
    for name in (*driver.manifest.commands, "nothing.known"):
        try:
            result = await asyncio.wait_for(endpoint.execute(Command(id="1", name=name, entity=entity)), PATIENCE)
        except (DriverError, Refusal):
            continue
        except TimeoutError:
            raise Breach("commands", f"{name} hangs while there is no connection") from None
        if not isinstance(result, Result) or result.ok:
            raise Breach("commands", f"{name} is said to be done while there is no connection")
