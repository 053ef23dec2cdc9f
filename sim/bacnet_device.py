"""A BACnet device with objects that a simulation sets: reads, writes with priorities, COV, segments; and faults on demand."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sitewarden.wire.bacnet import apdu, names, network, services, tags
from sitewarden.wire.bacnet.apdu import Abort, Confirmed, Done, Error, Message, Reject, Request, SegmentAck, Unconfirmed
from sitewarden.wire.bacnet.network import Station
from sitewarden.wire.bacnet.objects import FLAGS, PRESENT_VALUE, Objects, Subscriber, Subscribers
from sitewarden.wire.bacnet.segments import Cut
from sitewarden.wire.bacnet.services import IAm, Property, Refused, Write
from sitewarden.wire.bacnet.tags import Tagged, WireError, object_of

UNITS, OUT_OF_SERVICE, RELIABILITY, PRIORITIES, DEFAULT = 117, 81, 103, 87, 104
VALUE_TAG = {0: tags.REAL, 1: tags.REAL, 2: tags.REAL, 3: 9, 4: 9, 5: 9, 13: 2, 14: 2, 19: 2, 40: tags.TEXT, 48: 2}
COMMANDABLE = frozenset({1, 2, 4, 5, 14, 19})


@dataclass
class Faults:
    """What a device does wrong."""

    silent: bool = False
    """Answers nothing."""
    drop: float = 0.0
    """Share of the requests that get lost."""
    delay: float = 0.0
    """Seconds until an answer."""
    error: Refused | None = None
    """Class and code of the error that answers everything."""
    reject: int | None = None
    """Reason that everything is rejected with."""
    garbage: bool = False
    """Answers bytes that are no message."""
    other: bool = False
    """Answers with objects that nobody asked for."""
    no_multiple: bool = False
    """Does not know ReadPropertyMultiple."""
    no_segments: bool = False
    """Sends no answers in segments."""
    no_cov: bool = False
    """Takes no subscriptions."""
    deaf: set[int] = field(default_factory=set)
    """Services that are not answered."""


class BacnetDevice(asyncio.DatagramProtocol):
    """One device at an address. `put` moves its values; `start` and `stop` switch it on and off."""

    def __init__(self, instance: int = 1001, name: str = "Simulated device") -> None:
        self.instance = instance
        self.objects = Objects(instance, name, vendor=999, vendor_name="Sitewarden simulation", model="Sim 1")
        self.subscribers = Subscribers(self.objects)
        self.faults = Faults()
        self.priorities: dict[int, list[Any]] = {}
        self.defaults: dict[int, Any] = {}
        self.asked: list[Request] = []
        self.record = False
        self.longest = 1476
        self.written: Callable[[int, Any], None] | None = None
        self.refuse_confirmed = False
        self.told = 0
        self._increments: dict[int, float] = {}
        self._draw = random.Random(7)
        self._cuts: dict[tuple[Station, int], Cut] = {}
        self._confirmations: dict[tuple[Station, int], Subscriber] = {}
        self._invoke = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._ear: asyncio.DatagramTransport | None = None
        self._later: set[asyncio.TimerHandle] = set()

    def add(
        self, object_: str, name: str, value: Any, *, units: int | None = None, texts: tuple[str, ...] = (), step: float = 0.0
    ) -> int:
        """Add an object; `texts` are its states, `step` its COV increment."""
        number = names.object_from(object_)
        kind = number >> 22
        self.objects.add(number, name)
        self.objects.put(number, names.NUMBERS["description"], [(tags.TEXT, name)])
        if units is not None:
            self.objects.put(number, UNITS, [(tags.ENUMERATED, units)])
        if kind in (13, 14, 19):
            self.objects.put(number, names.NUMBERS["number-of-states"], [(tags.UNSIGNED, len(texts))])
            self.objects.put_array(number, names.NUMBERS["state-text"], [(tags.TEXT, one) for one in texts])
        elif texts:
            self.objects.put(number, names.NUMBERS["inactive-text"], [(tags.TEXT, texts[0])])
            self.objects.put(number, names.NUMBERS["active-text"], [(tags.TEXT, texts[1])])
        self.objects.put(number, OUT_OF_SERVICE, [(tags.BOOLEAN, False)])
        self.objects.put(number, names.NUMBERS["event-state"], [(tags.ENUMERATED, 0)])
        self.objects.put(number, FLAGS, [(tags.BITS, (False,) * 4)])
        self._increments[number] = step
        if kind in COMMANDABLE:
            self.priorities[number] = [None] * 16
            self.defaults[number] = value
        self._value(number, value)
        return number

    def put(self, object_: str, value: Any) -> None:
        """Set a present value, and tell who wants to know."""
        number = names.object_from(object_)
        if number in self.defaults:
            self.defaults[number] = value
        self._value(number, value)

    def flags(self, object_: str, *, fault: int = 0, out_of_service: bool = False, overridden: bool = False) -> None:
        """Set the status flags; `fault` is a reliability."""
        number = names.object_from(object_)
        self.objects.put(number, FLAGS, [(tags.BITS, (False, bool(fault), overridden, out_of_service))])
        self.objects.put(number, RELIABILITY, [(tags.ENUMERATED, fault)])
        self.objects.put(number, OUT_OF_SERVICE, [(tags.BOOLEAN, out_of_service)])
        self._changed(number, force=True)

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, announce: bool = False) -> int:
        """Listen, and where it is so wished tell everyone; return the port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=_socket(host, port))
        number = int(self._transport.get_extra_info("sockname")[1])
        if host.startswith("127."):
            self._ear, _ = await loop.create_datagram_endpoint(lambda: self, sock=_socket("127.255.255.255", number))
        if announce:
            self._transport.sendto(network.broadcast(self._i_am()), (_everyone(host), number))
        return number

    async def stop(self) -> None:
        """Close, and forget who subscribed, as a device does that loses its power."""
        for transport in (self._transport, self._ear):
            if transport is not None:
                transport.close()
        for handle in self._later:
            handle.cancel()
        self._later.clear()
        self._transport = self._ear = None
        self._cuts.clear()
        self._confirmations.clear()
        self.subscribers = Subscribers(self.objects)
        await asyncio.sleep(0)

    def announce(self, to: tuple[str, int]) -> None:
        """Tell one computer that it is there."""
        assert self._transport is not None
        self._transport.sendto(network.unicast(Station(*to), self._i_am(), reply=False), to)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Take a datagram; a broken one gets no answer."""
        faults = self.faults
        if faults.silent or (faults.drop and self._draw.random() < faults.drop):
            return
        try:
            frame = network.read(data, (addr[0], addr[1]))
            heard = apdu.read(frame.apdu) if frame.apdu else None
            if faults.delay and isinstance(heard, Request):
                handle = asyncio.get_running_loop().call_later(faults.delay, self._take, frame.source, heard)
                self._later.add(handle)
            elif heard is not None:
                self._take(frame.source, heard)
        except WireError:
            return

    def _take(self, source: Station, heard: Any) -> None:
        match heard:
            case Request():
                self._request(source, heard)
            case Message(service=Unconfirmed.WHO_IS, data=data):
                low, high = services.read_who_is(data)
                if low <= self.instance <= high:
                    self._send(source, self._i_am())
            case SegmentAck():
                cut = self._cuts.get((source, heard.invoke))
                for segment in cut.take(heard) if cut is not None else []:
                    self._send(source, segment)
            case Done() | Error() | Reject() | Abort():
                subscriber = self._confirmations.pop((source, heard.invoke), None)
                if subscriber is not None:
                    subscriber.busy = False
                    if subscriber.changed:
                        self._tell(subscriber)

    def _request(self, source: Station, request: Request) -> None:
        if self.record:
            self.asked.append(request)
        faults, invoke, service = self.faults, request.invoke, request.service
        if service in faults.deaf:
            return
        if faults.garbage:
            self._send(source, apdu.answer(invoke, service, b"\xff\xff\xff"))
        elif faults.error is not None:
            self._send(source, apdu.error(invoke, service, *faults.error))
        elif faults.reject is not None:
            self._send(source, apdu.reject(invoke, faults.reject))
        elif faults.no_multiple and service == Confirmed.READ_PROPERTY_MULTIPLE:
            self._send(source, apdu.reject(invoke, apdu.RejectReason.UNRECOGNIZED_SERVICE))
        else:
            try:
                self._serve(source, request)
            except WireError:
                self._send(source, apdu.reject(invoke, apdu.RejectReason.INVALID_TAG))

    def _serve(self, source: Station, request: Request) -> None:
        invoke, service = request.invoke, request.service
        match service:
            case Confirmed.READ_PROPERTY | Confirmed.READ_PROPERTY_MULTIPLE:
                found = self.read(request)
                if isinstance(found, tuple):
                    self._send(source, apdu.error(invoke, service, *found))
                else:
                    self._answer(source, request, found)
            case Confirmed.WRITE_PROPERTY:
                refused = self._write(services.read_write_property(request.data))
                self._send(source, apdu.error(invoke, service, *refused) if refused else apdu.done(invoke, service))
            case Confirmed.SUBSCRIBE_COV:
                self._subscribe(source, request)
            case _:
                self._send(source, apdu.reject(invoke, apdu.RejectReason.UNRECOGNIZED_SERVICE))

    def read(self, request: Request) -> bytes | Refused:
        """Return the content of an answer, or the class and code of an error."""
        found = self.objects.read(request)
        if self.faults.other and isinstance(found, bytes):
            wrong = Property(object_of(0, 4_000_000), PRESENT_VALUE)
            if request.service == Confirmed.READ_PROPERTY:
                return services.read_property_ack(wrong, tags.write(tags.REAL, 0.0))
            return services.read_multiple_ack([(wrong, tags.write(tags.REAL, 0.0))])
        return found

    def _answer(self, source: Station, request: Request, found: bytes) -> None:
        longest = min(request.longest, self.longest)
        if len(found) + 3 <= longest:
            self._send(source, apdu.answer(request.invoke, request.service, found))
        elif self.faults.no_segments or not request.segmented:
            self._send(source, apdu.abort(request.invoke, apdu.AbortReason.SEGMENTATION_NOT_SUPPORTED))
        else:
            cut = self._cuts[source, request.invoke] = Cut(request.invoke, request.service, found, longest)
            for segment in cut.begin():
                self._send(source, segment)

    def _write(self, write: Write) -> Refused | None:
        object_, property_, _ = write.property
        if object_ not in self.objects:
            return names.UNKNOWN_OBJECT
        if property_ == names.NUMBERS["object-name"] and len(write.values) == 1 and write.values[0][0] == tags.TEXT:
            self.objects.put(object_, property_, write.values)
            return None
        if not self.objects.holds(object_, property_):
            return names.UNKNOWN_PROPERTY
        if property_ != PRESENT_VALUE or (object_ not in self.priorities and object_ >> 22 not in (2, 5, 19, 40, 48)):
            return names.NOT_WRITABLE
        if len(write.values) != 1:
            return names.BAD_TYPE
        tag, value = write.values[0]
        if tag not in (tags.NULL, VALUE_TAG.get(object_ >> 22)):
            return names.BAD_TYPE
        if object_ >> 22 in (3, 4, 5) and value not in (0, 1, None):
            return names.OUT_OF_RANGE
        array = self.priorities.get(object_)
        if array is not None:
            array[(write.priority or 16) - 1] = value
            self.objects.put_array(object_, PRIORITIES, [self._slot(object_, one) for one in array])
            value = next((one for one in array if one is not None), self.defaults[object_])
        self._value(object_, value)
        if self.written is not None:
            self.written(object_, value)
        return None

    def _slot(self, object_: int, value: Any) -> Tagged:
        return (tags.NULL, None) if value is None else (VALUE_TAG[object_ >> 22], value)

    def _subscribe(self, source: Station, request: Request) -> None:
        asked = services.read_subscribe(request.data)
        taken: Any = names.NOT_TOLD
        if not self.faults.no_cov and not (asked.confirmed and self.refuse_confirmed):
            taken = self.subscribers.take(source, asked, self._now())
        if isinstance(taken, tuple):
            self._send(source, apdu.error(request.invoke, request.service, *taken))
            return
        self._send(source, apdu.done(request.invoke, request.service))
        if isinstance(taken, Subscriber):
            self._tell(taken)

    def _value(self, object_: int, value: Any) -> None:
        self.objects.put(object_, PRESENT_VALUE, [(VALUE_TAG[object_ >> 22], value)])
        self._changed(object_, value=value)

    def _changed(self, object_: int, *, value: Any = None, force: bool = False) -> None:
        if self._transport is None:
            return
        step = self._increments.get(object_, 0.0)
        for one in self.subscribers.of(object_, self._now()):
            if not force and step and one.told is not None and abs(value - one.told) < step:
                continue
            one.told = value if isinstance(value, (int, float)) else one.told
            self._tell(one)

    def _tell(self, one: Subscriber) -> None:
        if one.asked.confirmed and one.busy:
            one.changed = True
            return
        one.changed = False
        self.told += 1
        written = self.subscribers.notification(one, self._now())
        source = one.source
        assert isinstance(source, Station)
        if not one.asked.confirmed:
            self._send(source, apdu.message(Unconfirmed.COV_NOTIFICATION, written))
            return
        one.busy = True
        self._invoke = self._invoke + 1 & 0xFF
        self._confirmations[source, self._invoke] = one
        self._send(source, apdu.request(self._invoke, Confirmed.COV_NOTIFICATION, written))

    def _send(self, to: Station, content: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(network.unicast(to, content, reply=False), (to.host, to.port))

    def _i_am(self) -> bytes:
        kind = services.NO_SEGMENTATION if self.faults.no_segments else services.SEGMENTED_TRANSMIT
        return apdu.message(Unconfirmed.I_AM, services.i_am(IAm(self.objects.device, self.longest, kind, 999)))

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _everyone(host: str) -> str:
    return "127.255.255.255" if host.startswith("127.") else "255.255.255.255"


def _socket(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    made.bind((host, port))
    made.setblocking(False)
    return made
