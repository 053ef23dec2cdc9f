"""A made-up site behind the console's API: for states that a living site does not show on demand.

Thousands of points, alarms that stand, a server that goes away. It answers as docs/ and openapi.json say, from memory alone.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.e2e.fake_documents import IDLE_SEARCH, documents, entity, found_devices, found_servers, now, statuses, system
from tests.e2e.fake_history import series
from tests.e2e.fake_network import findings, ledger, ports, probes
from tests.e2e.fake_storage import LOCKS, backups, exports, storage
from tests.e2e.fake_video import camera_health, film, live_fragments, still
from tests.e2e.fake_zones import roll_call, zones

STATIC = Path(__file__).parents[2] / "src/sitewarden/api/web/static"
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class FakeSite:
    """Documents, statuses and events of one site, served as ASGI."""

    def __init__(self, *, points: int = 40, doors: int = 6, cameras: int = 4) -> None:
        self.signed_in = False
        self.demo = True
        self.commands: list[dict[str, Any]] = []
        self.browsed: dict[str, Any] = {"items": [], "more": False}
        self.asked: list[dict[str, list[str]]] = []
        self.multicast: dict[tuple[str, str], dict[str, Any]] = {}
        self.fills: list[dict[str, Any]] = []
        self.found: dict[str, Any] = {"search": {**IDLE_SEARCH, "started": None, "ended": None, "interfaces": []}, "items": []}
        self.registered: list[dict[str, Any]] = []
        self.servers: dict[str, Any] = {**found_servers(), "items": [], "collisions": []}
        self.burning = False
        self.events: list[dict[str, Any]] = []
        self.doctor: tuple[int, dict[str, Any]] = (200, findings())
        self.probes = probes()
        self.ledger = ledger()
        self.sockets: set[asyncio.Queue[dict[str, Any] | None]] = set()
        self.changed = asyncio.Event()
        self.documents = documents(points=points, doors=doors, cameras=cameras)
        self.statuses = {s["ref"]: s for s in statuses(self.documents)}
        self.values = {
            p["id"]: [p["id"], 20.0 + n % 50, 0x808A0000 if n % 17 == 5 else 0, now(), now()]
            for n, p in enumerate(self.documents["points"])
        }
        for n in range(60):
            self.emit("access.granted", "door:door-0", "Grace Hopper may pass Main entrance", age=3000 - n * 40)
        self.emit("door.forced", "door:door-1", "Server room was forced open", 3, age=140)
        self.emit(
            "access.denied",
            "door:door-0",
            "Grace Hopper was refused at Main entrance: it is outside office hours",
            1,
            age=12,
            related=["credential-holder:grace", "camera:cam-0"],
            data={
                "reason": "not-permitted-at-this-time",
                "explanation": {
                    "rule": "schedule",
                    "schedule": "office",
                    "profile": "staff",
                    "snapshot": 12,
                    "decided_by": "server",
                    "text": "The profile Staff allows Main entrance only during Office hours.",
                },
            },
        )

    def burn(self) -> None:
        """Let a fire zone's input tell of fire."""
        self.burning = True
        self.emit("zone.fire", "fire-zone:east", "East wing tells of fire", 3)

    def emit(
        self,
        type_: str,
        ref: str,
        text: str,
        severity: int = 0,
        *,
        age: float = 0.0,
        related: list[str] | None = None,
        data: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        seq = len(self.events) + 1
        at = now() - int(age * 1e6)
        stored = {
            "seq": seq,
            "stored": at,
            "event": {
                "key": f"fake/1/{seq}",
                "type": type_,
                "entity": ref,
                "time": at,
                "severity": severity,
                "related": related or [],
                "text": text,
                "data": data or {},
            },
        }
        self.events.append(stored)
        self._announce()
        return stored

    def set_status(self, ref: str, **data: Any) -> None:
        held = self.statuses[ref]
        self.statuses[ref] = held | {"since": now(), "data": held["data"] | data}
        self._announce()

    def set_value(self, point: str, value: float, quality: int = 0) -> None:
        self.values[point] = [point, value, quality, now(), now()]
        self._announce()

    def _announce(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            video = re.fullmatch(r"/api/v1/cameras/([^/]+)/live", scope["path"])
            keys = b"frames=keys" in scope["query_string"]
            await (self._video(video[1], send, keys=keys) if video else self._live(receive, send))
        else:
            await self._http(scope, receive, send)

    # -- HTTP

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        path = scope["path"]
        if not path.startswith("/api/v1/"):
            await self._file(path, send)
            return
        query = parse_qs(scope["query_string"].decode())
        if path.endswith("/playback.mp4"):
            start, end = int(query["start"][0]), int(query["end"][0])
            began = b"x-sitewarden-start", str(end if "direction" in query else start).encode()
            await self._reply(send, 200, film(max(1, (end - start) // 1_000_000)), 'video/mp4; codecs="avc1.42C01E"', began)
            return
        code, answer = self._answer(scope["method"], path.removeprefix("/api/v1"), query, json.loads(body) if body else None)
        text = isinstance(answer, str)
        if isinstance(answer, bytes):
            await self._reply(send, code, answer, "image/jpeg")
            return
        kind = "text/plain" if text else "application/problem+json" if code >= 400 else "application/json"
        await self._reply(send, code, (answer.encode() if text else json.dumps(answer).encode()) if code != 204 else b"", kind)

    async def _reply(self, send: Send, code: int, body: bytes, kind: str, *headers: tuple[bytes, bytes]) -> None:
        await send({"type": "http.response.start", "status": code, "headers": [(b"content-type", kind.encode()), *headers]})
        await send({"type": "http.response.body", "body": body})

    async def _file(self, path: str, send: Send) -> None:
        file = STATIC / path.lstrip("/")
        if not file.is_file():
            file = STATIC / "index.html"
        await self._reply(send, 200, file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    def _session(self) -> dict[str, Any]:
        return {
            "user": {"id": "admin", "name": "Ada Lovelace", "language": "en"},
            "grants": [{"action": "*", "selector": "*"}],
            "site": {"name": "Sitewarden demo", "timezone": "Europe/Berlin", "demo": self.demo},
            "version": "0.1.0",
            "expires": None,
        }

    def _answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if path == "/session":
            return self._sign(method, body)
        if not self.signed_in:
            return self._problem(401, "unauthenticated", "Nobody is signed in.", "Sign in.")
        if path == "/events":
            return 200, self._events(query)
        if path == "/events/counts":
            return 200, self._counts(query)
        if path == "/backups":
            return 200, backups()
        if path == "/status":
            return 200, {"items": list(self.statuses.values())}
        if path == "/system":
            return 200, system(len(self.events))
        if path == "/network/ports":
            return 200, {"node": "server", "items": ports()}
        if path == "/network/ports/export":
            return 200, "table inet sitewarden {\n  chain input {\n    tcp dport 8600 accept\n  }\n}\n"
        if path == "/network/doctor":
            code, found = self.doctor
            if query.get("max_age", ["0"]) == ["0"] and code == 200:
                self.doctor = (200, findings(mended=True))
                return self.doctor
            return code, found
        if path == "/network/probes":
            return 200, {"items": self.probes}
        if path == "/network/devices":
            return 200, self.found
        if path == "/network/search":
            if self.found["search"]["running"]:
                return self._problem(
                    409, "conflict", "a search runs already", "Wait until it ends; its results are for everyone."
                )
            self.found = {**self.found, "search": {**IDLE_SEARCH, "running": True, "ended": None}}
            return 202, self.found["search"]
        if added := re.fullmatch(r"/network/devices/([^/]+)/add", path):
            return self._add(added[1], body)
        if path == "/network/servers":
            return 200, self.servers
        if registered := re.fullmatch(r"/network/servers/([^/]+)/register", path):
            return self._register(registered[1], body)
        if path == "/audit":
            return 200, {"items": [], "next": None}
        if path == "/controllers/limits":
            return 200, {"items": []}
        if re.fullmatch(r"/(doors|credential-holders)/([^/]+)/rights", path):
            return 200, {"items": [], "total": 0, "version": 12, "time": now()}
        if path == "/controllers/pending":
            asking = {"id": "yard", "name": "sitewarden controller", "remote": "10.1.0.44", "label": "7K3Q", "since": now()}
            known = asking | {"id": "annex", "label": "JF6Q", "code_set": True}
            return 200, {"items": [asking | {"code_set": False}, known]}
        if path == "/site":
            return 200, entity("site", "Sitewarden demo", timezone="Europe/Berlin", demo=self.demo)
        if path == "/setup/finish":
            self.demo = False
            return 200, entity("site", body["site_name"], timezone=body["timezone"], demo=False)
        if re.fullmatch(r"/(endpoints|devices)/([^/]+)/browse", path):
            return 200, self.browsed
        if path == "/zones":
            return 200, {"items": [one["zone"] for one in zones(fire=self.burning)]}
        if found := re.fullmatch(r"/zones/([^/]+)/([^/]+)", path):
            return 200, next(
                one for one in zones(fire=self.burning) if (one["zone"]["kind"], one["zone"]["id"]) == found.groups()
            )
        if found := re.fullmatch(r"/zones/([^/]+)/([^/]+)/(forgive|reset|arm|disarm)", path):
            return 200, next(one for one in zones() if one["zone"]["id"] == found[2])["zone"]
        if path == "/muster":
            return 200, roll_call()
        if path == "/doors/commands":
            return 200, self._command_doors(body)
        if found := re.fullmatch(r"/doors/([^/]+)/commands", path):
            self.commands.append({"door": found[1], **body})
            if body["command"] == "lockdown":
                return self._problem(503, "unreachable", "The controller does not answer.", "Check its cable, then try again.")
            return 200, {"id": "c1", "value": {}}
        if found := re.fullmatch(r"/points/([^/]+)/value", path):
            old = self.values[found[1]][1]
            new = body["value"]
            if new is not None:
                self.set_value(found[1], new)
            rank = body.get("priority")
            return 200, {"id": "w1", "old": old, "new": new, "read_back": old if new is None else new, "priority": rank}
        if found := re.fullmatch(r"/points/([^/]+)/writing", path):
            return 200, {"priorities": True}
        if path == "/history":
            self.asked.append(query)
            return 200, series(query, {one["id"]: one for one in self.documents["points"]})
        if path == "/multicast":
            return 200, {"group": "225.5.10.1", "items": list(self.multicast.values())}
        if path == "/cameras/files":
            film = {"name": "lobby/night.mp4", "bytes": 48_000_000, "changed": now()}
            return 200, {"allowed": True, "more": False, "items": [film, {**film, "name": "parcel thief.mkv"}]}
        if found := re.fullmatch(r"/cameras/([^/]+)/publishing", path):
            place = {"port": 1935, "path": f"/live/{found[1]}", "tls": True, "plain_networks": []}
            return 200, place | {"publishes": True, "open": True, "key_set": True}
        if found := re.fullmatch(r"/cameras/([^/]+)/rtsp", path):
            path = f"/cameras/{found[1]}"
            doors = [{"scheme": "rtsps", "port": 322, "open": True}, {"scheme": "rtsp", "port": 554, "open": False}]
            recorded = path + "/recorded?start={start}&end={end}"
            return 200, {"enabled": True, "doors": doors, "udp": True, "live": f"{path}/live", "recorded": recorded}
        if found := re.fullmatch(r"/cameras/([^/]+)/multicast", path):
            return self._multicast(method, found[1], query, body)
        if re.fullmatch(r"/cameras/([^/]+)/(snapshot|thumbnail)", path):
            return 200, still(int(query.get("width", ["640"])[0]))
        if re.fullmatch(r"/cameras/([^/]+)/recordings", path):
            t = now() // 60_000_000 * 60_000_000
            return 200, {
                "items": [
                    {"start": t - (n + 1) * 60_000_000, "end": t - n * 60_000_000, "bytes": 1, "segment": str(n)}
                    for n in range(60)
                    if n not in (7, 8, 9, 25)
                ],
                "gaps": [
                    {
                        "camera": "cam-0",
                        "start": t - 10 * 60_000_000,
                        "end": t - 7 * 60_000_000,
                        "reason": "camera-lost",
                        "detail": "no answer from 10.0.0.3:554",
                    },
                    {
                        "camera": "cam-0",
                        "start": t - 26 * 60_000_000,
                        "end": t - 25 * 60_000_000,
                        "reason": "privacy",
                        "detail": "",
                    },
                ],
                "locks": LOCKS,
                "filled": [{"start": t - 20 * 60_000_000, "end": t - 17 * 60_000_000}],
                "fills": self.fills,
            }
        if found := re.fullmatch(r"/cameras/([^/]+)/health", path):
            return 200, camera_health(found[1])
        if path == "/exports":
            return 200, {"items": exports()}
        if found := re.fullmatch(r"/exports/([^/]+)/cancel", path):
            return 200, exports()[0]
        if path == "/recording-locks":
            return 200, {"items": LOCKS if query.get("camera", ["cam-0"])[0] == "cam-0" else []}
        if path == "/storage":
            return 200, storage(self.documents["cameras"])
        if filled := re.fullmatch(r"/cameras/([^/]+)/fill", path):
            fill = {"id": "1", "camera": filled[1], "start": body["start"], "end": body["end"], "by": "user:admin"}
            self.fills = [{**fill, "state": "waiting", "tries": 0, "detail": "", "filled": 0}]
            return 200, {"items": self.fills}
        if re.fullmatch(r"/cameras/([^/]+)/(record|privacy|locks)", path):
            return 200, {}
        return self._entities(method, path, query, body)

    def find(self, *names: str, problems: tuple[str, ...] = ()) -> None:
        """End the search with these of the made-up devices."""
        items = [device for device in found_devices() if device["name"] in names]
        self.found = {"search": {**IDLE_SEARCH, "problems": problems}, "items": items}

    def _multicast(self, method: str, camera: str, query: Any, body: Any) -> tuple[int, Any]:
        if method == "DELETE":
            self.multicast.pop((camera, query["form"][0]), None)
            return 204, None
        port = 1025 + len(self.multicast)
        scheme = "rtp" if body["form"] == "rtp" else "udp"
        stream = {
            "camera": camera,
            "stream": "main",
            "name": camera.title(),
            "form": body["form"],
            "group": "225.5.10.1",
            "port": port,
            "ttl": 1,
        }
        stream |= {"address": f"{scheme}://@225.5.10.1:{port}", "sdp": "v=0", "holders": 1, "bytes": 1, "dropped": 0}
        self.multicast[camera, body["form"]] = {**stream, "until": now() + body["seconds"] * 1_000_000}
        return 200, self.multicast[camera, body["form"]]

    def _add(self, id_: str, body: Any) -> tuple[int, Any]:
        device = next(device for device in self.found["items"] if device["id"] == id_)
        if "password" in body["name"]:
            return self._problem(409, "conflict", "The camera exists already.", "Take another name.")
        made = entity(re.sub(r"[^a-z0-9]+", "-", body["name"].lower()), **body)
        self.documents["cameras"].append(made)
        device["site"] = [f"camera:{made['id']}"]
        return 201, {"entity": device["site"][0], "next": "Watch whether it delivers video."}

    def announce(self) -> None:
        """Hear the made-up servers, one of which uses the media group of this one."""
        self.servers = found_servers()
        detail = "Harbour north (10.0.0.7) sends its live multicast to 225.5.10.1 too: set multicast_group to 225.5.10.2"
        told = {"ref": "node:server", "state": "degraded", "detail": detail, "since": now() - 60_000_000}
        self.statuses["node:server"] = {**told, "data": {"collisions": self.servers["collisions"]}}
        self._announce()

    def _register(self, id_: str, body: Any) -> tuple[int, Any]:
        server = next(server for server in self.servers["items"] if server["id"] == id_)
        if server["reach"] != "reachable":
            what = f"{server['name']} cannot be registered: {server['reach_detail']}."
            return self._problem(503, "unreachable", what, f"Open TCP {server['ports'][0]['number']} from here.")
        self.registered.append(body)
        made = entity(
            re.sub(r"[^a-z0-9]+", "-", body["name"].lower()), body["name"], role=body["role"], address=server["address"]
        )
        self.documents["nodes"].append(made)
        server["registered"], server["trust"] = [f"node:{made['id']}"], "registered"
        return 201, {"entity": server["registered"][0], "next": "It is watched from now on."}

    def _entities(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        found = re.fullmatch(r"/([a-z-]+)(?:/([^/]+))?", path)
        if not found or found[1] not in self.documents:
            return self._problem(404, "not-found", f"There is no {path}.", "Check the address.")
        items = self.documents[found[1]]
        if found[2] is None and method == "POST":
            name = body.pop("name")
            made = entity(body.pop("id", re.sub(r"[^a-z0-9]+", "-", name.lower())), name, **body)
            items.append(made)
            return 201, made | ({"token": "swt_0123456789"} if found[1] == "tokens" else {})
        if found[2] is None:
            q = query.get("q", [""])[0].lower()
            keep = [
                i
                for i in items
                if q in f"{i['name']} {i['id']}".lower()
                and all(
                    i.get(k) == v[0]
                    for k, v in query.items()
                    if k in ("door", "camera", "device", "controller", "endpoint", "area")
                )
            ]
            offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["100"])[0])
            return 200, {"items": keep[offset : offset + limit], "total": len(keep)}
        for item in items:
            if item["id"] == found[2]:
                if method == "DELETE":
                    items.remove(item)
                    return 204, None
                item.update(body or {})
                return 200, item
        return self._problem(404, "not-found", f"There is no {found[1]} {found[2]}.", "Look for it by its name.")

    def _sign(self, method: str, body: Any) -> tuple[int, Any]:
        if method == "POST":
            if body["password"] != "secret":
                return self._problem(
                    401, "unauthenticated", "User name or password is wrong.", "Try again; mind capital letters."
                )
            self.signed_in = True
        elif method == "DELETE":
            self.signed_in = False
            return 204, None
        return (
            (200, self._session())
            if self.signed_in
            else self._problem(401, "unauthenticated", "Nobody is signed in.", "Sign in.")
        )

    def _command_doors(self, body: dict[str, Any]) -> dict[str, Any]:
        self.commands.append(body)
        doors = [
            {"door": one["id"], "name": one["name"], "outcome": "done", "mode": "locked-down", "what": "", "remedy": ""}
            for one in self.documents["doors"]
        ]
        doors[0] |= {
            "outcome": "not-reached",
            "mode": "",
            "what": "Controller Yard is not connected.",
            "remedy": "Check its power.",
        }
        doors[1] |= {"outcome": "refused", "mode": "", "what": "the door is locked open", "remedy": "End that first."}
        done = len(doors) - 2
        return {"id": "m", "seconds": 0.04, "done": done, "total": len(doors), "doors": doors, "area": None} | {
            "command": body["command"]
        }

    def _problem(self, code: int, name: str, what: str, remedy: str) -> tuple[int, Any]:
        return code, {
            "type": f"urn:sitewarden:error:{name}",
            "title": name,
            "status": code,
            "detail": what,
            "where": "",
            "remedy": remedy,
        }

    def _matches(self, stored: dict[str, Any], types: list[str], entities: list[str], severity: int, q: str = "") -> bool:
        event = stored["event"]
        typed = not types or any(event["type"] == t or (t.endswith("*") and event["type"].startswith(t[:-1])) for t in types)
        touched = not entities or event["entity"] in entities or any(r in entities for r in event["related"])
        return typed and touched and event["severity"] >= severity and q.lower() in event["text"].lower()

    def _counts(self, query: dict[str, list[str]]) -> dict[str, Any]:
        first = int(query.get("start", [str(min((e["event"]["time"] for e in self.events), default=0))])[0])
        last = int(query.get("end", [str(max((e["event"]["time"] for e in self.events), default=0) + 1)])[0])
        step = max(1, -(-(last - first) // 60))
        by_type = query.get("by") == ["type"]
        columns: dict[str, list[int]] = {} if by_type else {str(level): [0] * 60 for level in range(4)}
        for e in self.events:
            event = e["event"]
            if first <= event["time"] < first + 60 * step and self._matches(e, query.get("type", []), query.get("entity", []), 0):
                column = columns.setdefault(event["type"] if by_type else str(event["severity"]), [0] * 60)
                column[(event["time"] - first) // step] += 1
        return {
            "start": first,
            "end": first + 60 * step,
            "step": step,
            "series": [{"name": name, "counts": counts} for name, counts in columns.items()],
            "total": sum(map(sum, columns.values())),
            "reached": None,
        }

    def _events(self, query: dict[str, list[str]]) -> dict[str, Any]:
        before = int(query.get("before", [str(1 << 60)])[0])
        after, start, end = (int(query.get(name, [str(low)])[0]) for name, low in (("after", -1), ("start", 0), ("end", 1 << 60)))
        found = [
            e
            for e in self.events
            if after < e["seq"] < before
            and start <= e["event"]["time"] < end
            and self._matches(
                e, query.get("type", []), query.get("entity", []), int(query.get("severity", ["0"])[0]), query.get("q", [""])[0]
            )
        ]
        limit = int(query.get("limit", ["100"])[0])
        items = (found if after >= 0 else found[::-1])[:limit]
        return {"items": items, "next": items[-1]["seq"] if len(found) > limit else None, "searched": None}

    # -- WebSockets

    async def _live(self, receive: Receive, send: Send) -> None:
        wishes: dict[str, dict[str, Any]] = {}
        sent: dict[str, Any] = {}

        async def push() -> None:
            while True:
                changed = self.changed
                for id_, wish in list(wishes.items()):
                    if message := self._news(id_, wish, sent):
                        await send({"type": "websocket.send", "text": json.dumps({"id": id_, **message})})
                await asyncio.wait(
                    [asyncio.ensure_future(changed.wait()), asyncio.ensure_future(woken.wait())],
                    return_when=asyncio.FIRST_COMPLETED,
                    timeout=1,
                )
                woken.clear()

        woken = asyncio.Event()
        pusher = asyncio.create_task(push())
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                wish = json.loads(message["text"])
                if wish["op"] == "subscribe":
                    wishes[wish["id"]] = wish
                else:
                    wishes.pop(wish["id"], None)
                    sent.pop(wish["id"], None)
                woken.set()
        finally:
            pusher.cancel()

    def _news(self, id_: str, wish: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any] | None:
        filter_ = wish.get("filter") or {}
        if wish["topic"] == "events":
            after = sent.get(id_, wish.get("after"))
            sent[id_] = len(self.events)
            fresh = (
                [
                    e
                    for e in self.events[after:]
                    if self._matches(e, filter_.get("types") or [], filter_.get("entities") or [], filter_.get("severity") or 0)
                ]
                if after is not None
                else []
            )
            return {"events": fresh, "cursor": len(self.events)} if fresh else None
        if wish["topic"] == "network":
            return {"ledger": self.ledger}
        table = (
            self.statuses
            if wish["topic"] == "status"
            else {p: self.values[p] for p in filter_.get("points", self.values) if p in self.values}
        )
        held = sent.setdefault(id_, {})
        fresh = [v for k, v in table.items() if held.get(k) is not v]
        held.update(table)
        if not fresh:
            return None
        return {"statuses": fresh} if wish["topic"] == "status" else {"values": fresh}

    async def _video(self, camera: str, send: Send, *, keys: bool) -> None:
        if self.statuses.get(f"camera:{camera}", {}).get("state") != "online":
            await send({"type": "websocket.close", "code": 4503})
            return
        async for part in live_fragments(keys=keys):
            key = "text" if isinstance(part, str) else "bytes"
            await send({"type": "websocket.send", key: part})
