"""One command for several doors of one controller, whatever its make: what came of each door."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import Door
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.refs import ref

AT_ONCE: Final = 256
"""Doors in one request to a controller."""
NOT_REACHED: Final = frozenset({"unreachable", "timed-out"})
_SILENT: Final = ("unreachable", "its controller said nothing of it", "Look at the controller.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What doors are told; `timeout`: seconds that a controller has."""

    id: str
    command: str
    issuer: str
    reason: str
    timeout: float


async def tell_doors(bus: Bus, asked: Asked, controller: str, doors: Sequence[Door]) -> list[tuple[Door, Result]]:
    """Command at most `AT_ONCE` doors of a controller; return what came of each, `value["door"]["mode"]` where it is known."""

    def command(name: str, entity: str, args: dict[str, Any]) -> Command:
        return Command(
            id=asked.id, name=name, entity=entity, args=args, issuer=asked.issuer, reason=asked.reason, timeout=asked.timeout
        )

    args = {"doors": [door.id for door in doors], "command": asked.command}
    result = await bus.command(command("controller.command-doors", ref("controller", controller), args))
    if result.code == "not-found":
        # A driver that takes no such command is asked door by door.
        each = (bus.command(command(f"door.{asked.command}", ref("door", door.id), {})) for door in doors)
        return list(zip(doors, await asyncio.gather(*each), strict=True))
    if not result.ok:
        return [(door, result) for door in doors]
    modes, refused = result.value["done"], result.value["refused"]
    return [
        (
            door,
            Result(ok=True, value={"door": {"mode": modes[door.id]}})
            if door.id in modes
            else Result(ok=False, **dict(zip(("code", "what", "remedy"), refused.get(door.id, _SILENT), strict=True))),
        )
        for door in doors
    ]
