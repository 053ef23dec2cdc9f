"""Doctor's checks of the machine itself: buffers, clock, disk, certificates, ports; and the findings as a whole."""

from __future__ import annotations

import asyncio
import importlib
import os
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sitewarden.app.doctor import buffers, certificates, clock, disk, examine, exposure, facts_of, ports, volumes
from sitewarden.app.doctor.facts import Facts
from sitewarden.app.doctor.verb import findings, run
from sitewarden.app.places import Places
from sitewarden.app.platform import Platform
from sitewarden.config import Settings, VolumeSettings
from sitewarden.domain.access.model import Controller
from sitewarden.domain.clock import DAY
from sitewarden.domain.points.model import Endpoint
from sitewarden.domain.video.model import Camera, Segment
from sitewarden.media import marker
from sitewarden.net.tls import Authority
from sitewarden.services.doctor import Doctor
from sitewarden.services.operations import Caller
from sitewarden.services.surface.doctor import Examine, Finding
from sitewarden.store.interfaces import Change
from sitewarden.store.sqlite import SqliteSegmentIndex
from tests.services.memory import TestClock

MIB = 1024 * 1024


def levels(found: list[Finding]) -> list[str]:
    return [item.level for item in found]


def complete(found: list[Finding]) -> bool:
    """Every finding that is not fine says why it matters and what mends it."""
    return all(item.level == "ok" or (item.why and item.remedy) for item in found)


@pytest.mark.parametrize(
    ("cameras", "largest", "together", "expected"),
    [
        (0, 4 * MIB, 100 * MIB, ["ok"]),
        (3, 212_992, 100 * MIB, ["warning"]),
        (25, 4 * MIB, 99 * MIB, ["warning"]),
        (24, 4 * MIB, 96 * MIB, ["ok"]),
        (100, 212_992, MIB, ["warning", "warning"]),
    ],
)
def test_buffers(cameras: int, largest: int, together: int, expected: list[str]) -> None:
    found = buffers.judge(cameras, largest, together)
    assert levels(found) == expected and complete(found)


@pytest.mark.parametrize(
    ("state", "status", "error", "level"),
    [(5, 0x40, 16.0, "warning"), (0, 0x40, 0.1, "warning"), (0, 0x2001, 0.02, "ok"), (0, 0x2001, 3.0, "warning")],
)
def test_clock(state: int, status: int, error: float, level: str) -> None:
    finding = clock.judge(state, status, error)
    assert finding.level == level and complete([finding])


def test_a_clock_before_the_last_event_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "events.db").touch()
    later = time.time() + 86_400
    os.utime(tmp_path / "events.db", (later, later))
    found = clock.check(Facts(settings=Settings(data_dir=str(tmp_path))))
    assert found[0].level == "error" and "before the last event" in found[0].what


def test_the_disk_is_really_measured(tmp_path: Path) -> None:
    speed = disk.measure(tmp_path)
    assert speed.commit > 0 and speed.write > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("commit", "write", "rate", "expected"),
    [
        (0.001, 200 * MIB, 10 * MIB, ["ok"]),
        (0.2, 200 * MIB, 0, ["warning"]),
        (0.001, 10 * MIB, 0, ["warning"]),
        (0.001, 200 * MIB, 80 * MIB, ["warning"]),
        (0.2, 10 * MIB, 0, ["warning", "warning"]),
    ],
)
def test_disk_speed(commit: float, write: float, rate: float, expected: list[str]) -> None:
    found = disk.judge_speed(disk.Speed(commit=commit, write=write), rate, Path("/data"))
    assert levels(found) == expected and complete(found)


