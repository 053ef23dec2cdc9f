"""What a rule is for, in one line that no configuration can break out of: rows, ids and the manifest's own words alone. Pure."""

from __future__ import annotations

from sitewarden.net.exports.lines import Line

SHOWN = 3
"""Things named in a comment; the rest is counted."""


def peer_of(line: Line) -> str:
    """Return who is at the other end: "camera:lobby, camera:yard", else the manifest's words."""
    if not line.by:
        return line.peer
    more = f" and {len(line.by) - SHOWN} more" if len(line.by) > SHOWN else ""
    return ", ".join(line.by[:SHOWN]) + more


def comment(line: Line, longest: int) -> str:
    """Return "rtsp to camera:lobby: Video from cameras", within `longest` bytes and without quotes."""
    text = f"{line.name} {'from' if line.way == 'in' else 'to'} {peer_of(line)}: {line.purpose}"
    plain = text.replace('"', "").replace("'", "").encode("ascii", "replace").decode()
    return plain if len(plain) <= longest else plain[: longest - 3].rstrip() + "..."
