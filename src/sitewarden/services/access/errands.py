"""Errands at controllers: scan a card for enrolment, take what a laptop relays of a controller that it holds."""

from __future__ import annotations

import uuid
from typing import Any, Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import BY_CODE, Invalid, Refusal
from sitewarden.domain.refs import ref
from sitewarden.services.access.controllers import controller_of_ours
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.access import RelayController, Relayed, ScanCard, ScannedCard
from sitewarden.store.interfaces import StateStore
from sitewarden.wire.controller import DoorReport

SCAN_TIMEOUT: Final = 70.0
RELAY_TIMEOUT: Final = 20.0

_report = msgspec.msgpack.Decoder(DoorReport).decode


class ControllerErrands:
    """Operations that a controller's driver carries out."""

    def __init__(self, state: StateStore, bus: Bus) -> None:
        self._state, self._bus = state, bus

    def operations(self) -> list[Operation]:
        """Return the operations."""
        return [
            Operation(
                "controllers.scan",
                "controller.scan",
                ScanCard,
                ScannedCard,
                self._scan,
                lambda params: ref("controller", params.id),
                detail=lambda params: {"reader": params.reader},
                timeout=SCAN_TIMEOUT,
            ),
            Operation(
                "controllers.relay",
                "controller.relay",
                RelayController,
                Relayed,
                self._relay,
                lambda params: ref("controller", params.id),
                detail=lambda params: {"records": len(params.records)},
                timeout=RELAY_TIMEOUT,
            ),
        ]

    async def _scan(self, caller: Caller, params: ScanCard) -> ScannedCard:
        args = {"reader": params.reader, "seconds": params.seconds}
        value = await self._order(caller, "controller.scan", params.id, args, params.seconds + 6.0)
        return ScannedCard(card=str(value["card"]))

    async def _relay(self, caller: Caller, params: RelayController) -> Relayed:
        try:
            doors = tuple(_report(body) for body in params.doors)
        except (msgspec.DecodeError, ValueError) as error:
            raise Invalid(f"A door's report cannot be read: {error}.", where="doors", remedy="Update the laptop.") from None
        args = {"epoch": params.epoch, "records": params.records, "doors": doors}
        value = await self._order(caller, "controller.relay", params.id, args, RELAY_TIMEOUT)
        return Relayed(stored=int(value["stored"]), confirmed=int(value["confirmed"]))

    async def _order(self, caller: Caller, name: str, id_: str, args: dict[str, Any], timeout: float) -> dict[str, Any]:
        where = ref("controller", controller_of_ours(self._state, id_).id)
        command = Command(id=uuid.uuid4().hex, name=name, entity=where, args=args, issuer=caller.actor, timeout=timeout)
        result = await self._bus.command(command)
        if not result.ok:
            raise BY_CODE.get(result.code, Refusal)(result.what, where=where, remedy=result.remedy)
        return result.value
