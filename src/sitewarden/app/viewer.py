"""`sitewarden viewer`: a workstation that joins the server's multicast and feeds its own browser."""

from __future__ import annotations

import asyncio
import signal
import ssl
import tempfile
import urllib.parse
from pathlib import Path

from sitewarden.app import show
from sitewarden.config import Settings
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.viewer.group import Streams
from sitewarden.nodes.viewer.proxy import Proxy, Server


def run(server: str, ca: Path | None, port: int, interface: str) -> None:
    """Serve the browser of this workstation until Ctrl-C."""
    place = _server(server, ca)
    with tempfile.TemporaryDirectory(prefix="sitewarden-") as folder, asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(place, port, interface, Path(folder)))


def _server(text: str, ca: Path | None) -> Server:
    parts = urllib.parse.urlsplit(text if "://" in text else f"https://{text}")
    try:
        number = parts.port
    except ValueError:
        number = -1
    if parts.scheme not in ("http", "https") or not parts.hostname or number == -1 or parts.username:
        raise Invalid(f"{text!r} is no server's address.", where="SERVER", remedy="Give https://server:8600.")
    tls = None
    if parts.scheme == "https":
        try:
            tls = ssl.create_default_context(cafile=str(ca) if ca else None)
        except (OSError, ssl.SSLError) as error:
            raise Invalid(f"{ca} is no certificate: {error}.", where="--ca", remedy="Give the site's CA as a PEM file.") from None
    return Server(host=parts.hostname, port=number or 8600, tls=tls)


async def _serve(server: Server, port: int, interface: str, folder: Path) -> None:
    network = LocalNetwork(Settings(data_dir=str(folder)), "cli", folder / "run")
    streams = Streams(network, SystemClock(), interface)
    proxy = Proxy(network, server, streams, port)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await _reach(network, server)
        await proxy.start()
        show.out.print(f"Open http://127.0.0.1:{port} in this computer's browser; it shows {server.origin}. Ctrl-C ends it.")
        await stop.wait()
    finally:
        await proxy.close()
        streams.close()
        await network.close()


async def _reach(network: LocalNetwork, server: Server) -> None:
    """Connect once, so that a wrong address or an unknown certificate is told here and not in the browser."""
    try:
        transport, _ = await network.dial(
            "server",
            asyncio.Protocol,
            server.host,
            server.port,
            tls=server.tls,
            server_hostname=server.host if server.tls else None,
        )
    except ssl.SSLCertVerificationError as error:
        raise Refusal(
            f"The certificate of {server.origin} is not trusted: {error.verify_message}.",
            where="SERVER",
            remedy=f"Get the site's CA from http://{server.host}/ or its data directory (tls/ca.pem), and give it with --ca.",
        ) from None
    except OSError as error:
        raise Refusal(
            f"{server.origin} cannot be reached: {error.strerror or error}.", where="SERVER", remedy="Check address and network."
        ) from None
    transport.close()
