"""What a camera recorded itself (profile G): since when, what lies in a span of time, where it is replayed. Asks."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.drivers.onvif import mapping, wire
from sitewarden.drivers.onvif.client import Client
from sitewarden.wire.soap import SoapFault
from sitewarden.wire.xmltree import Element

KEPT: Final = 30
"""Seconds that the camera keeps a search between two questions."""
WAIT: Final = 2
ROUNDS: Final = 15
"""Questions for the results of one search."""
GROWING: Final = 10 * SECOND
"""What a camera says of the end of a recording that still goes on is late by so much at most."""


class Summary(Struct, frozen=True, kw_only=True):
    """What a camera keeps. Times by its own clock, microseconds since 1970 UTC; None where it says none."""

    recordings: int
    start: int | None = None
    end: int | None = None


class Kept(Struct, frozen=True, kw_only=True):
    """One recording of a camera that has pictures."""

    token: str
    start: int
    end: int
    source: str = ""


def read_summary(answer: Element) -> Summary:
    """Return what GetRecordingSummary tells."""
    said = answer.child("Summary")
    if said is None:
        return Summary(recordings=0)
    number = said.said("NumberRecordings")
    return Summary(
        recordings=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0,
        start=mapping.read_moment(said.said("DataFrom")),
        end=mapping.read_moment(said.said("DataUntil")),
    )


def read_kept(answer: Element, now: int) -> tuple[tuple[Kept, ...], bool]:
    """Return the recordings of GetRecordingSearchResults, and whether the search is over; `now` by the camera's clock.

    One that goes on reaches to `now`, whatever it says: cameras write its end down when it is over.
    """
    results = answer.child("ResultList")
    if results is None:
        return (), True
    found = []
    for entry in results.every("RecordingInformation")[: mapping.MOST]:
        token = entry.said("RecordingToken")
        tracks = [track for track in entry.every("Track") if track.said("TrackType") == "Video"]
        if not token or len(token) > mapping.LONGEST or not token.isprintable() or (entry.child("Track") and not tracks):
            continue
        starts = [moment for track in tracks if (moment := mapping.read_moment(track.said("DataFrom"))) is not None]
        ends = [moment for track in tracks if (moment := mapping.read_moment(track.said("DataTo"))) is not None]
        start = min(starts) if starts else mapping.read_moment(entry.said("EarliestRecording"))
        end = max(ends) if ends else mapping.read_moment(entry.said("LatestRecording"))
        if entry.said("RecordingStatus") == "Recording" or (end is not None and now - end < GROWING):
            end = now
        source = entry.child("Source")
        if start is not None and end is not None and start < end:
            name = mapping.plain(source.said("SourceId")) if source is not None else ""
            found.append(Kept(token=token, start=start, end=end, source=name))
    return tuple(found), results.said("SearchState") == "Completed"


async def summary(client: Client) -> Summary | None:
    """Return what the camera keeps; None where it has no profile G, or does not say."""
    if not {"search", "replay"} <= client.services.keys():
        return None
    try:
        return read_summary(await client.call(wire.get_summary()))
    except SoapFault:
        return None


async def find(client: Client, now: int, start: int, end: int, profiles: tuple[str, ...]) -> dict[str, Any]:
    """Return {"offset", "recordings": [{"url", "start", "end"}]} of what the camera has of [start, end).

    Times are ours, microseconds since 1970 UTC; `offset` is by how much the camera's clock is ahead. Raise SoapFault where the
    camera refuses. Of several recordings with pictures those of one of `profiles` are taken, all where none says so.
    """
    kept: list[Kept] = []
    token = (await client.call(wire.find_recordings(mapping.MOST, KEPT))).said("SearchToken")
    for _ in range(ROUNDS):
        answer = await client.call(wire.get_found(token, mapping.MOST, WAIT))
        found, over = read_kept(answer, now + client.offset)
        kept += found
        if over or len(kept) >= mapping.MOST:
            break
    try:
        await client.call(wire.end_search(token))
    except SoapFault:
        # A camera may forget a search that is over by itself.
        pass
    wanted = [one for one in kept if one.start - client.offset < end and one.end - client.offset > start]
    own = [one for one in wanted if one.source in profiles]
    told = []
    for one in own or wanted:
        url = mapping.read_stream(await client.call(wire.get_replay(one.token)), client.base)
        if url:
            told.append({"url": url, "start": one.start - client.offset, "end": one.end - client.offset})
    return {"offset": client.offset, "recordings": sorted(told, key=lambda each: each["start"])}
