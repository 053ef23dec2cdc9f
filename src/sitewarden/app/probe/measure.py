"""What is made of the beacons that were heard: loss, silences, what the network forgot, how far they came. Pure."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from sitewarden.net.probing.groups import Group, Heard

SILENCE = 20
"""Beacons that must be missing in a row for a silence."""
BEARABLE = 0.01
"""Part that may be lost before video is unusable."""
RESUME = 3.0
"""Seconds after a fresh report within which a resumption is its doing."""
Level = Literal["error", "warning", "ok"]


class Stream(Struct, kw_only=True):
    """Beacons of one machine to one group."""

    group: int
    source: str
    first_number: int
    next_number: int
    received: int = 0
    repeated: int = 0
    last: float = 0.0
    interval: float = 0.1
    hops: int = 0
    silences: int = 0
    longest: float = 0.0
    """Seconds of the longest silence."""
    stopped: float | None = None
    """Seconds after the (re)join at which the first silence began that ended by a fresh report, or never."""
    ended: bool = False
    """True once the other machine said that it is about to end: that is no silence."""
    revived: bool = False
    """True where the beacons came back within moments after a fresh report of our membership."""

    def take(self, heard: Heard) -> None:
        """Count one beacon."""
        beacon = heard.beacon
        if beacon.number < self.next_number:
            self.repeated += 1
            return
        self.received += 1
        self.next_number = beacon.number + 1
        self.ended = beacon.phase != 0
        self.last, self.interval = heard.at, beacon.interval / 1000
        self.hops = max(0, beacon.ttl - heard.ttl) if heard.ttl else 0

    @property
    def lost(self) -> int:
        """Beacons that were sent between the first and the last that came, and did not come."""
        return self.next_number - self.first_number - self.received

    @property
    def loss(self) -> float:
        """Part that was lost, 0 to 1."""
        return self.lost / max(1, self.next_number - self.first_number)


class Streams:
    """All streams of a run. Bounded: machines beyond 64 are not counted."""

    MOST = 128

    def __init__(self, joined: float) -> None:
        self.streams: dict[tuple[bytes, int], Stream] = {}
        self.joined = joined
        """Monotonic second of the last report that we made."""
        self.asked: float | None = None
        """Monotonic second of a fresh report that was made because of a silence."""

    def take(self, heard: Heard) -> None:
        """Count one beacon, and see whether it ends a silence."""
        key = (heard.beacon.machine, heard.beacon.group)
        stream = self.streams.get(key)
        if stream is None:
            if len(self.streams) >= self.MOST:
                return
            number = heard.beacon.number
            stream = Stream(group=heard.beacon.group, source=heard.source, first_number=number, next_number=number, last=heard.at)
            self.streams[key] = stream
        gap = heard.at - stream.last
        if stream.received and gap > SILENCE * stream.interval:
            stream.silences += 1
            stream.longest = max(stream.longest, gap)
            if self.asked is not None and stream.last < self.asked <= heard.at <= self.asked + RESUME:
                stream.revived = True
        stream.take(heard)

    def silent(self, now: float) -> list[Stream]:
        """Return the streams that fell silent, and note when after the join that was."""
        found = [one for one in self.streams.values() if not one.ended and now - one.last > SILENCE * one.interval]
        for stream in found:
            if stream.stopped is None:
                stream.stopped = stream.last - self.joined
        return found


class Report(Struct, frozen=True, kw_only=True):
    """One sentence on the network."""

    level: Level
    what: str
    why: str = ""
    remedy: str = ""


def reports(
    groups: tuple[Group, ...],
    streams: list[Stream],
    flooded: int | None,
    queriers: list[str] | None,
    *,
    kept: frozenset[int],
    seconds: float,
    ttl: int,
) -> list[Report]:
    """Return what was found. `flooded` counts frames that came after we had left (None: not watched); `queriers` None as well.

    `kept` are groups that another program of this machine stays a member of: of those, flooding cannot be told.
    """
    found = []
    for index, group in enumerate(groups):
        mine = [stream for stream in streams if stream.group == index]
        found += [_stream(group, stream, seconds, ttl) for stream in mine]
        if not mine:
            found.append(_nothing(group, ttl))
    return [*found, *_querier(streams, queriers), *_flooding(flooded, [groups[index].address for index in sorted(kept)])]


def _stream(group: Group, stream: Stream, seconds: float, ttl: int) -> Report:
    name = f"{group.address}:{group.number} from {stream.source}"
    hops = "on the same network" if not stream.hops else f"over {stream.hops} routers"
    if stream.stopped is not None:
        what = f"{name} stopped {stream.stopped:.0f} s after the join"
        if stream.revived:
            return Report(
                level="error",
                what=f"{what}, and came back at once with a fresh report",
                why="video and announcements stop for good, minutes after all seemed well.",
                remedy="Turn on an IGMP querier in this network (RFC 3376), and see that switches pass reports to it.",
            )
        return Report(
            level="error",
            what=f"{what}, and a fresh report did not bring it back",
            why="video and announcements from there are lost.",
            remedy="See whether the other machine was stopped, or a link between is down.",
        )
    if stream.lost:
        level: Level = "error" if stream.loss > BEARABLE else "warning"
        return Report(
            level=level,
            what=f"{name}: {stream.lost} of {stream.lost + stream.received} lost ({stream.loss * 100:.2f} %), {hops}",
            why="each lost packet of video breaks a picture.",
            remedy="Look for a full link, a half-duplex port, or Wi-Fi between; switches show drops by port.",
        )
    return Report(level="ok", what=f"{name}: {stream.received} of {stream.received} in {seconds:.0f} s, {hops}")


def _nothing(group: Group, ttl: int) -> Report:
    return Report(
        level="error",
        what=f"nothing came on {group.address}:{group.number}",
        why="servers and clients do not find each other, and live multicast shows nothing.",
        remedy="Run `sitewarden probe --multicast` on another machine at the same time; behind a router with multicast"
        f" routing (PIM) and a TTL above {ttl}. See both firewalls: `nft list ruleset`.",
    )


def _querier(streams: list[Stream], queriers: list[str] | None) -> list[Report]:
    if any(stream.revived for stream in streams):
        return [
            Report(
                level="error",
                what="the switch forgets who has joined: no querier asks"
                if not queriers
                else f"the switch forgets who has joined, although {', '.join(queriers)} asks",
                why="memberships age out after about 260 s, and multicast stops.",
                remedy="Turn on the IGMP querier of one switch or router in this network, and only one.",
            )
        ]
    if queriers is None:
        return []
    if queriers:
        return [Report(level="ok", what=f"{', '.join(queriers)} asks for memberships")]
    return [
        Report(
            level="warning",
            what="no querier asked for memberships during the run",
            why="a switch with IGMP snooping forgets members after about 260 s where nobody asks.",
            remedy="Turn on the IGMP querier of one switch or router in this network; without snooping none is needed.",
        )
    ]


def _flooding(flooded: int | None, kept: list[str]) -> list[Report]:
    if flooded is not None and not flooded and kept:
        return [
            Report(level="ok", what=f"whether the switch floods {', '.join(kept)} cannot be told: a program here stays a member")
        ]
    if flooded is None:
        return [
            Report(
                level="warning",
                what="whether the switch floods those who did not join was not looked at: frames may not be watched here",
                why="flooded video fills every link and every camera's port.",
                remedy="Run it as root, or with CAP_NET_RAW: `sudo sitewarden probe --multicast`.",
            )
        ]
    if flooded:
        return [
            Report(
                level="warning",
                what=f"{flooded} frames came after this machine had left: the switch floods, or forgets who left by age alone",
                why="flooded video fills every link and every camera's port.",
                remedy="Turn on IGMP snooping in the switches, with one querier of IGMPv3: in v2 not every leave is told.",
            )
        ]
    return [Report(level="ok", what="the switch sends nothing to those who did not join")]
