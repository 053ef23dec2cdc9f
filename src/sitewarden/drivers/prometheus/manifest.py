"""What the driver of remote write is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(name="prometheus", title="Prometheus remote write", role="iot", ports=())
