"""The verb: core examines its machine where it runs; where it does not, this process does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sitewarden.app import show
from sitewarden.app.doctor.examine import examine
from sitewarden.app.doctor.facts import Facts, running
from sitewarden.app.local import Ask, with_platform
from sitewarden.app.places import Places
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Refusal
from sitewarden.services.doctor import ordered
from sitewarden.services.surface.doctor import Finding, Findings

LEVELS = {"error": "must be mended", "warning": "should be mended", "ok": "fine"}
COLUMNS = (("level", ""), ("check", "check"), ("what", "finding"), ("why", "why it matters"), ("remedy", "what to do"))


def run(settings_path: Path | None, *, json: bool) -> int:
    """Print the findings; return 1 where something must be mended."""
    items = findings(load(settings_path))
    if json:
        show.as_json(items)
    else:
        show.table([{**msgspec.to_builtins(item), "level": LEVELS[item.level]} for item in items], COLUMNS)
        if commands := commands_of(items):
            show.out.print("\nCommands that mend it, or show more (as root):")
            for command in commands:
                show.out.print(f"  {command}", soft_wrap=True, markup=False)
    return 1 if any(item.level == "error" for item in items) else 0


def findings(settings: Settings) -> list[Finding]:
    """Examine this machine for a node that runs, is stopped, or is not set up yet."""
    if not Places.of(settings).set_up:
        return ordered(examine(Facts(settings=settings)))

    async def work(ask: Ask) -> list[Finding]:
        return list(msgspec.convert(await ask("network.doctor"), Findings).items)

    try:
        return with_platform(settings, work)
    except Refusal as refusal:
        silent = Finding(
            level="error",
            check="node",
            what=f"the node does not say what its site has: {refusal}",
            why="devices and cameras are not looked at.",
            remedy=refusal.remedy or "See the node's log.",
        )
        return ordered([silent, *examine(Facts(settings=settings, running=running(settings)))])


def commands_of(items: Sequence[Finding]) -> list[str]:
    """Return the commands of the findings, each once, to be copied as they stand."""
    return list(dict.fromkeys(item.command for item in items if item.command))
