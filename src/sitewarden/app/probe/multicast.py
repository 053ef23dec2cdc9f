"""`sitewarden probe --multicast`: run on two machines at once; each sends and listens on both groups, and says what it saw."""

from __future__ import annotations

import time
from pathlib import Path

from msgspec import Struct

from sitewarden.app import show
from sitewarden.app.probe.measure import Report, Stream, Streams, reports
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Refusal
from sitewarden.net.probing.groups import Group, Members, Watch
from sitewarden.net.probing.interfaces import Interface, interfaces
from sitewarden.ports import row
from sitewarden.wire.probe import Beacon

INTERVAL = 0.1
"""Seconds between two beacons to a group."""
TICK = 0.02
SETTLE = 5.0
"""Seconds after leaving in which frames may still come: a switch asks once more before it prunes (RFC 3376 clause 8.8)."""
WATCH = 10.0
"""Seconds after that in which frames are flooding."""
SECONDS = 360
"""A run that is longer than a membership lasts."""


class Options(Struct, frozen=True, kw_only=True):
    """How to run; `settle` and `watch` are seconds after leaving the groups."""

    seconds: float = SECONDS
    interface: str = ""
    ttl: int = 16
    settle: float = SETTLE
    watch: float = WATCH


class Result(Struct, frozen=True, kw_only=True):
    """What one machine saw."""

    interface: str
    seconds: float
    ttl: int
    streams: tuple[Stream, ...]
    flooded: int | None
    queriers: tuple[str, ...] | None
    reports: tuple[Report, ...]


def run(settings_path: Path | None, options: Options, *, json: bool) -> int:
    """Run, print, and return 1 where something must be mended."""
    path = settings_path or Path("sitewarden.toml")
    settings = load(path) if path.exists() else Settings()
    if not json:
        show.err.print(
            f"Run this on another machine now too. It takes {options.seconds + 2 * (options.settle + options.watch):.0f} s.",
            markup=False,
        )
    result = look(settings, options)
    if json:
        show.as_json(result)
    else:
        levels = {"error": "must be mended", "warning": "should be mended", "ok": "fine"}
        rows = [{"level": levels[one.level], "what": one.what, "why": one.why, "remedy": one.remedy} for one in result.reports]
        show.table(rows, (("level", ""), ("what", "finding"), ("why", "why it matters"), ("remedy", "what to do")))
    return 1 if any(one.level == "error" for one in result.reports) else 0


def groups(settings: Settings) -> tuple[Group, ...]:
    """Return the group of the announcements and the first port of the node's media group."""
    announcement, media = row("announcement"), row("media-multicast")
    number = announcement.default if isinstance(announcement.default, int) else 0
    return Group(announcement.group, number), Group(settings.multicast_group, media.span[0] if media.span else 0)


def chosen(name: str) -> Interface:
    """Return the interface of that name or address, or the first one with multicast; raise Refusal."""
    usable = [one for one in interfaces() if one.multicast and one.addresses and not one.loopback]
    for one in usable:
        if not name or name == one.name or name in one.addresses:
            return one
    known = ", ".join(f"{one.name} ({one.addresses[0]})" for one in usable) or "none"
    raise Refusal(f"{name or 'no interface'} cannot multicast", where="--interface", remedy=f"There is {known}.")


def look(settings: Settings, options: Options) -> Result:
    """Send, listen, leave, watch. Blocks for the whole run."""
    interface, both = chosen(options.interface), groups(settings)
    try:
        watch = Watch(interface, both)
    except PermissionError:
        watch = None
    members = Members(interface, both, options.ttl)
    try:
        runner = _Run(members, watch)
        runner.go(options.seconds)
        members.ending = True
        # One leaves while the others stay: a group without any member is flooded by many switches, and proves nothing.
        first = all(members.machine < machine for machine, _ in runner.streams.streams)
        flooded = 0
        for mine in (first, not first):
            if mine:
                members.leave()
                kept = runner.kept = members.kept()
            runner.go(options.settle)
            before = runner.flooded
            runner.go(options.watch)
            if mine:
                flooded = runner.flooded - before
                members.join()
    finally:
        members.close()
        if watch is not None:
            watch.close()
    streams = sorted(runner.streams.streams.values(), key=lambda one: (one.group, one.source))
    came = flooded if watch is not None else None
    queriers = tuple(sorted(watch.queriers)) if watch is not None else None
    return Result(
        interface=interface.name,
        seconds=options.seconds,
        ttl=options.ttl,
        streams=tuple(streams),
        flooded=came,
        queriers=queriers,
        reports=tuple(
            reports(
                both,
                streams,
                came,
                list(queriers) if queriers is not None else None,
                kept=kept,
                seconds=options.seconds,
                ttl=options.ttl,
            )
        ),
    )


class _Run:
    """The loop: a beacon a tenth of a second, and between them what came."""

    def __init__(self, members: Members, watch: Watch | None) -> None:
        self._members, self._watch = members, watch
        self._number = 0
        self.streams = Streams(time.monotonic())
        self.kept: frozenset[int] = frozenset()
        self.flooded = 0
        """Frames of others that came while we were no member."""

    def go(self, seconds: float) -> None:
        """Send and listen for so long."""
        begun = time.monotonic()
        following = begun
        while (now := time.monotonic()) < begun + seconds:
            if now >= following:
                self._members.send(self._number, INTERVAL, time.time_ns() // 1000)
                self._number += 1
                following += INTERVAL
            heard = self._members.receive()
            frames = self._watch.receive() if self._watch is not None else []
            if not self._members.joined:
                self.flooded += len([one for one in frames if self._floods(one)])
            elif not self._members.ending:
                for one in heard:
                    self.streams.take(one)
                self._revive(now)
            time.sleep(TICK)

    def _floods(self, beacon: Beacon) -> bool:
        """Tell whether a frame has no business here: its sender is a member, so that the group has one, and we are none."""
        return beacon.machine != self._members.machine and beacon.group not in self.kept and beacon.phase != 1

    def _revive(self, now: float) -> None:
        """Where others fell silent, report our membership once more: what comes back then was forgotten by the network."""
        if self.streams.asked is None and self.streams.silent(now):
            self._members.leave()
            self._members.join()
            self.streams.asked = time.monotonic()
