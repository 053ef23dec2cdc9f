"""Any bytes are a pairing message that can be written again, or are refused as Invalid."""

from __future__ import annotations

from sitewarden.domain.errors import Invalid
from sitewarden.wire import pairing

SEEDS = [
    pairing.encode(pairing.PairHello("door-1", b"n" * 32, "model", "software")),
    pairing.encode(pairing.PairChallenge(b"n" * 32)),
    pairing.encode(pairing.PairProof("ABCD", b"m" * 32, b"-----BEGIN CERTIFICATE REQUEST-----")),
    pairing.encode(pairing.PairGrant(b"m" * 32, "door-1", b"chain", b"ca")),
    b"0123-4567-89AB-CDEF-GHJK",
]


def check(data: bytes) -> None:
    for decode in (pairing.decode_hello, pairing.decode_challenge, pairing.decode_proof, pairing.decode_grant):
        try:
            message = decode(data)
        except Invalid:
            continue
        assert decode(pairing.encode(message)) == message
    try:
        code = pairing.parse_code(data.decode("latin-1"))
    except Invalid:
        return
    assert pairing.parse_code(str(code)) == code
