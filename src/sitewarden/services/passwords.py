"""Passwords as argon2id hashes (RFC 9106), computed in threads. Bounded: what would queue too long is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sitewarden.domain.errors import TooMany

T = TypeVar("T")

WAITING: Final = 32
"""Hashes that wait or run at once; more are refused, so that sign-ins cannot fill the memory (64 MiB each while running)."""


class Passwords:
    """Hashes and checks passwords, two at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
        self._pending = 0

    async def hash(self, password: str) -> str:
        """Return the hash in PHC form."""
        return await self._run(self._hasher.hash, password)

    async def matches(self, hashed: str, password: str) -> bool:
        """Tell whether the password fits; an empty hash fits none, and takes as long to say so."""
        fits = await self._run(self._verify, hashed, password)
        return fits and bool(hashed)

    def outdated(self, hashed: str) -> bool:
        """Tell whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash("nobody has this password")

    def _verify(self, hashed: str, password: str) -> bool:
        # Made whoever is asked for, so that the first answer does not tell by its time who exists.
        decoy = self._decoy
        try:
            return self._hasher.verify(hashed or decoy, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, function: Callable[..., T], *arguments: str) -> T:
        if self._pending >= WAITING:
            raise TooMany("Too many sign-ins at once.", remedy="Try again in a few seconds.")
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
        finally:
            self._pending -= 1
