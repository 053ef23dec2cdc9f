"""Every second is recorded, or a gap that says why: through losses, restarts, crashes, full disks and steps of the clock."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sitewarden.domain.video.account import gaps_of
from sitewarden.domain.video.model import Gap
from sitewarden.media.duty import Plan
from sitewarden.media.hub import Hub
from sitewarden.media.recorder import Recorder, RecorderSettings
from sitewarden.store.sqlite import SqliteSegmentIndex
from sitewarden.store.sqlite.fsck import check_segments
from sitewarden.wire.h264 import video_format
from tests.media.support import BEGIN, Log, camera, pictures, volume_at
from tests.store.samples_of import segment

SECOND = 1_000_000
HOUR = 3600
FRAME = 4
"""Seconds between two pictures, each of them a key frame."""
TICK = 8
NEAR = 45
"""Seconds around a change in which the test does not ask for the reason."""


class VirtualClock:
    def __init__(self) -> None:
        self.wall = BEGIN
        self.steady = 1000.0

    def now(self) -> int:
        return self.wall

    def monotonic(self) -> float:
        return self.steady


class NightOnly:
    """A schedule that holds in every second hour."""

    def holds(self, now: int) -> bool:
        return now // SECOND // HOUR % 2 == 0


class Site:
    """A site of one camera in virtual time, and what is true of each second of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = VirtualClock()
        self.index = SqliteSegmentIndex.open(root / "segments-0.db")
        self.online = True
        self.room = 10**12
        self.seen = 0
        self.event = self.order = 0.0
        self.fields: dict[str, Any] = {}
        self.truth: dict[int, set[str]] = {}
        self.changes: list[int] = []
        self.recorder: Recorder | None = None
        self.stepped = False
        self._last = ""

    async def boot(self) -> None:
        self.hub = Hub(self.clock)
        limits = RecorderSettings(segment_seconds=60.0, min_free_bytes=1000)
        self.recorder = Recorder(
            self.hub,
            self.index,
            volume_at(self.root / "media"),
            self.clock,
            Log().emit,
            limits,
            free=lambda root: self.room,
        )
        await self.recorder.start()
        self.hub.video_track("lobby", video_format(pictures().parameter_sets))
        self.configure()

    def configure(self, **fields: Any) -> None:
        self.fields.update(fields)
        if self.recorder is not None:
            plan: Any = Plan("night", NightOnly())  # type: ignore[arg-type]
            self.recorder.configure([camera(**self.fields)], {"night": plan})

    async def stop(self) -> None:
        if self.recorder is not None:
            await self.recorder.stop()
            self.recorder = None

    async def kill(self) -> None:
        """End the process as `kill -9` does: what the writer has is on the disk, nothing else is."""
        if self.recorder is not None:
            for duty in self.recorder._duties.values():
                if duty._end is not None:
                    duty._end()
            await self.recorder.volumes.first.writer.stop()
            self.recorder = None

    def why(self) -> str:
        if self.recorder is None:
            return "server-down"
        if self.fields.get("privacy"):
            return "privacy"
        if not self.fields.get("record", True):
            return "off"
        if self.room < 1000:
            return "disk-full"
        ordered = self.order > self.clock.steady
        if self.fields.get("record_schedule") and not ordered and not NightOnly().holds(self.clock.wall):
            return "schedule"
        if not self.online:
            return "camera-lost"
        if self.fields.get("record_mode") == "events" and not ordered and self.event <= self.clock.steady:
            return "no-event"
        return "recorded"

    async def pass_time(self, seconds: int) -> None:
        for second in range(FRAME, seconds + FRAME, FRAME):
            self.clock.wall += FRAME * SECOND
            self.clock.steady += FRAME
            self.seen += FRAME
            if self.recorder is not None:
                if self.online:
                    picture = b"\x65\x88" + self.seen.to_bytes(8, "big")
                    self.hub.access_unit("lobby", [picture], self.seen * 90000, self.clock.wall, True)
                if second % TICK == 0:
                    await self.recorder.tick()
            why = self.why()
            now = self.clock.wall // SECOND
            if why != self._last:
                self.changes.append(now)
                self._last = why
            for moment in range(now - FRAME + 1, now + 1):
                self.truth.setdefault(moment, set()).add(why)

    def step(self, seconds: int) -> None:
        self.stepped = True
        self.changes.append(self.clock.wall // SECOND)
        self.clock.wall += seconds * SECOND
        self.changes.append(self.clock.wall // SECOND)

    async def check(self) -> None:
        assert self.recorder is not None
        now = self.clock.wall
        begin = min(self.truth) * SECOND
        segments = await self.recorder.find("lobby", begin, now)
        gaps = await self.recorder.gaps("lobby", begin, now, segments)
        # What a clock that was put back makes earlier than all that is known has no reason; all else has one.
        assert not [
            one for one in gaps if one.reason == "unknown" and one.end > BEGIN and one.end - one.start > 2 * TICK * SECOND
        ], gaps
        told: dict[int, str] = {}
        for gap in gaps:
            for moment in range(-(-gap.start // SECOND), gap.end // SECOND):
                assert moment not in told
                told[moment] = gap.reason
        covered = set()
        for one in segments:
            covered.update(range(one.start // SECOND, one.end // SECOND + 1))
        near = {moment for change in (*self.changes, now // SECOND) for moment in range(change - NEAR, change + NEAR)}
        for moment, truth in self.truth.items():
            if moment in near or moment * SECOND > now or told.get(moment) in ("unknown", "deleted"):
                continue
            if "disk-full" in truth:
                # What makes room for a while is recorded again, so that any answer may be the true one; none may not.
                assert moment in covered or moment in told
            elif "recorded" in truth:
                assert moment in covered, (moment - BEGIN // SECOND, told.get(moment))
            else:
                assert told.get(moment) in truth or (self.stepped and told.get(moment) == "clock"), (
                    moment - BEGIN // SECOND,
                    told.get(moment),
                    truth,
                )


ACTIONS = st.sampled_from(
    ["lose", "return", "stop", "kill", "boot", "full", "room", "privacy", "public", "off", "on", "events"]  # noqa: RUF005
    + ["continuous", "night", "always", "event", "order", "forward", "back"]
)


async def act(site: Site, action: str) -> None:
    match action:
        case "lose":
            if site.online and site.recorder is not None:
                site.hub.lost("lobby", "cable")
            site.online = False
        case "return":
            site.online = True
        case "stop":
            await site.stop()
        case "kill":
            await site.kill()
        case "boot":
            if site.recorder is None:
                await site.boot()
        case "full" | "room":
            site.room = 0 if action == "full" else 10**12
        case "privacy" | "public":
            site.configure(privacy=action == "privacy")
            site.order = site.order if action == "public" else 0.0
        case "off" | "on":
            site.configure(record=action == "on")
        case "events" | "continuous":
            site.configure(record_mode=action)
        case "night" | "always":
            site.configure(record_schedule="night" if action == "night" else None)
        case "event":
            if site.recorder is not None:
                site.recorder.trigger("lobby")
                site.event = site.clock.steady + 15
        case "order":
            if site.recorder is not None and site.fields.get("record", True) and not site.fields.get("privacy"):
                await site.recorder.order("lobby", 600, "a parcel", "user:ada")
                site.order = site.clock.steady + 600
        case "forward" | "back":
            site.step(1800 if action == "forward" else -1800)


@settings(max_examples=2, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(ACTIONS, st.integers(60, 3 * HOUR)), min_size=12, max_size=16))
async def test_every_second_is_recorded_or_a_gap_with_its_reason(story: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        await site.boot()
        await site.pass_time(60)
        left = 24 * HOUR
        for action, seconds in story:
            await act(site, action)
            site.changes.append(site.clock.wall // SECOND)
            await site.pass_time(min(seconds, left))
            left -= min(seconds, left)
        site.room = 10**12
        if site.recorder is None:
            await site.boot()
        site.changes.append(site.clock.wall // SECOND)
        await site.pass_time(120)
        await site.check()
        await site.stop()
        await site.index.close()
        assert check_segments([Path(folder) / "segments-0.db"], {"main": Path(folder) / "media"}) == []


def test_what_has_no_note_takes_its_neighbours_reason() -> None:
    base = segment("a", 0, 10).start
    at = lambda seconds: base + seconds * SECOND  # noqa: E731
    found = gaps_of(
        "yard",
        base,
        at(60),
        [segment("a", 0, 10), segment("b", 30, 40)],
        [
            Gap(camera="yard", start=at(12), end=at(20), reason="camera-lost", detail="cable"),
            Gap(camera="yard", start=at(20), end=at(30), reason="server-down"),
            Gap(camera="yard", start=at(40), reason="disk-full"),
        ],
    )
    assert [(one.start - base, one.end - base, one.reason) for one in found] == [
        (10 * SECOND, 20 * SECOND, "camera-lost"),
        (20 * SECOND, 30 * SECOND, "server-down"),
        (40 * SECOND, 60 * SECOND, "disk-full"),
    ]
    assert gaps_of("yard", base, at(600), [segment("a", 0, 10)], [])[0].reason == "unknown"
    assert gaps_of("yard", base, at(10), [segment("a", 0, 10)], []) == []
