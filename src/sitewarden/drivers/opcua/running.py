"""A session at work: its points subscribed, read and written. The one part of the driver that needs the protocol's library."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from asyncua import ua

from sitewarden.domain.commands import Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.opcua.browse import MOST, browse
from sitewarden.drivers.opcua.config import AddressConfig, EndpointConfig
from sitewarden.drivers.opcua.history import fill
from sitewarden.drivers.opcua.mapping import Columns, Node
from sitewarden.drivers.opcua.polling import Polling
from sitewarden.drivers.opcua.session import DATA_TYPE, VALUE, Session
from sitewarden.drivers.opcua.subscribing import Subscriptions, Wanted
from sitewarden.drivers.opcua.wire import Values
from sitewarden.kit.context import Context
from sitewarden.kit.errors import DriverError
from sitewarden.kit.values import raw
from sitewarden.net.tls import Application

UNKNOWN_SPACE: Final = 0x80340000
"""BadNodeIdUnknown: the server has no such namespace."""
HISTORY_SECONDS: Final = 20.0
"""Time that a server has for what was missed, before it is subscribed to again."""
_WHOLE: Final = {
    ua.VariantType.SByte: (-(2**7), 2**7 - 1),
    ua.VariantType.Byte: (0, 2**8 - 1),
    ua.VariantType.Int16: (-(2**15), 2**15 - 1),
    ua.VariantType.UInt16: (0, 2**16 - 1),
    ua.VariantType.Int32: (-(2**31), 2**31 - 1),
    ua.VariantType.UInt32: (0, 2**32 - 1),
    ua.VariantType.Int64: (-(2**63), 2**63 - 1),
    ua.VariantType.UInt64: (0, 2**64 - 1),
}
Take = Callable[[Columns, Values], None]


class Running:
    """What one connection does, from its opening to its end."""

    def __init__(self, ctx: Context, config: EndpointConfig, application: Application, take: Take) -> None:
        self._session = Session(ctx, config, application)
        self._subscriptions = Subscriptions(self._session, take)
        self._polling = Polling(self._session, take)
        self._config, self._take = config, take

    @property
    def closed(self) -> asyncio.Future[DriverError]:
        """Why the connection ended."""
        return self._session.closed

    @property
    def answers(self) -> int:
        """Answers that news came by."""
        return self._subscriptions.answers

    async def open(self) -> None:
        """Open the session; raises a DriverError."""
        await self._session.open()

    async def begin(
        self, points: Mapping[str, tuple[Point, AddressConfig]], since: Mapping[str, int], without: set[str], now: int
    ) -> list[tuple[str, int]]:
        """Fill the gap, subscribe and read; return the points that the server refuses, with its StatusCodes."""
        refused: list[tuple[str, int]] = []
        watched: list[Wanted] = []
        polled: list[Wanted] = []
        for point, address in points.values():
            node = self._session.node(Node.parse(address.node))
            if node is None:
                refused.append((point.id, UNKNOWN_SPACE))
                continue
            (watched if address.read == "subscribe" else polled).append(Wanted(point, address, node))
        if self._config.history and since:
            try:
                async with asyncio.timeout(HISTORY_SECONDS):
                    await fill(self._session, watched + polled, since, without, now, self._take)
            except TimeoutError:
                # The rest of the gap stays: what is now matters more.
                pass
        placed = await self._subscriptions.begin(watched)
        refused += [(one.point.id, code) for one, code in placed.refused]
        await self._polling.begin(polled + placed.polled)
        return refused

    async def change(self, gone: set[str], points: Mapping[str, tuple[Point, AddressConfig]], now: int) -> list[tuple[str, int]]:
        """Let go of some points and take in others, which do not disturb the rest; return what `begin` does."""
        self._polling.remove(gone)
        await self._subscriptions.remove(gone)
        return await self.begin(points, {}, set(), now)

    async def write(self, point: Point, address: AddressConfig, value: Value, *, read_back: bool) -> tuple[Result, Values | None]:
        """Write a point's value; the result, and what was read back where that is asked for. Raises Invalid, or a DriverError."""
        session, where = self._session, f"point:{point.id}"
        node = session.node(Node.parse(address.node))
        if node is None:
            raise Invalid(f"the server has no namespace of {address.node}", where=where, remedy="Browse the device again.")
        with session.mapped("asked for the value that is to be written"):
            asked = ua.ReadParameters(TimestampsToReturn=ua.TimestampsToReturn.Neither)
            asked.NodesToRead = [
                ua.ReadValueId(NodeId=node, AttributeId=VALUE),
                ua.ReadValueId(NodeId=node, AttributeId=DATA_TYPE),
            ]
            current, type_ = await session.services.read(asked)
        if address.element is not None:
            await self._ranged(node, address.element, where)
        kind = _type(current, type_)
        if kind is None:
            raise Invalid(f"the server does not tell the type of {address.node}", where=where, remedy="Is the node right?")
        told: Any = _fit(raw(point, value), kind, where)
        variant = ua.Variant([told] if address.element is not None else told, kind)
        old = _old(point, current, address)
        code = await session.write(node, ua.DataValue(Value=variant, StatusCode=None), address.element)
        if code >> 31:
            what = f"{point.name}: the server refuses the value with {ua.StatusCode(ua.UInt32(code)).name} (0x{code:08X})"
            return Result(ok=False, code="refused", what=what, remedy="Check the rights of this user, and the value."), None
        back = await session.read([node], [address.element]) if read_back else None
        return Result(ok=True, value={"old": old, "new": value, "read_back": None, "unit": point.unit}), back

    async def _ranged(self, node: ua.NodeId, element: int, where: str) -> None:
        """Refuse to write an element where the server would take it for the whole array."""
        seen = (await self._session.read([node], [element])).values[0]
        if not isinstance(seen, list) or len(seen) != 1:
            raise Invalid(
                "the server does not give a single element, so it would lose the others",
                where=where,
                remedy="Write the array by a node of its own, if the server has one for each element.",
            )

    async def browse(self, under: str, most: int) -> Result:
        """List variables under a node; raises Invalid, or a DriverError."""
        try:
            node = self._session.node(Node.parse(under))
        except ValueError as error:
            raise Invalid(str(error), where="under") from None
        if node is None:
            raise Invalid(f"the server has no namespace of {under}", where="under", remedy="Begin at i=85, the folder Objects.")
        items, more = await browse(self._session, node, min(most, MOST))
        return Result(ok=True, value={"items": items, "more": more})

    async def close(self) -> None:
        """End all of it."""
        await self._subscriptions.close()
        await self._polling.close()
        await self._session.close()


