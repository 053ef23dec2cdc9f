"""Receive buffers of the kernel against the cameras that send over UDP."""

from __future__ import annotations

import os
from pathlib import Path

from sitewarden.app import show
from sitewarden.app.doctor.facts import Facts
from sitewarden.drivers.rtsp.lanes import UDP_BUFFER
from sitewarden.net.probing.interfaces import granted
from sitewarden.services.surface.doctor import Finding

MEMORY = Path("/proc/sys/net/ipv4/udp_mem")
SOCKETS = 2
"""Sockets of a camera: RTP and RTCP."""
WHY = "a key frame arrives in one burst; what does not fit is lost, and the picture breaks."


def check(facts: Facts) -> list[Finding]:
    """Compare what a socket and all sockets together may hold with what the cameras' sockets ask for."""
    try:
        together = int(MEMORY.read_text().split()[2]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        # A network namespace does not show it; the first one's holds for all.
        together = None
    return judge(facts.udp_cameras, granted(UDP_BUFFER), together)


def judge(cameras: int, largest: int, together: int | None) -> list[Finding]:
    """Return the findings for that many cameras.

    `largest` and `together` are bytes that one and all UDP sockets may hold, None: unknown.
    """
    found = []
    if largest < UDP_BUFFER:
        found.append(
            Finding(
                level="warning",
                check="buffers",
                what=f"a UDP socket may have {show.size(largest)}, and a camera's asks for {show.size(UDP_BUFFER)}",
                why=WHY,
                remedy="Raise the limit, and write the same line to /etc/sysctl.d/ to keep it.",
                command=f"sysctl -w net.core.rmem_max={UDP_BUFFER}",
            )
        )
    need = cameras * SOCKETS * UDP_BUFFER
    if together is not None and need > together:
        pages = -(-need // os.sysconf("SC_PAGE_SIZE"))
        found.append(
            Finding(
                level="warning",
                check="buffers",
                what=f"{cameras} cameras over UDP may ask for {show.size(need)}; all UDP sockets get {show.size(together)}",
                why=WHY,
                remedy="Raise the limit, and write the same line to /etc/sysctl.d/ to keep it; or take cameras over TCP.",
                command=f'sysctl -w net.ipv4.udp_mem="{pages // 2} {pages * 3 // 4} {pages}"',
            )
        )
    if not found:
        what = f"a UDP socket may have {show.size(largest)}; enough for {cameras or 'the first'} cameras over UDP"
        found.append(Finding(level="ok", check="buffers", what=what))
    return found
