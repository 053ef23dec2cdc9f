"""State becomes what drivers run: entities of a site to endpoint specs, by the process role that runs them. Pure.

A camera is an endpoint of its driver, and one of the ONVIF driver where it has such services; all controllers in server mode
share the one endpoint that listens on 1480, one in direct mode is an endpoint of its own, which dials it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from sitewarden.domain.access.compiler_tables import compile_tables
from sitewarden.domain.access.model import Controller, Door
from sitewarden.domain.access.rights import Schedule, SpecialDayGroup
from sitewarden.domain.access.snapshot import ScheduleRow
from sitewarden.domain.entity import Entity, Secret
from sitewarden.domain.points.metrics import has_numbers, labels_of
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.remote_write import RemoteWrite
from sitewarden.domain.refs import ref
from sitewarden.domain.site import Site
from sitewarden.domain.video.model import Camera
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.services.config_secrets import opened
from sitewarden.services.points.sending import Send
from sitewarden.services.subjects import Subjects
from sitewarden.store.interfaces import StateStore

E = TypeVar("E", bound=Entity)
READER = 1471
"""Port of controllers of the reader family; every other is the station family's."""
SUB = "sub"
"""Name of a camera's second stream: its channel is "<camera>/sub"."""
SECRETS: Final = ("password", "stream_key")
"""Fields of a camera that are told to its drivers alone."""
Unseal = Callable[[Secret, str], str]
"""Opens a sealed secret that stands at a place, such as "camera:lobby/password"."""


class Assigned(Struct, frozen=True, kw_only=True):
    """An endpoint spec with the driver that runs it."""

    driver: str
    spec: EndpointSpec


class Assignment(Struct, frozen=True, kw_only=True):
    """All that one worker runs, as core hands it out."""

    version: int
    """The state's version that it was made from."""
    endpoints: tuple[Assigned, ...] = ()
    cameras: tuple[Camera, ...] = ()
    """Cameras that the worker records, without their passwords."""
    zone: str = "UTC"
    schedules: tuple[ScheduleRow, ...] = ()
    """Those that the cameras are recorded by."""
    sends: tuple[Send, ...] = ()
    """Databases that get samples."""
    metrics: dict[str, dict[str, str]] = {}
    """Labels of the points that they get."""
    kept: dict[str, str] = {}
    """Points whose samples are kept for longer or shorter than usual, with their class; disabled ones too."""


def entities(state: StateStore, kind: str, model: type[E]) -> list[E]:
    """Return all entities of a kind, typed."""
    return [held.entity for held in state.list(kind) if isinstance(held.entity, model)]


def assignment(state: StateStore, role: str, unseal: Unseal) -> Assignment:
    """Return what the workers of `role` ("core", "media" or "iot") have to run now."""
    version = state.version
    if role == "media":
        cameras = entities(state, "camera", Camera)
        return Assignment(
            version=version,
            endpoints=tuple(made for camera in cameras if camera.enabled for made in camera_endpoints(camera, unseal)),
            cameras=tuple(_without_secret(camera) for camera in cameras),
            zone=_zone(state),
            schedules=_schedules(state, {camera.record_schedule for camera in cameras}),
        )
    if role == "iot":
        kept: dict[str, str] = {point.id: point.keep for point in entities(state, "point", Point) if point.keep != "usual"}
        made, metrics = sends(state, unseal)
        return Assignment(version=version, endpoints=point_endpoints(state, unseal), sends=made, metrics=metrics, kept=kept)
    return Assignment(version=version, endpoints=(*controller_endpoints(state), *direct_endpoints(state, unseal)))


def share(whole: Assignment, worker: int, workers: int) -> Assignment:
    """Return the part of an assignment that falls to one of several workers; stable while the count stays.

    Cameras that publish are the first worker's, all of them: they come in by one port, and a port is one process's.
    """
    if workers <= 1:
        return whole
    publishing = {camera.id for camera in whole.cameras if camera.publishes}

    def mine(id_: str) -> bool:
        camera = id_.partition("/")[0]
        return (0 if camera in publishing else _shard(camera, workers)) == worker

    return Assignment(
        version=whole.version,
        endpoints=tuple(item for item in whole.endpoints if mine(item.spec.id)),
        cameras=tuple(camera for camera in whole.cameras if mine(camera.id)),
        zone=whole.zone,
        schedules=whole.schedules,
        kept=whole.kept,
    )


