"""The operations on controllers beside us: device.search, device.set-network, device.reset. Keeps their commissioning codes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from sitewarden.domain.access.model import Controller
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Invalid, NotFound, Refusal, Unreachable
from sitewarden.domain.refs import ref
from sitewarden.services.nearby.asking import Answer, Asker
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.secrets import SecretBox
from sitewarden.services.surface.nearby import (
    DeviceNetwork,
    DeviceReset,
    DeviceRestarted,
    DeviceSearch,
    FoundController,
    FoundControllers,
    NetworkChanged,
)
from sitewarden.store.interfaces import Change, StateStore
from sitewarden.wire.controller import COMMISSIONING
from sitewarden.wire.device_udp import CONFIRM_SECONDS, Ipv4, key_of
from sitewarden.wire.pairing import parse_code

TIMEOUT = 60.0

FindBoards = Callable[[float, str], Awaitable[list[FoundController]]]
"""Searches for boards for some seconds, everywhere or at one address (`boards.search`)."""


class Nearby:
    """Wired by app: `operations`, `answers` (for `Context.inquire`), `asker` and `boards` once the process has a network."""

    def __init__(self, state: StateStore, secrets: SecretBox) -> None:
        self._state, self._secrets = state, secrets
        self.asker: Asker | None = None
        self.boards: FindBoards | None = None

    def operations(self) -> list[Operation]:
        """Return the operations on controllers beside us."""
        return [
            Operation("device.search", "controller.search", DeviceSearch, FoundControllers, self._search, timeout=TIMEOUT),
            Operation(
                "device.set-network",
                "controller.set-network",
                DeviceNetwork,
                NetworkChanged,
                self._set_network,
                lambda params: ref("controller", params.id),
                detail=lambda params: {
                    "network": "dhcp" if params.dhcp else f"{params.address}/{params.prefix}",
                    "gateway": params.gateway,
                },
                timeout=TIMEOUT,
            ),
            Operation(
                "device.reset",
                "controller.reset",
                DeviceReset,
                DeviceRestarted,
                self._reset,
                lambda params: ref("controller", params.id),
                timeout=TIMEOUT,
            ),
        ]

    def answers(self) -> dict[str, Callable[[Any], Awaitable[Any]]]:
        """Return what drivers tell: the code that a paired controller gave."""
        return {COMMISSIONING: self._told}

    def code_of(self, controller: Controller) -> str:
        """Return the code that the site holds, empty where it holds none that can be read."""
        if not isinstance(controller.commissioning, Secret):
            return ""
        try:
            return str(parse_code(self._secrets.open(controller.commissioning, _place(controller.id))))
        except Refusal:
            return ""

    async def _told(self, told: tuple[str, str]) -> None:
        """Keep the code of a controller of the site, sealed."""
        id_, code = told
        plain = str(parse_code(code))
        held = self._state.get("controller", id_)
        if held is None or not isinstance(held.entity, Controller):
            raise NotFound(f"There is no controller {id_!r}.", where=ref("controller", id_))
        if self.code_of(held.entity) == plain:
            return
        entity = msgspec.structs.replace(held.entity, commissioning=self._secrets.seal(plain, _place(id_)))
        await self._state.apply([Change(kind="controller", id=id_, entity=entity, revision=held.revision)])

    async def _search(self, caller: Caller, params: DeviceSearch) -> FoundControllers:
        asker = self._demand()
        async with asker.using():
            ours = asker.search(params.seconds, device=params.id or "", address=params.address)
            answers, boards = await asyncio.gather(ours, self._boards(params))
            found = (*(self._shown(answer) for answer in answers), *boards)
            return FoundControllers(items=found, networks=asker.networks)

    async def _boards(self, params: DeviceSearch) -> list[FoundController]:
        """Return the boards that answer, by the id of the site where it has them; none where one of ours is asked for."""
        if self.boards is None or params.id is not None:
            return []
        held = {
            one.entity.config.get("serial"): one.entity.id
            for one in self._state.list("controller")
            if isinstance(one.entity, Controller) and one.entity.driver == "uhppote"
        }
        found = await self.boards(params.seconds, params.address)
        return [
            msgspec.structs.replace(board, id=held.get(board.serial, board.id), in_site=board.serial in held) for board in found
        ]

    async def _set_network(self, caller: Caller, params: DeviceNetwork) -> NetworkChanged:
        _demand_reason(params.reason or caller.reason)
        wanted = Ipv4(params.dhcp) if params.dhcp else Ipv4(False, params.address, params.prefix, params.gateway)
        address, confirmed = await self._demand().set_network(params.id, self._key(params.id, params.code), wanted)
        return NetworkChanged(
            id=params.id, address=address, confirmed=confirmed, back_after=0.0 if confirmed else CONFIRM_SECONDS
        )

    async def _reset(self, caller: Caller, params: DeviceReset) -> DeviceRestarted:
        _demand_reason(params.reason or caller.reason)
        back = await self._demand().reset(params.id, self._key(params.id, params.code))
        return DeviceRestarted(id=params.id, back=back)

    def _demand(self) -> Asker:
        if self.asker is None:
            raise Unreachable(
                "The node does not run, so it cannot ask controllers.",
                remedy="Start it, or use `sitewarden device` with the commissioning code.",
            )
        return self.asker

    def _key(self, id_: str, code: str) -> bytes:
        if code.strip():
            try:
                return key_of(parse_code(code), id_)
            except Invalid:
                raise Invalid(
                    "This is not a commissioning code.",
                    where="code",
                    remedy="Type all 20 characters of the controller's label; U never is one.",
                ) from None
        held = self._state.get("controller", id_)
        stored = self.code_of(held.entity) if held is not None and isinstance(held.entity, Controller) else ""
        if not stored:
            raise Invalid(
                f"The site does not hold the commissioning code of {id_}.",
                where="code",
                remedy="Give the code of its label; a controller that is paired and connected tells it by itself.",
            )
        return key_of(parse_code(stored), id_)

    def _shown(self, answer: Answer) -> FoundController:
        found = answer.found
        held = self._state.get("controller", found.device)
        entity = held.entity if held is not None and isinstance(held.entity, Controller) else None
        code = self.code_of(entity) if entity is not None else ""
        return shown(
            answer,
            in_site=entity is not None,
            proven=answer.datagram.proven(key_of(parse_code(code), found.device)) if code else None,
        )


def shown(answer: Answer, *, in_site: bool, proven: bool | None) -> FoundController:
    """Return an answer as the faces show it."""
    found = answer.found
    return FoundController(
        id=found.device,
        model=found.model,
        firmware=found.firmware,
        hardware=found.hardware,
        dhcp=found.network.dhcp,
        address=found.network.address,
        prefix=found.network.prefix,
        gateway=found.network.gateway,
        mode=found.mode,
        server=found.server,
        paired=found.paired,
        trial=found.trial,
        sender=answer.sender,
        in_site=in_site,
        proven=proven,
        holder=found.holder,
        until=found.until,
    )


def _place(id_: str) -> str:
    return f"controller:{id_}/commissioning"


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("This needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
