"""MQTT against peers that are not ours: Debian's mosquitto with TLS and client certificates, mosquitto_pub and mosquitto_sub."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sitewarden.domain.commands import Command
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.mqtt.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

pytestmark = pytest.mark.interop
MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
WAIT = 60.0


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.pem = self._sign(self._name, self._key, authority=True)
        (folder / "ca.pem").write_text(self.pem)

    def issue(self, name: str, host: str = "") -> tuple[str, str]:
        """Return (certificate, key) in PEM, and write both."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, host=host)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        (self.folder / f"{name}.pem").write_text(certificate)
        (self.folder / f"{name}.key").write_text(secret)
        return certificate, secret

    def _sign(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool = False, host: str = "") -> str:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if not authority:
            use = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            builder = builder.add_extension(x509.ExtendedKeyUsage(use), critical=False)
        if host:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host)), x509.DNSName("broker.site")])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class Mosquitto:
    """A broker of Debian's package, as a process of its own."""

    def __init__(self, folder: Path, host: str, lines: list[str]) -> None:
        self.host, self.port = host, free_port(host)
        self.folder = folder
        self._conf = folder / "mosquitto.conf"
        self._conf.write_text("\n".join([f"listener {self.port} {host}", "user root", *lines, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._conf)], stdout=log, stderr=log)
        async with asyncio.timeout(WAIT):
            while True:
                try:
                    _, writer = await asyncio.open_connection(self.host, self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def tool(self, name: str, *arguments: str) -> str:
        """Run mosquitto_pub or mosquitto_sub to its end; return what it printed."""
        process = await asyncio.create_subprocess_exec(
            name,
            "-h",
            self.host,
            "-p",
            str(self.port),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(WAIT):
            out, _ = await process.communicate()
        assert process.returncode == 0, out
        return out.decode()


@pytest.fixture(autouse=True)
def _installed() -> None:
    if not Path(MOSQUITTO).exists() or shutil.which("mosquitto_pub") is None:
        pytest.skip("needs mosquitto and mosquitto-clients (scripts/system-packages.sh)")


@pytest.fixture
async def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def supervisor(recorder: Recorder) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(recorder.context(LoopNetwork()), lambda _name: DRIVER, backoff=lambda: Backoff(0.05, 0.2), steady=0.0)
    yield supervisor
    await supervisor.close()


def last(recorder: Recorder, id_: str) -> tuple[Any, int] | None:
    for batch in reversed(recorder.batches):
        if id_ in batch.points:
            place = len(batch.points) - 1 - batch.points[::-1].index(id_)
            return batch.values[place], batch.qualities[place]
    return None


def state(recorder: Recorder, ref: str) -> tuple[str, str]:
    return next(((one.state, one.detail) for one in reversed(recorder.statuses) if one.ref == ref), ("", ""))


def spec(peer: Mosquitto, *points: Point, **config: Any) -> EndpointSpec:
    device = DeviceSpec(id="d", name="D", config={"base": "line/1"}, points=points)
    settings = {"host": peer.host, "port": peer.port, "tls": False, "bad_after": 600.0, "keep_alive": 5} | config
    return EndpointSpec(id="e", name="E", config=settings, devices=(device,))


def point(id_: str, topic: str, **address: Any) -> Point:
    return Point(id=id_, name=id_, device="d", address={"topic": topic, **address}, writable="write_topic" in address)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_tls_with_client_certificates_values_and_writes(
    tmp_path: Path, host: str, supervisor: Supervisor, recorder: Recorder, version: str
) -> None:
    authority = Authority(tmp_path, "the site's authority")
    authority.issue("broker", host)
    certificate, key = authority.issue("sitewarden")
    folder = str(tmp_path)
    peer = Mosquitto(
        tmp_path,
        host,
        [
            f"cafile {folder}/ca.pem",
            f"certfile {folder}/broker.pem",
            f"keyfile {folder}/broker.key",
            "require_certificate true",
            "use_identity_as_username true",
        ],
    )
    shown = ["--cafile", f"{folder}/ca.pem", "--cert", f"{folder}/sitewarden.pem", "--key", f"{folder}/sitewarden.key"]
    await peer.start()
    tls = {"tls": True, "ca": authority.pem, "certificate": certificate, "private_key": key, "version": version}
    points = (point("speed", "~/state", pointer="/speed"), point("set", "~/set", write_topic="~/set", write_qos=2))
    try:
        await peer.tool("mosquitto_pub", *shown, "-t", "line/1/state", "-m", '{"speed": 12.5}', "-r", "-q", "1")
        await supervisor.reconcile([("mqtt", spec(peer, *points, **tls, server_name="broker.site"))])
        await recorder.until(lambda: last(recorder, "speed") == (12.5, 0), WAIT)
        for qos in ("0", "1", "2"):
            await peer.tool("mosquitto_pub", *shown, "-t", "line/1/state", "-m", f'{{"speed": {qos}}}', "-q", qos)
            await recorder.until(lambda qos=qos: last(recorder, "speed") == (float(qos), 0), WAIT)
        hearing = asyncio.create_task(peer.tool("mosquitto_sub", *shown, "-t", "line/1/set", "-C", "1", "-q", "2", "-W", "60"))
        order = Command(id="1", name="point.write", entity="point:set", args={"value": 7.25}, timeout=WAIT)
        while not hearing.done():
            result = await supervisor.execute(order)
            assert result.ok, result
            await asyncio.wait([hearing], timeout=0.2)
        assert hearing.result().strip() == "7.25"
        await recorder.until(lambda: last(recorder, "set") == (7.25, 0), WAIT)

        await supervisor.reconcile([("mqtt", spec(peer, *points, **tls))])
        await recorder.until(lambda: state(recorder, "endpoint:e")[0] == "online", WAIT)
        other = Authority(tmp_path / "..", "another authority").pem
        await supervisor.reconcile([("mqtt", spec(peer, *points, **tls | {"ca": other}))])
        await recorder.until(lambda: "not trusted" in state(recorder, "endpoint:e")[1], WAIT)
        bare = {"tls": True, "ca": authority.pem, "version": version}
        await supervisor.reconcile([("mqtt", spec(peer, *points, **bare))])
        await recorder.until(lambda: state(recorder, "endpoint:e")[0] == "offline", WAIT)
    finally:
        await supervisor.close()
        peer.kill()


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_password_and_what_it_may_not_do(
    tmp_path: Path, host: str, supervisor: Supervisor, recorder: Recorder, version: str
) -> None:
    (tmp_path / "passwords").touch(0o600)
    subprocess.run(["mosquitto_passwd", "-b", str(tmp_path / "passwords"), "ada", "right"], check=True, timeout=WAIT)
    (tmp_path / "acl").write_text("user ada\ntopic read line/1/state\n")
    peer = Mosquitto(tmp_path, host, [f"password_file {tmp_path}/passwords", f"acl_file {tmp_path}/acl", "allow_anonymous false"])
    await peer.start()
    points = (point("speed", "~/state", write_topic="line/1/forbidden"),)
    try:
        await supervisor.reconcile([("mqtt", spec(peer, *points, username="ada", password="wrong", version=version))])
        await recorder.until(lambda: any(one.type == "endpoint.misconfigured" for one in recorder.events), WAIT)
        await supervisor.reconcile([("mqtt", spec(peer, *points, username="ada", password="right", version=version))])
        await recorder.until(lambda: state(recorder, "endpoint:e")[0] == "online", WAIT)
        order = Command(id="1", name="point.write", entity="point:speed", args={"value": 1.0}, timeout=WAIT)
        result = await supervisor.execute(order)
        # 3.1.1 has no way to say that a message is refused: the broker acknowledges what it throws away.
        assert (result.ok, result.code) == ((True, "") if version == "3.1.1" else (False, "refused"))
    finally:
        await supervisor.close()
        peer.kill()


async def test_a_broker_killed_under_load_comes_back_with_everything(
    tmp_path: Path, host: str, supervisor: Supervisor, recorder: Recorder
) -> None:
    peer = Mosquitto(tmp_path, host, ["allow_anonymous true", "persistence false"])
    await peer.start()
    points = tuple(point(f"p{number}", f"~/{number}") for number in range(50))

    async def load(first: int) -> None:
        lines = "\n".join(str(first + number) for number in range(500))
        feeding = await asyncio.create_subprocess_exec(
            *("mosquitto_pub", "-h", peer.host, "-p", str(peer.port), "-t", "line/1/0", "-q", "1", "-l"),
            stdin=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(WAIT):
                await feeding.communicate(lines.encode())
        finally:
            # It would dial the broker again and publish what it has left.
            if feeding.returncode is None:
                feeding.kill()
                await feeding.wait()

    try:
        await supervisor.reconcile([("mqtt", spec(peer, *points))])
        await recorder.until(lambda: state(recorder, "endpoint:e")[0] == "online", WAIT)
        feeding = asyncio.create_task(load(0))
        await recorder.until(lambda: last(recorder, "p0") is not None, WAIT)
        peer.kill()
        await recorder.until(lambda: (last(recorder, "p0") or (0, 0))[1] == Quality.UNCERTAIN_LAST_KNOWN_VALUE, WAIT)
        assert last(recorder, "p49") == (None, Quality.BAD_NO_COMMUNICATION)
        await recorder.until(lambda: state(recorder, "endpoint:e")[0] == "offline", WAIT)
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await peer.start()
        await recorder.until(lambda: state(recorder, "endpoint:e")[0] == "online", WAIT)
        await load(1000)
        await recorder.until(lambda: last(recorder, "p0") == (1499.0, 0), WAIT)
        await peer.tool("mosquitto_pub", "-t", "line/1/49", "-m", "5")
        await recorder.until(lambda: last(recorder, "p49") == (5.0, 0), WAIT)
    finally:
        await supervisor.close()
        peer.kill()
