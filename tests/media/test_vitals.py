"""What is kept of a stream's statuses: figures by half minutes for an hour, and what interrupted it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sitewarden.domain.catalogue import CATALOGUE, describe
from sitewarden.domain.clock import HOUR, SECOND
from sitewarden.domain.status import Status
from sitewarden.domain.video.health import Interruption
from sitewarden.domain.video.model import Camera
from sitewarden.media.vitals import INTERRUPTIONS, STEP, Vitals

BEGIN = 1_763_700_000 * SECOND


class Clock:
    def __init__(self) -> None:
        self.time = BEGIN

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return self.time / SECOND


class Rig:
    def __init__(self) -> None:
        self.clock = Clock()
        self.events: list[tuple[str, str, Mapping[str, Any]]] = []
        self.vitals = Vitals(self.clock, lambda type_, camera, key, data: self.events.append((type_, camera, data)))
        self.camera = Camera(id="lobby", name="Lobby", url="rtsp://10.1.0.5/1")
        self.vitals.configure([self.camera])
        self.since = BEGIN

    def told(self, state: str, detail: str = "", ref: str = "camera:lobby", **data: Any) -> None:
        self.vitals.note(Status(ref=ref, state=state, detail=detail, since=self.since, data=data))

    def online(self, seconds: float, **data: Any) -> None:
        """Tell the figures every two seconds for so long."""
        end = self.clock.time + round(seconds * SECOND)
        while self.clock.time < end:
            self.told("online", **{"bitrate": 4_000_000, "fps": 25.0, "loss": 0.0, "jitter": 2.0, **data})
            self.clock.time += 2 * SECOND

    def lose(self, detail: str, seconds: float) -> None:
        self.since = self.clock.time
        self.told("offline", detail)
        self.told("offline", "10.1.0.5:554 cannot be reached")
        self.clock.time += round(seconds * SECOND)
        self.since = self.clock.time


def test_an_hour_of_half_minutes_is_kept_with_the_worst_of_each() -> None:
    rig = Rig()
    rig.online(30)
    rig.online(2, loss=3.5, jitter=40.0, bitrate=1_000_000)
    rig.online(28)
    (stream,) = rig.vitals.tell("lobby").streams
    assert stream.history.times == [BEGIN, BEGIN + STEP]
    assert (stream.history.loss, stream.history.jitter) == ([0.0, 3.5], [2.0, 40.0])
    assert stream.history.bitrate == [4_000_000, 3_800_000]
    rig.online(2 * 3600)
    (stream,) = rig.vitals.tell("lobby").streams
    assert len(stream.history.times) == HOUR // STEP and max(stream.history.loss) == 0.0
    assert rig.clock.time - stream.history.times[0] <= HOUR


def test_an_interruption_has_its_first_reason_and_its_end() -> None:
    rig = Rig()
    rig.online(10, codec="avc1.64001f", gop_frames=50)
    lost = rig.clock.time
    rig.lose("the camera sent no picture for 5 s", 12)
    (stream,) = rig.vitals.tell("lobby").streams
    assert (stream.state, stream.detail, stream.bitrate) == ("offline", "10.1.0.5:554 cannot be reached", 0)
    assert stream.interruptions == [Interruption(time=lost, reason="the camera sent no picture for 5 s")]
    rig.online(4)
    (stream,) = rig.vitals.tell("lobby").streams
    assert stream.interruptions == [Interruption(time=lost, back=lost + 12 * SECOND, reason="the camera sent no picture for 5 s")]
    assert stream.restarts == 1 and stream.state == "online"


def test_what_is_kept_is_bounded_and_goes_with_the_camera() -> None:
    rig = Rig()
    for number in range(INTERRUPTIONS + 20):
        rig.online(2)
        rig.lose(f"loss {number}", 1)
    (stream,) = rig.vitals.tell("lobby").streams
    assert stream.restarts == INTERRUPTIONS + 20 and len(stream.interruptions) == INTERRUPTIONS
    assert stream.interruptions[0].reason == f"loss {INTERRUPTIONS + 19}"
    rig.vitals.configure([])
    assert rig.vitals.tell("lobby").streams == []


def test_a_change_of_settings_is_no_interruption() -> None:
    rig = Rig()
    rig.online(4)
    rig.told("disabled")
    rig.online(4)
    rig.told("online", ref="door:front")
    (stream,) = rig.vitals.tell("lobby").streams
    assert (stream.restarts, stream.interruptions) == (0, [])


def test_a_bit_rate_far_below_the_usual_is_told_with_both_and_ends_when_it_is_back() -> None:
    rig = Rig()
    rig.online(600)
    assert rig.events == [] and rig.vitals.poor("lobby") == []
    rig.online(120, bitrate=100_000)
    (told,) = rig.events
    assert told[:2] == ("camera.bitrate", "lobby") and told[2]["limit"] == 0.4 and told[2]["value"] < 0.4
    assert describe("camera.bitrate", dict(told[2])).startswith("Lobby delivers far less video than usual: 0.")
    (stream,) = rig.vitals.tell("lobby").streams
    assert [one.figure for one in stream.poor] == ["bitrate"] and rig.vitals.poor("lobby") == ["bitrate"]
    rig.online(240)
    assert [one[0] for one in rig.events] == ["camera.bitrate", "camera.bitrate-over"]


def test_a_camera_set_up_anew_has_a_usual_bit_rate_of_its_own() -> None:
    rig = Rig()
    rig.online(600, codec="avc1.64001f", width=1920)
    rig.online(600, codec="hvc1.1.6.L93.B0", width=640, bitrate=100_000)
    assert rig.events == []


def test_limits_that_change_and_privacy_end_what_was_told() -> None:
    rig = Rig()
    rig.online(120, loss=9.0, clock_offset=-3600.0)
    assert {one[0] for one in rig.events} == {"camera.loss", "camera.clock"}
    rig.vitals.configure([msgspec.structs.replace(rig.camera, clock_limit=0)])
    rig.online(2, loss=9.0, clock_offset=-3600.0)
    rig.vitals.configure([msgspec.structs.replace(rig.camera, clock_limit=0, privacy=True)])
    assert [one[0] for one in rig.events[2:]] == ["camera.clock-over", "camera.loss-over"]
    assert all(one[0] in CATALOGUE for one in rig.events)


def test_only_the_main_stream_is_held_to_limits() -> None:
    rig = Rig()
    for _ in range(100):
        rig.told("online", ref="camera-sub:lobby", loss=50.0, fps=0.1)
        rig.clock.time += 2 * SECOND
    assert rig.events == []
