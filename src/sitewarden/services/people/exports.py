"""The people of the site as a table to fetch; who fetched it is audited."""

from __future__ import annotations

from sitewarden.domain.errors import NotFound
from sitewarden.services.aside import aside
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.people.dump import dump_people, zone_name
from sitewarden.services.people.work import write_table
from sitewarden.services.spool import Spool
from sitewarden.services.surface.people import ExportPeople, FileTicket
from sitewarden.store.interfaces import StateStore


class Exports:
    """The operation people.export."""

    def __init__(self, state: StateStore, spool: Spool) -> None:
        self._state = state
        self._spool = spool

    def operations(self) -> list[Operation]:
        """Return the operation."""
        return [
            Operation(
                "people.export",
                "people.export",
                ExportPeople,
                FileTicket,
                self._export,
                detail=lambda params: {"group": params.group},
                timeout=60.0,
            )
        ]

    async def _export(self, caller: Caller, params: ExportPeople) -> FileTicket:
        if params.group and self._state.get("holder-group", params.group) is None:
            raise NotFound(f"There is no group {params.group!r}.", where="group", remedy="Look at the list for its id.")
        with self._spool.passing(".people") as people, self._spool.made(".csv") as out:
            await dump_people(self._state, people)
            size = await aside(lambda part: None, write_table, people, zone_name(self._state), params.group, out)
        return FileTicket(path=str(out), name="people.csv", media_type="text/csv", size=size)
