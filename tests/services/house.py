"""The services put together over a state in memory: what core runs, without its processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from argon2 import PasswordHasher

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import Area, Controller, Door
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant, Role, User
from sitewarden.services.dispatch import Dispatcher
from sitewarden.services.entities import Entities
from sitewarden.services.events import Events
from sitewarden.services.identity import Identity
from sitewarden.services.invoke import TARGET, Credentials, Reply
from sitewarden.services.operations import Operations
from sitewarden.services.passwords import Passwords
from sitewarden.services.secrets import SecretBox
from sitewarden.services.sessions import Sessions
from sitewarden.services.status import StatusBoard
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.identity import SignIn
from sitewarden.services.system import System
from sitewarden.store.interfaces import EventLog, StateStore
from tests.services.busses import MemoryBus
from tests.services.memory import MemoryLog, MemoryState, TestClock

PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"


class House:
    """Core's services, an administrator `ada`, and two areas with a door each."""

    def __init__(self) -> None:
        self.clock = TestClock()
        self.memory = MemoryState()
        self.state = cast("StateStore", self.memory)
        self.told: list[Event] = []
        self.secrets = SecretBox(bytes(range(32)))
        self.subjects = Subjects(self.state)
        self.bus = MemoryBus()
        self.log = MemoryLog(self.bus.stored)
        bus, log = cast("Bus", self.bus), cast("EventLog", self.log)
        self.board = StatusBoard(bus, self.state, self.subjects)
        self.sessions = Sessions(self.clock)
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.identity = Identity(self.state, self.clock, self.sessions, self.passwords, self._emit, self.secrets)
        self.entities = Entities(
            self.state,
            self.clock,
            self.subjects,
            self.secrets,
            status=self.board.get,
            hashers={("user", "password_hash"): self.identity.hash_password},
        )
        self.events = Events(log, self.state, self.subjects)
        self.system = System("node-1", self.clock, log, lambda: (), [])
        self.operations = Operations()
        self.operations.add(self.board.operations())
        self.operations.add(self.events.operations())
        self.operations.add(self.system.operations())
        self.operations.add(self.identity.operations())
        self.operations.add(self.entities.operations())
        self.dispatcher = Dispatcher(self.operations, self.identity, self.state, self.subjects, self.clock)
        self.bus.serve(TARGET, self.dispatcher.serve)
        self.ada = Credentials()

    async def _emit(self, events: Sequence[Event]) -> None:
        self.told += events

    async def begin(self) -> None:
        await self.identity.create_first_administrator("ada", PASSWORD)
        self.ada = await self.sign_in("ada")
        await self.memory.put(
            "area", Area(id="site", name="Site"), Area(id="lab", name="Lab", area="site"), Area(id="yard", name="Yard")
        )
        await self.memory.put("controller", Controller(id="c1", name="C1"))
        await self.memory.put(
            "door",
            Door(id="lab-door", name="Lab door", controller="c1", area="lab"),
            Door(id="gate", name="Gate", controller="c1", area="yard", tags=("outside",)),
        )

    async def sign_in(self, user: str, password: str = PASSWORD, remote: str = ADDRESS) -> Credentials:
        reply = await self.dispatcher.invoke("session.open", SignIn(username=user, password=password), Credentials(), remote)
        assert reply.session
        return Credentials(session=reply.session)

    async def person(self, name: str, *grants: Grant) -> Credentials:
        """Make a user with exactly these grants, signed in."""
        await self.memory.put("role", Role(id=f"{name}-role", name=name, grants=grants))
        hashed = await self.passwords.hash(PASSWORD)
        await self.memory.put("user", User(id=name, name=name, roles=(f"{name}-role",), password_hash=hashed))
        return await self.sign_in(name)

    async def ask(self, operation: str, credentials: Credentials | None = None, **params: Any) -> Reply:
        found = self.operations.get(operation)
        assert found is not None
        return await self.dispatcher.invoke(operation, found.params(**params), credentials or self.ada, ADDRESS)

    def close(self) -> None:
        self.passwords.close()
