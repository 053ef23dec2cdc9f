"""The check that only app can make: a driver's own configuration fits the driver's own model."""

from __future__ import annotations

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.drivers.registry import validate_config
from sitewarden.services.proposal import Proposal


def typed_config(proposal: Proposal) -> None:
    """Refuse an endpoint, device or point whose `config` or `address` its driver does not understand."""
    match proposal.after:
        case Endpoint() as endpoint:
            validate_config(endpoint.driver, "endpoint", endpoint.config, "config")
        case Device() as device:
            validate_config(_driver(proposal, device.endpoint), "device", device.config, "config")
        case Point() as point:
            parent = proposal.get("device", point.device)
            if not isinstance(parent, Device):
                raise Invalid(f"There is no device {point.device!r}.", where="device", remedy="Make the device first.")
            validate_config(_driver(proposal, parent.endpoint), "address", point.address, "address")
        case _:
            return


def _driver(proposal: Proposal, endpoint_id: str) -> str:
    endpoint = proposal.get("endpoint", endpoint_id)
    if not isinstance(endpoint, Endpoint):
        raise Invalid(f"There is no endpoint {endpoint_id!r}.", where="endpoint", remedy="Make the endpoint first.")
    return endpoint.driver
