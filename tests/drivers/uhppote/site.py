"""A site with a board: real stores, hub, access service and driver, and a simulated board on the same computer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.uhppote import SimBoard
from sitewarden.app.endpoints import board_config, controller_endpoints
from sitewarden.domain.access.cards import encode_h10301, format_card
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.entity import Entity
from sitewarden.domain.status import Status
from sitewarden.drivers import registry
from tests.drivers.link.site import Core

SERIAL = 405419896
ADA, BEN, EVE = 10058400, 10058401, 10058402
NIGHT = "BEGIN:VEVENT\nDTSTART:20240101T000000\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1\nEND:VEVENT\n"


def card_text(number: int) -> str:
    return format_card(26, encode_h10301(*divmod(number, 100_000)))


def credential(id_: str, number: int, *profiles: str, **more: Any) -> Credential:
    return Credential(
        id=id_,
        name=id_,
        holder=id_,
        card=more.pop("card", card_text(number)),
        profiles=tuple(CredentialProfile(profile=profile) for profile in profiles),
        **more,
    )


def people() -> list[Entity]:
    """Two doors, of which Ada may pass both at any time, Ben the yard at New Year's night, and Eve none."""
    return [
        Schedule(id="always", name="Always"),
        Schedule(id="newyear", name="New Year's night", icalendar=NIGHT),
        Door(id="yard", name="Yard", controller="gate", output=1, release_time=4.0),
        Door(id="shed", name="Shed", controller="gate", output=2),
        AccessPoint(id="yard-in", name="Yard, in", door="yard", reader=1),
        AccessPoint(id="shed-in", name="Shed, in", door="shed", reader=2),
        AccessProfile(
            id="all",
            name="All doors",
            policies=(
                AccessPolicy(schedule="always", access_point="yard-in"),
                AccessPolicy(schedule="always", access_point="shed-in"),
            ),
        ),
        AccessProfile(id="rare", name="Rarely", policies=(AccessPolicy(schedule="newyear", access_point="yard-in"),)),
        *(
            CredentialHolder(id=id_, name=name)
            for id_, name in (("ada", "Ada Marlow"), ("ben", "Ben Okafor"), ("eve", "Eve Lind"))
        ),
        credential("ada", ADA, "all"),
        credential("ben", BEN, "rare"),
        credential("eve", EVE),
    ]


class BoardSite(Core):
    """A core whose controllers come from its state, as the program's do."""

    limits_of = staticmethod(lambda one, rules, now: registry.limits(one.driver, rules, one.id, board_config(one), now))

    async def _reconcile(self) -> None:
        async with self._reconciling:
            await self.drivers.reconcile([(item.driver, item.spec) for item in controller_endpoints(self.state)])
            self.hub.claim(self.drivers.entities(), self.drivers.execute)

    async def until(self, condition: Callable[[], Any], within: float = 60.0) -> None:
        """Wait until a condition holds."""
        async with asyncio.timeout(within):
            while not condition():
                await asyncio.sleep(0.02)

    async def status(self, reference: str, state: str = "online", **data: Any) -> Status:
        """Wait until an entity has this state, and these data."""

        def there() -> bool:
            now = self.statuses.get(reference)
            return now is not None and now.state == state and all(now.data.get(name) == value for name, value in data.items())

        await self.until(there)
        return self.statuses[reference]

    async def command(self, name: str, entity: str) -> Result:
        return await self.drivers.execute(Command(id=f"c-{name}", name=name, entity=entity, issuer="user:op"))


def gate(address: str, **config: Any) -> Controller:
    return Controller(id="gate", name="Gate", driver="uhppote", address=address, config={"serial": SERIAL, "poll": 0.2, **config})


@asynccontextmanager
async def running_board(host: str, number: int = 0, **more: Any) -> AsyncIterator[tuple[SimBoard, str]]:
    board = SimBoard(SERIAL, now=lambda: datetime.now(UTC), **more)
    port = await board.start(host, number)
    try:
        yield board, f"{host}:{port}"
    finally:
        await board.stop()


@asynccontextmanager
async def running_site(data: Path, host: str) -> AsyncIterator[BoardSite]:
    site = BoardSite(data, host)
    await site.start()
    try:
        yield site
    finally:
        await site.stop()
