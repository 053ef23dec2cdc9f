"""The library's server, cut to what is served: the standard's nodes that matter, and services that read, watch and write."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.security_policies import SecurityPolicyNone
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession

from sitewarden.domain.errors import Refusal

PARTS: Final = 4
"""Parts of the standard's nodes that are loaded: types, the server's object and its limits. All 25 take four seconds."""
_UNSUPPORTED: Final = ua.StatusCode(ua.UInt32(0x800B0000))
"""BadServiceUnsupported."""
Write = Callable[["GuardedSession", Any], Awaitable[int]]
Admit = Callable[[bytes | None], int]

channel: ContextVar[Any] = ContextVar("sitewarden_opcua_channel")
"""The library's processor of the connection whose requests the task at hand carries out."""

logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)


class SmallServer(InternalServer):
    """The library's server with a part of the standard's nodes."""

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        """Load that part."""
        await asyncio.to_thread(self._fill)

    def _fill(self) -> None:
        space, nodes, references = self.node_mgt_service, list[Any](), list[Any]()

        class Lenient:
            def add_nodes(self, some: Any) -> None:
                nodes.extend(space.try_add_nodes(some, check=False))

            def add_references(self, some: Any) -> None:
                references.extend(space.try_add_references(some))

        for part in range(1, PARTS + 1):
            name = f"standard_address_space_services_{part}"
            module = importlib.import_module(f"asyncua.server.standard_address_space.{name}")
            getattr(module, f"create_standard_address_space_Services_{part}")(Lenient())
        # What is left hangs on nodes of other parts.
        list(space.try_add_nodes(nodes, check=False))
        list(space.try_add_references(references))


class GuardedServer(SmallServer):
    """A server whose clients change nothing but by `write`, and are admitted by `admit`."""

    def __init__(self, users: Any, admit: Admit, write: Write) -> None:
        """`admit` is given a channel's certificate (DER, None where nothing secures it); 0 lets it in."""
        super().__init__(user_manager=users)
        self.disabled_clock = True
        self.admit, self.write_value = admit, write

    def create_session(self, name: Any, user: Any = None, external: bool = False) -> InternalSession:
        """Return a session that asks before it changes anything."""
        return GuardedSession(self, self.aspace, self.subscription_service, name, external=external)

    def register_server(self, server: Any, conf: Any = None) -> Any:
        """Take no other servers in."""
        raise ServiceError(_UNSUPPORTED.value)

    def register_server2(self, params: Any) -> Any:
        """Take no other servers in."""
        raise ServiceError(_UNSUPPORTED.value)


class GuardedSession(InternalSession):
    """One client's session."""

    iserver: GuardedServer

    @property
    def peer(self) -> str:
        """Address of the client."""
        name: Any = self.name
        return str(name[0]) if isinstance(name, tuple) and name else str(name)

    def activate_session(self, params: Any, peer_certificate: bytes | None) -> Any:
        """Let in whom the settings let in."""
        policy = channel.get()._connection.security_policy
        # On a channel that nothing secures anybody may show any certificate.
        proven = peer_certificate if policy.URI != SecurityPolicyNone.URI else None
        refused = self.iserver.admit(proven)
        if refused:
            raise ServiceError(refused)
        return super().activate_session(params, peer_certificate)

    async def write(self, params: Any) -> list[Any]:
        """Write one value after the other; each is answered when the house has."""
        if not self.external:
            return await super().write(params)
        codes = []
        for one in params.NodesToWrite[:1000]:
            try:
                codes.append(ua.StatusCode(ua.UInt32(await self.iserver.write_value(self, one))))
            except Refusal:
                codes.append(ua.StatusCode(ua.UInt32(0x808B0000)))
        return codes

    async def call(self, params: Any) -> Any:
        """There are no methods."""
        return [ua.CallMethodResult(StatusCode=ua.StatusCode(ua.UInt32(0x80750000))) for _ in params]

    async def add_nodes(self, params: Any) -> Any:
        """Refuse where a client asks."""
        self._ours()
        return await super().add_nodes(params)

    async def delete_nodes(self, params: Any) -> Any:
        """Refuse where a client asks."""
        self._ours()
        return await super().delete_nodes(params)

    async def add_references(self, params: Any) -> Any:
        """Refuse where a client asks."""
        self._ours()
        return await super().add_references(params)

    async def delete_references(self, params: Any) -> Any:
        """Refuse where a client asks."""
        self._ours()
        return await super().delete_references(params)

    async def history_update(self, params: Any) -> Any:
        """Refuse: history is no client's to change."""
        raise ServiceError(_UNSUPPORTED.value)

    def _ours(self) -> None:
        if self.external:
            raise ServiceError(_UNSUPPORTED.value)
