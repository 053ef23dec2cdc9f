"""Polls the agents of an endpoint: each batch in its period, orders before reads, a lost agent beside the others.

All is driven by callbacks of the exchange and one timer; nothing is awaited on the way of a sample.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status as Health
from sitewarden.drivers.snmp.agent import ORDERS, Agent, Answer, Batch, Order
from sitewarden.drivers.snmp.config import EndpointConfig
from sitewarden.drivers.snmp.exchange import Exchange
from sitewarden.drivers.snmp.mapping import ABSENT, decode, quality_of
from sitewarden.kit.context import Context
from sitewarden.kit.errors import Unavailable
from sitewarden.kit.freshness import Freshness
from sitewarden.kit.phases import Phases
from sitewarden.wire.snmp.pdu import Kind, Pdu, Status, Varbind
from sitewarden.wire.snmp.v3 import Denied

ABSENT_PERIOD: Final = 60.0
"""Seconds between two tries of a single point that the agent says it does not have."""


class Poller:
    """The schedule of one endpoint. It lives as long as its sockets."""

    def __init__(
        self, ctx: Context, config: EndpointConfig, agents: Sequence[Agent], freshness: Freshness, exchange: Exchange
    ) -> None:
        self._ctx = ctx
        self._agents = list(agents)
        self._freshness = freshness
        self._exchange = exchange
        self._limit = config.in_flight
        self._lost_limit = max(1, config.in_flight // 2)
        self._misses = config.retries + 1
        self._timeout = config.timeout
        self._loop = asyncio.get_running_loop()
        self._flying = 0
        self._lost_flying = 0
        self._heap: list[tuple[float, int, Agent, Batch]] = []
        self._order = count()
        self._ready: deque[Agent] = deque()
        self._sent: set[Order] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._phases = Phases()
        self._stopped = False

    def start(self) -> None:
        """Read everything now that has an address; then each batch in its period."""
        for agent in self._agents:
            self._begin(agent)
        self._pump()

    def found(self, agent: Agent, sockaddr: tuple[str, int]) -> None:
        """An agent's name has an address, or another one."""
        new, agent.sockaddr = agent.sockaddr is None, sockaddr
        if new and not self._stopped and not agent.gone:
            self._begin(agent)
            self._pump()

    def nowhere(self, agent: Agent, detail: str) -> None:
        """An agent's name has no address; the one that it had is kept."""
        if agent.sockaddr is None and not self._stopped and not agent.gone:
            self._freshness.lost(agent.groups, self._ctx.clock, self._ctx.samples)
            self._ctx.status(Health(ref=agent.spec.reference, state="offline", detail=detail, since=self._ctx.clock.now()))

    def change(self, agents: Sequence[Agent]) -> None:
        """Poll these agents from now on; those that stay are not disturbed, new ones are read at once."""
        staying = set(agents)
        for agent in self._agents:
            if agent not in staying:
                agent.gone = True
                self._withdraw(agent)
                agent.reads.clear()
                for order in agent.orders:
                    _resolve(order, Unavailable(f"{agent.spec.name} was changed meanwhile"))
                agent.orders.clear()
                self._freshness.drop(agent.groups)
        known = set(self._agents)
        self._agents = list(agents)
        for agent in agents:
            if agent not in known:
                self._begin(agent)
        self._pump()

    def stop(self, reason: str) -> None:
        """Send nothing more; orders that wait fail, and all that was Good is Uncertain."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for agent in self._agents:
            self._sent.update(agent.orders)
            agent.orders.clear()
            self._freshness.lost(agent.groups, self._ctx.clock, self._ctx.samples)
        for order in self._sent:
            _resolve(order, Unavailable(reason))

    async def order(self, agent: Agent, kind: int, varbinds: bytes, status: int = 0, position: int = 0) -> Pdu:
        """Send a request before all reads; return the response, whatever its error status. Raises Unavailable.

        Reading is tried again as often as polls are; a SET is sent once, since nobody knows whether the first one was done.
        """
        for left in range(0 if kind == Kind.SET else self._misses - 1, -1, -1):
            answer = await self._ordered(agent, kind, varbinds, status, position)
            if isinstance(answer, Pdu):
                return answer
            if isinstance(answer, Denied):
                raise Unavailable(f"{agent.spec.name}: {answer}")
            if not left or self._stopped:
                break
        raise Unavailable(f"{agent.spec.name} did not answer within {self._timeout:g} s")

    def told(self, agent: Agent, varbinds: Iterable[Varbind]) -> None:
        """Take what a trap or an inform says: values of points, and that the agent lives."""
        clock, deliver = self._ctx.clock, self._ctx.samples
        for binding in varbinds:
            for id_ in agent.by_name.get(binding.name, ()):
                values, qualities = decode([agent.readers[id_]], [binding])
                batch = agent.batch_of.get(id_)
                if batch is None:
                    self._freshness.good(agent.heard[id_], values, qualities, clock, deliver)
                elif not batch.failed:
                    batch.learn(id_, values[0])
                    now = [clock.now()]
                    deliver(Samples([id_], now, now, values, qualities))
        if agent.batches:
            if agent.dead:
                self._alive(agent)
                self._pump()
        elif not agent.online:
            self._online(agent)

    async def _ordered(self, agent: Agent, kind: int, varbinds: bytes, status: int, position: int) -> Answer:
        if self._stopped or agent.sockaddr is None:
            raise Unavailable(f"{agent.spec.name} is not reached now")
        if len(agent.orders) >= ORDERS:
            raise Unavailable(f"{ORDERS} orders wait for {agent.spec.name} already")
        future: asyncio.Future[Answer] = self._loop.create_future()
        agent.orders.append(Order(kind, varbinds, status, position, future))
        self._enqueue(agent)
        self._pump()
        return await future

    def _begin(self, agent: Agent) -> None:
        agent.begin()
        if agent.sockaddr is None:
            return
        now = self._loop.time()
        for batch in agent.batches:
            self._at_once(agent, batch, now)

    def _at_once(self, agent: Agent, batch: Batch, now: float) -> None:
        """Read it now, and from then on in a phase of its own."""
        self._later(agent, batch, now)
        batch.due -= batch.period * (1.0 - self._phases.next())

    def _later(self, agent: Agent, batch: Batch, due: float) -> None:
        batch.due = due
        heappush(self._heap, (due, next(self._order), agent, batch))

    def _enqueue(self, agent: Agent) -> None:
        if not agent.queued and agent.wants:
            agent.queued = True
            self._ready.append(agent)

    def _pump(self) -> None:
        """Send what is due and allowed, then set the timer for what comes next."""
        if self._stopped:
            return
        now = self._loop.time()
        heap = self._heap
        while heap and heap[0][0] <= now:
            _, _, agent, batch = heappop(heap)
            agent.reads.append(batch)
            self._enqueue(agent)
        aside: list[Agent] = []
        while self._ready and self._flying < self._limit:
            agent = self._ready.popleft()
            agent.queued = False
            if agent.dead and self._lost_flying >= self._lost_limit:
                aside.append(agent)
            elif agent.wants:
                self._send(agent)
                self._enqueue(agent)
        for agent in aside:
            self._enqueue(agent)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(heap[0][0], self._pump) if heap else None

    def _send(self, agent: Agent) -> None:
        order = agent.next_order()
        batch = agent.reads.popleft() if order is None and agent.reads else None
        if order is None and batch is None:
            return
        self._flying += 1
        agent.flying += 1
        lost = agent.dead
        self._lost_flying += lost

        def done(answer: Answer) -> None:
            self._flying -= 1
            agent.flying -= 1
            self._lost_flying -= lost
            if not agent.gone:
                self._heard(agent, answer)
            if order is not None:
                self._sent.discard(order)
                _resolve(order, answer)
                if agent.dead and agent.probe is None and not agent.flying and agent.batches and not agent.gone:
                    self._probe(agent, agent.batches[0])
            elif batch is not None and not agent.gone:
                self._read(agent, batch, answer)
            self._enqueue(agent)
            self._pump()

        if order is not None:
            self._sent.add(order)
            self._exchange.send(agent, order.kind, order.varbinds, done, order.status, order.position)
        elif batch is not None:
            self._exchange.send(agent, Kind.GET, batch.request, done)

    def _heard(self, agent: Agent, answer: Answer) -> None:
        if not isinstance(answer, Pdu):
            agent.misses += 1
            if agent.misses >= self._misses or isinstance(answer, Denied):
                self._dead(agent, str(answer) or f"{agent.misses} requests had no answer within {self._timeout:g} s each")
            return
        agent.misses = 0
        if agent.dead or not agent.online:
            self._alive(agent)
            self._online(agent)

    def _online(self, agent: Agent) -> None:
        agent.online = True
        self._ctx.status(Health(ref=agent.spec.reference, state="online", since=self._ctx.clock.now()))

    def _read(self, agent: Agent, batch: Batch, answer: Answer) -> None:
        now = self._loop.time()
        if not isinstance(answer, Pdu):
            if not agent.dead:
                self._later(agent, batch, now)
            elif agent.probe is None or agent.probe is batch:
                self._probe(agent, batch)
            else:
                batch.parked = True
        elif answer.status:
            self._refused(agent, batch, answer)
        elif [binding.name for binding in answer.varbinds] != batch.names:
            self._freshness.bad(batch, Quality.BAD_COMMUNICATION_ERROR, self._ctx.clock, self._ctx.samples)
            self._later(agent, batch, now + batch.period)
        else:
            values, qualities = decode(batch.reads, answer.varbinds)
            self._freshness.good(batch, values, qualities, self._ctx.clock, self._ctx.samples)
            self._later(agent, batch, max(batch.due + batch.period, now))

    def _refused(self, agent: Agent, batch: Batch, answer: Pdu) -> None:
        """Ask for less where the answer is too big; else find the point that is refused, and read the others."""
        now = self._loop.time()
        place = answer.position - 1
        if answer.status == Status.TOO_BIG:
            smaller = batch.halves()
        else:
            smaller = batch.without(place) if 0 <= place < len(batch.items) else batch.halves()
        if smaller:
            for one in smaller:
                one.failed = batch.failed
                self._later(agent, one, now)
            agent.replace(batch, smaller)
            self._freshness.drop([batch])
            return
        self._freshness.bad(batch, quality_of(answer.status), self._ctx.clock, self._ctx.samples)
        self._later(agent, batch, now + (max(batch.period, ABSENT_PERIOD) if answer.status in ABSENT else batch.period))

    def _dead(self, agent: Agent, detail: str) -> None:
        """Stop polling an agent, but for one read that probes it with growing pauses."""
        if not agent.dead:
            agent.dead = True
            agent.online = False
            agent.probe = None
            agent.backoff.reset()
            for batch in (*self._withdraw(agent), *agent.reads):
                batch.parked = True
            agent.reads.clear()
            self._freshness.lost(agent.groups, self._ctx.clock, self._ctx.samples)
        self._ctx.status(Health(ref=agent.spec.reference, state="offline", detail=detail, since=self._ctx.clock.now()))

    def _probe(self, agent: Agent, batch: Batch) -> None:
        agent.probe = batch
        batch.parked = False
        self._later(agent, batch, self._loop.time() + agent.backoff.next())

    def _alive(self, agent: Agent) -> None:
        agent.dead = False
        agent.probe = None
        agent.misses = 0
        now = self._loop.time()
        for batch in self._withdraw(agent):
            batch.parked = True
        for batch in agent.batches:
            if batch.parked:
                batch.parked = False
                self._at_once(agent, batch, now)

    def _withdraw(self, agent: Agent) -> list[Batch]:
        """Take an agent's batches out of the schedule."""
        taken = [batch for _, _, owner, batch in self._heap if owner is agent]
        self._heap = [entry for entry in self._heap if entry[2] is not agent]
        heapify(self._heap)
        return taken


def _resolve(order: Order, answer: Answer) -> None:
    if order.future.done():
        return
    if isinstance(answer, Unavailable):
        order.future.set_exception(answer)
    else:
        order.future.set_result(answer)
