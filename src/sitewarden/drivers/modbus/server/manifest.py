"""What the Modbus server is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(name="modbus-server", title="Modbus TCP server", role="iot", ports=("modbus",))
