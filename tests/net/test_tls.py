import asyncio
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from sitewarden.config import Settings, TlsSettings
from sitewarden.domain.errors import Forbidden, Refusal
from sitewarden.net import tls
from sitewarden.net.network import LocalNetwork
from tests.net.running import Collect, Echo, run


class Seen(Echo):
    """Answers with the node id that it sees."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write(f"{tls.peer_node(transport)}.".encode())


def files(authority: tls.Authority) -> dict[str, int]:
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in authority.directory.iterdir()}


def test_the_ca_is_made_once_and_its_keys_are_private(tmp_path: Path) -> None:
    authority = tls.Authority.open(tmp_path / "tls")
    authority.server()
    authority.node("north")
    assert tls.Authority.open(tmp_path / "tls").fingerprint == authority.fingerprint
    assert len(authority.fingerprint.split(":")) == 32
    modes = files(authority)
    assert {name for name in modes if name.endswith(".key")} == {"ca.key", "server.key", "node-north.key"}
    assert {mode for name, mode in modes.items() if name.endswith(".key")} == {0o600}


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    tls.Authority.open(tmp_path)
    (tmp_path / "ca.key").chmod(0o644)
    with pytest.raises(Refusal, match="may be read by others") as refused:
        tls.Authority.open(tmp_path)
    assert "chmod 600" in refused.value.remedy


def test_the_server_certificate_is_made_anew_when_a_name_or_time_runs_out(tmp_path: Path) -> None:
    authority = tls.Authority.open(tmp_path)
    first = authority.server().certificate.read_bytes()
    assert authority.server().certificate.read_bytes() == first
    named = authority.server(["site.example.org", "192.0.2.7"]).certificate.read_bytes()
    assert named != first
    carried = x509.load_pem_x509_certificate(named).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "site.example.org" in carried.get_values_for_type(x509.DNSName)
    assert "192.0.2.7" in {str(each) for each in carried.get_values_for_type(x509.IPAddress)}
    assert authority.server(now=datetime.now(UTC) + timedelta(days=700)).certificate.read_bytes() != named
    with pytest.raises(Refusal, match="not a host name"):
        authority.server(["bad name"])


def test_people_get_a_certificate_that_their_browser_can_check(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        settings = Settings.for_test(host, tmp_path)
        net = LocalNetwork(settings, "web", tmp_path / "run")
        await net.listen("server", Echo, number=18600, tls=tls.server_context(settings))
        client = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem"))
        cli = LocalNetwork(settings, "cli", tmp_path / "run")
        transport, collect = await cli.dial("server", Collect, host, 18600, tls=client, server_hostname="localhost")
        transport.write(b"hello")
        assert await collect.until(5) == b"hello"
        with pytest.raises(ssl.SSLCertVerificationError):
            await cli.dial("server", Collect, host, 18600, tls=client, server_hostname="elsewhere.example")
        with pytest.raises(ssl.SSLCertVerificationError):
            await cli.dial("server", Collect, host, 18600, tls=ssl.create_default_context())
        await cli.close()
        await net.close()

    run(main())


def test_old_tls_is_refused(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        authority = tls.Authority.open(tmp_path / "tls")
        core, device = networks(host, tmp_path)
        await core.listen("device-server", Seen, tls=tls.link_server_context(authority.node("server"), authority.file))
        old = tls.link_client_context(authority.file, authority.node("north"))
        old.minimum_version = ssl.TLSVersion.TLSv1_2
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await device.dial("device-server", Collect, host, tls=old)
        await asyncio.sleep(0.01)
        assert core.ledger()[0].last_error.startswith("127.")
        await core.close()

    run(main())


def networks(host: str, tmp_path: Path) -> tuple[LocalNetwork, LocalNetwork]:
    settings = Settings.for_test(host, tmp_path)
    return LocalNetwork(settings, "core", tmp_path / "a"), LocalNetwork(settings, "controller", tmp_path / "b")


def test_nodes_know_each_other_by_id(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        authority = tls.Authority.open(tmp_path / "tls")
        core, device = networks(host, tmp_path)
        await core.listen("device-server", Seen, tls=tls.link_server_context(authority.node("server"), authority.file))
        for identity, seen in ((authority.node("north"), b"north."), (None, b"None.")):
            context = tls.link_client_context(authority.file, identity)
            transport, collect = await device.dial("device-server", Collect, host, tls=context)
            assert await collect.until(len(seen)) == seen
            tls.demand_node(transport, "server")
            with pytest.raises(Forbidden, match="the peer is node server, not south"):
                tls.demand_node(transport, "south")
            transport.abort()
        await core.close()

    run(main())


def test_a_stranger_is_refused_both_ways(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        authority, stranger = tls.Authority.open(tmp_path / "tls"), tls.Authority.open(tmp_path / "other")
        core, device = networks(host, tmp_path)
        await core.listen("device-server", Seen, tls=tls.link_server_context(authority.node("server"), authority.file))
        with pytest.raises(ssl.SSLCertVerificationError):
            await device.dial("device-server", Collect, host, tls=tls.link_client_context(stranger.file))
        _, collect = await device.dial(
            "device-server", Collect, host, tls=tls.link_client_context(authority.file, stranger.node("north"))
        )
        assert isinstance(await collect.lost, (ssl.SSLError, ConnectionError, type(None)))
        assert collect.data == b""
        assert "CERTIFICATE_VERIFY_FAILED" in core.ledger()[0].last_error
        await core.close()

    run(main())


def test_a_device_pairs_with_its_own_key(host: str, tmp_path: Path) -> None:
    authority = tls.Authority.open(tmp_path / "tls")
    key = tls.NodeKey(tmp_path / "device")
    assert not key.paired
    key.accept(authority.sign(key.request("anything"), "north"), authority.pem)
    assert key.paired
    with pytest.raises(Refusal, match="another key"):
        key.accept(authority.sign(tls.NodeKey(tmp_path / "else").request("x"), "north"), authority.pem)

    async def main() -> None:
        core, device = networks(host, tmp_path)
        await core.listen("device-server", Seen, tls=tls.link_server_context(authority.node("server"), authority.file))
        transport, _ = await device.dial("device-server", Collect, host, tls=tls.pairing_client_context())
        der = tls.peer_certificate(transport)
        assert der is not None
        assert tls.certificate_fingerprint(der) != authority.fingerprint
        _, collect = await device.dial("device-server", Collect, host, tls=tls.link_client_context(key.ca, key.pair))
        assert await collect.until(6) == b"north."
        await device.close()
        await core.close()

    run(main())


@pytest.mark.parametrize(
    "request_", [b"", b"x" * 20_000, b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
)
def test_a_bad_signing_request_is_refused(tmp_path: Path, request_: bytes) -> None:
    with pytest.raises(Refusal, match="signing request"):
        tls.Authority.open(tmp_path).sign(request_, "north")


def test_a_bad_node_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="not an id"):
        tls.Authority.open(tmp_path).node("../x")


@pytest.mark.parametrize(
    ("bind", "mode", "expected"), [("127.0.0.1", "auto", False), ("127.0.0.1", "always", True), ("0.0.0.0", "auto", True)]
)
def test_plain_is_for_loopback_alone(bind: str, mode: Any, expected: bool) -> None:
    assert tls.serves_tls(Settings.for_test(bind, tls=TlsSettings(mode=mode))) is expected


def test_a_wrong_certificate_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("nothing")
    (tmp_path / "k.pem").write_text("nothing")
    settings = Settings.for_test(tls=TlsSettings(certificate=str(tmp_path / "c.pem"), key=str(tmp_path / "k.pem")))
    with pytest.raises(Refusal, match=r"tls\.certificate: the certificate and key cannot be used"):
        tls.server_context(settings)
