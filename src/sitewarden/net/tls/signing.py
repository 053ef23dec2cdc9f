"""Signatures of nodes on what travels outside TLS: made with a node's key, read back to its certificate. P-256 alone.

What a signature proves: to who holds the CA that signed the certificate, that this node of the site wrote it. To everybody else
only that the same holder of the key writes all that is signed with it; who that is, a person decides by comparing fingerprints.
"""

from __future__ import annotations

import ssl
import warnings
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.utils import CryptographyDeprecationWarning
from msgspec import Struct

from sitewarden.domain.errors import Forbidden, Invalid
from sitewarden.domain.refs import is_id
from sitewarden.net.tls.files import Pair, read_key
from sitewarden.net.tls.names import NODE_URN
from sitewarden.net.tls.peers import certificate_fingerprint

KNOWN: Final = 512
"""Certificates whose reading is remembered; the one that was used longest ago goes first."""
_PEM_END: Final = "-----END CERTIFICATE-----\n"


class Writer(Struct, frozen=True):
    """Who signed: the node that the certificate names, and its key."""

    node: str
    key: str
    """SHA-256 of the public key (SubjectPublicKeyInfo), as people compare it: "3F:9A:…"."""
    ours: bool
    """True where this site's CA signed the certificate, and it is valid now."""


class Signer:
    """Signs with the identity of a node of this computer."""

    def __init__(self, identity: Pair) -> None:
        self._key = read_key(identity.key)
        first = identity.certificate.read_text().partition(_PEM_END)[0] + _PEM_END
        self.certificate = ssl.PEM_cert_to_DER_cert(first)
        """The node's certificate as DER."""
        self.key = key_fingerprint(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Return r and s of the signature, 32 bytes each, big-endian."""
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


class Verifier:
    """Tells who wrote what is signed. `ca` is the certificate of this site's CA; None where this computer belongs to no site."""

    def __init__(self, ca: x509.Certificate | None = None) -> None:
        self._ca = ca
        self._read: OrderedDict[bytes, _Read] = OrderedDict()

    def writer(self, certificate: bytes, signed: bytes, signature: bytes, now: datetime | None = None) -> Writer:
        """Return who signed; raises Invalid for a certificate that is no node's, Forbidden for a signature by another key."""
        read = self._read.get(certificate)
        if read is None:
            read = _Read(certificate, self._ca)
        try:
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            read.public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            raise Forbidden("The signature is not by the key of the certificate.", where="signature") from None
        # Remembered only now: certificates are public, and a stranger's collection of them must not push others out.
        self._read[certificate] = read
        self._read.move_to_end(certificate)
        if len(self._read) > KNOWN:
            self._read.popitem(last=False)
        moment = now or datetime.now(UTC)
        return Writer(read.node, read.key, read.issued and read.begins <= moment <= read.ends)


class _Read:
    """A certificate that was read."""

    def __init__(self, der: bytes, ca: x509.Certificate | None) -> None:
        try:
            with warnings.catch_warnings():
                # What the library only tolerates for now (a serial number below one) is refused: no stranger writes to our log.
                warnings.simplefilter("error", CryptographyDeprecationWarning)
                certificate = x509.load_der_x509_certificate(der)
                public = certificate.public_key()
                names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            named = [each for each in names.get_values_for_type(x509.UniformResourceIdentifier) if each.startswith(NODE_URN)]
            self.begins, self.ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        except (
            ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
            x509.ExtensionNotFound, x509.UnsupportedGeneralNameType, CryptographyDeprecationWarning,
        ):  # fmt: skip
            raise Invalid("The certificate cannot be read.", where="certificate") from None
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            raise Invalid("The certificate's key is not ECDSA P-256.", where="certificate")
        if len(named) != 1 or not is_id(named[0].removeprefix(NODE_URN)):
            raise Invalid("The certificate is no node's.", where="certificate")
        self.node = named[0].removeprefix(NODE_URN)
        self.public = public
        self.key = key_fingerprint(public)
        self.issued = ca is not None and _issued(certificate, ca)


def _issued(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def key_fingerprint(public: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of a public key as people compare it."""
    return certificate_fingerprint(
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
