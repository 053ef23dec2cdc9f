"""Changing a port while the node runs: tried beside the old number, kept when an administrator came in on it, else given up.

The settings file is written when a change is kept, not before. So whatever dies during a trial (a process, the node, the power)
comes up on the old number by itself; the record of the trial only lets the next core say so.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec
from msgspec import Struct

from sitewarden import ports
from sitewarden.config import Settings, SettingsFile
from sitewarden.config.checks import check
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.portchange import Reach, demand_movable, demand_number, movable
from sitewarden.domain.refs import ref
from sitewarden.net.preflight import demand_free, ephemeral
from sitewarden.services.operations import Caller, Operation, system
from sitewarden.services.surface.portchange import (
    ChangePort,
    KeepPort,
    PortOutcome,
    PortRef,
    PortState,
    PortTrial,
    UndoPort,
)
from sitewarden.store.interfaces import AuditEntry, StateStore

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.5
PROOF_BYTES: Final = 16
MOVABLE: Final = tuple(row.name for row in ports.MANIFEST if movable(row))
INTERRUPTS: Final = {
    "server": "The trial interrupts nothing. Once kept, the old one closes; consoles move by themselves, clients must be told.",
    "web": "The trial interrupts nothing. Once kept, the old number closes; bookmarks without the new one lead nowhere.",
    "timeseries": "The trial interrupts nothing. Once kept, the old number closes; Grafana and others must be told the new one.",
    "device-server": "The trial interrupts nothing. Once kept, controllers are cut until each is told the new one; doors decide"
    " by themselves meanwhile.",
}


class Listeners(Protocol):
    """The processes of the node, as owners of listening rows."""

    async def open(self, row: str, number: int, proof: str) -> Reach | None:
        """Listen on `number` beside the row's own; None where nothing listens on the row. Raises Refusal, nothing left open."""
        ...

    async def settle(self, row: str, number: int) -> None:
        """Listen on `number` alone; a process that cannot be asked now takes its numbers from core when it is back."""
        ...


class Trial(Struct, frozen=True, kw_only=True):
    """A number that is tried, as its record on the disk says it."""

    row: str
    old: int
    new: int
    actor: str
    reason: str
    begun: int
    proof: str
    reach: Reach
    warnings: tuple[str, ...] = ()


