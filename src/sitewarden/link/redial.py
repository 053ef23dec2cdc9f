"""Keep one link up: dial, wait until it ends, dial again after a jittered pause."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from sitewarden.domain.errors import Refusal
from sitewarden.link.session import LinkSession

log = logging.getLogger(__name__)


class Redialler:
    """Dials for ever. The pause doubles from `first` to `ceiling` seconds, each times 0.5 to 1; a link resets it.

    `changed` is called with the session that came up, and with None when it went.
    """

    def __init__(
        self,
        dial: Callable[[], Awaitable[LinkSession]],
        *,
        changed: Callable[[LinkSession | None], None] | None = None,
        first: float = 0.1,
        ceiling: float = 15.0,
    ) -> None:
        self.session: LinkSession | None = None
        self.last_error: Refusal | None = None
        """Why the last attempt failed or the last link ended."""
        self.attempts = 0
        """Attempts since the last link."""
        self._dial = dial
        self._changed = changed
        self._first = first
        self._ceiling = ceiling
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Dial now rather than after the pause."""
        self._hurry.set()

    async def run(self) -> None:
        """Dial until cancelled; the link is then closed."""
        while True:
            try:
                session = await self._dial()
            except Refusal as refusal:
                self.attempts += 1
                if self.last_error is None or str(self.last_error) != str(refusal):
                    log.info("no link: %s", refusal)
                self.last_error = refusal
            else:
                await self._hold(session)
            await self._pause()

    async def _hold(self, session: LinkSession) -> None:
        self.session, self.last_error, self.attempts = session, None, 0
        try:
            if self._changed is not None:
                self._changed(session)
            self.last_error = await asyncio.shield(session.closed)
        finally:
            self.session = None
            session.close()
            if self._changed is not None:
                self._changed(None)

    async def _pause(self) -> None:
        longest = min(self._ceiling, self._first * 2 ** min(self.attempts, 16))
        self._hurry.clear()
        try:
            async with asyncio.timeout(longest * random.uniform(0.5, 1.0)):  # noqa: S311
                await self._hurry.wait()
        except TimeoutError:
            pass
