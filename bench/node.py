"""A whole node with an empty site: how soon it is ready, and what it costs while nothing happens."""

from __future__ import annotations

import time

from bench._rig import Rig
from bench.harness import Row, workspace

TITLE = "a node, empty site"
IDLE_SECONDS = 10.0


def run() -> list[Row]:
    """Return the figures."""
    with workspace("node") as data:
        rig = Rig(data / "data")
        first = rig.start()
        rig.stop()
        second = rig.start()
        try:
            time.sleep(3.0)
            before, begun = rig.processor_seconds(), time.monotonic()
            time.sleep(IDLE_SECONDS)
            used, taken = rig.processor_seconds(), time.monotonic() - begun
            memory = rig.memory()
        finally:
            rig.stop()
    idle = {name: 100 * (used[name] - before[name]) / taken for name in before}
    shares = ", ".join(f"{name} {value:.1f}" for name, value in sorted(idle.items()))
    sizes = ", ".join(f"{name} {value:.0f}" for name, value in sorted(memory.items()))
    return [
        Row(name="`sitewarden run` to ready, first start", value=first, unit="s", better="lower"),
        Row(name="second start", value=second, unit="s", better="lower", note="aim: 5 s or less"),
        Row(name="idle cost, all processes", value=sum(idle.values()), unit="% of a core", better="lower", note=shares),
        Row(name="memory, all processes (PSS)", value=sum(memory.values()), unit="MiB", better="lower", note=sizes),
    ]