async def test_room_is_compared_with_what_the_cameras_record(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    assert disk.recordings(Places.of(settings)) is None
    now = time.time_ns() // 1000
    index = SqliteSegmentIndex.open(tmp_path / "segments-0.db")
    hour = 3_600_000_000
    old = [Segment(id="old", camera="a", path="old", start=now - 3 * DAY, end=now - 3 * DAY + hour, bytes=7, codec="avc1")]
    new = [
        Segment(
            id=f"n{n}", camera="a", path=f"n{n}", start=now - (n + 1) * hour, end=now - n * hour, bytes=3600 * MIB, codec="avc1"
        )
        for n in range(10)
    ]
    await index.add([*old, *new])
    recorded = disk.recordings(Places.of(settings))
    await index.close()
    assert recorded is not None
    assert recorded.held == 36_000 * MIB + 7
    assert recorded.rate == pytest.approx(MIB, rel=1e-3)
    day = 86_400 * MIB
    assert disk.judge_room(recorded, 31 * day, 30).level == "ok"
    short = disk.judge_room(recorded, 3 * day, 30)
    assert short.level == "warning" and complete([short]) and "holds 3.4 days of them, and 30 are asked for" in short.what


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    settings = Settings.for_test(data_dir=tmp_path)
    small = Settings(data_dir=str(tmp_path), limits=type(settings.limits)(min_free_bytes=1 << 60))
    found = disk.check(Facts(settings=small))
    assert levels(found) == ["error"] and "recording stops below" in found[0].what


def test_volumes_are_there_with_room_on_disks_of_their_own(tmp_path: Path) -> None:
    def settings(**more: Any) -> Settings:
        named = {id_: VolumeSettings(path=str(tmp_path / id_), **more) for id_ in ("a", "b", "gone")}
        return Settings(data_dir=str(tmp_path), volumes=named)

    for id_ in ("a", "b"):
        (tmp_path / id_).mkdir()
        marker.write(tmp_path / id_, id_)
    wanted = (("yard", "a"), ("hall", "main"))
    found = volumes.check(Facts(settings=settings(min_free_bytes=1), running=True, wanted=wanted))
    told = [(item.level, item.what) for item in found]
    assert told[0][0] == "error" and "the volume gone is not there" in told[0][1]
    shared = [what for level, what in told if level == "warning" and "same disk" in what]
    assert len(shared) == 2 and all("the data directory" in what for what in shared)
    assert ("warning", "camera hall names the volume main, which the settings do not") in told
    assert not any("yard" in what for _, what in told) and complete([one for one in found if one.level != "ok"])
    full = volumes.check(Facts(settings=settings(min_free_bytes=1 << 50)))
    assert levels(full) == ["warning", "error", "warning", "error", "warning"]
    assert volumes.check(Facts(settings=Settings(data_dir=str(tmp_path)))) == []


def _certificate(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, begins: datetime, ends: datetime, serial: int
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(serial)
    return made.not_valid_before(begins).not_valid_after(ends).sign(key, hashes.SHA256())


def test_certificates(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), node="server")
    facts = Facts(settings=settings)
    assert [item.what for item in certificates.check(facts)] == ["the node makes its certificates at its first start"]
    authority = Authority.open(tmp_path / "tls")
    authority.server()
    authority.node("server")
    found = certificates.check(facts)
    assert levels(found) == ["ok", "ok", "ok"] and "ECDSA secp256r1" in found[0].what
    (tmp_path / "tls" / "server.key").chmod(0o644)
    (item,) = [item for item in certificates.check(facts) if item.level == "error"]
    assert item.command == f"chmod 600 {tmp_path}/tls/server.key"
    (tmp_path / "tls" / "server.pem").write_bytes((tmp_path / "tls" / "ca.pem").read_bytes())
    assert any("have the same key" in item.what for item in certificates.check(facts))
    (tmp_path / "tls" / "server.pem").write_text("nothing")
    assert any("cannot be read" in item.what for item in certificates.check(facts))


@pytest.mark.parametrize(
    ("kind", "begins", "ends", "serial", "level", "text"),
    [
        ("ec", -1, 400, 1 << 150, "ok", "good for 399 days"),
        ("ec", -1, 10, 1 << 150, "warning", "expires in"),
        ("ec", -20, -1, 1 << 150, "error", "expired on"),
        ("ec", 5, 400, 1 << 150, "error", "good only from"),
        ("ec", -1, 400, 7, "error", "serial number 7 can be foreseen"),
        ("rsa", -1, 400, 1 << 150, "error", "RSA key has 1024 bits"),
    ],
)
def test_a_certificates_time_and_strength(kind: str, begins: int, ends: int, serial: int, level: str, text: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 1024)
    now = datetime.now(UTC)
    made = _certificate(key, now + timedelta(days=begins), now + timedelta(days=ends), serial)
    assert made.public_bytes(serialization.Encoding.PEM)
    held = certificates.Held(name="the server's certificate", file=Path("server.pem"), key=None, renews=True)
    (finding,) = certificates.judge(held, made, now)
    assert finding.level == level and text in finding.what and complete([finding])


def test_ports_of_a_stopped_node(netns: bool) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    found = ports.check(Facts(settings=Settings(bind="127.0.0.1")))
    assert "ok" in levels(found) and "error" not in levels(found) and complete(found)
    assert ports.check(Facts(settings=Settings(bind="192.0.2.1")))[0].level == "error"


def test_ports_that_a_running_node_should_hold_and_does_not(netns: bool) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    settings = Settings(bind="127.0.0.1")
    opened = frozenset({("server", 8600), ("web", 80), ("timeseries", 9090)})
    with socket.socket() as other:
        other.bind(("0.0.0.0", 8601))
        other.listen()
        found = ports.check(Facts(settings=settings, running=True, opened=opened))
        (held,) = [item for item in found if item.level == "error"]
        assert "8601/tcp on 127.0.0.1 (http-api) is held by" in held.what and f"process {os.getpid()}" in held.what
        ours = ports.check(Facts(settings=settings, running=True, opened=opened, pids=frozenset({os.getpid()})))
        assert "error" not in levels(ours), "a process of the node has just opened it"
    (absent,) = [item for item in ports.check(Facts(settings=settings, running=True, opened=opened)) if item.level == "error"]
    assert "8601/tcp (http-api) is not open" in absent.what and complete([absent])
    whole = ports.check(Facts(settings=settings, running=True, opened=opened | {("http-api", 8601)}))
    assert "error" not in levels(whole)


def test_networks_in_clear_are_told() -> None:
    (finding,) = exposure.check(Facts(settings=Settings(http_api_plain_networks=("10.1.0.0/16",))))
    assert finding.level == "warning" and complete([finding])


def test_a_check_that_cannot_look_keeps_no_other_from_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(facts: Facts) -> list[Finding]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(
        importlib.import_module("sitewarden.app.doctor.examine"), "CHECKS", (("disk", refused), ("TLS", exposure.check))
    )
    found = examine(Facts(settings=Settings(http_api_plain_networks=("10.1.0.0/16",))))
    assert [item.check for item in found] == ["disk", "TLS"] and complete(found)


async def test_the_state_names_the_peers(tmp_path: Path) -> None:
    platform = Platform(Settings(data_dir=str(tmp_path), bind="127.0.0.1"))
    try:
        entities = [
            Camera(id="a", name="A", url="rtsp://camera.site:8554/live", transport="udp", retention_days=3),
            Camera(id="b", name="B", url="rtsp://192.0.2.4/live", retention_days=60),
            Camera(id="off", name="Off", url="rtsp://192.0.2.5/live", enabled=False),
            Endpoint(id="gw", name="Gateway", driver="modbus", config={"host": "192.0.2.4"}),
            Endpoint(id="plc", name="PLC", driver="modbus", config={"host": "plc.site"}),
            Controller(id="hall", name="Hall", mode="direct", address="192.0.2.9:1471"),
        ]
        kinds = {Camera: "camera", Endpoint: "endpoint", Controller: "controller"}
        await platform.state.apply([Change(kind=kinds[type(one)], id=one.id, entity=one) for one in entities])
        facts = facts_of(platform.settings, platform.state)
    finally:
        await platform.close()
    assert [(peer.reference, peer.host) for peer in facts.peers] == [
        ("camera:a", "camera.site"), ("camera:b", "192.0.2.4"), ("endpoint:plc", "plc.site"),
        ("controller:hall", "192.0.2.9"),
    ]  # fmt: skip
    assert (facts.cameras, facts.udp_cameras, facts.retention, facts.running) == (2, 1, 60, False)


async def test_who_asks_meanwhile_gets_the_same_findings() -> None:
    looked = []

    def prepare() -> object:
        looked.append(1)
        return lambda: [
            Finding(level="ok", check="a", what="fine"),
            Finding(level="error", check="b", what="bad", why="w", remedy="r"),
        ]

    clock = TestClock()
    (operation,) = Doctor(clock, prepare).operations()  # type: ignore[arg-type]
    ada = Caller(actor="user:ada")
    first, second = await asyncio.gather(*(operation.handler(ada, Examine()) for _ in range(2)))
    assert first == second and looked == [1]
    clock.seconds += 59
    assert await operation.handler(ada, Examine(max_age=60)) == first and looked == [1]
    clock.seconds += 1
    await operation.handler(ada, Examine(max_age=60))
    await operation.handler(ada, Examine())
    assert looked == [1, 1, 1]
    assert [item.check for item in first.items] == ["b", "a"]


def test_the_command_line_examines_before_and_after_init(tmp_path: Path, netns: bool, capsys: pytest.CaptureFixture[str]) -> None:
    if not netns:
        pytest.skip("network namespaces are not permitted here")
    settings = Settings(data_dir=str(tmp_path / "data"), bind="127.0.0.1")
    assert complete(findings(settings))
    path = tmp_path / "sitewarden.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\nbind = "127.0.0.1"\n')
    assert run(path, json=True) == 0
    assert '"level": "ok"' in capsys.readouterr().out
    path.write_text(f'data_dir = "{tmp_path}/data"\nbind = "192.0.2.1"\n')
    assert run(path, json=True) == 1
