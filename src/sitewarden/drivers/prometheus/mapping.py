"""Series of a request to points, and their samples to values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitewarden.domain.errors import Invalid
from sitewarden.drivers.prometheus.config import AddressConfig, DeviceConfig
from sitewarden.kit.config import check


def wanted(device: Mapping[str, Any], address: Mapping[str, Any], where: str = "") -> dict[str, str]:
    """Return the labels that the series of a point must have, its name among them as `__name__`; raise Invalid.

    `device` and `address` are the settings as they stand in the entities; a label in both must be the same.
    """
    common = check(DeviceConfig, dict(device), where).labels
    own = check(AddressConfig, dict(address), where)
    for name, value in own.labels.items():
        if common.get(name, value) != value:
            raise Invalid(
                f'the label {name} is "{value}" here and "{common[name]}" at the device, so no series has both',
                where=where,
                remedy="Take it away from one of them.",
            )
    return {**common, **own.labels, "__name__": own.metric}
