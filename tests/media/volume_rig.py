"""A recorder on as many volumes as are named, each a directory."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sitewarden.domain.video.volumes import VolumeSpec
from sitewarden.kit.clock import SystemClock
from sitewarden.media.hub import Hub
from sitewarden.media.recorder import Recorder, RecorderSettings
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.media.support import Log, camera

SECOND = 1_000_000
EVER = (0, 2**62)


class Rig:
    """`room` is what is free on a volume, by id; plenty where it says nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub = Hub(SystemClock())
        self.log = Log()
        self.room: dict[str, int] = {}
        self.index = SqliteSegmentIndex.open(folder / "segments-0.db")
        self.specs: list[VolumeSpec] = []

    def root(self, id_: str) -> Path:
        return self.folder / id_

    def spec(self, id_: str, **more: Any) -> VolumeSpec:
        return VolumeSpec(id=id_, path=str(self.root(id_)), home=str(self.folder), **more)

    async def start(self, *specs: VolumeSpec, **settings: Any) -> Recorder:
        limits = RecorderSettings(**{"segment_seconds": 2.0, "min_free_bytes": 1000, **settings})
        self.recorder = Recorder(
            self.hub,
            self.index,
            specs,
            SystemClock(),
            self.log.emit,
            limits,
            free=lambda root: self.room.get(root.name, 10**12),
        )
        await self.recorder.start()
        self._task = asyncio.create_task(self.recorder.run())
        return self.recorder

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.recorder.stop()

    async def hold(self) -> None:
        """Stop what the recorder does by itself; it goes on writing."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def until(self, type_: str, count: int = 1) -> None:
        async with asyncio.timeout(60):
            while self.log.types().count(type_) < count:
                if self._task.done():
                    await self.recorder._diary.settle()
                await asyncio.sleep(0.02)

    async def written(self, *cameras: str) -> None:
        while any(self.recorder.current(one) is None for one in cameras):
            await asyncio.sleep(0.01)

    def files(self, id_: str) -> list[str]:
        return sorted(str(path.relative_to(self.root(id_))) for path in self.root(id_).glob("*/*/*"))

    def on(self, id_: str) -> str:
        return self.recorder.volumes.place(camera(id_))[0].id
