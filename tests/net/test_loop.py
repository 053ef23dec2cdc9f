"""The loop opens nothing on its own, and real libraries run on it."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException

from sitewarden.config import Settings, TlsSettings
from sitewarden.domain.errors import Refusal
from sitewarden.net import tls
from sitewarden.net.network import LocalNetwork
from tests.net.running import Collect, Echo, Heard, run

REFUSED = "was not asked of the network"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    body = f"{scope['scheme']} {scope['path']}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


def network(bind: str, directory: Path, role: str, **changes: object) -> LocalNetwork:
    return LocalNetwork(Settings.for_test(bind, directory, **changes), role, directory / "run")


def test_unleased_endpoints_are_refused(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(Refusal, match=REFUSED):
            await loop.create_server(Echo, host, 18600)
        with pytest.raises(Refusal, match=REFUSED):
            await loop.create_connection(Echo, host, 18600)
        with pytest.raises(Refusal, match=REFUSED):
            await loop.create_datagram_endpoint(Heard, local_addr=(host, 18600))
        with pytest.raises(Refusal, match=REFUSED):
            await loop.create_datagram_endpoint(Heard, remote_addr=(host, 18600))
        with pytest.raises(Refusal, match=REFUSED):
            await loop.create_unix_server(Echo, str(tmp_path / "s"))
        with pytest.raises(Refusal, match=REFUSED):
            await loop.create_unix_connection(Echo, str(tmp_path / "s"))
        with socket.socket() as bound:
            bound.bind((host, 18600))
            with pytest.raises(Refusal, match=REFUSED):
                await loop.create_server(Echo, sock=bound)
            with pytest.raises(Refusal, match=REFUSED):
                await loop.sock_connect(bound, (host, 18601))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind((host, 18600))
            with pytest.raises(Refusal, match=REFUSED):
                await loop.create_datagram_endpoint(Heard, sock=datagrams)

    run(main())


def test_a_permit_is_for_one_peer_and_ends(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        net = network(host, tmp_path, "iot")
        await net.listen("modbus", Echo, number=10502)
        with net.permit("modbus", host, 10502):
            transport, _ = await loop.create_connection(Collect, host, 10502)
            with pytest.raises(Refusal, match=REFUSED):
                await loop.create_connection(Collect, host, 10503)
            with pytest.raises(Refusal, match=REFUSED):
                await loop.create_connection(Collect, "127.0.0.1", 10502)
            later = asyncio.Event()

            async def late() -> None:
                await later.wait()
                await loop.create_connection(Collect, host, 10502)

            task = asyncio.ensure_future(late())
        assert [line.remote for line in net.ledger() if line.direction == "out"] == [f"{host}:10502"]
        later.set()
        with pytest.raises(Refusal, match=REFUSED):
            await task
        transport.close()
        with pytest.raises(Refusal, match="telnet is not in the port manifest"):
            net.permit("telnet", host, 23)
        await net.close()

    run(main())


def test_pymodbus_connects_inside_a_permit_alone(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        net = network(host, tmp_path, "iot")
        await net.listen("modbus", Echo, number=10502)
        client = AsyncModbusTcpClient(host, port=10502, reconnect_delay=0, retries=0, timeout=60)
        with net.permit("modbus", host, 10502):
            assert await client.connect()
        assert {line.direction for line in net.ledger()} == {"in", "out"}
        client.close()
        with pytest.raises((Refusal, ConnectionException)):
            await client.connect()
        await net.close()

    run(main())


@pytest.mark.parametrize("encrypted", [False, True])
def test_uvicorn_serves_on_a_leased_socket(host: str, tmp_path: Path, encrypted: bool) -> None:
    async def main() -> None:
        settings = Settings.for_test(host, tmp_path)
        net, cli = network(host, tmp_path, "web"), network(host, tmp_path, "cli")
        context = tls.server_context(settings) if encrypted else None
        config = uvicorn.Config(hello, log_config=None, lifespan="off")
        config.load()
        config.ssl = context
        server = uvicorn.Server(config)
        sock = net.listen_socket("server", number=18600)
        serving = asyncio.ensure_future(server._serve([sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        client = tls.link_client_context(tmp_path / "tls" / "ca.pem") if encrypted else None
        transport, collect = await cli.dial("server", Collect, host, 18600, tls=client)
        transport.write(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        expected = b"https /x" if encrypted else b"http /x"
        while expected not in collect.data:
            collect.changed.clear()
            await collect.changed.wait()
        (line,) = net.ledger()
        assert line.peers == 1
        assert line.bytes_in > 20
        transport.close()
        server.should_exit = True
        await serving
        assert net.ledger() == []
        assert net._broker.claims() == []
        await cli.close()

    run(main())


def test_the_http_api_is_plain_for_listed_networks_alone(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        settings = Settings.for_test(host, tmp_path, http_api_plain_networks=("10.0.0.0/8",), tls=TlsSettings(mode="always"))
        net = LocalNetwork(settings, "web", tmp_path / "run")
        cli = network(host, tmp_path, "cli")
        await net.listen("http-api", Echo, tls=tls.server_context(settings))
        plain, collect = await cli.dial("http-api", Collect, host)
        plain.write(b"G")
        assert await collect.until(1) == b"G"
        secure, collect = await cli.dial("http-api", Collect, host, tls=tls.link_client_context(tmp_path / "tls" / "ca.pem"))
        secure.write(b"S")
        assert await collect.until(1) == b"S"
        net._open[0].acceptor._demand_plain("10.1.2.3")  # type: ignore[attr-defined]
        with pytest.raises(ConnectionRefusedError):
            net._open[0].acceptor._demand_plain("192.0.2.1")  # type: ignore[attr-defined]
        await net.close()
        await cli.close()

    run(main())


def test_a_plain_peer_of_an_unlisted_network_is_cut(netns: bool, tmp_path: Path) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    import subprocess

    subprocess.run(["ip", "address", "add", "192.0.2.1/24", "dev", "lo"], check=True)

    async def main() -> None:
        settings = Settings.for_test("0.0.0.0", tmp_path, http_api_plain_networks=("10.0.0.0/8",))
        net, cli = LocalNetwork(settings, "web", tmp_path / "run"), network("0.0.0.0", tmp_path, "cli")
        await net.listen("http-api", Echo, tls=tls.server_context(settings))
        plain, collect = await cli.dial("http-api", Collect, "192.0.2.1")
        plain.write(b"GET / HTTP/1.1\r\n")
        await collect.lost
        assert collect.data == b""
        assert "http_api_plain_networks" in net.ledger()[0].last_error
        await net.close()

    run(main())


def test_a_flood_of_handshakes_from_one_address_is_bounded(host: str, tmp_path: Path) -> None:
    async def main() -> None:
        settings = Settings.for_test(host, tmp_path)
        net, cli = network(host, tmp_path, "web"), network(host, tmp_path, "cli")
        await net.listen("server", Echo, number=18600, tls=tls.server_context(settings))
        idle = [await cli.dial("server", Collect, host, 18600) for _ in range(40)]
        ended = {collect.lost for _, collect in idle}
        while len([each for each in ended if each.done()]) < 8:
            await asyncio.wait([each for each in ended if not each.done()], return_when=asyncio.FIRST_COMPLETED)
        assert "too many handshakes" in net.ledger()[0].last_error
        assert len([each for each in ended if each.done()]) == 8
        for transport, _ in idle:
            transport.abort()
        await net.close()

    run(main())
