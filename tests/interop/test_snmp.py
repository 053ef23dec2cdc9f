"""SNMP against net-snmp: its agent polled, set, walked, killed and restarted; its snmptrap and snmpinform heard."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.domain.commands import Command
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.snmp.driver import SnmpDriver
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from tests.kit.fakes import Recorder

pytestmark = pytest.mark.interop

MINUTE = 60.0
USERS = {
    "sha1aes": ("SHA", "sha1", "AES", "aes128"),
    "sha256aes": ("SHA-256", "sha256", "AES", "aes128"),
    "sha512aes256": ("SHA-512", "sha512", "AES-256", "aes256"),
    "sha1aes256c": ("SHA", "sha1", "AES-256-C", "aes256c"),
    "sha256": ("SHA-256", "sha256", "", None),
}
"""User to net-snmp's words and ours for digest and encryption."""
AUTH, PRIV = "first password", "second password"
UP, CONTACT, NAME = "sysUpTime.0", "sysContact.0", "sysName.0"


def v3(user: str) -> dict[str, Any]:
    _, auth, _, priv = USERS[user]
    config: dict[str, Any] = {"version": "3", "user": user, "auth": auth, "auth_password": AUTH}
    return config | ({"priv": priv, "priv_password": PRIV} if priv else {})


class Snmpd:
    """net-snmp's agent on a loopback address."""

    def __init__(self, host: str, folder: Path) -> None:
        program = shutil.which("snmpd") or shutil.which("snmpd", path="/usr/sbin")
        if program is None or shutil.which("snmptrap") is None:
            pytest.skip("needs snmpd and snmp (scripts/system-packages.sh)")
        self.host, self.port = host, 10161
        self._folder = folder
        lines = ["rocommunity public", "rwcommunity private", "sysServices 72"]
        for user, (auth, _, priv, _) in USERS.items():
            lines += [f'createUser {user} {auth} "{AUTH}"' + (f' {priv} "{PRIV}"' if priv else ""), f"rwuser {user}"]
        (folder / "snmpd.conf").write_text("\n".join(lines) + "\n")
        self._command = [program, "-f", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf"), f"udp:{host}:10161"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {"SNMP_PERSISTENT_DIR": str(self._folder / "state"), "MIBS": "", "PATH": "/usr/bin:/usr/sbin"}
        self._process = subprocess.Popen(self._command, env=environment, stdin=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def snmpd(host: str, tmp_path: Path, netns: bool) -> Iterator[Snmpd]:
    if not netns:
        pytest.skip("port 162 needs a network namespace")
    peer = Snmpd(host, tmp_path)
    peer.start()
    yield peer
    peer.kill()


@pytest.fixture
async def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def supervisor(snmpd: Snmpd, tmp_path: Path, recorder: Recorder) -> AsyncIterator[Supervisor]:
    net, driver = LocalNetwork(Settings.for_test(snmpd.host), "iot", tmp_path / "run"), SnmpDriver()
    made = Supervisor(recorder.context(net), lambda _name: driver, backoff=lambda: Backoff(0.05, 0.2), steady=0.0)
    yield made
    await made.close()
    await net.close()


def last(recorder: Recorder) -> dict[str, tuple[Any, int]]:
    found = {}
    for batch in recorder.batches:
        found.update(zip(batch.points, zip(batch.values, batch.qualities, strict=True), strict=True))
    return found


def endpoint(snmpd: Snmpd, *points: Point, id_: str = "e", **config: Any) -> tuple[str, EndpointSpec]:
    device = DeviceSpec(id=f"{id_}-d", name="snmpd", config={"host": snmpd.host}, points=points)
    whole = {"port": snmpd.port, "timeout": 0.5, "bad_after": 1.0, "probe_every": 1.0} | config
    return "snmp", EndpointSpec(id=id_, name=id_, config=whole, devices=(device,))


def point(id_: str, oid: str, type_: Any = "string", *, device: str = "e-d", poll: bool = True) -> Point:
    address = {"oid": oid, "poll": poll}
    return Point(id=id_, name=id_, device=device, type=type_, address=address, period=0.1, writable=poll)


PROOFS = [{"version": "1"}, {"version": "2c"}, *(v3(user) for user in USERS)]


async def test_our_driver_against_snmpd_in_every_version(snmpd: Snmpd, supervisor: Supervisor, recorder: Recorder) -> None:
    found = []
    for number, proof in enumerate(PROOFS):
        id_ = f"e{number}"
        points = (
            point(f"{id_}-up", UP, "integer", device=f"{id_}-d"),
            point(f"{id_}-name", NAME, device=f"{id_}-d"),
            point(f"{id_}-services", "sysServices.0", "integer", device=f"{id_}-d"),
            point(f"{id_}-none", "1.3.6.1.2.1.1.99.0", device=f"{id_}-d"),
        )
        found.append(endpoint(snmpd, *points, id_=id_, **proof, write_community="private"))
    await supervisor.reconcile(found)
    await recorder.until(
        lambda: all(last(recorder).get(f"e{n}-services") == (72, Quality.GOOD) for n in range(len(found))), MINUTE
    )
    now = last(recorder)
    for number in range(len(found)):
        assert now[f"e{number}-up"][0] > 0 and now[f"e{number}-name"][1] == Quality.GOOD
        await recorder.until(lambda n=number: last(recorder).get(f"e{n}-none") == (None, Quality.BAD_CONFIGURATION_ERROR), MINUTE)
    # sysName is set in each version in turn; what the other versions read afterwards is what it was set to.
    for number in range(len(found)):
        order = Command(
            id="1", name="point.write", entity=f"point:e{number}-name", args={"value": f"rack {number}"}, timeout=30.0
        )
        result = await supervisor.execute(order)
        assert result.ok and result.value["read_back"] == f"rack {number}", result
        other = f"e{(number + 1) % len(found)}-name"
        await recorder.until(lambda o=other, n=number: last(recorder)[o][0] == f"rack {n}", MINUTE)
    refused = Command(id="2", name="point.write", entity="point:e1-services", args={"value": 5}, timeout=30.0)
    assert "cannot be written" in (await supervisor.execute(refused)).what


@pytest.mark.parametrize("config", [{"version": "1"}, {}, v3("sha256aes")], ids=["1", "2c", "3"])
async def test_browsing_lists_what_snmpwalk_lists(
    snmpd: Snmpd, supervisor: Supervisor, recorder: Recorder, config: dict[str, Any]
) -> None:
    await supervisor.reconcile([endpoint(snmpd, point("up", UP, "integer"), **config)])
    await recorder.until(lambda: last(recorder).get("up", (None, 1))[1] == Quality.GOOD, MINUTE)
    order = Command(id="1", name="device.browse", entity="device:e-d", args={"under": "1.3.6.1.2.1.1"}, timeout=30.0)
    ours = (await supervisor.execute(order)).value["items"]
    command = ["snmpwalk", "-v2c", "-c", "public", "-Onq", f"{snmpd.host}:{snmpd.port}", "1.3.6.1.2.1.1"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=True)
    theirs = [line.split(" ", 1)[0].removeprefix(".") for line in done.stdout.splitlines() if line.startswith(".1.3")]
    assert [one["address"]["oid"] for one in ours] == theirs and len(theirs) > 8


async def test_snmpd_is_killed_in_mid_load_and_comes_back(snmpd: Snmpd, supervisor: Supervisor, recorder: Recorder) -> None:
    wrong = v3("sha1aes") | {"auth_password": "not that one"}
    await supervisor.reconcile(
        [
            endpoint(snmpd, point("up", UP, "integer"), **v3("sha512aes256")),
            endpoint(snmpd, point("no", UP, device="f-d"), id_="f", **wrong),
        ]
    )
    await recorder.until(lambda: last(recorder).get("up", (None, 1))[1] == Quality.GOOD, MINUTE)
    await recorder.until(
        lambda: any(one.ref == "device:f-d" and "refuses the password" in one.detail for one in recorder.statuses), MINUTE
    )
    for _ in range(2):
        snmpd.kill()
        await recorder.until(lambda: last(recorder)["up"] == (None, Quality.BAD_NO_COMMUNICATION), MINUTE)
        snmpd.start()
        await recorder.until(lambda: last(recorder)["up"][1] == Quality.GOOD, MINUTE)
    assert last(recorder)["no"][1] == Quality.BAD_NO_COMMUNICATION


def sent(snmpd: Snmpd, tool: str, *proof: str, text: str) -> None:
    """Run net-snmp's snmptrap or snmpinform; an inform that is not acknowledged fails."""
    command = [
        tool, *proof, f"{snmpd.host}:162", "77", "1.3.6.1.4.1.8072.2.3.0.1", "1.3.6.1.2.1.1.4.0", "s", text,
    ]  # fmt: skip
    options = {"MIBS": "", "PATH": "/usr/bin", "SNMP_PERSISTENT_DIR": str(snmpd._folder / "client")}
    done = subprocess.run(command, env=options, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and "imeout" not in done.stderr, done.stderr


def proof3(user: str) -> list[str]:
    auth, _, priv, _ = USERS[user]
    words = ["-v3", "-u", user, "-a", auth, "-A", AUTH, "-l", "authPriv" if priv else "authNoPriv"]
    return words + (["-x", priv, "-X", PRIV] if priv else [])


@pytest.mark.parametrize("how", ["2c", *USERS])
async def test_snmptrap_and_snmpinform_are_heard_and_acknowledged(
    snmpd: Snmpd, supervisor: Supervisor, recorder: Recorder, how: str
) -> None:
    config = {"version": "2c"} if how == "2c" else v3(how)
    proof = ["-v2c", "-c", "public"] if how == "2c" else proof3(how)
    source = ["--clientaddr=" + snmpd.host]
    await supervisor.reconcile([endpoint(snmpd, point("contact", CONTACT, poll=False), traps=True, **config)])
    await recorder.until(lambda: any(event.type == "endpoint.online" for event in recorder.events), MINUTE)
    trap = [*proof, *source] if how == "2c" else [*proof, *source, "-e", "0x80001f8803aabbccddee"]
    await asyncio.to_thread(sent, snmpd, "snmptrap", *trap, text="a trap")
    await recorder.until(lambda: last(recorder).get("contact") == ("a trap", Quality.GOOD), MINUTE)
    await asyncio.to_thread(sent, snmpd, "snmpinform", *proof, *source, "-t", "5", "-r", "5", text="an inform")
    await recorder.until(lambda: last(recorder).get("contact") == ("an inform", Quality.GOOD), MINUTE)
    told = [event for event in recorder.events if event.type == "device.notified"]
    assert [event.data["confirmed"] for event in told] == [False, True]
    assert told[1].data["trap_oid"] == "1.3.6.1.4.1.8072.2.3.0.1"
    assert told[1].data["values"][0]["value"] == "an inform"
