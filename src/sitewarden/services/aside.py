"""Long work in a child process of its own, so that no door waits for it: nice, bounded in time and memory, stopped by killing."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import threading
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sitewarden.domain.errors import Refusal, TimedOut, Unreachable

P = ParamSpec("P")
T = TypeVar("T")
Tell = Callable[[float], None]
"""Tells how far the work is, 0 to 1."""

MEMORY: Final = 4 << 30
"""Bytes of address space that a child may take."""
SECONDS: Final = 600
"""Longest that a child runs."""
NICE: Final = 10
_LOOK: Final = 0.2


async def aside(tell: Tell, work: Callable[Concatenate[Tell, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work(tell, ...)` in a child and return its result; raises its Refusal. Function and arguments are pickled.

    Raises Unreachable where the child ended, TimedOut past `SECONDS`. A caller that is cancelled kills it.
    """
    stop = threading.Event()
    loop = asyncio.get_running_loop()

    def told(part: float) -> None:
        loop.call_soon_threadsafe(tell, part)

    call: tuple[Any, Any, Any] = (work, args, kwargs)
    running: asyncio.Future[T] = loop.run_in_executor(None, _watched, told, stop, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        raise


def _watched(tell: Tell, stop: threading.Event, call: tuple[Any, Any, Any]) -> Any:
    context = get_context("spawn")
    mine, its = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(its, *call), daemon=True)
    child.start()
    its.close()
    try:
        return _answer(tell, stop, mine)
    except EOFError:
        child.join(5.0)
        raise Unreachable(
            f"The work ended before it was done (exit status {child.exitcode}).",
            remedy="Look at the memory of this machine, and try less at once.",
        ) from None
    finally:
        child.kill()
        child.join()
        mine.close()


def _answer(tell: Tell, stop: threading.Event, mine: Connection) -> Any:
    left = SECONDS / _LOOK
    while left > 0 and not stop.is_set():
        if not mine.poll(_LOOK):
            left -= 1
            continue
        kind, value = mine.recv()
        if kind == "part":
            tell(value)
        elif kind == "refused":
            raise value
        else:
            return value
    raise TimedOut(f"The work did not end within {SECONDS} s.", remedy="Try less at once.")


def _child(its: Connection, work: Callable[..., Any], args: Any, kwargs: Any) -> None:
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.alarm(SECONDS)
    # What is made here is kept to the end: looking through it again and again would take a third of the time.
    gc.disable()
    try:
        its.send(("done", work(lambda part: its.send(("part", part)), *args, **kwargs)))
    except Refusal as refusal:
        its.send(("refused", refusal))
    its.close()
