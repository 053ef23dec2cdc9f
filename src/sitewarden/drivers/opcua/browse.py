"""What stands under a node: its variables with their values, as points could read them."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from asyncua import ua

from sitewarden.drivers.opcua.session import Session, standard
from sitewarden.wire.plain import plain

MOST: Final = 2_000
VISITED: Final = 20_000
"""Nodes that are looked at."""
DEEP: Final = 12
"""Levels below the node."""
PAGE: Final = 500
SHOWN: Final = 200
"""Characters of a text that are shown."""
_OBJECT: Final = 1
_VARIABLE: Final = 2
_HIERARCHICAL: Final = 33


async def browse(session: Session, root: ua.NodeId, most: int) -> tuple[list[dict[str, Any]], bool]:
    """Return variables under `root` in the order of the tree, breadth first, and whether there are more. Raises a DriverError."""
    found: list[tuple[str, ua.NodeId]] = []
    seen = {root}
    level: deque[tuple[str, ua.NodeId]] = deque([("", root)])
    more = False
    for _ in range(DEEP):
        if not level or more:
            break
        below: deque[tuple[str, ua.NodeId]] = deque()
        step = min(100, session.limits["browse"])
        while level and not more:
            lot = [level.popleft() for _ in range(min(step, len(level)))]
            for path, one in await _children(session, lot):
                node = _local(one.NodeId)
                if node in seen or (node.NamespaceIndex == 0 and node.Identifier == 2253):
                    # The server's own diagnostics are thousands of nodes that nobody looks for.
                    continue
                seen.add(node)
                label = f"{path}/{plain(str(one.BrowseName.Name or ''), 100)}".lstrip("/")
                if int(one.NodeClass) == _VARIABLE:
                    found.append((label, node))
                below.append((label, node))
                if len(found) > most or len(seen) > VISITED:
                    more = True
                    break
        level = below
    return await _described(session, found[:most]), more


async def _children(session: Session, lot: list[tuple[str, ua.NodeId]]) -> list[tuple[str, Any]]:
    params = ua.BrowseParameters()
    params.RequestedMaxReferencesPerNode = PAGE
    params.NodesToBrowse = [
        ua.BrowseDescription(
            NodeId=node,
            BrowseDirection=ua.BrowseDirection.Forward,
            ReferenceTypeId=standard(_HIERARCHICAL),
            IncludeSubtypes=True,
            NodeClassMask=_OBJECT | _VARIABLE,
            ResultMask=63,
        )
        for _, node in lot
    ]
    found: list[tuple[str, Any]] = []
    with session.mapped("asked what it has"):
        results = await session.services.browse(params)
        for (path, _), result in zip(lot, results, strict=False):
            found += [(path, one) for one in result.References or []]
        points = [(path, one.ContinuationPoint) for (path, _), one in zip(lot, results, strict=False) if one.ContinuationPoint]
        while points and len(found) <= VISITED:
            further = ua.BrowseNextParameters(ReleaseContinuationPoints=False, ContinuationPoints=[one for _, one in points])
            results = await session.services.browse_next(further)
            for (path, _), result in zip(points, results, strict=False):
                found += [(path, one) for one in result.References or []]
            points = [
                (path, one.ContinuationPoint) for (path, _), one in zip(points, results, strict=False) if one.ContinuationPoint
            ]
    return found


async def _described(session: Session, found: list[tuple[str, ua.NodeId]]) -> list[dict[str, Any]]:
    values = await session.read([node for _, node in found])
    told = []
    for (label, node), value, status in zip(found, values.values, values.statuses, strict=True):
        address: dict[str, Any] = {"node": session.text(node)}
        detail = ""
        if isinstance(value, list):
            detail, value = f"an array of {len(value)}; give element", value[0] if value else None
            address["element"] = 0
        if isinstance(value, str):
            value = plain(value, SHOWN)
        elif value is not None and not isinstance(value, (bool, int, float)):
            detail, value = "of a type that no point takes", None
        if status:
            detail = f"{detail} 0x{status:08X}".strip()
        told.append({"label": label, "address": address, "value": _finite(value), "detail": detail})
    return told


def _finite(value: Any) -> Any:
    return str(value) if isinstance(value, float) and value - value != 0.0 else value


def _local(node: Any) -> ua.NodeId:
    """Return an ExpandedNodeId of this server as a NodeId."""
    return ua.NodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)
