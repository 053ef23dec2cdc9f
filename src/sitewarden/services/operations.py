"""Operations: all that a person or program may ask of the platform, in one table.

A face (REST, WebSocket, CLI) names an operation and gives its parameters. `services.dispatch` authenticates, authorises once,
audits, and calls the handler. Nothing else checks rights.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from sitewarden.domain.identity.grants import Subject
from sitewarden.domain.identity.model import Grant


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks, as the dispatcher found out."""

    actor: str
    """Reference of the user ("user:ada"), the token's user, or "system:<part>"."""
    grants: tuple[Grant, ...] = ()
    remote: str = ""
    """Address that the request came from."""
    session: str = ""
    reason: str = ""
    """Why, as the person gave it; goes into the audit log."""


def system(part: str) -> Caller:
    """Return the node itself as a caller, on behalf of one of its parts; it may do everything."""
    return Caller(actor=f"system:{part}", grants=(Grant(action="*"),))


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked.

    `action` is the grant that it needs, or gives it for the parameters (door.release, door.lock). `entity` gives the reference
    that the grant's selector must cover; None means "*". Commands and changes are audited always; a read is audited where
    `audit` says so (who looked at which video).
    """

    name: str
    action: str | Callable[[Any], str]
    params: type[Struct]
    result: Any
    handler: Callable[[Caller, Any], Awaitable[Any]]
    entity: Callable[[Any], str] | None = None
    audit: bool = True
    public: bool = False
    """True where no sign-in is needed (sign-in itself)."""
    signed_in: bool = False
    """True where whoever is signed in may do it, with no grant (one's own session)."""
    filtered: bool = False
    """True where any grant of the action suffices, because the handler shows only what the caller may see."""
    proposed: Callable[[Any], Subject | None] | None = None
    """The entity as the parameters would leave it; the grant must cover that too, so that nobody moves a thing out of reach."""
    own_audit: bool = False
    """True where the handler writes the audit entry in the transaction of its change; refusals are still audited for it."""
    detail: Callable[[Any], dict[str, Any]] | None = None
    """What of the parameters the audit entry shows; never secrets."""
    timeout: float = 10.0
    """Seconds until the caller is told that no answer came."""


class Operations:
    """The table of operations of one node."""

    def __init__(self) -> None:
        self._by_name: dict[str, Operation] = {}

    def add(self, operations: Sequence[Operation]) -> None:
        """Take a service's operations; a name twice is a defect."""
        for operation in operations:
            if operation.name in self._by_name:
                raise ValueError(f"operation {operation.name} is defined twice")
            self._by_name[operation.name] = operation

    def get(self, name: str) -> Operation | None:
        """Return the operation of that name, or None."""
        return self._by_name.get(name)

    def __iter__(self) -> Any:
        return iter(self._by_name.values())
