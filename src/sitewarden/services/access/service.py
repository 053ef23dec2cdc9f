"""The access service: answers controllers, commands doors, and brings changed rules to whoever decides by them."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.decision import Decision, DoorContext
from sitewarden.domain.access.door_commands import COMMANDS
from sitewarden.domain.access.model import Controller
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.snapshot import Packed
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import BY_CODE, Forbidden, Invalid, NotFound, Refusal
from sitewarden.domain.refs import ref, split_ref
from sitewarden.link import LinkSession
from sitewarden.services.access.boards import Boards, LimitsOf
from sitewarden.services.access.checks import PLAIN, CredentialIndex
from sitewarden.services.access.errands import ControllerErrands
from sitewarden.services.access.many import ManyDoors
from sitewarden.services.access.muster import Muster
from sitewarden.services.access.owed import Owed
from sitewarden.services.access.pairing import ControllerPairing
from sitewarden.services.access.rulebook import Rulebook
from sitewarden.services.access.telling import NOT_REACHED
from sitewarden.services.access.zone_checks import SENSE
from sitewarden.services.access.zone_desk import ZoneDesk
from sitewarden.services.access.zones import ZoneBook
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.proposal import Check
from sitewarden.services.surface.access import CommandResult, DoorCommand
from sitewarden.store.interfaces import StateStore
from sitewarden.wire.controller import CERTIFICATE, MatchRequest

log = logging.getLogger(__name__)

REASON_NEEDED: Final = frozenset(COMMANDS) - {"release", "lock", "normal"}
"""Commands that change more than one passage, and so ask for a reason."""
SYNC_AT_ONCE: Final = 64
"""Controllers that are told of changed rules at once."""
COMMAND_TIMEOUT: Final = 5.0

Answer = Callable[[Any], Awaitable[Any]]


class AccessService:
    """Wired by app: `operations`, `answers` (for `Context.inquire`), `checks` and `hash_pin` (for Entities), `run`.

    `pin_key` is the site's key for PINs, 32 bytes, kept with the node's secrets: with another one every PIN is void.
    `zones` is the file that the state of the zones is kept in, `owed` that of orders that doors were not told of yet.
    `certificate` (DER), `ca` (PEM) and `sign` are those of the site's CA; without them no controller can be paired. `code_of`
    gives the commissioning code that the site holds of a controller, empty for none. `limits_of`
    tells what a controller of another make cannot keep.
    """

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        bus: Bus,
        *,
        pin_key: bytes,
        certificate: bytes = b"",
        ca: bytes = b"",
        sign: Callable[[bytes, str], bytes] | None = None,
        code_of: Callable[[Controller], str] = lambda controller: "",
        zones: Path | None = None,
        owed: Path | None = None,
        limits_of: LimitsOf = lambda controller, snapshot, now: (),
    ) -> None:
        if len(pin_key) < 32:
            raise ValueError("the key for PINs has at least 32 bytes")
        self._state = state
        self._clock = clock
        self._bus = bus
        self._pin_key = pin_key
        self._stale = asyncio.Event()
        self._index = CredentialIndex(state)
        self.rulebook = Rulebook(state, pin_key, self._rules_changed)
        self.errands = ControllerErrands(state, bus)
        self.zones = ZoneBook(bus, lambda: self.rulebook.rules, zones)
        self.boards = Boards(state, clock, bus.emit, self.rulebook, limits_of)
        self.owed = Owed(state, bus, owed)
        self.many = ManyDoors(state, clock, bus, self.owed)
        self.muster = Muster(state, clock, bus, self.zones, lambda: self.rulebook.rules)
        self.desk = ZoneDesk(state, clock, bus, self.zones, lambda: self.rulebook.rules, self.owed)
        self.pairing: ControllerPairing | None = None
        if sign is not None:
            self.pairing = ControllerPairing(state, clock, bus.emit, certificate=certificate, ca=ca, sign=sign, code_of=code_of)

    @property
    def checks(self) -> tuple[Check, ...]:
        """What `Entities` checks before an access entity is stored."""
        return (*PLAIN, *SENSE, self._index.check)

    def operations(self) -> list[Operation]:
        """Return the operations of doors and controllers."""
        doors = Operation(
            "doors.command",
            lambda params: f"door.{params.command}",
            DoorCommand,
            CommandResult,
            self._command,
            lambda params: ref("door", params.id),
            detail=lambda params: {"command": params.command},
        )
        pairing = self.pairing.operations() if self.pairing is not None else ()
        return [
            doors,
            *self.many.operations(),
            *self.errands.operations(),
            *self.desk.operations(),
            *self.muster.operations(),
            *self.boards.operations(),
            *pairing,
        ]

    def answers(self) -> dict[str, Answer]:
        """Return what devices may ask: question to answer, all from memory."""
        answers: dict[str, Answer] = {
            "access.match": self._match,
            "access.rules": self._rules,
            "access.rules-deltas": self._rules_deltas,
            "access.names": self._names,
            "access.returned": self._returned,
            **self.boards.answers(),
        }
        if self.pairing is not None:
            answers[CERTIFICATE] = self.pairing.certify
        return answers

    def admit(self, session: LinkSession) -> None:
        """Answer a device that is not paired (`Context.strangers`)."""
        if self.pairing is None:
            raise Forbidden("Pairing is not open here.", where=session.peer.address, remedy="Pair it where the site's CA is.")
        self.pairing.desk.admit(session)

    async def hash_pin(self, pin: str, credential: str) -> str:
        """Return what is stored of a PIN; raises Invalid."""
        return hash_pin(self._pin_key, pin)

    async def run(self) -> None:
        """Compile large sites, and tell controllers of changed rules, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.rulebook.run(), name="rulebook")
            group.create_task(self._sync(), name="rules to controllers")
            group.create_task(self.zones.run(), name="zones")
            group.create_task(self.boards.run(), name="limits of controllers")
            group.create_task(self.owed.run(), name="orders that doors are owed")

    # -- controllers --------------------------------------------------------------------------------------------------

    async def _match(self, question: tuple[str, MatchRequest]) -> Decision:
        """Decide for a controller; it may ask for its own access points alone."""
        controller, asked = question
        rules = self.rulebook.rules
        found = rules.points.get(asked.request.access_point)
        if found is not None and rules.tables.doors[found[1].door].controller != controller:
            raise Forbidden(
                f"Controller {controller} asks for an access point of another.",
                where=ref("access-point", asked.request.access_point),
                remedy="Let it take the rules anew.",
            )
        return self.zones.decide(asked.request, DoorContext(mode=asked.mode, priority=asked.priority), self._clock.now())

    def _rules_changed(self) -> None:
        self._stale.set()
        self.zones.renew()

    async def _rules(self, digest: str) -> Packed | None:
        """Return the packed rules, None where the controller has them."""
        packed = await self.rulebook.packed()
        return None if packed.digest == digest else packed

    async def _rules_deltas(self, digest: str) -> tuple[Packed, ...] | None:
        """Return the deltas that lead from the rules of this digest to those of now; None where they travel whole."""
        return self.rulebook.deltas(digest)

    async def _names(self, references: Iterable[str]) -> dict[str, str]:
        names = {}
        for reference in references:
            held = self._state.get(*split_ref(reference))
            if held is not None:
                names[reference] = held.entity.name
        return names

    async def _returned(self, controller: str) -> None:
        self.owed.returned(controller)

    async def _sync(self) -> None:
        gate = asyncio.Semaphore(SYNC_AT_ONCE)

        async def tell(controller: str) -> None:
            async with gate:
                command = Command(
                    id=uuid.uuid4().hex, name="controller.sync", entity=ref("controller", controller), issuer="system:access"
                )
                try:
                    await self._bus.command(command)
                except Refusal as refusal:
                    log.debug("controller %s takes the rules when it connects: %s", controller, refusal)

        while True:
            await self._stale.wait()
            self._stale.clear()
            controllers = [held.entity for held in self._state.list("controller") if isinstance(held.entity, Controller)]
            await asyncio.gather(*(tell(one.id) for one in controllers if one.enabled))

    # -- doors --------------------------------------------------------------------------------------------------------

    async def _command(self, caller: Caller, params: DoorCommand) -> CommandResult:
        if self._state.get("door", params.id) is None:
            raise NotFound(
                f"There is no door {params.id!r}.", where=ref("door", params.id), remedy="Look at the list for its id."
            )
        reason = params.reason or caller.reason
        if params.command in REASON_NEEDED and not reason.strip():
            raise Invalid(f"{params.command} needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
        command = Command(
            id=uuid.uuid4().hex,
            name=f"door.{params.command}",
            entity=ref("door", params.id),
            args={"extended": params.extended} if params.command == "release" else {},
            issuer=caller.actor,
            reason=reason,
            timeout=COMMAND_TIMEOUT,
        )
        result = await self._bus.command(command)
        if result.ok or result.code in NOT_REACHED:
            await self.owed.overrule(params.id, params.command)
        if not result.ok:
            refusal = BY_CODE.get(result.code, Refusal)
            raise refusal(result.what, where=ref("door", params.id), remedy=result.remedy)
        return CommandResult(id=command.id, value=result.value)
