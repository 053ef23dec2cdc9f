"""The entities with which a site sees what `sim.mqtt` publishes, and a fleet for the bench."""

from __future__ import annotations

from typing import Any

from sim.mqtt import COUNTERS, GROUP, NODE, PRESS
from sitewarden.domain.entity import Entity
from sitewarden.domain.points.model import Device, Endpoint, Point


def _point(id_: str, name: str, device: str, address: dict[str, Any], **more: Any) -> Point:
    return Point(id=f"{device}-{id_}", name=name, device=device, address=address, tags=("demo",), **more)


def entities(host: str = "127.0.0.1", port: int = 1883, *, area: str | None = None) -> list[Entity]:
    """Return endpoint, devices and points of the machines that `sim.mqtt` serves at `host`:`port`."""
    found: list[Entity] = [
        Endpoint(
            id="broker",
            name="MQTT broker",
            driver="mqtt",
            config={"host": host, "port": port, "tls": False},
            area=area,
            tags=("demo",),
        )
    ]
    for name in COUNTERS:
        device = f"counter-{name}"
        config = {"base": f"counter/{name}", "availability_topic": "~/there"}
        found += [
            Device(id=device, name=f"People counter {name}", endpoint="broker", config=config, area=area, tags=("demo",)),
            *(
                _point(
                    way,
                    f"People {way}",
                    device,
                    {"topic": "~/state", "pointer": f"/{way}", "time_pointer": "/at"},
                    type="integer",
                    decimals=0,
                )
                for way in ("in", "out")
            ),
        ]
    level = {"topic": "~/state", "pointer": "/level", "write_topic": "~/set", "write_template": '{"level":{json}}'}
    found += [
        Device(id="climate", name="Climate", endpoint="broker", config={"base": "climate"}, area=area, tags=("demo",)),
        _point("temperature", "Temperature", "climate", {"topic": "~/temperature"}, unit="°C"),
        Device(id="lamp", name="Lamp", endpoint="broker", config={"base": "lamp"}, area=area, tags=("demo",)),
        _point(
            "level", "Level", "lamp", level | {"read_back": True}, type="integer", unit="%", writable=True, minimum=0, maximum=100
        ),
        Device(
            id="press",
            name="Press",
            endpoint="broker",
            config={"group": GROUP, "node": NODE, "device": PRESS},
            area=area,
            tags=("demo",),
        ),
        _point("speed", "Speed", "press", {"metric": "speed"}, unit="1/min", writable=True, minimum=0.0, maximum=60.0),
        _point("strokes", "Strokes", "press", {"metric": "strokes"}, type="integer", decimals=0),
    ]
    return found


def fleet(host: str, port: int, *, topics: int) -> list[Entity]:
    """Return entities for `sim.mqtt --flood`: one point a topic."""
    return [
        Endpoint(
            id="flood",
            name="Flood",
            driver="mqtt",
            config={"host": host, "port": port, "tls": False, "qos": 0, "keep_session": 0},
        ),
        Device(id="fleet", name="Fleet", endpoint="flood"),
        *(
            Point(
                id=f"fleet-{number}",
                name=f"Topic {number}",
                device="fleet",
                address={"topic": f"fleet/{number}", "pointer": "/v"},
            )
            for number in range(topics)
        ),
    ]
