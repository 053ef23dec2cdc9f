"""Checks of calculated points: what they are made of exists, none is made of itself, none loses what it is made of."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.entities import KINDS
from sitewarden.domain.errors import Conflict, Invalid
from sitewarden.domain.points.expression.parsing import inputs, parse
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.refs import ref, split_ref
from sitewarden.drivers.virtual.manifest import MANIFEST
from sitewarden.services.proposal import Proposal

WHERE: Final = "address.expression"
_SHOWN: Final = 5


def fits(proposal: Proposal, point: Point) -> None:
    """Refuse a calculated point that names what there is not, or itself by whatever way; what is no such point is no concern."""
    path = [point.id]
    for reference in _needs(proposal, point):
        kind, id_ = split_ref(reference)
        if kind not in KINDS or proposal.get(kind, id_) is None:
            raise Invalid(f"There is no {kind} {id_!r}.", where=WHERE, remedy="Name one that there is.")
    seen: set[str] = set()
    waiting = [(id_, path) for id_ in _points(proposal, point)]
    while waiting:
        id_, path = waiting.pop()
        if id_ == point.id:
            raise Invalid(
                f"It would be made of itself: {' -> '.join([*path, id_])}.", where=WHERE, remedy="Leave one of these out."
            )
        other = proposal.get("point", id_)
        if id_ in seen or not isinstance(other, Point):
            continue
        seen.add(id_)
        waiting += [(below, [*path, id_]) for below in _points(proposal, other)]


def unused(proposal: Proposal) -> None:
    """Refuse to delete a point that others are made of; say which."""
    gone = ref("point", proposal.id)
    users = [
        ref("point", one.id)
        for one in proposal.list("point")
        if isinstance(one, Point) and "expression" in one.address and gone in _needs(proposal, one)
    ]
    if users:
        more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
        raise Conflict(f"It is in use by {', '.join(users[:_SHOWN])}{more}.", where=gone, remedy="Change or delete those first.")


def _points(proposal: Proposal, point: Point) -> list[str]:
    return [split_ref(one)[1] for one in _needs(proposal, point) if one.startswith("point:")]


def _needs(proposal: Proposal, point: Point) -> list[str]:
    """Return the references of what a calculated point is made of; none of any other point."""
    text = point.address.get("expression")
    if not isinstance(text, str):
        return []
    device = proposal.get("device", point.device)
    endpoint = proposal.get("endpoint", device.endpoint) if isinstance(device, Device) else None
    if not isinstance(endpoint, Endpoint) or endpoint.driver != MANIFEST.name:
        return []
    try:
        return sorted({one.ref for one in inputs(parse(text))})
    except ValueError:
        # The driver's own model says so, with the place.
        return []
