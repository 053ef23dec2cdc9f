"""Version 3 as traps and informs need it: the sender is the authority of a trap, and we are that of an inform. Pure.

An inform's sender asks for our engine's id and time first (RFC 3414, clause 4), and gets a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sitewarden.wire.snmp import ber, pdu, v3
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind, Pdu, Varbind
from sitewarden.wire.snmp.usm import Keys, User

ENGINES: Final = 4096
"""Engines whose time and keys are remembered; the one that was heard first is forgotten."""


class Taken(NamedTuple):
    """What a datagram was: a notification (or None), and what has to be sent back (or nothing)."""

    pdu: Pdu | None
    user: bytes
    reply: bytes


class _Engine:
    """A sender's own engine: our user's keys there, and its time."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.boots, self.time, self.heard = -1, 0, 0.0


class Receiver:
    """Our engine. `boots` has to grow with each start; `now` is monotonic seconds."""

    def __init__(self, engine: bytes, boots: int, users: Mapping[bytes, User], now: float) -> None:
        self.engine, self._boots, self._began = engine, boots, now
        self._users = dict(users)
        self._own = {name: user.keys(engine) for name, user in users.items()}
        self._engines: dict[tuple[bytes, bytes], _Engine] = {}
        self._counts: dict[bytes, int] = {}
        self._salt = boots << 32

    def take(self, data: bytes, now: float) -> Taken:
        """Return what a message of version 3 is; raise Denied or WireError for what is not believed and gets no reply."""
        secured = v3.read(data)
        if not secured.flags & v3.REPORTABLE:
            return self._trap(secured, data, now)
        try:
            return self._inform(secured, data, now)
        except v3.Denied as denied:
            return Taken(None, secured.user, self._report(secured, denied.report, now))

    def _trap(self, secured: v3.Secured, data: bytes, now: float) -> Taken:
        user = self._users.get(secured.user)
        if user is None:
            raise v3.Denied(v3.UNKNOWN_USER)
        key = (secured.user, secured.engine)
        engine = self._engines.get(key) or _Engine(user.keys(secured.engine))
        found = v3.open_(secured, data, engine.keys).pdu
        if not isinstance(found, Pdu) or found.kind != Kind.TRAP:
            raise WireError("what asks for no answer is no trap")
        if engine.keys.auth:
            then = engine.time + now - engine.heard
            late = secured.boots == engine.boots and secured.time < then - v3.WINDOW
            if secured.boots < engine.boots or late or secured.boots == v3.BOOTS:
                raise v3.Denied(v3.NOT_IN_WINDOW)
            if (secured.boots, secured.time) > (engine.boots, engine.time):
                engine.boots, engine.time, engine.heard = secured.boots, secured.time, now
        if key not in self._engines:
            if len(self._engines) >= ENGINES:
                del self._engines[next(iter(self._engines))]
            self._engines[key] = engine
        return Taken(found, secured.user, b"")

    def _inform(self, secured: v3.Secured, data: bytes, now: float) -> Taken:
        if secured.engine != self.engine:
            raise v3.Denied(v3.UNKNOWN_ENGINE)
        keys = self._own.get(secured.user)
        if keys is None:
            raise v3.Denied(v3.UNKNOWN_USER)
        scoped = v3.open_(secured, data, keys)
        if keys.auth and (secured.boots != self._boots or abs(secured.time - self._time(now)) > v3.WINDOW):
            raise v3.Denied(v3.NOT_IN_WINDOW)
        found = scoped.pdu
        if not isinstance(found, Pdu) or found.kind != Kind.INFORM:
            raise WireError("what asks for an answer is no inform")
        answer = pdu.write(Pdu(Kind.RESPONSE, found.id, 0, 0, found.varbinds))
        reply = self._write(secured.id, keys, secured.user, v3.write_scoped(scoped.engine, scoped.context, answer), now)
        return Taken(found, secured.user, reply)

    def _report(self, secured: v3.Secured, name: bytes, now: float) -> bytes:
        """Return a report; that about time has a digest, so that its receiver may follow it (RFC 3414, 3.2, 7a)."""
        self._counts[name] = count = self._counts.get(name, 0) + 1 & 0xFFFFFFFF
        keys, id_ = Keys(), 0
        if name == v3.NOT_IN_WINDOW:
            own = self._own[secured.user]
            keys = Keys(own.auth, own.auth_key)
        if not secured.flags & v3.PRIV:
            try:
                asked = v3.scoped(secured.body).pdu
                id_ = asked.id if isinstance(asked, Pdu) else 0
            except WireError:
                pass
        told = pdu.write(Pdu(Kind.REPORT, id_, 0, 0, [Varbind(name, ber.COUNTER32, count)]))
        return self._write(secured.id, keys, secured.user, v3.write_scoped(self.engine, b"", told), now)

    def _write(self, id_: int, keys: Keys, user: bytes, scoped: bytes, now: float) -> bytes:
        self._salt += 1
        salt = (self._salt & 0xFFFFFFFFFFFFFFFF).to_bytes(8)
        return v3.write(id_, 0, self.engine, self._boots, self._time(now), user, keys, salt, scoped)

    def _time(self, now: float) -> int:
        return min(int(now - self._began), v3.BOOTS)
