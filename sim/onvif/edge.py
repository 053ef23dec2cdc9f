"""What the simulated camera records itself (profile G): a ring of its stream's packets, and the services that find it. No I/O."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from msgspec import Struct

from sim.rtsp_source import Source
from sitewarden.drivers.onvif.mapping import show_moment
from sitewarden.wire.soap import SoapFault
from sitewarden.wire.soap import element as el
from sitewarden.wire.xmltree import Element

RECORDING: Final = "recording-1"
MOST_BYTES: Final = 64 * 1024 * 1024
"""What the card holds; the oldest go."""
APART: Final = 1_000_000
"""Microseconds between two pictures that make a gap of the camera's own."""


class Kept(Struct, frozen=True):
    """One access unit as it was sent."""

    wall: int
    """By the camera's clock, microseconds since 1970 UTC."""
    key: bool
    packets: tuple[bytes, ...]


class Card:
    """Records a source always, whoever watches. `clock_offset` is by how many seconds the camera's clock is wrong."""

    def __init__(self, source: Source, *, replay: str, clock_offset: float = 0.0) -> None:
        self.source, self.replay, self.clock_offset = source, replay, clock_offset
        self.units: deque[Kept] = deque()
        self.recording = True
        """False: the card is full, or out."""
        self._bytes = 0
        source.listeners.append(self._take)

    def _take(self, packets: list[bytes], key: bool, timestamp: int) -> None:
        if not self.recording or (not self.units and not key):
            return
        # The picture's own time, which its RTP timestamp carries too.
        now = time.time()
        late = ((self.source.timestamp(now) - timestamp) & 0xFFFFFFFF) / 90000
        self.units.append(Kept(round((now - late + self.clock_offset) * 1e6), key, tuple(packets)))
        self._bytes += sum(map(len, packets))
        while self._bytes > MOST_BYTES:
            self._bytes -= sum(map(len, self.units.popleft().packets))

    def span(self, start: int, end: int) -> list[Kept]:
        """Return what lies in [start, end), from the last key frame at or before the start on."""
        units = list(self.units)
        first = max((n for n, one in enumerate(units) if one.key and one.wall <= start), default=0)
        return [one for one in units[first:] if one.wall < end]

    # -- search and replay services ---

    def _bounds(self) -> tuple[int, int]:
        return (self.units[0].wall, self.units[-1].wall) if self.units else (0, 0)

    def search_GetRecordingSummary(self, asked: Element, host: str) -> str:
        start, end = self._bounds()
        return el(
            "tse:Summary",
            el("tt:DataFrom", text=show_moment(start)),
            el("tt:DataUntil", text=show_moment(end)),
            el("tt:NumberRecordings", text=1 if self.units else 0),
        )

    def search_FindRecordings(self, asked: Element, host: str) -> str:
        return el("tse:SearchToken", text="search-1")

    def search_GetRecordingSearchResults(self, asked: Element, host: str) -> str:
        if asked.said("SearchToken") != "search-1":
            raise SoapFault(("Sender", "InvalidArgVal", "InvalidToken"), "The search token is invalid")
        start, end = self._bounds()
        track = el(
            "tt:Track",
            el("tt:TrackToken", text="video"),
            el("tt:TrackType", text="Video"),
            el("tt:Description"),
            el("tt:DataFrom", text=show_moment(start)),
            el("tt:DataTo", text=show_moment(end)),
        )
        source = el(
            "tt:Source",
            el("tt:SourceId", text="main"),
            el("tt:Name", text="main"),
            el("tt:Location"),
            el("tt:Description"),
            el("tt:Address"),
        )
        found = el(
            "tt:RecordingInformation",
            el("tt:RecordingToken", text=RECORDING),
            source,
            el("tt:EarliestRecording", text=show_moment(start)),
            el("tt:LatestRecording", text=show_moment(end)),
            el("tt:Content", text="The camera's own recording"),
            track,
            el("tt:RecordingStatus", text="Recording" if self.recording else "Stopped"),
        )
        return el("tse:ResultList", el("tt:SearchState", text="Completed"), found if self.units else "")

    def search_EndSearch(self, asked: Element, host: str) -> str:
        return el("tse:Endpoint", text=show_moment(self._bounds()[1]))

    def replay_GetReplayUri(self, asked: Element, host: str) -> str:
        if asked.said("RecordingToken") != RECORDING:
            raise SoapFault(("Sender", "InvalidArgVal", "NoRecording"), "The recording does not exist")
        return el("trp:Uri", text=self.replay)
