"""TLS contexts: TLS 1.2 and later for people, TLS 1.3 for the link."""

from __future__ import annotations

import ssl
from pathlib import Path

from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.net.tls.authority import Authority
from sitewarden.net.tls.files import Pair


def serves_tls(settings: Settings) -> bool:
    """Tell whether 8600, 8601 and 9090 speak TLS: always off loopback, and on it where the settings say so."""
    return settings.tls.mode == "always" or not settings.loopback


def server_context(settings: Settings, directory: Path | str | None = None) -> ssl.SSLContext:
    """Return the context for people and programs: the settings' own certificate, else one from the site's CA.

    `directory` holds the CA; None is "<data>/tls".
    """
    if settings.tls.certificate:
        pair = Pair(Path(settings.tls.certificate), Path(settings.tls.key))
        where = "tls.certificate"
    else:
        pair = Authority.open(directory or settings.data / "tls").server(settings.tls.names)
        where = str(pair.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.set_alpn_protocols(["http/1.1"])
    _load(context, pair, where)
    return context


def link_server_context(identity: Pair, ca: Path | str) -> ssl.SSLContext:
    """Return the context of a link listener: TLS 1.3, asks for a certificate of the site's CA and accepts none.

    A peer without one may only pair; `peer_node` tells which it is.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(str(ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    _load(context, identity, str(identity.certificate))
    return context


def link_client_context(ca: Path | str, identity: Pair | None = None) -> ssl.SSLContext:
    """Return the context of a link dialler: TLS 1.3, pinned to the site's CA; host names mean nothing.

    Call `demand_node` after the handshake. A TLS 1.3 client believes itself connected before it is refused.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(str(ca))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if identity is not None:
        _load(context, identity, str(identity.certificate))
    return context


def pairing_client_context() -> ssl.SSLContext:
    """Return the context of a device that knows no CA yet: TLS 1.3, believes nobody.

    Pairing binds the listener's certificate (`peer_certificate`) by its code; until that has proved it, nothing is trusted.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def looking_context() -> ssl.SSLContext:
    """Return the context of who only looks which certificate a port presents: TLS 1.2 and later; it believes nobody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load(context: ssl.SSLContext, pair: Pair, where: str) -> None:
    try:
        context.load_cert_chain(pair.certificate, pair.key, password=_no_password)
    except (OSError, ssl.SSLError) as fault:
        reason = getattr(fault, "reason", None) or fault.strerror or str(fault)
        raise Refusal(
            f"the certificate and key cannot be used ({reason}).",
            where=where,
            remedy="Give the PEM files of a certificate chain and of its key without a password.",
        ) from None


def _no_password() -> str:
    raise OSError("the key is protected by a password")