def _zone(state: StateStore) -> str:
    site = next(iter(entities(state, "site", Site)), None)
    return site.timezone if site is not None else "UTC"


def _schedules(state: StateStore, wanted: set[str | None]) -> tuple[ScheduleRow, ...]:
    """Return these schedules with their special days, as snapshots carry them."""
    return compile_tables(
        zone=_zone(state),
        special_days=entities(state, "special-day-group", SpecialDayGroup),
        schedules=[one for one in entities(state, "schedule", Schedule) if one.id in wanted],
    ).schedules


def camera_endpoints(camera: Camera, unseal: Unseal) -> Iterator[Assigned]:
    """Yield the endpoint of a camera's stream, and that of its ONVIF services where they are asked."""
    proof = {
        "username": camera.username,
        "password": unseal(camera.password, f"camera:{camera.id}/password") if camera.password else "",
    }
    stream: dict[str, Any] = {"url": camera.url, **proof}
    if camera.stream_driver == "rtsp":
        stream |= {"transport": camera.transport, "audio": camera.audio}
    elif camera.stream_driver == "libav":
        stream |= {"audio": camera.audio, "repeat": camera.repeat}
    elif camera.publishes:
        key = unseal(camera.stream_key, f"camera:{camera.id}/stream_key") if camera.stream_key else ""
        stream = {"key": key, "audio": camera.audio}
    about = ref("camera", camera.id)
    if camera.watched:
        yield Assigned(driver=camera.stream_driver, spec=EndpointSpec(id=camera.id, name=camera.name, config=stream, ref=about))
    if camera.watched and camera.sub_url:
        second = {"url": camera.sub_url, "transport": camera.transport, "on_demand": True, **proof}
        yield Assigned(
            driver="rtsp",
            spec=EndpointSpec(
                id=f"{camera.id}/{SUB}", name=camera.name, config=second, ref=ref("camera-sub", camera.id), subject=about
            ),
        )
    if camera.onvif:
        services = {"address": camera.onvif, "fingerprint": camera.onvif_fingerprint, **proof}
        yield Assigned(
            driver="onvif",
            spec=EndpointSpec(
                id=camera.id, name=camera.name, config=services, ref=ref("camera-control", camera.id), subject=about
            ),
        )


def point_endpoints(state: StateStore, unseal: Unseal) -> tuple[Assigned, ...]:
    """Return the enabled endpoints of machines with their enabled devices and points."""
    points: dict[str, list[Point]] = defaultdict(list)
    for point in entities(state, "point", Point):
        points[point.device].append(point)
    devices: dict[str, list[DeviceSpec]] = defaultdict(list)
    for device in entities(state, "device", Device):
        if device.enabled:
            spec = DeviceSpec(
                id=device.id,
                name=device.name,
                config=opened(device.config, ref("device", device.id), unseal),
                points=tuple(points[device.id]),
            )
            devices[device.endpoint].append(spec)
    return tuple(
        Assigned(
            driver=endpoint.driver,
            spec=EndpointSpec(
                id=endpoint.id,
                name=endpoint.name,
                config=opened(endpoint.config, ref("endpoint", endpoint.id), unseal),
                devices=tuple(devices[endpoint.id]),
            ),
        )
        for endpoint in entities(state, "endpoint", Endpoint)
        if endpoint.enabled and devices[endpoint.id]
    )


