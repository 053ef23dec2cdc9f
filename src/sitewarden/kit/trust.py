"""Which certificate a device that is dialled may show: signed by an authority that is trusted here, or the one that was named."""

from __future__ import annotations

import asyncio
import hashlib
import ssl

from sitewarden.kit.errors import Misconfigured, Unavailable


class Trust:
    """The TLS side of one dialled device."""

    def __init__(self, ca: str = "", fingerprint: str = "") -> None:
        """`ca` is PEM (empty: this computer's authorities), `fingerprint` the SHA-256 of the one certificate that will do."""
        self._ca, self._fingerprint = ca, fingerprint
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext:
        """Return the context to dial with; raise Misconfigured where the PEM cannot be read."""
        if self._context is None:
            try:
                self._context = ssl.create_default_context(cadata=self._ca or None)
            except (ssl.SSLError, ValueError) as error:
                raise Misconfigured(
                    f"ca is no PEM of certificates ({error}); paste what stands in the authority's file"
                ) from None
            if self._fingerprint:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        return self._context

    def check(self, transport: asyncio.BaseTransport, host: str) -> None:
        """Look at the certificate before anything is said; raise Misconfigured where it is another one."""
        if not self._fingerprint:
            return
        shown = hashlib.sha256(transport.get_extra_info("ssl_object").getpeercert(True) or b"").hexdigest()
        if shown != self._fingerprint:
            raise Misconfigured(
                f"{host} shows another certificate (SHA-256 {shown}); if it got a new one, set fingerprint to that"
            )

    @staticmethod
    def refusal(error: Unavailable, host: str) -> Unavailable | Misconfigured:
        """Return what `reaching` raised; a certificate that is not believed is Misconfigured, since trying again cannot help."""
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            return Misconfigured(
                f"{host} shows a certificate that is not trusted ({error.__cause__.verify_message}); "
                "give its authority as ca, or its own SHA-256 as fingerprint"
            )
        return error
