"""Messages of version 3 (RFC 3412, clause 6; RFC 3414, clause 2.4): the envelope, and what it protects. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from sitewarden.wire.snmp import ber, pdu, usm
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.community import V3
from sitewarden.wire.snmp.pdu import Pdu, TrapV1
from sitewarden.wire.snmp.usm import Keys

AUTH, PRIV, REPORTABLE = 1, 2, 4
"""Bits of msgFlags."""
USM: Final = 3
"""msgSecurityModel of the User-based Security Model."""
MAX_SIZE: Final = 65507
"""Greatest message that we take: what a UDP datagram holds."""
NAME: Final = 32
"""Most bytes of a user's name, and of a context's."""
WINDOW: Final = 150
"""Seconds that a message may be off its engine's time (RFC 3414, 2.2.3)."""
BOOTS: Final = 0x7FFFFFFF
"""Greatest count of boots, with which an engine takes nothing more."""

_STATS: Final = bytes((43, 6, 1, 6, 3, 15, 1, 1))
UNSUPPORTED_LEVEL, NOT_IN_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION_ERROR = (
    _STATS + bytes((number, 0)) for number in range(1, 7)
)
"""usmStats: the one binding of a report names which of them was counted."""

REASONS: Final = {
    UNSUPPORTED_LEVEL: "the agent does not take this user with this level of security",
    NOT_IN_WINDOW: "the agent's clock and ours are apart",
    UNKNOWN_USER: "the agent does not know the user",
    UNKNOWN_ENGINE: "the agent's engine has another id",
    WRONG_DIGEST: "the agent refuses the password of the digest",
    DECRYPTION_ERROR: "the agent cannot decrypt: the password or the method of the encryption is another one",
}
"""Report to what it means to a person."""


class Denied(WireError):
    """The message is well formed, and not to be believed: digest, user, level or time. `report` is the usmStats name."""

    def __init__(self, report: bytes) -> None:
        super().__init__(REASONS[report].replace("the agent", "the far end"))
        self.report = report


class Secured(NamedTuple):
    """An envelope as it came, with nothing proven yet."""

    id: int
    max_size: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: bytes
    auth: bytes
    auth_at: int
    """Where the digest stands in the message."""
    salt: bytes
    body: bytes
    """A scoped PDU, encrypted where the flags say so."""


class Scoped(NamedTuple):
    """A PDU in its context."""

    engine: bytes
    context: bytes
    pdu: Pdu | TrapV1


def read(data: bytes) -> Secured:
    """Return the envelope of a message of version 3; raise WireError."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    if end != len(data):
        raise WireError("bytes follow the message")
    version, at = ber.integer(data, at, end)
    if version != V3:
        raise WireError(f"version {version} has no security parameters")
    inner, after = ber.expect(data, at, end, ber.SEQUENCE)
    id_, inner = ber.integer(data, inner, after)
    max_size, inner = ber.integer(data, inner, after)
    flags, inner = ber.octets(data, inner, after, 1)
    model, inner = ber.integer(data, inner, after)
    if inner != after or len(flags) != 1 or id_ < 0 or max_size < 484:
        raise WireError("the header is out of its range")
    if model != USM:
        raise WireError(f"security model {model} is not known")
    if flags[0] & (AUTH | PRIV) == PRIV:
        raise WireError("a message is encrypted, and has no digest")
    inner, at = ber.expect(data, after, end, ber.OCTETS)
    inner, stop = ber.expect(data, inner, at, ber.SEQUENCE)
    if stop != at:
        raise WireError("bytes follow the security parameters")
    engine, inner = ber.octets(data, inner, stop, usm.ENGINE[1])
    boots, inner = ber.integer(data, inner, stop)
    time, inner = ber.integer(data, inner, stop)
    user, inner = ber.octets(data, inner, stop, NAME)
    auth, inner = ber.octets(data, inner, stop, max(usm.DIGEST.values()))
    auth_at = inner - len(auth)
    salt, inner = ber.octets(data, inner, stop, usm.SALT)
    if inner != stop or boots < 0 or time < 0:
        raise WireError("the security parameters are out of their range")
    if flags[0] & PRIV:
        body, at = ber.octets(data, at, end)
    else:
        body, at = data[at:end], end
    if at != end:
        raise WireError("bytes follow the message")
    return Secured(id_, max_size, flags[0], engine, boots, time, user, auth, auth_at, salt, body)


def open_(secured: Secured, data: bytes, keys: Keys) -> Scoped:
    """Return what the envelope holds, proven and in clear with `keys`; raise Denied or WireError.

    The level that came has to be the keys' own: a user with passwords is not believed without.
    """
    if secured.flags & (AUTH | PRIV) != keys.flags:
        raise Denied(UNSUPPORTED_LEVEL)
    if keys.auth and not usm.proven(keys, data, secured.auth_at, secured.auth):
        raise Denied(WRONG_DIGEST)
    if not keys.priv:
        return scoped(secured.body)
    try:
        return scoped(usm.decrypt(keys, secured.boots, secured.time, secured.salt, secured.body))
    except WireError:
        raise Denied(DECRYPTION_ERROR) from None


def scoped(data: bytes) -> Scoped:
    """Return a scoped PDU that is in clear; raise WireError. A cipher's padding may follow it."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    engine, at = ber.octets(data, at, end, usm.ENGINE[1])
    context, at = ber.octets(data, at, end, 255)
    return Scoped(engine, context, pdu.read(data, at, end))


def write_scoped(engine: bytes, context: bytes, written: bytes) -> bytes:
    """Return a scoped PDU around a written PDU."""
    return ber.element(ber.SEQUENCE, ber.element(ber.OCTETS, engine) + ber.element(ber.OCTETS, context) + written)


def write(
    id_: int, flags: int, engine: bytes, boots: int, time: int, user: bytes, keys: Keys, salt: bytes, plain: bytes
) -> bytes:
    """Return the message around a scoped PDU, protected as `keys` can; of `flags` the reportable bit alone counts.

    `salt` is 8 bytes that no other message with these keys has.
    """
    flags = flags & REPORTABLE | keys.flags
    header = (
        ber.write_integer(id_) + ber.write_integer(MAX_SIZE) + ber.element(ber.OCTETS, bytes((flags,))) + ber.write_integer(USM)
    )
    body = plain
    if keys.priv:
        body = ber.element(ber.OCTETS, usm.encrypt(keys, boots, time, salt, plain))
    blank = bytes(usm.DIGEST[keys.auth]) if keys.auth else b""
    before = ber.element(ber.OCTETS, engine) + ber.write_integer(boots) + ber.write_integer(time) + ber.element(ber.OCTETS, user)
    after = ber.element(ber.OCTETS, salt if keys.priv else b"")
    security = ber.element(ber.SEQUENCE, before + ber.element(ber.OCTETS, blank) + after)
    tail = ber.element(ber.OCTETS, security) + body
    message = ber.element(ber.SEQUENCE, ber.write_integer(V3) + ber.element(ber.SEQUENCE, header) + tail)
    if not keys.auth:
        return message
    at = len(message) - len(body) - len(after) - len(blank)
    return message[:at] + usm.digest(keys, message) + message[at + len(blank) :]


def report_of(answer: Pdu) -> bytes:
    """Return the name of the counter that a report tells; empty for none that we know."""
    name = answer.varbinds[0].name if answer.varbinds else b""
    return name if name in REASONS else b""
