"""What the driver of calculated points is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(name="virtual", title="Calculated points", role="iot", ports=())
