"""The one way to an operation: who asks, may they, do it within its time, write it down.

Every face comes through here, in core itself or over the bus request `core.invoke`. Refusals, commands, changes and the reads
that say so are written to the audit log before the answer leaves.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Forbidden, Invalid, NotFound, Refusal, TimedOut
from sitewarden.domain.identity.grants import ANYTHING, rights
from sitewarden.services.invoke import Answer, Credentials, Invoke, Reply
from sitewarden.services.operations import Caller, Operation, Operations
from sitewarden.services.subjects import Subjects
from sitewarden.store.interfaces import AuditEntry, StateStore

NOBODY: Final = "nobody"
"""Actor of requests with no valid credentials."""
QUIET: Final = 60.0
"""Refusals of one address for want of credentials are written down at most once in this many seconds."""
ADDRESSES: Final = 4096
"""Addresses remembered for that; the longest unseen one is forgotten."""


class Authenticator(Protocol):
    """Finds out who shows credentials."""

    async def authenticate(self, credentials: Credentials, remote: str) -> Caller:
        """Return the caller; raise Unauthenticated."""
        ...


class Dispatcher:
    """Runs operations for callers."""

    def __init__(
        self, operations: Operations, authenticator: Authenticator, state: StateStore, subjects: Subjects, clock: Clock
    ) -> None:
        self._operations = operations
        self._authenticator = authenticator
        self._state = state
        self._subjects = subjects
        self._clock = clock
        self._quiet: OrderedDict[str, float] = OrderedDict()
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}

    async def invoke(
        self, operation: str, params: Struct | bytes, credentials: Credentials, remote: str = "", reason: str = ""
    ) -> Reply:
        """Run `operation` for whoever holds `credentials`; raise a Refusal."""
        found = self._operations.get(operation)
        if found is None:
            raise NotFound(f"There is no operation {operation!r} on this node.", remedy="See /openapi.json for what there is.")
        caller = Caller(actor=NOBODY, remote=remote, reason=reason)
        values: Any = None
        outcome = "failed: defect"
        try:
            if not found.public:
                caller = await self._authenticator.authenticate(credentials, remote)
            elif credentials.session:
                caller = msgspec.structs.replace(caller, session=credentials.session)
            caller = msgspec.structs.replace(caller, reason=reason)
            values = self._decode(found, params)
            self._authorise(found, caller, values)
            try:
                async with asyncio.timeout(found.timeout):
                    result = await found.handler(caller, values)
            except TimeoutError:
                raise TimedOut(
                    f"{operation} did not end within {found.timeout:g} s.",
                    remedy="Look at the state of the thing before trying again.",
                ) from None
            outcome = "done"
            if isinstance(result, Reply) and result.actor:
                caller = msgspec.structs.replace(caller, actor=result.actor)
        except Refusal as refusal:
            outcome = f"refused: {refusal.code}"
            raise
        finally:
            if outcome != "done" or (found.audit and not found.own_audit):
                await self._write_down(found, caller, values, outcome)
        return result if isinstance(result, Reply) else Reply(result)

    async def serve(self, body: bytes) -> bytes:
        """Answer a bus request `core.invoke`: msgpack of Invoke in, msgpack of Answer out."""
        try:
            request = msgspec.msgpack.decode(body, type=Invoke)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise Invalid(str(error), where="core.invoke", remedy="Run the same version in all processes.") from error
        reply = await self.invoke(request.operation, bytes(request.params), request.credentials, request.remote, request.reason)
        if reply.value is None:
            encoded = b""
        elif isinstance(reply.value, str):
            encoded = reply.value.encode()
        elif request.form == "json":
            encoded = msgspec.json.encode(reply.value)
        else:
            encoded = msgspec.msgpack.encode(reply.value)
        return msgspec.msgpack.encode(Answer(body=encoded, revision=reply.revision, session=reply.session))

    def _decode(self, operation: Operation, params: Struct | bytes) -> Any:
        if not isinstance(params, bytes):
            return params
        decoder = self._decoders.get(operation.name)
        if decoder is None:
            decoder = self._decoders[operation.name] = msgspec.msgpack.Decoder(operation.params)
        try:
            return decoder.decode(params)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            what, _, path = str(error).partition(" - at `$")
            where = path.rstrip("`").lstrip(".")
            raise Invalid(what, where=where, remedy="See /openapi.json for what is expected.") from error

    def _authorise(self, operation: Operation, caller: Caller, values: Any) -> None:
        if operation.public or operation.signed_in:
            return
        action = operation.action if isinstance(operation.action, str) else operation.action(values)
        held = rights(caller.grants)
        if operation.filtered:
            allowed = held.any(action)
        else:
            allowed = True
            if operation.entity is not None or operation.proposed is None:
                subject = self._subjects.of(operation.entity(values)) if operation.entity else ANYTHING
                allowed = held.allows(action, subject, self._subjects.parent)
            if allowed and operation.proposed is not None:
                proposed = operation.proposed(values)
                allowed = proposed is None or held.allows(action, proposed, self._subjects.parent)
        if not allowed:
            where = operation.entity(values) if operation.entity else ""
            raise Forbidden(
                f"{caller.actor} may not {action} here.",
                where=where,
                remedy="Ask an administrator for a role with this right.",
            )

    async def _write_down(self, operation: Operation, caller: Caller, values: Any, outcome: str) -> None:
        if caller.actor == NOBODY and not operation.public and self._recently(caller.remote):
            return
        action, entity = operation.name, ""
        detail: dict[str, Any] = {}
        if values is not None:
            action = operation.action if isinstance(operation.action, str) else operation.action(values)
            entity = operation.entity(values) if operation.entity else ""
            detail = operation.detail(values) if operation.detail else {}
        await self._state.audit(
            [
                AuditEntry(
                    time=self._clock.now(),
                    actor=caller.actor,
                    action=action,
                    entity=entity,
                    outcome=outcome,
                    reason=caller.reason,
                    detail=detail,
                    remote=caller.remote,
                )
            ]
        )

    def _recently(self, remote: str) -> bool:
        now = self._clock.monotonic()
        last = self._quiet.get(remote)
        if last is not None and now - last < QUIET:
            return True
        self._quiet[remote] = now
        self._quiet.move_to_end(remote)
        while len(self._quiet) > ADDRESSES:
            self._quiet.popitem(last=False)
        return False