class PortChanges:
    """The operations that change a port. Without `attach` (no process runs) a change is written at once."""

    def __init__(self, settings: Settings, file: SettingsFile | None, record: Path, state: StateStore, clock: Clock) -> None:
        self._settings = settings
        self._file = file
        self._seconds = settings.limits.port_trial_seconds
        self._record = record
        self._state = state
        self._clock = clock
        self._listeners: Listeners | None = None
        self._trial: Trial | None = None
        self._deadline = 0.0
        self._last: dict[str, PortOutcome] = {}
        self._lock = asyncio.Lock()

    def operations(self) -> list[Operation]:
        """Return the operations on one port."""
        return [
            Operation("network.port", "network.read", PortRef, PortState, self._get, audit=False),
            Operation(
                "network.port.change",
                "network.change",
                ChangePort,
                PortState,
                self._change,
                own_audit=True,
                detail=_asked,
                timeout=20.0,
            ),
            Operation("network.port.keep", "network.change", KeepPort, PortState, self._keep, own_audit=True, detail=_named),
            Operation("network.port.undo", "network.change", UndoPort, PortState, self._undo_now, own_audit=True, detail=_named),
        ]

    def attach(self, listeners: Listeners) -> None:
        """Give the processes that listen."""
        self._listeners = listeners

    @property
    def numbers(self) -> dict[str, int]:
        """Return the numbers in effect of the rows that can be moved; a number that is only tried is none."""
        return {row: int(str(ports.number_of(row, self._settings.ports))) for row in MOVABLE}

    def trial_of(self, row: str) -> PortTrial | None:
        """Return what is tried for a row now."""
        trial = self._trial
        return self._shown(trial) if trial is not None and trial.row == row else None

    async def run(self) -> None:
        """Tell what became of a trial that an earlier core left; then end trials that nobody keeps. Until cancelled."""
        await self._recover()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """Give a trial up whose time is over."""
        async with self._lock:
            if self._trial is not None and self._clock.monotonic() >= self._deadline:
                await self._undo_alone(f"nobody kept it within {self._seconds:.0f} s")

    async def process_lost(self, name: str) -> None:
        """Give a trial up because a process of the node ended: it came up again on the old number."""
        async with self._lock:
            if self._trial is not None:
                await self._undo_alone(f"process {name} ended meanwhile")

    # -- operations -------------------------------------------------------------------------------------------------

    async def _get(self, caller: Caller, params: PortRef) -> PortState:
        return self._state_of(_row(params.row))

    async def _change(self, caller: Caller, params: ChangePort) -> PortState:
        name, number = _row(params.row), params.number
        reason = (params.reason or caller.reason).strip()
        if not reason:
            raise Invalid("This needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
        async with self._lock:
            if self._trial is not None:
                tried = self._shown(self._trial)
                raise Conflict(
                    f"{tried.row} is being tried on {tried.new}, for {tried.seconds:.0f} s more.",
                    where=f"ports.{name}",
                    remedy="Keep it or undo it first.",
                )
            warnings = await asyncio.to_thread(self._examine, name, number)
            old = self.numbers[name]
            proof = secrets.token_urlsafe(PROOF_BYTES)
            reach = await self._listeners.open(name, number, proof) if self._listeners is not None else None
            now = self._clock.now()
            trial = Trial(
                row=name,
                old=old,
                new=number,
                actor=caller.actor,
                reason=reason,
                begun=now,
                proof=proof,
                reach=reach or "anywhere",
                warnings=warnings,
            )
            if reach is None:
                await self._keep_for_good(trial, caller, reason)
                return self._state_of(name)
            try:
                await asyncio.to_thread(self._write_record, trial)
                self._trial, self._deadline = trial, self._clock.monotonic() + self._seconds
                await self._tell("network.port-changed", trial, caller, "network.change", reason)
            except Refusal:
                self._trial = None
                await self._settle(name, old)
                raise
        return self._state_of(name)

    async def _keep(self, caller: Caller, params: KeepPort) -> PortState:
        async with self._lock:
            trial = self._demand(_row(params.row))
            if trial.reach != "anywhere" and not hmac.compare_digest(trial.proof.encode(), params.proof.encode()):
                raise Forbidden(
                    f"{trial.row} on {trial.new} is kept only by who came in on it, and this request shows no sign of that.",
                    where="proof",
                    remedy=f"Open /port-trial on port {trial.new} of this server in a browser, and keep it there.",
                )
            await self._keep_for_good(trial, caller, (params.reason or caller.reason).strip() or trial.reason)
        return self._state_of(trial.row)

    async def _undo_now(self, caller: Caller, params: UndoPort) -> PortState:
        async with self._lock:
            trial = self._demand(_row(params.row))
            await self._undo(caller, f"{caller.actor} gave it up", (params.reason or caller.reason).strip())
        return self._state_of(trial.row)

    # -- the two ends of a trial ------------------------------------------------------------------------------------

    async def _keep_for_good(self, trial: Trial, caller: Caller, reason: str) -> None:
        if self._file is not None:
            await asyncio.to_thread(self._file.set_port, trial.row, trial.new)
        self._settings.renumber(trial.row, trial.new)
        self._end(trial, "kept", "")
        await self._settle(trial.row, trial.new)
        await self._tell("network.port-kept", trial, caller, "network.keep", reason)
        await self._forget()

    async def _undo(self, caller: Caller, why: str, reason: str = "") -> None:
        trial = self._trial
        assert trial is not None
        self._end(trial, "undone", why)
        await self._settle(trial.row, trial.old)
        await self._tell("network.port-undone", trial, caller, "network.undo", reason or why, why)
        await self._forget()

    async def _undo_alone(self, why: str) -> None:
        try:
            await self._undo(system("network"), why)
        except Refusal as refusal:
            log.warning("the end of the trial is not in the log yet: %s", refusal)

    def _end(self, trial: Trial, outcome: Literal["kept", "undone"], why: str) -> None:
        self._trial = None
        ended = PortOutcome(outcome=outcome, old=trial.old, new=trial.new, time=self._clock.now(), why=why)
        self._last[trial.row] = ended

    async def _forget(self) -> None:
        """Remove the record, once what came of the trial is in the event log."""
        await asyncio.to_thread(self._record.unlink, missing_ok=True)

    async def _settle(self, row: str, number: int) -> None:
        if self._listeners is not None:
            await self._listeners.settle(row, number)

    async def _recover(self) -> None:
        try:
            trial = msgspec.json.decode(await asyncio.to_thread(self._record.read_bytes), type=Trial)
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError) as error:
            log.warning("the record of a trial is not readable and is left out: %s", error)
            await self._forget()
            return
        async with self._lock:
            why = "the node or its core process ended meanwhile"
            try:
                if self.numbers.get(trial.row) == trial.new:
                    self._end(trial, "kept", "")
                    await self._tell("network.port-kept", trial, system("network"), "network.keep", trial.reason)
                else:
                    self._end(trial, "undone", why)
                    await self._tell("network.port-undone", trial, system("network"), "network.undo", why, why)
            except Refusal as refusal:
                log.warning("the end of the last trial is told at the next start: %s", refusal)
                return
            await self._forget()

    # -- parts ------------------------------------------------------------------------------------------------------

    def _examine(self, name: str, number: int) -> tuple[str, ...]:
        """Refuse what cannot come of it, tried on the spot; return what is worth knowing. Blocks: run it in a thread."""
        row = ports.row(name)
        demand_movable(row)
        demand_number(row, number)
        if number == self.numbers[name]:
            raise Invalid(f"{name} is on {number} already.", where=f"ports.{name}", remedy="Nothing is to be changed.")
        wanted = msgspec.structs.replace(self._settings, ports={**self._settings.ports, name: number})
        check(wanted, lambda key: key)
        if self._file is None:
            raise Refusal("this process does not know the settings file.", where=f"ports.{name}", remedy="Restart the node.")
        self._file.demand(name, number)
        demand_free(wanted, name, number)
        known = {finding.what for finding in ephemeral(self._settings)}
        return tuple(f"{each.what} {each.remedy}" for each in ephemeral(wanted) if each.what not in known)

    def _demand(self, row: str) -> Trial:
        if self._trial is not None and self._trial.row == row:
            return self._trial
        last = self._last.get(row)
        said = f" It went back to {last.old}: {last.why}." if last is not None and last.outcome == "undone" else ""
        raise Conflict(f"No other number is being tried for {row}.{said}", where=f"ports.{row}", remedy="Change it again.")

    def _state_of(self, row: str) -> PortState:
        number = ports.number_of(row, self._settings.ports)
        return PortState(
            row=row,
            number=number if isinstance(number, int) else None,
            trial=self.trial_of(row),
            last=self._last.get(row),
            interrupts=INTERRUPTS.get(row, ""),
            trial_seconds=self._seconds,
        )

    def _shown(self, trial: Trial) -> PortTrial:
        left = max(0.0, self._deadline - self._clock.monotonic())
        return PortTrial(
            row=trial.row,
            old=trial.old,
            new=trial.new,
            ends=self._clock.now() + round(left * SECOND),
            seconds=left,
            actor=trial.actor,
            reach=trial.reach,
            warnings=trial.warnings,
        )

    def _write_record(self, trial: Trial) -> None:
        draft = self._record.with_suffix(".new")
        try:
            draft.write_bytes(msgspec.json.encode(trial))
            draft.replace(self._record)
        except OSError as fault:
            raise Refusal(f"the trial cannot be written down: {fault.strerror}.", where=str(self._record)) from None

    async def _tell(self, type_: str, trial: Trial, caller: Caller, action: str, reason: str, why: str = "") -> None:
        now = self._clock.now()
        node = ref("node", self._settings.node)
        detail = {"row": trial.row, "old": trial.old, "new": trial.new}
        data = {**detail, "actor": caller.actor, "seconds": f"{self._seconds:.0f}", "why": why, "reason": reason}
        event = Event(
            key=f"port-change/{trial.begun}/{type_}",
            type=type_,
            entity=node,
            time=now,
            severity=severity(type_),
            text=describe(type_, data),
            data=data,
        )
        entry = AuditEntry(
            time=now,
            actor=caller.actor,
            action=action,
            entity=node,
            outcome="done",
            reason=reason,
            detail=detail,
            remote=caller.remote,
        )
        await self._state.apply([], events=[event], audit=[entry])


def _row(name: str) -> str:
    try:
        return ports.row(name).name
    except Refusal as unknown:
        raise NotFound(unknown.what, where="row", remedy=unknown.remedy) from None


def _asked(params: ChangePort) -> dict[str, object]:
    return {"row": params.row, "new": params.number}


def _named(params: KeepPort | UndoPort) -> dict[str, object]:
    return {"row": params.row}


__all__: Sequence[str] = ("INTERRUPTS", "MOVABLE", "Listeners", "PortChanges", "Trial")
