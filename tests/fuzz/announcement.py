"""Any bytes are a signed datagram that can be written again, or are refused as Invalid; a changed one is no node's word."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sitewarden.domain.errors import Forbidden, Invalid
from sitewarden.net.tls import Authority, Signer, Verifier
from sitewarden.wire.announcement import LIMIT, Announcement, Farewell, Port, Stamp, decode, encode

with tempfile.TemporaryDirectory() as directory:
    AUTHORITY = Authority.open(Path(directory))
    SIGNER = Signer(AUTHORITY.node("server"))
VERIFIER = Verifier(AUTHORITY.certificate)
STAMP = Stamp(b"B" * 8, 7, 1_800_000_000_000_000)
ADDRESSES = (bytes((192, 0, 2, 5)), bytes(15) + b"\1")
SEEDS = [
    encode(message, SIGNER.certificate, SIGNER.sign)
    for message in (
        Announcement("server", "Harbour", "0.1.0", ("core", "web", "media"), ADDRESSES, (Port("server", 8600),),
                     bytes((225, 5, 10, 1)), b"t" * 32, b"s" * 32, STAMP, 5),
        Announcement("lpr-1", "Gate", "0.1.0", ("lpr",), ADDRESSES[:1], (Port("lpr", 8611),), b"", b"", b"s" * 32, STAMP, 60),
        Farewell("server", ADDRESSES, STAMP),
    )
]  # fmt: skip


def check(data: bytes) -> None:
    try:
        read = decode(data)
    except Invalid:
        return
    again = encode(read.message, read.certificate, lambda signed: read.signature)
    assert len(again) <= LIMIT
    assert decode(again).message == read.message
    try:
        writer = VERIFIER.writer(read.certificate, read.signed, read.signature)
    except (Invalid, Forbidden):
        return
    assert data in SEEDS
    assert writer.ours and writer.node == "server"
