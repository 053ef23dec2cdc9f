"""The PostgreSQL database, where the settings name one: whether it answers, how quickly, and what its server does not promise."""

from __future__ import annotations

import asyncio
import stat
import time
from pathlib import Path
from typing import Any, Final

from sitewarden.app.doctor.facts import Facts
from sitewarden.app.homes import server_of
from sitewarden.config import Settings
from sitewarden.config.database import is_postgres
from sitewarden.domain.errors import Refusal
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.surface.doctor import Finding

SLOW: Final = 0.020
"""Seconds of an answer past which the distance to the server slows each change."""
APART: Final = 2.0
"""Seconds that two clocks may differ."""


def check(facts: Facts) -> list[Finding]:
    """Ask the server for what it is."""
    if not is_postgres(facts.settings.database.url):
        return []
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        try:
            said, seconds = runner.run(ask(facts.settings))
        except Refusal as refusal:
            return [
                Finding(
                    level="error",
                    check="database",
                    what=str(refusal).removesuffix(refusal.remedy).strip(),
                    why="while it is away changes are refused, and events wait in a journal on this computer.",
                    remedy=refusal.remedy,
                )
            ]
    return judge(facts.settings, said, seconds, time.time())


async def ask(settings: Settings) -> tuple[dict[str, Any], float]:
    """Return what the server says of itself, and the seconds that a short answer takes."""
    from sitewarden.store.postgres.server import describe

    network = LocalNetwork(settings, "core")
    try:
        server = server_of(settings, network)
        connection = await server.connect()
        try:
            said = await describe(connection, server.where)
            begun = time.perf_counter()
            await connection.fetchval("SELECT 1")
            return said, time.perf_counter() - begun
        finally:
            await connection.close()
    finally:
        await network.close()


def judge(settings: Settings, said: dict[str, Any], seconds: float, now: float) -> list[Finding]:
    """Return the findings about a server that answered within `seconds`; `now` is this computer's clock, in seconds."""
    found: list[Finding] = []

    def warn(what: str, why: str, remedy: str) -> None:
        found.append(Finding(level="warning", check="database", what=what, why=why, remedy=remedy))

    for name in ("fsync", "full_page_writes"):
        if said[name] == "off":
            warn(
                f"the database server runs with {name} = off",
                "what it confirms can be lost when its computer loses power.",
                f"Set {name} = on in its postgresql.conf.",
            )
    if seconds > SLOW:
        warn(
            f"the database server answers after {seconds * 1000:.0f} ms",
            "each change of the site waits that long, several times over.",
            "Put it in the same building, or find what slows the network.",
        )
    apart = abs(said["now"] / 1_000_000 - now)
    if apart > APART:
        warn(
            f"the database server's clock is {apart:.0f} s away from this computer's",
            "its log and this site's cannot be read side by side.",
            "Let both take their time from one NTP server.",
        )
    if settings.database.tls == "require":
        warn(
            "the database server's certificate is not looked at",
            "who sits in between can read and change everything.",
            'Set database.tls = "verify-full", with database.ca.',
        )
    file = Path(settings.database.password_file) if settings.database.password_file else None
    if file is not None and file.exists() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        warn(
            f"others may read {file}",
            "it holds the password of the database.",
            f"chmod 600 {file}",
        )
    size = said["size"] / 1_000_000
    if not found:
        tls = said["tls"] or "no TLS, on this computer"
        what = f"PostgreSQL {said['version']} answers after {seconds * 1000:.1f} ms and holds {size:,.0f} MB ({tls})"
        found.append(Finding(level="ok", check="database", what=what))
    return found
