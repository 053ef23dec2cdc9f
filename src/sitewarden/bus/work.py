"""Running other people's code: requests with a time limit, commands whose failure becomes a Result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sitewarden.bus.messages import NAME_LIMIT
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, Refusal, TimedOut, Unreachable

log = logging.getLogger(__name__)

Execute = Callable[[Command], Awaitable[Result]]
_running: set[asyncio.Task[Result]] = set()
"""Commands that go on after their time limit; kept so that they are not lost half-way."""


def refused(refusal: Refusal) -> Result:
    """Return the result that carries a refusal."""
    place = f"{refusal.where}: " if refusal.where else ""
    return Result(ok=False, code=refusal.code, what=place + refusal.what, remedy=refusal.remedy)


def check_name(name: str) -> str:
    """Return a topic or target; raises Invalid where it is too long for the link."""
    if not 0 < len(name) <= NAME_LIMIT:
        raise Invalid(f"A topic or target has 1 to {NAME_LIMIT} characters, this has {len(name)}.", where=name[:60])
    return name


async def execute(run: Execute, command: Command) -> Result:
    """Run a command on its owner, at most its time limit; it is not stopped half-way when that passes or the asker goes."""
    coroutine: Coroutine[Any, Any, Result] = run(command)  # type: ignore[assignment]
    task = asyncio.ensure_future(coroutine)
    _running.add(task)
    task.add_done_callback(_running.discard)
    done, _ = await asyncio.wait({task}, timeout=command.timeout)
    if not done:
        return refused(TimedOut(f"No answer came within {command.timeout:g} s; it may still happen.", where=command.entity))
    return outcome(task, command)


def outcome(task: asyncio.Task[Result], command: Command) -> Result:
    """Return the result of a finished command; a defect is logged and told without its inside."""
    if task.cancelled():
        return refused(Unreachable("Its owner stops.", where=command.entity, remedy="Try again in a moment."))
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, Refusal):
        return refused(error)
    log.error("command %s on %s failed", command.name, command.entity, exc_info=error)
    return Result(
        ok=False, code="internal", what=f"{command.entity}: its owner failed on this command.", remedy="Its log says why."
    )
