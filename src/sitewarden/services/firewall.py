"""The exports of the port manifest for this node as it is configured: firewall rules, inventories, the matrix of flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sitewarden.config import Settings
from sitewarden.net.exports import Plan, render, render_matrix
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.firewall import Matrix, PortExport
from sitewarden.services.surface.identity import Nothing

KEEP: Final[dict[str, tuple[bool | None, bool | None]]] = {
    "auto": (None, None),
    "used": (False, False),
    "built": (False, True),
    "all": (True, True),
}
"""Choice of rows to whether planned ones, and unused ones, are kept."""


class Firewall:
    """The operations that write what the node opens. `plan` gives what the site uses now."""

    def __init__(self, settings: Settings, plan: Callable[[], Plan]) -> None:
        self._settings = settings
        self._plan = plan

    def operations(self) -> list[Operation]:
        """Return the operations."""
        return [
            Operation("network.export", "network.export", PortExport, str, self._exported, audit=False),
            Operation("network.matrix", "network.export", Matrix, str, self._matrix, audit=False),
            Operation("network.plan", "network.export", Nothing, Plan, self._planned, audit=False),
        ]

    async def _exported(self, caller: Caller, params: PortExport) -> str:
        planned, unused = KEEP[params.rows]
        return render(
            params.format,
            self._settings,
            plan=self._plan(),
            profile=params.profile,
            planned=planned,
            unused=unused,
            deny_outgoing=params.deny_outgoing,
        )

    async def _matrix(self, caller: Caller, params: Matrix) -> str:
        return render_matrix(params.format, self._settings, self._plan(), params.profile)

    async def _planned(self, caller: Caller, params: Nothing) -> Plan:
        return self._plan()
