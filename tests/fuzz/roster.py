"""Any bytes as a table of people are refused with what to do, or planned, and what is planned comes out and in unchanged."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sitewarden.domain.access.people import Credential
from sitewarden.domain.access.roster.fields import Known
from sitewarden.domain.access.roster.plan import plan
from sitewarden.domain.access.roster.reading import decoded, lines
from sitewarden.domain.access.roster.writing import table
from sitewarden.domain.errors import Refusal

SEEDS = [
    b"holder,name,groups,card,pin,profiles\nada,Ada,staff,26:1,4711,day|night@2026-01-01/\n",
    b'\xef\xbb\xbfHolder;Name;valid_to;kind;host\r\nada;\'=Ada;2026-03-28;visitor;bob\r\nbob;"B;ob";;;\r\n',
    b"name\tcustom:floor\tidentifiers\tcard\nAda B\t2\tface=1|licence-plate=B A 1\th10301:1:2\n",
    "holder,name\nada,Łukasz\n".encode("utf-16"),
]
ZONE = ZoneInfo("Europe/Berlin")
GROUPS, PROFILES = frozenset({"staff"}), frozenset({"day", "night"})


def check(data: bytes) -> None:
    site = Known({}, {}, GROUPS, PROFILES, frozenset(), {}, ZONE, b"k" * 32)
    try:
        made = plan(lines(decoded(data)), site, "merge")
    except Refusal as refusal:
        assert refusal.what
        assert refusal.remedy
        return
    assert all(error.what and error.line > 0 for error in made.errors)
    if made.errors:
        return
    by_holder: dict[str, list[Credential]] = {}
    for one in made.credentials.values():
        by_holder.setdefault(one.holder, []).append(one)
    text = "".join(table(list(made.holders.values()), by_holder, ZONE))
    known = Known(made.holders, made.credentials, GROUPS, PROFILES, frozenset(), {}, ZONE, b"k" * 32)
    again = plan(lines(text), known, "overwrite")
    assert not again.errors, again.errors
    assert not again.holders, again.holders
    assert not again.credentials, again.credentials
