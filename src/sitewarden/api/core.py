"""The web process's way to core: one bus request per operation; results come back encoded and are passed on as they are."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.services.invoke import TARGET, Answer, Credentials, Invoke

LONGEST: Final = 75.0
"""Seconds until a silent core is given up: above the limit of the slowest operation (`Operation.timeout`)."""


class Core:
    """Runs operations in core."""

    def __init__(self, bus: Bus, *, timeout: float = LONGEST) -> None:
        self._bus = bus
        self._timeout = timeout
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Answer).decode

    async def invoke(
        self,
        operation: str,
        params: Any,
        credentials: Credentials,
        *,
        remote: str = "",
        reason: str = "",
        form: Literal["json", "msgpack"] = "json",
    ) -> Answer:
        """Run `operation`; raise the Refusal that came of it, or Unreachable while core is away."""
        request = Invoke(
            operation=operation,
            params=msgspec.Raw(self._encode(params)),
            credentials=credentials,
            remote=remote,
            reason=reason,
            form=form,
        )
        return self._decode(await self._bus.request(TARGET, self._encode(request), timeout=self._timeout))
