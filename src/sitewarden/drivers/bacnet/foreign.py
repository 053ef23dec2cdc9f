"""Registers this computer with a BBMD of another network, and renews that before it ends (Annex J.5)."""

from __future__ import annotations

import asyncio

from sitewarden.drivers.bacnet.config import EndpointConfig
from sitewarden.drivers.bacnet.port import Port
from sitewarden.kit.errors import Misconfigured, Unavailable
from sitewarden.wire.bacnet import network
from sitewarden.wire.bacnet.network import Station


class Foreign:
    """One registration; `register` returns at the first success, `keep` renews until it fails."""

    def __init__(self, port: Port, config: EndpointConfig) -> None:
        self._port, self._config = port, config
        self._bbmd = Station(config.bbmd, config.bbmd_port)
        self._answer: asyncio.Future[int] | None = None

    async def register(self) -> None:
        """Register once; raise Unavailable where the BBMD does not answer or refuses."""
        port = self._port
        if port.bbmd not in (None, self._bbmd):
            raise Misconfigured(f"port {port.number} is registered with {port.bbmd} already; give this endpoint another port")
        port.bbmd, port.registered = self._bbmd, self._take
        for _ in range(self._config.retries + 1):
            self._answer = asyncio.get_running_loop().create_future()
            port.send(network.register(self._config.ttl), self._bbmd)
            try:
                async with asyncio.timeout(self._config.timeout):
                    code = await self._answer
            except TimeoutError:
                continue
            if code:
                raise Unavailable(f"the BBMD at {self._bbmd} refuses the registration as a foreign device (0x{code:04x})")
            return
        raise Unavailable(f"the BBMD at {self._bbmd} does not answer")

    async def keep(self) -> None:
        """Renew until the BBMD fails."""
        while True:
            await asyncio.sleep(self._config.ttl / 2)
            await self.register()

    def leave(self) -> None:
        """Broadcast by ourselves again; the registration ends by itself."""
        if self._port.bbmd == self._bbmd:
            self._port.bbmd = self._port.registered = None

    def _take(self, code: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(code)
