"""The node's ports: free, permitted, and out of the kernel's way; while it runs, that it holds those that it should."""

from __future__ import annotations

from sitewarden import ports
from sitewarden.app.doctor.facts import Facts
from sitewarden.domain.portrow import covers
from sitewarden.net.exports.lines import Line
from sitewarden.net.holders import holder
from sitewarden.net.preflight import Finding as Obstacle
from sitewarden.net.preflight import attempt, ephemeral, preflight, wanted
from sitewarden.services.surface.doctor import Finding

TAKEN = "a service that cannot open its port does not start."
EPHEMERAL = "another program's outgoing connection may sit on the port just when the service starts, and it then cannot open it."


def check(facts: Facts) -> list[Finding]:
    """Try the ports of this node's roles; of a running node, those that it should hold and does not."""
    settings = facts.settings
    if facts.running:
        obstacles, absent = _running(facts)
        obstacles += ephemeral(settings)
        fine = "the node runs and holds its ports; the network page shows each"
    else:
        obstacles, absent = preflight(settings, facts.plan), []
        fine = "every port of this node's roles is free and permitted"
    items = [
        Finding(
            level=item.level,
            check="ports",
            what=item.what.rstrip("."),
            why=EPHEMERAL if not item.port else TAKEN,
            remedy=item.remedy,
            command=item.command,
        )
        for item in obstacles
    ]
    items += [_absent(line) for line in absent]
    if not any(item.level == "error" for item in items):
        items.append(Finding(level="ok", check="ports", what=fine))
    return items


def _running(facts: Facts) -> tuple[list[Obstacle], list[Line]]:
    """Return what stands in the way of ports that are not open, and the lines that are not open although nothing does."""
    if facts.opened is None:
        return [], []
    obstacles: list[Obstacle] = []
    absent: list[Line] = []
    for line in wanted(facts.settings, facts.plan):
        if any(row == line.name and covers((line.first, line.last), number) for row, number in facts.opened):
            continue
        found = attempt(facts.settings, line)
        if found and not _ours(facts, line):
            obstacles += found
        elif not found and ports.row(line.name).standing:
            absent.append(line)
    return obstacles, absent


def _ours(facts: Facts, line: Line) -> bool:
    """Tell whether a process of the node holds it: it was opened just now, and its ledger has not told yet."""
    who = holder("tcp" if line.transport == "tcp" else "udp", facts.settings.bind, line.first)
    return who is not None and who.pid in facts.pids


def _absent(line: Line) -> Finding:
    return Finding(
        level="error",
        check="ports",
        what=f"{line.first}/{line.transport} ({line.name}) is not open, and nothing stands in its way now",
        why=f"{line.peer} get no answer.",
        remedy="Restart the node: it takes the port at its start. Its log says why it could not before.",
    )
