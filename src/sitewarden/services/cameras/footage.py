"""Recordings of this server's disk as cameras: which there are, and that no camera names one where none are allowed."""

from __future__ import annotations

import asyncio

from sitewarden.domain.errors import Invalid
from sitewarden.domain.video.model import Camera
from sitewarden.kit.footage import SETTING, name_of, recordings
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.proposal import Check, Proposal
from sitewarden.services.surface.footage import Footage, FootageAsk

SECONDS = 20.0
"""Above what a slow disk takes for a list."""


class CameraFootage:
    """The operation that lists them."""

    def __init__(self, folder: str) -> None:
        """`folder` is the one that the settings allow; empty: none."""
        self._folder = folder
        # One look at the disk at a time, however many ask.
        self._looking = asyncio.Lock()

    def operations(self) -> list[Operation]:
        """Return the operation; whoever may add cameras sees all names, since they stand in no area."""
        return [
            Operation(
                "cameras.files", "camera.create", FootageAsk, Footage, self._list, audit=False, filtered=True, timeout=SECONDS
            )
        ]

    async def _list(self, caller: Caller, asked: FootageAsk) -> Footage:
        if not self._folder:
            return Footage(allowed=False)
        async with self._looking:
            found, more = await asyncio.to_thread(recordings, self._folder)
        return Footage(allowed=True, items=tuple(found), more=more)


def playable(folder: str) -> Check:
    """Return the check of a camera's file address; whether the file is there, the camera's status tells."""

    def check(proposal: Proposal) -> None:
        after, before = proposal.after, proposal.before
        if not isinstance(after, Camera) or not after.plays:
            return
        name_of(after.url)
        if after.driver not in ("rtsp", "libav"):
            raise Invalid(
                f"a file is not played by the driver {after.driver}", where="driver", remedy="Set it to libav, or leave it out."
            )
        if not folder and not (isinstance(before, Camera) and before.url == after.url):
            raise Invalid(
                "this server plays no files: its settings name no folder of recordings",
                where="url",
                remedy=f'Have its administrator set {SETTING} in the settings ([video] files = "/srv/footage"), and restart it.',
            )

    return check
