"""Version 3 spoken with an engine that is the authority: an agent that is asked (RFC 3414, clauses 3 and 4). Pure."""

from __future__ import annotations

from typing import Final

from sitewarden.wire.snmp import pdu, v3
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind, Pdu
from sitewarden.wire.snmp.usm import ENGINE, Keys, User

RESYNC: Final = frozenset({v3.UNKNOWN_ENGINE, v3.NOT_IN_WINDOW})
"""Reports after which the same request is sent again with what was learnt."""


class Remote:
    """What is known of one agent's engine: its id, its time, and our user's keys there. `now` is monotonic seconds."""

    def __init__(self, user: User, context: str = "") -> None:
        self._user, self._context = user, context.encode()
        self._keys = Keys()
        self._boots, self._time, self._heard = 0, 0, 0.0
        self._salt = 0
        self.engine = b""

    def write(self, id_: int, written: bytes, now: float, salt: int) -> bytes:
        """Return a message with a written PDU, or one that asks for the engine's id while that is not known.

        `salt` is a random number of 64 bits, which the first message begins from.
        """
        if not self.engine:
            probe = pdu.write_pdu(Kind.GET, id_, 0, 0, pdu.ask(()))
            return v3.write(id_, v3.REPORTABLE, b"", 0, 0, b"", Keys(), b"", v3.write_scoped(b"", b"", probe))
        self._salt = (self._salt or salt) + 1 & 0xFFFFFFFFFFFFFFFF
        scoped = v3.write_scoped(self.engine, self._context, written)
        time = min(self._time + int(now - self._heard), v3.BOOTS)
        return v3.write(
            id_, v3.REPORTABLE, self.engine, self._boots, time, self._user.name, self._keys, self._salt.to_bytes(8), scoped
        )

    def read(self, data: bytes, now: float) -> tuple[int, Pdu]:
        """Return (message id, response or report). Raises Denied or WireError for what is not to be believed.

        After a report of `RESYNC` the request is to be sent again.
        """
        secured = v3.read(data)
        if not secured.flags & v3.AUTH and (report := _unprotected_report(secured)) is not None:
            if v3.report_of(report) == v3.UNKNOWN_ENGINE:
                self._learn(secured, now)
            elif v3.report_of(report) == v3.NOT_IN_WINDOW and self._keys.auth:
                raise v3.Denied(v3.UNSUPPORTED_LEVEL)
            return secured.id, report
        if not self.engine or secured.engine != self.engine or secured.user != self._user.name:
            raise WireError("the answer is another engine's, or another user's")
        # A report about time or decryption has a digest, and is not encrypted.
        keys = self._keys
        if secured.flags & (v3.AUTH | v3.PRIV) == v3.AUTH and keys.priv:
            keys = Keys(keys.auth, keys.auth_key)
        answer = v3.open_(secured, data, keys).pdu
        if not isinstance(answer, Pdu) or answer.kind not in (Kind.RESPONSE, Kind.REPORT):
            raise WireError("an agent sent what is no answer")
        if keys is not self._keys and keys.flags != self._keys.flags and answer.kind != Kind.REPORT:
            raise v3.Denied(v3.UNSUPPORTED_LEVEL)
        if keys.auth:
            self._follow(secured, now)
        return secured.id, answer

    def _learn(self, secured: v3.Secured, now: float) -> None:
        if not ENGINE[0] <= len(secured.engine) <= ENGINE[1]:
            raise WireError("the engine's id is too short or too long")
        if secured.engine != self.engine:
            self.engine = secured.engine
            self._keys = self._user.keys(secured.engine)
        self._boots, self._time, self._heard = secured.boots, secured.time, now

    def _follow(self, secured: v3.Secured, now: float) -> None:
        """Keep its time, which only goes forward; raise Denied for a message from the past (RFC 3414, 3.2, 7b)."""
        expected = self._time + now - self._heard
        if secured.boots > self._boots or (secured.boots == self._boots and secured.time > self._time):
            self._boots, self._time, self._heard = secured.boots, secured.time, now
        elif secured.boots < self._boots or secured.time < expected - v3.WINDOW:
            raise v3.Denied(v3.NOT_IN_WINDOW)


def _unprotected_report(secured: v3.Secured) -> Pdu | None:
    """Return the report that an envelope without digest holds; None for anything else."""
    found = v3.scoped(secured.body).pdu
    return found if isinstance(found, Pdu) and found.kind == Kind.REPORT else None
