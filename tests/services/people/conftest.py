from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup
from sitewarden.domain.access.rights import AccessProfile
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Refusal
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.site import Site
from sitewarden.kit.clock import SystemClock
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.people.exports import Exports
from sitewarden.services.people.imports import Imports
from sitewarden.services.spool import Spool
from sitewarden.store.interfaces import Change
from sitewarden.store.sqlite import SqliteStateStore
from tests.drivers.link.site import kind_of

ADA = Caller(actor="user:ada", grants=(Grant(action="*"),), remote="192.0.2.7")
KEY = b"p" * 32


class Office:
    """Imports and exports over real stores, with a group, a profile and one person."""

    def __init__(self, folder: Path) -> None:
        self.told: list[Any] = []

        async def emit(events: Any) -> None:
            self.told += events

        self.state = SqliteStateStore.open(folder / "state.db", SystemClock(), emit)
        self.emit = emit
        self.spool = Spool(folder / "spool")
        self.folder = folder / "spool"
        self.changing = asyncio.Lock()
        self.imports = Imports(self.state, SystemClock(), self.spool, self.changing, KEY, folder / "imports")
        self.operations: dict[str, Operation] = {
            one.name: one for one in (*self.imports.operations(), *Exports(self.state, self.spool).operations())
        }

    async def put(self, *entities: Entity) -> None:
        await self.state.apply([Change(kind=kind_of(entity), id=entity.id, entity=entity) for entity in entities])

    async def ask(self, operation_name: str, caller: Caller = ADA, /, **params: Any) -> Any:
        operation = self.operations[operation_name]
        return await operation.handler(caller, operation.params(**params))

    async def send(self, text: str, mode: str = "merge") -> str:
        ticket = await self.ask("people.import.open", mode=mode, name="people.csv")
        Path(ticket.path).write_text(text, encoding="utf-8")
        await self.ask(ticket.then, id=ticket.id)
        return str(ticket.id)

    async def until(self, id_: str, *states: str) -> Any:
        while (view := await self.ask("people.import.get", id=id_)).state not in states:
            await asyncio.sleep(0.05)
        return view

    async def apply(self, id_: str) -> Any:
        await self.ask("people.import.apply", id=id_, reason="new year")
        return await self.until(id_, "done", "ready", "failed")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(tmp_path)
    await made.put(
        Site(id="site", name="Works", timezone="Europe/Berlin"),
        HolderGroup(id="staff", name="Staff"),
        AccessProfile(id="day", name="Day"),
        CredentialHolder(id="bob", name="Bob", groups=("staff",)),
        Credential(id="bob", name="Bob", holder="bob", card="26:b", profiles=(CredentialProfile(profile="day"),)),
    )
    yield made
    await made.imports.close()
    await made.state.close()


__all__ = ["ADA", "Office", "Refusal", "office"]
