"""What a child runs: `python -m sitewarden.codec.child NICE`. It takes requests from its standard input until that ends."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Final

import msgspec

from sitewarden.codec.messages import HEADER, Failed, MessageError, encode, length, requests

MEMORY: Final = 2 << 30
"""Bytes of address space."""
SECONDS: Final = 60
"""A request that takes longer ends the child, should its parent not have killed it before."""
PR_SET_NO_NEW_PRIVS: Final = 38


def main() -> int:
    """Answer requests until there are no more; return the exit status."""
    answers = confine(int(sys.argv[1]))
    from sitewarden.codec.work import Work

    work = Work()

    while (body := _read(0)) is not None:
        signal.alarm(SECONDS)
        try:
            reply = encode(work.answer(requests.decode(body)))
        except (msgspec.MsgspecError, MessageError) as error:
            reply = encode(Failed(why=str(error)))
        _write(answers, reply)
        signal.alarm(0)
    return 0


def confine(nice: int) -> int:
    """Give up what a decoder needs not; return the descriptor of the answers. What libraries print goes nowhere."""
    os.nice(nice)
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(what, (most, most))
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _read(fd: int) -> bytes | None:
    header = _exactly(fd, HEADER)
    return _exactly(fd, length(header)) if header is not None else None


def _exactly(fd: int, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(fd, size - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


if __name__ == "__main__":
    raise SystemExit(main())
