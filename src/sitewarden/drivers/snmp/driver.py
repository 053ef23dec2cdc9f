"""The SNMP driver: sockets, agents polled, points written, notifications heard."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakKeyDictionary

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status as Health
from sitewarden.drivers.snmp.agent import Agent
from sitewarden.drivers.snmp.config import EndpointConfig
from sitewarden.drivers.snmp.ear import Ear
from sitewarden.drivers.snmp.exchange import RECEIVE, Exchange, Socket
from sitewarden.drivers.snmp.manifest import MANIFEST
from sitewarden.drivers.snmp.mapping import REFUSALS, decode, encode
from sitewarden.drivers.snmp.names import resolve
from sitewarden.drivers.snmp.poller import Poller
from sitewarden.drivers.snmp.walk import MOST, walk
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Unavailable
from sitewarden.kit.freshness import Freshness
from sitewarden.net.interfaces import Network
from sitewarden.wire.snmp import pdu
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind, Pdu, Varbind
from sitewarden.wire.snmp.usm import User

RESOLVE: Final = 60.0
"""Seconds between two looks at where agents are that are given by name."""


class SnmpEndpoint:
    """Agents with one proof of who asks. What it learnt (values, batches cut smaller) outlives closed sockets."""

    def __init__(self, spec: EndpointSpec, ears: WeakKeyDictionary[Network, Ear]) -> None:
        self._spec = spec
        self.config = config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self.user: User | None = None
        if config.version == "3":
            self.user = User(config.user, config.auth or "", config.auth_password, config.priv or "", config.priv_password)
        self._ears = ears
        self._agents = self._make(spec, {})
        self._agent_of = {point: agent for agent in self._agents for point in agent.addresses}
        self._freshness = Freshness(config.bad_after)
        self._poller: Poller | None = None
        self._ctx: Context | None = None
        self._family = socket.AF_INET
        self._look = asyncio.Event()
        self._hosts: dict[str, list[Agent]] | None = None
        """Agents by address; made anew when an address changes."""

    async def run(self, ctx: Context) -> None:
        """Open the sockets and poll until cancelled."""
        self._ctx = ctx
        exchange = Exchange(self.config.timeout)
        poller = Poller(ctx, self.config, self._agents, self._freshness, exchange)
        try:
            await self._open(ctx, exchange)
            async with self._hearing(ctx) as telling:
                self._poller = poller
                poller.start()
                ctx.status(Health(ref=self._spec.reference, state="online", since=ctx.clock.now()))
                resolving = asyncio.create_task(self._resolve(poller), name=f"names of {self._spec.id}")
                tasks = [resolving] if telling is None else [resolving, telling]
                try:
                    while True:
                        due = self.age(ctx)
                        done, _ = await asyncio.wait(
                            tasks, timeout=min(1.0, due) if due is not None else 1.0, return_when=asyncio.FIRST_COMPLETED
                        )
                        for one in done:
                            one.result()
                finally:
                    resolving.cancel()
                    await asyncio.gather(resolving, return_exceptions=True)
        finally:
            self._poller = None
            exchange.close()
            poller.stop(f"{self._spec.name} is not running")

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._freshness.age(ctx.clock, ctx.samples)

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take changed devices and points; devices that did not change are not disturbed."""
        if spec.config != self._spec.config or self._poller is None:
            return False
        self._agents = self._make(spec, {agent.spec.id: agent for agent in self._agents})
        self._agent_of = {point: agent for agent in self._agents for point in agent.addresses}
        self._spec = spec
        self._hosts = None
        self._poller.change(self._agents)
        self._look.set()
        return True

    def agents_at(self, host: str) -> Iterator[Agent]:
        """Yield the agents at an address."""
        if self._hosts is None:
            self._hosts = defaultdict(list)
            for agent in self._agents:
                if agent.sockaddr is not None:
                    self._hosts[agent.sockaddr[0]].append(agent)
        return iter(self._hosts.get(host, ()))

    def told(self, agent: Agent, heard: Pdu) -> None:
        """Take what a trap or an inform says."""
        if self._poller is not None:
            self._poller.told(agent, heard.varbinds)

    async def execute(self, command: Command) -> Result:
        """Write a point: args {"value", "read_back" (default true)}; the result has old, new and read_back.

        device.browse lists what an agent has: args {"under" (default "1.3.6.1.2.1"), "most"}.
        """
        _, _, id_ = command.entity.partition(":")
        if command.name == "device.browse":
            return await self._browse(command)
        agent = self._agent_of.get(id_)
        if command.name != "point.write" or agent is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        point, address = agent.addresses[id_]
        if not point.writable:
            raise Invalid(f"{point.name} is read-only", where=command.entity, remedy="Make the point writable.")
        poller, ctx = self._poller, self._ctx
        if poller is None or ctx is None:
            raise Unavailable(f"{self._spec.name} is not running")
        value, name = command.args.get("value"), address.name
        read = agent.readers[id_]
        async with agent.writing:
            old = await _get(poller, agent, name)
            binding = encode(point, address, old.tag, value)
            answer = await poller.order(agent, Kind.SET, pdu.write_varbinds([binding]))
            if answer.status:
                why = REFUSALS.get(answer.status, f"the agent refuses with error {answer.status}")
                return Result(
                    ok=False,
                    code="refused",
                    what=f"{point.name}: {why}",
                    remedy="Check the object, the value and the write community.",
                )
            back = await _get(poller, agent, name) if command.args.get("read_back", True) else None
        before = read(old.tag, old.value)
        if back is None:
            return Result(ok=True, value={"old": before, "new": value, "read_back": None, "unit": point.unit})
        values, qualities = decode([read], [back])
        agent.batch_of[id_].learn(id_, values[0])
        now = [ctx.clock.now()]
        ctx.samples(Samples([id_], now, now, values, qualities))
        return Result(ok=True, value={"old": before, "new": value, "read_back": values[0], "unit": point.unit})

    async def _browse(self, command: Command) -> Result:
        agent = next((agent for agent in self._agents if agent.spec.reference == command.entity), None)
        if agent is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        if self._poller is None:
            raise Unavailable(f"{self._spec.name} is not running")
        oid, most = command.args.get("under") or "1.3.6.1.2.1", command.args.get("most") or 500
        if not isinstance(oid, str) or not isinstance(most, int) or not 1 <= most <= MOST:
            raise Invalid(f"under is a text, and most a number from 1 to {MOST}", where="args")
        try:
            root = resolve(oid)
        except WireError as error:
            raise Invalid(str(error), where="under") from None
        found, more = await walk(self._poller, agent, root, most, bulk=self.config.version != "1")
        return Result(ok=True, value={"items": found, "more": more})

    async def _open(self, ctx: Context, exchange: Exchange) -> None:
        """Open the sockets that requests go out of."""
        for number in self.config.sources:
            transport, _ = await ctx.net.datagram("snmp-source", lambda: Socket(exchange), number=number, receive_buffer=RECEIVE)
            exchange.add(transport)
        if not self.config.sources:
            transport, _ = await ctx.net.datagram("snmp", lambda: Socket(exchange), receive_buffer=RECEIVE)
            exchange.add(transport)
        self._family = socket.AF_INET6 if ":" in str(transport.get_extra_info("sockname")[0]) else socket.AF_INET

    @asynccontextmanager
    async def _hearing(self, ctx: Context) -> AsyncIterator[asyncio.Task[None] | None]:
        """Hear on the one port of the process while the block runs; gives the task that tells what was heard."""
        if not self.config.traps:
            yield None
            return
        ear = self._ears.get(ctx.net)
        if ear is None:
            ear = self._ears[ctx.net] = Ear(ctx)
        ear.add(self)
        try:
            yield await ear.open()
        finally:
            ear.remove(self)
            if not ear.needed:
                if self._ears.get(ctx.net) is ear:
                    del self._ears[ctx.net]
                await ear.close()

    async def _resolve(self, poller: Poller) -> None:
        """Find where agents are that are given by name, again and again."""
        loop = asyncio.get_running_loop()
        while True:
            for agent in [agent for agent in self._agents if not agent.literal]:
                host = agent.config.host
                try:
                    found = await loop.getaddrinfo(host, self.config.port, family=self._family, type=socket.SOCK_DGRAM)
                except OSError:
                    poller.nowhere(agent, f"the name {host} has no address")
                else:
                    poller.found(agent, (str(found[0][4][0]), self.config.port))
                    self._hosts = None
            self._look.clear()
            try:
                async with asyncio.timeout(RESOLVE):
                    await self._look.wait()
            except TimeoutError:
                pass

    def _make(self, spec: EndpointSpec, known: dict[str, Agent]) -> list[Agent]:
        """Return an agent for each device, the same where nothing of it changed."""

        def of(device: DeviceSpec) -> Agent:
            same = known.get(device.id)
            if same is not None and same.spec == device:
                return same
            return Agent(device, self.config, self.user)

        return [of(device) for device in spec.devices]


async def _get(poller: Poller, agent: Agent, name: bytes) -> Varbind:
    answer = await poller.order(agent, Kind.GET, pdu.ask([name]))
    if answer.status or not answer.varbinds or answer.varbinds[0].name != name:
        why = REFUSALS.get(answer.status, "its answer is of another object")
        raise Unavailable(f"{agent.spec.name} does not give the object that is to be written: {why}")
    return answer.varbinds[0]


class SnmpDriver:
    """Makes SNMP endpoints; they share port 162."""

    manifest = MANIFEST

    def __init__(self) -> None:
        self._ears: WeakKeyDictionary[Network, Ear] = WeakKeyDictionary()

    def endpoint(self, spec: EndpointSpec) -> SnmpEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return SnmpEndpoint(spec, self._ears)


DRIVER: Final = SnmpDriver()
