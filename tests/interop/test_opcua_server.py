"""Our OPC UA server against a client that is not ours: asyncua's, secured and not, reading, watching and writing."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.crypto.security_policies import (
    SecurityPolicyAes256Sha256RsaPss,
    SecurityPolicyBasic256Sha256,
)
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sitewarden.domain.commands import Result
from sitewarden.drivers.opcua.server.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.house import Reading, Source
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.tls import Application, application
from tests.kit.fakes import FakeHouse, Recorder

pytestmark = pytest.mark.interop
REFUSED = (UaError, OSError, asyncio.TimeoutError)
NODES = [
    {"of": "point:level", "name": "Level", "writable": True},
    {"of": "point:mode", "name": "Mode", "type": "string"},
    {"of": "door:main", "member": "lock", "name": "Lock"},
]


class Listening:
    """Only `listen`, on the loop."""

    def __init__(self, host: str) -> None:
        self.host = host

    async def listen(self, port: str, factory: Any, *, number: int) -> Any:
        assert port == "opcua"
        server = await asyncio.get_running_loop().create_server(factory, self.host, number)

        class Closer:
            async def close(self) -> None:
                server.close()

        return Closer()


class Site:
    """The server under supervision."""

    def __init__(self, host: str, folder: Path) -> None:
        self.host, self.folder = host, folder
        with socket.socket() as probe:
            probe.bind((host, 0))
            self.port = int(probe.getsockname()[1])
        self.house, self.recorder = FakeHouse(), Recorder()
        self.own = application(folder, "ours", "urn:test:site")
        self.client = application(folder, "client", "urn:test:client")
        context = dataclasses.replace(self.recorder.context(Listening(host)), application=lambda: self.own, house=self.house)
        self.supervisor = Supervisor(context, lambda _name: DRIVER, backoff=lambda: Backoff(0.05, 0.2), steady=0.0)

    async def run(self, **config: Any) -> None:
        settings = {"port": self.port, "clients": ["127.0.0.0/8"], "username": "mes", "password": "right"} | config
        device = DeviceSpec(id="d", name="D", config={"folder": "Hall", "nodes": NODES})
        await self.supervisor.reconcile([])
        self.recorder.statuses.clear()
        await self.supervisor.reconcile([("opcua-server", EndpointSpec(id="e", name="E", config=settings, devices=(device,)))])
        await self.recorder.until(lambda: any(one.state == "online" for one in self.recorder.statuses))

    def pem(self, application: Application) -> str:
        return x509.load_der_x509_certificate(application.certificate).public_bytes(Encoding.PEM).decode()

    async def connect(
        self, policy: Any = None, user: str = "", password: str = "", mode: Any = None, claim: bytes = b""
    ) -> Client:
        client = Client(f"opc.tcp://{self.host}:{self.port}/", timeout=60, watchdog_intervall=60)
        client.application_uri = self.client.uri
        if policy is not None:
            await client.set_security(
                policy,
                str(self.folder / "client.pem"),
                str(self.folder / "client_key.pem"),
                server_certificate=str(self.folder / "ours.pem"),
                mode=mode or ua.MessageSecurityMode.SignAndEncrypt,
            )
        if claim:
            client.security_policy.host_certificate = claim
            client.uaclient.security_policy.host_certificate = claim
        if user:
            client.set_user(user)
            client.set_password(password)
        await client.connect()
        return client

    def refusal(self) -> str:
        return next((one.detail for one in reversed(self.recorder.statuses) if one.ref == "endpoint:e"), "")


@pytest.fixture
async def site(host: str, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(host, tmp_path)
    (tmp_path / "client_key.pem").write_bytes(site.client.key)
    yield site
    await site.supervisor.close()


class Watching:
    """What a subscription brings."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[Any, int]] = asyncio.Queue()

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        self.told.put_nowait((value, data.monitored_item.Value.StatusCode.value))


async def test_a_trusted_client_reads_watches_and_writes(site: Site) -> None:
    level = Source("point:level", "")
    site.house.put(level, Reading(2.5, 0, 1_767_323_045_000_000))
    site.house.put(Source("door:main", "lock"), Reading("locked"))
    await site.run(trusted=site.pem(site.client))
    client = await site.connect(SecurityPolicyAes256Sha256RsaPss, "mes", "right")
    try:
        space = await client.get_namespace_index("urn:sitewarden:site")
        hall = await client.nodes.objects.get_child(f"{space}:Hall")
        names = [(await one.read_browse_name()).Name for one in await hall.get_children()]
        assert names == ["Level", "Mode", "Lock"]
        node = client.get_node(f"ns={space};s=Hall/Level")
        found = await node.read_data_value()
        assert (found.Value.Value, found.StatusCode.value, found.SourceTimestamp.timestamp()) == (2.5, 0, 1_767_323_045.0)
        assert await client.get_node(f"ns={space};s=Hall/Lock").read_value() == "locked"
        with pytest.raises(UaStatusCodeError) as unheard:
            await client.get_node(f"ns={space};s=Hall/Mode").read_value()
        assert unheard.value.code == 0x80310000
        watching = Watching()
        subscription = await client.create_subscription(50, watching)
        await subscription.subscribe_data_change(node)
        async with asyncio.timeout(60):
            assert await watching.told.get() == (2.5, 0)
            site.house.put(level, Reading(3.5, 0x40900000))
            assert await watching.told.get() == (3.5, 0x40900000)
        await node.write_value(ua.DataValue(ua.Variant(9.0, ua.VariantType.Double)))
        assert [one[:3] for one in site.house.written] == [("point:level", 9.0, "e")]
        for code, answer in (("invalid", 0x803C0000), ("unreachable", 0x80310000), ("refused", 0x808B0000)):
            site.house.answer = Result(ok=False, code=code, what="no")
            with pytest.raises(UaStatusCodeError) as refused:
                await node.write_value(ua.DataValue(ua.Variant(9.0, ua.VariantType.Double)))
            assert refused.value.code == answer
        with pytest.raises(UaStatusCodeError) as refused:
            await client.get_node(f"ns={space};s=Hall/Mode").write_value("x")
        assert refused.value.code == 0x801F0000
        with pytest.raises(REFUSED):
            await client.nodes.objects.add_folder(f"ns={space};s=Mine", f"{space}:Mine")
    finally:
        await client.disconnect()


async def test_who_is_not_trusted_or_not_the_user_is_refused(site: Site) -> None:
    await site.run(trusted=site.pem(site.own))
    with pytest.raises(REFUSED):
        await site.connect(SecurityPolicyBasic256Sha256, "mes", "right")
    with pytest.raises(REFUSED):
        await site.connect(None, "mes", "right")
    # A certificate that is trusted, shown on a channel that proves nothing.
    with pytest.raises(REFUSED):
        await site.connect(None, "mes", "right", claim=site.own.certificate)
    await site.run(trusted=site.pem(site.client), plain=True, anonymous=True)
    for user, password in (("mes", "wrong"), ("other", "right")):
        with pytest.raises(REFUSED):
            await site.connect(SecurityPolicyBasic256Sha256, user, password)
    client = await site.connect(None)
    try:
        space = await client.get_namespace_index("urn:sitewarden:site")
        with pytest.raises(UaStatusCodeError) as refused:
            await client.get_node(f"ns={space};s=Hall/Level").write_value(1.0)
        assert refused.value.code == 0x801F0000 and not site.house.written
    finally:
        await client.disconnect()
    await site.run(clients=["127.255.255.255/32"], plain=True, anonymous=True)
    with pytest.raises(REFUSED):
        await site.connect(None)
