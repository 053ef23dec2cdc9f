"""A movement that ends by itself: it goes on only as long as somebody asks for it again, whatever the camera does of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from sitewarden.domain.clock import Clock
from sitewarden.kit.errors import DriverError
from sitewarden.wire.soap import SoapFault

log = logging.getLogger(__name__)

OWN_TIMEOUT: Final = 10
"""Seconds after which the camera is to stop on its own, for when this server is gone; many cameras do not keep it."""
RESEND: Final = 4.0
"""Seconds after which an unchanged movement is sent again, before the camera's own timeout ends it."""
TRIES: Final = 20
"""A stop that fails is sent again so often, twice a second; a camera that is gone for longer has stopped or was restarted."""
PAUSE: Final = 0.5
T = TypeVar("T")


class Moving(Generic[T]):
    """One kind of movement of one camera. `move` and `halt` do it at the camera."""

    def __init__(self, clock: Clock, move: Callable[[T], Awaitable[None]], halt: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._move = move
        self._halt = halt
        # The camera gets one order after the other, so that a stop never overtakes the movement before it.
        self._turn = asyncio.Lock()
        self._wanted: T | None = None
        self._sent = 0.0
        self._deadline = 0.0
        self._guard: asyncio.Task[None] | None = None

    @property
    def moving(self) -> bool:
        """True while a movement goes on, or its stop has not arrived yet."""
        return self._wanted is not None

    async def move(self, wanted: T, seconds: float) -> None:
        """Move, or go on moving, for so long."""
        async with self._turn:
            now = self._clock.monotonic()
            self._deadline = now + seconds
            if wanted != self._wanted or now - self._sent >= RESEND:
                # Whatever becomes of the order, the camera may be moving from here on.
                self._wanted, self._sent = wanted, now
                self._watch()
                await self._move(wanted)

    async def stop(self) -> None:
        """Stop now; told to the camera even where nothing of ours moves it."""
        self._deadline = self._clock.monotonic()
        async with self._turn:
            await self._halt()
            self.forget()

    def forget(self) -> None:
        """Something else moves the camera now, and ends by itself."""
        self._wanted = None
        if self._guard is not None and self._guard is not asyncio.current_task():
            self._guard.cancel()
        self._guard = None

    async def close(self) -> None:
        """Stop what still moves, once, as far as the camera can be reached."""
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.cancel()
            await asyncio.gather(guard, return_exceptions=True)
        if self._wanted is not None:
            self._wanted = None
            try:
                async with asyncio.timeout(1.0):
                    await self._halt()
            except (DriverError, SoapFault, TimeoutError) as error:
                log.warning("a movement could not be stopped when its connection ended: %s", error)

    def _watch(self) -> None:
        if self._guard is None or self._guard.done():
            self._guard = asyncio.create_task(self._end_it(), name="dead man's switch")

    async def _end_it(self) -> None:
        tries = 0
        while tries < TRIES:
            left = self._deadline - self._clock.monotonic()
            if left > 0:
                await asyncio.sleep(left)
                continue
            async with self._turn:
                if self._deadline > self._clock.monotonic():
                    continue
                try:
                    await self._halt()
                except (DriverError, SoapFault) as error:
                    log.warning("a movement is not stopped yet: %s", error)
                    tries += 1
                else:
                    break
            await asyncio.sleep(PAUSE)
        self._wanted = self._guard = None
