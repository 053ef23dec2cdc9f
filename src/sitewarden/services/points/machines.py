"""Writes of other systems through the protocols that we serve: each as its endpoint, authorised and audited as a person's is."""

from __future__ import annotations

from typing import Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Result
from sitewarden.domain.errors import Invalid, Refusal, Unauthenticated
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.model import Endpoint
from sitewarden.domain.refs import ref, split_ref
from sitewarden.services.dispatch import Dispatcher
from sitewarden.services.invoke import Credentials
from sitewarden.services.operations import Caller, Operations
from sitewarden.services.points.messages import MACHINE_WRITE, MachineWrite
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.points import WritePoint
from sitewarden.store.interfaces import StateStore

GRANTS: Final = (Grant(action="point.write"),)
"""What an endpoint may at most; which points are writable through it is its configuration's."""


class MachineWrites:
    """Takes orders of the iot worker's protocol servers."""

    def __init__(self, bus: Bus, operations: Operations, state: StateStore, subjects: Subjects, clock: Clock) -> None:
        self._bus = bus
        self._state = state
        self._dispatcher = Dispatcher(operations, self, state, subjects, clock)

    def attach(self) -> None:
        """Serve them on the bus."""
        self._bus.serve(MACHINE_WRITE, self.serve)

    async def authenticate(self, credentials: Credentials, remote: str) -> Caller:
        """Return an enabled endpoint as a caller; `credentials.username` is its id. Only this service's dispatcher asks."""
        held = self._state.get("endpoint", credentials.username)
        if held is None or not isinstance(held.entity, Endpoint) or not held.entity.enabled:
            raise Unauthenticated(f"There is no enabled endpoint {credentials.username!r}.")
        return Caller(actor=ref("endpoint", held.entity.id), grants=GRANTS, remote=remote)

    async def serve(self, body: bytes) -> bytes:
        """Answer a bus request: msgpack of MachineWrite in, of Result out."""
        try:
            order = msgspec.msgpack.decode(body, type=MachineWrite)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise Invalid(str(error), where=MACHINE_WRITE, remedy="Run the same version in all processes.") from error
        kind, id_ = split_ref(order.entity)
        try:
            if kind != "point":
                raise Invalid(f"{order.entity} cannot be written.", where="entity", remedy="Write points.")
            params = WritePoint(id=id_, value=order.value, reason=order.reason)
            shown = Credentials(username=order.endpoint)
            await self._dispatcher.invoke("points.write", params, shown, order.remote, order.reason)
        except Refusal as refusal:
            return msgspec.msgpack.encode(Result(ok=False, code=refusal.code, what=refusal.what, remedy=refusal.remedy))
        return msgspec.msgpack.encode(Result(ok=True))
