"""The parent's side of a child: started with two pipes, asked and answered in turn, killed when it takes too long.

Synchronous, for a thread. Nothing here imports a codec.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import select
import subprocess
import sys
import time
from functools import cache
from typing import Final

import msgspec

from sitewarden.codec.messages import HEADER, Answer, Request, answers, encode, length
from sitewarden.domain.errors import TimedOut, Unreachable

PASSED: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZDIR")
"""All of the environment that a child sees."""
_CHUNK: Final = 1 << 20


@cache
def installed() -> bool:
    """Tell whether the extra `pictures` is there; nothing of it is loaded."""
    return all(importlib.util.find_spec(name) is not None for name in ("av", "PIL", "numpy"))


def demand() -> None:
    """Raise Unreachable where the extra is not installed."""
    if not installed():
        raise Unreachable(
            "This server cannot decode pictures: the extra `pictures` is not installed.",
            where="pictures",
            remedy="Run pip install 'sitewarden[pictures]' on the server, then restart it.",
        )


class Child:
    """One child process. Not for two threads at once, but `kill` may come from another."""

    def __init__(self, nice: int = 10) -> None:
        """Start it; raises Unreachable where the extra is not installed, or no process can be started."""
        demand()
        try:
            self._process = subprocess.Popen(  # noqa: S603 this interpreter, a module of ours
                (sys.executable, "-m", "sitewarden.codec.child", str(nice)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={name: os.environ[name] for name in PASSED if name in os.environ},
            )
        except OSError as error:
            raise Unreachable(f"No decoder can be started: {error}.", remedy="Look at the server's memory.") from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._busy = False
        self._in, self._out = self._process.stdin, self._process.stdout
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """False once it ended."""
        return self._process.poll() is None

    def ask(self, request: Request, seconds: float) -> Answer:
        """Return the answer; raises TimedOut or Unreachable, and then the child is gone."""
        until = time.monotonic() + seconds
        answer = None
        self._busy = True
        try:
            self._send(encode(request), until)
            size = length(self._take(HEADER, until))
            answer = answers.decode(self._take(size, until))
        except TimeoutError:
            raise TimedOut(f"A picture took more than {seconds:g} s to decode.", remedy="Try again.") from None
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise Unreachable(f"The decoder ended: {error or 'no answer'}.", remedy="Try again.") from None
        finally:
            self._busy = False
            # What was asked may still be answered: nobody else shall take it for his.
            if answer is None:
                self.kill()
        return answer

    def kill(self) -> None:
        """End it at once; a thread that asks it is refused."""
        self._process.kill()
        self._process.wait()
        if self._busy:
            # The pipes belong to the thread that asks: it finds their end, and closes them.
            return
        for pipe in (self._in, self._out):
            with contextlib.suppress(OSError):
                pipe.close()

    def _send(self, data: bytes, until: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._in.fileno(), select.POLLOUT, until)
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(self._in.fileno(), view[:_CHUNK]) :]

    def _take(self, size: int, until: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._wait(self._out.fileno(), select.POLLIN, until)
            part = os.read(self._out.fileno(), min(_CHUNK, size - len(parts)))
            if not part:
                raise OSError(self._ended())
            parts += part
        return bytes(parts)

    def _ended(self) -> str:
        """Return how it ended, for the person who reads the refusal."""
        try:
            return f"exit status {self._process.wait(1.0)}"
        except subprocess.TimeoutExpired:
            return "it closed its pipe"

    def _wait(self, fd: int, what: int, until: float) -> None:
        poll = select.poll()
        poll.register(fd, what)
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError
