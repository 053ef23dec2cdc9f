"""The parent's side of a child that takes a stream apart: started, read on the event loop, killed. Imports no codec.

The pipe is the bound: what the parent does not read, the child does not send, and then it reads no more of the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from types import TracebackType

import msgspec

from sitewarden.codec.children import PASSED, demand
from sitewarden.codec.demux_messages import HEADER, MAX_PACKET, Ended, Source, Told, framed, tellings

NICE = 5


class Demuxing:
    """One child. `async with` starts and kills it."""

    def __init__(self, source: Source) -> None:
        """Raise Unreachable where the extra is not installed."""
        demand()
        self._source = source
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Demuxing:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sitewarden.codec.demux", str(NICE)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in PASSED if name in os.environ},
            limit=256 * 1024,
            pass_fds=(self._source.file,) if self._source.file >= 0 else (),
        )
        assert self._process.stdin is not None
        self._process.stdin.write(framed(self._source))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if process.stdin is not None:
                process.stdin.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    async def next(self) -> Told:
        """Return what it tells next; Ended where it is gone or talks nonsense."""
        assert self._process is not None and self._process.stdout is not None
        pipe = self._process.stdout
        try:
            size = int.from_bytes(await pipe.readexactly(HEADER), "big")
            if size > MAX_PACKET:
                return Ended(f"its child sends a message of {size} bytes")
            return tellings.decode(await pipe.readexactly(size))
        except asyncio.IncompleteReadError:
            return Ended(f"its child ended (exit status {await self._process.wait()})")
        except msgspec.MsgspecError as error:
            return Ended(f"its child talks nonsense: {error}")
