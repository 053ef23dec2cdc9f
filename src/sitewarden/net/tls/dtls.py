"""DTLS 1.2 servers for WebRTC without a socket (RFC 6347, RFC 5764): datagrams in, datagrams out, keys for SRTP.

pyOpenSSL stays in this module: the standard library has no DTLS.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from sitewarden.net.tls.files import new_key

PROFILES: Final = b"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
"""What we take, the best first: GCM costs a fourth of the other."""
CIPHERS: Final = b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384"
LABEL: Final = b"EXTRACTOR-dtls_srtp"
MTU: Final = 1200
_RECORD: Final = 13


class DtlsError(Exception):
    """The handshake failed; the connection is of no more use."""


class DtlsIdentity:
    """A key and a certificate that live as long as the process: viewers compare its fingerprint, nobody its names."""

    def __init__(self) -> None:
        key = new_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sitewarden")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(secrets.randbits(63) + 1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=3650))
            .sign(key, hashes.SHA256())
        )
        digest = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest().upper()
        self.fingerprint = ":".join(digest[at : at + 2] for at in range(0, 64, 2))
        """SHA-256, as a=fingerprint writes it."""
        context = SSL.Context(SSL.DTLS_SERVER_METHOD)
        context.use_certificate(certificate)
        context.use_privatekey(key)
        context.set_cipher_list(CIPHERS)
        context.set_options(SSL.OP_NO_QUERY_MTU | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        # Who the peer is tells the fingerprint in its offer, not an authority.
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.set_tlsext_use_srtp(PROFILES)
        self.certificate, self.key, self.context = certificate, key, context


class DtlsServer:
    """One handshake and what comes behind it. `fingerprints` are (hash, digest) of the offer; one must be the peer's."""

    def __init__(self, identity: DtlsIdentity, fingerprints: Sequence[tuple[str, bytes]]) -> None:
        self._fingerprints = tuple(fingerprints)
        self._connection = SSL.Connection(identity.context, None)
        self._connection.set_ciphertext_mtu(MTU)
        self._connection.set_accept_state()
        self.profile = ""
        """The SRTP profile by OpenSSL's name, once the handshake is done."""
        self.closed = False

    @property
    def done(self) -> bool:
        """True once keys can be exported."""
        return bool(self.profile)

    def receive(self, datagram: bytes) -> list[bytes]:
        """Take a datagram; return what to send. Raises DtlsError."""
        self._connection.bio_write(datagram)
        return self._step()

    def timeout(self) -> float | None:
        """Return the seconds until `expire` is due; None where nothing is."""
        return None if self.done else self._connection.DTLSv1_get_timeout()

    def expire(self) -> list[bytes]:
        """Send the last flight again where its answer is late; raises DtlsError after too many times."""
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error as error:
            raise DtlsError(f"no answer to the handshake: {_said(error)}") from None
        return self._taken()

    def export(self, size: int) -> bytes:
        """Return keying material for SRTP (RFC 5764, 4.2)."""
        return bytes(self._connection.export_keying_material(LABEL, size))

    def close(self) -> list[bytes]:
        """Return the alert that says goodbye."""
        if not self.done:
            return []
        try:
            self._connection.shutdown()
        except SSL.Error:
            return []
        return self._taken()

    def _step(self) -> list[bytes]:
        try:
            if not self.done:
                self._connection.do_handshake()
                self._check()
                self.profile = self._connection.get_selected_srtp_profile().decode()
                if not self.profile:
                    raise DtlsError("the peer takes none of our SRTP profiles")
            else:
                self._connection.recv(16384)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.closed = True
        except SSL.Error as error:
            raise DtlsError(f"the handshake failed: {_said(error)}") from None
        return self._taken()

    def _check(self) -> None:
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        if certificate is None:
            raise DtlsError("the peer showed no certificate")
        content = certificate.public_bytes(serialization.Encoding.DER)
        if not any(
            secrets.compare_digest(hashlib.new(name.replace("-", ""), content).digest(), digest)
            for name, digest in self._fingerprints
        ):
            raise DtlsError("the peer's certificate is not the one of its offer")

    def _taken(self) -> list[bytes]:
        """Return what waits to be sent, whole records in datagrams of MTU at most."""
        try:
            waiting = self._connection.bio_read(1 << 16)
        except SSL.WantReadError:
            return []
        found: list[bytes] = []
        position = 0
        while position + _RECORD <= len(waiting):
            end = position + _RECORD + int.from_bytes(waiting[position + 11 : position + 13], "big")
            record = waiting[position:end]
            if found and len(found[-1]) + len(record) <= MTU:
                found[-1] += record
            else:
                found.append(record)
            position = end
        return found


def _said(error: SSL.Error) -> str:
    """Return what OpenSSL says of an error."""
    parts = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return "; ".join(str(part[2]) for part in parts if len(part) > 2 and part[2]) or "it was broken off"
