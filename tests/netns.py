"""A network namespace for one test: fixed and privileged ports are free in it."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP_LOOPBACK_MULTICAST = 0x1 | 0x8 | 0x40 | 0x1000

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def namespace() -> Iterator[bool]:
    """Move this thread, and all that it starts, into a fresh network namespace with loopback up.

    Yields False, and changes nothing, where the kernel does not permit it; tests then use an address of their own.
    """
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if _libc.unshare(CLONE_NEWNET) != 0:
            yield False
            return
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
                fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP_LOOPBACK_MULTICAST))
            yield True
        finally:
            if _libc.setns(home, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot return to the first network namespace")
    finally:
        os.close(home)
