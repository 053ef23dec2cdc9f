"""A Sparkplug host application: which nodes and devices are born, what their metrics are, and what to ask of whom. Pure.

Eclipse Sparkplug 3.0.0. A metric is known by the name, or the alias, that the last birth gave it. Whatever does not fit what was
born (an alias that is not known, a number missing in the sequence, data before a birth) asks the node to be born again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.mqtt.config import AddressConfig, DeviceConfig
from sitewarden.drivers.mqtt.mapping import Batch, Take
from sitewarden.wire.mqtt import Publish
from sitewarden.wire.sparkplug import SEQUENCE, Kind, Metric, Payload, PayloadError, Value, decode, encode, split, typed

ASK_EVERY: Final = 5.0
"""Seconds between two requests to one node to be born again."""
REBIRTH: Final = "Node Control/Rebirth"
_QUALITIES: Final = {0: int(Quality.BAD), 500: int(Quality.UNCERTAIN_LAST_KNOWN_VALUE)}
_GOOD: Final = int(Quality.GOOD)
_NO_VALUE: Final = int(Quality.BAD_SENSOR_FAILURE)

NodeName = tuple[str, str]
"""Group and edge node."""


class Bound:
    """A point, and the metric that it is of."""

    __slots__ = ("metric", "owner", "point", "take")

    def __init__(self, point: str, owner: str, address: AddressConfig, take: Take) -> None:
        """`owner` is the id of the device that the point belongs to."""
        self.point = point
        self.owner = owner
        self.metric = address.metric
        self.take = take


class _Known:
    """A metric as its birth described it."""

    __slots__ = ("alias", "bound", "kind", "name")

    def __init__(self, metric: Metric, bound: Bound | None) -> None:
        self.name = metric.name
        self.alias = metric.alias
        self.kind = metric.kind
        self.bound = bound


class _Node:
    def __init__(self) -> None:
        self.bounds: dict[str, dict[str, Bound]] = {}
        """Sparkplug device ("" for the node itself) to metric name to point."""
        self.owners: dict[str, str] = {}
        """Sparkplug device to the id of ours."""
        self.alive = False
        self.born: set[str] = set()
        self.birth: Value = None
        """The number that a death has to carry to be of this birth."""
        self.sequence: int | None = None
        self.names: dict[tuple[str, str], _Known] = {}
        self.aliases: dict[int, _Known] = {}
        self.asked: float | None = None


class Host:
    """All nodes of one broker. What it found out is in `asks` and `changes`, emptied by who uses it."""

    def __init__(self, devices: Iterable[tuple[str, DeviceConfig, Iterable[Bound]]]) -> None:
        self.asks: list[NodeName] = []
        """Nodes to be asked for a birth."""
        self.changes: list[tuple[str, bool]] = []
        """Ids of devices that were born (True) or died."""
        self._nodes: dict[NodeName, _Node] = {}
        self._of_point: dict[str, tuple[NodeName, str, str]] = {}
        for id_, config, bounds in devices:
            name = (config.group, config.node)
            node = self._nodes.setdefault(name, _Node())
            node.owners[config.device] = id_
            node.bounds[config.device] = {bound.metric: bound for bound in bounds}
            for bound in node.bounds[config.device].values():
                self._of_point[bound.point] = (name, config.device, bound.metric)

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def filters(self) -> list[str]:
        """Return what is to be subscribed to; commands to the nodes are not heard."""
        found: list[str] = []
        for group, name in self._nodes:
            # Of all devices, since the numbers of its messages run over them.
            found += [f"spBv1.0/{group}/{kind}/{name}" for kind in ("NBIRTH", "NDEATH", "NDATA")]
            found += [f"spBv1.0/{group}/{kind}/{name}/+" for kind in ("DBIRTH", "DDEATH", "DDATA")]
        return found

    def begin(self) -> None:
        """Forget births of an earlier connection, and ask all nodes for one: births are not retained."""
        for name, node in self._nodes.items():
            node.alive, node.asked = False, None
            node.born.clear()
            self.asks.append(name)

    def take(self, message: Publish, now: int, monotonic: float, batch: Batch) -> bool:
        """Take a message; False where it is none of a node of ours."""
        parts = split(message.topic)
        node = self._nodes.get((parts[0], parts[2])) if parts is not None else None
        if parts is None or node is None:
            return False
        group, kind, name, device = parts
        try:
            payload = decode(message.payload)
        except PayloadError:
            self._ask((group, name), node, monotonic)
            return True
        if kind == "NBIRTH":
            self._node_born(node, payload, now, batch)
        elif kind == "NDEATH":
            death = next((one.value for one in payload.metrics if one.name == "bdSeq"), None)
            if node.alive and (death is None or node.birth is None or death == node.birth):
                self._node_died(node)
        elif not node.alive:
            self._ask((group, name), node, monotonic)
        else:
            self._told(node, (group, name), kind, device, payload, now, monotonic, batch)
        return True

    def command(self, point: str, value: Value, now: int) -> Publish | None:
        """Return the message that writes a metric; None where it is not born. Raises ValueError where the value does not fit."""
        (group, name), device, metric = self._of_point[point]
        node = self._nodes[group, name]
        known = node.names.get((device, metric)) if device in node.born else None
        if known is None:
            return None
        if known.kind in (Kind.FLOAT, Kind.DOUBLE) or isinstance(value, str):
            given: Value = value
        else:
            given = round(value) if isinstance(value, float) else value
        told = Metric(name=metric, alias=known.alias, time=now // 1000, kind=known.kind, value=given)
        topic = f"spBv1.0/{group}/DCMD/{name}/{device}" if device else f"spBv1.0/{group}/NCMD/{name}"
        return Publish(topic, encode(Payload(time=now // 1000, metrics=[told])))

    def requests(self, now: int, monotonic: float) -> Iterator[Publish]:
        """Yield the requests for births that are due; forgets them."""
        asks, self.asks = self.asks, []
        for group, name in dict.fromkeys(asks):
            self._nodes[group, name].asked = monotonic
            metric = Metric(name=REBIRTH, time=now // 1000, kind=Kind.BOOLEAN, value=True)
            yield Publish(f"spBv1.0/{group}/NCMD/{name}", encode(Payload(time=now // 1000, metrics=[metric])))

    def _ask(self, name: NodeName, node: _Node, monotonic: float) -> None:
        if node.asked is None or monotonic - node.asked >= ASK_EVERY:
            node.asked = monotonic
            self.asks.append(name)

    def _node_born(self, node: _Node, payload: Payload, now: int, batch: Batch) -> None:
        # Devices of an earlier birth die with it, and are born after it.
        self.changes += [(node.owners[device], False) for device in node.born if device and device in node.owners]
        node.alive, node.born = True, {""}
        node.sequence = payload.seq
        node.names.clear()
        node.aliases.clear()
        node.birth = next((one.value for one in payload.metrics if one.name == "bdSeq"), None)
        self._born(node, "", payload, now, batch)

    def _node_died(self, node: _Node) -> None:
        node.alive = False
        node.born.clear()
        self.changes += [(owner, False) for owner in node.owners.values()]

    def _told(
        self,
        node: _Node,
        name: NodeName,
        kind: str,
        device: str,
        payload: Payload,
        now: int,
        monotonic: float,
        batch: Batch,
    ) -> None:
        if payload.seq is not None:
            expected = None if node.sequence is None else (node.sequence + 1) % SEQUENCE
            node.sequence = payload.seq
            if expected is not None and payload.seq != expected:
                self._ask(name, node, monotonic)
        if kind == "DBIRTH":
            node.born.add(device)
            self._born(node, device, payload, now, batch)
        elif kind == "DDEATH":
            node.born.discard(device)
            if device in node.owners:
                self.changes.append((node.owners[device], False))
        elif kind in ("NDATA", "DDATA") and (device not in node.born or not self._values(node, device, payload, now, batch)):
            self._ask(name, node, monotonic)

    def _born(self, node: _Node, device: str, payload: Payload, now: int, batch: Batch) -> None:
        bounds = node.bounds.get(device, {})
        for metric in payload.metrics:
            known = _Known(metric, bounds.get(metric.name))
            node.names[device, metric.name] = known
            if metric.alias is not None:
                node.aliases[metric.alias] = known
        if device in node.owners:
            self.changes.append((node.owners[device], True))
        self._values(node, device, payload, now, batch)

    @staticmethod
    def _values(node: _Node, device: str, payload: Payload, now: int, batch: Batch) -> bool:
        """Put the metrics that are points into columns; False where one is not known."""
        usual = now if payload.time is None else payload.time * 1000
        whole = True
        for metric in payload.metrics:
            if metric.name:
                known = node.names.get((device, metric.name))
            else:
                known = node.aliases.get(-1 if metric.alias is None else metric.alias)
            if known is None:
                whole = False
                continue
            bound = known.bound
            if bound is None or metric.historical:
                continue
            value = bound.take(metric.value if metric.kind else typed(metric.value, known.kind))
            quality = _GOOD if metric.quality is None else _QUALITIES.get(metric.quality, _GOOD)
            if value is None and quality >> 30 < 2:
                quality = _NO_VALUE
            batch.points.append(bound.point)
            batch.source_times.append(usual if metric.time is None else metric.time * 1000)
            batch.values.append(value if quality >> 30 < 2 else None)
            batch.qualities.append(quality)
            batch.devices.add(bound.owner)
        return whole
