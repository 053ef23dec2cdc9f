"""Commands of the integration API, each through the same operations as everybody else's."""

from __future__ import annotations

import base64
import platform
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from sitewarden import __version__
from sitewarden.api.core import Core
from sitewarden.api.digifort.arguments import chosen, fits, truth
from sitewarden.api.digifort.replies import Fields, Many, One, Value
from sitewarden.domain.clock import SECOND, Clock, to_datetime
from sitewarden.domain.identity.grants import rights
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.identity import Nothing, SessionInfo

API_VERSION: Final = (1, 10, 0)
_NAMESPACE: Final = uuid.UUID("6f0a3b52-7c1d-5e8e-9d5a-3a3c1b5f9e10")
_NO_DUID: Final = "00000000-0000-0000-0000-000000000000"
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks what."""

    core: Core
    clock: Clock
    started: int
    given: dict[str, str]
    shown: Credentials
    remote: str

    async def ask(self, operation: str, **parameters: Any) -> Any:
        """Run an operation for the caller; return its result as plain data."""
        answer = await self.core.invoke(operation, parameters, self.shown, remote=self.remote, form="msgpack")
        return msgspec.msgpack.decode(answer.body)

    async def session(self) -> SessionInfo:
        """Return who asks, and the site."""
        answer = await self.core.invoke("session.get", Nothing(), self.shown, remote=self.remote, form="msgpack")
        return msgspec.msgpack.decode(answer.body, type=SessionInfo)

    async def all(self, kind: str) -> list[dict[str, Any]]:
        """Return all entities of a kind that the caller may see."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.ask(f"{kind}.list", limit=_PAGE, offset=len(found), sort="name")
            found += page["items"]
            if len(found) >= page["total"] or not page["items"]:
                return found


async def api_version(request: Request) -> One:
    """GetAPIVersion."""
    await request.session()
    major, minor, fix = API_VERSION
    return One(
        "ApiVersion",
        {
            "Name": "Sitewarden HTTP API Server",
            "Version": f"{major}.{minor}.{fix}",
            "Edition": "ENTERPRISE",
            "Major": major,
            "Minor": minor,
            "BugFix": fix,
        },
    )


async def server_info(request: Request) -> One:
    """Server/GetInfo; times are the site's wall clock."""
    session = await request.session()
    now = request.clock.now()
    utc = to_datetime(now)
    local = utc.astimezone(ZoneInfo(session.site.timezone))
    json = request.given.get("responseformat", "").strip().lower() == "json"
    return One(
        "Info",
        {
            "Edition": "ENTERPRISE",
            "Version": _four(__version__),
            "ReleaseType": "Final",
            "Platform": platform.machine(),
            "UpTime": (now - request.started) // SECOND,
            "Date": f"{local:%Y.%m.%d}",
            "Time": f"{local:%H.%M.%S}.{local.microsecond // 1000:03d}",
            "DateTime": _timestamp(local, json),
            "UTCDateTime": _timestamp(utc, json),
            "ServerType": "MASTER",
        },
    )


async def cameras(request: Request) -> Many:
    """Cameras/GetCameras. Addresses are only for those who may register cameras."""
    addresses = rights((await request.session()).grants).any("camera.update")
    mask = request.given.get("cameras")
    return Many(
        "Cameras",
        "Camera",
        [
            _only(_camera(camera, addresses), chosen(request.given), always=())
            for camera in await request.all("camera")
            if fits(mask, camera["name"])
        ],
    )


async def camera_status(request: Request) -> Many:
    """Cameras/GetStatus: of its fields those that are known here."""
    mask, wanted = request.given.get("cameras"), chosen(request.given)
    active, working = truth(request.given, "Active"), truth(request.given, "Working")
    now = request.clock.now()
    items = []
    for camera in await request.all("camera"):
        fields = _status(camera, now)
        if not fits(mask, camera["name"]):
            continue
        if active in (None, fields["Active"]) and working in (None, fields["Working"]):
            items.append(_only(fields, wanted, always=("name",)))
    return Many("Cameras", "Camera", items)


async def camera_groups(request: Request) -> Many:
    """Cameras/GetGroups: the areas of the site."""
    return Many(
        "Groups",
        "Group",
        [
            {"ID": _duid("area", area["id"]), "Name": area["name"], "Parent": _duid("area", area["area"])}
            for area in await request.all("area")
        ],
    )


COMMANDS: Final[dict[str, Callable[[Request], Awaitable[Many | One]]]] = {
    "/interface/getapiversion": api_version,
    "/interface/server/getversion": api_version,
    "/interface/server/getinfo": server_info,
    "/interface/cameras/getcameras": cameras,
    "/interface/cameras/getstatus": camera_status,
    "/interface/cameras/getgroups": camera_groups,
}
"""Lower-case path to command; paths are compared in any case."""


def _camera(camera: dict[str, Any], addresses: bool) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "Name": camera["name"],
        "Description": camera["description"],
        "Active": camera["enabled"],
        "Model": camera["driver"].upper(),
        "DeviceType": 1,
    }
    if addresses:
        url = urlsplit(camera["url"])
        fields |= {"ConnectionAddress": url.hostname or "", "ConnectionPort": _port(camera["url"])}
    return fields | {
        "Latitude": "0.000000",
        "Longitude": "0.000000",
        "Memo": base64.b64encode(camera["description"].encode()).decode(),
        "MediaProfiles": "Recording",
        "Group": _duid("area", camera["area"]),
    }


def _port(url: str) -> int:
    parts = urlsplit(url)
    try:
        given = parts.port
    except ValueError:
        given = None
    return given or (322 if parts.scheme == "rtsps" else 554)


def _status(camera: dict[str, Any], now: int) -> dict[str, Value]:
    status = camera["status"] or {}
    data = status.get("data") or {}
    working = camera["enabled"] and status.get("state") in ("online", "degraded")
    seconds = max(0, now - status["since"]) // SECOND if status else 0
    fields: dict[str, Value] = {
        "Name": camera["name"],
        "Active": camera["enabled"],
        "Working": working,
        "ActiveTime": seconds if working else 0,
        "InactiveTime": 0 if working else seconds,
        "ConfiguredToRecord": camera["record"],
        "WrittingToDisk": bool(data.get("recording", False)),
    }
    if isinstance(data.get("fps"), int | float):
        fields["RecordingFPS"] = round(data["fps"])
    return fields


def _only(fields: dict[str, Value], wanted: frozenset[str] | None, *, always: tuple[str, ...]) -> Fields:
    if wanted is None:
        return fields
    return {name: value for name, value in fields.items() if name.lower() in wanted or name.lower() in always}


def _duid(kind: str, id_: str | None) -> str:
    return _NO_DUID if id_ is None else str(uuid.uuid5(_NAMESPACE, f"{kind}:{id_}")).upper()


def _four(version: str) -> str:
    numbers = [part for part in version.replace("-", ".").split(".") if part.isdigit()]
    return ".".join([*numbers, "0", "0", "0", "0"][:4])


def _timestamp(moment: datetime, json: bool) -> str:
    text = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"
    # In JSON the clients expect this form of local times too, Z and all.
    return f"{text.replace(' ', 'T')}Z" if json else text
