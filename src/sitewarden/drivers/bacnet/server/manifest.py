"""What the BACnet device is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(name="bacnet-server", title="BACnet/IP device", role="iot", ports=("bacnet",))
