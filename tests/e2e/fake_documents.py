"""The documents of the made-up site. Pure."""

from __future__ import annotations

import time
from typing import Any

from sitewarden.services.surface.entities import PLURALS


def now() -> int:
    return time.time_ns() // 1000


def entity(id_: str, name: str, **fields: Any) -> dict[str, Any]:
    base = {"id": id_, "name": name, "description": "", "area": None, "tags": [], "revision": 1, "changed": now(), "status": None}
    return base | fields


def status(ref: str, state: str = "online", detail: str = "", age: float = 60.0, **data: Any) -> dict[str, Any]:
    return {"ref": ref, "state": state, "detail": detail, "since": now() - int(age * 1e6), "data": data}


def dashboard() -> dict[str, Any]:
    """Tiles of each kind."""

    def tile(kind: str, x: int, y: int, w: int, h: int, **more: Any) -> dict[str, Any]:
        return {"kind": kind, "x": x, "y": y, "w": w, "h": h, "title": "", "entity": "", "points": [], "seconds": 3600, **more}

    return entity(
        "boiler-room",
        "Boiler room",
        owner=None,
        tiles=[
            tile("value", 0, 0, 3, 2, entity="point:point-1"),
            tile("value", 3, 0, 3, 2, entity="point:point-5", title="Return"),
            tile("chart", 0, 2, 6, 5, points=["point-1", "point-2"], title="Supply and return"),
            tile("picture", 6, 0, 6, 5, entity="camera:cam-0"),
            tile("state", 6, 5, 3, 2, entity="door:door-1"),
            tile("events", 0, 7, 12, 4, entity="door:door-0"),
        ],
    )


def documents(*, points: int, doors: int, cameras: int) -> dict[str, list[dict[str, Any]]]:
    names = ["Main entrance", "Server room", "Loading dock", "Stairwell north", "Laboratory", "Roof hatch"]
    return {
        **{plural: [] for plural in PLURALS.values()},
        "areas": [entity("lobby", "Lobby"), entity("hall", "Hall")],
        "doors": [
            entity(
                f"door-{n}",
                names[n % 6] + (f" {n}" if n > 5 else ""),
                controller="ctl-1",
                kind="door",
                output=n,
                release_time=3.0,
                open_time=10.0,
                extended_release_time=10.0,
                extended_open_time=30.0,
                delay_before_relock=0.0,
                pre_alarm_time=5.0,
                unlock_schedule="office" if n == 2 else None,
                exit_releases=True,
                camera=f"cam-{n % cameras}" if cameras else None,
                area="lobby",
            )
            for n in range(doors)
        ],
        "cameras": [
            entity(
                f"cam-{n}",
                ["Gate", "Yard", "Lobby", "Corridor"][n % 4] + (f" {n}" if n > 3 else ""),
                driver="rtsp",
                url=f"rtsp://10.0.0.{n}/stream1",
                username="viewer",
                password_set=True,
                transport="tcp",
                enabled=True,
                record=True,
                record_mode="continuous",
                record_schedule=None,
                record_on=[],
                pre_seconds=5.0,
                post_seconds=15.0,
                max_gigabytes=0.0,
                priority="normal",
                privacy=False,
                privacy_reason="",
                retention_days=30.0,
            )
            for n in range(cameras)
        ],
        "controllers": [
            entity(
                id_,
                name,
                driver="link",
                config={},
                mode=mode,
                address=address,
                enabled=True,
                matching="server",
                away="decide",
                fingerprint="ab12",
                revoked=None,
                commissioning_set=True,
            )
            for id_, name, mode, address in (
                ("ctl-1", "Ground floor", "server", ""),
                ("ctl-2", "Workshop", "direct", "10.1.0.45"),
            )
        ],
        "endpoints": [entity("plant", "Plant gateway", driver="modbus", enabled=True, config={"host": "127.0.0.1"})],
        "remote-writes": [entity("archive", "Archive", url="https://metrics.example.org/api/v1/write", enabled=True)],
        "dashboards": [dashboard()],
        "devices": [entity("boiler", "Boiler", endpoint="plant", enabled=True, config={"unit": 1})],
        "points": [
            entity(
                f"point-{n}",
                f"Sensor {n} temperature",
                device="boiler",
                type="number",
                unit="°C",
                address={"register": n},
                period=1.0,
                scale=1.0,
                offset=0.0,
                deadband=0.0,
                writable=n % 3 == 0,
                minimum=0.0,
                maximum=90.0,
                decimals=1,
            )
            for n in range(points)
        ],
        "access-points": [
            entity(
                "ap-1",
                "Main entrance, outside",
                door="door-0",
                reader=0,
                area_from=None,
                area_to="lobby",
                authentication="card",
                enabled=True,
            )
        ],
        "users": [
            entity("admin", "Ada Lovelace", roles=["administrator"], groups=[], enabled=True, language="en", password_set=True)
        ],
        "roles": [entity("administrator", "Administrator", grants=[{"action": "*", "selector": "*"}])],
        "schedules": [entity("office", "Office hours", icalendar="BEGIN:VEVENT\nEND:VEVENT")],
        "credential-holders": [entity("grace", "Grace Hopper", enabled=True)],
        "saved-searches": [
            entity(
                "nights",
                "Doors by night",
                types=["door.*"],
                entity="",
                within=None,
                holder=None,
                source="",
                severity=1,
                text="",
                span=604_800,
                owner=None,
            ),
        ],
        "networks": [
            entity("cameras", "Cameras", role="camera", cidrs=["10.1.0.0/16", "2001:db8:1::/64"]),
            entity("offices", "Offices", role="office", cidrs=["10.9.0.0/16"]),
        ],
    }


