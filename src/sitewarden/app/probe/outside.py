"""The ports of another computer, tried one by one, beside what that computer says of itself."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from sitewarden.domain.errors import Unreachable
from sitewarden.domain.network.probe import Inside, Judgement, Verdict, judge
from sitewarden.domain.portrow import Computer, PortRow
from sitewarden.net.probing.names import addresses
from sitewarden.net.probing.steps import try_tcp
from sitewarden.net.probing.udp import Asker, Echo, ask_all
from sitewarden.net.probing.verdict import Outcome
from sitewarden.ports import MANIFEST, row
from sitewarden.services.surface.probe import EchoPort, ProbeVerdict
from sitewarden.services.surface.system import Ports, PortView

AT_ONCE = 16
"""Connections that are tried at the same time."""


class Try(Struct, frozen=True, kw_only=True):
    """One port to try. `inside` is what the computer says of it, "" where it was not asked."""

    row: str
    transport: Literal["tcp", "udp"]
    number: int
    inside: Inside = ""
    reason: str = ""


class Item(Struct, frozen=True, kw_only=True):
    """One port with its verdict."""

    row: str
    transport: Literal["tcp", "udp"]
    number: int
    verdict: Verdict
    judgement: Judgement
    detail: str
    inside: Inside
    purpose: str


def plan(computer: Computer, ports: Ports | None, echoes: Sequence[EchoPort], address: str) -> list[Try]:
    """Return what to try on a computer of that kind: the manifest's served rows, with its own numbers where it told them.

    Rows of multicast groups are left out: nothing that is sent to the computer alone reaches them (`probe --multicast` does).
    """
    views = {view.row: view for view in ports.items} if ports else {}
    tries: list[Try] = []
    for one in MANIFEST:
        side = one.side(computer)
        if side is None or not side.inbound or one.planned or one.group or (one.planned_in and computer == "server"):
            continue
        view = views.get(one.name)
        if one.transport == "tcp":
            tries += _tcp(one, computer, view, address)
        elif one.transport == "udp" and not echoes:
            tries += [Try(row=one.name, transport="udp", number=number) for number in _samples(side.default)]
    inside: dict[str, Literal["echo", "busy"]] = {"echo": "echo", "busy": "busy"}
    tries += [
        Try(row=port.row, transport="udp", number=port.number, inside=inside[port.state], reason=port.reason) for port in echoes
    ]
    return tries


def _tcp(one: PortRow, computer: Computer, view: PortView | None, address: str) -> list[Try]:
    if view is None:
        side = one.side(computer)
        return [Try(row=one.name, transport="tcp", number=side.default)] if side and isinstance(side.default, int) else []
    loopback = ipaddress.ip_address(address).is_loopback
    listening = [entry.local.rpartition(":") for entry in view.ledger if entry.direction != "out" and entry.transport == "tcp"]
    reachable = sorted({int(number) for host, _, number in listening if loopback or not _loopback(host)})
    if reachable:
        return [Try(row=one.name, transport="tcp", number=number, inside="open") for number in reachable]
    return [Try(row=one.name, transport="tcp", number=view.number, inside="closed")] if view.number else []


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _samples(numbers: int | tuple[int, int] | None) -> list[int]:
    if isinstance(numbers, tuple):
        return [numbers[0], (numbers[0] + numbers[1]) // 2, numbers[1]]
    return [numbers] if numbers else []


async def try_all(address: str, tries: Sequence[Try], *, timeout: float, echo: Echo | None, asker: Asker) -> list[Item]:
    """Try every port; raises Unreachable where the computer gives no sign of life at all."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def tcp(one: Try) -> Outcome:
        async with gate:
            return await try_tcp(one.row, address, one.number, timeout)

    over_tcp = [one for one in tries if one.transport == "tcp"]
    over_udp = [one for one in tries if one.transport == "udp" and one.inside != "busy"]
    numbers = [one.number for one in over_udp]
    outcomes = await asyncio.gather(asyncio.gather(*map(tcp, over_tcp)), ask_all(asker, numbers, timeout, echo))
    found = dict(zip([*over_tcp, *over_udp], [*outcomes[0], *outcomes[1]], strict=True))
    if (
        found
        and all(outcome.verdict in ("filtered", "unproven") for outcome in found.values())
        and not any(t.inside for t in tries)
    ):
        raise Unreachable(
            f"{address} gives no sign of life: every port that was tried is silent",
            where=address,
            remedy="Check the address and that the computer runs; a firewall that drops everything looks the same.",
        )
    return [_item(one, found.get(one)) for one in tries]


def _item(one: Try, outcome: Outcome | None) -> Item:
    if outcome is None:
        outcome = Outcome(verdict="unproven", detail=f"the service in use shares it with nobody: {one.reason}")
    return Item(
        row=one.row,
        transport=one.transport,
        number=one.number,
        verdict=outcome.verdict,
        judgement=judge(one.inside, outcome.verdict),
        detail=outcome.detail,
        inside=one.inside,
        purpose=row(one.row).purpose,
    )


def again(items: Sequence[Item], ports: Ports) -> list[Item]:
    """Judge what was said to be closed inside once more: a process that has just started tells of its ports a little later."""
    opened = {view.row for view in ports.items if view.state == "open"}
    return [
        replace(item, inside="open", judgement=judge("open", item.verdict))
        if item.inside == "closed" and item.row in opened
        else item
        for item in items
    ]


def explain(item: Item, heard: Sequence[EchoPort]) -> Item:
    """Say of a filtered UDP port in which direction it is, from what the server heard."""
    if item.transport != "udp" or item.verdict != "filtered" or item.inside != "echo":
        return item
    arrived = next((port.heard for port in heard if port.row == item.row and port.number == item.number), 0)
    if arrived:
        return replace(item, detail=f"{arrived} questions reached the server, and its answers are dropped on the way back")
    return replace(item, detail="the server's echo listens and heard nothing: what goes in is dropped on the way")


def told(items: Sequence[Item]) -> tuple[ProbeVerdict, ...]:
    """Return the verdicts as the server keeps them."""
    return tuple(
        ProbeVerdict(row=item.row, transport=item.transport, number=item.number, verdict=item.verdict, detail=item.detail[:300])
        for item in items[:256]
    )


async def resolve(host: str) -> str:
    """Return the address of a host; raises Unreachable."""
    found = await asyncio.get_running_loop().run_in_executor(None, addresses, host)
    if not found:
        raise Unreachable(f"{host} has no address", where=host, remedy="Check the name, or give the address.")
    return found[0]


__all__ = ["Item", "Try", "again", "explain", "plan", "resolve", "told", "try_all"]
