"""Which endpoint is chosen, and which certificate is believed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sitewarden.drivers.opcua.config import EndpointConfig
from sitewarden.drivers.opcua.trust import PREFIX, Offer, believe, choose, leading, shown
from sitewarden.kit.config import check
from sitewarden.kit.errors import Misconfigured

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def made(name: str, issuer: str, key: ec.EllipticCurvePrivateKey, *, ca: bool = False, ends: datetime.timedelta = DAY) -> bytes:
    called = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer)]
    return (
        x509.CertificateBuilder()
        .subject_name(called[0])
        .issuer_name(called[1])
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 10 * DAY)
        .not_valid_after(NOW + ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        # Long enough that its length takes two bytes, as that of every real one does.
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(f"urn:{name}:" + "x" * 200)]), False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def pem(certificate: bytes) -> str:
    return x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM).decode()


def config(**given: str) -> EndpointConfig:
    return check(EndpointConfig, {"host": "plc"} | given)


SELF = made("plc", "plc", KEY)
AUTHORITY = made("plant", "plant", KEY, ca=True)
ISSUED = made("plc", "plant", KEY)


def offer(policy: str, mode: str = "sign-and-encrypt", certificate: bytes = SELF) -> Offer:
    return Offer(PREFIX + policy, mode, certificate)


def test_the_strongest_is_chosen_and_never_none() -> None:
    offers = [offer("None", "none"), offer("Basic256Sha256"), offer("Aes128_Sha256_RsaOaep"), offer("Basic256")]
    assert choose(offers, config()).policy == PREFIX + "Aes128_Sha256_RsaOaep"
    assert choose([*offers, offer("Aes256_Sha256_RsaPss")], config()).policy == PREFIX + "Aes256_Sha256_RsaPss"
    assert choose(offers, config(security="Basic256Sha256")).policy == PREFIX + "Basic256Sha256"
    with pytest.raises(Misconfigured, match='set mode to "sign"'):
        choose([offer("Basic256Sha256", "sign")], config())
    with pytest.raises(Misconfigured, match='set security to "None" where that is meant'):
        choose([offer("None", "none")], config())
    with pytest.raises(Misconfigured, match="offers Basic128Rsa15"):
        choose([offer("Basic128Rsa15")], config())


def test_nobody_is_believed_whom_nobody_named() -> None:
    with pytest.raises(Misconfigured, match=f"SHA-256 {shown(SELF)}.*compare it at the server"):
        believe(SELF, config(), NOW)
    with pytest.raises(Misconfigured, match="another than fingerprint"):
        believe(SELF, config(fingerprint=shown(ISSUED)), NOW)
    with pytest.raises(Misconfigured, match="no certificate"):
        believe(b"what", config(fingerprint=shown(SELF)), NOW)


@pytest.mark.parametrize("text", [shown(SELF), shown(SELF).lower().replace(":", "")], ids=["with colons", "without"])
def test_the_one_that_is_named_is_believed(text: str) -> None:
    assert believe(SELF, config(fingerprint=text), NOW).subject.rfc4514_string() == "CN=plc"


def test_authorities_issue_certificates_that_are_believed() -> None:
    believe(ISSUED, config(ca=pem(AUTHORITY)), NOW)
    believe(SELF, config(ca=pem(SELF)), NOW)
    between = made("between", "plant", KEY, ca=True)
    believe(made("plc", "between", KEY) + between, config(ca=pem(AUTHORITY)), NOW)
    for strange, ca in (
        (SELF, AUTHORITY),
        (made("plc", "plant", OTHER), AUTHORITY),
        # A machine's own certificate is no authority.
        (made("other", "plc", KEY), SELF),
    ):
        with pytest.raises(Misconfigured, match="none of ca issued"):
            believe(strange, config(ca=pem(ca)), NOW)
    with pytest.raises(Misconfigured, match="valid from"):
        believe(made("plc", "plant", KEY, ends=-DAY), config(ca=pem(AUTHORITY)), NOW)
    with pytest.raises(Misconfigured, match="no PEM"):
        believe(SELF, config(ca="what"), NOW)


def test_a_chain_is_cut_into_its_certificates() -> None:
    assert leading(ISSUED + AUTHORITY) == [ISSUED, AUTHORITY]
    assert leading(ISSUED + AUTHORITY[:-1]) == [ISSUED]
    assert leading(b"") == []


def test_our_own_is_made_once(tmp_path: Path) -> None:
    from sitewarden.net.tls import application

    first = application(tmp_path, "opcua", "urn:site:a")
    again = application(tmp_path, "opcua", "urn:site:a")
    assert first == again
    assert (tmp_path / "opcua.key").stat().st_mode & 0o777 == 0o600
    found = x509.load_der_x509_certificate(first.certificate)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["urn:site:a"]
    assert application(tmp_path, "opcua", "urn:site:b").certificate != first.certificate
