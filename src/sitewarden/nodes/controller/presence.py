"""The controller on UDP 51110: answers searches, takes orders of whoever knows its commissioning code, and undoes what fails."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Forbidden, Invalid, Refusal
from sitewarden.net import Network
from sitewarden.net.broadcast import BroadcastPort
from sitewarden.nodes.controller.addresses import NetworkSettings
from sitewarden.wire import device_udp as wire

log = logging.getLogger(__name__)

FOLLOW: Final = 2.0
"""Seconds between two looks at the board's own addresses."""
ANSWERS: Final = (20.0, 40.0)
"""Searches answered a second, and at once; those above are dropped."""
REFUSALS: Final = (1.0, 5.0)
"""Orders with a wrong code that are answered a second, and at once; those above are dropped, unread but for their MAC."""
WAITING: Final = 64
"""Answers that wait for their moment; further searches are dropped."""


class Bucket:
    """So much a second, and so much at once."""

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._held, self._at = burst, clock.monotonic()

    def take(self) -> bool:
        """Take one; False where none is left."""
        now = self._clock.monotonic()
        self._held = min(self._burst, self._held + (now - self._at) * self._rate)
        self._at = now
        if self._held < 1:
            return False
        self._held -= 1
        return True


class Identity:
    """What a search shows of the controller; `paired` and `server` may change while it runs."""

    def __init__(self, device: str, model: str, firmware: str, mode: str, server: str, paired: Callable[[], bool]) -> None:
        self.device, self.model, self.firmware = device, model, firmware
        self.mode, self.server, self.paired = mode, server, paired


