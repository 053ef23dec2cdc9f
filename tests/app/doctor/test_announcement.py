from __future__ import annotations

from sitewarden.app.doctor.announcement import check
from sitewarden.app.doctor.facts import Facts
from sitewarden.config import AnnouncementSettings, Settings
from sitewarden.net.exports import render
from sitewarden.services.announcement.collisions import Collision

COLLISION = Collision(
    id="node-1", name="Pier", node="server", address="10.0.0.7", key="AB", group="225.5.10.1", offer="225.5.10.2"
)  # fmt: skip


def test_a_collision_must_be_mended_and_says_how() -> None:
    [finding] = check(Facts(settings=Settings(), running=True, collisions=(COLLISION,)))
    assert finding.level == "error"
    assert "Pier (10.0.0.7)" in finding.what and 'multicast_group = "225.5.10.2"' in finding.remedy


def test_who_does_not_listen_says_nothing_of_others() -> None:
    assert check(Facts(settings=Settings(), running=True)) == []
    assert [finding.level for finding in check(Facts(settings=Settings(), running=True, collisions=()))] == ["ok"]


def test_a_node_that_announces_nothing_says_so_and_opens_nothing() -> None:
    off = Settings(announcement=AnnouncementSettings(enabled=False))
    [finding] = check(Facts(settings=off, running=True))
    assert "turned off" in finding.what
    assert "8650" in render("nftables", Settings())
    assert "8650" not in render("nftables", off)
