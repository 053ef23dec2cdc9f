"""What a server tells by itself: subscriptions of at most a thousand nodes, and the requests that its answers come by."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import UaStatusCodeError

from sitewarden.domain.points.model import Point
from sitewarden.drivers.opcua.config import AddressConfig
from sitewarden.drivers.opcua.mapping import Columns
from sitewarden.drivers.opcua.session import VALUE, Session
from sitewarden.drivers.opcua.wire import Values, published
from sitewarden.kit.errors import DriverError, Unavailable

ITEMS: Final = 1_000
"""Nodes of one subscription; servers slow down with more."""
NOTIFICATIONS: Final = 10_000
"""Values of one answer."""
ASKED: Final = 10
"""Most requests that wait for answers; a server that has none left keeps what changes in its queues."""
_FILTER: Final = {0x80440000, 0x80450000, 0x808E0000}
"""BadMonitoredItemFilterUnsupported, BadFilterNotAllowed, BadDeadbandFilterInvalid: asked again without the filter."""
_NODE: Final = {0x80330000, 0x80340000, 0x803A0000, 0x801F0000, 0x80360000, 0x80370000}
"""BadNodeIdInvalid, BadNodeIdUnknown, BadNotReadable, BadUserAccessDenied, BadIndexRangeInvalid, BadIndexRangeNoData."""
_TOO_MANY: Final = 0x80780000
_TIMEOUT: Final = 0x800A0000
_TRIGGERS: Final = {"status": 0, "value": 1, "timestamp": 2}


class Wanted(NamedTuple):
    """A point, and the node that it is on this server."""

    point: Point
    address: AddressConfig
    node: ua.NodeId


class Placed(NamedTuple):
    """What became of points that were to be monitored."""

    refused: list[tuple[Wanted, int]]
    """With the server's StatusCode."""
    polled: list[Wanted]
    """Those that are to be read instead."""


class _Bundle:
    """One subscription as the server has it."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self.wanted = list(wanted)
        self.columns = Columns([one.point for one in wanted], [one.address.element for one in wanted])
        self.items: dict[int, int] = {}
        """The server's ids of its items, by their places."""
        self.period = wanted[0].point.period
        self.heard = 0.0
        self.silence = math.inf
        """Seconds without an answer after which it is gone."""