def statuses(documents: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    out = [
        status(f"door:{d['id']}", mode="locked", physical="closed", lock="locked", alarm="normal", tamper=False)
        for d in documents["doors"]
    ]
    if len(out) > 3:
        out[1]["data"] |= {"alarm": "door-forced-open", "physical": "open"}
        out[2]["data"] |= {"mode": "unlocked", "lock": "unlocked", "held_by": "schedule", "priority": "scheduled"}
    out += [status(f"camera:{c['id']}", bitrate=4.1e6, fps=25.0, recording=True) for c in documents["cameras"]]
    if len(documents["cameras"]) > 3:
        out[-1] = status("camera:cam-3", "offline", "no answer from 10.0.0.3:554", 900)
    return [*out, status("controller:ctl-1"), status("endpoint:plant"), status("device:boiler")]


def system(events: int) -> dict[str, Any]:
    processes = [
        {
            "name": n,
            "role": n.split("-")[0],
            "pid": 100 + i,
            "state": "running",
            "since": now() - 3_600_000_000,
            "restarts": 0,
            "memory": 80_000_000,
        }
        for i, n in enumerate(("core", "web", "media-0", "iot"))
    ]
    return {
        "version": "0.1.0",
        "node": "server",
        "started": now(),
        "uptime": 3725.0,
        "processes": processes,
        "storage": [{"path": "/var/lib/sitewarden", "total": 10**12, "free": 6 * 10**11}],
        "event_head": events,
    }


IDLE_SEARCH: dict[str, Any] = {
    "running": False,
    "started": now() - 9_000_000,
    "ended": now() - 5_000_000,
    "interfaces": ["eth0 (10.0.0.2)", "cameras (10.0.1.2)"],
    "answers": 12,
    "refused": 0,
    "problems": [],
}
"""The state of a search that has ended."""


def found_devices() -> list[dict[str, Any]]:
    """Return devices as a search finds them: of a known maker, of an unknown one that hides its description, and no camera."""
    rows = [
        ("camera", "10.0.1.21", "AXIS", "P3265-LVE", "Pier north", ["onvif", "upnp"], ()),
        ("camera", "10.0.1.22", "", "", "Pier south", ["onvif"], ()),
        (
            "other", "10.0.0.1", "", "", "Router", ["upnp"],
            ("Its description was not fetched: it lies on another host (203.0.113.9).",),
        ),
    ]  # fmt: skip
    note = "It did not answer over ONVIF. Switch that on at the device, or give the address of its stream, from its manual."
    return [
        {
            "id": f"found-{number}",
            "kind": kind,
            "address": address,
            "maker": maker,
            "model": model,
            "name": name,
            "serial": "",
            "location": "",
            "found": found,
            "first": now() - 60_000_000,
            "last": now() - 6_000_000,
            "page": f"http://{address}/" if maker else "",
            "services": [],
            "site": [],
            "known": False,
            "problems": problems,
            "suggestion": {"name": name, "onvif": False, "note": note},
        }
        for number, (kind, address, maker, model, name, found, problems) in enumerate(rows)
    ]


def found_servers() -> dict[str, Any]:
    """Return what announces itself: a server of another site, an analytics node that cannot be reached, one that was stopped."""
    rows: list[tuple[str, str, list[str], str, str, str, str, bool, list[str]]] = [
        ("Harbour north", "10.0.0.7", ["server"], "225.5.10.1", "unknown", "reachable", "", True, []),
        (
            "Analytics 1", "10.0.0.8", ["analytics"], "", "site", "unreachable", "port 8610 does not answer within 4 s", True,
            ["Its clock differs by 3 h: set it, or what is heard is a recording of an earlier announcement."],
        ),
        ("Gate plates", "10.0.0.9", ["lpr"], "", "unknown", "unchecked", "", False, []),
    ]  # fmt: skip
    port = {"server": ("server", 8600), "analytics": ("analytics", 8610), "lpr": ("lpr", 8611)}
    digest = ":".join(f"{(7 * n + 3) % 256:02X}" for n in range(32))
    return {
        "enabled": True,
        "places": ["eth0 (10.0.0.2)", "eth0 (IPv6)"],
        "group": "225.5.10.1",
        "key": digest,
        "fingerprint": digest,
        "heard": 120,
        "refused": 2,
        "problems": [],
        "collisions": [
            {
                "id": "node-0",
                "name": "Harbour north",
                "address": "10.0.0.7",
                "key": digest,
                "group": "225.5.10.1",
                "offer": "225.5.10.2",
            }
        ],
        "items": [
            {
                "id": f"node-{number}",
                "name": name,
                "node": name.lower().replace(" ", "-"),
                "version": "0.1.0",
                "roles": roles,
                "address": address,
                "interface": "eth0",
                "addresses": [address, "fd00::7"],
                "ports": [{"row": port[roles[0]][0], "number": port[roles[0]][1]}],
                "group": group,
                "fingerprint": digest,
                "key": digest,
                "site": digest,
                "trust": trust,
                "registered": [],
                "present": present,
                "farewell": not present,
                "first": now() - 600_000_000,
                "last": now() - (2_000_000 if present else 400_000_000),
                "skew": 0.0,
                "reach": reach,
                "reach_detail": detail,
                "reach_at": now() - 9_000_000,
                "problems": problems,
            }
            for number, (name, address, roles, group, trust, reach, detail, present, problems) in enumerate(rows)
        ],
    }
