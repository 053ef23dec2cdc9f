"""WebRTC in the port table and in the firewall rules: as the settings say, without a device."""

from __future__ import annotations

import pytest

from sitewarden.config import Settings, WhepSettings
from sitewarden.net.exports import lines, opened


@pytest.mark.parametrize("enabled", [True, False])
def test_its_port_is_open_where_the_setting_says_so(enabled: bool) -> None:
    found = [line for line in lines(Settings(whep=WhepSettings(enabled=enabled))) if line.name == "whep" and opened(line)]
    assert [(line.way, line.first) for line in found] == ([("in", 8602)] if enabled else [])