def sends(state: StateStore, unseal: Unseal) -> tuple[tuple[Send, ...], dict[str, dict[str, str]]]:
    """Return the enabled targets of remote write, and the labels of all points that one of them gets."""
    targets = [one for one in entities(state, "remote-write", RemoteWrite) if one.enabled]
    if not targets:
        return (), {}
    subjects = Subjects(state)
    held = {
        point.id: (point, subjects.of_entity("point", point)) for point in entities(state, "point", Point) if has_numbers(point)
    }
    made: list[Send] = []
    for one in targets:
        chosen = tuple(id_ for id_, (_, at) in held.items() if not one.tagged or set(one.tagged) & set(at.tags))
        made.append(
            Send(
                id=one.id,
                name=one.name,
                url=one.url,
                username=one.username,
                password=unseal(one.password, f"remote-write:{one.id}/password") if one.password else "",
                tenant=one.tenant,
                ca=one.ca,
                labels=one.labels,
                points=chosen,
                all_history=one.since == "all",
                shards=one.shards,
            )
        )
    wanted = {id_ for send in made for id_ in send.points}
    return tuple(made), {id_: labels_of(held[id_][0], held[id_][1].area, held[id_][1].tags) for id_ in sorted(wanted)}


def controller_endpoints(state: StateStore) -> tuple[Assigned, ...]:
    """Return the listener for controllers in server mode, and what asks boards; neither where the site has no such controller."""
    enabled = [item for item in entities(state, "controller", Controller) if item.enabled and item.mode == "server"]
    doors = _doors(state)
    ours = tuple(_controller(one, link_config(one), doors) for one in enabled if one.driver == "link")
    boards = tuple(_controller(one, board_config(one), doors) for one in enabled if one.driver == "uhppote")
    made = (
        Assigned(driver="link", spec=EndpointSpec(id="controllers", name="The port for controllers", config={}, devices=ours)),
        Assigned(driver="uhppote", spec=EndpointSpec(id="boards", name="The port for boards' events", config={}, devices=boards)),
    )
    return tuple(item for item in made if item.spec.devices)


def direct_endpoints(state: StateStore, unseal: Unseal) -> Iterator[Assigned]:
    """Yield an endpoint for each controller of ours in direct mode whose address is known."""
    doors = _doors(state)
    for controller in entities(state, "controller", Controller):
        if not controller.enabled or controller.driver != "link" or controller.mode != "direct" or not controller.address:
            continue
        host, number = host_and_port(controller.address)
        sealed = controller.commissioning
        config = {
            "dial": host,
            "number": number or 0,
            "family": "reader" if number == READER else "station",
            "code": unseal(sealed, f"controller:{controller.id}/commissioning") if sealed else "",
        }
        spec = EndpointSpec(
            id=controller.id,
            name=controller.name,
            config=config,
            devices=(_controller(controller, link_config(controller), doors),),
            ref=ref("controller", controller.id),
        )
        yield Assigned(driver="link", spec=spec)


def host_and_port(address: str) -> tuple[str, int | None]:
    """Return ("10.1.0.5", 1470) of "10.1.0.5:1470", with None for no number; an IPv6 address with a number stands in brackets."""
    host, colon, number = address.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")) or not number.isascii() or not number.isdigit():
        return address.strip("[]"), None
    return host.strip("[]"), int(number) if 1 <= int(number) <= 65535 else None


def link_config(controller: Controller) -> dict[str, Any]:
    """Return the settings of a controller of ours, as the link driver takes them."""
    return {"fingerprint": controller.fingerprint, "matching": controller.matching, "revoked": controller.revoked}


def board_config(controller: Controller) -> dict[str, Any]:
    """Return the settings of a controller of another make, as its driver takes them."""
    return controller.config | {"address": controller.address}


def _doors(state: StateStore) -> dict[str, list[Door]]:
    doors: dict[str, list[Door]] = defaultdict(list)
    for door in entities(state, "door", Door):
        doors[door.controller].append(door)
    return doors


def _controller(controller: Controller, config: dict[str, Any], doors: dict[str, list[Door]]) -> DeviceSpec:
    return DeviceSpec(
        id=controller.id,
        name=controller.name,
        config=config,
        ref=ref("controller", controller.id),
        entities=tuple(ref("door", door.id) for door in doors[controller.id]),
    )


def _without_secret(camera: Camera) -> Camera:
    return Camera(**{name: getattr(camera, name) for name in camera.__struct_fields__ if name not in SECRETS})


def _shard(id_: str, workers: int) -> int:
    total = 0
    for byte in id_.encode():
        total = (total * 131 + byte) & 0xFFFFFFFF
    return total % workers


__all__: Sequence[str] = ["Assigned", "Assignment", "assignment", "entities", "share"]
