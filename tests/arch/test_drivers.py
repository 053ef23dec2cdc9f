"""Every driver has its files, its ports in the manifest, its proofs, and keeps the kit's rules when tried."""

from __future__ import annotations

import ssl
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sitewarden import ports
from sitewarden.domain.points.model import Point
from sitewarden.drivers import registry
from sitewarden.kit.conformance import conform
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.quality import faults
from sitewarden.net.tls import Application
from tests.arch.source import DRIVERS, ROOT, driver_name, drivers
from tests.kit.fakes import FakeHouse

SAMPLES = {
    "modbus": EndpointSpec(
        id="plc",
        name="PLC",
        config={"host": "127.0.0.1"},
        devices=(
            DeviceSpec(
                id="unit",
                name="Unit",
                config={"unit": 1},
                points=(Point(id="level", name="Level", device="unit", address={"register": 0}, writable=True),),
            ),
        ),
    ),
    "modbus-server": EndpointSpec(
        id="scada",
        name="SCADA",
        devices=(
            DeviceSpec(id="unit", name="Unit", config={"registers": [{"of": "point:level", "register": 0, "type": "float32"}]}),
        ),
    ),
    "bacnet-server": EndpointSpec(
        id="bms",
        name="BMS",
        devices=(
            DeviceSpec(
                id="site", name="Site", config={"instance": 7, "objects": [{"of": "point:level", "object": "analog-input,1"}]}
            ),
        ),
    ),
    "prometheus": EndpointSpec(
        id="plant",
        name="Plant",
        config={"bad_after": 60.0},
        devices=(
            DeviceSpec(
                id="pump",
                name="Pump",
                config={"labels": {"instance": "pump:9100"}},
                points=(Point(id="load", name="Load", device="pump", address={"metric": "node_load1"}),),
            ),
        ),
    ),
    "mqtt": EndpointSpec(
        id="broker",
        name="Broker",
        config={"host": "127.0.0.1", "port": 8883},
        devices=(
            DeviceSpec(
                id="line",
                name="Line",
                points=(
                    Point(id="speed", name="Speed", device="line", address={"topic": "a", "write_topic": "b"}, writable=True),
                ),
            ),
        ),
    ),
    "opcua": EndpointSpec(
        id="line",
        name="Line",
        config={"host": "127.0.0.1", "security": "None"},
        devices=(
            DeviceSpec(
                id="filler",
                name="Filler",
                points=(Point(id="rate", name="Rate", device="filler", address={"node": "ns=2;s=Rate"}, writable=True),),
            ),
        ),
    ),
    "opcua-server": EndpointSpec(
        id="mes",
        name="MES",
        config={"anonymous": True},
        devices=(DeviceSpec(id="hall", name="Hall", config={"nodes": [{"of": "door:main"}]}),),
    ),
    "tcp": EndpointSpec(
        id="scales",
        name="Scales",
        config={"mode": "client", "host": "127.0.0.1", "port": 42000},
        devices=(
            DeviceSpec(
                id="scale",
                name="Scale",
                config={"poll": "W?\r\n", "pattern": "W=([0-9.]+)"},
                points=(Point(id="tare", name="Tare", device="scale", address={"write": "T {value}\r\n"}, writable=True),),
            ),
        ),
    ),
    "http": EndpointSpec(
        id="counters",
        name="Counters",
        config={"mode": "client", "host": "127.0.0.1", "port": 56789},
        devices=(
            DeviceSpec(
                id="entrance",
                name="Entrance",
                config={"path": "/state"},
                points=(
                    Point(id="goal", name="Goal", device="entrance", address={"path": "/goal", "write": "/goal"}, writable=True),
                ),
            ),
        ),
    ),
    "snmp": EndpointSpec(
        id="rack",
        name="Rack",
        config={"version": "3", "user": "ops", "auth": "sha256", "auth_password": "a password", "traps": True},
        devices=(
            DeviceSpec(
                id="ups",
                name="UPS",
                config={"host": "127.0.0.1"},
                points=(Point(id="charge", name="Charge", device="ups", address={"oid": "sysUpTime.0"}, writable=True),),
            ),
        ),
    ),
    "virtual": EndpointSpec(
        id="sums",
        name="Sums",
        devices=(
            DeviceSpec(
                id="plant",
                name="Plant",
                points=(Point(id="gap", name="Gap", device="plant", address={"expression": "[supply] - [return]"}),),
            ),
        ),
    ),
    "bacnet": EndpointSpec(
        id="roof",
        name="Roof",
        devices=(
            DeviceSpec(
                id="ahu",
                name="AHU",
                config={"instance": 1001, "host": "127.0.0.1"},
                points=(Point(id="fan", name="Fan", device="ahu", address={"object": "analog-output,2"}, writable=True),),
            ),
        ),
    ),
    "rtsp": EndpointSpec(id="lobby", name="Lobby", ref="camera:lobby", config={"url": "rtsp://127.0.0.1/stream"}),
    "mjpeg": EndpointSpec(id="lobby", name="Lobby", ref="camera:lobby", config={"url": "http://127.0.0.1/video"}),
    "libav": EndpointSpec(id="lobby", name="Lobby", ref="camera:lobby", config={"url": "rtmp://127.0.0.1/app/stream"}),
    "rtmp": EndpointSpec(id="lobby", name="Lobby", ref="camera:lobby", config={"key": "a stream key"}),
    "onvif": EndpointSpec(
        id="lobby",
        name="Lobby",
        ref="camera-control:lobby",
        subject="camera:lobby",
        config={"address": "http://127.0.0.1/onvif/device_service"},
    ),
    "link": EndpointSpec(
        id="controllers",
        name="Controllers",
        devices=(DeviceSpec(id="front", name="Front", ref="controller:front", entities=("door:main",)),),
    ),
    "uhppote": EndpointSpec(
        id="boards",
        name="Boards",
        devices=(
            DeviceSpec(
                id="gate",
                name="Gate",
                ref="controller:gate",
                entities=("door:yard",),
                config={"serial": 405419896, "address": "127.0.0.1"},
            ),
        ),
    ),
}
"""One configuration of each driver that would work if its peer were there."""

