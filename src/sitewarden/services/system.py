"""How the node is: processes, storage, uptime."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from sitewarden import __version__
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.system import ProcessInfo, StorageInfo, SystemInfo
from sitewarden.store.interfaces import EventLog


class System:
    """The operation `system.get`. `processes` gives the processes of the node as its supervisor knows them."""

    def __init__(
        self,
        node: str,
        clock: Clock,
        log: EventLog,
        processes: Callable[[], Sequence[ProcessInfo]],
        directories: Sequence[Path],
    ) -> None:
        self._node = node
        self._clock = clock
        self._log = log
        self._processes = processes
        self._directories = tuple(directories)
        self._started = clock.now()

    def operations(self) -> list[Operation]:
        """Return the operation that tells how the node is."""
        return [Operation("system.get", "system.get", Nothing, SystemInfo, self._get, audit=False)]

    async def _get(self, caller: Caller, params: Nothing) -> SystemInfo:
        return SystemInfo(
            version=__version__,
            node=self._node,
            started=self._started,
            uptime=(self._clock.now() - self._started) / SECOND,
            processes=tuple(self._processes()),
            storage=tuple(_storage(path) for path in self._directories),
            event_head=self._log.head(),
        )


def _storage(path: Path) -> StorageInfo:
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return StorageInfo(path=str(path), total=0, free=0)
    return StorageInfo(path=str(path), total=usage.total, free=usage.free)
