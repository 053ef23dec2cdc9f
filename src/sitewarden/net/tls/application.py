"""Certificates that protocols ask for which TLS does not serve: RSA, self-signed, named by a URI (OPC 10000-6, clause 6.2.2)."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from sitewarden.domain.errors import Refusal
from sitewarden.net.tls.files import Pair, locked, write_pair
from sitewarden.net.tls.names import check_name

BITS: Final = 2048
"""What every security policy in use takes (Basic256Sha256 asks for 2048 to 4096)."""
LIFE: Final = timedelta(days=3650)
RENEW: Final = timedelta(days=30)
"""What is left of a certificate's life when it is made anew; peers that pinned it have to be told."""


class Application(Struct, frozen=True):
    """This node as an application instance."""

    uri: str
    """ApplicationUri, as in the certificate."""
    certificate: bytes
    """DER."""
    key: bytes
    """PEM, without a password."""


def application(directory: Path, name: str, uri: str, now: datetime | None = None) -> Application:
    """Return the key and certificate `name` of the directory, made at the first use. Blocks; a Refusal where they are damaged."""
    pair = Pair(directory / f"{name}.pem", directory / f"{name}.key")
    moment = now or datetime.now(UTC)
    with locked(directory):
        if pair.exists():
            found = _read(pair)
            if found.not_valid_after_utc > moment + RENEW and uri in _uris(found):
                return Application(uri, found.public_bytes(serialization.Encoding.DER), pair.key.read_bytes())
        key = rsa.generate_private_key(65537, BITS)
        made = _sign(key, uri, moment)
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        write_pair(pair, made.public_bytes(serialization.Encoding.PEM), secret)
    return Application(uri, made.public_bytes(serialization.Encoding.DER), secret)


def _read(pair: Pair) -> x509.Certificate:
    try:
        found = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as fault:
        raise Refusal(
            f"the certificate or its key cannot be read ({fault}).",
            where=str(pair.certificate),
            remedy="Restore both from the backup, or remove both: new ones are made then, and peers have to trust them.",
        ) from None
    if key.public_key() != found.public_key():
        raise Refusal(
            "the certificate is for another key.",
            where=str(pair.certificate),
            remedy="Restore both from the backup, or remove both: new ones are made then, and peers have to trust them.",
        )
    return found


def _uris(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def _sign(key: rsa.RSAPrivateKey, uri: str, now: datetime) -> x509.Certificate:
    host = socket.gethostname().lower()
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)]
    try:
        names.append(x509.DNSName(check_name(host)))
    except Refusal:
        names.append(x509.DNSName("localhost"))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Sitewarden at {host}"[:64])])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