class Presence:
    """Runs until cancelled. `on_reset` is called once a reset was answered; `note` records what was changed."""

    def __init__(
        self,
        identity: Identity,
        key: bytes,
        board: NetworkSettings,
        network: Network,
        clock: Clock,
        *,
        on_reset: Callable[[], None],
        note: Callable[[str, dict[str, str]], None],
        on_move: Callable[[], None] = lambda: None,
        confirm_seconds: float = wire.CONFIRM_SECONDS,
    ) -> None:
        self._identity, self._key, self._board, self._clock = identity, key, board, clock
        self._on_reset, self._note, self._on_move = on_reset, note, on_move
        self._confirm_seconds = confirm_seconds
        self._boot = secrets.token_bytes(8)
        self._started = clock.monotonic()
        self._guard = wire.Guard(identity.device, key, self._boot)
        self._port = BroadcastPort(network, "device-udp", wire.PORT, self._take)
        self._answers, self._refusals = Bucket(*ANSWERS, clock), Bucket(*REFUSALS, clock)
        self._waiting: set[asyncio.TimerHandle] = set()
        self._orders: asyncio.Queue[tuple[wire.Ipv4, wire.Ipv4, str]] = asyncio.Queue(1)
        self._before: wire.Ipv4 | None = None
        self._confirmed = asyncio.Event()
        self.ready = asyncio.Event()
        """Set once it listens."""

    async def run(self) -> None:
        """Be found, until cancelled. A change that was not confirmed is undone."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(), name="addresses")
                group.create_task(self._change(), name="network settings")
        finally:
            for timer in self._waiting:
                timer.cancel()
            self._port.close()

    def confirm(self) -> None:
        """Keep changed settings: somebody who is proven reached the controller by them."""
        self._confirmed.set()

    # -- sockets ------------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        failed = ""
        while True:
            try:
                await self._port.open(self._board.bound())
                self.ready.set()
                failed = ""
            except Refusal as refusal:
                if str(refusal) != failed:
                    log.warning("it cannot be searched for: %s", refusal)
                failed = str(refusal)
            await asyncio.sleep(FOLLOW)

    def _take(self, data: bytes, sender: tuple[str, int], asked: str) -> None:
        if sender[1] != wire.PORT:
            return
        try:
            datagram = wire.decode(data)
        except Invalid as refusal:
            log.debug("from %s: %s", sender[0], refusal)
            return
        if isinstance(datagram.message, wire.Search):
            self._found(datagram.message, sender[0])
        else:
            self._ordered(datagram, sender[0])

    # -- search -------------------------------------------------------------------------------------------------------

    def _found(self, search: wire.Search, sender: str) -> None:
        if search.device not in ("", self._identity.device):
            return
        if len(self._waiting) >= WAITING or not self._answers.take():
            return
        loop = asyncio.get_running_loop()

        def answer() -> None:
            self._waiting.discard(timer)
            self._reply(wire.encode(self._described(search.nonce), self._key), sender)

        timer = loop.call_later(random.uniform(0, search.spread / 1000), answer)  # noqa: S311
        self._waiting.add(timer)

    def _described(self, nonce: bytes) -> wire.Found:
        me = self._identity
        return wire.Found(
            nonce=nonce,
            device=me.device,
            model=me.model[:60],
            firmware=me.firmware[:60],
            hardware=self._board.hardware,
            network=self._board.current(),
            mode="direct" if me.mode == "direct" else "server",
            server=me.server[:120],
            paired=me.paired(),
            boot=self._boot,
            uptime=self._uptime(),
            trial=self._before is not None and not self._confirmed.is_set(),
        )

    def _reply(self, data: bytes, sender: str) -> None:
        self._port.send(data, sender)
        if not self._port.near(sender):
            # A device whose address does not fit the network is still heard by whoever searches for it beside it.
            self._port.broadcast(data)

    def _uptime(self) -> int:
        return int((self._clock.monotonic() - self._started) * 1000)

    # -- orders -------------------------------------------------------------------------------------------------------

    def _ordered(self, datagram: wire.Datagram, sender: str) -> None:
        try:
            order = self._guard.admit(datagram, self._uptime())
            if order is None:
                return
            self._carry_out(order, sender)
        except Refusal as refusal:
            if isinstance(refusal, Forbidden) and not self._refusals.take():
                return
            log.warning("an order from %s was refused: %s", sender, refusal.what)
            stamp = getattr(datagram.message, "stamp", None)
            if isinstance(stamp, wire.Stamp):
                what = f"{refusal.what} {refusal.remedy}".strip()
                self._answer(wire.Refused(self._identity.device, stamp.nonce, refusal.code[:20], what[:200]), sender)

    def _carry_out(self, order: wire.Order, sender: str) -> None:
        done = wire.Done(self._identity.device, order.stamp.nonce)
        if isinstance(order, wire.Reset):
            self._answer(done, sender)
            self._note("controller.reset", {"remote": sender})
            asyncio.get_running_loop().call_soon(self._on_reset)
        elif isinstance(order, wire.Confirm):
            self._answer(done, sender)
            self.confirm()
        else:
            wire.check_network(order.network)
            self._board.check(order.network)
            if self._before is not None:
                raise Refusal("A change waits to be confirmed already.", remedy="Wait a minute.")
            # On trial before Done is said: who asks after Done and hears of no trial knows that it has ended.
            before = self._before = self._board.current()
            self._confirmed.clear()
            self._orders.put_nowait((before, order.network, sender))
            self._answer(done, sender)

    def _answer(self, message: wire.Done | wire.Refused, sender: str) -> None:
        self._reply(wire.encode(message, self._key), sender)

    async def _change(self) -> None:
        while True:
            before, wanted, sender = await self._orders.get()
            try:
                await self._try(before, wanted, sender)
            finally:
                self._before = None

    async def _try(self, before: wire.Ipv4, wanted: wire.Ipv4, sender: str) -> None:
        words = {"before": shown(before), "after": shown(wanted), "remote": sender}
        kept = False
        try:
            await self._board.apply(wanted)
            await self._port.open(self._board.bound())
            self._on_move()
            async with asyncio.timeout(self._confirm_seconds):
                await self._confirmed.wait()
            await self._board.keep()
            kept = True
            self._note("controller.network", words)
        except (Refusal, TimeoutError) as problem:
            log.warning("the change to %s is undone: %s", shown(wanted), problem or "nobody confirmed it")
        finally:
            if not kept:
                await self._undo(words)

    async def _undo(self, words: dict[str, str]) -> None:
        try:
            await self._board.undo()
            await self._port.open(self._board.bound())
        except Refusal as refusal:
            log.error("the network settings cannot go back: %s", refusal)
            return
        self._note("controller.network-undone", words)
        self._on_move()


def shown(network: wire.Ipv4) -> str:
    """Return settings as one word: "dhcp", or "10.0.0.5/24 by 10.0.0.1"."""
    if network.dhcp:
        return "dhcp"
    return f"{network.address}/{network.prefix}" + (f" by {network.gateway}" if network.gateway else "")
