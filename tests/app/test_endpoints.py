"""A camera's streams as endpoints: by its addresses, and all of one camera in one process."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sitewarden.app.endpoints import Assignment, assignment, camera_endpoints, share
from sitewarden.domain.points.model import Point
from sitewarden.domain.video.model import Camera


def camera(id_: str, **more: str) -> Camera:
    return Camera(id=id_, name=id_.title(), **{"url": "rtsp://10.1.0.5/main", **more})  # type: ignore[arg-type]


def test_the_address_says_who_takes_the_stream() -> None:
    (rtsp,) = camera_endpoints(camera("yard", transport="multicast"), lambda secret, where: "")
    assert rtsp.driver == "rtsp" and rtsp.spec.config["transport"] == "multicast"
    (http,) = camera_endpoints(camera("old", url="http://10.1.0.6/video.mjpg"), lambda secret, where: "")
    assert http.driver == "mjpeg" and http.spec.config.keys() == {"url", "username", "password"}


def test_a_second_stream_is_opened_on_demand_where_its_camera_is() -> None:
    cameras = [camera(f"cam-{number}", sub_url="rtsp://10.1.0.5/small") for number in range(40)]
    whole = Assignment(
        version=1,
        cameras=tuple(cameras),
        endpoints=tuple(made for one in cameras for made in camera_endpoints(one, lambda secret, where: "")),
    )
    second = next(item.spec for item in whole.endpoints if item.spec.id == "cam-0/sub")
    assert (second.reference, second.subject) == ("camera-sub:cam-0", "camera:cam-0")
    assert second.config["on_demand"] is True and second.config["url"] == "rtsp://10.1.0.5/small"
    parts = [share(whole, worker, 3) for worker in range(3)]
    assert sum(len(part.endpoints) for part in parts) == 80
    for part in parts:
        assert part.cameras and {item.spec.id.partition("/")[0] for item in part.endpoints} == {one.id for one in part.cameras}


def test_a_camera_in_privacy_mode_has_no_stream_at_all() -> None:
    hidden = Camera(id="yard", name="Yard", url="rtsp://10.1.0.5/a", sub_url="rtsp://10.1.0.5/b", privacy=True)
    assert list(camera_endpoints(hidden, lambda secret, where: "")) == []


def test_the_class_of_a_point_is_known_though_nothing_reads_it() -> None:
    points = [Point(id=name, name=name, device="off", keep=name) for name in ("usual", "brief", "long")]  # type: ignore[arg-type]
    held = {"point": [SimpleNamespace(entity=point) for point in points]}
    state: Any = SimpleNamespace(version=3, list=lambda kind: held.get(kind, []))
    made = assignment(state, "iot", lambda secret, place: "")
    assert made.endpoints == ()
    assert made.kept == {"brief": "brief", "long": "long"}
    assert share(made, 0, 2).kept == made.kept
