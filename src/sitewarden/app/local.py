"""Operations from the node's own command line: asked of core where it runs, done here where it does not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sitewarden.app.homes import open_homes
from sitewarden.app.places import Places
from sitewarden.app.platform import Platform
from sitewarden.bus.client import BusClient
from sitewarden.config import Settings, SettingsFile, load
from sitewarden.domain.errors import Refusal
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.invoke import Answer, Credentials, Invoke

TARGET = "core.local"
"""Bus request to core: Invoke by whoever may open the node's socket. Faces never send it."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 75.0

Ask = Callable[..., Awaitable[Any]]
"""`await ask(operation, **parameters)` returns plain data, or raises the operation's Refusal."""
T = TypeVar("T")


def settled(settings_path: Path | None) -> Settings:
    """Return the settings of a node that is set up; refuse where it is not."""
    settings = load(settings_path)
    if not Places.of(settings).set_up:
        raise Refusal("this node is not set up yet", where=settings.data_dir, remedy="Run `sitewarden init` first.")
    return settings


def with_platform(settings: Settings, work: Callable[[Ask], Awaitable[T]], file: SettingsFile | None = None) -> T:
    """Run `work` with a way to ask the platform, whether the node runs or not. `file` is where the settings came from."""

    async def run() -> T:
        async with asking(settings, file) as ask:
            return await work(ask)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(run())


@asynccontextmanager
async def asking(settings: Settings, file: SettingsFile | None = None) -> AsyncIterator[Ask]:
    """Give a way to ask: over the node's socket, or by opening the stores."""
    network = LocalNetwork(settings, "cli")
    bus = BusClient(network, Places.of(settings).bus, f"cli-{os.getpid()}")
    link = asyncio.create_task(bus.run())
    try:
        if Places.of(settings).bus.exists():
            try:
                await asyncio.wait_for(bus.ready(), CONNECT_SECONDS)
            except TimeoutError:
                pass
        if bus.connected:
            yield _over(bus)
            return
    finally:
        link.cancel()
        await asyncio.gather(link, return_exceptions=True)
        await network.close()
    # What opens the stores is core, for as long as the verb takes.
    network = LocalNetwork(settings, "core")
    try:
        platform = Platform(settings, file, await open_homes(settings, network, SystemClock()))
        try:
            await platform.identity.prepare()
            yield _within(platform)
        finally:
            await platform.close()
    finally:
        await network.close()


def _over(bus: BusClient) -> Ask:
    async def ask(operation: str, **parameters: Any) -> Any:
        request = Invoke(
            operation=operation,
            params=msgspec.Raw(msgspec.msgpack.encode(parameters)),
            remote="cli",
            reason=_reason(parameters),
            form="msgpack",
        )
        reply = await bus.request(TARGET, msgspec.msgpack.encode(request), timeout=ANSWER_SECONDS)
        body = msgspec.msgpack.decode(reply, type=Answer).body
        return _plain(body)

    return ask


def _within(platform: Platform) -> Ask:
    async def ask(operation: str, **parameters: Any) -> Any:
        encoded = msgspec.msgpack.encode(parameters)
        reply = await platform.local.invoke(operation, encoded, Credentials(), "cli", _reason(parameters))
        return reply.value if isinstance(reply.value, str) else msgspec.to_builtins(reply.value)

    return ask


def _reason(parameters: dict[str, Any]) -> str:
    """Return the reason that a person gave, for the audit log."""
    return str(parameters.get("reason") or "")


def _plain(body: bytes) -> Any:
    if not body:
        return None
    try:
        return msgspec.msgpack.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode()


__all__ = ["TARGET", "Ask", "asking", "settled", "with_platform"]
