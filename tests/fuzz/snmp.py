"""Any bytes are an SNMP message that repeats itself when written, or a WireError; what is not proven is never believed."""

from __future__ import annotations

from sitewarden.wire.snmp import ber, community, pdu, v3
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind, Pdu, Varbind
from sitewarden.wire.snmp.receiver import Receiver
from sitewarden.wire.snmp.remote import Remote
from sitewarden.wire.snmp.usm import User

ENGINE = bytes.fromhex("80001f880561626364")
USER = User("ops", "sha1", "a password", "aes128", "another one")
PLAIN = User("open")
KEYS, NONE = USER.keys(ENGINE), PLAIN.keys(ENGINE)
NAME = ber.oid("1.3.6.1.2.1.2.2.1.10.4000000000")
RECEIVER = Receiver(ENGINE, 1, {b"ops": USER, b"open": PLAIN}, 0.0)
REMOTE = Remote(USER)

_BOUND = [
    Varbind(NAME, ber.COUNTER64, 2**63),
    Varbind(NAME[:-1] + b"\x00", ber.OCTETS, b"eth0" * 40),
    Varbind(NAME, ber.NO_SUCH_INSTANCE, None),
    Varbind(NAME, ber.INTEGER, -5),
]
_ANSWER = pdu.write(Pdu(Kind.RESPONSE, 77, 0, 0, _BOUND))
_INFORM = v3.write_scoped(ENGINE, b"ctx", pdu.write(Pdu(Kind.INFORM, 77, 0, 0, _BOUND)))
_REPORT = v3.write_scoped(ENGINE, b"", pdu.write(Pdu(Kind.REPORT, 0, 0, 0, [Varbind(v3.UNKNOWN_ENGINE, ber.COUNTER32, 1)])))
SEEDS = [
    community.write(community.V2C, b"public", _ANSWER),
    community.write(community.V1, b"private", pdu.write_pdu(Kind.GET_BULK, 1, 0, 20, pdu.ask([NAME] * 3))),
    community.write(community.V1, b"public", pdu.write(pdu.TrapV1(NAME, bytes(4), 6, 17, 9, _BOUND[:2]))),
    v3.write(5, v3.REPORTABLE, ENGINE, 1, 2, b"ops", KEYS, b"12345678", _INFORM),
    v3.write(5, 0, ENGINE, 1, 2, b"open", NONE, b"", _INFORM),
    v3.write(5, v3.REPORTABLE, b"", 0, 0, b"", NONE, b"", _INFORM),
    v3.write(5, 0, ENGINE, 1, 2, b"", NONE, b"", _REPORT),
]


def check(data: bytes) -> None:
    try:
        message = community.read(data)
    except WireError:
        pass
    else:
        assert community.read(community.write(message.version, message.community, pdu.write(message.pdu))) == message
        if isinstance(message.pdu, pdu.TrapV1):
            assert len(message.pdu.as_v2().varbinds) >= 2
    try:
        secured = v3.read(data)
        taken = RECEIVER.take(data, 0.0)
        # Whoever lacks the password cannot have told anything as the user that has one.
        assert taken.pdu is None or taken.user == b"open" or data in SEEDS, "taken without proof"
        assert len(taken.reply) <= len(data) + 200 and len(secured.engine) <= 32
    except WireError:
        pass
    try:
        _, answer = REMOTE.read(data, 0.0)
        assert answer.kind == Kind.REPORT or data in SEEDS
    except WireError:
        pass