class Subscriptions:
    """All that one session has subscribed to."""

    def __init__(self, session: Session, take: Callable[[Columns, Values], None]) -> None:
        """`take` is given what each answer brought."""
        self._session = session
        self._take = take
        self._bundles: dict[int, _Bundle] = {}
        self._acks: list[ua.SubscriptionAcknowledgement] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._places: dict[str, tuple[int, int]] = {}
        """Points that are monitored: their subscription, and their place in it."""
        self.answers = 0

    async def begin(self, wanted: Sequence[Wanted]) -> Placed:
        """Subscribe to these nodes; what they are now arrives meanwhile. Raises a DriverError where the session ends."""
        placed = Placed([], [])
        periods: dict[float, list[Wanted]] = defaultdict(list)
        for one in wanted:
            periods[one.point.period].append(one)
        for period, several in periods.items():
            # Subscriptions that stand are filled first: each costs the server a timer of its own.
            for id_, bundle in list(self._bundles.items()):
                if bundle.period == period and several:
                    fitting, several = several[: ITEMS - len(bundle.wanted)], several[max(0, ITEMS - len(bundle.wanted)) :]
                    await self._extend(id_, bundle, fitting, placed)
            for start in range(0, len(several), ITEMS):
                await self._subscribe(several[start : start + ITEMS], period, placed)
        return placed

    async def _extend(self, id_: int, bundle: _Bundle, wanted: Sequence[Wanted], placed: Placed) -> None:
        places = [bundle.columns.add(one.point, one.address.element) for one in wanted]
        bundle.wanted += wanted
        step = self._session.limits["monitor"]
        for start in range(0, len(places), step):
            await self._monitor(id_, bundle, places[start : start + step], placed)

    async def remove(self, points: Iterable[str]) -> None:
        """Watch these no more; raises a DriverError where the session ends.

        A subscription that has nothing left ends, but for the last: without one, servers refuse the requests that wait.
        """
        gone: dict[int, list[int]] = defaultdict(list)
        for point in points:
            found = self._places.pop(point, None)
            if found is not None:
                id_, place = found
                self._bundles[id_].columns.drop(place)
                gone[id_].append(self._bundles[id_].items.pop(place))
        step = self._session.limits["monitor"]
        for id_, items in gone.items():
            with self._session.mapped("asked to watch no more"):
                if not self._bundles[id_].items and len(self._bundles) > 1:
                    del self._bundles[id_]
                    await self._session.services.delete_subscriptions([id_])
                    continue
                for start in range(0, len(items), step):
                    await self._session.services.delete_monitored_items(
                        ua.DeleteMonitoredItemsParameters(SubscriptionId=id_, MonitoredItemIds=items[start : start + step])
                    )

    async def close(self) -> None:
        """Ask for no more answers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _subscribe(self, wanted: Sequence[Wanted], period: float, placed: Placed) -> None:
        session, config = self._session, self._session.config
        alive = max(1, round(config.keep_alive / period))
        params = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=period * 1000,
            RequestedLifetimeCount=max(alive * 4, math.ceil(60 / period)),
            RequestedMaxKeepAliveCount=alive,
            MaxNotificationsPerPublish=NOTIFICATIONS,
            PublishingEnabled=True,
        )
        request = ua.CreateSubscriptionRequest()
        request.Parameters = params
        with session.mapped("asked for a subscription"):
            try:
                made = struct_from_binary(ua.CreateSubscriptionResponse, Buffer(await session.send(request))).Parameters
            except UaStatusCodeError:
                # It has no room for another one, or knows none at all: reading is the way then.
                placed.polled.extend(wanted)
                return
        bundle = _Bundle(wanted)
        bundle.heard = asyncio.get_running_loop().time()
        every = max(made.RevisedPublishingInterval / 1000, 0.001) * max(1, made.RevisedMaxKeepAliveCount)
        bundle.silence = every * 3 + config.timeout
        self._bundles[int(made.SubscriptionId)] = bundle
        if not self._tasks:
            self._tasks.append(asyncio.create_task(self._look(), name=f"subscriptions of {config.url}"))
        if len(self._tasks) < ASKED:
            count = 2 if len(self._tasks) == 1 else 1
            self._tasks += [asyncio.create_task(self._ask(), name=f"answers of {config.url}") for _ in range(count)]
        step = session.limits["monitor"]
        for start in range(0, len(wanted), step):
            await self._monitor(int(made.SubscriptionId), bundle, range(start, min(start + step, len(wanted))), placed)

    async def _monitor(self, id_: int, bundle: _Bundle, places: Sequence[int], placed: Placed, *, plain: bool = False) -> None:
        """Add items by their places in the bundle; without filters where `plain`."""
        params = ua.CreateMonitoredItemsParameters(
            SubscriptionId=id_,
            TimestampsToReturn=ua.TimestampsToReturn.Both,
            ItemsToCreate=[_item(bundle.wanted[place], place, plain=plain) for place in places],
        )
        with self._session.mapped("asked to watch nodes"):
            results = await self._session.services.create_monitored_items(params)
        again = []
        for place, result in zip(places, results, strict=False):
            code = int(result.StatusCode.value)
            if not code >> 31:
                bundle.items[place] = int(result.MonitoredItemId)
                self._places[bundle.wanted[place].point.id] = (id_, place)
                continue
            if code in _FILTER and not plain:
                again.append(place)
            elif code in _NODE:
                placed.refused.append((bundle.wanted[place], code))
            else:
                placed.polled.append(bundle.wanted[place])
        if again:
            await self._monitor(id_, bundle, again, placed, plain=True)

    async def _ask(self) -> None:
        """Keep one request with the server, and take what its answers bring."""
        session, loop = self._session, asyncio.get_running_loop()
        while True:
            request = ua.PublishRequest()
            request.Parameters.SubscriptionAcknowledgements, self._acks = self._acks, []
            try:
                with session.mapped("asked for news"):
                    try:
                        found = published(await session.send(request, 0))
                    except UaStatusCodeError as error:
                        if error.code == _TOO_MANY and len(self._tasks) > 2:
                            return
                        if error.code == _TIMEOUT:
                            continue
                        raise
            except DriverError as error:
                session.end(error)
                return
            self.answers += 1
            bundle = self._bundles.get(found.subscription)
            if found.status is not None and found.status >> 31:
                session.end(Unavailable(f"{session.config.url} ended a subscription (0x{found.status:08X})"))
                return
            if bundle is None:
                continue
            bundle.heard = loop.time()
            if not found.empty:
                self._acks.append(ua.SubscriptionAcknowledgement(found.subscription, found.sequence))
            if found.changes.handles:
                self._take(bundle.columns, found.changes)

    async def _look(self) -> None:
        """Give the session up where a subscription is silent for longer than its server promised."""
        session, loop = self._session, asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1.0)
            now = loop.time()
            if any(now - one.heard > one.silence for one in self._bundles.values()):
                session.end(Unavailable(f"{session.config.url} says nothing more of a subscription"))
                return


def _item(one: Wanted, place: int, *, plain: bool) -> ua.MonitoredItemCreateRequest:
    address = one.address
    sampling = one.point.period if address.sampling is None else address.sampling
    parameters = ua.MonitoringParameters(
        ClientHandle=place, SamplingInterval=sampling * 1000, QueueSize=address.queue, DiscardOldest=True
    )
    if not plain and (address.deadband or address.trigger != "value"):
        kind = (1 if address.deadband_kind == "absolute" else 2) if address.deadband else 0
        parameters.Filter = ua.DataChangeFilter(
            Trigger=ua.DataChangeTrigger(_TRIGGERS[address.trigger]), DeadbandType=kind, DeadbandValue=address.deadband
        )
    node = ua.ReadValueId(NodeId=one.node, AttributeId=VALUE)
    if address.element is not None:
        node.IndexRange = str(address.element)
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=node, MonitoringMode=ua.MonitoringMode.Reporting, RequestedParameters=parameters
    )
