"""The check that only app can make: a driver's own configuration fits the driver's own model."""

from __future__ import annotations

from sitewarden.app import sums
from sitewarden.app.endpoints import board_config
from sitewarden.domain.access.model import Controller
from sitewarden.domain.errors import Conflict, Invalid
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.drivers.registry import validate_config
from sitewarden.services.config_secrets import shown
from sitewarden.services.proposal import Proposal


def typed_config(proposal: Proposal) -> None:
    """Refuse an endpoint, device or point whose `config` or `address` its driver does not understand."""
    match proposal.after:
        case Endpoint() as endpoint:
            validate_config(endpoint.driver, "endpoint", shown(endpoint.config), "config")
        case Device() as device:
            validate_config(_driver(proposal, device.endpoint), "device", shown(device.config), "config")
        case Controller() as controller:
            _controller(proposal, controller)
        case Point() as point:
            sums.fits(proposal, point)
            parent = proposal.get("device", point.device)
            if not isinstance(parent, Device):
                raise Invalid(f"There is no device {point.device!r}.", where="device", remedy="Make the device first.")
            validate_config(_driver(proposal, parent.endpoint), "address", point.address, "address")
        case None if isinstance(proposal.before, Point):
            sums.unused(proposal)
        case _:
            return


def _controller(proposal: Proposal, controller: Controller) -> None:
    """Refuse a board that cannot be what it is said to be, and settings of a board for a Sitewarden controller."""
    if controller.driver == "link":
        if controller.config:
            raise Invalid("A Sitewarden controller has no such settings.", where="config", remedy="Leave it empty.")
        return
    for where, set_, what, remedy in (
        ("mode", controller.mode != "server", "A board is never held in direct mode.", 'Leave it "server".'),
        (
            "away",
            controller.away != "decide",
            "A board decides by itself, so it never waits for the server.",
            'Leave it "decide".',
        ),
        ("commissioning", controller.commissioning is not None, "A board has no commissioning code.", "Leave it empty."),
    ):
        if set_:
            raise Invalid(what, where=where, remedy=remedy)
    if "address" in controller.config:
        raise Invalid("The address of a board stands beside its settings.", where="config.address", remedy='Set "address".')
    validate_config(controller.driver, "device", board_config(controller), "config")
    serial = controller.config.get("serial")
    for other in proposal.list("controller"):
        if not isinstance(other, Controller) or other.id == controller.id or other.driver != controller.driver:
            continue
        if other.config.get("serial") == serial:
            raise Conflict(
                f"{other.name} is the board with the serial number {serial}.", where="config.serial", remedy="Read it again."
            )


def _driver(proposal: Proposal, endpoint_id: str) -> str:
    endpoint = proposal.get("endpoint", endpoint_id)
    if not isinstance(endpoint, Endpoint):
        raise Invalid(f"There is no endpoint {endpoint_id!r}.", where="endpoint", remedy="Make the endpoint first.")
    return endpoint.driver
