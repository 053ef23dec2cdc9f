"""The rules that a controller keeps over a restart: a snapshot, and on top of it deltas, made one from time to time."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.packing import unpack, unpack_delta
from sitewarden.domain.errors import Refusal
from sitewarden.nodes.controller.journal import Journal

log = logging.getLogger(__name__)

KEPT_DELTAS: Final = 64
"""Deltas kept on top of a snapshot; then they are made one."""
KEPT_BYTES: Final = 4_000_000


class KeptRules:
    """What lies in the journal. `digest` is that of the rules that it leads to; empty where those are not what is decided by."""

    def __init__(self, journal: Journal) -> None:
        self.digest = ""
        self._journal = journal
        self._deltas = self._delta_bytes = 0

    def load(self) -> tuple[str, Rules] | None:
        """Return the rules with their digest: the snapshot, and the deltas as far as they fit. Blocks on the disk."""
        kept = self._journal.rules()
        if kept is None:
            return None
        try:
            rules = Rules(unpack(kept[1]))
        except Refusal as refusal:
            log.error("the rules that were kept cannot be used: %s", refusal)
            return None
        digest, deltas = kept[0], self._journal.deltas()
        self.digest = deltas[-1][0] if deltas else digest
        try:
            for after, data in deltas:
                rules.apply(unpack_delta(data))
                digest = after
        except Refusal as refusal:
            log.error("a change of the rules that was kept cannot be used: %s", refusal)
        self._deltas, self._delta_bytes = len(deltas), sum(len(data) for _, data in deltas)
        return digest, rules

    async def put_whole(self, digest: str, data: bytes) -> None:
        """Keep a packed snapshot in place of all that was kept."""
        await self._journal.keep_rules(digest, data)
        self.digest, self._deltas, self._delta_bytes = digest, 0, 0

    async def put_delta(self, digest: str, data: bytes) -> None:
        """Keep a packed delta on top, which leads to `digest`."""
        await self._journal.keep_delta(digest, data)
        self.digest, self._deltas, self._delta_bytes = digest, self._deltas + 1, self._delta_bytes + len(data)
        if self._deltas >= KEPT_DELTAS or self._delta_bytes > KEPT_BYTES:
            await self._fold()

    async def _fold(self) -> None:
        """Make one snapshot of what is kept, so that a start stays quick."""
        loop = asyncio.get_running_loop()
        kept = await loop.run_in_executor(None, self._journal.rules)
        deltas = await loop.run_in_executor(None, self._journal.deltas)
        if kept is not None:
            await self._journal.keep_rules(self.digest, await loop.run_in_executor(None, _folded, kept, deltas))
            self._deltas = self._delta_bytes = 0


def _folded(kept: tuple[str, bytes], deltas: list[tuple[str, bytes]]) -> bytes:
    """Return a snapshot and its deltas as one packed snapshot."""
    rules = Rules(unpack(kept[1]))
    for _, data in deltas:
        rules.apply(unpack_delta(data))
    return rules.packed().data