GIVEN: dict[str, dict[str, Any]] = {
    "link": {"tls": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "node": "server"},
    "modbus-server": {"house": FakeHouse()},
    "virtual": {"house": FakeHouse()},
    "opcua": {"application": lambda: Application("urn:test", b"", b"")},
    "bacnet-server": {"house": FakeHouse()},
    "opcua-server": {"application": lambda: Application("urn:test", b"", b""), "house": FakeHouse()},
}
"""What a driver's Context has beside what all have."""

LIBRARIES = {
    "opcua": ("sitewarden.drivers.opcua.running",),
    "opcua-server": ("sitewarden.drivers.opcua.server.serving",),
}
"""What a driver loads at its first use."""

NAMES = [driver_name(folder) for folder in drivers()]


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_is_whole_and_quality_toml_is_true(name: str) -> None:
    assert faults(DRIVERS.joinpath(*name.split("-")), ROOT) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_manifest_is_complete(name: str) -> None:
    manifest = registry.manifest(name)
    assert manifest.name == name and manifest.title
    for port in manifest.ports:
        assert manifest.role in ports.row(port).roles, f"{port} is no port of role {manifest.role}"


@pytest.mark.parametrize("name", NAMES)
async def test_the_driver_keeps_the_rules(name: str) -> None:
    for library in LIBRARIES.get(name, ()):
        # Before the clock runs: on a loaded machine it takes longer than a driver has.
        import_module(library)
    await conform(registry.load(name), registry.models(name), SAMPLES[name], **GIVEN.get(name, {}))


def test_a_driver_without_its_files_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "quality.toml").write_text(
        '[rules]\nreconnects = "done"\nnonsense = "done"\ninterop = "done"\ncommands = { exempt = "no" }\n'
    )
    assert "manifest.py is missing" in faults(tmp_path, tmp_path)
    for name in ("__init__.py", "config.py", "driver.py", "README.md"):
        (tmp_path / name).touch()
    (tmp_path / "manifest.py").write_text("import pymodbus\n")
    found = faults(tmp_path, tmp_path)
    assert "quality.toml: nonsense is no rule of the kit" in found
    assert "quality.toml: commands is exempt without a reason" in found
    assert any("interop is answered with { proof" in one for one in found)
    assert any("errors-mapped is not answered" in one for one in found)
    assert "manifest.py imports pymodbus" in found
    assert not any("reconnects" in one for one in found)
