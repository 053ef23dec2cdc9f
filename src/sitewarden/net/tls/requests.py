"""The key of a node that another computer's CA signs: made here, never sent; only the signing request leaves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from sitewarden.domain.errors import Refusal
from sitewarden.net.tls.files import Pair, key_bytes, locked, new_key, read_key, write


class NodeKey:
    """A node's own key, and the certificate that the site's CA gave it once it was paired."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self.pair = Pair(self.directory / "node.pem", self.directory / "node.key")
        self.ca = self.directory / "site-ca.pem"
        with locked(self.directory):
            if not self.pair.key.exists():
                write(self.pair.key, key_bytes(new_key()), 0o600)
            self._key = read_key(self.pair.key)

    @property
    def public_key(self) -> bytes:
        """Return the public key as DER (SubjectPublicKeyInfo), as pairing binds it."""
        return self._key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    @property
    def paired(self) -> bool:
        """Tell whether a certificate and the site's CA are here."""
        return self.pair.exists() and self.ca.exists()

    @property
    def certificate(self) -> x509.Certificate:
        """Return the certificate that pairing or a renewal brought; raises a Refusal where there is none."""
        return _read(self.pair.certificate)

    @property
    def life(self) -> tuple[datetime, datetime]:
        """Return the certificate's first and last moment, UTC; raises a Refusal where there is none."""
        found = self.certificate
        return found.not_valid_before_utc, found.not_valid_after_utc

    def signed(self, certificate: bytes) -> bool:
        """Tell whether the site's CA issued a certificate (DER); False while there is no CA."""
        try:
            x509.load_der_x509_certificate(certificate).verify_directly_issued_by(_read(self.ca))
        except (ValueError, TypeError, InvalidSignature, Refusal):
            return False
        return True

    def request(self, node: str) -> bytes:
        """Return a signing request (PEM) for this key."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
        return (
            x509.CertificateSigningRequestBuilder()
            .subject_name(name)
            .sign(self._key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )

    def accept(self, chain: bytes, ca: bytes) -> None:
        """Store the certificate chain and the CA (both PEM) that pairing brought; refuse a chain that is not for this key."""
        try:
            certificate = x509.load_pem_x509_certificate(chain)
            issuer = x509.load_pem_x509_certificate(ca)
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as fault:
            raise Refusal(
                f"the certificate cannot be used ({fault or 'its signature is wrong'}).",
                where="certificate",
                remedy="Pair again.",
            ) from None
        if certificate.public_key() != self._key.public_key():
            raise Refusal("the certificate is for another key.", where="certificate", remedy="Pair again.")
        with locked(self.directory):
            write(self.ca, ca, 0o644)
            write(self.pair.certificate, chain, 0o644)

    def forget(self) -> None:
        """Remove the certificate and the CA, for a factory default; the key stays."""
        self.pair.certificate.unlink(missing_ok=True)
        self.ca.unlink(missing_ok=True)


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise Refusal(f"the certificate cannot be read ({fault}).", where=str(path), remedy="Pair again.") from None
