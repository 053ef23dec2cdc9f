"""Hostile datagrams end in WireError alone; what is read of services and written again is read the same."""

from __future__ import annotations

from sitewarden.wire.bacnet import apdu, network, services, tags
from sitewarden.wire.bacnet.apdu import Answer, Message, Request
from sitewarden.wire.bacnet.network import Station
from sitewarden.wire.bacnet.segments import Assembly
from sitewarden.wire.bacnet.services import IAm, Notification, Property, Subscription, Write
from sitewarden.wire.bacnet.tags import WireError, object_of

ROOF = Station("10.0.0.7", 47808)
BEHIND = Station("10.0.0.1", 47808, 12, b"\x07")
SUPPLY, FAN = object_of(0, 3), object_of(4, 1)
_READ = services.read_multiple([(SUPPLY, [(85, None), (111, None)]), (FAN, [(87, 3)])])
_ACK = services.read_multiple_ack(
    [
        (Property(SUPPLY, 85), tags.write(tags.REAL, 21.5)),
        (Property(SUPPLY, 111), tags.write(tags.BITS, (False, True, False, True))),
        (Property(FAN, 87, 3), (2, 42)),
        (Property(FAN, 77), tags.write(tags.TEXT, "Zuluft °C") + tags.write(tags.SIGNED, -300) + tags.write(tags.DOUBLE, 1e9)),
        (Property(FAN, 123456), b"\x1e\x0c\x00\x00\x00\x01\x1f" + tags.write(tags.DATE, (126, 11, 22, 7))),
    ]
)
_TOLD = services.notification(
    Notification(7, object_of(8, 12), SUPPLY, 299, [(85, None, [(tags.REAL, 1.0)]), (111, None, [(tags.BITS, (False,) * 4)])])
)
SEEDS = [
    network.unicast(BEHIND, apdu.request(9, apdu.Confirmed.READ_PROPERTY_MULTIPLE, _READ), reply=True),
    network.unicast(ROOF, apdu.answer(9, apdu.Confirmed.READ_PROPERTY_MULTIPLE, _ACK), reply=False),
    network.unicast(ROOF, apdu.segment(9, apdu.Confirmed.READ_PROPERTY_MULTIPLE, _ACK, 0, 4, more=True), reply=False),
    network.unicast(
        ROOF, apdu.request(9, apdu.Confirmed.READ_PROPERTY, services.read_property(Property(FAN, 76, 0))), reply=True
    ),
    network.unicast(
        ROOF,
        apdu.answer(9, apdu.Confirmed.READ_PROPERTY, services.read_property_ack(Property(FAN, 76, 0), b"\x21\x05")),
        reply=False,
    ),
    network.unicast(
        ROOF,
        apdu.request(
            9,
            apdu.Confirmed.WRITE_PROPERTY,
            services.write_property(Write(Property(FAN, 85), [(tags.ENUMERATED, 1), (tags.NULL, None)], 8)),
        ),
        reply=True,
    ),
    network.unicast(
        ROOF, apdu.request(9, apdu.Confirmed.SUBSCRIBE_COV, services.subscribe(Subscription(7, SUPPLY, True, 300))), reply=True
    ),
    network.broadcast(apdu.message(apdu.Unconfirmed.WHO_IS, services.who_is(1, 4194302))),
    network.broadcast(apdu.message(apdu.Unconfirmed.I_AM, services.i_am(IAm(object_of(8, 12), 1476, 0, 260))), distribute=True),
    network.forwarded(("10.9.9.9", 47808), b"\x01\x08\x00\x0c\x01\x07" + apdu.message(apdu.Unconfirmed.COV_NOTIFICATION, _TOLD)),
    network.unicast(ROOF, apdu.request(9, apdu.Confirmed.COV_NOTIFICATION, _TOLD), reply=True),
    network.unicast(ROOF, apdu.error(9, 15, 2, 40), reply=False),
    network.unicast(ROOF, apdu.reject(9, 9), reply=False),
    network.unicast(ROOF, apdu.abort(9, 4), reply=False),
    network.unicast(ROOF, apdu.segment_ack(9, 3, 4, negative=True), reply=False),
    network.register(60),
    network.result(0x30),
]


def check(data: bytes) -> None:
    try:
        frame = network.read(data, ("10.0.0.7", 47808))
        if not frame.apdu:
            return
        heard = apdu.read(frame.apdu)
    except WireError:
        return
    if isinstance(heard, (Request, Answer, Message)):
        try:
            _service(heard)
        except WireError:
            return


def _service(heard: Request | Answer | Message) -> None:
    service, content = heard.service, heard.data
    if isinstance(heard, Answer):
        if heard.sequence is not None:
            assembly = Assembly(heard)
            assert assembly.take(heard)
        elif service == apdu.Confirmed.READ_PROPERTY_MULTIPLE:
            services.read_read_multiple_ack(content)
        else:
            services.read_read_property_ack(content)
    elif isinstance(heard, Request) and service == apdu.Confirmed.READ_PROPERTY_MULTIPLE:
        asked = services.read_read_multiple(content)
        again = services.read_multiple((one.object, [(one.property, one.place)]) for one in asked)
        assert services.read_read_multiple(again) == asked
    elif isinstance(heard, Request) and service == apdu.Confirmed.READ_PROPERTY:
        one = services.read_read_property(content)
        assert services.read_read_property(services.read_property(one)) == one
    elif isinstance(heard, Request) and service == apdu.Confirmed.WRITE_PROPERTY:
        write = services.read_write_property(content)
        assert str(services.read_write_property(services.write_property(write))) == str(write)
    elif isinstance(heard, Request) and service == apdu.Confirmed.SUBSCRIBE_COV:
        services.read_subscribe(content)
    elif service in (apdu.Confirmed.COV_NOTIFICATION, apdu.Unconfirmed.COV_NOTIFICATION):
        told = services.read_notification(content)
        assert str(services.read_notification(services.notification(told))) == str(told)
    elif service == apdu.Unconfirmed.I_AM:
        found = services.read_i_am(content)
        assert services.read_i_am(services.i_am(found)) == found
    else:
        low, high = services.read_who_is(content)
        assert low >= 0 and high >= 0
