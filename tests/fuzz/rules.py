"""Any packed snapshot is refused with a sentence, or decides without failing."""

from __future__ import annotations

import zlib

from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, Door
from sitewarden.domain.access.packing import pack, unpack
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.errors import Invalid

_OFFICE = "BEGIN:VEVENT\nDTSTART:20260105T080000\nDURATION:PT9H\nRRULE:FREQ=WEEKLY;BYDAY=MO\nEND:VEVENT\n"
_SITE = compile(
    version=1,
    zone="Europe/Berlin",
    doors=[Door(id="d", name="D", controller="c")],
    access_points=[AccessPoint(id="a", name="A", door="d")],
    schedules=[Schedule(id="s", name="S", icalendar=_OFFICE)],
    profiles=[AccessProfile(id="p", name="P", policies=(AccessPolicy(schedule="s", access_point="a"),))],
    holders=[CredentialHolder(id="h", name="H")],
    credentials=[Credential(id="k", name="K", holder="h", card="26:1", profiles=(CredentialProfile(profile="p"),))],
)
SEEDS = [zlib.decompress(pack(_SITE, "").data)]


def check(data: bytes) -> None:
    try:
        rules = Rules(unpack(zlib.compress(data, 1)))
    except Invalid as refusal:
        assert refusal.what
        return
    decide(rules, Request(access_point="a", card="26:1"), DoorContext(), 1_790_000_000_000_000)
