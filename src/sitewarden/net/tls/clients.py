"""TLS contexts of who dials a device or a service of others: its authorities, and our certificate where it asks for one."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from sitewarden.domain.errors import Invalid


def peer_context(*, authorities: str = "", certificate: str = "", key: str = "") -> ssl.SSLContext:
    """Return a context that believes certificates of `authorities` (PEM), or of this computer's where that is empty.

    `certificate` (a chain) and `key` are ours, PEM; the key has no password. Raises Invalid where one of them is none. It reads
    the computer's authorities from disk.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities:
        try:
            context.load_verify_locations(cadata=authorities)
        except ssl.SSLError as error:
            raise Invalid(f"the certificates of the authorities cannot be read ({_reason(error)}).", where="ca") from None
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if certificate:
        with _file(f"{certificate.strip()}\n{key.strip()}\n") as path:
            try:
                context.load_cert_chain(path, password=_no_password)
            except (ssl.SSLError, OSError) as error:
                raise Invalid(
                    f"the certificate and its key cannot be used ({_reason(error)}).",
                    where="certificate",
                    remedy="Give a PEM certificate chain, and its own key without a password.",
                ) from None
    return context


@contextmanager
def _file(content: str) -> Iterator[str]:
    """Yield a path with `content`, which only OpenSSL needs: in memory, so that no key lies on a disk."""
    descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, content.encode())
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or error)


def _no_password() -> str:
    raise OSError("the key is protected by a password")
