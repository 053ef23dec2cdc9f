"""Which of a server's endpoints is used, and which certificate it may show there. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from sitewarden.drivers.opcua.config import EndpointConfig
from sitewarden.kit.errors import Misconfigured

PREFIX: Final = "http://opcfoundation.org/UA/SecurityPolicy#"
STRONGEST: Final = ("Aes256_Sha256_RsaPss", "Aes128_Sha256_RsaOaep", "Basic256Sha256")
"""The policies in use, the strongest first; older ones are never spoken."""
MODES: Final = {1: "none", 2: "sign", 3: "sign-and-encrypt"}
CHAIN: Final = 8
"""Most certificates that a server may show."""


class Offer(NamedTuple):
    """One endpoint that a server offers."""

    policy: str
    """URI."""
    mode: str
    certificate: bytes
    """DER; it may be followed by those of its authorities."""
    level: int = 0
    """What the server itself thinks of it."""
    url: str = ""
    name: str = ""
    """Of the server."""


def choose(offers: Iterable[Offer], config: EndpointConfig) -> Offer:
    """Return the endpoint to use; raise Misconfigured with what the server offers where none will do."""
    given = list(offers)
    wanted = STRONGEST if config.security == "best" else (config.security,)
    for policy in wanted:
        for offer in given:
            if offer.policy == PREFIX + policy and offer.mode == config.mode and offer.certificate:
                return offer
    offered = sorted({f"{one.policy.removeprefix(PREFIX)[:60]} ({one.mode})" for one in given})
    remedy = ""
    if any(one.mode == "sign" and one.policy.removeprefix(PREFIX) in wanted for one in given):
        remedy = '; set mode to "sign"'
    elif offered == ["None (none)"]:
        remedy = '; it speaks plainly only: set security to "None" where that is meant'
    raise Misconfigured(
        f"{config.url} offers {', '.join(offered[:12]) or 'nothing'}, and none of it is {config.security} ({config.mode}){remedy}"
    )


def leading(chain: bytes) -> list[bytes]:
    """Return the certificates (DER) of a chain, the server's own first; what cannot be cut ends it."""
    found: list[bytes] = []
    while len(chain) > 4 and chain[0] == 0x30 and chain[1] == 0x82 and len(found) < CHAIN:
        size = int.from_bytes(chain[2:4]) + 4
        if size > len(chain):
            break
        found.append(chain[:size])
        chain = chain[size:]
    return found


def shown(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER) as people compare it."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def believe(chain: bytes, config: EndpointConfig, now: datetime | None = None) -> x509.Certificate:
    """Return the server's certificate where the settings say to believe it; raise Misconfigured with what it shows."""
    certificates = leading(chain)
    try:
        found = [x509.load_der_x509_certificate(one) for one in certificates]
        if not found:
            raise ValueError("it is empty")
        name = found[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError as error:
        raise Misconfigured(f"{config.url} shows what is no certificate ({error})") from None
    own, print_ = found[0], shown(certificates[0])
    called = f'{config.url} shows the certificate of "{str(name[0].value)[:80] if name else "nobody"}" (SHA-256 {print_})'
    if config.fingerprint:
        if config.fingerprint.replace(":", "").upper() != print_.replace(":", ""):
            raise Misconfigured(f"{called}, which is another than fingerprint; if it got a new one, set fingerprint to that")
        return own
    if not config.ca:
        raise Misconfigured(f"{called}, and nobody has said to trust it; compare it at the server, then set it as fingerprint")
    try:
        trusted = x509.load_pem_x509_certificates(config.ca.encode())
    except ValueError as error:
        raise Misconfigured(f"ca is no PEM of certificates ({error})") from None
    if not traced(found, trusted):
        raise Misconfigured(f"{called}, which none of ca issued; add its authority to ca, or set it as fingerprint")
    moment = now or datetime.now(UTC)
    if not own.not_valid_before_utc <= moment <= own.not_valid_after_utc:
        raise Misconfigured(
            f"{called}, which is valid from {own.not_valid_before_utc:%Y-%m-%d} to {own.not_valid_after_utc:%Y-%m-%d}; "
            "renew it at the server, or set it as fingerprint"
        )
    return own


def traced(chain: list[x509.Certificate], trusted: list[x509.Certificate]) -> bool:
    """Tell whether the first of the chain is trusted, or each was issued by the next and one by a trusted authority."""
    for place, one in enumerate(chain):
        if one in trusted or any(_issued(one, authority) for authority in trusted):
            return True
        if place + 1 == len(chain) or not _issued(one, chain[place + 1]):
            return False
    return False


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca:
            return False
        certificate.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return True
