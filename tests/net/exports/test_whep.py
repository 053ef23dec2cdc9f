"""WebRTC in the port table and in the firewall rules: as the settings say, without a device."""

from __future__ import annotations

import pytest

from sitewarden.config import Settings, WhepSettings
from sitewarden.net.exports import Plan, lines, opened


@pytest.mark.parametrize("enabled", [True, False])
def test_its_port_is_open_where_the_setting_says_so(enabled: bool) -> None:
    settings = Settings(whep=WhepSettings(enabled=enabled))
    found = [line for line in lines(settings, Plan()) if line.name == "whep" and opened(line)]
    assert [(line.way, line.first) for line in found] == ([("in", 8602)] if enabled else [])
