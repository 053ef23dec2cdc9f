from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import Authority
from tests.drivers.onvif.rig import Rig


@pytest.fixture
async def make(tmp_path: Path, host: str) -> AsyncIterator[Callable[..., Rig]]:
    """Makes rigs that are closed after the test."""
    net = LocalNetwork(Settings.for_test(host), "media-0", tmp_path / "run")
    made: list[Rig] = []

    def rig(**options: Any) -> Rig:
        made.append(Rig(net, host, **options))
        return made[-1]

    yield rig
    for one in made:
        await one.close()
    await net.close()


@pytest.fixture
async def rig(make: Callable[..., Rig]) -> Rig:
    """A camera of profile T with PTZ, connected, its properties known."""
    made = make()
    await made.begin()
    await made.subscribed()
    return made


@pytest.fixture
def untrusted(tmp_path: Path, host: str) -> tuple[ssl.SSLContext, str]:
    """A context with a certificate of an authority that nobody trusts, and its SHA-256."""
    pair = Authority.open(tmp_path / "tls").server((host,))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    first = pair.certificate.read_text().partition("-----END CERTIFICATE-----\n")
    return context, hashlib.sha256(ssl.PEM_cert_to_DER_cert("".join(first[:2]))).hexdigest()