def _type(current: ua.DataValue, type_: ua.DataValue) -> ua.VariantType | None:
    """Return the built-in type of a node: of its value, or else as its DataType says."""
    value = current.Value
    if value is not None and value.VariantType not in (None, ua.VariantType.Null):
        return ua.VariantType(value.VariantType) if isinstance(value.VariantType, ua.VariantType) else None
    named = type_.Value.Value if type_.Value is not None else None
    if isinstance(named, ua.NodeId) and named.NamespaceIndex == 0 and isinstance(named.Identifier, int):
        if 1 <= named.Identifier <= 15:
            return ua.VariantType(named.Identifier)
        return ua.VariantType.Int32 if named.Identifier == 29 else None
    return None


def _fit(told: Value, kind: ua.VariantType, where: str) -> Value:
    """Return a value as the node's type; raises Invalid where it is none of it."""
    if kind == ua.VariantType.String:
        return str(told).lower() if isinstance(told, bool) else str(told)
    if isinstance(told, str) or told is None:
        raise Invalid(f"the node takes no text, it is {kind.name}", where=where)
    if kind == ua.VariantType.Boolean:
        if told not in (0, 1):
            raise Invalid(f"{told} is neither 0 nor 1", where=where)
        return bool(told)
    if kind in (ua.VariantType.Float, ua.VariantType.Double):
        return float(told)
    limits = _WHOLE.get(kind)
    if limits is None:
        raise Invalid(f"a node of the type {kind.name} cannot be written by a point", where=where)
    whole = round(told)
    if not limits[0] <= whole <= limits[1]:
        raise Invalid(f"{whole} does not fit the node's type {kind.name}", where=where)
    return whole


def _old(point: Point, current: ua.DataValue, address: AddressConfig) -> Value:
    value = current.Value.Value if current.Value is not None else None
    if address.element is not None:
        value = value[address.element] if isinstance(value, list) and address.element < len(value) else None
    if not isinstance(value, (bool, int, float, str)):
        return None
    return Columns([point]).samples(Values([0], [value], [0], [1], [0]), 1).values[0]
