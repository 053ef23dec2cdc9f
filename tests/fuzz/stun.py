"""Any bytes are a message within its limits or StunError; none is authentic but with the key it was made with."""

from __future__ import annotations

from sitewarden.wire import stun

_KEY = b"k" * 32
SEEDS = [
    stun.build(stun.REQUEST, b"t" * 12, [(stun.USERNAME, b"ours:theirs"), (stun.USE_CANDIDATE, b""), (0x24, b"\0\0\0\1")], _KEY),
    stun.build(stun.REQUEST, b"t" * 12, [(stun.ICE_CONTROLLED, bytes(8))], _KEY),
    stun.build(stun.ERROR, b"t" * 12, [(stun.ERROR_CODE, b"\0\0\4\x57no")], _KEY),
    bytes.fromhex("000100002112a442") + b"t" * 12,
]


def check(data: bytes) -> None:
    try:
        message = stun.parse(data)
    except stun.StunError:
        return
    assert len(message.attributes) <= stun.MOST_ATTRIBUTES + 1 and len(message.transaction) == 12
    assert not message.authentic(b"another key")
    answer = stun.parse(stun.answer(message, "192.0.2.1", 5, _KEY))
    assert answer.authentic(_KEY) and answer.transaction == message.transaction
    assert stun.parse(stun.refuse(message, stun.ROLE_CONFLICT, "Role Conflict", _KEY)).kind == stun.ERROR
