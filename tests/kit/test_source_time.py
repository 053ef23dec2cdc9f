"""Points that are heard on their own: Good, then Uncertain with the last value, then Bad, by the clock."""

from __future__ import annotations

from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.kit.freshness import Heard

UNCERTAIN, GONE = Quality.UNCERTAIN_LAST_KNOWN_VALUE, Quality.BAD_NO_COMMUNICATION


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> int:
        return int(self.seconds * 1_000_000)

    def monotonic(self) -> float:
        return self.seconds


class Field:
    def __init__(self) -> None:
        self.clock = Clock()
        self.heard = Heard(bad_after=30.0)
        self.told: list[tuple[str, object, int, int]] = []

    def deliver(self, samples: Samples) -> None:
        self.told += zip(samples.points, samples.values, samples.qualities, samples.source_times, strict=True)

    def say(self, *values: tuple[str, object, int]) -> None:
        points, found, qualities = (list(column) for column in zip(*values, strict=True))
        now = [self.clock.now()] * len(points)
        self.heard.take(Samples(points, now, now, found, qualities), self.clock, self.deliver)  # type: ignore[arg-type]

    def lost(self, *points: str) -> list[tuple[str, object, int, int]]:
        self.told.clear()
        self.heard.lost(points, self.clock, self.deliver)
        return self.told


def test_a_lost_point_keeps_its_last_value_until_its_time_is_over() -> None:
    field = Field()
    field.say(("a", 1.0, 0), ("a", 2.0, 0), ("b", None, Quality.BAD_SENSOR_FAILURE), ("c", 3.0, UNCERTAIN))
    field.clock.seconds = 10.0
    assert field.lost("a", "b", "c", "never") == [
        ("a", 2.0, UNCERTAIN, 0),
        ("b", None, GONE, 10_000_000),
        ("c", 3.0, UNCERTAIN, 0),
        ("never", None, GONE, 10_000_000),
    ]
    assert field.lost("a", "b") == []
    assert field.heard.age(field.clock, field.deliver) == 20.0 and not field.told
    field.clock.seconds = 30.0
    assert field.heard.age(field.clock, field.deliver) is None
    assert field.told == [("a", None, GONE, 30_000_000), ("c", None, GONE, 30_000_000)]


def test_what_is_heard_again_is_good_and_can_be_lost_again() -> None:
    field = Field()
    field.say(("a", 1.0, 0))
    field.lost("a")
    field.say(("a", 2.0, 0))
    assert field.told[-1][:3] == ("a", 2.0, 0)
    assert field.heard.age(field.clock, field.deliver) is None
    assert [one[:3] for one in field.lost("a")] == [("a", 2.0, UNCERTAIN)]


def test_what_was_heard_too_long_ago_is_bad_at_once() -> None:
    field = Field()
    field.say(("a", 1.0, 0))
    field.clock.seconds = 31.0
    assert field.lost("a") == [("a", None, GONE, 31_000_000)]


def test_silence_that_meant_no_change_keeps_a_value_young() -> None:
    field = Field()
    field.say(("a", 1.0, 0))
    field.clock.seconds = 1000.0
    field.heard.lost(["a"], field.clock, field.deliver, held=995.0)
    assert field.told[-1] == ("a", 1.0, UNCERTAIN, 0)
    assert field.heard.age(field.clock, field.deliver) == 25.0
    assert (field.heard.since("a"), field.heard.since("b")) == (0, None)


def test_what_is_dropped_is_forgotten() -> None:
    field = Field()
    field.say(("a", 1.0, 0))
    assert field.heard.last("a") == 1.0
    field.lost("a")
    field.heard.drop(["a"])
    assert field.heard.last("a") is None and field.heard.age(field.clock, field.deliver) is None
