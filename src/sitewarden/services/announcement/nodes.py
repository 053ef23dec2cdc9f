"""Watches the registered nodes: looks at their ports, tells when one is lost and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Conflict
from sitewarden.domain.network.node import Node
from sitewarden.domain.refs import ref
from sitewarden.domain.status import Status
from sitewarden.services.announcement.reach import Looker, Reach
from sitewarden.services.announcement.table import Table
from sitewarden.services.announcement.teller import Teller
from sitewarden.services.proposal import Check, Proposal

SECONDS: Final = 10.0
"""Between two looks at a node."""
AGAIN_SECONDS: Final = 2.0
"""After a first look that failed."""
MISSES: Final = 2
"""Looks in a row that must fail before a node counts as lost."""
AT_ONCE: Final = 16
"""Nodes that are looked at in one round; those whose turn did not come are first in the next."""
STATES: Final = {"reachable": "online", "unreachable": "offline"}


def other_than(own: str) -> Check:
    """Return the check that no far node takes this node's own id, under which its own events stand."""

    def check(proposal: Proposal) -> None:
        if proposal.kind == "node" and proposal.before is None and proposal.id == own:
            raise Conflict(f"{own!r} is this node itself.", where="id", remedy="Give the other one another id.")

    return check


class NodeWatch:
    """Holds, by reference, when to look again, how often it failed, and what was told. No larger than the site."""

    def __init__(
        self,
        clock: Clock,
        table: Table,
        teller: Teller,
        publish: Callable[[Status], None],
        nodes: Callable[[], Iterable[Node]],
    ) -> None:
        self._clock, self._table, self._teller, self._publish, self._nodes = clock, table, teller, publish, nodes
        self._due: dict[str, float] = {}
        self._misses: dict[str, int] = {}
        self._told: dict[str, tuple[Node, str, str]] = {}

    async def run(self, looker: Looker) -> None:
        """Look until cancelled."""
        while True:
            await self.round(looker)
            await asyncio.sleep(1.0)

    async def round(self, looker: Looker) -> None:
        """Look at those whose turn it is, and at once at one that was changed."""
        nodes = {ref("node", node.id): node for node in self._nodes() if node.enabled}
        for held in (self._due, self._misses, self._told):
            for reference in held.keys() - nodes.keys():
                del held[reference]
        tick = self._clock.monotonic()
        due = sorted((self._when(reference, node), reference) for reference, node in nodes.items())
        chosen = [reference for when, reference in due if when <= tick][:AT_ONCE]
        await asyncio.gather(*(self._look(looker, reference, nodes[reference]) for reference in chosen))

    def _when(self, reference: str, node: Node) -> float:
        told = self._told.get(reference)
        return 0.0 if told is not None and told[0] != node else self._due.get(reference, 0.0)

    async def _look(self, looker: Looker, reference: str, node: Node) -> None:
        reach = await looker.look(node.address, node.port, node.fingerprint)
        misses = self._misses[reference] = 0 if reach.state == "reachable" else self._misses.get(reference, 0) + 1
        doubtful = reach.state == "unreachable" and misses < MISSES
        self._due[reference] = self._clock.monotonic() + (AGAIN_SECONDS if doubtful else SECONDS)
        if not doubtful:
            self._tell(reference, node, reach)

    def _tell(self, reference: str, node: Node, reach: Reach) -> None:
        state, detail = STATES.get(reach.state, "degraded"), self._detail(node, reach)
        _, before, said = self._told.get(reference, (node, "", ""))
        self._told[reference] = (node, state, detail)
        if (before, said) == (state, detail):
            return
        if state != (before or "online"):
            data = {"name": node.name, "detail": detail}
            self._teller.tell("node.online" if state == "online" else "node.offline", reference, data)
        now = self._clock.now()
        self._publish(Status(ref=reference, state=state, detail=detail, since=now, data={"fingerprint": reach.fingerprint}))

    def _detail(self, node: Node, reach: Reach) -> str:
        if reach.state != "other-certificate" or not reach.fingerprint:
            return reach.detail
        if any(node.key and (row.key, row.tls) == (node.key, reach.fingerprint) for row in self._table):
            return (
                f"port {node.port} presents a new certificate, and the key that was registered announces it:"
                f" save its fingerprint {reach.fingerprint}"
            )
        return f"port {node.port} presents another certificate than was registered"
