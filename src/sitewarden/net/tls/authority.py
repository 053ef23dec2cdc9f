"""The site's own certificate authority, made at first start: ECDSA P-256, path length 0, kept in the data directory."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sitewarden.domain.errors import Refusal
from sitewarden.domain.refs import is_id
from sitewarden.net.tls.files import Pair, key_bytes, locked, new_key, read_key, write_pair
from sitewarden.net.tls.names import NODE_URN, is_address, own_names
from sitewarden.net.tls.peers import certificate_fingerprint

CA_DAYS = 20 * 365
SERVER_DAYS = 825
"""The longest that browsers accept from a CA that a person installed."""
NODE_DAYS = 10 * 365
RENEW_DAYS = 180
"""A server's certificate that ends sooner is made anew at start."""
MAX_REQUEST = 16 * 1024
"""Greatest certificate signing request, in bytes."""

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


class Authority:
    """Signs the certificates of one site. Its key never leaves the directory."""

    def __init__(self, directory: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.directory, self.certificate = directory, certificate
        self._key = key

    @classmethod
    def open(cls, directory: Path | str, *, now: datetime | None = None) -> Authority:
        """Return the CA in `directory` ("<data>/tls"); make it where there is none. Safe for processes that start together."""
        folder = Path(directory)
        files = Pair(folder / "ca.pem", folder / "ca.key")
        with locked(folder):
            if not files.certificate.exists():
                key = new_key()
                certificate = _self_signed(key, now or datetime.now(UTC))
                write_pair(files, certificate.public_bytes(serialization.Encoding.PEM), key_bytes(key))
            key = read_key(files.key)
            certificate = _read_certificate(files.certificate)
        if key.public_key() != certificate.public_key():
            raise Refusal("the CA's key and certificate do not belong together.", where=str(folder), remedy="Restore both.")
        return cls(folder, key, certificate)

    @property
    def file(self) -> Path:
        """Return the file of the CA's certificate (PEM), which people install and nodes pin."""
        return self.directory / "ca.pem"

    @property
    def pem(self) -> bytes:
        """Return the CA's certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the CA's certificate, as people compare it: "3F:9A:…"."""
        return certificate_fingerprint(self.certificate.public_bytes(serialization.Encoding.DER))

    def server(self, further: Sequence[str] = (), *, now: datetime | None = None) -> Pair:
        """Return the certificate for this computer's names and addresses and `further` ones.

        Made anew where a name is missing in it, where it ends within RENEW_DAYS, or where another CA signed it.
        """
        moment = now or datetime.now(UTC)
        names = own_names(further)
        pair = Pair(self.directory / "server.pem", self.directory / "server.key")
        with locked(self.directory):
            if pair.exists() and self._still_good(pair, names, moment):
                return pair
            key = new_key()
            alternatives: list[x509.GeneralName] = [
                x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name) for name in names
            ]
            certificate = self._sign(
                key.public_key(),
                common_name="Sitewarden",
                alternatives=alternatives,
                usages=[ExtendedKeyUsageOID.SERVER_AUTH],
                days=SERVER_DAYS,
                now=moment,
            )
            write_pair(pair, certificate.public_bytes(serialization.Encoding.PEM) + self.pem, key_bytes(key))
        return pair

    def node(self, node: str, *, now: datetime | None = None) -> Pair:
        """Return the identity of a node of this computer; its key is made here, in `node-<id>.key`."""
        moment = now or datetime.now(UTC)
        pair = Pair(self.directory / f"node-{_check_id(node)}.pem", self.directory / f"node-{node}.key")
        with locked(self.directory):
            if pair.exists() and self._still_good(pair, [], moment):
                return pair
            key = new_key()
            write_pair(pair, self._node_certificate(key.public_key(), node, moment), key_bytes(key))
        return pair

    def sign(self, request: bytes, node: str, *, now: datetime | None = None, days: int = NODE_DAYS) -> bytes:
        """Return the certificate chain (PEM) for a node's signing request (PEM), as pairing hands it out.

        Nothing of the request is taken but its public key: the identity is `node`, whatever the request calls itself.
        """
        if len(request) > MAX_REQUEST:
            raise Refusal(f"the signing request is larger than {MAX_REQUEST} bytes.", where="request")
        try:
            asked = x509.load_pem_x509_csr(request)
            valid = asked.is_signature_valid
            public = asked.public_key()
        except (ValueError, TypeError) as fault:
            raise Refusal(f"the signing request cannot be read ({fault}).", where="request") from None
        if not valid:
            raise Refusal("the signing request is not signed by its own key.", where="request", remedy="Make a new request.")
        if not isinstance(public, (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey)):
            raise Refusal(
                "the key of the signing request is neither ECDSA nor Ed25519.", where="request", remedy="Use ECDSA P-256."
            )
        if isinstance(public, ec.EllipticCurvePublicKey) and not isinstance(public.curve, (ec.SECP256R1, ec.SECP384R1)):
            raise Refusal(f"the curve {public.curve.name} is not taken.", where="request", remedy="Use ECDSA P-256.")
        return self._node_certificate(public, node, now or datetime.now(UTC), days)

    def _node_certificate(self, public: PublicKey, node: str, now: datetime, days: int = NODE_DAYS) -> bytes:
        certificate = self._sign(
            public,
            common_name=_check_id(node),
            alternatives=[x509.UniformResourceIdentifier(NODE_URN + node)],
            usages=[ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
            days=days,
            now=now,
        )
        return certificate.public_bytes(serialization.Encoding.PEM) + self.pem

    def _sign(
        self,
        public: PublicKey,
        *,
        common_name: str,
        alternatives: list[x509.GeneralName],
        usages: list[x509.ObjectIdentifier],
        days: int,
        now: datetime,
    ) -> x509.Certificate:
        until = min(now + timedelta(days=days), self.certificate.not_valid_after_utc)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
            .issuer_name(self.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signing=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _still_good(self, pair: Pair, names: Sequence[str], now: datetime) -> bool:
        certificate = _read_certificate(pair.certificate)
        if certificate.not_valid_after_utc - now < timedelta(days=RENEW_DAYS):
            return False
        if read_key(pair.key).public_key() != certificate.public_key():
            return False
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        carried = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        there = {str(each) for each in carried.get_values_for_type(x509.IPAddress)} | set(
            carried.get_values_for_type(x509.DNSName)
        )
        return set(names) <= there


def _self_signed(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    public = key.public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Sitewarden site CA {secrets.token_hex(4)}")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signing=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signing,
        crl_sign=signing,
        encipher_only=False,
        decipher_only=False,
    )


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise Refusal(
            f"the certificate cannot be read ({fault}).", where=str(path), remedy="Restore it from the backup."
        ) from None


def _check_id(node: str) -> str:
    if not is_id(node):
        raise Refusal(f"{node!r} is not an id.", where="node", remedy="Use lower-case letters, digits and hyphens.")
    return node
