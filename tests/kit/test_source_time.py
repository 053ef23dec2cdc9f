"""What was heard keeps the device's own time, also when it is no longer believed to be true."""

from __future__ import annotations

from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.kit.clock import ManualClock
from sitewarden.kit.freshness import Freshness, Group


def test_the_time_that_a_device_tells_is_the_source_time() -> None:
    clock, told, freshness = ManualClock(1_000), list[Samples](), Freshness(5.0)
    group = Group(["a", "b"])
    freshness.good(group, [1, 2], [0, 0], clock, told.append, 400)
    freshness.good(group, [3, 4], [0, 0], clock, told.append)
    assert [(one.source_times, one.server_times) for one in told] == [
        ([400, 400], [1_000, 1_000]),
        ([1_000, 1_000], [1_000, 1_000]),
    ]
    freshness.good(group, [5, None], [0, int(Quality.BAD_SENSOR_FAILURE)], clock, told.append, 500)
    clock.advance(1.0)
    freshness.lost([group], clock, told.append)
    assert (told[-1].source_times, told[-1].values) == ([500, 500], [5, None])
    assert told[-1].qualities == [Quality.UNCERTAIN_LAST_KNOWN_VALUE, Quality.BAD_NO_COMMUNICATION]
    assert freshness.age(clock, told.append) == 4.0
    clock.advance(4.0)
    assert freshness.age(clock, told.append) is None
    assert told[-1].qualities == [Quality.BAD_NO_COMMUNICATION] * 2
