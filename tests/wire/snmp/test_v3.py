"""Keys by the vectors of the RFCs; an agent and we, a sender of informs and we, byte for byte in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from sitewarden.wire.snmp import ber, pdu, usm, v3
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind, Pdu, Varbind
from sitewarden.wire.snmp.receiver import Receiver
from sitewarden.wire.snmp.remote import RESYNC, Remote
from sitewarden.wire.snmp.usm import Keys, User

ENGINE = bytes.fromhex("000000000000000000000002")
AGENT = bytes.fromhex("80001f8804616765 6e74".replace(" ", ""))
US = bytes.fromhex("8000000005 0102030405".replace(" ", ""))
NAME = ber.oid("1.3.6.1.2.1.1.3.0")
LEVELS = [
    ("", ""),
    ("sha1", ""),
    ("sha256", ""),
    ("sha1", "aes128"),
    ("sha256", "aes256"),
    ("sha512", "aes256"),
    ("sha1", "aes256c"),
]


def user(auth: str = "sha256", priv: str = "aes128", name: str = "ops") -> User:
    return User(name, auth, "a password", priv, "another one")


def test_keys_of_a_password() -> None:
    """RFC 3414, A.3.2."""
    master = usm.master("sha1", "maplesyrup")
    assert master.hex() == "9fb5cc0381497b3793528939ff788d5d79145211"
    assert usm.localised("sha1", master, ENGINE).hex() == "6695febc9288e36282235fc7151f128497b38f3f"


@pytest.mark.parametrize(("priv", "rest"), [("aes256", ""), ("aes256c", "9b8b6d78936ba6e7d19dfd9c")])
def test_a_short_key_is_made_longer(priv: str, rest: str) -> None:
    """The rest of "aes256c" is that of draft-reeder-snmpv3-usm-3desede-00, B.2; of "aes256" it is the digest of the key."""
    short = usm.localised("sha1", usm.master("sha1", "maplesyrup"), ENGINE)
    assert usm.lengthened("sha1", priv, short, ENGINE) == short + (bytes.fromhex(rest) or hashlib.sha1(short).digest()[:12])
    assert usm.lengthened("sha256", priv, bytes(32), ENGINE) == bytes(32)


def test_a_cipher_vector() -> None:
    """What NIST SP 800-38A, F.3.13 gives for AES-128 in CFB, with the start split as RFC 3826 wants it."""
    start = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    keys = Keys("sha1", b"", "aes128", bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    boots, time = int.from_bytes(start[:4]), int.from_bytes(start[4:8])
    secret = usm.encrypt(keys, boots, time, start[8:], plain)
    assert secret.hex() == "3b3fd92eb72dad20333449f8e83cfb4a"
    assert usm.decrypt(keys, boots, time, start[8:], secret) == plain


class Agent:
    """The authority that a Remote speaks with, as short as it can be."""

    def __init__(self, who: User) -> None:
        self.who, self.boots, self.time, self.asked = who, 3, 1000, 0

    def answer(self, data: bytes) -> bytes:
        secured = v3.read(data)
        keys = self.who.keys(AGENT)
        if secured.engine != AGENT:
            return self._report(secured, v3.UNKNOWN_ENGINE, Keys())
        if secured.user != self.who.name:
            return self._report(secured, v3.UNKNOWN_USER, Keys())
        try:
            asked = v3.open_(secured, data, keys).pdu
        except v3.Denied as denied:
            return self._report(secured, denied.report, Keys())
        if keys.auth and (secured.boots != self.boots or abs(secured.time - self.time) > v3.WINDOW):
            return self._report(secured, v3.NOT_IN_WINDOW, Keys(keys.auth, keys.auth_key))
        assert isinstance(asked, Pdu)
        self.asked += 1
        answer = Pdu(Kind.RESPONSE, asked.id, 0, 0, [Varbind(NAME, ber.TIMETICKS, 42)])
        return self._write(secured, keys, answer)

    def _report(self, secured: v3.Secured, name: bytes, keys: Keys) -> bytes:
        return self._write(secured, keys, Pdu(Kind.REPORT, 0, 0, 0, [Varbind(name, ber.COUNTER32, 1)]))

    def _write(self, secured: v3.Secured, keys: Keys, answer: Pdu) -> bytes:
        scoped = v3.write_scoped(AGENT, b"", pdu.write(answer))
        return v3.write(secured.id, 0, AGENT, self.boots, self.time, secured.user, keys, b"agentslt", scoped)


def ask(remote: Remote, answer: Callable[[bytes], bytes], now: float = 0.0) -> Pdu:
    """Ask until what comes is no report that wants the request again."""
    request = pdu.write_pdu(Kind.GET, 7, 0, 0, pdu.ask([NAME]))
    for _ in range(4):
        id_, found = remote.read(answer(remote.write(7, request, now, 1 << 40)), now)
        assert id_ == 7
        if found.kind != Kind.REPORT or v3.report_of(found) not in RESYNC:
            return found
    raise AssertionError("it never answers")


@pytest.mark.parametrize(("auth", "priv"), LEVELS)
def test_an_agent_is_found_and_asked(auth: str, priv: str) -> None:
    agent, remote = Agent(user(auth, priv)), Remote(user(auth, priv))
    assert ask(remote, agent.answer).varbinds == [Varbind(NAME, ber.TIMETICKS, 42)]
    assert remote.engine == AGENT and agent.asked == 1
    agent.boots, agent.time = 4, 5
    assert ask(remote, agent.answer, 1.0).kind == Kind.RESPONSE
    assert agent.asked == 2


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        (User("ops", "sha256", "wrong one!", "aes128", "another one"), v3.WRONG_DIGEST),
        (User("ops", "sha256", "a password", "aes128", "wrong one!"), v3.DECRYPTION_ERROR),
        (User("nobody", "sha256", "a password", "aes128", "another one"), v3.UNKNOWN_USER),
        (User("ops", "sha256", "a password"), v3.UNSUPPORTED_LEVEL),
    ],
)
def test_a_refusal_says_why(ours: User, reason: bytes) -> None:
    found = ask(Remote(ours), Agent(user()).answer)
    assert found.kind == Kind.REPORT and v3.report_of(found) == reason and v3.REASONS[reason]


def test_an_answer_that_anybody_could_have_sent_is_not_believed() -> None:
    agent, remote = Agent(user()), Remote(user())
    ask(remote, agent.answer)
    request = pdu.write_pdu(Kind.GET, 7, 0, 0, pdu.ask([NAME]))
    good = agent.answer(remote.write(7, request, 0.0, 1))
    for at in range(len(good)):
        bad = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :]
        with pytest.raises(WireError):
            _, found = remote.read(bad, 0.0)
            assert found.kind == Kind.REPORT
            raise WireError("a report is never a value")
    agent.time -= v3.WINDOW + 1
    secured = v3.read(good)
    old = agent._write(secured, agent.who.keys(AGENT), Pdu(Kind.RESPONSE, 7, 0, 0, []))
    with pytest.raises(v3.Denied):
        remote.read(old, 0.0)


class Sender:
    """What sends informs: it learns our engine, then sends."""

    def __init__(self, receiver: Receiver, who: User) -> None:
        self.receiver, self.remote = receiver, Remote(who)

    def inform(self, now: float) -> tuple[Pdu | None, Pdu]:
        told = pdu.write(Pdu(Kind.INFORM, 9, 0, 0, [Varbind(pdu.SNMP_TRAP_OID, ber.OID, NAME)]))
        taken = None
        for _ in range(4):
            taken = self.receiver.take(self.remote.write(9, told, now, 1), now)
            _, found = self.remote.read(taken.reply, now)
            if found.kind != Kind.REPORT or v3.report_of(found) not in RESYNC:
                return taken.pdu, found
        raise AssertionError("it is never taken")


@pytest.mark.parametrize(("auth", "priv"), LEVELS)
def test_an_inform_is_taken_and_acknowledged(auth: str, priv: str) -> None:
    receiver = Receiver(US, 5, {b"ops": user(auth, priv)}, 0.0)
    sender = Sender(receiver, user(auth, priv))
    for now in (0.0, 400.0, 401.0):
        taken, answer = sender.inform(now)
        assert taken is not None and taken.varbinds == answer.varbinds
        assert answer.kind == Kind.RESPONSE and answer.id == 9
    later = Receiver(US, 6, {b"ops": user(auth, priv)}, 0.0)
    sender.receiver = later
    assert sender.inform(402.0)[1].kind == Kind.RESPONSE


def test_an_inform_with_a_wrong_password_is_told_so_and_not_taken() -> None:
    receiver = Receiver(US, 5, {b"ops": user()}, 0.0)
    taken, answer = Sender(receiver, User("ops", "sha256", "wrong one!", "aes128", "another one")).inform(0.0)
    assert taken is None and v3.report_of(answer) == v3.WRONG_DIGEST


def test_a_trap_is_taken_once_its_time_is_not_past() -> None:
    receiver = Receiver(US, 5, {b"ops": user()}, 0.0)
    told = v3.write_scoped(AGENT, b"", pdu.write(Pdu(Kind.TRAP, 1, 0, 0, [Varbind(NAME, ber.TIMETICKS, 1)])))

    def trap(boots: int, time: int, who: User) -> bytes:
        return v3.write(1, 0, AGENT, boots, time, b"ops", who.keys(AGENT), b"12345678", told)

    found = receiver.take(trap(2, 100, user()), 0.0)
    assert found.pdu is not None and found.reply == b"" and found.user == b"ops"
    with pytest.raises(v3.Denied):
        receiver.take(trap(1, 100, user()), 0.0)
    with pytest.raises(v3.Denied):
        receiver.take(trap(2, 100, user()), 400.0)
    assert receiver.take(trap(3, 0, user()), 401.0).pdu is not None
    with pytest.raises(v3.Denied):
        receiver.take(trap(3, 0, User("ops", "sha256", "wrong one!", "aes128", "another one")), 401.0)
    with pytest.raises(v3.Denied):
        receiver.take(trap(3, 0, User("ops")), 401.0)


def test_keys_never_show_themselves() -> None:
    assert "70617373" not in repr(Keys("sha1", b"pass" * 5)) and "pass" not in repr(Keys("sha1", b"pass" * 5))
