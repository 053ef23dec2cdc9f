"""One OSDP reader at run time: what it tells, what it is to show, and whether it works. No I/O; times are given."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from sitewarden.kit.backoff import Backoff
from sitewarden.nodes.controller.board import panel as osdp
from sitewarden.nodes.controller.board import signals
from sitewarden.nodes.controller.board.cards import ASCII, read_card
from sitewarden.nodes.controller.board.diagnosis import SILENT, Cause, Exchange
from sitewarden.nodes.controller.board.frames import LED
from sitewarden.nodes.controller.board.keypad import Keypad
from sitewarden.nodes.controller.board.keys import HeldKey
from sitewarden.nodes.controller.board.settings import ReaderSettings
from sitewarden.nodes.controller.hardware import Events, ReaderNews, Signal

log = logging.getLogger(__name__)

QUEUED: Final = 12
"""Commands that wait for a reader; the oldest go, and a new signal displaces the one before it."""


class ReaderStatus(Struct, frozen=True, kw_only=True):
    """How a reader is. `secure` tells that its secure channel stands; `cause` and `detail` say why it is not online."""

    reader: int
    bus: str
    address: int
    online: bool | None
    """None until it first answered or failed to."""
    secure: bool
    cause: Cause | None
    detail: str
    tamper: bool
    power_failed: bool


class Nobody:
    """Takes the events of a board that is not started."""

    def card(self, reader: int, bits: int, value: int) -> None: ...
    def pin(self, reader: int, digits: str) -> None: ...
    def input(self, number: int, active: bool) -> None: ...
    def reader(self, reader: int, news: ReaderNews, detail: str) -> None: ...


class Reader:
    """Member number `index` of its bus's panel."""

    def __init__(
        self, settings: ReaderSettings, held: HeldKey, bus: str, index: int, *, settled: Callable[[int], None], pin_time: float
    ) -> None:
        self.settings, self.number, self.index = settings, settings.reader, index
        self.exchange = Exchange()
        self.backoff = Backoff(first=1.0, cap=15.0)
        self.retry_at = 0.0
        """When to begin anew with it."""
        self.online: bool | None = None
        self.secure = False
        self.answering = False
        """Whether libosdp held it for online at the last look."""
        self.events: Events = Nobody()
        self._held, self._bus, self._on_settled, self._pin_time = held, bus, settled, pin_time
        self._cause: Cause | None = None
        self._detail = ""
        self._tamper = self._power_failed = False
        self._keypad = Keypad(settings.key_time, settings.pin_length)
        self._queue: deque[signals.Sent] = deque(maxlen=QUEUED)
        self._outputs: dict[int, tuple[bool, float]] = {}

    def status(self) -> ReaderStatus:
        """Return how it is."""
        return ReaderStatus(
            reader=self.number,
            bus=self._bus,
            address=self.settings.address,
            online=self.online,
            secure=self.secure,
            cause=self._cause,
            detail=self._detail,
            tamper=self._tamper,
            power_failed=self._power_failed,
        )

    # -- whether it works ---------------------------------------------------------------------------------------------

    def look(self, panel: osdp.Panel, bits: tuple[int, int], now: float) -> None:
        """Compare with what libosdp holds: `bits` are its members online and secured."""
        mask = 1 << self.index
        answering, self.secure = bool(bits[0] & mask), bool(bits[1] & mask)
        wanted = self._held.key is not None
        works = answering and (self.secure or not wanted) and self.exchange.unanswered < SILENT
        if works and wanted and not self.exchange.own_key:
            works = False
        fell, self.answering = self.answering and not answering, answering
        if works:
            if not self._held.settled:
                self._settle(panel)
            if self.online is not True:
                self._up(panel, now)
        elif fell and self.exchange.refused_optional:
            log.info("reader %d does not take the command %#04x; it is not sent again", self.number, max(self.exchange.refused))
            self._again(panel, now)
        elif fell or self.exchange.unanswered >= SILENT:
            self.down(*self.exchange.cause())
        elif answering and wanted and not self.secure:
            self.down("key", "it holds a key that is not the one made for it: reset the reader to its install mode")

    def gave_up(self, panel: osdp.Panel, now: float, patience: float) -> None:
        """Begin anew where libosdp asks the reader no more (it would wait 300 s), or serves it in clear against the settings."""
        if self.online or now < self.retry_at:
            return
        idle = now - self.exchange.sent_at > patience
        if idle and not self.answering:
            self.down(*self.exchange.cause())
        if idle or (self.answering and not self.secure and self._held.key is not None):
            self._again(panel, now)

    def down(self, cause: Cause, detail: str) -> None:
        """Take that it does not work; told once per cause."""
        self._keypad.clear()
        self._queue.clear()
        self.secure = False
        if self.online is False and cause == self._cause:
            self._detail = detail
            return
        self.online, self._cause, self._detail = False, cause, detail
        log.warning("reader %d on %s: %s", self.number, self._bus, detail)
        self.events.reader(self.number, "offline", detail)

    def connected(self, panel: osdp.Panel, now: float) -> None:
        """Begin on a line that has just been opened."""
        self.exchange.unanswered = 0
        self.exchange.waiting = False
        self.backoff.reset()
        self._again(panel, now)

    def _again(self, panel: osdp.Panel, now: float) -> None:
        self.retry_at = now + self.backoff.next()
        self.exchange.sent_at = now
        self.answering = False
        panel.again(self.index)

    def _up(self, panel: osdp.Panel, now: float) -> None:
        self.online, self._cause, self._detail = True, None, ""
        self.backoff.reset()
        said = "secure channel" if self.secure else "in clear: whoever reaches its wire reads the cards"
        log.info("reader %d on %s answers, %s", self.number, self._bus, said)
        self.events.reader(self.number, "online", said)
        self._queue.append(signals.idle(self.settings.idle))
        self._queue.append(signals.ask_local())
        if self.settings.inputs:
            self._queue.append(signals.ask_inputs())
        for number, (active, _) in self._outputs.items():
            self._outputs[number] = (active, now if active else 0.0)
            self._queue.append(signals.output(number, active))
        self.pump(panel, now)

    def _settle(self, panel: osdp.Panel) -> None:
        panel.enforce(self.index)
        self._held = HeldKey(self._held.key, True)
        self._on_settled(self.number)
        self.events.reader(self.number, "key", 'it has the key that was made for it; security = "secure" is right from now on')

    # -- to the reader ------------------------------------------------------------------------------------------------

    def signal(self, signal: Signal) -> None:
        """Show a signal instead of one that still waits."""
        if not self.online:
            return
        kept = [each for each in self._queue if each[0] not in _SHOWN]
        self._queue.clear()
        self._queue.extend((*kept, *signals.show(signal, sound=self.settings.sound, pin_time=self._pin_time)))

    def set_output(self, number: int, active: bool, now: float) -> None:
        """Drive an output of the reader; while it is offline the last word waits until it is back."""
        self._outputs[number] = (active, now)
        if self.online:
            self._queue.append(signals.output(number, active))

    def rest(self, now: float) -> None:
        """Let every output fall, before all that waits."""
        self._queue.clear()
        for number in range(len(self.settings.outputs)):
            self.set_output(number, False, now)

    def pump(self, panel: osdp.Panel, now: float) -> None:
        """Give libosdp what waits, as far as it takes it."""
        if not self.online:
            return
        for number, (active, at) in self._outputs.items():
            if active and now - at >= signals.AGAIN:
                self._outputs[number] = (True, now)
                self._queue.append(signals.output(number, True))
        while self._queue:
            code, command = self._queue[0]
            if code not in self.exchange.refused and panel.can(self.index, code) and not panel.command(self.index, command):
                return
            self._queue.popleft()

    # -- from the reader ----------------------------------------------------------------------------------------------

    def happened(self, event: dict[str, Any], now: float) -> None:
        """Take an event of libosdp. What came in clear from a reader that is to be secure is not believed."""
        if self._held.key is not None and not (self.secure and self.exchange.own_key):
            return
        kind = event["event"]
        if kind == osdp.CARD:
            self._card(event)
        elif kind == osdp.KEYS:
            for digits in self._keypad.press(event["data"], now):
                self.events.pin(self.number, digits)
        elif kind == osdp.STATUS:
            self._report(event["type"], event["report"])

    def _card(self, event: dict[str, Any]) -> None:
        data = event["data"]
        if event["format"] == ASCII:
            card = read_card(data, len(data) * 8)
        else:
            card = read_card(data, event["length"], backward=event["direction"] == 1)
        self._keypad.clear()
        if card is None:
            log.warning("reader %d: a card of %d bits cannot be read", self.number, event.get("length", len(data) * 8))
            self.signal("denied")
            return
        self.events.card(self.number, *card)

    def _report(self, kind: int, report: bytes) -> None:
        if kind == signals.LOCAL_REPORT and len(report) >= 2:
            tamper, power = report[0] == 1, report[1] == 1
            if tamper != self._tamper:
                self._tamper = tamper
                self.events.reader(self.number, "tamper" if tamper else "tamper-cleared", "")
            if power != self._power_failed:
                self._power_failed = power
                self.events.reader(self.number, "power-failed" if power else "power-restored", "")
        elif kind == signals.INPUT_REPORT:
            for line, state in zip(self.settings.inputs, report, strict=False):
                self.events.input(line, state == 1)


_SHOWN: Final = frozenset((LED, 0x6A))
