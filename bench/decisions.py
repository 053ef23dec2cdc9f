"""The decision engine by itself: a million credentials compiled, held, asked and changed."""

from __future__ import annotations

import gc
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.harness import Row, percentile, workspace
from sim.demo_access import OFFICE_HOURS
from sitewarden.domain.access.calendars import Calendar
from sitewarden.domain.access.compiler import compile, credential_row
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.access.transitions import advance, facts_of
from sitewarden.domain.access.zone_state import Passed, ZoneState
from sitewarden.domain.access.zones import AntipassbackZone, OccupancyZone
from sitewarden.domain.clock import HOUR

TITLE = "decisions, one core, 1,000,000 credentials, 10,000 policies (pure engine, no I/O)"

CREDENTIALS: Final = 1_000_000
DOORS: Final = 1_000
PROFILES: Final = 200
SETS: Final = 2_000
"""Distinct sets of profiles that people have."""
BATCH: Final = 2_000
"""Requests made at once: a request has only just come when it is decided, the credential has not been looked at for long."""
NOW: Final = 1_790_000_000_000_000
"""A Monday afternoon in September 2026."""


class Site:
    """The entities, drawn once."""

    def __init__(self) -> None:
        self.draw = draw = random.Random(7)
        self.opened = {f"p{n}": [f"a{point}" for point in draw.sample(range(DOORS), 10_000 // PROFILES)] for n in range(PROFILES)}
        self.sets = [tuple(f"p{draw.randrange(PROFILES)}" for _ in range(3)) for _ in range(SETS)]
        self.set_of = [draw.randrange(SETS) for _ in range(CREDENTIALS)]

    def tables(self) -> dict[str, Any]:
        """All but people. The first hundred doors lead into a zone, the rest stay outside."""
        schedule = {name: f"s{self.draw.randrange(20)}" for name in self.opened}
        return {
            "controllers": [Controller(id="c", name="C")],
            "areas": [Area(id="inside", name="Inside")],
            "doors": [Door(id=f"d{n}", name=f"D{n}", controller="c") for n in range(DOORS)],
            "access_points": [
                AccessPoint(id=f"a{n}", name=f"A{n}", door=f"d{n}", area_to="inside" if n < 100 else None) for n in range(DOORS)
            ],
            "schedules": [Schedule(id=f"s{n}", name=f"S{n}", icalendar=OFFICE_HOURS if n else "") for n in range(20)],
            "profiles": [
                AccessProfile(
                    id=name,
                    name=name,
                    policies=tuple(AccessPolicy(schedule=schedule[name], access_point=point) for point in points),
                )
                for name, points in self.opened.items()
            ],
        }

    def people(self) -> dict[str, Any]:
        """One holder and one card each."""
        links = [tuple(CredentialProfile(profile=name) for name in names) for names in self.sets]
        return {
            "holders": [CredentialHolder(id=f"h{n}", name=f"H{n}") for n in range(CREDENTIALS)],
            "credentials": [
                Credential(id=f"k{n}", name=f"K{n}", holder=f"h{n}", card=f"26:{n:x}", profiles=links[self.set_of[n]])
                for n in range(CREDENTIALS)
            ],
        }

    def requests(self, *, zone: bool) -> Iterator[tuple[Request, int]]:
        """Yield requests of those who may pass, at doors in the zone or outside of it."""
        draw = self.draw
        while True:
            n = draw.randrange(CREDENTIALS)
            point = draw.choice(self.opened[draw.choice(self.sets[self.set_of[n]])])
            if (int(point[1:]) < 100) is zone:
                yield Request(access_point=point, card=f"26:{n:x}"), NOW + draw.randrange(HOUR)

    def refused(self) -> Iterator[tuple[Request, int]]:
        """Yield requests of cards that are not known, and of people where they have no right."""
        draw = self.draw
        while True:
            n = draw.randrange(CREDENTIALS)
            known = draw.random() < 0.5
            opened = {point for name in self.sets[self.set_of[n]] for point in self.opened[name]}
            point = f"a{draw.randrange(100, DOORS)}"
            if point not in opened:
                yield Request(access_point=point, card=f"26:{n if known else n + CREDENTIALS:x}"), NOW


def rate(requests: Iterator[tuple[Request, int]], decide_one: Callable[[Request, int], Any], count: int) -> float:
    """Return how many a second of the processor's time, without the making of the requests."""
    taken = 0.0
    for _ in range(count // BATCH):
        batch = [next(requests) for _ in range(BATCH)]
        started = time.process_time()
        for request, now in batch:
            decide_one(request, now)
        taken += time.process_time() - started
    return count / taken


def sqlite_plain(site: Site, tables: dict[str, Any]) -> Callable[[Request, int], bool]:
    """Return the plain alternative: the same rows in SQLite, in memory, indexed, one query a decision."""
    database = sqlite3.connect(":memory:")
    database.executescript(
        "CREATE TABLE credential (card TEXT PRIMARY KEY, id TEXT, holder TEXT, enabled INT, begin INT, end INT, bundle INT)"
        " WITHOUT ROWID; CREATE TABLE link (bundle INT, profile TEXT, PRIMARY KEY (bundle, profile)) WITHOUT ROWID;"
        "CREATE TABLE policy (profile TEXT, point TEXT, schedule TEXT, PRIMARY KEY (profile, point)) WITHOUT ROWID"
    )
    database.executemany(
        "INSERT INTO credential VALUES (?, ?, ?, 1, 0, ?, ?)",
        ((f"26:{n:x}", f"k{n}", f"h{n}", 1 << 62, site.set_of[n]) for n in range(CREDENTIALS)),
    )
    database.executemany(
        "INSERT OR IGNORE INTO link VALUES (?, ?)", ((n, name) for n, names in enumerate(site.sets) for name in names)
    )
    database.executemany(
        "INSERT INTO policy VALUES (?, ?, ?)",
        ((one.id, policy.access_point, policy.schedule) for one in tables["profiles"] for policy in one.policies),
    )
    calendars = {one.id: Calendar(parse_schedule(one.icalendar, "Europe/Berlin")) for one in tables["schedules"]}
    query = (
        "SELECT c.id, c.holder, p.profile, p.schedule FROM credential c JOIN link l ON l.bundle = c.bundle"
        " JOIN policy p ON p.profile = l.profile AND p.point = ?"
        " WHERE c.card = ? AND c.enabled AND c.begin <= ? AND c.end > ?"
    )

    def ask(request: Request, now: int) -> bool:
        rows = database.execute(query, (request.access_point, request.card, now, now)).fetchall()
        return any(calendars[schedule].holds(now) for _, _, _, schedule in rows)

    return ask


def run() -> list[Row]:
    """Measure all."""
    site = Site()
    tables, people = site.tables(), site.people()
    gc.collect()
    gc.freeze()
    before = resident()
    started = time.process_time()
    rules = Rules(compile(version=1, zone="Europe/Berlin", **tables, **people))
    compiled = time.process_time() - started
    beside = resident() - before
    started = time.process_time()
    assert rules.digest
    digested = time.process_time() - started
    packed = rules.packed()
    rows = [
        Row(name="compiled and loaded", value=compiled, unit="s", better="lower", note="processor time"),
        Row(
            name="held in memory, server",
            value=beside,
            unit="MB",
            better="lower",
            note="growth of the process that has the entities, whose texts it shares",
        ),
        Row(name="digest, once", value=digested, unit="s", better="lower", note="kept up from then on"),
        Row(name="as it travels", value=len(packed.data) / 1e6, unit="MB", better="lower", note="compressed"),
    ]
    with workspace("decisions") as folder:
        (folder / "rules").write_bytes(packed.data)
        held, loaded = held_by_a_controller(folder / "rules")
    rows += [
        Row(
            name="held in memory, controller",
            value=held,
            unit="MB",
            better="lower",
            note="growth of a process that unpacked it, with what reading it took and left to the allocator",
        ),
        Row(name="unpacked and loaded", value=loaded, unit="s", better="lower", note="processor time"),
    ]
    rows.append(
        Row(
            name="the interpreter itself",
            value=loop_step(),
            unit="ns",
            better="lower",
            note="a step of `for i in range(n): x += i & 3` in this run, so that figures of two machines can be compared",
        )
    )
    rows += asked(site, rules, tables)
    rows += changed(rules, people["credentials"])
    return rows


def resident() -> float:
    """Return megabytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def loop_step() -> float:
    """Return nanoseconds of processor time a step of a loop takes, so that figures of two machines can be compared."""
    count, x = 3_000_000, 0
    started = time.process_time()
    for i in range(count):
        x += i & 3
    return (time.process_time() - started) / count * 1e9


def asked(site: Site, rules: Rules, tables: dict[str, Any]) -> list[Row]:
    """Ask, with and without zones."""
    door = DoorContext()

    def plain(request: Request, now: int) -> Decision:
        return decide(rules, request, door, now, "server")

    rate(site.requests(zone=False), plain, 100_000)
    granted = rate(site.requests(zone=False), plain, 200_000)
    refused = rate(site.refused(), plain, 100_000)
    single = []
    for request, now in (pair for pair, _ in zip(site.requests(zone=False), range(50_000), strict=False)):
        begun = time.perf_counter()
        decide(rules, request, door, now, "server")
        single.append((time.perf_counter() - begun) * 1e6)
    sqlite = rate(site.requests(zone=False), sqlite_plain(site, tables), 40_000)
    zoned = Rules(
        compile(
            version=1,
            zone="Europe/Berlin",
            zones=[
                AntipassbackZone(id="z", name="Z", areas=("inside",), reset_after=1.0),
                OccupancyZone(id="z", name="Z", areas=("inside",), limit=1_000_000),
            ],
            **tables,
            holders=[CredentialHolder(id=f"h{n}", name="H") for n in range(100_000)],
            credentials=[
                Credential(id=f"k{n}", name="K", holder=f"h{n}", card=f"26:{n:x}", profiles=(CredentialProfile(profile="p0"),))
                for n in range(100_000)
            ],
        )
    )
    into = [point for point in site.opened["p0"] if int(point[1:]) < 100]
    state = ZoneState()

    def with_zones(request: Request, now: int) -> None:
        nonlocal state
        decision = decide(zoned, request, door, now, "server", state)
        for fact in facts_of(request, decision, now):
            state = advance(zoned, state, fact)
        if decision.granted:
            state = advance(zoned, state, Passed(request.access_point, (decision.holder,), now))

    def at_zones() -> Iterator[tuple[Request, int]]:
        now = NOW
        while True:
            now += 100_000
            yield Request(access_point=site.draw.choice(into), card=f"26:{site.draw.randrange(100_000):x}"), now

    passages = rate(at_zones(), with_zones, 20_000)
    return [
        Row(
            name="decisions, granted",
            value=granted,
            unit="1/s",
            plain=sqlite,
            plain_name="one SQLite query a decision, in memory;",
            note="a second of processor time; each with its explanation; 2,000 sets of profiles, 20 schedules",
        ),
        Row(name="decisions, refused", value=refused, unit="1/s", note="half unknown cards, half without a right"),
        Row(name="one decision, p99", value=percentile(single, 0.99), unit="µs", better="lower", note="wall clock"),
        Row(
            name="passages through two zones",
            value=passages,
            unit="1/s",
            note="decision, grant and passage told to anti-passback and occupancy; 100,000 holders",
        ),
    ]


def changed(rules: Rules, credentials: list[Credential]) -> list[Row]:
    """Change one credential at a time."""
    made, applied = [], []
    for number in range(500):
        row = credential_row(msgspec.structs.replace(credentials[number * 1999], enabled=bool(number % 2)))
        begun = time.perf_counter()
        delta = rules.delta(number + 2, credentials=[row])
        between = time.perf_counter()
        rules.apply(delta)
        made.append((between - begun) * 1000)
        applied.append((time.perf_counter() - between) * 1000)
    return [
        Row(name="delta of one credential made, p50", value=percentile(made, 0.5), unit="ms", better="lower", note="wall clock"),
        Row(name="delta of one credential applied, p50", value=percentile(applied, 0.5), unit="ms", better="lower"),
        Row(name="delta of one credential applied, p99", value=percentile(applied, 0.99), unit="ms", better="lower"),
    ]


_CHILD: Final = """
import sys, time
from pathlib import Path
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.packing import unpack
page = 4096
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * page / 1e6
before, data = resident(), Path(sys.argv[1]).read_bytes()
started = time.process_time()
rules = Rules(unpack(data))
taken = time.process_time() - started
del data
print(resident() - before, taken)
"""


def held_by_a_controller(path: Path) -> tuple[float, float]:
    """Return megabytes that a process grows by which unpacks and loads the rules, and the seconds that it takes."""
    said = subprocess.run([sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=True)
    held, taken = said.stdout.split()
    return float(held), float(taken)
