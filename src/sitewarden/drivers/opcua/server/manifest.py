"""What the OPC UA server is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(name="opcua-server", title="OPC UA server", role="iot", ports=("opcua",))
