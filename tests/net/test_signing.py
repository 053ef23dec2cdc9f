from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from sitewarden.domain.errors import Forbidden, Invalid
from sitewarden.net.tls import Authority, Signer, Verifier


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.open(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def signer(authority: Authority) -> Signer:
    return Signer(authority.node("north"))


def test_a_node_of_the_site_is_proven(authority: Authority, signer: Signer) -> None:
    signature = signer.sign(b"said")
    assert len(signature) == 64
    writer = Verifier(authority.certificate).writer(signer.certificate, b"said", signature)
    assert (writer.node, writer.key, writer.ours) == ("north", signer.key, True)


def test_a_node_of_another_site_is_only_recognised(signer: Signer, tmp_path: Path) -> None:
    other = Authority.open(tmp_path)
    for ca in (other.certificate, None):
        writer = Verifier(ca).writer(signer.certificate, b"said", signer.sign(b"said"))
        assert (writer.node, writer.key, writer.ours) == ("north", signer.key, False)


@pytest.mark.parametrize("change", [b"", bytes(64), b"\xff" * 64, b"x" * 10])
def test_a_signature_of_somebody_else_is_refused_each_time(authority: Authority, signer: Signer, change: bytes) -> None:
    verifier = Verifier(authority.certificate)
    verifier.writer(signer.certificate, b"said", signer.sign(b"said"))
    with pytest.raises(Forbidden):
        verifier.writer(signer.certificate, b"said", change)
    with pytest.raises(Forbidden):
        verifier.writer(signer.certificate, b"other", signer.sign(b"said"))


def test_a_certificate_that_has_ended_is_not_ours_any_more(authority: Authority, signer: Signer) -> None:
    later = datetime.now(UTC) + timedelta(days=40 * 365)
    writer = Verifier(authority.certificate).writer(signer.certificate, b"said", signer.sign(b"said"), later)
    assert not writer.ours


def made(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *names: str) -> bytes:
    """A certificate by itself, as anybody can make it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    if names:
        uris = [x509.UniformResourceIdentifier(each) for each in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(uris), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


NODE = "urn:sitewarden:node:"


@pytest.mark.parametrize("names", [(), ("https://example.org",), (NODE,), (NODE + "A b",), (NODE + "a", NODE + "b")])
def test_a_certificate_that_is_no_nodes_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        Verifier().writer(made(ec.generate_private_key(ec.SECP256R1()), *names), b"said", bytes(64))


def test_other_keys_and_what_is_no_certificate_are_refused() -> None:
    keys = (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048))
    odd = made(ec.generate_private_key(ec.SECP256R1()), NODE + "a").replace(b"\x02\x01\x01", b"\x02\x01\x00", 1)
    for certificate in (*(made(key, NODE + "a") for key in keys), odd, b"", b"\x30\x82", bytes(300)):
        with pytest.raises(Invalid):
            Verifier().writer(certificate, b"said", bytes(64))
