"""What an agent has below an object: GETBULK, or GETNEXT in version 1, until the subtree ends. Asks through the poller."""

from __future__ import annotations

from typing import Any, Final

from sitewarden.drivers.snmp.agent import Agent
from sitewarden.drivers.snmp.mapping import kind, plain
from sitewarden.drivers.snmp.names import named
from sitewarden.drivers.snmp.poller import Poller
from sitewarden.kit.errors import PeerViolation
from sitewarden.wire.snmp import ber, pdu
from sitewarden.wire.snmp.pdu import Kind, Status, Varbind

MOST: Final = 2_000
"""Objects that are listed at most."""
SHOWN: Final = 200
"""Characters of a value that are shown."""


async def walk(poller: Poller, agent: Agent, root: bytes, most: int, *, bulk: bool) -> tuple[list[dict[str, Any]], bool]:
    """Return the objects below `root`, and whether there are more than `most`. Raises Unavailable or PeerViolation."""
    found: list[dict[str, Any]] = []
    last = root
    while True:
        request = pdu.ask([last])
        if bulk:
            answer = await poller.order(agent, Kind.GET_BULK, request, position=agent.config.max_oids)
        else:
            answer = await poller.order(agent, Kind.GET_NEXT, request)
        if answer.status == Status.NO_SUCH_NAME and not bulk:
            return found, False
        if answer.status or not answer.varbinds:
            raise PeerViolation(f"{agent.spec.name} ends a walk with error {answer.status}")
        for binding in answer.varbinds:
            # What is not within the root, byte for byte, comes after it; a number of several bytes cannot be cut in between.
            if binding.tag == ber.END_OF_MIB_VIEW or not binding.name.startswith(root):
                return found, False
            if ber.arcs(binding.name) <= ber.arcs(last):
                raise PeerViolation(f"{agent.spec.name} goes back at {ber.oid_text(binding.name)}; its walk would never end")
            if len(found) >= most:
                return found, True
            found.append(_shown(binding))
            last = binding.name


def _shown(binding: Varbind) -> dict[str, Any]:
    number, value = ber.oid_text(binding.name), plain(binding.tag, binding.value)
    return {
        "label": named(number),
        "address": {"oid": number},
        "value": value[:SHOWN] if isinstance(value, str) else value,
        "detail": kind(binding.tag),
    }
