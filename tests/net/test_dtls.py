"""The DTLS server against OpenSSL's client, datagram by datagram."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.net.tls.dtls import LABEL, MTU, DtlsError, DtlsIdentity, DtlsServer
from tests.net.dtls_client import DtlsClient

OURS = DtlsIdentity()


def shake(client: DtlsClient, server: DtlsServer) -> None:
    """Pass datagrams to and fro until both are done."""
    pending = client.step()
    for _ in range(20):
        back = [answer for datagram in pending for answer in server.receive(datagram)]
        assert all(len(answer) <= MTU for answer in back)
        pending = client.step(*back)
        if client.done and server.done:
            return


def test_both_sides_export_the_same_keys() -> None:
    client = DtlsClient()
    server = DtlsServer(OURS, [("sha-256", client.digest)])
    assert server.timeout() is None
    shake(client, server)
    assert server.done and server.profile == "SRTP_AEAD_AES_128_GCM"
    assert server.export(56) == client.connection.export_keying_material(LABEL, 56)
    certificate = client.connection.get_peer_certificate(as_cryptography=True)
    assert certificate is not None
    seen = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest().upper()
    assert OURS.fingerprint.replace(":", "") == seen
    assert server.close()


def test_a_viewer_that_takes_the_older_profile_alone_gets_it() -> None:
    client = DtlsClient(b"SRTP_AES128_CM_SHA1_80")
    server = DtlsServer(OURS, [("sha-512", b"x"), ("sha-256", client.digest)])
    shake(client, server)
    assert server.profile == "SRTP_AES128_CM_SHA1_80"


def test_another_certificate_than_the_offers_is_refused() -> None:
    client = DtlsClient()
    with pytest.raises(DtlsError, match="not the one of its offer"):
        shake(client, DtlsServer(OURS, [("sha-256", DtlsClient().digest)]))


def test_a_viewer_without_a_certificate_is_refused() -> None:
    client = DtlsClient(certificate=False)
    with pytest.raises(DtlsError):
        shake(client, DtlsServer(OURS, [("sha-256", client.digest)]))


def test_goodbye_is_heard() -> None:
    client = DtlsClient()
    server = DtlsServer(OURS, [("sha-256", client.digest)])
    shake(client, server)
    client.connection.shutdown()
    for datagram in client.taken():
        server.receive(datagram)
    assert server.closed


def test_a_flight_has_a_time_after_which_it_is_repeated() -> None:
    client = DtlsClient()
    server = DtlsServer(OURS, [("sha-256", client.digest)])
    for datagram in client.step():
        server.receive(datagram)
    due = server.timeout()
    assert due is not None and 0 < due <= 1.0
    assert not server.done


@settings(max_examples=60)
@given(st.binary(max_size=200), st.booleans())
def test_nonsense_ends_in_a_dtls_error_or_in_nothing(data: bytes, begun: bool) -> None:
    client = DtlsClient()
    server = DtlsServer(OURS, [("sha-256", client.digest)])
    try:
        if begun:
            for datagram in client.step():
                server.receive(datagram)
        server.receive(bytes((22, 0xFE, 0xFD)) + data)
        server.receive(data or b"\x16")
    except DtlsError:
        return
    assert not server.done
