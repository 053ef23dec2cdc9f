"""OpenSSL's DTLS client without a socket, as WebRTC viewers are one."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import serialization
from OpenSSL import SSL

from sitewarden.net.tls.dtls import PROFILES, DtlsIdentity


class DtlsClient:
    def __init__(self, profiles: bytes = PROFILES, *, certificate: bool = True) -> None:
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        self.digest = b"\0" * 32
        if certificate:
            own = DtlsIdentity()
            context.use_certificate(own.certificate)
            context.use_privatekey(own.key)
            self.digest = hashlib.sha256(own.certificate.public_bytes(serialization.Encoding.DER)).digest()
        context.set_options(SSL.OP_NO_QUERY_MTU)
        context.set_verify(SSL.VERIFY_NONE, lambda *_: True)
        context.set_tlsext_use_srtp(profiles)
        self.connection = SSL.Connection(context, None)
        self.connection.set_ciphertext_mtu(1200)
        self.connection.set_connect_state()
        self.done = False

    def step(self, *datagrams: bytes) -> list[bytes]:
        """Take datagrams and go on; return what is sent."""
        for datagram in datagrams or (b"",):
            if datagram:
                self.connection.bio_write(datagram)
            try:
                self.connection.do_handshake()
                self.done = True
            except SSL.WantReadError:
                pass
        return self.taken()

    def taken(self) -> list[bytes]:
        try:
            return [self.connection.bio_read(1 << 16)]
        except SSL.WantReadError:
            return []
