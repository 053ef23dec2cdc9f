"""RTSP out in lists and rules: a setting opens its ports, to offices and servers, and not to the cameras' networks."""

from __future__ import annotations

import pytest

from sitewarden.config import RtspOutSettings, Settings
from sitewarden.domain.network.model import NamedNetwork
from sitewarden.domain.network.use import PortUse
from sitewarden.net.exports import Plan, lines, opened, render

CAMERAS = NamedNetwork(id="cams", name="Cameras", role="camera", cidrs=("10.1.0.0/16",))
OFFICE = NamedNetwork(id="office", name="Office", role="office", cidrs=("10.2.0.0/16",))
LOBBY = PortUse(row="rtsp", way="out", host="10.1.0.5", by="camera:lobby")


def inbound(**chosen: bool) -> dict[str, tuple[str, ...]]:
    settings = Settings(rtsp_out=RtspOutSettings(**chosen))
    plan = Plan(uses=(LOBBY,), networks=(CAMERAS, OFFICE))
    found = [line for line in lines(settings, plan) if line.name.startswith("rtsp") and line.way == "in" and opened(line)]
    return {line.name: line.peers for line in found}


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        ({}, set()),
        ({"enabled": True}, {"rtsp", "rtsps", "rtsp-out-rtp"}),
        ({"enabled": True, "udp": False}, {"rtsp", "rtsps"}),
        ({"enabled": True, "plain": False}, {"rtsps"}),
    ],
)
def test_what_the_settings_open(chosen: dict[str, bool], rows: set[str]) -> None:
    found = inbound(**chosen)
    assert found.keys() == rows
    assert set(found.values()) <= {("10.2.0.0/16",)}


def test_the_rules_let_offices_in_and_cameras_out() -> None:
    settings = Settings(rtsp_out=RtspOutSettings(enabled=True))
    rules = render("nftables", settings, plan=Plan(uses=(LOBBY,), networks=(CAMERAS, OFFICE)), deny_outgoing=True)
    assert "ip saddr 10.2.0.0/16 tcp dport 554 accept" in rules
    assert "ip saddr 10.2.0.0/16 udp dport 6970-7097 accept" in rules
    assert "ip daddr 10.1.0.5 tcp dport 554 accept" in rules
