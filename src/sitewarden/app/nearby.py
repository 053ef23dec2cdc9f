"""`sitewarden device`: controllers beside this computer. Asked by the node that runs here, or from this computer alone."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from getpass import getpass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sitewarden.app import show
from sitewarden.app.doctor.facts import running
from sitewarden.app.local import Ask, with_platform
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Invalid
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.nearby import boards
from sitewarden.services.nearby.asking import Asker
from sitewarden.services.nearby.service import shown
from sitewarden.wire.device_udp import CONFIRM_SECONDS, Ipv4, check_network, key_of
from sitewarden.wire.pairing import parse_code

T = TypeVar("T")
COLUMNS = (
    ("id", "controller"),
    ("model", "model"),
    ("firmware", "firmware"),
    ("network", "address"),
    ("gateway", "gateway"),
    ("mode", "mode"),
    ("server", "server"),
    ("paired", "paired"),
    ("hardware", "MAC"),
    ("known", "in the site"),
)


def search(
    settings_path: Path | None, *, seconds: float, controller: str, address: str, bind: str, alone: bool, json: bool
) -> None:
    """List the controllers that answer."""
    settings = load(settings_path)

    async def by_node(ask: Ask) -> Any:
        return await ask("device.search", seconds=seconds, id=controller or None, address=address)

    async def by_us(asker: Asker) -> Any:
        async with asker.using():
            answers = await asker.search(seconds, device=controller, address=address)
            found = [msgspec.to_builtins(shown(answer, in_site=False, proven=None)) for answer in answers]
            if not controller:
                found += [msgspec.to_builtins(board) for board in await boards.search(asker.net, asker.bind, seconds, address)]
            return {"items": found, "networks": list(asker.networks)}

    local = alone or bind or not running(settings)
    found = _alone(settings, bind, by_us) if local else with_platform(settings, by_node)
    if json:
        show.as_json(found)
        return
    rows = [
        {
            **item,
            "mode": "is asked" if item["driver"] != "link" else item["mode"],
            "network": ("dhcp " if item["dhcp"] else "")
            + f"{item['address']}/{item['prefix']}"
            + (" (trial)" if item["trial"] else ""),
            "known": "?" if local else "yes" if item["in_site"] else "no",
        }
        for item in found["items"]
    ]
    where = ", ".join(found["networks"]) or "no network"
    show.table(
        rows, COLUMNS, empty=f"No controller answers on {where}. Check power, cable, and that UDP 51110 and 60000 pass both ways."
    )


def set_network(
    settings_path: Path | None, controller: str, wanted: Ipv4, *, reason: str, code: str, bind: str, alone: bool, json: bool
) -> int:
    """Change a controller's network settings; return 1 where it could not be confirmed at its new address."""
    settings = load(settings_path)

    async def by_node(ask: Ask) -> Any:
        return await ask(
            "device.set-network",
            id=controller,
            dhcp=wanted.dhcp,
            address=wanted.address,
            prefix=wanted.prefix,
            gateway=wanted.gateway,
            reason=reason,
            code=code,
        )

    async def by_us(asker: Asker) -> Any:
        address, confirmed = await asker.set_network(controller, _key(controller, code), wanted)
        back = 0.0 if confirmed else CONFIRM_SECONDS
        return {"id": controller, "address": address, "confirmed": confirmed, "back_after": back}

    done = _either(settings, bind, alone, by_node, by_us)
    if json:
        show.as_json(done)
    elif done["confirmed"]:
        show.out.print(f"{controller} answers at {done['address']} and keeps it.")
    else:
        show.out.print(
            f"{controller} took the settings, but does not answer at {done['address'] or 'its new address'} from here. "
            f"It goes back after {done['back_after']:g} s unless its server confirms it.",
            soft_wrap=True,
        )
    return 0 if done["confirmed"] else 1


def reset(settings_path: Path | None, controller: str, *, reason: str, code: str, bind: str, alone: bool, json: bool) -> int:
    """Restart a controller; return 1 where it does not answer again in time."""
    settings = load(settings_path)

    async def by_node(ask: Ask) -> Any:
        return await ask("device.reset", id=controller, reason=reason, code=code)

    async def by_us(asker: Asker) -> Any:
        return {"id": controller, "back": await asker.reset(controller, _key(controller, code))}

    done = _either(settings, bind, alone, by_node, by_us)
    if json:
        show.as_json(done)
    else:
        show.out.print(f"{controller} has restarted." if done["back"] else f"{controller} restarts; it does not answer yet.")
    return 0 if done["back"] else 1


def wanted(address: str, gateway: str, *, dhcp: bool) -> Ipv4:
    """Return the settings that the command line gives; raises Invalid."""
    if dhcp:
        return Ipv4(True)
    host, slash, prefix = address.partition("/")
    if not slash or not prefix.isdecimal() or int(prefix) > 32 or len(host) > 15 or len(gateway) > 15:
        raise Invalid("The address needs its network.", where="--address", remedy="Write 192.168.1.20/24, or take --dhcp.")
    network = Ipv4(False, host, int(prefix), gateway)
    check_network(network)
    return network


def _either(
    settings: Settings, bind: str, alone: bool, by_node: Callable[[Ask], Awaitable[T]], by_us: Callable[[Asker], Awaitable[T]]
) -> T:
    if alone or bind or not running(settings):
        return _alone(settings, bind, by_us)
    return with_platform(settings, by_node)


def _alone(settings: Settings, bind: str, work: Callable[[Asker], Awaitable[T]]) -> T:
    """Ask from this computer, which needs no node: nothing is read or written but the settings, if there are any."""

    async def run(directory: Path) -> T:
        network = LocalNetwork(settings, "cli", directory)
        try:
            return await work(Asker(network, bind or settings.bind))
        finally:
            await network.close()

    with tempfile.TemporaryDirectory(prefix="sitewarden-") as name, asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(run(Path(name)))


def _key(controller: str, code: str) -> bytes:
    if not code.strip() and sys.stdin.isatty():
        code = getpass(f"Commissioning code of {controller}: ")
    if not code.strip():
        raise Invalid(
            "No node runs here that could hold the commissioning code.",
            where="code",
            remedy="Give the code of the controller's label: type it when asked, or set SITEWARDEN_COMMISSIONING_CODE.",
        )
    try:
        return key_of(parse_code(code), controller)
    except Invalid:
        raise Invalid(
            "This is not a commissioning code.",
            where="code",
            remedy="Type all 20 characters of the controller's label; U never is one.",
        ) from None
